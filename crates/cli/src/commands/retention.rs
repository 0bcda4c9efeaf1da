//! `prune`.

use super::Where;
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
    /// Id or path of the repository [env: STAGEPOST_REPO] [default: every one that the caller manages]
    #[arg(long)]
    repo: Option<String>,
    /// Only list what would go
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Where,
}

/// What would go of a repository.
#[derive(Debug, Serialize)]
struct Preview {
    repository_id: i32,
    path: String,
    pipelines: Vec<Expired>,
}

/// What went of a repository.
#[derive(Debug, Serialize)]
struct Gone {
    repository_id: i32,
    path: String,
    pipelines: u64,
    jobs: u64,
    reports: u64,
}

pub async fn run(context: &Context, flags: &PruneArgs) -> Result<(), Failure> {
    let named = flags.repo.as_deref().or(context.settings.repo.as_deref());
    if flags.dry_run {
        let work = async |client: &Client| {
            let chosen = chosen(context, client, named).await?;
            let found = look(client, &chosen).await?;
            if found.is_empty() && !context.output.json {
                context.output.note(nothing(client, &chosen).await?);
            }
            Ok(found)
        };
        let found = context.with_client(flags.place.offline, work).await?;
        return show(context, &found);
    }
    let work = async |client: &Client| {
        let chosen = chosen(context, client, named).await?;
        let (gone, failure) = take(client, &chosen).await;
        if gone.is_empty() && failure.is_none() && !context.output.json {
            context.output.note(nothing(client, &chosen).await?);
        }
        Ok((gone, failure))
    };
    let (gone, failure) = context.with_client(flags.place.offline, work).await?;
    // What went is told, whatever came after it.
    let row = |gone: &Gone| {
        vec![Cell::from(&gone.path), gone.pipelines.into(), gone.jobs.into(), gone.reports.into()]
    };
    let heading = [Text::Path, Text::Pipelines, Text::Jobs, Text::Reports];
    context.output.list(&gone, &heading, gone.iter().map(row).collect())?;
    failure.map_or(Ok(()), Err)
}

/// The one that is named, else all that the caller manages.
async fn chosen(context: &Context, client: &Client, named: Option<&str>) -> Result<Vec<Repository>, Failure> {
    if named.is_some() {
        let id = context.repository(client, named).await?;
        return Ok(vec![client.repository(id).await?]);
    }
    let mut all = client.all_repositories(&RepositoryFilter::default()).await?;
    all.retain(|repository| repository.role.as_deref() == Some("manage"));
    Ok(all)
}

/// Why nothing goes.
async fn nothing(client: &Client, repositories: &[Repository]) -> Result<Text, Failure> {
    for repository in repositories {
        let policies = client.policies(repository.id).await?;
        if policies.keep_for.is_some() || policies.keep_per_ref.is_some() {
            return Ok(Text::NothingToDelete);
        }
    }
    Ok(if repositories.is_empty() { Text::NothingToDelete } else { Text::NoRetention })
}

async fn look(client: &Client, repositories: &[Repository]) -> Result<Vec<Preview>, Failure> {
    let mut found = Vec::new();
    for repository in repositories {
        let pipelines = client.all_expired(repository.id).await?;
        if !pipelines.is_empty() {
            found.push(Preview { repository_id: repository.id, path: repository.path.clone(), pipelines });
        }
    }
    Ok(found)
}

async fn take(client: &Client, repositories: &[Repository]) -> (Vec<Gone>, Option<Failure>) {
    let mut all = Vec::new();
    for repository in repositories {
        match client.prune_all(repository.id).await {
            Err(error) => return (all, Some(error.into())),
            Ok(pruned) if pruned.pipelines + pruned.jobs + pruned.reports == 0 => {}
            Ok(pruned) => all.push(Gone {
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

fn show(context: &Context, found: &[Preview]) -> Result<(), Failure> {
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
    let rows = found.iter().flat_map(|one| one.pipelines.iter().map(|pipeline| row(&one.path, pipeline)));
    let heading = [Text::Path, Text::Pipeline, Text::Status, Text::Sha, Text::Ref, Text::Jobs, Text::Updated];
    context.output.list(&found, &heading, rows.collect())
}
