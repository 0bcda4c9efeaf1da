//! A token: an opaque credential of a user with a scope. Only its digest is stored.

use super::ids::{RepositoryId, UserId};
use super::roles::Scope;
use jiff::{SignedDuration, Timestamp};

/// The lifetime of a session, as in IAM (wire fact 4.1).
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The lifetime of a token that a page creates for its own requests.
pub const SHORT_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// The lifetime of a sign-in link.
pub const SIGN_IN_LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// The lifetime of an invitation.
pub const INVITATION_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A session of `POST /v3/auth/tokens`: valid for 24 hours, ends when the password changes.
    Session,
    /// A personal token, for a program.
    Personal,
}

/// How a person signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInMethod {
    /// Name and password.
    Password,
    /// A link that signs in once.
    Link,
    /// An invitation, with which the person has chosen a password.
    Invitation,
    /// A personal token, which becomes the session of a page.
    Token,
    /// An account at an OpenID Connect provider.
    Oidc,
    /// The header of an authenticating reverse proxy.
    Header,
}

impl SignInMethod {
    /// All variants.
    pub const ALL: [Self; 6] =
        [Self::Password, Self::Link, Self::Invitation, Self::Token, Self::Oidc, Self::Header];

    /// The name; it never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Link => "link",
            Self::Invitation => "invitation",
            Self::Token => "token",
            Self::Oidc => "oidc",
            Self::Header => "header",
        }
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }
}

/// An opaque credential of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id, unique in the installation; revoking uses it.
    pub id: i64,
    /// The user.
    pub user_id: UserId,
    /// The kind.
    pub kind: TokenKind,
    /// A line of text for people.
    pub name: String,
    /// The scope.
    pub scope: Scope,
    /// The repositories that it is valid for; `None`: all.
    pub repositories: Option<Vec<RepositoryId>>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The expiry; `None`: it does not expire.
    pub expires_at: Option<Timestamp>,
    /// The identity whose sign-in it comes from. It ends with it, and when the identity loses rights.
    pub identity_id: Option<i64>,
    /// The method of the sign-in that started this session. `None`: a personal token, or a token that a page creates for
    /// its own requests, which is a session too.
    pub sign_in: Option<SignInMethod>,
}

/// A new token; the store assigns its id.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The SHA-256 digest of the token.
    pub digest: [u8; 32],
    /// The user.
    pub user_id: UserId,
    /// The kind.
    pub kind: TokenKind,
    /// A line of text for people.
    pub name: String,
    /// The scope.
    pub scope: Scope,
    /// The repositories that it is valid for; `None`: all.
    pub repositories: Option<Vec<RepositoryId>>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The expiry; `None`: it does not expire.
    pub expires_at: Option<Timestamp>,
    /// The identity whose sign-in it comes from.
    pub identity_id: Option<i64>,
    /// The method of the sign-in that starts this session.
    pub sign_in: Option<SignInMethod>,
}

impl NewToken {
    /// The token with the id that the store has assigned.
    #[must_use]
    pub fn with_id(self, id: i64) -> Token {
        let Self {
            digest: _,
            user_id,
            kind,
            name,
            scope,
            repositories,
            created_at,
            expires_at,
            identity_id,
            sign_in,
        } = self;
        Token { id, user_id, kind, name, scope, repositories, created_at, expires_at, identity_id, sign_in }
    }
}
