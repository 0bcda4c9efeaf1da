//! A pipeline as people see it: its stages in order, in each its jobs with all their attempts, and what needs somebody first.

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
    /// Its jobs: first what failed, then what goes on, last what is done.
    pub jobs: Vec<Attempts<'a>>,
}

/// A job with all its attempts.
#[derive(Debug)]
pub struct Attempts<'a> {
    /// The one that counts.
    pub newest: &'a Job,
    /// The others, the last one first.
    pub older: Vec<&'a Job>,
}

impl Attempts<'_> {
    /// The one that counts, then the others.
    pub fn all(&self) -> impl Iterator<Item = &Job> {
        std::iter::once(self.newest).chain(self.older.iter().copied())
    }
}

/// The stages of a pipeline, those without jobs left out.
pub fn columns(run: &PipelineState) -> Vec<Column<'_>> {
    let mut by_job: HashMap<(StageId, &str), Vec<&Job>> = HashMap::with_capacity(run.jobs.len());
    for job in &run.jobs {
        by_job.entry((job.stage_id, &job.name)).or_default().push(job);
    }
    let mut by_stage: HashMap<StageId, Vec<Attempts<'_>>> = HashMap::new();
    for ((stage, _), mut attempts) in by_job {
        let counts = attempts.iter().position(|job| job.newest).unwrap_or(attempts.len() - 1);
        let newest = attempts.remove(counts);
        attempts.sort_by_key(|job| std::cmp::Reverse(job.attempt_number));
        by_stage.entry(stage).or_default().push(Attempts { newest, older: attempts });
    }
    let of_stage = |stage| {
        let mut jobs = by_stage.remove(&stage)?;
        jobs.sort_by_key(|job| (urgency(job.newest), job.newest.id));
        Some(jobs)
    };
    let mut of_stage = of_stage;
    let stages = run.ordered_stages();
    stages.into_iter().filter_map(|stage| Some(Column { stage, jobs: of_stage(stage.id)? })).collect()
}

/// It failed, and nobody said that it may.
pub fn failed(job: &Job) -> bool {
    job.attempt.status.is_bad() && !job.attempt.allow_failure
}

/// The place among the jobs of a stage, the smallest first.
pub fn urgency(job: &Job) -> u8 {
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
