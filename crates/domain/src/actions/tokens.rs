//! Tokens: sessions, personal tokens, and one-time tokens of sign-in links.

use super::access::{self, Administrator, SignedIn};
use super::keys::owner;
use crate::error::{AuthFailure, Error, Invalid, Problem, Result};
use crate::model::credentials::{Lifetime, Limits};
use crate::model::ids::{RepositoryId, UserId, hex};
use crate::model::repositories::RepositoryKey;
use crate::model::roles::Scope;
use crate::model::text;
use crate::model::tokens::{
    INVITATION_LIFETIME, NewToken, SESSION_LIFETIME, SHORT_LIFETIME, SIGN_IN_LINK_LIFETIME, SignInMethod,
    Token, TokenKind,
};
use crate::model::users::User;
use crate::ports::App;
use jiff::Timestamp;

/// The input for a new personal token.
#[derive(Debug, Clone)]
pub struct NewPersonalToken {
    /// A line of text for people.
    pub name: String,
    /// The scope.
    pub scope: Scope,
    /// The repositories that it is valid for; empty: all.
    pub repositories: Vec<RepositoryId>,
    /// The expiry; `None`: it does not expire.
    pub expires_at: Option<Timestamp>,
    /// The token, 16 to 512 characters; a random one by default.
    pub token: Option<String>,
}

/// Creates a session of 24 hours for the caller, and records the method of the sign-in. Older sessions stay valid
/// (wire fact 4.1). A token cannot create a session, because the session could outlive the token.
///
/// `name` is stored with the session.
///
/// # Errors
/// [`Error::Forbidden`] when the credential is a token.
pub async fn create_session(
    app: &App,
    by: &SignedIn,
    method: SignInMethod,
    name: String,
) -> Result<(String, Token)> {
    if by.token_digest().is_some() {
        return Err(Error::Forbidden);
    }
    let secret = random_token(app, "sps_")?;
    let now = app.clock.now();
    let limits = by.limits().issue(Scope::Full, None, Lifetime::AtMost(now + SESSION_LIFETIME))?;
    let token = new_token(app, (&secret, TokenKind::Session), by.caller().user.id, name, limits);
    let token = NewToken { sign_in: Some(method), ..token };
    Ok((secret, app.store.create_token(token).await?))
}

fn new_token(
    app: &App,
    (secret, kind): (&str, TokenKind),
    user_id: UserId,
    name: String,
    limits: Limits,
) -> NewToken {
    NewToken {
        digest: app.secrets.digest(secret.as_bytes()),
        user_id,
        kind,
        name,
        scope: limits.scope,
        repositories: limits.repositories,
        created_at: app.clock.now(),
        expires_at: limits.ends_at,
        identity_id: None,
        sign_in: None,
    }
}

/// Creates a one-time token that signs the administrator in on a page within an hour, for a whole session.
///
/// # Errors
/// [`Error::Outlives`] when the credential expires, [`Error::Unavailable`].
pub async fn create_sign_in_link(app: &App, by: &Administrator) -> Result<String> {
    by.signed_in().check_lasting()?;
    let secret = random_token(app, "spo_")?;
    let until = app.clock.now() + SIGN_IN_LINK_LIFETIME;
    let digest = app.secrets.digest(secret.as_bytes());
    app.store.create_sign_in_link(digest, by.caller().user.id, until).await?;
    Ok(secret)
}

/// The beginning of the token of an invitation. Other sign-in links allow no change of the password.
const INVITATION_PREFIX: &str = "spi_";
/// Why a sign-in link without a row is refused, for the log.
pub(super) const UNKNOWN_LINK: &str = "unknown or already used";

/// Whether the token of a sign-in link is an invitation, with which its user chooses a password.
pub fn is_invitation(secret: &str) -> bool {
    secret.starts_with(INVITATION_PREFIX)
}

/// Creates a one-time token with which a user signs in within [`INVITATION_LIFETIME`] and chooses a password. A
/// disabled user can use it after being enabled. Earlier ones of the user become invalid, as by a new password and when
/// the user is disabled.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Outlives`] when the credential of the administrator expires;
/// [`Error::Unavailable`].
pub async fn create_invitation(app: &App, by: &Administrator, user: &str) -> Result<String> {
    by.signed_in().check_lasting()?;
    let (user, _) = app.store.user_by_name(user).await?.ok_or(Error::NotFound { noun: "user" })?;
    let secret = random_token(app, INVITATION_PREFIX)?;
    let digest = app.secrets.digest(secret.as_bytes());
    app.store.create_invitation(digest, user.id, app.clock.now() + INVITATION_LIFETIME).await?;
    Ok(secret)
}

/// Authenticates by the token of a sign-in link, which becomes invalid.
///
/// # Errors
/// [`AuthFailure::Token`], with the cause for the log.
pub async fn take_sign_in_link(app: &App, secret: &str) -> Result<SignedIn> {
    let digest = app.secrets.digest(secret.as_bytes());
    by_link(app, app.store.take_sign_in_link(&digest).await?)
}

/// Authenticates by the token of an invitation, which stays valid until its user has chosen a password
/// ([`super::users::accept_invitation`]).
///
/// # Errors
/// [`AuthFailure::Token`], with the cause for the log.
pub async fn by_invitation(app: &App, secret: &str) -> Result<SignedIn> {
    let digest = app.secrets.digest(secret.as_bytes());
    by_link(app, app.store.sign_in_link(&digest).await?)
}

fn by_link(app: &App, link: Option<(User, Timestamp)>) -> Result<SignedIn> {
    let refuse = |cause| Err(Error::Unauthenticated(AuthFailure::Token(cause)));
    match link {
        None => refuse(UNKNOWN_LINK),
        Some((_, until)) if until <= app.clock.now() => refuse("expired"),
        Some((user, _)) if user.disabled => refuse("its user is disabled"),
        Some((user, _)) => Ok(access::by_verified_password(user.at(app.clock.now()))),
    }
}

