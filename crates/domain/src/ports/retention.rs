//! Policies of repositories, and deleting expired pipelines.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::policies::Policies;
use crate::model::retention::{DeletedRows, ExpiredCursor, ExpiredPipeline, Expiry};
use async_trait::async_trait;
use jiff::Timestamp;

/// Reads and writes policies, and deletes expired pipelines.
#[async_trait]
pub trait Retention: Send + Sync {
    /// The policies of a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn policies(&self, repository: RepositoryId) -> Result<Policies>;
    /// Replaces the policies of a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_policies(&self, repository: RepositoryId, policies: Policies) -> Result<()>;
    /// The repositories with policies, each with its policies.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn all_policies(&self) -> Result<Vec<(RepositoryId, Policies)>>;
    /// At most `limit` expired pipelines after the cursor `after`, in an order that the store chooses. The
    /// last pipeline of a page is the cursor of the next page.
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
    /// Deletes a pipeline if it is still expired. No later read sees it; [`Retention::delete_pipeline_rows`]
    /// deletes its rows. False when it is not expired or does not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), [`Error::Overloaded`](crate::Error::Overloaded).
    async fn delete_expired_pipeline(
        &self,
        repository: RepositoryId,
        id: PipelineId,
        expiry: Expiry,
        now: Timestamp,
    ) -> Result<bool>;
    /// Deletes the announcements and overrides of merge gates of at most `limit` commits that have no pipeline, and no
    /// announcement or override since that time. `now`: the trusted time. Returns the number of these commits.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), [`Error::Overloaded`](crate::Error::Overloaded).
    async fn delete_expired_gate_facts(
        &self,
        repository: RepositoryId,
        since: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<usize>;
    /// The repositories with rows of deleted pipelines.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repositories_with_deleted_pipelines(&self) -> Result<Vec<RepositoryId>>;
    /// Deletes some of the rows of deleted pipelines: few enough that reports do not wait long.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), [`Error::Overloaded`](crate::Error::Overloaded).
    async fn delete_pipeline_rows(&self, repository: RepositoryId) -> Result<DeletedRows>;
}
