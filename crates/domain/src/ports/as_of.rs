//! Reading the past: what a pipeline, a commit and its gate were at an earlier moment.

use super::{CommitPipeline, GateRecord};
use crate::error::Result;
use crate::model::as_of::{AsOf, Moment};
use crate::model::ids::{JobId, PipelineId, RepositoryId};
use crate::model::page::ListPage;
use crate::model::pipelines::PipelineState;
use async_trait::async_trait;

/// A pipeline as it was.
#[derive(Debug, Clone)]
pub struct PastPipeline {
    /// The pipeline; `None`: it did not exist, or its state is not kept.
    pub state: Option<PipelineState>,
    /// The moment. Its `kept_since` is the time of the first state that is kept.
    pub moment: Moment,
}

/// A page of the pipelines of a commit as they were.
#[derive(Debug, Clone)]
pub struct PastCommit {
    /// The pipelines.
    pub page: ListPage<CommitPipeline>,
    /// The moment.
    pub moment: Moment,
}

/// The rules and facts of a gate as they were.
#[derive(Debug, Clone)]
pub struct PastGateRecord {
    /// The rules that were in force and the facts.
    pub record: GateRecord,
    /// The moment.
    pub moment: Moment,
    /// The number of the first report of the commit after the one that [`AsOf::Report`] names.
    pub next_report: Option<i64>,
}

/// Reads past states, each in one snapshot. A replay of more than
/// [`REPORTS_MAX`](crate::model::as_of::REPORTS_MAX) reports is refused with
/// [`Problem::TooMany`](crate::error::Problem::TooMany) on `reports`, a report of another pipeline or commit with
/// [`Problem::Unknown`](crate::error::Problem::Unknown) on `as_of`.
#[async_trait]
pub trait PastStates: Send + Sync {
    /// A pipeline; `None`: it does not exist now.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid); [`Error::Unavailable`](crate::Error::Unavailable).
    async fn pipeline_as_of(
        &self,
        repository: RepositoryId,
        id: PipelineId,
        as_of: AsOf,
    ) -> Result<Option<PastPipeline>>;
    /// The number of the last report of the pipeline of an attempt by a moment, 0 if there was none; `None`: the
    /// attempt does not exist now.
    ///
    /// # Errors
    /// As [`Self::pipeline_as_of`].
    async fn last_report_as_of(
        &self,
        repository: RepositoryId,
        job: JobId,
        as_of: AsOf,
    ) -> Result<Option<i64>>;
    /// A page of the pipelines of a commit, as [`commit_pipelines`](super::Pipelines::commit_pipelines).
    ///
    /// # Errors
    /// As [`Self::pipeline_as_of`].
    async fn commit_as_of(
        &self,
        repository: RepositoryId,
        sha: &str,
        as_of: AsOf,
        before: Option<PipelineId>,
        limit: u32,
        job_limit: u32,
    ) -> Result<PastCommit>;
    /// The inputs of the gate of a commit, as [`gate_record`](super::Gates::gate_record).
    ///
    /// # Errors
    /// As [`Self::pipeline_as_of`].
    async fn gate_record_as_of(
        &self,
        repository: RepositoryId,
        sha: &str,
        target: Option<&str>,
        as_of: AsOf,
    ) -> Result<PastGateRecord>;
}
