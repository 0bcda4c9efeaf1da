//! Compares two pipelines, and a pipeline with the earlier ones of its ref: which jobs fail newly, which are
//! fixed, and which got slower.
//!
//! A job is identified by stage and name, and has the state of its newest attempt. A job *fails* if it failed or
//! timed out and may not fail. Unfinished, canceled and skipped jobs neither fail nor pass.

use super::ids::{JobId, PipelineId};
use super::insights::percentile;
use super::pipelines::{Pipeline, PipelineState, in_display_order};
use super::status::Status;
use jiff::SignedDuration;
use std::collections::HashMap;

/// A job got slower when it took more than this many times its usual duration...
const SLOWER_FACTOR: i32 = 2;
/// ...and at least this much longer.
const SLOWER_FLOOR: SignedDuration = SignedDuration::from_secs(10);
/// Fewer successful runs give no usual duration.
const USUAL_RUNS_MIN: usize = 3;
/// Most earlier pipelines that [`Changes`] looks at.
pub const EARLIER_MAX: u32 = 20;
/// Most attempts of these pipelines, beyond those of the latest one.
pub const EARLIER_ATTEMPTS_MAX: u32 = 10_000;

/// A job of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedJob {
    /// The name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// The newest attempt.
    pub id: JobId,
    /// The status of the newest attempt.
    pub status: Status,
    /// A failure does not make the pipeline fail.
    pub allow_failure: bool,
    /// The time from start to end, if both are known.
    pub duration: Option<SignedDuration>,
}

impl ComparedJob {
    /// Whether the job failed or timed out, and may not fail.
    pub fn failed(&self) -> bool {
        self.status.fails_pipeline(self.allow_failure)
    }

    fn passed(&self) -> bool {
        self.status == Status::Success
    }

    fn key(&self) -> JobKey<'_> {
        (&self.stage, &self.name)
    }
}

/// Stage and name of a job.
type JobKey<'a> = (&'a str, &'a str);

/// The jobs of a pipeline in display order of their stages, then by id.
pub fn jobs_of(state: &PipelineState) -> Vec<ComparedJob> {
    let stages = in_display_order(&state.stages);
    let position: HashMap<_, _> = stages.iter().enumerate().map(|(at, stage)| (stage.id, at)).collect();
    let mut newest: Vec<_> = state.jobs.iter().filter(|job| job.newest).collect();
    newest.sort_by_key(|job| (position.get(&job.stage_id).copied(), job.id));
    let compared = newest.into_iter().map(|job| {
        let attempt = &job.attempt;
        let stage = position.get(&job.stage_id).map(|at| stages[*at].name.clone()).unwrap_or_default();
        let duration =
            attempt.started_at.zip(attempt.finished_at).map(|(start, end)| end.duration_since(start));
        ComparedJob {
            stage,
            name: job.name.clone(),
            id: job.id,
            status: attempt.status,
            allow_failure: attempt.allow_failure,
            duration,
        }
    });
    compared.collect()
}

/// A job whose result differs between two pipelines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobChange {
    /// The job in the pipeline that is compared with; `None`: it did not have the job.
    pub base: Option<ComparedJob>,
    /// The job now.
    pub head: ComparedJob,
}

/// A job that took longer than usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowerJob {
    /// The job.
    pub job: ComparedJob,
    /// The median duration of its successful runs in the earlier pipelines.
    pub usual: SignedDuration,
}

/// The differences of two pipelines. Every list has the order of the jobs of its pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The jobs that fail now and did not fail before, or did not exist.
    pub newly_failed: Vec<JobChange>,
    /// The jobs that fail in both.
    pub still_failed: Vec<JobChange>,
    /// The jobs that failed before and pass now.
    pub fixed: Vec<JobChange>,
    /// The other jobs of both with another result: another status, or a failure that makes only one of them fail.
    pub other: Vec<JobChange>,
    /// The jobs that got slower ([`slower`]).
    pub slower: Vec<SlowerJob>,
    /// The jobs that only the newer pipeline has.
    pub added: Vec<ComparedJob>,
    /// The jobs that only the older pipeline has.
    pub removed: Vec<ComparedJob>,
}

/// Compares the pipeline `head` with `base`. `earlier` are pipelines before `head`, for the usual durations.
pub fn compare(base: &[ComparedJob], head: &[ComparedJob], earlier: &[Earlier]) -> Comparison {
    let before: HashMap<JobKey<'_>, &ComparedJob> = base.iter().map(|job| (job.key(), job)).collect();
    let now: HashMap<JobKey<'_>, &ComparedJob> = head.iter().map(|job| (job.key(), job)).collect();
    let mut found = Comparison { slower: slower(head, earlier), ..Comparison::default() };
    for job in head {
        let base = before.get(&job.key()).copied();
        let failed = base.is_some_and(ComparedJob::failed);
        let change = || JobChange { base: base.cloned(), head: job.clone() };
        match (failed, job.failed()) {
            (false, true) => found.newly_failed.push(change()),
            (true, true) => found.still_failed.push(change()),
            (true, false) if job.passed() => found.fixed.push(change()),
            _ if base.is_some_and(|base| base.status != job.status || failed) => found.other.push(change()),
            _ => {}
        }
        if base.is_none() {
            found.added.push(job.clone());
        }
    }
    found.removed = base.iter().filter(|job| !now.contains_key(&job.key())).cloned().collect();
    found
}

