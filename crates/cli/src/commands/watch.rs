//! `watch`: shows a pipeline until it has finished. It continues after a restart or an outage of the server.

mod job_table;
mod live_lines;
mod view;

use super::time_limits::TimeLimits;
use super::values::{self, full_sha};
use crate::durations;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::settings::Context;
use stagepost_client::follow::Change;
use stagepost_client::notifications::Notification;
use stagepost_client::pipelines::{Pipeline, PipelineFilter};
use stagepost_client::{Client, ErrorKind};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};
use view::View;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true).multiple(true).args(["pipeline", "sha"])))]
pub struct WatchArgs {
    /// The pipeline's id
    #[arg(value_parser = values::id())]
    pipeline: Option<i32>,
    /// The newest pipeline of the commit with this full id; waits if there is none yet. With a pipeline id:
    /// exit code 6 if it belongs to another commit
    #[arg(long)]
    sha: Option<String>,
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    /// How long to wait after a success for jobs that are reported late
    #[arg(long, value_name = "DURATION", default_value = "5s")]
    settle: String,
    #[command(flatten)]
    limits: TimeLimits,
}

pub async fn run(context: &Context, flags: &WatchArgs) -> Result<(), Failure> {
    let (settle, outage) = (durations::parse("--settle", &flags.settle)?, flags.limits.outage()?);
    let sha = flags.sha.as_deref().map(|sha| full_sha("--sha", sha)).transpose()?;
    let client = context.client()?;
    let work = async {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        let pipeline = match (flags.pipeline, &sha) {
            (Some(id), None) => id,
            (Some(id), Some(sha)) => {
                let actual = client.pipeline(repository, id).await?.sha;
                if actual != *sha {
                    return Err(Failure::other_commit(
                        Text::OtherCommit.with(&[("pipeline", &id), ("sha", &actual)]),
                    ));
                }
                id
            }
            (None, Some(sha)) => newest_pipeline(&client, repository, sha, outage).await?,
            // The group of arguments requires one of the two.
            (None, None) => return Err(Failure::usage("PIPELINE, --sha")),
        };
        let mut view = View::new(context.output);
        let finished = follow(&client, (repository, pipeline), outage, settle, &mut view).await;
        view.finish();
        if finished?.status == "success" {
            Ok(())
        } else {
            Err(Failure::without_message(exit::NOT_SUCCESSFUL))
        }
    };
    flags.limits.apply(work).await
}

/// The id of the newest pipeline of a commit; waits until there is one.
async fn newest_pipeline(
    client: &Client,
    repository: i32,
    sha: &str,
    outage: Duration,
) -> Result<i32, Failure> {
    let filter = PipelineFilter { sha: Some(sha.to_owned()), ..PipelineFilter::default() };
    let read = async || client.list_pipelines(repository, &filter, None, 1).await;
    // The first query is not retried: a wrong URL must not look like an outage.
    let mut list = read().await?;
    let mut notifications = client.notifications(repository);
    let mut announced = false;
    loop {
        if let Some(newest) = list.pipelines.first() {
            return Ok(newest.id);
        }
        if !std::mem::replace(&mut announced, true) {
            eprintln!("{}", Text::WaitingForPipeline);
        }
        match notifications.next().await {
            Notification::Event(event) => {
                if let Some(pipeline) = event.pipeline.filter(|pipeline| pipeline.sha == sha) {
                    return Ok(pipeline.id);
                }
            }
            Notification::Read => list = stagepost_client::retry_during_outage(outage, read).await?,
        }
    }
}

/// Shows all changes until the pipeline has finished and no job is reported within the settle time.
async fn follow(
    client: &Client,
    (repository, pipeline): (i32, i32),
    outage: Duration,
    settle: Duration,
    view: &mut View,
) -> Result<Pipeline, Failure> {
    loop {
        let mut changes = client.follow_pipeline(repository, pipeline).outage_limit(outage);
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        loop {
            tokio::select! {
                change = changes.next() => match change? {
                    Some(change) => {
                        view.change(&change)?;
                        if let Change::Pipeline(pipeline) = change {
                            last = Some(pipeline);
                        }
                    }
                    None => break,
                },
                _ = ticks.tick() => view.tick(changes.outage().as_ref()),
            }
        }
        // The last change is the pipeline with its final status.
        let finished: Pipeline = last.ok_or_else(|| Failure::error(Text::WatchEndedEarly))?;
        // More jobs may be reported after a success.
        if finished.status != "success" || is_settled(client, &finished, settle, outage).await? {
            return Ok(finished);
        }
    }
}

/// Waits for the settle time. Returns false as soon as the pipeline changes.
async fn is_settled(
    client: &Client,
    finished: &Pipeline,
    settle: Duration,
    outage: Duration,
) -> Result<bool, Failure> {
    let age = |at: jiff::Timestamp| stagepost_client::system_clock() - at.as_second();
    let settle_seconds = i64::try_from(settle.as_secs()).unwrap_or(i64::MAX);
    if finished.updated_at.parse().is_ok_and(|at| age(at) > settle_seconds) {
        return Ok(true);
    }
    let start = Instant::now();
    loop {
        // The API takes whole seconds.
        let remaining = settle.saturating_sub(start.elapsed()).as_millis().div_ceil(1_000);
        let remaining = Duration::from_secs(u64::try_from(remaining).unwrap_or(u64::MAX));
        if remaining.is_zero() {
            return Ok(true);
        }
        let (repository, pipeline, version) = (finished.repository_id, finished.id, finished.version);
        let poll = async || client.changed_pipeline(repository, pipeline, version, remaining).await;
        match stagepost_client::retry_during_outage(outage, poll).await {
            Ok(current) if current.version > version => return Ok(false),
            Ok(_) => {}
            // The pipeline was deleted; its final status does not change.
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
}