/// Records that the caller signs in to pages with its token, which becomes the session.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn record_sign_in(app: &App, by: &SignedIn) -> Result<()> {
    match by.token_digest() {
        Some(digest) => app.store.record_sign_in(digest).await,
        None => Ok(()),
    }
}

/// Ends the session of the caller. A personal token stays valid.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn end_session(app: &App, by: &SignedIn) -> Result<()> {
    let Some(digest) = by.token_digest() else { return Ok(()) };
    if let Some((token, user)) = app.store.token(digest).await?
        && token.kind == TokenKind::Session
    {
        app.store.delete_token(user.id, token.id).await?;
    }
    Ok(())
}

/// Creates a token of 15 minutes for the caller. Its scope is at most `scope` and the scope of the
/// credential; it expires no later than the credential.
///
/// `name` is stored with the token.
///
/// # Errors
/// [`Error::Forbidden`] when the credential is a temporary key.
pub async fn create_short_lived(
    app: &App,
    by: &SignedIn,
    scope: Scope,
    name: String,
) -> Result<(String, Token)> {
    if by.is_temporary() {
        return Err(Error::Forbidden);
    }
    let secret = random_token(app, "sps_")?;
    let own = by.limits();
    let lifetime = Lifetime::AtMost(app.clock.now() + SHORT_LIFETIME);
    let limits = own.issue(scope.min(own.scope), own.repositories.clone(), lifetime)?;
    let token = new_token(app, (&secret, TokenKind::Session), by.caller().user.id, name, limits);
    let token = NewToken { identity_id: by.identity(), ..token };
    Ok((secret, app.store.create_token(token).await?))
}

/// Creates a personal token for `user`. Only this call returns the token. Without an expiry it is valid as long
/// as the credential of the caller.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::InsufficientScope`] as for keys; [`Error::Outlives`] for an expiry after that of
/// the credential, and for another user with a credential that comes from an identity; [`Error::Invalid`] on the
/// invalid field.
pub async fn create(app: &App, by: &SignedIn, user: &str, new: NewPersonalToken) -> Result<(String, Token)> {
    let user = owner(app, by, user).await?;
    text::single_line("name", &new.name, text::NAME_MAX)?;
    let now = app.clock.now();
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(Invalid::new("expires_at", Problem::Before { other: "now" }).into());
    }
    for id in &new.repositories {
        if app.store.repository(&RepositoryKey::Id(*id)).await?.is_none() {
            return Err(Invalid::new("repositories", Problem::Unknown).into());
        }
    }
    let secret = match new.token {
        Some(token) => check_token(token)?,
        None if new.scope == Scope::Feeds => random_token(app, "spf_")?,
        None => random_token(app, "spt_")?,
    };
    let repositories = if new.repositories.is_empty() { None } else { Some(new.repositories) };
    let lifetime = new.expires_at.map_or(Lifetime::LikeCreator, Lifetime::Until);
    // A token that the user creates and that comes from an identity ends with it, so its expiry may be later than that
    // of the session. One of another user does not end with it.
    let identity = by.identity().filter(|_| user.id == by.caller().user.id);
    let own = if identity.is_some() { by.limits_of_tokens() } else { by.limits() };
    if by.identity().is_some() && identity.is_none() {
        by.check_lasting()?;
    }
    let limits = own.issue(new.scope, repositories, lifetime)?;
    let token = new_token(app, (&secret, TokenKind::Personal), user.id, new.name, limits);
    let token = NewToken { identity_id: identity, ..token };
    Ok((secret, app.store.create_token(token).await?))
}

/// The personal tokens of `user`, oldest first.
///
/// # Errors
/// As [`create`].
pub async fn list(app: &App, by: &SignedIn, user: &str) -> Result<Vec<Token>> {
    let user = owner(app, by, user).await?;
    app.store.tokens(user.id).await
}

/// Deletes a token of `user`.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(app: &App, by: &SignedIn, user: &str, id: i64) -> Result<()> {
    let user = owner(app, by, user).await?;
    if app.store.delete_token(user.id, id).await? { Ok(()) } else { Err(Error::NotFound { noun: "token" }) }
}

/// Reads a token, as `GET /v3/auth/tokens` does: of the caller, or of any user for an administrator.
///
/// # Errors
/// [`Error::NotFound`] for a token that is unknown, expired, or not visible to the caller.
pub async fn inspect(app: &App, by: &SignedIn, secret: &[u8]) -> Result<(Token, User)> {
    let not_found = Error::NotFound { noun: "token" };
    let Some((token, user)) = app.store.token(&app.secrets.digest(secret)).await? else {
        return Err(not_found);
    };
    let now = app.clock.now();
    let user = user.at(now);
    let usable = access::check_usable(&token, &user, now).is_ok();
    if usable && (user.id == by.caller().user.id || by.caller().is_administrator()) {
        Ok((token, user))
    } else {
        Err(not_found)
    }
}

/// `prefix`, 64 random hexadecimal digits, and 8 digits of their digest as a checksum, by which a mistyped
/// token is recognized offline.
pub(super) fn random_token(app: &App, prefix: &str) -> Result<String> {
    let random = hex(&app.random::<32>()?);
    let check = hex(&app.secrets.digest(random.as_bytes())[..4]);
    Ok(format!("{prefix}{random}{check}"))
}

fn check_token(token: String) -> Result<String, Invalid> {
    if (16..=512).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(token)
    } else {
        Err(Invalid::new("token", Problem::NotName))
    }
}