/// A pipeline before another one on its ref, with its jobs.
pub type Earlier = (PipelineId, Vec<ComparedJob>);

/// The jobs that passed and took more than twice the median of their successful runs in earlier pipelines, and at
/// least 10 seconds longer. Jobs with fewer than three such runs are not compared.
pub fn slower(head: &[ComparedJob], earlier: &[Earlier]) -> Vec<SlowerJob> {
    let mut durations: HashMap<JobKey<'_>, Vec<SignedDuration>> = HashMap::new();
    for job in earlier.iter().flat_map(|(_, jobs)| jobs).filter(|job| job.passed()) {
        durations.entry(job.key()).or_default().extend(job.duration);
    }
    for durations in durations.values_mut() {
        durations.sort_unstable();
    }
    let is_slower = |job: &ComparedJob| {
        let usual = durations.get(&job.key()).filter(|known| known.len() >= USUAL_RUNS_MIN)?;
        let (usual, duration) = (percentile(usual, 50)?, job.duration?);
        let more = duration.checked_sub(usual)?;
        let is = duration > usual.checked_mul(SLOWER_FACTOR)? && more >= SLOWER_FLOOR;
        is.then(|| SlowerJob { job: job.clone(), usual })
    };
    head.iter().filter(|job| job.passed()).filter_map(is_slower).collect()
}

/// A job that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedJob {
    /// The job.
    pub job: ComparedJob,
    /// The first of the pipelines in which it failed without a success in between: this pipeline, or an earlier one.
    pub since: PipelineId,
    /// It failed in earlier pipelines, and in none of those that were read did it pass: it may fail for longer.
    pub since_or_earlier: bool,
}

/// The other pipelines of the ref and source of a pipeline, without their jobs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RelatedPipelines {
    /// The one after it, among the next 20,000 of the ref.
    pub newer: Option<Pipeline>,
    /// Those before it, newest first, at most [`EARLIER_MAX`], among the last 20,000 of the ref.
    pub older: Vec<Pipeline>,
    /// The last one before it that succeeded, however long ago.
    pub last_green: Option<Pipeline>,
    /// If it failed or timed out: the first one after `last_green` that did, perhaps itself.
    pub first_failed: Option<Pipeline>,
}

/// What a pipeline changed against the earlier ones of its ref and source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// The last pipeline before this one that succeeded.
    pub last_green: Option<Pipeline>,
    /// If this pipeline failed: the first one that failed after `last_green`.
    pub failing_since: Option<Pipeline>,
    /// The pipeline before this one.
    pub previous: Option<Pipeline>,
    /// The jobs that fail.
    pub failed: Vec<FailedJob>,
    /// The jobs that pass and failed in the last pipeline that has a result of them. The base is that one.
    pub fixed: Vec<JobChange>,
    /// The jobs that got slower ([`slower`]).
    pub slower: Vec<SlowerJob>,
}

impl Changes {
    /// The changes of the jobs of `head` against `earlier`, newest first. `complete` is true if there are no older
    /// pipelines than those. The pipelines of the result are left empty.
    pub fn of_jobs(id: PipelineId, head: &[ComparedJob], earlier: &[Earlier], complete: bool) -> Self {
        let earlier_jobs: Vec<(PipelineId, HashMap<JobKey<'_>, &ComparedJob>)> = earlier
            .iter()
            .map(|(id, jobs)| (*id, jobs.iter().map(|job| (job.key(), job)).collect()))
            .collect();
        let results = |job: &ComparedJob| {
            let key = (job.stage.clone(), job.name.clone());
            earlier_jobs.iter().filter_map(move |(id, jobs)| Some((*id, *jobs.get(&(&*key.0, &*key.1))?)))
        };
        let mut found = Self { slower: slower(head, earlier), ..Self::default() };
        for job in head {
            if job.failed() {
                found.failed.push(failed_since(id, job, results(job), complete));
            } else if job.passed() {
                let last = results(job).map(|(_, job)| job).find(|job| job.failed() || job.passed());
                if let Some(base) = last.filter(|base| base.failed()) {
                    found.fixed.push(JobChange { base: Some(base.clone()), head: job.clone() });
                }
            }
        }
        found
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.last_green.is_none()
            && self.failing_since.is_none()
            && self.fixed.is_empty()
            && self.slower.is_empty()
            && self.previous.is_none()
    }
}

/// Since when a job fails, by its results in earlier pipelines, newest first. Those that neither fail nor pass are
/// skipped.
fn failed_since<'a>(
    head: PipelineId,
    job: &ComparedJob,
    results: impl Iterator<Item = (PipelineId, &'a ComparedJob)>,
    complete: bool,
) -> FailedJob {
    let (mut since, mut has_passed) = (head, false);
    for (id, earlier) in results {
        if earlier.passed() {
            has_passed = true;
            break;
        }
        if earlier.failed() {
            since = id;
        }
    }
    FailedJob { job: job.clone(), since, since_or_earlier: since != head && !has_passed && !complete }
}

#[cfg(test)]
mod tests;
