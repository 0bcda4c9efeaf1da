//! Expiry of pipelines, and counts of deleted rows.

use super::ids::PipelineId;
use super::status::Status;
use jiff::Timestamp;

/// The rule by which pipelines are expired at one moment. An unfinished pipeline and the newest pipeline of a
/// ref never expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// The moment, by the trusted time. Data that the rule deletes was kept until then.
    pub at: Timestamp,
    /// Only pipelines that have not changed since this time expire.
    pub unchanged_since: Option<Timestamp>,
    /// Only pipelines with at least this number of newer pipelines on the same ref expire; at least 1.
    pub min_newer_on_ref: u32,
}

impl Expiry {
    /// True when a pipeline with this status, this time of its last change and this number of newer pipelines
    /// on its ref is expired.
    pub fn applies_to(&self, status: Status, updated_at: Timestamp, newer: u32) -> bool {
        status.is_finished()
            && newer >= self.min_newer_on_ref
            && self.unchanged_since.is_none_or(|since| updated_at < since)
    }
}

/// The position after an expired pipeline in the list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredCursor {
    /// The time of the last change of that pipeline.
    pub updated_at: Timestamp,
    /// Its ref.
    pub git_ref: String,
    /// Its id.
    pub id: PipelineId,
}

impl From<&ExpiredPipeline> for ExpiredCursor {
    fn from(last: &ExpiredPipeline) -> Self {
        Self { updated_at: last.updated_at, git_ref: last.git_ref.clone(), id: last.id }
    }
}

/// An expired pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredPipeline {
    /// The id.
    pub id: PipelineId,
    /// The commit.
    pub sha: String,
    /// The ref.
    pub git_ref: String,
    /// The final status.
    pub status: Status,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The number of its attempts.
    pub job_count: u32,
}

/// The number of rows that one step of
/// [`delete_pipeline_rows`](crate::ports::Retention::delete_pipeline_rows) deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeletedRows {
    /// Attempts.
    pub jobs: u64,
    /// Reports.
    pub reports: u64,
    /// There are more rows for a further step.
    pub more: bool,
}
