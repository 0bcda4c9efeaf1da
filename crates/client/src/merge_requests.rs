//! Merge requests: where their heads are, and which pipeline is the head's.
//!
//! Must not know: how they are shown.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::{Method, Url};
pub use wire::codearts::merge_requests::ActualHeadPipeline;
pub use wire::native::merge_requests::{HeadPipeline, MergeRequest, MergeRequestList, NewMergeRequest};

/// The most the server gives at once.
const PAGE: usize = 100;

impl Client {
    /// Says where a merge request is; the first time makes it. `iid` is 1 to 2147483647. To say it twice does no harm.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn put_merge_request(
        &self,
        repository: i32,
        iid: i32,
        said: &NewMergeRequest,
    ) -> Result<MergeRequest, Error> {
        let request = Request::json(Method::PUT, self.merge_request_url(repository, iid), said)?;
        // A try that is made again is not a later word.
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
            ("limit", Some(limit.clamp(1, PAGE).to_string())),
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

    /// The first of them, up to `most` or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_merge_requests(
        &self,
        repository: i32,
        most: Option<usize>,
    ) -> Result<Vec<MergeRequest>, Error> {
        self.paged_merge_requests(repository).at_most(most).all().await
    }

    /// `GET /v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/actual-head-pipeline` (ShowActualHeadPipeline): the pipeline
    /// with its stages, also one of an earlier commit while the head has none.
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
