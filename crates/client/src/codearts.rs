//! The CodeArts call ListPipelineJobs, as the official SDKs send it.
//!
//! Jobs stay plain JSON, so that callers see exactly what an SDK sees. Must not know: the native API.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
use serde_json::Value;

/// A page of jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct JobPage {
    /// The jobs, unchanged.
    pub jobs: Vec<Value>,
    /// Header `X-Total`: the number of jobs of the pipeline.
    pub total: Option<u64>,
}

impl Client {
    /// `GET /v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs` (ListPipelineJobs).
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_codearts_jobs(
        &self,
        repository: i32,
        pipeline: i32,
        offset: usize,
        limit: usize,
    ) -> Result<JobPage, Error> {
        let (repository, pipeline) = (repository.to_string(), pipeline.to_string());
        let path = ["v4", "repositories", &repository, "pipelines", &pipeline, "jobs"];
        let query = [("offset", Some(offset.to_string())), ("limit", Some(limit.to_string()))];
        let response = self.send(&Request::new(Method::GET, self.url(&path, &query))).await?.success()?;
        let total = response.header("x-total").and_then(|text| text.parse().ok());
        Ok(JobPage { jobs: response.json()?, total })
    }
}
