//! A pipeline with its stages and jobs: a report changes it and a commit writes it. Only [`PipelineState`]
//! changes a status.

pub mod filters;
mod lookup;
mod memory;
mod state;

pub use lookup::{PipelineLookup, choose_for_commit};
pub use state::PipelineState;

use super::ids::{MAX_ID, PipelineId, RepositoryId, StageId};
use super::status::Status;
use crate::error::{Invalid, Problem, Result};
use jiff::Timestamp;
use std::sync::Arc;

/// Most attempts in one pipeline, so that a response needs bounded memory.
pub const JOBS_MAX: usize = 50_000;
/// Most stages in one pipeline.
pub const STAGES_MAX: usize = 1_000;

/// The identity of a pipeline: concurrent first reports with the same identity create one pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PipelineIdentity {
    /// Full commit id.
    pub sha: String,
    /// Branch or tag.
    pub git_ref: String,
    /// The kind of the reporting system.
    pub source: String,
    /// The key that the reporters chose, or empty.
    pub key: String,
}

/// A pipeline of one commit and ref.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Unique in the repository.
    pub id: PipelineId,
    /// The repository.
    pub repository_id: RepositoryId,
    /// Commit, ref, source and key. Its events share it.
    pub identity: Arc<PipelineIdentity>,
    /// The composite status of the newest attempts.
    pub status: Status,
    /// Its page in the build system.
    pub web_url: Option<String>,
    /// The user who started it.
    pub trigger_user: Option<String>,
    /// The times of the reports that gave the two labels.
    pub label_times: LabelTimes,
    /// The earliest `created_at` of its attempts.
    pub created_at: Timestamp,
    /// The time of the last change, by the clock of the server.
    pub updated_at: Timestamp,
    /// The earliest start among the newest attempts.
    pub started_at: Option<Timestamp>,
    /// The latest end among the newest attempts, when the pipeline is finished.
    pub finished_at: Option<Timestamp>,
    /// The number of all attempts: the `X-Total` of its job list.
    pub job_count: u32,
    /// Increases with every change of the pipeline, its stages or its jobs.
    pub version: i64,
}

/// When the labels of a pipeline were reported: by the time of the reporter, else of receipt. `None`: by an
/// import or by the first rules, or never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LabelTimes {
    /// The time of `web_url`.
    pub web_url: Option<Timestamp>,
    /// The time of `trigger_user`.
    pub trigger_user: Option<Timestamp>,
}

/// An ordered group of jobs in a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Unique in the repository.
    pub id: StageId,
    /// Unique in the pipeline.
    pub name: String,
    /// The position: stages are shown by ascending `sort_id`, then by id.
    pub sort_id: i32,
    /// True when a report gave the position; else the position is the order of arrival.
    pub sort_id_reported: bool,
    /// The composite status of its newest attempts.
    pub status: Status,
}

/// The last ids that were assigned in one repository.
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
    /// Counts the next id.
    ///
    /// # Errors
    /// [`Problem::TooMany`] on `field` when all ids are used; the counter does not change then.
    fn next(counter: &mut i32, field: &str) -> Result<i64, Invalid> {
        *counter = counter.checked_add(1).ok_or_else(|| used_up(field))?;
        Ok(i64::from(*counter))
    }
}

fn used_up(field: &str) -> Invalid {
    Invalid::new(field, Problem::TooMany { max: MAX_ID as usize })
}

/// The rows that a change must write, by index in [`PipelineState::stages`] and [`PipelineState::jobs`]. The
/// row of the pipeline may change with any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedRows {
    /// The stages to write.
    pub stages: Vec<usize>,
    /// The attempts to write.
    pub jobs: Vec<usize>,
    /// The status of the attempt of the report before it; `None`: the attempt did not exist.
    pub previous_status: Option<Status>,
}

/// The name of a stage among those of its pipeline; empty if it is not there.
pub fn stage_name(stages: &[Stage], id: StageId) -> &str {
    stages.iter().find(|stage| stage.id == id).map_or("", |stage| &stage.name)
}

/// The stages in display order: by position, then by id.
pub fn in_display_order(stages: &[Stage]) -> Vec<&Stage> {
    let mut stages: Vec<&Stage> = stages.iter().collect();
    stages.sort_by_key(|stage| (stage.sort_id, stage.id));
    stages
}

/// Assigns the next pipeline id.
///
/// # Errors
/// [`Problem::TooMany`] when all are used.
pub fn next_pipeline_id(counters: &mut Counters) -> Result<PipelineId, Invalid> {
    PipelineId::new(Counters::next(&mut counters.pipeline, PipelineId::FIELD)?)
}

#[cfg(test)]
mod tests;
