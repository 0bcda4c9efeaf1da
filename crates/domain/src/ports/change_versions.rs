//! Marks of change, by which what was read may be served again.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use async_trait::async_trait;

/// The marks at one moment. `None` while a change is being committed, or of what is not there: nothing is remembered under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CurrentVersions {
    /// Differs whenever a user, key, token, member or repository may have changed.
    pub access: Option<u64>,
    /// Differs whenever the pipeline's committed state may.
    pub pipeline: Option<u64>,
}

/// Marks of change, by which what was read may be served again.
#[async_trait]
pub trait ChangeVersions: Send + Sync {
    /// The marks of who may do what, and of one pipeline: what was read between two equal marks is that state and may be served again
    /// while the mark stays. At most one look at an index, so that it may be asked for with every request.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn current_versions(&self, of: Option<(RepositoryId, PipelineId)>) -> Result<CurrentVersions>;
}
