//! `wait`: until the jobs that a merge asks for have succeeded, or one of them cannot any more.

use super::watch::OutageLimit;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::output::{Cell, clean};
use crate::settings::Context;
use serde::Serialize;
use stagepost_client::Client;
use stagepost_client::events::StreamItem;
use stagepost_client::jobs::{FoundJob, JobFilter};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct WaitArgs {
    /// The commit
    #[arg(long)]
    sha: String,
    /// Names of the jobs that must succeed, with commas between them; also once for each
    #[arg(long, required = true, value_delimiter = ',', value_name = "NAMES")]
    require: Vec<String>,
    /// Only of this branch or tag
    #[arg(long = "ref")]
    git_ref: Option<String>,
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    #[command(flatten)]
    patience: OutageLimit,
}

/// How a job that is asked for stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct JobState {
    name: String,
    /// One of the seven words; `null`: not reported yet.
    status: Option<String>,
    job_id: Option<i32>,
    pipeline_id: Option<i32>,
}

/// What follows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Success,
    Open,
    Lost,
}

impl JobState {
    fn verdict(&self) -> Verdict {
        match self.status.as_deref() {
            None | Some("pending" | "running") => Verdict::Open,
            Some("success") => Verdict::Success,
            Some(_) => Verdict::Lost,
        }
    }
}

pub async fn run(context: &Context, flags: &WaitArgs) -> Result<(), Failure> {
    let outage = flags.patience.outage()?;
    let client = context.client()?;
    let once = flags.patience.is_one_look()?;
    if once {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        let standings = look(&client, repository, flags).await?;
        return tell(context, &standings, Verdict::Open);
    }
    let mut last = None;
    let work = async {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        let standings = settled(&client, repository, flags, outage, &mut last).await?;
        tell(context, &standings, Verdict::Lost)
    };
    let done = flags.patience.hold(work).await;
    if let (Err(failure), Some(last)) = (&done, &last)
        && failure.code() == exit::TIMED_OUT
    {
        print(context, last)?;
    }
    done
}

/// Looks again whenever one of the jobs changes, until there is nothing to wait for.
async fn settled(
    client: &Client,
    repository: i32,
    flags: &WaitArgs,
    outage: Duration,
    last: &mut Option<Vec<JobState>>,
) -> Result<Vec<JobState>, Failure> {
    let sha = flags.sha.to_ascii_lowercase();
    let mut events = client.events(repository).outage_limit(outage);
    let mut told = Vec::new();
    loop {
        let concerns = match events.next().await? {
            Some(StreamItem::Event(event)) => {
                let named = |name: &str| flags.require.iter().any(|required| required == name);
                // A pipeline that came whole, or goes, may have them all.
                event.pipeline.sha.starts_with(&sha) && event.job.is_none_or(|job| named(&job.name))
            }
            Some(StreamItem::Ready(_) | StreamItem::Resync(_)) | None => true,
        };
        if !concerns {
            continue;
        }
        let standings =
            stagepost_client::retry_during_outage(outage, async || look(client, repository, flags).await).await?;
        let verdict = standings.iter().map(JobState::verdict).max();
        if verdict != Some(Verdict::Open) {
            return Ok(standings);
        }
        let open = standings.iter().filter(|standing| standing.verdict() == Verdict::Open);
        let open: Vec<String> = open.map(|standing| clean(&standing.name)).collect();
        if open != told {
            eprintln!("{}", Text::WaitingFor.with(&[("jobs", &open.join(Text::Comma.text()))]));
            told = open;
        }
        *last = Some(standings);
    }
}

async fn look(
    client: &Client,
    repository: i32,
    flags: &WaitArgs,
) -> Result<Vec<JobState>, stagepost_client::Error> {
    let mut standings: Vec<JobState> = Vec::new();
    for name in &flags.require {
        if standings.iter().any(|known| known.name == *name) {
            continue;
        }
        let filter = JobFilter {
            sha: Some(flags.sha.clone()),
            name: Some(name.clone()),
            git_ref: flags.git_ref.clone(),
            newest: Some(true),
            ..JobFilter::default()
        };
        let found = client.all_found_jobs(repository, &filter, Some(MOST)).await?;
        standings.push(of(name, &found));
    }
    Ok(standings)
}

/// Jobs of one name that are looked at: in stages of one pipeline, and in older pipelines of the commit.
const MOST: usize = 100;

/// In the newest pipeline that has it the name counts; in several stages of that, the worst.
fn of(name: &str, found: &[FoundJob]) -> JobState {
    let newest = found.iter().map(|found| found.job.pipeline_id).max();
    let standing = |found: &FoundJob| JobState {
        name: name.to_owned(),
        status: Some(found.job.status.clone()),
        job_id: Some(found.job.id),
        pipeline_id: newest,
    };
    let counts = found.iter().filter(|found| Some(found.job.pipeline_id) == newest).map(standing);
    let missing = JobState { name: name.to_owned(), status: None, job_id: None, pipeline_id: None };
    counts.max_by_key(JobState::verdict).unwrap_or(missing)
}

/// Shows how the jobs stand, and ends as they do. `open`: what an open one is, where nobody waits for it any more.
fn tell(context: &Context, standings: &[JobState], open: Verdict) -> Result<(), Failure> {
    print(context, standings)?;
    match standings.iter().map(JobState::verdict).max() {
        Some(Verdict::Lost) => Err(Failure::silent(exit::NOT_SUCCESSFUL)),
        Some(Verdict::Open) if open == Verdict::Open => Err(Failure::silent(exit::PENDING)),
        _ => Ok(()),
    }
}

fn print(context: &Context, standings: &[JobState]) -> Result<(), Failure> {
    let row = |standing: &JobState| {
        let status = standing.status.clone().map_or_else(
            || Cell::Both { shown: Text::NotReported.to_string(), piped: "missing".into() },
            Cell::Status,
        );
        vec![
            Cell::from(&standing.name),
            status,
            Cell::some(standing.pipeline_id),
            Cell::some(standing.job_id),
        ]
    };
    let heading = [Text::Name, Text::Status, Text::Pipeline, Text::Job];
    context.output.list(&standings, &heading, standings.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pipeline: i32, job: i32, status: &str) -> FoundJob {
        serde_json::from_value(serde_json::json!({
            "id": job, "pipeline_id": pipeline, "stage_id": job, "stage": "s", "name": "build", "attempt": 1, "newest": true,
            "status": status, "sha": "a", "ref": "dev", "third_build_id": null, "target_url": null, "description": null,
            "coverage": null, "allow_failure": false, "created_at": "", "updated_at": "", "started_at": null, "finished_at": null,
            "heard_at": "", "reporter": null,
        }))
        .unwrap()
    }

    #[test]
    fn the_newest_pipeline_counts_and_in_it_the_worst() {
        let status = |jobs: &[FoundJob]| {
            let standing = of("build", jobs);
            (standing.status.clone(), standing.verdict())
        };
        assert_eq!(status(&[]), (None, Verdict::Open));
        assert_eq!(
            status(&[found(2, 3, "running"), found(1, 1, "failed")]),
            (Some("running".into()), Verdict::Open)
        );
        assert_eq!(status(&[found(2, 3, "success"), found(1, 1, "failed")]).1, Verdict::Success);
        assert_eq!(status(&[found(2, 4, "success"), found(2, 3, "canceled")]).1, Verdict::Lost);
        assert_eq!(status(&[found(2, 4, "success"), found(2, 3, "pending")]).1, Verdict::Open);
        assert_eq!(status(&[found(2, 3, "skipped")]).1, Verdict::Lost, "nobody saw it succeed");
    }
}
