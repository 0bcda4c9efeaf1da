//! `wait`: waits until all required jobs of a commit have succeeded, or one of them has failed.

use super::time_limits::TimeLimits;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::terminal::sanitize;
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
    /// Names of the jobs that must succeed, separated by commas; may be repeated
    #[arg(long, required = true, value_delimiter = ',', value_name = "NAMES")]
    require: Vec<String>,
    /// Only jobs of this branch or tag
    #[arg(long = "ref")]
    git_ref: Option<String>,
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    #[command(flatten)]
    limits: TimeLimits,
}

/// The state of a required job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct JobState {
    name: String,
    /// One of the seven status names; `null` if not reported yet.
    status: Option<String>,
    job_id: Option<i32>,
    pipeline_id: Option<i32>,
}

/// The result of a required job. The order is that of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Success,
    Unfinished,
    Failed,
}

impl JobState {
    fn verdict(&self) -> Verdict {
        match self.status.as_deref() {
            None | Some("pending" | "running") => Verdict::Unfinished,
            Some("success") => Verdict::Success,
            Some(_) => Verdict::Failed,
        }
    }
}

pub async fn run(context: &Context, flags: &WaitArgs) -> Result<(), Failure> {
    let outage = flags.limits.outage()?;
    let client = context.client()?;
    if flags.limits.is_zero()? {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        let states = job_states(&client, repository, flags).await?;
        return finish(context, &states);
    }
    let mut last = None;
    let work = async {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        let states = wait_for_jobs(&client, repository, flags, outage, &mut last).await?;
        finish(context, &states)
    };
    let result = flags.limits.apply(work).await;
    if let (Err(failure), Some(last)) = (&result, &last)
        && failure.code() == exit::TIMED_OUT
    {
        print(context, last)?;
    }
    result
}

/// Reads the states again whenever one of the jobs changes, until all have succeeded or one has failed.
/// Stores the latest states in `last`.
async fn wait_for_jobs(
    client: &Client,
    repository: i32,
    flags: &WaitArgs,
    outage: Duration,
    last: &mut Option<Vec<JobState>>,
) -> Result<Vec<JobState>, Failure> {
    let sha = flags.sha.to_ascii_lowercase();
    let mut events = client.events(repository).outage_limit(outage);
    let mut announced = Vec::new();
    loop {
        let is_relevant = match events.next().await? {
            Some(StreamItem::Event(event)) => {
                let is_required = |name: &str| flags.require.iter().any(|required| required == name);
                // An event without a job is that of an imported or deleted pipeline, with any jobs.
                event.pipeline.sha.starts_with(&sha) && event.job.is_none_or(|job| is_required(&job.name))
            }
            Some(StreamItem::Ready(_) | StreamItem::Resync(_)) | None => true,
        };
        if !is_relevant {
            continue;
        }
        let read = async || job_states(client, repository, flags).await;
        let states = stagepost_client::retry_during_outage(outage, read).await?;
        let verdict = states.iter().map(JobState::verdict).max();
        if verdict != Some(Verdict::Unfinished) {
            return Ok(states);
        }
        let unfinished = states.iter().filter(|state| state.verdict() == Verdict::Unfinished);
        let unfinished: Vec<String> = unfinished.map(|state| sanitize(&state.name)).collect();
        if unfinished != announced {
            let jobs = unfinished.join(Text::ListSeparator.text());
            eprintln!("{}", Text::WaitingForJobs.with(&[("jobs", &jobs)]));
            announced = unfinished;
        }
        *last = Some(states);
    }
}

/// The states of the required jobs, without duplicates.
async fn job_states(
    client: &Client,
    repository: i32,
    flags: &WaitArgs,
) -> Result<Vec<JobState>, stagepost_client::Error> {
    let mut states: Vec<JobState> = Vec::new();
    for name in &flags.require {
        if states.iter().any(|state| state.name == *name) {
            continue;
        }
        let filter = JobFilter {
            sha: Some(flags.sha.clone()),
            name: Some(name.clone()),
            git_ref: flags.git_ref.clone(),
            newest: Some(true),
            ..JobFilter::default()
        };
        let jobs = client.all_found_jobs(repository, &filter, Some(MAX_JOBS)).await?;
        states.push(job_state(name, &jobs));
    }
    Ok(states)
}

/// How many jobs of one name are read: from several stages and older pipelines of the commit.
const MAX_JOBS: usize = 100;

/// The state in the newest pipeline that has a job of this name. Of several stages the most severe verdict
/// counts.
fn job_state(name: &str, jobs: &[FoundJob]) -> JobState {
    let newest = jobs.iter().map(|entry| entry.job.pipeline_id).max();
    let state = |entry: &FoundJob| JobState {
        name: name.to_owned(),
        status: Some(entry.job.status.clone()),
        job_id: Some(entry.job.id),
        pipeline_id: newest,
    };
    let states = jobs.iter().filter(|entry| Some(entry.job.pipeline_id) == newest).map(state);
    let missing = JobState { name: name.to_owned(), status: None, job_id: None, pipeline_id: None };
    states.max_by_key(JobState::verdict).unwrap_or(missing)
}

/// Prints the states and returns the exit code.
fn finish(context: &Context, states: &[JobState]) -> Result<(), Failure> {
    print(context, states)?;
    match states.iter().map(JobState::verdict).max() {
        Some(Verdict::Failed) => Err(Failure::without_message(exit::NOT_SUCCESSFUL)),
        Some(Verdict::Unfinished) => Err(Failure::without_message(exit::PENDING)),
        _ => Ok(()),
    }
}

fn print(context: &Context, states: &[JobState]) -> Result<(), Failure> {
    let row = |state: &JobState| {
        let status = state.status.clone().map_or_else(
            || Cell::DisplayAndRaw { display: Text::NotReported.to_string(), raw: "missing".into() },
            Cell::Status,
        );
        vec![Cell::from(&state.name), status, Cell::optional(state.pipeline_id), Cell::optional(state.job_id)]
    };
    let headings = [Text::Name, Text::Status, Text::Pipeline, Text::Job];
    context.output.list(&states, &headings, states.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_job(pipeline: i32, job: i32, status: &str) -> FoundJob {
        serde_json::from_value(serde_json::json!({
            "id": job, "pipeline_id": pipeline, "stage_id": job, "stage": "s", "name": "build", "attempt": 1,
            "newest": true, "status": status, "sha": "a", "ref": "dev", "third_build_id": null, "target_url": null,
            "description": null, "coverage": null, "allow_failure": false, "created_at": "", "updated_at": "",
            "started_at": null, "finished_at": null, "heard_at": "", "reporter": null,
        }))
        .unwrap()
    }

    #[test]
    fn the_newest_pipeline_counts_and_its_most_severe_status() {
        let status = |jobs: &[FoundJob]| {
            let state = job_state("build", jobs);
            (state.status.clone(), state.verdict())
        };
        assert_eq!(status(&[]), (None, Verdict::Unfinished));
        assert_eq!(
            status(&[found_job(2, 3, "running"), found_job(1, 1, "failed")]),
            (Some("running".into()), Verdict::Unfinished)
        );
        assert_eq!(status(&[found_job(2, 3, "success"), found_job(1, 1, "failed")]).1, Verdict::Success);
        assert_eq!(status(&[found_job(2, 4, "success"), found_job(2, 3, "canceled")]).1, Verdict::Failed);
        assert_eq!(status(&[found_job(2, 4, "success"), found_job(2, 3, "pending")]).1, Verdict::Unfinished);
        assert_eq!(status(&[found_job(2, 3, "skipped")]).1, Verdict::Failed, "skipped is not success");
    }
}
