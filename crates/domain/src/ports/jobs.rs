//! Reading jobs.

use crate::error::Result;
use crate::model::details::{Details, NeededDetails, TitleAndTests};
use crate::model::history::HistoryEntry;
use crate::model::ids::{JobId, PipelineId, RepositoryId};
use crate::model::jobs::ListedJobs;
use crate::model::jobs::filters::{CommitJobFilter, FoundJob, JobFilter, JobOrder};
use crate::model::page::{ListPage, Page, Window};
use crate::model::pipelines::{Pipeline, Stage};
use crate::model::status::Status;
use async_trait::async_trait;
use std::collections::HashMap;

/// A page of the attempts of a pipeline, read in one snapshot.
#[derive(Debug, Clone)]
pub struct JobList {
    /// The pipeline. Its `job_count` is the number of all attempts.
    pub pipeline: Pipeline,
    /// The stages of the pipeline, in order of id.
    pub stages: Vec<Stage>,
    /// The attempts of the page, ascending by id.
    pub jobs: ListedJobs,
}

/// The jobs of a commit, read in one snapshot. A job of several pipelines of one source counts once, with the newest
/// attempt of the pipeline whose status of it was reported last. Jobs of two sources are two jobs.
#[derive(Debug, Clone, Default)]
pub struct CommitJobs {
    /// The numbers of jobs by status and `allow_failure`, each pair once and without zeros.
    pub counts: Vec<(Status, bool, u64)>,
    /// The attempts of the page, descending by id.
    pub jobs: Vec<FoundJob>,
}

/// Reads jobs.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// A page of the attempts of a pipeline, ascending by id, so that pages do not shift while jobs are
    /// added.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn jobs(&self, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>>;
    /// The stages of these pipelines, in display order. A pipeline without stages is not in the map.
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
    async fn job(&self, repository: RepositoryId, id: JobId) -> Result<Option<FoundJob>>;
    /// A page of the attempts that match, across pipelines. With
    /// [`Start::After`](crate::model::page::Start::After), the call reads a bounded number of rows.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn find_jobs(
        &self,
        repository: RepositoryId,
        filter: JobFilter,
        window: Window<JobOrder>,
    ) -> Result<ListPage<FoundJob>>;
    /// The jobs of a commit that match: the numbers of all, and a page; none without `page`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn jobs_of_commit(
        &self,
        repository: RepositoryId,
        filter: CommitJobFilter,
        page: Option<Page>,
    ) -> Result<CommitJobs>;
    /// The exact number of attempts that match.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn count_jobs(&self, repository: RepositoryId, filter: JobFilter) -> Result<u64>;
    /// At most `limit` reports of an attempt with numbers greater than `after`, in order of arrival.
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
    /// The details of these attempts of a pipeline, in one snapshot; an attempt without details is not in the
    /// map. The annotations of one
    /// attempt may have
    /// [`ATTEMPT_ANNOTATION_BYTES_MAX`](crate::model::details::ATTEMPT_ANNOTATION_BYTES_MAX) bytes.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable); [`Error::Internal`](crate::Error::Internal) for
    /// damaged details.
    async fn details(
        &self,
        repository: RepositoryId,
        pipeline: PipelineId,
        jobs: &[JobId],
    ) -> Result<HashMap<JobId, Details>>;
    /// The required parts of the title and the test counts in the details of these attempts, in one snapshot; an
    /// attempt with neither is not in the map. Of each attempt the details of its latest reports are read, one at a
    /// time, until nothing is missing.
    ///
    /// # Errors
    /// As [`Self::details`].
    async fn titles_and_tests(
        &self,
        repository: RepositoryId,
        jobs: &[(PipelineId, JobId)],
        needed: NeededDetails,
    ) -> Result<HashMap<JobId, TitleAndTests>>;
}
