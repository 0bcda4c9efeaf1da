//! Pipelines: one run for one commit and ref.
//!
//! Must not know: how they are shown.

use crate::error::Error;
use crate::transport::Client;
pub use wire::native::pipelines::{Pipeline, PipelineList};

/// The most the server gives at once.
const PAGE: usize = 100;

/// Which pipelines; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineFilter {
    /// One of the seven words.
    pub status: Option<String>,
    /// Branch or tag.
    pub git_ref: Option<String>,
    /// A commit id, or the beginning of one.
    pub sha: Option<String>,
    /// What kind of thing reported.
    pub source: Option<String>,
}

impl Client {
    /// One page, newest first. `before` is the last page's `next_before`, `limit` 1 to 100.
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
        let query = [
            ("status", filter.status.clone()),
            ("ref", filter.git_ref.clone()),
            ("sha", filter.sha.clone()),
            ("source", filter.source.clone()),
            ("before", before.map(|id| id.to_string())),
            ("limit", Some(limit.clamp(1, PAGE).to_string())),
        ];
        let path = ["native", "v1", "repositories", &repository.to_string(), "pipelines"];
        self.get(self.url(&path, &query)).await
    }

    /// The newest pipelines, page by page, up to `most` or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_pipelines(
        &self,
        repository: i32,
        filter: &PipelineFilter,
        most: Option<usize>,
    ) -> Result<Vec<Pipeline>, Error> {
        let most = most.unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut before = None;
        while found.len() < most {
            let page = self.list_pipelines(repository, filter, before, most - found.len()).await?;
            found.extend(page.pipelines);
            // A server that does not come nearer to the end must not keep us for ever.
            match (before, page.next_before) {
                (_, None) => break,
                (Some(last), Some(next)) if next >= last => break,
                (_, next) => before = next,
            }
        }
        found.truncate(most);
        Ok(found)
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
