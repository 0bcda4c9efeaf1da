//! Repositories.

use crate::error::Result;
use crate::model::access::Caller;
use crate::model::ids::{RepositoryId, UserId};
use crate::model::page::{Page, PageWithTotal};
use crate::model::repositories::{
    NewRepository, Repository, RepositoryChange, RepositoryFilter, RepositoryKey,
};
use crate::model::roles::Role;
use async_trait::async_trait;
use jiff::Timestamp;

/// What is chosen for a new repository where it brings nothing of its own.
#[derive(Debug, Clone)]
pub struct RepositoryDefaults {
    /// Its uuid.
    pub uuid: crate::model::ids::Hex32,
    /// The id of its project, when no repository of a project of that name is known.
    pub project_id: crate::model::ids::Hex32,
    /// Who makes it.
    pub creator: UserId,
    /// When.
    pub now: Timestamp,
}

/// Repositories.
#[async_trait]
pub trait Repositories: Send + Sync {
    /// Makes a repository; its creator manages it.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) naming `id`, `uuid` or `path`.
    async fn create_repository(&self, new: NewRepository, chosen: RepositoryDefaults) -> Result<Repository>;
    /// Changes a repository.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn change_repository(
        &self,
        id: RepositoryId,
        change: RepositoryChange,
        now: Timestamp,
    ) -> Result<Repository>;
    /// Notes that a repository has a pipeline ([`Repository::has_pipeline`]); one that is noted stays as it is.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn note_pipeline(&self, id: RepositoryId, now: Timestamp) -> Result<()>;
    /// One repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repository(&self, key: &RepositoryKey) -> Result<Option<Repository>>;
    /// The repositories that `viewer` may see, with its role in each.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repositories(
        &self,
        viewer: &Caller,
        filter: RepositoryFilter,
        page: Page,
    ) -> Result<PageWithTotal<(Repository, Role)>>;
}
