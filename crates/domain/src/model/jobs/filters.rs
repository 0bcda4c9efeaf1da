//! Which jobs a list across pipelines has, and what is shown of each.

use super::Job;
use crate::model::ids::{PipelineId, UserId};
use crate::model::page::TimeRange;
use crate::model::pipelines::Pipeline;
use crate::model::status::Status;
use jiff::Timestamp;
use std::sync::Arc;

/// Which attempts a list across pipelines has; what is `None` or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only of this pipeline.
    pub pipeline: Option<PipelineId>,
    /// Only of these statuses.
    pub statuses: Vec<Status>,
    /// Only those that count, or only those that a newer one replaced.
    pub newest: Option<bool>,
    /// Only of pipelines of this ref.
    pub git_ref: Option<String>,
    /// Only of pipelines of this commit, or of commits that begin so; lower case.
    pub sha: Option<String>,
    /// Only of pipelines of this source.
    pub source: Option<String>,
    /// Only of stages of this name.
    pub stage: Option<String>,
    /// Only of this name.
    pub name: Option<String>,
    /// Only with this id of the build system's.
    pub third_build_id: Option<String>,
    /// Only created then.
    pub created: TimeRange,
    /// Only last changed then.
    pub updated: TimeRange,
    /// Only those whose name or description contains this, any case.
    pub text: Option<String>,
}

/// By what jobs across pipelines are ordered: always their id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobOrder;

/// An attempt with what is around it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobDetails {
    /// The attempt.
    pub job: Job,
    /// Its pipeline.
    pub pipeline: Arc<Pipeline>,
    /// The name of its stage.
    pub stage: String,
    /// Who reported it first; `None` when that user is gone.
    pub reporter: Option<Reporter>,
    /// When a report of the build system last reached us, whatever it changed.
    pub last_report_at: Timestamp,
}

/// Who reported, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporter {
    /// Who.
    pub id: UserId,
    /// By name.
    pub name: String,
}
