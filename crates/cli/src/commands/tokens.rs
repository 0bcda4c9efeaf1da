//! `token`.

use super::Where;
use crate::durations::after_now;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use wire::native::accounts::NewToken;

#[derive(Debug, clap::Subcommand)]
pub enum TokenCommand {
    /// Make a personal token; it is told once
    Create {
        /// A line for people
        name: String,
        /// Whose [default: one's own]
        #[arg(long)]
        user: Option<String>,
        /// The most it may do: read, report or full
        #[arg(long, default_value = "read")]
        scope: String,
        /// The only repositories it works in (id or path); may be repeated
        #[arg(long)]
        repo: Vec<String>,
        /// When it ends: a duration such as 90d, or an RFC 3339 time
        #[arg(long)]
        expires: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// List personal tokens
    List {
        /// Whose [default: one's own]
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// Take a personal token away
    Revoke {
        /// Its number in the list
        id: i64,
        /// Whose [default: one's own]
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        place: Where,
    },
}

async fn owner(client: &stagepost_client::Client, user: Option<String>) -> Result<String, Failure> {
    match user {
        Some(user) => Ok(user),
        None => Ok(client.whoami().await?.user),
    }
}

pub async fn run(context: &Context, command: TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Create { name, user, scope, repo, expires, place } => {
            let expires_at = expires.as_deref().map(|text| after_now("--expires", text)).transpose()?;
            let work = async |client: &stagepost_client::Client| {
                let mut repositories = Vec::new();
                for named in &repo {
                    repositories.push(i64::from(context.repository(client, Some(named)).await?));
                }
                let repositories = Some(repositories).filter(|ids| !ids.is_empty());
                let new = NewToken { name, scope: Some(scope), repositories, expires_at };
                Ok(client.create_token(&owner(client, user).await?, &new).await?)
            };
            let token = context.with_client(place.offline, work).await?;
            context.output.one(&token, vec![(Text::Token, Cell::some(token.token.as_ref()))])
        }
        TokenCommand::List { user, place } => {
            let work = async |client: &stagepost_client::Client| {
                Ok(client.tokens(&owner(client, user).await?).await?)
            };
            let tokens = context.with_client(place.offline, work).await?;
            let row = |token: &wire::native::accounts::Token| {
                let only = token.repositories.as_ref();
                let only = only.map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
                vec![
                    token.id.into(),
                    Cell::from(&token.name),
                    Cell::from(&token.scope),
                    Cell::some(only),
                    Cell::some(token.expires_at.as_ref()),
                ]
            };
            let heading = [Text::Id, Text::Name, Text::Scope, Text::Repositories, Text::Expires];
            context.output.list(&tokens, &heading, tokens.iter().map(row).collect())
        }
        TokenCommand::Revoke { id, user, place } => {
            let work = async |client: &stagepost_client::Client| {
                Ok(client.revoke_token(&owner(client, user).await?, id).await?)
            };
            context.with_client(place.offline, work).await
        }
    }
}
