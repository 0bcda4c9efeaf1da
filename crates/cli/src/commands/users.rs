//! `user`, `whoami`.

use super::OfflineArgs;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::text_files;
use std::path::PathBuf;
use wire::native::accounts::{Identity, NewIdentity, NewUser, User, UserChange};

#[derive(Debug, clap::Subcommand)]
pub enum UserCommand {
    /// Create a user
    #[command(alias = "add")]
    Create {
        /// User name
        name: String,
        /// File with the password; without a password the user can sign in with keys and tokens only
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Make the user an administrator
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// List all users
    List {
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Change a user
    #[command(alias = "set")]
    Update {
        /// User name
        name: String,
        /// File with the new password
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Administrator: true or false
        #[arg(long)]
        admin: Option<bool>,
        /// Disabled: true or false
        #[arg(long)]
        disabled: Option<bool>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// List the accounts of identity providers that sign a user in
    Identities {
        /// User name
        name: String,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Link an account of an identity provider to a user, who then signs in with it
    Link {
        /// User name
        name: String,
        /// Issuer: the URL of the provider, or the name of a trusted header
        #[arg(long)]
        issuer: String,
        /// Account at the issuer (sub); the log contains it when a sign-in is refused
        #[arg(long)]
        subject: String,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Unlink an account; the sessions and tokens created through it end
    Unlink {
        /// User name
        name: String,
        /// Id of the identity
        id: i64,
        #[command(flatten)]
        offline: OfflineArgs,
    },
}

fn identity_row(identity: &Identity) -> Vec<Cell> {
    vec![
        identity.id.into(),
        Cell::from(&identity.issuer),
        Cell::from(&identity.subject),
        Cell::from(&identity.display),
        Cell::from_bool(identity.admin),
        Cell::optional(identity.signed_in_at.clone()),
    ]
}

const IDENTITY_HEADINGS: [Text; 6] =
    [Text::Id, Text::Issuer, Text::Subject, Text::Name, Text::Admin, Text::LastSignIn];

fn read_password(file: Option<PathBuf>) -> Result<Option<String>, Failure> {
    file.map(|path| text_files::read_secret(&path)).transpose()
}

fn row(user: &User) -> Vec<Cell> {
    vec![
        user.id.into(),
        Cell::from(&user.name),
        Cell::from_bool(user.admin),
        Cell::from_bool(user.disabled),
        Cell::from(&user.created_at),
    ]
}

const HEADINGS: [Text; 5] = [Text::Id, Text::Name, Text::Admin, Text::Disabled, Text::Created];

fn show(context: &Context, user: &User) -> Result<(), Failure> {
    context.output.record(user, HEADINGS.into_iter().zip(row(user)).collect())
}

pub async fn run(context: &Context, command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Create { name, password_file, admin, offline } => {
            let new = NewUser { name, password: read_password(password_file)?, admin };
            let user = context
                .with_client(offline.enabled, async |client| Ok(client.create_user(&new).await?))
                .await?;
            show(context, &user)
        }
        UserCommand::List { offline } => {
            let users =
                context.with_client(offline.enabled, async |client| Ok(client.users().await?)).await?;
            context.output.list(&users, &HEADINGS, users.iter().map(row).collect())
        }
        UserCommand::Update { name, password_file, admin, disabled, offline } => {
            let change = UserChange { password: read_password(password_file)?, admin, disabled };
            let call =
                async |client: &stagepost_client::Client| Ok(client.change_user(&name, &change).await?);
            show(context, &context.with_client(offline.enabled, call).await?)
        }
        UserCommand::Identities { name, offline } => {
            let call = async |client: &stagepost_client::Client| Ok(client.identities(&name).await?);
            let found = context.with_client(offline.enabled, call).await?;
            context.output.list(&found, &IDENTITY_HEADINGS, found.iter().map(identity_row).collect())
        }
        UserCommand::Link { name, issuer, subject, offline } => {
            let new = NewIdentity { issuer, subject };
            let call =
                async |client: &stagepost_client::Client| Ok(client.link_identity(&name, &new).await?);
            let linked = context.with_client(offline.enabled, call).await?;
            context.output.record(&linked, IDENTITY_HEADINGS.into_iter().zip(identity_row(&linked)).collect())
        }
        UserCommand::Unlink { name, id, offline } => {
            let call =
                async |client: &stagepost_client::Client| Ok(client.unlink_identity(&name, id).await?);
            context.with_client(offline.enabled, call).await
        }
    }
}

pub async fn whoami(context: &Context) -> Result<(), Failure> {
    let identity = context.client()?.whoami().await?;
    let repositories = identity
        .repositories
        .as_ref()
        .map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let values = vec![
        (Text::User, Cell::from(&identity.user)),
        (Text::Admin, Cell::from_bool(identity.admin)),
        (Text::Scope, Cell::from(&identity.scope)),
        (Text::Repositories, Cell::optional(repositories)),
    ];
    context.output.record(&identity, values)
}
