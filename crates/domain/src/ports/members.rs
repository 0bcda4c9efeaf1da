//! Members of repositories.

use crate::error::Result;
use crate::model::ids::{RepositoryId, UserId};
use crate::model::members::Member;
use crate::model::roles::Role;
use async_trait::async_trait;

/// Members of repositories.
#[async_trait]
pub trait Members: Send + Sync {
    /// The role of a user's membership in a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn member_role(&self, repository: RepositoryId, user: UserId) -> Result<Option<Role>>;
    /// The members of a repository, by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn members(&self, repository: RepositoryId) -> Result<Vec<Member>>;
    /// Gives a user a role, or with `None` takes it away. False when there was nothing to take.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_member(&self, repository: RepositoryId, user: UserId, role: Option<Role>) -> Result<bool>;
}
