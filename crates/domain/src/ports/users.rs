//! Users.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::users::User;
use async_trait::async_trait;
use jiff::Timestamp;

/// A user as it is stored.
#[derive(Debug, Clone)]
pub struct NewUserRow {
    /// Its IAM id.
    pub uuid: crate::model::ids::Hex32,
    /// Its name.
    pub name: String,
    /// Hash of its password.
    pub password_hash: Option<String>,
    /// May do everything.
    pub admin: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What changes of a stored user; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct UserRowChange {
    /// Hash of a new password.
    pub password_hash: Option<String>,
    /// May do everything.
    pub admin: Option<bool>,
    /// May not sign in.
    pub disabled: Option<bool>,
}

/// Users.
#[async_trait]
pub trait Users: Send + Sync {
    /// Makes a user.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) naming `name`.
    async fn create_user(&self, user: NewUserRow) -> Result<User>;
    /// Changes a user. A new password or `disabled` ends its sessions at once, with the temporary keys made in them.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound).
    async fn change_user(&self, id: UserId, change: UserRowChange) -> Result<User>;
    /// All users, by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn users(&self) -> Result<Vec<User>>;
    /// A user by name, with the hash of its password.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn user_by_name(&self, name: &str) -> Result<Option<(User, Option<String>)>>;
}
