//! The board of a pipeline: its stages in order, with their jobs and all attempts, failed jobs first.

use domain::model::ids::StageId;
use domain::model::jobs::Job;
use domain::model::pipelines::{PipelineState, Stage};
use domain::model::status::Status;
use std::collections::HashMap;

/// A stage with its jobs.
#[derive(Debug)]
pub struct Column<'a> {
    /// The stage.
    pub stage: &'a Stage,
    /// The jobs of the stage: failed, then unfinished, then finished jobs.
    pub jobs: Vec<JobAttempts<'a>>,
}

/// A job with all its attempts.
#[derive(Debug)]
pub struct JobAttempts<'a> {
    /// The attempt that counts.
    pub newest: &'a Job,
    /// The other attempts, newest first.
    pub older: Vec<&'a Job>,
}

impl JobAttempts<'_> {
    /// All attempts: the one that counts, then the others.
    pub fn all(&self) -> impl Iterator<Item = &Job> {
        std::iter::once(self.newest).chain(self.older.iter().copied())
    }
}

/// The stages of a pipeline that have jobs.
pub fn columns(state: &PipelineState) -> Vec<Column<'_>> {
    let mut by_job: HashMap<(StageId, &str), Vec<&Job>> = HashMap::with_capacity(state.jobs.len());
    for job in &state.jobs {
        by_job.entry((job.stage_id, &job.name)).or_default().push(job);
    }
    let mut by_stage: HashMap<StageId, Vec<JobAttempts<'_>>> = HashMap::new();
    for ((stage, _), mut attempts) in by_job {
        let index = attempts.iter().position(|job| job.newest).unwrap_or(attempts.len() - 1);
        let newest = attempts.remove(index);
        attempts.sort_by_key(|job| std::cmp::Reverse(job.attempt_number));
        by_stage.entry(stage).or_default().push(JobAttempts { newest, older: attempts });
    }
    let mut jobs_of = |stage| {
        let mut jobs = by_stage.remove(&stage)?;
        jobs.sort_by_key(|job| (sort_rank(job.newest), job.newest.id));
        Some(jobs)
    };
    let stages = state.ordered_stages();
    stages.into_iter().filter_map(|stage| Some(Column { stage, jobs: jobs_of(stage.id)? })).collect()
}

/// Whether a job failed or timed out and is not allowed to fail.
pub fn failed(job: &Job) -> bool {
    job.attempt.status.fails_pipeline(job.attempt.allow_failure)
}

/// The sort key of a job in its stage, smallest first.
pub fn sort_rank(job: &Job) -> u8 {
    match job.attempt.status {
        Status::Failed if !job.attempt.allow_failure => 0,
        Status::TimedOut if !job.attempt.allow_failure => 1,
        Status::Failed | Status::TimedOut => 2,
        Status::Running => 3,
        Status::Pending => 4,
        Status::Canceled => 5,
        Status::Success => 6,
        Status::Skipped => 7,
    }
}
