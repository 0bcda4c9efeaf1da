//! Users.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::users::User;
use async_trait::async_trait;
use jiff::Timestamp;

/// The row of a new user.
#[derive(Debug, Clone)]
pub struct NewUserRow {
    /// The IAM id.
    pub uuid: crate::model::ids::Hex32,
    /// The name.
    pub name: String,
    /// The hash of the password; `None`: the user has no password.
    pub password_hash: Option<String>,
    /// The user is an administrator.
    pub admin: bool,
    /// The time of creation.
    pub created_at: Timestamp,
}

/// Changes of the row of a user; `None` does not change the field.
#[derive(Debug, Clone, Default)]
pub struct UserRowChange {
    /// The hash of the new password.
    pub password_hash: Option<String>,
    /// The user is an administrator.
    pub admin: Option<bool>,
    /// The user may not sign in.
    pub disabled: Option<bool>,
}

/// Reads and writes users.
#[async_trait]
pub trait Users: Send + Sync {
    /// Creates a user.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) on `name`.
    async fn create_user(&self, user: NewUserRow) -> Result<User>;
    /// Changes a user. A new password or `disabled` immediately ends the sessions of the user and deletes its one-time
    /// tokens and the temporary keys made with the sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound).
    async fn change_user(&self, id: UserId, change: UserRowChange) -> Result<User>;
    /// Deletes a one-time token and sets the password of its user as [`Self::change_user`], in one commit. `None`: there
    /// is no such token.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn accept_invitation(&self, digest: &[u8; 32], password_hash: String) -> Result<Option<User>>;
    /// All users, ordered by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn users(&self) -> Result<Vec<User>>;
    /// A user by name, with the hash of the password.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn user_by_name(&self, name: &str) -> Result<Option<(User, Option<String>)>>;
}
