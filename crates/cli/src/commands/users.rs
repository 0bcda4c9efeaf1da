//! `user`, `whoami`.

use super::Where;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use std::path::PathBuf;
use wire::native::accounts::{NewUser, User, UserChange};

#[derive(Debug, clap::Subcommand)]
pub enum UserCommand {
    /// Make a user
    Add {
        /// Its name
        name: String,
        /// File with its password; without one it signs in by keys and tokens only
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// It may do everything
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        place: Where,
    },
    /// List all users
    List {
        #[command(flatten)]
        place: Where,
    },
    /// Change a user
    Set {
        /// Its name
        name: String,
        /// File with a new password
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// It may do everything: true or false
        #[arg(long)]
        admin: Option<bool>,
        /// It may not sign in: true or false
        #[arg(long)]
        disabled: Option<bool>,
        #[command(flatten)]
        place: Where,
    },
}

fn password(file: Option<PathBuf>) -> Result<Option<String>, Failure> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    };
    file.map(read).transpose()
}

fn row(user: &User) -> Vec<Cell> {
    vec![
        user.id.into(),
        Cell::from(&user.name),
        Cell::yes(user.admin),
        Cell::yes(user.disabled),
        Cell::from(&user.created_at),
    ]
}

const HEADING: [Text; 5] = [Text::Id, Text::Name, Text::Admin, Text::Disabled, Text::Created];

fn show(context: &Context, user: &User) -> Result<(), Failure> {
    context.output.one(user, HEADING.into_iter().zip(row(user)).collect())
}

pub async fn run(context: &Context, command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Add { name, password_file, admin, place } => {
            let new = NewUser { name, password: password(password_file)?, admin };
            let user = context
                .with_client(place.offline, async |client| Ok(client.create_user(&new).await?))
                .await?;
            show(context, &user)
        }
        UserCommand::List { place } => {
            let users = context.with_client(place.offline, async |client| Ok(client.users().await?)).await?;
            context.output.list(&users, &HEADING, users.iter().map(row).collect())
        }
        UserCommand::Set { name, password_file, admin, disabled, place } => {
            let change = UserChange { password: password(password_file)?, admin, disabled };
            let work =
                async |client: &stagepost_client::Client| Ok(client.change_user(&name, &change).await?);
            show(context, &context.with_client(place.offline, work).await?)
        }
    }
}

pub async fn whoami(context: &Context) -> Result<(), Failure> {
    let who = context.client()?.whoami().await?;
    let repositories = who
        .repositories
        .as_ref()
        .map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let values = vec![
        (Text::User, Cell::from(&who.user)),
        (Text::Admin, Cell::yes(who.admin)),
        (Text::Scope, Cell::from(&who.scope)),
        (Text::Repositories, Cell::some(repositories)),
    ];
    context.output.one(&who, values)
}
