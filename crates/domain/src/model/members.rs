//! A member: a user with a role in one repository.

use super::ids::{RepositoryId, UserId};
use super::roles::Role;

/// A user with a role in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where.
    pub repository_id: RepositoryId,
    /// Who.
    pub user_id: UserId,
    /// The user's name.
    pub user_name: String,
    /// What it may do there.
    pub role: Role,
}
