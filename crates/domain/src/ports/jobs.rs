//! Reading jobs.

use crate::error::Result;
use crate::model::history::HistoryEntry;
use crate::model::ids::{JobId, PipelineId, RepositoryId};
use crate::model::jobs::Job;
use crate::model::jobs::filters::{JobDetails, JobFilter, JobOrder};
use crate::model::page::{ListPage, Page, Window};
use crate::model::pipelines::{Pipeline, Stage};
use async_trait::async_trait;
use std::collections::HashMap;

/// Some of a pipeline's jobs, read in one snapshot.
#[derive(Debug, Clone)]
pub struct JobList {
    /// The pipeline; its `job_count` is the total.
    pub pipeline: Pipeline,
    /// Its stages, in order of id.
    pub stages: Vec<Stage>,
    /// The wanted attempts, ascending by id.
    pub jobs: Vec<Job>,
}

/// Reading jobs.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// A page of the attempts of a pipeline, ascending by id: pages never shift while jobs are added.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn jobs(&self, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>>;
    /// The stages of these pipelines, each pipeline's in the order they are shown. One without any is not in the answer.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn stages(
        &self,
        repository: RepositoryId,
        pipelines: &[PipelineId],
    ) -> Result<HashMap<PipelineId, Vec<Stage>>>;
    /// One attempt.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn job(&self, repository: RepositoryId, id: JobId) -> Result<Option<JobDetails>>;
    /// A page of the attempts that fit, across pipelines. [`Start::After`](crate::model::page::Start::After) looks at a bounded number
    /// of rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn find_jobs(
        &self,
        repository: RepositoryId,
        filter: JobFilter,
        window: Window<JobOrder>,
    ) -> Result<ListPage<JobDetails>>;
    /// How many attempts fit, exactly.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn count_jobs(&self, repository: RepositoryId, filter: JobFilter) -> Result<u64>;
    /// The reports of an attempt in order of arrival, those after the one with number `after`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn history(
        &self,
        repository: RepositoryId,
        id: JobId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<HistoryEntry>>;
}
