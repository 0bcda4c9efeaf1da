//! Merge requests.

use super::reports::Idempotency;
use crate::error::Result;
use crate::model::ids::{MergeRequestIid, RepositoryId, UserId};
use crate::model::merge_requests::{HeadUpdate, MergeRequest, MergeRequestDetails};
use crate::model::page::ListPage;
use async_trait::async_trait;
use jiff::Timestamp;

/// Makes a repeat of a caller's request do nothing: a repeat of an older word would else be a new one.
#[derive(Debug, Clone)]
pub struct IdempotentRequest {
    /// Whose request.
    pub by: UserId,
    /// What tells a repeat.
    pub idempotency: Idempotency,
}

/// Merge requests.
#[async_trait]
pub trait MergeRequests: Send + Sync {
    /// Takes in what was said of a merge request, by [`tell`](crate::model::merge_requests::tell); answers it as it is then. The same again
    /// changes nothing, nor does a repeat of a request that is known by `once`.
    ///
    /// # Errors
    /// [`Error::KeyReused`](crate::Error::KeyReused), [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound), and as writes.
    async fn set_merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
        said: HeadUpdate,
        once: Option<IdempotentRequest>,
        now: Timestamp,
    ) -> Result<MergeRequest>;
    /// A merge request with its pipeline and the pipeline's stages, read in one snapshot. One is known from the first pipeline on its ref on, or
    /// from [`MergeRequests::set_merge_request`].
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Option<MergeRequestDetails>>;
    /// At most `limit` merge requests, the greatest iid first, those below `before`; read in one snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn merge_requests(
        &self,
        repository: RepositoryId,
        before: Option<MergeRequestIid>,
        limit: u32,
    ) -> Result<ListPage<MergeRequest>>;
}
