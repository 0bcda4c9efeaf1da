//! `repo`.

use super::{OfflineArgs, policies, values};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::repositories::RepositoryFilter;
use wire::native::repositories::{NewRepository, Repository, RepositoryChange};

#[derive(Debug, clap::Subcommand)]
pub enum RepoCommand {
    /// Create a repository
    #[command(alias = "add")]
    Create {
        /// Path with namespace, such as acme/demo
        path: String,
        /// Id to use, for example that of another system
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=i64::from(i32::MAX)))]
        id: Option<i64>,
        /// Visibility
        #[arg(long, value_parser = values::visibility())]
        visibility: Option<String>,
        /// Short description
        #[arg(long)]
        description: Option<String>,
        /// Default branch
        #[arg(long)]
        default_branch: Option<String>,
        /// URL of the repository's page on the Git server
        #[arg(long)]
        web_url: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// List the repositories that you may view
    List {
        /// Only those with this text in the path or description
        search: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Show a repository
    Show {
        /// Id or path of the repository
        repo: String,
    },
    /// Change a repository
    #[command(alias = "set")]
    Update {
        /// Id or path of the repository
        repo: String,
        /// Visibility
        #[arg(long, value_parser = values::visibility())]
        visibility: Option<String>,
        /// Short description
        #[arg(long)]
        description: Option<String>,
        /// Default branch
        #[arg(long)]
        default_branch: Option<String>,
        /// Archived: true or false
        #[arg(long)]
        archived: Option<bool>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Show or change the policies of a repository: inactivity timeouts and retention
    Policy(policies::PolicyArgs),
}

fn row(r: &Repository) -> Vec<Cell> {
    vec![
        r.id.into(),
        Cell::from(&r.path),
        Cell::from(&r.visibility),
        Cell::optional(r.role.as_ref()),
        Cell::from(&r.updated_at),
    ]
}

const HEADINGS: [Text; 5] = [Text::Id, Text::Path, Text::Visibility, Text::Role, Text::Updated];

fn show(context: &Context, repository: &Repository) -> Result<(), Failure> {
    let mut values: Vec<(Text, Cell)> = HEADINGS.into_iter().zip(row(repository)).collect();
    values.push((Text::Uuid, Cell::from(&repository.uuid)));
    values.push((Text::Description, Cell::optional(repository.description.as_ref())));
    context.output.record(repository, values)
}

pub async fn run(context: &Context, command: RepoCommand) -> Result<(), Failure> {
    match command {
        RepoCommand::Create { path, id, visibility, description, default_branch, web_url, offline } => {
            let new = NewRepository {
                path,
                id,
                visibility,
                description,
                default_branch,
                web_url,
                ..NewRepository::default()
            };
            let call = async |client: &stagepost_client::Client| Ok(client.create_repository(&new).await?);
            show(context, &context.with_client(offline.enabled, call).await?)
        }
        RepoCommand::List { search, offline } => {
            let filter = RepositoryFilter { search, archived: None };
            let call = async |client: &stagepost_client::Client| Ok(client.all_repositories(&filter).await?);
            let repositories = context.with_client(offline.enabled, call).await?;
            context.output.list(&repositories, &HEADINGS, repositories.iter().map(row).collect())
        }
        RepoCommand::Show { repo } => {
            let client = context.client()?;
            let id = context.repository(&client, Some(&repo)).await?;
            show(context, &client.repository(id).await?)
        }
        RepoCommand::Update { repo, visibility, description, default_branch, archived, offline } => {
            let change = RepositoryChange { description, default_branch, visibility, archived };
            let call = async |client: &stagepost_client::Client| {
                let id = context.repository(client, Some(&repo)).await?;
                Ok(client.change_repository(id, &change).await?)
            };
            show(context, &context.with_client(offline.enabled, call).await?)
        }
        RepoCommand::Policy(flags) => policies::run(context, &flags).await,
    }
}
