//! `member`.

use super::Where;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;

#[derive(Debug, clap::Subcommand)]
pub enum MemberCommand {
    /// Give a user a role in a repository
    Set {
        /// The user
        user: String,
        /// read, report or manage
        role: String,
        /// Id or path of the repository
        #[arg(long)]
        repo: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// List the members of a repository
    List {
        /// Id or path of the repository
        #[arg(long)]
        repo: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// Take a user's role away
    Remove {
        /// The user
        user: String,
        /// Id or path of the repository
        #[arg(long)]
        repo: Option<String>,
        #[command(flatten)]
        place: Where,
    },
}

pub async fn run(context: &Context, command: MemberCommand) -> Result<(), Failure> {
    match command {
        MemberCommand::Set { user, role, repo, place } => {
            let work = async |client: &stagepost_client::Client| {
                let id = context.repository(client, repo.as_deref()).await?;
                Ok(client.set_member(id, &user, &role).await?)
            };
            context.with_client(place.offline, work).await
        }
        MemberCommand::List { repo, place } => {
            let work = async |client: &stagepost_client::Client| {
                let id = context.repository(client, repo.as_deref()).await?;
                Ok(client.members(id).await?)
            };
            let members = context.with_client(place.offline, work).await?;
            let rows = members.iter().map(|m| vec![Cell::from(&m.user), Cell::from(&m.role)]).collect();
            context.output.list(&members, &[Text::User, Text::Role], rows)
        }
        MemberCommand::Remove { user, repo, place } => {
            let work = async |client: &stagepost_client::Client| {
                let id = context.repository(client, repo.as_deref()).await?;
                Ok(client.remove_member(id, &user).await?)
            };
            context.with_client(place.offline, work).await
        }
    }
}
