//! Which pipelines may go, and what went.

use super::ids::PipelineId;
use super::status::Status;
use jiff::Timestamp;

/// Which pipelines may go, at one moment. What has not ended, and the newest of a ref, never may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Only those that did not change since.
    pub unchanged_since: Option<Timestamp>,
    /// Only those with so many newer ones of the same ref; at least 1.
    pub min_newer_on_ref: u32,
}

impl Expiry {
    /// Whether a pipeline may go that stands so, last changed then, and has so many newer ones of its ref.
    pub fn applies_to(&self, status: Status, updated_at: Timestamp, newer: u32) -> bool {
        status.is_finished()
            && newer >= self.min_newer_on_ref
            && self.unchanged_since.is_none_or(|since| updated_at < since)
    }
}

/// Where a list of pipelines that may go ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredCursor {
    /// When the last one had last changed.
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

/// A pipeline that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredPipeline {
    /// Which.
    pub id: PipelineId,
    /// Of this commit.
    pub sha: String,
    /// Of this ref.
    pub git_ref: String,
    /// How it ended.
    pub status: Status,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Attempts that go with it.
    pub job_count: u32,
}

/// What one step of [`Retention::sweep`](crate::ports::Retention::sweep) took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeletedRows {
    /// Attempts.
    pub jobs: u64,
    /// Reports.
    pub reports: u64,
    /// Something is left for a further step.
    pub more: bool,
}
