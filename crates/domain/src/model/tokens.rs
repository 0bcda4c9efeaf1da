//! A token: an opaque word that stands for a user, with a scope it can never exceed. Only its digest is kept.

use super::ids::{RepositoryId, UserId};
use super::roles::Scope;
use jiff::{SignedDuration, Timestamp};

/// How long a token made from a password lives, as IAM's do (wire fact 4.1).
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// How long a token lives that a page makes for its own calls.
pub const SHORT_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// How long a link that signs in once may be used.
pub const SIGN_IN_LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// How a token came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `POST /v3/auth/tokens`: 24 hours, ends with a change of password.
    Session,
    /// Made on purpose, for a program.
    Personal,
}

/// An opaque word that stands for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Unique; what it is called when it is revoked.
    pub id: i64,
    /// Whose it is.
    pub user_id: UserId,
    /// How it came to be.
    pub kind: TokenKind,
    /// A line for people.
    pub name: String,
    /// The most it may do.
    pub scope: Scope,
    /// The only repositories it works in; `None`: all of its user's.
    pub repositories: Option<Vec<RepositoryId>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A token as it is made; the store adds its id.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// SHA-256 of the word.
    pub digest: [u8; 32],
    /// Whose it is.
    pub user_id: UserId,
    /// How it came to be.
    pub kind: TokenKind,
    /// A line for people.
    pub name: String,
    /// The most it may do.
    pub scope: Scope,
    /// The only repositories it works in; `None`: all of its user's.
    pub repositories: Option<Vec<RepositoryId>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is refused.
    pub expires_at: Option<Timestamp>,
}
