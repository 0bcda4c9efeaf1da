//! One job across the pipelines of its repository: its attempts, how often it succeeds, how long it takes, since
//! when it fails, and on which commits it did both. A *run* is an attempt that succeeded, failed or timed out.

use super::ids::{JobId, PipelineId};
use super::insights::{OutcomeCounts, percentile};
use super::refs;
use super::status::Status;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Most attempts that are summarized: the newest.
pub const ATTEMPTS_MAX: u32 = 1_000;
/// Most attempts with the name of the job, in any stage and of any ref, that are read to find them.
pub const NAMED_MAX: u32 = 5_000;
/// Most flaky commits of one summary: the newest.
pub const FLAKY_COMMITS_MAX: usize = 50;

/// The job and its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRunsFilter {
    /// The name of the stage.
    pub stage: String,
    /// The name of the job.
    pub name: String,
    /// Only attempts of pipelines of this ref.
    pub git_ref: Option<String>,
    /// Only attempts of pipelines of this source.
    pub source: Option<String>,
}

impl JobRunsFilter {
    /// The filter with the ref as it is stored.
    pub fn normalized(self) -> Self {
        Self { git_ref: refs::filter(self.git_ref), ..self }
    }
}

/// An attempt with the fields that a summary uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobAttempt {
    /// Its id.
    pub id: JobId,
    /// Its pipeline.
    pub pipeline: PipelineId,
    /// The commit of the pipeline.
    pub sha: String,
    /// The ref of the pipeline.
    pub git_ref: String,
    /// The source of the pipeline.
    pub source: String,
    /// Its status.
    pub status: Status,
    /// True for the newest attempt of its job in the pipeline.
    pub newest: bool,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The start, if it is known.
    pub started_at: Option<Timestamp>,
    /// The end; only a finished attempt has it.
    pub finished_at: Option<Timestamp>,
}

impl JobAttempt {
    /// Whether it is a run.
    pub fn is_run(&self) -> bool {
        self.status == Status::Success || self.status.is_bad()
    }

    /// The time from start to end, if both are known.
    pub fn duration(&self) -> Option<SignedDuration> {
        Some(self.finished_at?.duration_since(self.started_at?))
    }
}

/// The newest attempts of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobAttempts {
    /// The attempts, newest first.
    pub attempts: Vec<JobAttempt>,
    /// There are older ones that were not read.
    pub truncated: bool,
}

/// A commit on which the job of one source succeeded and also failed or timed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlakyCommit {
    /// The commit.
    pub sha: String,
    /// The number of successful runs.
    pub passed: u32,
    /// The number of failed runs.
    pub failed: u32,
    /// The newest successful run.
    pub last_passed: JobAttempt,
    /// The newest failed run.
    pub last_failed: JobAttempt,
}

/// The summary of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobSummary {
    /// The attempts, newest first.
    pub attempts: Vec<JobAttempt>,
    /// There are older attempts, which are not counted.
    pub truncated: bool,
    /// The number of ended attempts by status.
    pub outcomes: OutcomeCounts,
    /// The number of retried attempts, with any status.
    pub retried: u32,
    /// The median duration of the runs with a known start, by the same rule as insights.
    pub median: Option<SignedDuration>,
    /// The 95th percentile of those durations.
    pub p95: Option<SignedDuration>,
    /// The newest run that succeeded.
    pub last_passed: Option<JobAttempt>,
    /// If the newest run of the ref failed: the oldest run after `last_passed`, which failed too. `None` for several
    /// refs or sources together, because a run of one says nothing about another one.
    pub failing_since: Option<JobAttempt>,
    /// The commits on which the job did both, newest first, at most [`FLAKY_COMMITS_MAX`].
    pub flaky_commits: Vec<FlakyCommit>,
    /// The number of all of them.
    pub flaky_count: u32,
}

impl JobSummary {
    /// Summarizes the attempts of a job, of one ref or of all refs.
    pub fn of(found: JobAttempts, of_one_ref: bool) -> Self {
        let JobAttempts { attempts, truncated } = found;
        let mut summary = Self { truncated, ..Self::default() };
        let mut durations: Vec<SignedDuration> = Vec::new();
        for attempt in &attempts {
            summary.outcomes.count(attempt.status);
            summary.retried += u32::from(!attempt.newest);
            if attempt.is_run() {
                durations.extend(attempt.duration());
            }
        }
        durations.sort_unstable();
        summary.median = percentile(&durations, 50);
        summary.p95 = percentile(&durations, 95);
        let runs = || attempts.iter().filter(|attempt| attempt.is_run());
        summary.last_passed = runs().find(|run| run.status == Status::Success).cloned();
        let is_of_one_source = attempts.windows(2).all(|pair| pair[0].source == pair[1].source);
        if of_one_ref && is_of_one_source {
            summary.failing_since = runs().take_while(|run| run.status.is_bad()).last().cloned();
        }
        let mut flaky = flaky_commits(runs());
        summary.flaky_count = u32::try_from(flaky.len()).unwrap_or(u32::MAX);
        flaky.truncate(FLAKY_COMMITS_MAX);
        summary.flaky_commits = flaky;
        summary.attempts = attempts;
        summary
    }

    /// Whether the job may fail for longer than `failing_since`: older attempts were not read.
    pub fn may_fail_longer(&self) -> bool {
        self.truncated && self.failing_since.is_some() && self.last_passed.is_none()
    }

    /// Whether there may be attempts, but none among those that were read.
    pub fn is_unknown(&self) -> bool {
        self.truncated && self.attempts.is_empty()
    }
}

/// The commits with runs of both results, each of one source, in the order of their newest run.
fn flaky_commits<'a>(runs: impl Iterator<Item = &'a JobAttempt>) -> Vec<FlakyCommit> {
    #[derive(Default)]
    struct Both<'a> {
        passed: u32,
        failed: u32,
        last_passed: Option<&'a JobAttempt>,
        last_failed: Option<&'a JobAttempt>,
    }
    let mut order: Vec<(&str, &str)> = Vec::new();
    let mut commits: HashMap<(&str, &str), Both<'_>> = HashMap::new();
    for run in runs {
        let commit = (run.source.as_str(), run.sha.as_str());
        let both = commits.entry(commit).or_insert_with(|| {
            order.push(commit);
            Both::default()
        });
        let (count, last) = match run.status {
            Status::Success => (&mut both.passed, &mut both.last_passed),
            _ => (&mut both.failed, &mut both.last_failed),
        };
        *count += 1;
        last.get_or_insert(run);
    }
    let flaky = order.into_iter().filter_map(|commit| {
        let both = commits.get(&commit)?;
        Some(FlakyCommit {
            sha: commit.1.to_owned(),
            passed: both.passed,
            failed: both.failed,
            last_passed: both.last_passed?.clone(),
            last_failed: both.last_failed?.clone(),
        })
    });
    flaky.collect()
}

#[cfg(test)]
mod tests;
