//! Jobs: every attempt of every job of a pipeline.
//!
//! Must not know: how they are shown.

use crate::error::Error;
use crate::transport::Client;
pub use wire::native::jobs::{Job, JobList};

/// The most the server gives at once.
const PAGE: usize = 100;

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
        let (repository, pipeline) = (repository.to_string(), pipeline.to_string());
        let path = ["native", "v1", "repositories", &repository, "pipelines", &pipeline, "jobs"];
        let query = [("offset", Some(offset.to_string())), ("limit", Some(limit.clamp(1, PAGE).to_string()))];
        self.get(self.url(&path, &query)).await
    }

    /// Every attempt. Pages do not shift while jobs are added, so each is there once.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_jobs(&self, repository: i32, pipeline: i32) -> Result<Vec<Job>, Error> {
        let mut found = Vec::new();
        loop {
            let page = self.list_jobs(repository, pipeline, found.len(), PAGE).await?;
            let empty = page.jobs.is_empty();
            found.extend(page.jobs);
            if empty || found.len() as u64 >= page.total {
                return Ok(found);
            }
        }
    }
}
