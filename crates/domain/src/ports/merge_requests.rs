//! Merge requests.

use super::reports::Idempotency;
use crate::error::Result;
use crate::model::access::Caller;
use crate::model::ids::{MergeRequestIid, RepositoryId, UserId};
use crate::model::merge_requests::filters::MergeRequestFilter;
use crate::model::merge_requests::{
    CommitOverview, HeadRecord, HeadUpdate, MergeRequest, MergeRequestDetails, MergeRequestResults,
};
use crate::model::page::{ListPage, Page, PageWithTotal};
use crate::model::repositories::{Repository, RepositoryFilter};
use async_trait::async_trait;
use jiff::Timestamp;

/// Identifies a request, so that a repeat of it changes nothing. Without it, a repeat of an older update
/// would be a new update.
#[derive(Debug, Clone)]
pub struct IdempotentRequest {
    /// The user who sent the request.
    pub by: UserId,
    /// The key and the digest of the request.
    pub idempotency: Idempotency,
}

/// Reads and writes merge requests.
#[async_trait]
pub trait MergeRequests: Send + Sync {
    /// Applies an update of a merge request by [`next_head`](crate::model::merge_requests::next_head), and
    /// returns the merge request after it. An equal update changes nothing, nor does a repeat of `request`.
    ///
    /// # Errors
    /// [`Error::KeyReused`](crate::Error::KeyReused),
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound),
    /// [`Error::Overloaded`](crate::Error::Overloaded), [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
        update: HeadUpdate,
        request: Option<IdempotentRequest>,
        now: Timestamp,
    ) -> Result<MergeRequest>;
    /// A merge request with its pipeline and the stages of that, read in one snapshot. A merge request exists
    /// from the first pipeline on its ref, or from [`MergeRequests::set_merge_request`].
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Option<MergeRequestDetails>>;
    /// The recorded updates of a merge request, latest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn merge_request_updates(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Vec<HeadRecord>>;
    /// A merge request with the results of its head, read in one snapshot: a head that moves between two reads could
    /// have the pipeline of one moment and the jobs of another one.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn merge_request_results(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Option<MergeRequestResults>>;
    /// The pipelines and merge requests of a commit, by its full id, read in one snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn commit_overview(&self, repository: RepositoryId, sha: &str) -> Result<CommitOverview>;
    /// A page of the merge requests of a commit, by its full id, greatest iid first, read in one snapshot: those with
    /// a pipeline of the commit on their ref, and those with an update that gave it as the head.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn merge_requests_of_commit(
        &self,
        repository: RepositoryId,
        sha: &str,
        page: Page,
    ) -> Result<PageWithTotal<MergeRequest>>;
    /// At most `limit` merge requests with iids less than `before`, greatest iid first, read in one snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn merge_requests(
        &self,
        repository: RepositoryId,
        before: Option<MergeRequestIid>,
        limit: u32,
    ) -> Result<ListPage<MergeRequest>>;
    /// A page of the merge requests of a repository that match, read in one snapshot; without `page` only their number.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn find_merge_requests(
        &self,
        repository: RepositoryId,
        filter: MergeRequestFilter,
        page: Option<Page>,
    ) -> Result<PageWithTotal<MergeRequest>>;
    /// A page of the merge requests that match, of all repositories that match `repositories` and that `viewer` may
    /// see, read in one snapshot; without `page` only their number.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn visible_merge_requests(
        &self,
        viewer: &Caller,
        repositories: RepositoryFilter,
        filter: MergeRequestFilter,
        page: Option<Page>,
    ) -> Result<PageWithTotal<(Repository, MergeRequest)>>;
}
