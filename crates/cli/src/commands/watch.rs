//! `watch`: a pipeline as it runs, until it has ended. Over a restart or an outage of the server, and never an end that is none.

mod board;
mod view;

use crate::durations;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::settings::Context;
use stagepost_client::events::StreamItem;
use stagepost_client::follow::Change;
use stagepost_client::pipelines::{Pipeline, PipelineFilter};
use stagepost_client::{Client, ErrorKind};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};
use view::View;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true).multiple(true).args(["pipeline", "sha"])))]
pub struct WatchArgs {
    /// The pipeline's id
    pipeline: Option<i32>,
    /// The newest pipeline of this commit, also one that is yet to come; beside an id: what its commit is to be, else exit code 6
    #[arg(long)]
    sha: Option<String>,
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    /// After a success, how long to wait for jobs that are reported late
    #[arg(long, value_name = "DURATION", default_value = "5s")]
    settle: String,
    #[command(flatten)]
    pub patience: OutageLimit,
}

/// How long whoever waits is ready to.
#[derive(Debug, clap::Args)]
pub struct OutageLimit {
    /// Give up after this time, exit code 3: 90m, 2h... [default: never]
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// How long the server may be away
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    outage: String,
}

impl OutageLimit {
    /// How long the server may be away.
    pub fn outage(&self) -> Result<Duration, Failure> {
        durations::parse(&self.outage)
    }

    /// Whether only one look is wanted.
    pub fn is_one_look(&self) -> Result<bool, Failure> {
        Ok(self.limit()?.is_some_and(|limit| limit.is_zero()))
    }

    fn limit(&self) -> Result<Option<Duration>, Failure> {
        self.timeout.as_deref().map(durations::parse).transpose()
    }

    /// Does the work until it is done, the time is over, or somebody interrupts it.
    pub async fn hold(&self, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
        let limit = self.limit()?;
        let time_out = async {
            match limit {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // A look that is done counts, however little time there was.
            biased;
            done = work => done,
            _ = tokio::signal::ctrl_c() => Err(Failure::silent(exit::INTERRUPTED)),
            () = time_out => Err(Failure::timed_out(Text::TimeOver)),
        }
    }
}

pub async fn run(context: &Context, flags: &WatchArgs) -> Result<(), Failure> {
    let (settle, outage) = (durations::parse(&flags.settle)?, flags.patience.outage()?);
    let client = context.client()?;
    let work = async {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        let pipeline = match (flags.pipeline, &flags.sha) {
            (Some(id), None) => id,
            (Some(id), Some(sha)) => {
                let of = client.pipeline(repository, id).await?.sha;
                if !of.starts_with(&sha.to_ascii_lowercase()) {
                    return Err(Failure::other_commit(
                        Text::WatchOther.with(&[("pipeline", &id), ("sha", &of)]),
                    ));
                }
                id
            }
            (None, sha) => of_commit(&client, repository, sha.as_deref().unwrap_or_default(), outage).await?,
        };
        let mut view = View::new(context.output);
        let ended = to_the_end(&client, (repository, pipeline), outage, settle, &mut view).await;
        view.finish();
        if ended?.status == "success" { Ok(()) } else { Err(Failure::silent(exit::NOT_SUCCESSFUL)) }
    };
    flags.patience.hold(work).await
}

/// The newest pipeline of a commit, once there is one.
async fn of_commit(client: &Client, repository: i32, sha: &str, outage: Duration) -> Result<i32, Failure> {
    let sha = sha.to_ascii_lowercase();
    let filter = PipelineFilter { sha: Some(sha.clone()), ..PipelineFilter::default() };
    let mut events = client.events(repository).outage_limit(outage);
    loop {
        match events.next().await? {
            Some(StreamItem::Event(event)) if event.pipeline.sha.starts_with(&sha) => {
                return Ok(event.pipeline.id);
            }
            Some(StreamItem::Event(_)) => {}
            Some(StreamItem::Ready(_) | StreamItem::Resync(_)) | None => {
                let look = async || client.list_pipelines(repository, &filter, None, 1).await;
                if let Some(newest) = stagepost_client::retry_during_outage(outage, look).await?.pipelines.first() {
                    return Ok(newest.id);
                }
                eprintln!("{}", Text::WatchWaiting);
            }
        }
    }
}

/// Shows what happens until the pipeline has ended and stays so.
async fn to_the_end(
    client: &Client,
    (repository, pipeline): (i32, i32),
    outage: Duration,
    settle: Duration,
    view: &mut View,
) -> Result<Pipeline, Failure> {
    loop {
        let mut changes = client.follow_pipeline(repository, pipeline).outage_limit(outage);
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
                _ = second.tick() => view.tick(changes.outage().as_ref()),
            }
        }
        // The last change is always the pipeline's end.
        let ended: Pipeline = last.ok_or_else(|| Failure::error(Text::WatchNoEnd))?;
        // A success may be only that of the jobs reported so far.
        if ended.status != "success" || stays(client, &ended, settle, outage).await? {
            return Ok(ended);
        }
    }
}

/// Whether nothing more is reported for so long.
async fn stays(
    client: &Client,
    ended: &Pipeline,
    settle: Duration,
    outage: Duration,
) -> Result<bool, Failure> {
    let ago = |at: jiff::Timestamp| stagepost_client::system_clock() - at.as_second();
    let long = i64::try_from(settle.as_secs()).unwrap_or(i64::MAX);
    if ended.updated_at.parse().is_ok_and(|at| ago(at) > long) {
        return Ok(true);
    }
    let began = Instant::now();
    loop {
        // The server counts whole seconds.
        let left = settle.saturating_sub(began.elapsed()).as_millis().div_ceil(1_000);
        let left = Duration::from_secs(u64::try_from(left).unwrap_or(u64::MAX));
        if left.is_zero() {
            return Ok(true);
        }
        let look = async || client.changed_pipeline(ended.repository_id, ended.id, ended.version, left).await;
        match stagepost_client::retry_during_outage(outage, look).await {
            Ok(seen) if seen.version > ended.version => return Ok(false),
            Ok(_) => {}
            // Taken away by now: it ended as it did.
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
}
