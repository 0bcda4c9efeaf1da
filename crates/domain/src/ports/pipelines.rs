//! Reading pipelines.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::jobs::Job;
use crate::model::page::{ListPage, Page, PageWithTotal, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder, RefFilter};
use crate::model::pipelines::{Pipeline, PipelineState, Stage};
use crate::model::status::Status;
use async_trait::async_trait;
use std::sync::Arc;

/// A pipeline of a commit with its newest attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitPipeline {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Its stages, in order of id.
    pub stages: Vec<Stage>,
    /// The newest attempt of each job: first those that failed or timed out without `allow_failure`, then
    /// those with it, then the others; each by id.
    pub jobs: Vec<Job>,
    /// The number of newest attempts that are not in `jobs`.
    pub more: u32,
}

impl CommitPipeline {
    /// A pipeline with at most `limit` of its newest attempts.
    pub fn of(state: PipelineState, limit: u32) -> Self {
        let PipelineState { pipeline, stages, jobs, .. } = state;
        let mut jobs: Vec<Arc<Job>> = jobs.into_iter().filter(|job| job.newest).collect();
        let rank = |job: &Job| match job.attempt.status {
            Status::Failed | Status::TimedOut => u8::from(job.attempt.allow_failure),
            _ => 2,
        };
        jobs.sort_by_key(|job| (rank(job), job.id));
        let more = u32::try_from(jobs.len()).unwrap_or(u32::MAX).saturating_sub(limit);
        jobs.truncate(limit as usize);
        let jobs = jobs.into_iter().map(Arc::unwrap_or_clone).collect();
        Self { pipeline, stages, jobs, more }
    }
}

/// Reads pipelines.
#[async_trait]
pub trait Pipelines: Send + Sync {
    /// One pipeline.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), as all reads.
    async fn pipeline(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>>;
    /// A page of the pipelines that match. With [`Start::After`](crate::model::page::Start::After), the call
    /// reads a bounded number of rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn find_pipelines(
        &self,
        repository: RepositoryId,
        filter: PipelineFilter,
        window: Window<PipelineOrder>,
    ) -> Result<ListPage<Pipeline>>;
    /// The exact number of pipelines that match.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn count_pipelines(&self, repository: RepositoryId, filter: PipelineFilter) -> Result<u64>;
    /// At most `limit` commits with pipelines whose ids have this prefix, which is lower case.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn commits(&self, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>>;
    /// A page of the pipelines of a commit (by its full id), newest first, each with at most `job_limit` of
    /// its newest attempts.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn commit_pipelines(
        &self,
        repository: RepositoryId,
        sha: &str,
        before: Option<PipelineId>,
        limit: u32,
        job_limit: u32,
    ) -> Result<ListPage<CommitPipeline>>;
    /// A page of the refs that have pipelines: the newest pipeline of each.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn refs(
        &self,
        repository: RepositoryId,
        filter: RefFilter,
        page: Page,
    ) -> Result<PageWithTotal<Pipeline>>;
    /// A pipeline with all its stages and attempts.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn pipeline_state(&self, repository: RepositoryId, id: PipelineId)
    -> Result<Option<PipelineState>>;
}
