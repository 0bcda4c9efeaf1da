//! Versions of the stored data, which make cached responses safe.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use async_trait::async_trait;

/// The versions at one moment. A version is `None` while a change is being committed, and for a pipeline that
/// does not exist; nothing may be cached then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CurrentVersions {
    /// Changes whenever a user, key, token, member or repository may have changed.
    pub access: Option<u64>,
    /// Changes whenever the committed state of the pipeline may have changed.
    pub pipeline: Option<u64>,
}

/// Reads the versions of the stored data.
#[async_trait]
pub trait ChangeVersions: Send + Sync {
    /// The versions of all access rights and of `pipeline`. Data that was read between two calls with the
    /// same version is the data of that version, and a cached response stays valid while the version stays.
    /// The call reads at most one row by an index, so it is cheap enough for every request.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn current_versions(&self, pipeline: Option<(RepositoryId, PipelineId)>)
    -> Result<CurrentVersions>;
    /// A version that changes whenever the committed state of any pipeline of the repository may have changed. `None`
    /// while a change is being committed, and for a repository that does not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repository_version(&self, repository: RepositoryId) -> Result<Option<u64>>;
}
