//! Access keys.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::keys::Key;
use crate::model::users::User;
use async_trait::async_trait;

/// Access keys.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Keeps a key. Temporary ones whose time was over a day before it was made may go.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) naming `access`;
    /// [`Error::Unauthenticated`](crate::Error::Unauthenticated) for a temporary one whose token is gone: it is looked for in the same write;
    /// [`TooMany`](crate::error::Problem::TooMany) naming `token` when that has [`TEMPORARY_MAX`](crate::model::keys::TEMPORARY_MAX) that live.
    async fn create_key(&self, key: Key) -> Result<()>;
    /// A key and its user.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn key(&self, access: &str) -> Result<Option<(Key, User)>>;
    /// The keys of a user that are its own, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn keys(&self, user: UserId) -> Result<Vec<Key>>;
    /// Takes a key away. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_key(&self, access: &str) -> Result<bool>;
}
