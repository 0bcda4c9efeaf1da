//! `member`.

use super::{OfflineArgs, values};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;

#[derive(Debug, clap::Subcommand)]
pub enum MemberCommand {
    /// Add a member or change the role of one
    #[command(aliases = ["set", "create", "add"])]
    Update {
        /// User name
        user: String,
        /// Role
        #[arg(value_parser = values::role())]
        role: String,
        /// Id or path of the repository
        #[arg(long)]
        repo: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// List the members of a repository
    List {
        /// Id or path of the repository
        #[arg(long)]
        repo: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Remove a member
    #[command(alias = "remove")]
    Delete {
        /// User name
        user: String,
        /// Id or path of the repository
        #[arg(long)]
        repo: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
}

pub async fn run(context: &Context, command: MemberCommand) -> Result<(), Failure> {
    match command {
        MemberCommand::Update { user, role, repo, offline } => {
            let call = async |client: &stagepost_client::Client| {
                let id = context.repository(client, repo.as_deref()).await?;
                Ok(client.set_member(id, &user, &role).await?)
            };
            context.with_client(offline.enabled, call).await
        }
        MemberCommand::List { repo, offline } => {
            let call = async |client: &stagepost_client::Client| {
                let id = context.repository(client, repo.as_deref()).await?;
                Ok(client.members(id).await?)
            };
            let members = context.with_client(offline.enabled, call).await?;
            let rows = members.iter().map(|m| vec![Cell::from(&m.user), Cell::from(&m.role)]).collect();
            context.output.list(&members, &[Text::User, Text::Role], rows)
        }
        MemberCommand::Delete { user, repo, offline } => {
            let call = async |client: &stagepost_client::Client| {
                let id = context.repository(client, repo.as_deref()).await?;
                Ok(client.remove_member(id, &user).await?)
            };
            context.with_client(offline.enabled, call).await
        }
    }
}
