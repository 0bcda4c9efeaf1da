//! A member: a user with a role in one repository.

use super::ids::{Hex32, RepositoryId, UserId};
use super::roles::Role;

/// A user with a role in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The repository.
    pub repository_id: RepositoryId,
    /// The user.
    pub user_id: UserId,
    /// The IAM id of the user.
    pub user_uuid: Hex32,
    /// The name of the user.
    pub user_name: String,
    /// The role of the user in the repository.
    pub role: Role,
}
