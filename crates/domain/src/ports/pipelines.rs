//! Reading pipelines.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::jobs::Job;
use crate::model::page::{ListPage, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::pipelines::{Pipeline, PipelineState, Stage};
use async_trait::async_trait;
use std::collections::HashMap;

/// A pipeline of a commit with what counts of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitPipeline {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Its stages, in order of id.
    pub stages: Vec<Stage>,
    /// The newest attempt of each job: first those that failed or timed out and may not, then those that may, then by id.
    pub jobs: Vec<Job>,
    /// How many there are beside these.
    pub more: u32,
}

/// Reading pipelines.
#[async_trait]
pub trait Pipelines: Send + Sync {
    /// One pipeline.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), as all reads.
    async fn pipeline(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>>;
    /// A page of the pipelines that fit. [`Start::After`](crate::model::page::Start::After) looks at a bounded number of rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn find_pipelines(
        &self,
        repository: RepositoryId,
        filter: PipelineFilter,
        window: Window<PipelineOrder>,
    ) -> Result<ListPage<Pipeline>>;
    /// How many pipelines fit, exactly.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn count_pipelines(&self, repository: RepositoryId, filter: PipelineFilter) -> Result<u64>;
    /// The commits with pipelines whose ids begin so (lower case), at most `limit` of them.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn commits(&self, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>>;
    /// A page of the pipelines of a commit (its whole id), newest first, each with at most `limit_of_jobs` of its newest attempts.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn commit_pipelines(
        &self,
        repository: RepositoryId,
        sha: &str,
        before: Option<PipelineId>,
        limit: u32,
        limit_of_jobs: u32,
    ) -> Result<ListPage<CommitPipeline>>;
    /// The newest pipelines on the default branch of each of these repositories, newest first, at most `each` of a repository. One
    /// without any is not in the answer.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn last_pipelines(
        &self,
        repositories: &[RepositoryId],
        each: u32,
    ) -> Result<HashMap<RepositoryId, Vec<Pipeline>>>;
    /// A pipeline, whole.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn pipeline_state(&self, repository: RepositoryId, id: PipelineId)
    -> Result<Option<PipelineState>>;
}
