//! `repo`.

use super::{Where, policies};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::repositories::RepositoryFilter;
use wire::native::repositories::{NewRepository, Repository, RepositoryChange};

#[derive(Debug, clap::Subcommand)]
pub enum RepoCommand {
    /// Make a repository
    Add {
        /// Path with namespace, such as acme/demo
        path: String,
        /// An id to keep
        #[arg(long)]
        id: Option<i64>,
        /// private, internal or public
        #[arg(long)]
        visibility: Option<String>,
        /// A line for people
        #[arg(long)]
        description: Option<String>,
        /// The branch that counts
        #[arg(long)]
        default_branch: Option<String>,
        /// Where a person sees its git
        #[arg(long)]
        web_url: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// List the repositories one may see
    List {
        /// Part of the path or description
        search: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// Show a repository
    Show {
        /// Id or path
        repo: String,
    },
    /// Change a repository
    Set {
        /// Id or path
        repo: String,
        /// private, internal or public
        #[arg(long)]
        visibility: Option<String>,
        /// A line for people
        #[arg(long)]
        description: Option<String>,
        /// The branch that counts
        #[arg(long)]
        default_branch: Option<String>,
        /// No longer used: true or false
        #[arg(long)]
        archived: Option<bool>,
        #[command(flatten)]
        place: Where,
    },
    /// Show or change what a repository does by itself: give up silent jobs, keep so many pipelines
    Policy(policies::PolicyArgs),
}

fn row(r: &Repository) -> Vec<Cell> {
    vec![
        r.id.into(),
        Cell::from(&r.path),
        Cell::from(&r.visibility),
        Cell::some(r.role.as_ref()),
        Cell::from(&r.updated_at),
    ]
}

const HEADING: [Text; 5] = [Text::Id, Text::Path, Text::Visibility, Text::Role, Text::Updated];

fn show(context: &Context, repository: &Repository) -> Result<(), Failure> {
    let mut values: Vec<(Text, Cell)> = HEADING.into_iter().zip(row(repository)).collect();
    values.push((Text::Uuid, Cell::from(&repository.uuid)));
    values.push((Text::Description, Cell::some(repository.description.as_ref())));
    context.output.one(repository, values)
}

pub async fn run(context: &Context, command: RepoCommand) -> Result<(), Failure> {
    match command {
        RepoCommand::Add { path, id, visibility, description, default_branch, web_url, place } => {
            let new = NewRepository {
                path,
                id,
                visibility,
                description,
                default_branch,
                web_url,
                ..NewRepository::default()
            };
            let work = async |client: &stagepost_client::Client| Ok(client.create_repository(&new).await?);
            show(context, &context.with_client(place.offline, work).await?)
        }
        RepoCommand::List { search, place } => {
            let filter = RepositoryFilter { search, archived: None };
            let work = async |client: &stagepost_client::Client| Ok(client.all_repositories(&filter).await?);
            let found = context.with_client(place.offline, work).await?;
            context.output.list(&found, &HEADING, found.iter().map(row).collect())
        }
        RepoCommand::Show { repo } => {
            let client = context.client()?;
            let id = context.repository(&client, Some(&repo)).await?;
            show(context, &client.repository(id).await?)
        }
        RepoCommand::Set { repo, visibility, description, default_branch, archived, place } => {
            let change = RepositoryChange { description, default_branch, visibility, archived };
            let work = async |client: &stagepost_client::Client| {
                let id = context.repository(client, Some(&repo)).await?;
                Ok(client.change_repository(id, &change).await?)
            };
            show(context, &context.with_client(place.offline, work).await?)
        }
        RepoCommand::Policy(flags) => policies::run(context, &flags).await,
    }
}
