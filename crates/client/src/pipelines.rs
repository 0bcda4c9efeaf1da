//! Pipelines: one run for one commit and ref.

use crate::error::{Error, ErrorKind};
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::Method;
use std::time::Duration;
pub use wire::native::pipelines::{Pipeline, PipelineList};

/// How long the response to a long poll may take in addition to the wait.
pub(crate) const LONG_POLL_MARGIN: Duration = Duration::from_secs(15);
/// The largest page, set by the server.
const MAX_PAGE: usize = 100;

/// A filter of pipelines. `None` and empty fields are not applied. Times are RFC 3339.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineFilter {
    /// The statuses, each one of the seven status names.
    pub statuses: Vec<String>,
    /// Branch or tag.
    pub git_ref: Option<String>,
    /// A commit id or a prefix of one.
    pub sha: Option<String>,
    /// The kind of reporter.
    pub source: Option<String>,
    /// The pipeline key set by the reporters.
    pub key: Option<String>,
    /// The user who started it.
    pub user: Option<String>,
    /// Created at or after this time.
    pub since: Option<String>,
    /// Created before this time.
    pub until: Option<String>,
    /// Last changed at or after this time.
    pub updated_since: Option<String>,
    /// Last changed before this time.
    pub updated_until: Option<String>,
    /// A part of the ref or key, or a prefix of the commit id.
    pub text: Option<String>,
}

impl PipelineFilter {
    fn query(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("status", Some(self.statuses.join(",")).filter(|statuses| !statuses.is_empty())),
            ("ref", self.git_ref.clone()),
            ("sha", self.sha.clone()),
            ("source", self.source.clone()),
            ("key", self.key.clone()),
            ("user", self.user.clone()),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
            ("updated_since", self.updated_since.clone()),
            ("updated_until", self.updated_until.clone()),
            ("q", self.text.clone()),
        ]
    }
}

impl Client {
    /// One page, newest first. `before` is the last page's `next_before`, `limit` 1 to 100. A page may be
    /// short or empty without being the last.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_pipelines(
        &self,
        repository: i32,
        filter: &PipelineFilter,
        before: Option<i32>,
        limit: usize,
    ) -> Result<PipelineList, Error> {
        let mut query = filter.query();
        query.push(("before", before.map(|id| id.to_string())));
        query.push(("limit", Some(limit.clamp(1, MAX_PAGE).to_string())));
        let path = ["native", "v1", "repositories", &repository.to_string(), "pipelines"];
        self.get(self.url(&path, &query)).await
    }

    /// The exact number of matching pipelines.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn count_pipelines(&self, repository: i32, filter: &PipelineFilter) -> Result<u64, Error> {
        let mut query = filter.query();
        query.extend([("limit", Some("1".to_owned())), ("total", Some("true".to_owned()))]);
        let path = ["native", "v1", "repositories", &repository.to_string(), "pipelines"];
        let page: PipelineList = self.get(self.url(&path, &query)).await?;
        page.total.ok_or_else(|| Error::local(ErrorKind::Other, "the response has no total"))
    }

    /// The matching pipelines, newest first, page by page.
    pub fn paged_pipelines(&self, repository: i32, filter: &PipelineFilter) -> Paged<Pipeline> {
        Paged::new(
            (self.clone(), filter.clone()),
            |last: &i32, next| next < last,
            move |(client, filter), before, wanted| async move {
                let page = client.list_pipelines(repository, &filter, before, wanted).await?;
                Ok(Page { items: page.pipelines, next: page.next_before })
            },
        )
    }

    /// The newest matching pipelines: at most `limit`, or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_pipelines(
        &self,
        repository: i32,
        filter: &PipelineFilter,
        limit: Option<usize>,
    ) -> Result<Vec<Pipeline>, Error> {
        self.paged_pipelines(repository, filter).at_most(limit).all().await
    }

    /// Long poll: one pipeline as soon as its version is greater than `after`. Returns the unchanged pipeline
    /// after `wait` (at most 60 s) or when the server stops.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn changed_pipeline(
        &self,
        repository: i32,
        pipeline: i32,
        after: i64,
        wait: Duration,
    ) -> Result<Pipeline, Error> {
        let (repository, pipeline) = (repository.to_string(), pipeline.to_string());
        let path = ["native", "v1", "repositories", &repository, "pipelines", &pipeline];
        let seconds = wait.as_secs().min(60);
        let query = [("after", Some(after.to_string())), ("wait", Some(format!("{seconds}s")))];
        let timeout = Some(Duration::from_secs(seconds) + LONG_POLL_MARGIN);
        let request = Request { timeout, ..Request::new(Method::GET, self.url(&path, &query)) };
        self.call(&request).await
    }

    /// One pipeline.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn pipeline(&self, repository: i32, pipeline: i32) -> Result<Pipeline, Error> {
        let (repository, pipeline) = (repository.to_string(), pipeline.to_string());
        let path = ["native", "v1", "repositories", &repository, "pipelines", &pipeline];
        self.get(self.url(&path, &[])).await
    }

    /// One pipeline as it was at a moment: an RFC 3339 time, or `report:` and the id of a report.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn pipeline_as_of(
        &self,
        repository: i32,
        pipeline: i32,
        as_of: &str,
    ) -> Result<Pipeline, Error> {
        let (repository, pipeline) = (repository.to_string(), pipeline.to_string());
        let path = ["native", "v1", "repositories", &repository, "pipelines", &pipeline];
        self.get(self.url(&path, &[("as_of", Some(as_of.to_owned()))])).await
    }
}
