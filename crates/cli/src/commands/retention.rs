//! `prune`.

use super::OfflineArgs;
use super::pipelines::commit;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use serde::Serialize;
use stagepost_client::Client;
use stagepost_client::repositories::{Repository, RepositoryFilter};
use stagepost_client::retention::Expired;

#[derive(Debug, clap::Args)]
pub struct PruneArgs {
    /// Id or path of the repository [env: STAGEPOST_REPO] [default: all repositories that you manage]
    #[arg(long)]
    repo: Option<String>,
    /// Only list the pipelines that would be deleted
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    offline: OfflineArgs,
}

/// The pipelines of a repository that would be deleted.
#[derive(Debug, Serialize)]
struct Preview {
    repository_id: i32,
    path: String,
    pipelines: Vec<Expired>,
}

/// The numbers of deleted items of a repository.
#[derive(Debug, Serialize)]
struct PrunedRepository {
    repository_id: i32,
    path: String,
    pipelines: u64,
    jobs: u64,
    reports: u64,
}

pub async fn run(context: &Context, flags: &PruneArgs) -> Result<(), Failure> {
    // Without a repository the command deletes in all of them, so an empty variable is an error here.
    let id_or_path = match flags.repo.as_deref() {
        Some(id_or_path) => Some(id_or_path),
        None => context.configured_repository()?,
    };
    if flags.dry_run {
        let call = async |client: &Client| {
            let repositories = select_repositories(context, client, id_or_path).await?;
            let previews = preview(client, &repositories).await?;
            if previews.is_empty() && !context.output.json {
                context.output.hint(empty_reason(client, &repositories).await?);
            }
            Ok(previews)
        };
        let previews = context.with_client(flags.offline.enabled, call).await?;
        return print_previews(context, &previews);
    }
    let call = async |client: &Client| {
        let repositories = select_repositories(context, client, id_or_path).await?;
        let (pruned, failure) = prune(client, &repositories).await;
        if pruned.is_empty() && failure.is_none() && !context.output.json {
            context.output.hint(empty_reason(client, &repositories).await?);
        }
        Ok((pruned, failure))
    };
    let (pruned, failure) = context.with_client(flags.offline.enabled, call).await?;
    // Deleted items are printed even if a later repository failed.
    let row = |pruned: &PrunedRepository| {
        vec![Cell::from(&pruned.path), pruned.pipelines.into(), pruned.jobs.into(), pruned.reports.into()]
    };
    let headings = [Text::Path, Text::Pipelines, Text::Jobs, Text::Reports];
    context.output.list(&pruned, &headings, pruned.iter().map(row).collect())?;
    failure.map_or(Ok(()), Err)
}

/// The given repository, or all that the caller manages.
async fn select_repositories(
    context: &Context,
    client: &Client,
    id_or_path: Option<&str>,
) -> Result<Vec<Repository>, Failure> {
    if id_or_path.is_some() {
        let id = context.repository(client, id_or_path).await?;
        return Ok(vec![client.repository(id).await?]);
    }
    let mut all = client.all_repositories(&RepositoryFilter::default()).await?;
    all.retain(|repository| repository.role.as_deref() == Some("manage"));
    Ok(all)
}

/// Whether the server waits because its clock jumped.
async fn waits(client: &Client) -> bool {
    let details = client.readyz_details().await.unwrap_or_default();
    details.lines().any(|line| line.strip_prefix("clock: ").is_some_and(|state| state != "ok"))
}

/// The reason why no pipeline is deleted.
async fn empty_reason(client: &Client, repositories: &[Repository]) -> Result<Text, Failure> {
    for repository in repositories {
        let policies = client.policies(repository.id).await?;
        if policies.keep_for.is_some() || policies.keep_per_ref.is_some() {
            return Ok(if waits(client).await { Text::PruneWaits } else { Text::NothingToDelete });
        }
    }
    Ok(if repositories.is_empty() { Text::NothingToDelete } else { Text::NoRetention })
}

async fn preview(client: &Client, repositories: &[Repository]) -> Result<Vec<Preview>, Failure> {
    let mut previews = Vec::new();
    for repository in repositories {
        let pipelines = client.all_expired(repository.id).await?;
        if !pipelines.is_empty() {
            previews.push(Preview { repository_id: repository.id, path: repository.path.clone(), pipelines });
        }
    }
    Ok(previews)
}

async fn prune(client: &Client, repositories: &[Repository]) -> (Vec<PrunedRepository>, Option<Failure>) {
    let mut all = Vec::new();
    for repository in repositories {
        match client.prune_all(repository.id).await {
            Err(error) => return (all, Some(error.into())),
            Ok(pruned) if pruned.pipelines + pruned.jobs + pruned.reports == 0 => {}
            Ok(pruned) => all.push(PrunedRepository {
                repository_id: repository.id,
                path: repository.path.clone(),
                pipelines: pruned.pipelines,
                jobs: pruned.jobs,
                reports: pruned.reports,
            }),
        }
    }
    (all, None)
}

fn print_previews(context: &Context, previews: &[Preview]) -> Result<(), Failure> {
    let row = |path: &String, pipeline: &Expired| {
        vec![
            Cell::from(path),
            pipeline.id.into(),
            Cell::Status(pipeline.status.clone()),
            commit(&pipeline.sha),
            Cell::from(&pipeline.git_ref),
            pipeline.job_count.into(),
            Cell::from(&pipeline.updated_at),
        ]
    };
    let rows = previews
        .iter()
        .flat_map(|preview| preview.pipelines.iter().map(|pipeline| row(&preview.path, pipeline)));
    let headings =
        [Text::Path, Text::Pipeline, Text::Status, Text::Sha, Text::Ref, Text::Jobs, Text::Updated];
    context.output.list(&previews, &headings, rows.collect())
}
