//! Pipelines: one run for one commit and ref.
//!
//! Must not know: how they are shown.

use crate::error::{Error, Kind};
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::Method;
use std::time::Duration;
pub use wire::native::pipelines::{Pipeline, PipelineList};

/// How long an answer may take after a wait.
const ANSWER: Duration = Duration::from_secs(15);
/// The most the server gives at once.
const PAGE: usize = 100;

/// Which pipelines; what is `None` or empty does not matter. Times are RFC 3339.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineFilter {
    /// Some of the seven words.
    pub statuses: Vec<String>,
    /// Branch or tag.
    pub git_ref: Option<String>,
    /// A commit id, or the beginning of one.
    pub sha: Option<String>,
    /// What kind of thing reported.
    pub source: Option<String>,
    /// The reporters' own word for it.
    pub key: Option<String>,
    /// Who started it.
    pub user: Option<String>,
    /// Created then or later.
    pub since: Option<String>,
    /// Created before.
    pub until: Option<String>,
    /// Last changed then or later.
    pub updated_since: Option<String>,
    /// Last changed before.
    pub updated_until: Option<String>,
    /// Its ref or key contains this, or its commit begins so.
    pub text: Option<String>,
}

impl PipelineFilter {
    fn query(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("status", Some(self.statuses.join(",")).filter(|words| !words.is_empty())),
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
    /// One page, newest first. `before` is the last page's `next_before`, `limit` 1 to 100. A page may be short, even empty, and
    /// not be the last.
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
        query.push(("limit", Some(limit.clamp(1, PAGE).to_string())));
        let path = ["native", "v1", "repositories", &repository.to_string(), "pipelines"];
        self.get(self.url(&path, &query)).await
    }

    /// How many there are, exactly.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn count_pipelines(&self, repository: i32, filter: &PipelineFilter) -> Result<u64, Error> {
        let mut query = filter.query();
        query.extend([("limit", Some("1".to_owned())), ("total", Some("true".to_owned()))]);
        let path = ["native", "v1", "repositories", &repository.to_string(), "pipelines"];
        let page: PipelineList = self.get(self.url(&path, &query)).await?;
        page.total.ok_or_else(|| Error::local(Kind::Other, "the answer has no total"))
    }

    /// The pipelines that fit, newest first, page by page.
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

    /// The newest that fit, up to `most` or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_pipelines(
        &self,
        repository: i32,
        filter: &PipelineFilter,
        most: Option<usize>,
    ) -> Result<Vec<Pipeline>, Error> {
        self.paged_pipelines(repository, filter).at_most(most).all().await
    }

    /// One pipeline, once its version is greater than `after`; or as it is when so much time has passed, at most 60 s, or the server
    /// stops.
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
        let timeout = Some(Duration::from_secs(seconds) + ANSWER);
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
}
