//! A pipeline with its stages and jobs: the unit that a report changes and a commit writes.
//! A status moves in [`Run`] alone.

pub mod filters;
mod state;

pub use state::PipelineState;

use super::ids::{MAX_ID, PipelineId, RepositoryId, StageId};
use super::status::Status;
use crate::error::{Invalid, Problem, Result};
use jiff::Timestamp;

/// Most attempts in one pipeline: what one answer can be built from in bounded memory.
pub const JOBS_MAX: usize = 50_000;
/// Most stages in one pipeline.
pub const STAGES_MAX: usize = 1_000;

/// What makes a pipeline the one it is: racing first reports with the same identity make one pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PipelineIdentity {
    /// Full commit id.
    pub sha: String,
    /// Branch or tag.
    pub git_ref: String,
    /// What kind of thing reports.
    pub source: String,
    /// The reporters' own word for it, or empty.
    pub key: String,
}

/// One run for one commit and ref.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Unique in the repository.
    pub id: PipelineId,
    /// The repository.
    pub repository_id: RepositoryId,
    /// Commit, ref, source and key.
    pub identity: PipelineIdentity,
    /// Composite of the newest attempts.
    pub status: Status,
    /// Where a person sees it in the build system.
    pub web_url: Option<String>,
    /// Who started it.
    pub trigger_user: Option<String>,
    /// The first we or a reporter knew of it.
    pub created_at: Timestamp,
    /// When the record last changed, by our clock.
    pub updated_at: Timestamp,
    /// The earliest start among the newest attempts.
    pub started_at: Option<Timestamp>,
    /// The latest end among the newest attempts, once all have ended.
    pub finished_at: Option<Timestamp>,
    /// Attempts in it, all counted: the `X-Total` of its list.
    pub job_count: u32,
    /// Grows with every change of the pipeline, its stages or jobs.
    pub version: i64,
}

/// An ordered group of jobs in a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Unique in the repository.
    pub id: StageId,
    /// Unique in the pipeline.
    pub name: String,
    /// Its place: stages are shown by ascending `sort_id`, then id.
    pub sort_id: i32,
    /// True when a reporter said the place; else it is the order of arrival.
    pub sort_id_reported: bool,
    /// Composite of its newest attempts.
    pub status: Status,
}

/// The last ids given out in one repository.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Last pipeline id.
    pub pipeline: i32,
    /// Last stage id.
    pub stage: i32,
    /// Last job id.
    pub job: i32,
    /// Last report number.
    pub report: i64,
    /// Last event number.
    pub event: i64,
}

impl Counters {
    /// # Errors
    /// [`Problem::TooMany`] when the ids of `field` are used up; nothing is counted then.
    fn next(counter: &mut i32, field: &str) -> Result<i64, Invalid> {
        *counter = counter.checked_add(1).ok_or_else(|| used_up(field))?;
        Ok(i64::from(*counter))
    }
}

fn used_up(field: &str) -> Invalid {
    Invalid::new(field, Problem::TooMany { max: MAX_ID as usize })
}

/// Which rows a change touched, by place in [`Run::stages`] and [`Run::jobs`]. The pipeline row changes with any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedRows {
    /// Stages to write.
    pub stages: Vec<usize>,
    /// Jobs to write.
    pub jobs: Vec<usize>,
    /// How the attempt stood that the report means; `None`: it was not there.
    pub previous_status: Option<Status>,
}

/// Stages in the order people see them: by their places, equal ones by id.
pub fn in_display_order(stages: &[Stage]) -> Vec<&Stage> {
    let mut stages: Vec<&Stage> = stages.iter().collect();
    stages.sort_by_key(|stage| (stage.sort_id, stage.id));
    stages
}

/// The pipeline that a report without ref means, of those of its commit (newest first, each with whether it has the report's job): the
/// newest that has the job, so that a job stays where it is, else the newest.
pub fn choose_for_commit(known: &[(PipelineId, bool)]) -> Option<PipelineId> {
    known.iter().find(|(_, has_job)| *has_job).or(known.first()).map(|(id, _)| *id)
}

/// Gives out the next pipeline id.
///
/// # Errors
/// [`Problem::TooMany`] when all are used.
pub fn next_pipeline_id(counters: &mut Counters) -> Result<PipelineId, Invalid> {
    PipelineId::new(Counters::next(&mut counters.pipeline, PipelineId::FIELD)?)
}

#[cfg(test)]
mod tests;
