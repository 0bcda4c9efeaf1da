//! `wait`: waits until all required jobs of a commit have succeeded, or one of them has failed; or until the merge gate of
//! the commit has a verdict.

use super::gates;
use super::time_limits::TimeLimits;
use super::values::full_sha;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::terminal::sanitize;
use serde::Serialize;
use stagepost_client::Client;
use stagepost_client::gates::Gate;
use stagepost_client::jobs::{FoundJob, JobFilter};
use stagepost_client::notifications::Notification;
use std::collections::HashSet;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct WaitArgs {
    /// Full id of the commit
    #[arg(long)]
    sha: String,
    /// Name of a job that must succeed; may be repeated. If the commit has no job of this name, the value is a
    /// list of names separated by commas
    #[arg(long, required_unless_present = "gate", value_name = "NAMES")]
    require: Vec<String>,
    /// Wait for the merge gate of the commit instead: until it has passed or failed, or a job is missing. Exit code 2
    /// if no rule applies to the target branch
    #[arg(long, conflicts_with_all = ["require", "git_ref"])]
    gate: bool,
    /// With --gate: the target branch, or a ref of a merge queue or merge request
    #[arg(long, value_name = "BRANCH", requires = "gate")]
    target: Option<String>,
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
    let sha = full_sha("--sha", &flags.sha)?;
    if flags.gate {
        return wait_for_gate(context, flags, &sha).await;
    }
    let required = Requirement::parse_all(&flags.require)?;
    let git_ref = flags.git_ref.as_deref();
    let outage = flags.limits.outage()?;
    let once = flags.limits.is_zero()?;
    let client = context.client()?;
    let mut last = None;
    let work = async {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        let commit = Commit { client: &client, repository, sha, git_ref };
        // The first query is not retried: a wrong URL must not look like an outage.
        let mut states = commit.job_states(&required).await?;
        if !once {
            states = wait_for_jobs(&commit, &required, states, outage, &mut last).await?;
        }
        finish(context, &states)
    };
    let result = if once { flags.limits.interruptible(work).await } else { flags.limits.apply(work).await };
    if let (Err(failure), Some(last)) = (&result, &last)
        && failure.code() == exit::TIMED_OUT
    {
        print(context, last)?;
    }
    result
}

/// How long one request waits for a change of a gate.
const GATE_WAIT: Duration = Duration::from_secs(30);

/// Waits until the gate of the commit is no longer pending.
async fn wait_for_gate(context: &Context, flags: &WaitArgs, sha: &str) -> Result<(), Failure> {
    let outage = flags.limits.outage()?;
    let once = flags.limits.is_zero()?;
    let client = context.client()?;
    let target = flags.target.as_deref();
    let mut last = None;
    let work = async {
        let repository = context.repository(&client, flags.repo.as_deref()).await?;
        // The first query is not retried: a wrong URL must not look like an outage.
        let mut gate = client.gate(repository, sha, target).await?;
        while gate.verdict == "pending" && !once {
            let why = sanitize(&gate.why);
            if last.as_ref().is_none_or(|last: &Gate| last.why != gate.why) {
                eprintln!(
                    "{}",
                    Text::WaitingForGate.with(&[("target", &sanitize(&gate.target)), ("why", &why)])
                );
            }
            let after = gate.version;
            last = Some(gate);
            let read = async || client.changed_gate(repository, sha, target, after, GATE_WAIT).await;
            gate = stagepost_client::retry_during_outage(outage, read).await?;
        }
        gates::print(context, &gate)?;
        gates::result(&gate)
    };
    let result = if once { flags.limits.interruptible(work).await } else { flags.limits.apply(work).await };
    if let (Err(failure), Some(last)) = (&result, &last)
        && failure.code() == exit::TIMED_OUT
    {
        gates::print(context, last)?;
    }
    result
}

