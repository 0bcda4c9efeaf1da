//! Jobs: the attempts of a pipeline, and the attempts of a repository across pipelines.

use crate::error::{Error, ErrorKind};
use crate::paging::{self, Page, Paged};
use crate::transport::Client;
pub use wire::native::details::{Annotation, Details, TestCounts};
pub use wire::native::jobs::{FoundJob, FoundJobList, Job, JobList};

/// The largest page, set by the server.
const MAX_PAGE: usize = 100;

/// A filter of attempts. `None` and empty fields are not applied. Times are RFC 3339.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// The pipeline.
    pub pipeline: Option<i32>,
    /// The statuses, each one of the seven status names.
    pub statuses: Vec<String>,
    /// `true`: the newest attempt of each job; `false`: attempts that were retried.
    pub newest: Option<bool>,
    /// Branch or tag.
    pub git_ref: Option<String>,
    /// A commit id or a prefix of one.
    pub sha: Option<String>,
    /// The kind of reporter.
    pub source: Option<String>,
    /// The stage's name.
    pub stage: Option<String>,
    /// The job's name.
    pub name: Option<String>,
    /// The build system's own id of the attempt.
    pub third_build_id: Option<String>,
    /// Created at or after this time.
    pub since: Option<String>,
    /// Created before this time.
    pub until: Option<String>,
    /// Last changed at or after this time.
    pub updated_since: Option<String>,
    /// Last changed before this time.
    pub updated_until: Option<String>,
    /// A part of the name or description.
    pub text: Option<String>,
}

impl JobFilter {
    fn query(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("pipeline_id", self.pipeline.map(|id| id.to_string())),
            ("status", Some(self.statuses.join(",")).filter(|statuses| !statuses.is_empty())),
            ("newest", self.newest.map(|newest| newest.to_string())),
            ("ref", self.git_ref.clone()),
            ("sha", self.sha.clone()),
            ("source", self.source.clone()),
            ("stage", self.stage.clone()),
            ("name", self.name.clone()),
            ("third_build_id", self.third_build_id.clone()),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
            ("updated_since", self.updated_since.clone()),
            ("updated_until", self.updated_until.clone()),
            ("q", self.text.clone()),
        ]
    }
}

impl Client {
    /// One page of attempts, ascending by id. `limit` is 1 to 100.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_jobs(
        &self,
        repository: i32,
        pipeline: i32,
        offset: usize,
        limit: usize,
    ) -> Result<JobList, Error> {
        self.jobs_page(repository, pipeline, (offset, limit), None).await
    }

    async fn jobs_page(
        &self,
        repository: i32,
        pipeline: i32,
        (offset, limit): (usize, usize),
        as_of: Option<String>,
    ) -> Result<JobList, Error> {
        let (repository, pipeline) = (repository.to_string(), pipeline.to_string());
        let path = ["native", "v1", "repositories", &repository, "pipelines", &pipeline, "jobs"];
        let limit = limit.clamp(1, MAX_PAGE).to_string();
        let query = [("offset", Some(offset.to_string())), ("limit", Some(limit)), ("as_of", as_of)];
        self.get(self.url(&path, &query)).await
    }

    /// Every attempt of a pipeline as it was at a moment, ascending by id. The moment is an RFC 3339 time, or `report:`
    /// and the id of a report.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_jobs_as_of(
        &self,
        repository: i32,
        pipeline: i32,
        as_of: &str,
    ) -> Result<Vec<Job>, Error> {
        let paged: Paged<Job> = Paged::new(
            (self.clone(), as_of.to_owned()),
            |last: &usize, next| next > last,
            move |(client, as_of), cursor, wanted| async move {
                let offset = cursor.unwrap_or_default();
                let page = client.jobs_page(repository, pipeline, (offset, wanted), Some(as_of)).await?;
                Ok(paging::offset_page(page.jobs, offset, page.total))
            },
        );
        paged.all().await
    }

    /// Every attempt of a pipeline, ascending by id, page by page. Pages do not shift while jobs are added,
    /// so each attempt is returned once.
    pub fn paged_jobs(&self, repository: i32, pipeline: i32) -> Paged<Job> {
        Paged::new(
            self.clone(),
            |last: &usize, next| next > last,
            move |client, cursor, wanted| async move {
                let offset = cursor.unwrap_or_default();
                let page = client.list_jobs(repository, pipeline, offset, wanted).await?;
                Ok(paging::offset_page(page.jobs, offset, page.total))
            },
        )
    }

    /// Every attempt of a pipeline, ascending by id.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_jobs(&self, repository: i32, pipeline: i32) -> Result<Vec<Job>, Error> {
        self.paged_jobs(repository, pipeline).all().await
    }

    /// One page of the matching attempts, newest first. `before` is the last page's `next_before`, `limit` 1
    /// to 100. A page may be short or empty without being the last.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn find_jobs(
        &self,
        repository: i32,
        filter: &JobFilter,
        before: Option<i32>,
        limit: usize,
    ) -> Result<FoundJobList, Error> {
        let mut query = filter.query();
        query.push(("before", before.map(|id| id.to_string())));
        query.push(("limit", Some(limit.clamp(1, MAX_PAGE).to_string())));
        let path = ["native", "v1", "repositories", &repository.to_string(), "jobs"];
        self.get(self.url(&path, &query)).await
    }

    /// The matching attempts across pipelines, newest first, page by page.
    pub fn paged_found_jobs(&self, repository: i32, filter: &JobFilter) -> Paged<FoundJob> {
        Paged::new(
            (self.clone(), filter.clone()),
            |last: &i32, next| next < last,
            move |(client, filter), before, wanted| async move {
                let page = client.find_jobs(repository, &filter, before, wanted).await?;
                Ok(Page { items: page.jobs, next: page.next_before })
            },
        )
    }

    /// The newest matching attempts: at most `limit`, or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_found_jobs(
        &self,
        repository: i32,
        filter: &JobFilter,
        limit: Option<usize>,
    ) -> Result<Vec<FoundJob>, Error> {
        self.paged_found_jobs(repository, filter).at_most(limit).all().await
    }

    /// The exact number of matching attempts.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn count_jobs(&self, repository: i32, filter: &JobFilter) -> Result<u64, Error> {
        let mut query = filter.query();
        query.extend([("limit", Some("1".to_owned())), ("total", Some("true".to_owned()))]);
        let path = ["native", "v1", "repositories", &repository.to_string(), "jobs"];
        let page: FoundJobList = self.get(self.url(&path, &query)).await?;
        page.total.ok_or_else(|| Error::local(ErrorKind::Other, "the response has no total"))
    }

    /// One attempt.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn job(&self, repository: i32, job: i32) -> Result<FoundJob, Error> {
        let (repository, job) = (repository.to_string(), job.to_string());
        self.get(self.url(&["native", "v1", "repositories", &repository, "jobs", &job], &[])).await
    }

    /// The details of one attempt; empty if no report had details.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn job_details(&self, repository: i32, job: i32) -> Result<Details, Error> {
        let (repository, job) = (repository.to_string(), job.to_string());
        let path = ["native", "v1", "repositories", &repository, "jobs", &job, "details"];
        self.get(self.url(&path, &[])).await
    }
}
