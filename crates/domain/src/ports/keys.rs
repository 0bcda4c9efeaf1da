//! Access keys.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::keys::Key;
use crate::model::users::User;
use async_trait::async_trait;

/// Reads and writes access keys.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Saves a key. It may delete temporary keys that expired more than a day before `created_at` of the new
    /// key.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) on `access`, also for the
    /// AK of a deleted key of another user, because reports keep it;
    /// [`Error::Unauthenticated`](crate::Error::Unauthenticated) for a temporary key whose token does not
    /// exist, which the same transaction checks; [`TooMany`](crate::error::Problem::TooMany) on `token` when
    /// the token has [`TEMPORARY_MAX`](crate::model::keys::TEMPORARY_MAX) keys that have not expired.
    async fn create_key(&self, key: Key) -> Result<()>;
    /// A key and its user.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn key(&self, access: &str) -> Result<Option<(Key, User)>>;
    /// The keys of a user that are not temporary, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn keys(&self, user: UserId) -> Result<Vec<Key>>;
    /// Deletes a key. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_key(&self, access: &str) -> Result<bool>;
}