/// Reads the states again whenever one of the jobs may have changed, until all have succeeded or one has
/// failed. Stores the latest states in `last`.
async fn wait_for_jobs(
    commit: &Commit<'_>,
    required: &[Requirement],
    mut states: Vec<JobState>,
    outage: Duration,
    last: &mut Option<Vec<JobState>>,
) -> Result<Vec<JobState>, Failure> {
    let mut notifications = commit.client.notifications(commit.repository);
    let mut announced = Vec::new();
    loop {
        if states.iter().map(JobState::verdict).max() != Some(Verdict::Unfinished) {
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
        while !is_relevant(&notifications.next().await, &commit.sha, required) {}
        let read = async || commit.job_states(required).await;
        states = stagepost_client::retry_during_outage(outage, read).await?;
    }
}

fn is_relevant(notification: &Notification, sha: &str, required: &[Requirement]) -> bool {
    let Notification::Event(event) = notification else { return true };
    // An event without a job is that of an imported or deleted pipeline, with any jobs.
    let is_required = |name: &str| required.iter().any(|requirement| requirement.concerns(name));
    let Some(pipeline) = &event.pipeline else { return false };
    pipeline.sha == sha && event.job.as_ref().is_none_or(|job| is_required(&job.name))
}

/// A value of `--require`: the name of a job, or names of jobs separated by commas.
#[derive(Debug, PartialEq, Eq)]
struct Requirement {
    /// The whole value. Names of matrix jobs contain commas, so it is a name if the commit has such a job.
    name: String,
    /// The parts; only one without a comma.
    parts: Vec<String>,
}

impl Requirement {
    /// Parses the values of the flag. A variable that is not set must not make a gate weaker, so a value with
    /// an empty part is an error.
    fn parse_all(values: &[String]) -> Result<Vec<Self>, Failure> {
        let parse = |value: &String| {
            let parts: Vec<String> = value.split(',').map(|part| part.trim().to_owned()).collect();
            if parts.iter().any(String::is_empty) {
                return Err(Failure::usage(Text::RequireEmpty.with(&[("text", value)])));
            }
            Ok(Self { name: value.trim().to_owned(), parts })
        };
        values.iter().map(parse).collect()
    }

    /// Whether a change of the job with this name can change the result.
    fn concerns(&self, name: &str) -> bool {
        self.name == name || self.parts.iter().any(|part| part == name)
    }
}

/// The commit whose jobs are read.
struct Commit<'a> {
    client: &'a Client,
    repository: i32,
    /// The full id, in lower case.
    sha: String,
    git_ref: Option<&'a str>,
}

impl Commit<'_> {
    /// The states of the required jobs, without duplicates.
    async fn job_states(&self, required: &[Requirement]) -> Result<Vec<JobState>, stagepost_client::Error> {
        let mut states: Vec<JobState> = Vec::new();
        for requirement in required {
            let whole = self.job_state(&requirement.name).await?;
            if whole.status.is_some() || requirement.parts.len() == 1 {
                states.push(whole);
                continue;
            }
            for part in &requirement.parts {
                if states.iter().all(|state| state.name != *part) {
                    states.push(self.job_state(part).await?);
                }
            }
        }
        let mut names = HashSet::new();
        states.retain(|state| names.insert(state.name.clone()));
        Ok(states)
    }

    async fn job_state(&self, name: &str) -> Result<JobState, stagepost_client::Error> {
        let filter = JobFilter {
            sha: Some(self.sha.clone()),
            name: Some(name.to_owned()),
            git_ref: self.git_ref.map(str::to_owned),
            newest: Some(true),
            ..JobFilter::default()
        };
        let jobs = self.client.all_found_jobs(self.repository, &filter, Some(MAX_JOBS)).await?;
        Ok(job_state(name, &jobs))
    }
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
    fn a_value_is_a_name_or_several() {
        let parse = |values: &[&str]| {
            Requirement::parse_all(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
        };
        let parsed = parse(&[" Test (3.10, ubuntu) ", "build"]).unwrap();
        assert_eq!(parsed[0].name, "Test (3.10, ubuntu)");
        assert_eq!(parsed[0].parts, ["Test (3.10", "ubuntu)"]);
        assert_eq!((parsed[1].name.as_str(), parsed[1].parts.len()), ("build", 1));
        assert!(parsed[0].concerns("Test (3.10, ubuntu)") && parsed[0].concerns("ubuntu)"));
        assert!(!parsed[0].concerns("Test") && parsed[1].concerns("build"));
        for bad in ["", " ", ",", "a,", ",a", "a,,b", "a, ,b"] {
            assert_eq!(parse(&["build", bad]).unwrap_err().code(), 2, "{bad:?}");
        }
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
