//! Marks of change, by which what was read may be served again.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use async_trait::async_trait;

/// Marks of change, by which what was read may be served again.
#[async_trait]
pub trait Marks: Send + Sync {
    /// A mark that differs whenever the pipeline's committed state may: what was read between two equal marks is that
    /// state and may be served again while the mark stays. `None` while a change is being committed, or when this store
    /// keeps no marks: read again then.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn mark(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<u64>>;

    /// A mark that differs whenever a user, key, token, member or repository may have changed; `None` when this store
    /// keeps none, and nothing may be remembered.
    fn access_mark(&self) -> Option<u64>;
}
