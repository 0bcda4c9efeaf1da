//! Tokens.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::tokens::{NewToken, Token};
use crate::model::users::User;
use async_trait::async_trait;
use jiff::Timestamp;

/// Tokens.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Keeps a token.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) naming `token`.
    async fn create_token(&self, token: NewToken) -> Result<Token>;
    /// The token with this digest and its user, expired or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn token(&self, digest: &[u8; 32]) -> Result<Option<(Token, User)>>;
    /// The personal tokens of a user, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn tokens(&self, user: UserId) -> Result<Vec<Token>>;
    /// Takes a token away, if it is this user's, with the temporary keys made with it. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_token(&self, user: UserId, id: i64) -> Result<bool>;
    /// Keeps the digest of a word that signs a user in once, up to before `until`. Those whose time was over by `now` go.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn create_sign_in_link(
        &self,
        digest: [u8; 32],
        user: UserId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<()>;
    /// Takes such a word away, and says whose it was and until when it was good. Of many who ask at once, one gets it.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn take_sign_in_link(&self, digest: &[u8; 32]) -> Result<Option<(User, Timestamp)>>;
}
