//! Merge requests: their branches, head commits and head pipelines.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::{Method, Url};
pub use wire::codearts::merge_requests::ActualHeadPipeline;
pub use wire::native::merge_requests::{HeadPipeline, MergeRequest, MergeRequestList, NewMergeRequest};

/// The largest page, set by the server.
const MAX_PAGE: usize = 100;

impl Client {
    /// Creates or updates a merge request. `iid` is 1 to 2147483647. A repeat has no effect.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn put_merge_request(
        &self,
        repository: i32,
        iid: i32,
        merge_request: &NewMergeRequest,
    ) -> Result<MergeRequest, Error> {
        let request = Request::json(Method::PUT, self.merge_request_url(repository, iid), merge_request)?;
        // The server must not order a retry after a later update.
        let key = Some(crate::reports::new_idempotency_key());
        self.call(&Request { idempotency_key: key, ..request }).await
    }

    /// One merge request.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn merge_request(&self, repository: i32, iid: i32) -> Result<MergeRequest, Error> {
        self.get(self.merge_request_url(repository, iid)).await
    }

    /// One page, the greatest iid first. `before` is the last page's `next_before`, `limit` 1 to 100.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_merge_requests(
        &self,
        repository: i32,
        before: Option<i32>,
        limit: usize,
    ) -> Result<MergeRequestList, Error> {
        let query = [
            ("before", before.map(|iid| iid.to_string())),
            ("limit", Some(limit.clamp(1, MAX_PAGE).to_string())),
        ];
        let path = ["native", "v1", "repositories", &repository.to_string(), "merge-requests"];
        self.get(self.url(&path, &query)).await
    }

    /// The merge requests of a repository, the greatest iid first, page by page.
    pub fn paged_merge_requests(&self, repository: i32) -> Paged<MergeRequest> {
        Paged::new(
            self.clone(),
            |last: &i32, next| next < last,
            move |client, before, wanted| async move {
                let page = client.list_merge_requests(repository, before, wanted).await?;
                Ok(Page { items: page.merge_requests, next: page.next_before })
            },
        )
    }

    /// The merge requests of a repository, the greatest iid first: at most `limit`, or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_merge_requests(
        &self,
        repository: i32,
        limit: Option<usize>,
    ) -> Result<Vec<MergeRequest>, Error> {
        self.paged_merge_requests(repository).at_most(limit).all().await
    }

    /// `GET /v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/actual-head-pipeline`
    /// (ShowActualHeadPipeline): the pipeline with its stages. While the head commit has none, it is the
    /// pipeline of an earlier commit.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn actual_head_pipeline(&self, repository: i32, iid: i32) -> Result<ActualHeadPipeline, Error> {
        let (repository, iid) = (repository.to_string(), iid.to_string());
        let path = ["v4", "repositories", &repository, "merge-requests", &iid, "actual-head-pipeline"];
        self.get(self.url(&path, &[])).await
    }

    fn merge_request_url(&self, repository: i32, iid: i32) -> Url {
        let (repository, iid) = (repository.to_string(), iid.to_string());
        self.url(&["native", "v1", "repositories", &repository, "merge-requests", &iid], &[])
    }
}
