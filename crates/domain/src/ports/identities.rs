//! Identities.

use crate::error::Result;
use crate::model::identities::{AdmissionRefused, Identity, Rights};
use crate::model::ids::{Hex32, UserId};
use crate::model::tokens::{SignInMethod, Token};
use crate::model::users::User;
use async_trait::async_trait;
use jiff::Timestamp;

/// A verified sign-in with an identity.
#[derive(Debug, Clone)]
pub struct IdentitySignIn {
    /// How the account was verified.
    pub method: SignInMethod,
    /// The issuer.
    pub issuer: String,
    /// The account at the issuer.
    pub subject: String,
    /// The name or address for people.
    pub display: String,
    /// The rights of its groups, which replace those of the last sign-in.
    pub rights: Rights,
    /// The end of these rights.
    pub rights_until: Timestamp,
    /// The user to create for an unknown account; `None`: none.
    pub new_user: Option<NewIdentityUser>,
    /// The digest of what the sign-in uses up.
    pub used: Option<[u8; 32]>,
    /// The digest of the new session.
    pub session_digest: [u8; 32],
    /// The name of the new session.
    pub session_name: String,
    /// The expiry of the new session.
    pub session_until: Timestamp,
    /// The current time.
    pub now: Timestamp,
}

/// The user that a sign-in creates.
#[derive(Debug, Clone)]
pub struct NewIdentityUser {
    /// The IAM id.
    pub uuid: Hex32,
    /// Names, the best one first. The first that no user has is taken.
    pub names: Vec<String>,
}

/// A sign-in that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedSignIn {
    /// The identity.
    pub identity: Identity,
    /// Its user.
    pub user: User,
    /// The new session.
    pub session: Token,
    /// The user was created.
    pub created: bool,
    /// The number of sessions and tokens of the identity that ended, because it has lost rights.
    pub ended: u64,
}

/// A new link of an account to a user.
#[derive(Debug, Clone)]
pub struct NewIdentity {
    /// The user.
    pub user: UserId,
    /// The issuer.
    pub issuer: String,
    /// The account at the issuer.
    pub subject: String,
    /// The name or address for people.
    pub display: String,
    /// The current time.
    pub now: Timestamp,
}

/// Reads and writes identities.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Records a sign-in in one commit: the user, if it is new; the identity with its rights; the session. If the
    /// identity has lost rights, its former sessions and tokens are deleted.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable). The inner error is the reason why nothing was recorded: the
    /// account has no user, its user is disabled, or `used` was used before.
    async fn sign_in_identity(
        &self,
        sign_in: IdentitySignIn,
    ) -> Result<std::result::Result<RecordedSignIn, AdmissionRefused>>;
    /// Removes the rights of an account, its sessions and its tokens. Returns the number of sessions and tokens.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn withdraw_identity(&self, issuer: &str, subject: &str) -> Result<u64>;
    /// Links an account to a user. If it is linked to that user already, nothing changes.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`Taken`](crate::error::Problem::Taken) on `subject`, if the
    /// account is linked to another user.
    async fn link_identity(&self, new: NewIdentity) -> Result<Identity>;
    /// Removes an identity of this user with its rights, sessions and tokens. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn unlink_identity(&self, user: UserId, id: i64) -> Result<bool>;
    /// The identities of a user, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn identities(&self, user: UserId) -> Result<Vec<Identity>>;
}
