//! Tokens.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::tokens::{NewToken, Token};
use crate::model::users::User;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Reads and writes tokens and sign-in links.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Saves a token.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) on `token`.
    async fn create_token(&self, token: NewToken) -> Result<Token>;
    /// The token with this digest and its user, whether it has expired or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn token(&self, digest: &[u8; 32]) -> Result<Option<(Token, User)>>;
    /// The personal tokens of a user, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn tokens(&self, user: UserId) -> Result<Vec<Token>>;
    /// Those of these ids that tokens of any user have.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn known_tokens(&self, ids: BTreeSet<i64>) -> Result<BTreeSet<i64>>;
    /// Deletes a token of this user and the temporary keys made with it. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_token(&self, user: UserId, id: i64) -> Result<bool>;
    /// Saves the digest of a one-time token that signs `user` in before `until`. Deletes those that expired
    /// before `now`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn create_sign_in_link(&self, digest: [u8; 32], user: UserId, until: Timestamp) -> Result<()>;
    /// As [`Self::create_sign_in_link`]; the earlier ones of the user are deleted.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn create_invitation(&self, digest: [u8; 32], user: UserId, until: Timestamp) -> Result<()>;
    /// The user and the expiry of such a one-time token, which stays valid.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn sign_in_link(&self, digest: &[u8; 32]) -> Result<Option<(User, Timestamp)>>;
    /// Deletes such a one-time token and returns its user and its expiry. Of concurrent calls, one gets it.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn take_sign_in_link(&self, digest: &[u8; 32]) -> Result<Option<(User, Timestamp)>>;
}
