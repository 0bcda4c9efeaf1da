//! What repositories do by themselves, and taking away what they do not keep.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::policies::Policies;
use crate::model::retention::{DeletedRows, ExpiredCursor, ExpiredPipeline, Expiry};
use async_trait::async_trait;
use jiff::Timestamp;

/// What repositories do by themselves, and taking away what they do not keep.
#[async_trait]
pub trait Retention: Send + Sync {
    /// The policies of a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn policies(&self, repository: RepositoryId) -> Result<Policies>;
    /// Sets them, all together.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_policies(&self, repository: RepositoryId, policies: Policies) -> Result<()>;
    /// The repositories that have any, with theirs.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn all_policies(&self) -> Result<Vec<(RepositoryId, Policies)>>;
    /// Pipelines that may go, at most `limit` of them, after `after` in an order of the store's own: who only looks goes on with
    /// the last one it saw.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn expired_pipelines(
        &self,
        repository: RepositoryId,
        expiry: Expiry,
        after: Option<ExpiredCursor>,
        limit: u32,
    ) -> Result<Vec<ExpiredPipeline>>;
    /// Takes a pipeline away if it may still go. From then on no read sees it; its rows go with [`Retention::sweep`].
    ///
    /// # Errors
    /// As writes.
    async fn delete_expired_pipeline(
        &self,
        repository: RepositoryId,
        id: PipelineId,
        expiry: Expiry,
        now: Timestamp,
    ) -> Result<bool>;
    /// The repositories in which [`Retention::sweep`] has something to do.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repositories_with_deleted_pipelines(&self) -> Result<Vec<RepositoryId>>;
    /// Deletes some of the rows that pipelines left which were taken away: few enough that no report waits long behind it.
    ///
    /// # Errors
    /// As writes.
    async fn delete_pipeline_rows(&self, repository: RepositoryId) -> Result<DeletedRows>;
}
