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

/// The values of a new repository that the request does not give.
#[derive(Debug, Clone)]
pub struct RepositoryDefaults {
    /// The uuid.
    pub uuid: crate::model::ids::Hex32,
    /// The id of the project, when no repository has a project of the same name.
    pub project_id: crate::model::ids::Hex32,
    /// The user who creates the repository.
    pub creator: UserId,
    /// The time of creation.
    pub now: Timestamp,
}

/// Reads and writes repositories.
#[async_trait]
pub trait Repositories: Send + Sync {
    /// Creates a repository. Its creator becomes a member with the role `manage`.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) on `id`, `uuid`
    /// or `path`.
    async fn create_repository(&self, new: NewRepository, defaults: RepositoryDefaults)
    -> Result<Repository>;
    /// Changes a repository. Another default branch marks the commits of a repository with rules of a gate, as
    /// [`set_gate_rules`](super::Gates::set_gate_rules).
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn change_repository(
        &self,
        id: RepositoryId,
        change: RepositoryChange,
        now: Timestamp,
        marked_since: Timestamp,
    ) -> Result<Repository>;
    /// Sets [`Repository::has_pipeline`]; a repository that has it does not change.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn note_pipeline(&self, id: RepositoryId, now: Timestamp) -> Result<()>;
    /// One repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repository(&self, key: &RepositoryKey) -> Result<Option<Repository>>;
    /// The repositories that `viewer` may see, each with the role of `viewer`.
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
