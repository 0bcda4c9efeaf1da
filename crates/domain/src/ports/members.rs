//! Members of repositories.

use crate::error::Result;
use crate::model::ids::{RepositoryId, UserId};
use crate::model::members::Member;
use crate::model::roles::Role;
use async_trait::async_trait;

/// Reads and writes members of repositories.
#[async_trait]
pub trait Members: Send + Sync {
    /// The role of a member of a repository; `None`: the user is not a member.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn member_role(&self, repository: RepositoryId, user: UserId) -> Result<Option<Role>>;
    /// The members of a repository, by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn members(&self, repository: RepositoryId) -> Result<Vec<Member>>;
    /// Sets the role of a user, or removes the member when `role` is `None`. False when there was no member
    /// to remove.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_member(&self, repository: RepositoryId, user: UserId, role: Option<Role>) -> Result<bool>;
}
