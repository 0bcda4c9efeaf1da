//! Filters and items of the list of jobs across pipelines.

use super::Job;
use crate::model::ids::{PipelineId, UserId};
use crate::model::page::TimeRange;
use crate::model::pipelines::Pipeline;
use crate::model::refs;
use crate::model::status::Status;
use crate::model::text;
use jiff::Timestamp;
use std::sync::Arc;

/// The filter of the list of attempts across pipelines. A field that is `None` or empty does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only attempts of this pipeline.
    pub pipeline: Option<PipelineId>,
    /// Only attempts with one of these statuses.
    pub statuses: Vec<Status>,
    /// Only newest attempts, or only retried ones.
    pub newest: Option<bool>,
    /// Only attempts of pipelines of this ref.
    pub git_ref: Option<String>,
    /// Only attempts of pipelines of this commit, or of commits with this prefix; lower case.
    pub sha: Option<String>,
    /// Only attempts of pipelines of this source.
    pub source: Option<String>,
    /// Only attempts in stages of this name.
    pub stage: Option<String>,
    /// Only attempts of jobs of this name.
    pub name: Option<String>,
    /// Only attempts with this id of the build system.
    pub third_build_id: Option<String>,
    /// Only attempts created in this range.
    pub created: TimeRange,
    /// Only attempts last changed in this range.
    pub updated: TimeRange,
    /// Only attempts with this text in the name or description, ignoring case.
    pub text: Option<String>,
}

impl JobFilter {
    /// The filter with the ref as it is stored.
    pub fn normalized(self) -> Self {
        Self { git_ref: refs::filter(self.git_ref), ..self }
    }
}

/// The filter of the jobs of a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitJobFilter {
    /// The full id of the commit, lower case.
    pub sha: String,
    /// Only jobs of this pipeline.
    pub pipeline: Option<PipelineId>,
    /// Only jobs with one of these stages and names, at most [`CommitJobFilter::NAMED_MAX`]; empty: all. In several
    /// pipelines of the commit, a job has each spelling that it has in one of them.
    pub named: Vec<(String, String)>,
    /// Only attempts with one of these statuses; empty: all.
    pub statuses: Vec<Status>,
    /// All attempts of each job in all pipelines, instead of the newest one.
    pub all_attempts: bool,
}

impl CommitJobFilter {
    /// Most jobs that a filter names.
    pub const NAMED_MAX: usize = 32;

    /// Whether a job of this stage and name may be one that the filter names: its other spellings may be the same job.
    pub fn may_name(&self, stage: &str, name: &str) -> bool {
        let is = |named: &(String, String)| named.0 == stage && text::same_ignoring_case(&named.1, name);
        self.named.is_empty() || self.named.iter().any(is)
    }
}

/// The order of the list of jobs across pipelines: always by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobOrder;

/// An attempt with its pipeline, stage and reporter.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundJob {
    /// The attempt.
    pub job: Job,
    /// The pipeline.
    pub pipeline: Arc<Pipeline>,
    /// The name of the stage.
    pub stage: String,
    /// The user who sent the first report; `None` when the user was deleted.
    pub reporter: Option<Reporter>,
    /// The time of receipt of the last report of the build system, whether it changed something or not.
    pub last_report_at: Timestamp,
}

/// The user who reported an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporter {
    /// The id of the user.
    pub id: UserId,
    /// The name of the user.
    pub name: String,
}
