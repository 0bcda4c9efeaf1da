//! `token`.

use super::{OfflineArgs, values};
use crate::durations::after_now;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use wire::native::accounts::NewToken;

#[derive(Debug, clap::Subcommand)]
pub enum TokenCommand {
    /// Create a personal token; it is shown only once
    Create {
        /// Name of the token
        name: String,
        /// User name of the owner [default: yourself]
        #[arg(long)]
        user: Option<String>,
        /// Scope
        #[arg(long, default_value = "read", value_parser = values::scope())]
        scope: String,
        /// Restrict the token to this repository (id or path); may be repeated
        #[arg(long)]
        repo: Vec<String>,
        /// Expiry: a duration such as 90d or 12w, a date, or an RFC 3339 time
        #[arg(long)]
        expires: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// List personal tokens
    List {
        /// User name of the owner [default: yourself]
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Revoke a personal token
    #[command(alias = "revoke")]
    Delete {
        /// Id in the list
        id: i64,
        /// User name of the owner [default: yourself]
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
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
        TokenCommand::Create { name, user, scope, repo, expires, offline } => {
            let expires_at = expires.as_deref().map(|text| after_now("--expires", text)).transpose()?;
            let call = async |client: &stagepost_client::Client| {
                let mut repositories = Vec::new();
                for id_or_path in &repo {
                    repositories.push(i64::from(context.repository(client, Some(id_or_path)).await?));
                }
                let repositories = Some(repositories).filter(|ids| !ids.is_empty());
                let new = NewToken { name, scope: Some(scope), repositories, expires_at };
                Ok(client.create_token(&owner(client, user).await?, &new).await?)
            };
            let token = context.with_client(offline.enabled, call).await?;
            context.output.record(&token, vec![(Text::Token, Cell::optional(token.token.as_ref()))])
        }
        TokenCommand::List { user, offline } => {
            let call = async |client: &stagepost_client::Client| {
                Ok(client.tokens(&owner(client, user).await?).await?)
            };
            let tokens = context.with_client(offline.enabled, call).await?;
            let row = |token: &wire::native::accounts::Token| {
                let repositories = token.repositories.as_ref();
                let repositories =
                    repositories.map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
                vec![
                    token.id.into(),
                    Cell::from(&token.name),
                    Cell::from(&token.scope),
                    Cell::optional(repositories),
                    Cell::optional(token.expires_at.as_ref()),
                ]
            };
            let headings = [Text::Id, Text::Name, Text::Scope, Text::Repositories, Text::Expires];
            context.output.list(&tokens, &headings, tokens.iter().map(row).collect())
        }
        TokenCommand::Delete { id, user, offline } => {
            let call = async |client: &stagepost_client::Client| {
                Ok(client.revoke_token(&owner(client, user).await?, id).await?)
            };
            context.with_client(offline.enabled, call).await
        }
    }
}
