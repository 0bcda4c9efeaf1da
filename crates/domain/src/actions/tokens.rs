//! Tokens: sessions made from a password, and personal tokens made on purpose.

use super::access::{self, Administrator, SignedIn};
use super::keys::owner;
use crate::error::{AuthFailure, Error, Invalid, Problem, Result};
use crate::model::ids::{RepositoryId, hex};
use crate::model::repositories::RepositoryKey;
use crate::model::roles::Scope;
use crate::model::text;
use crate::model::tokens::{
    NewToken, SESSION_LIFETIME, SHORT_LIFETIME, SIGN_IN_LINK_LIFETIME, Token, TokenKind,
};
use crate::model::users::User;
use crate::ports::App;
use jiff::Timestamp;

/// A personal token as it is asked for.
#[derive(Debug, Clone)]
pub struct NewPersonalToken {
    /// A line for people.
    pub name: String,
    /// The most it may do.
    pub scope: Scope,
    /// The only repositories it works in; empty: all of its user's.
    pub repositories: Vec<RepositoryId>,
    /// From then on it is refused.
    pub expires_at: Option<Timestamp>,
    /// A word to use; else a random one. At least 16 characters.
    pub token: Option<String>,
}

/// Makes a session of 24 hours for who signed in. Older sessions go on (wire fact 4.1). A token cannot beget a session:
/// else one could outlive its own end.
///
/// `name` is kept with it.
///
/// # Errors
/// [`Error::Forbidden`] when signed in by a token.
pub async fn create_session(app: &App, by: &SignedIn, name: String) -> Result<(String, Token)> {
    if by.token_digest().is_some() {
        return Err(Error::Forbidden);
    }
    let word = random_word(app, "sps_")?;
    let now = app.clock.now();
    let token = NewToken {
        digest: app.secrets.digest(word.as_bytes()),
        user_id: by.caller().user.id,
        kind: TokenKind::Session,
        name,
        scope: Scope::Full,
        repositories: None,
        created_at: now,
        expires_at: Some(now + SESSION_LIFETIME),
    };
    Ok((word, app.store.create_token(token).await?))
}

/// Makes a word that signs the administrator in once, on a page, within an hour.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn create_sign_in_link(app: &App, by: &Administrator) -> Result<String> {
    let word = random_word(app, "spo_")?;
    let now = app.clock.now();
    let digest = app.secrets.digest(word.as_bytes());
    app.store.create_sign_in_link(digest, by.caller().user.id, now, now + SIGN_IN_LINK_LIFETIME).await?;
    Ok(word)
}

/// Signs in by such a word, which is gone then.
///
/// # Errors
/// [`Refused::Token`], saying why for the log.
pub async fn take_sign_in_link(app: &App, word: &str) -> Result<SignedIn> {
    let refuse = |why| Err(Error::Unauthenticated(AuthFailure::Token(why)));
    let digest = app.secrets.digest(word.as_bytes());
    match app.store.take_sign_in_link(&digest).await? {
        None => refuse("unknown, or used already"),
        Some((_, until)) if until <= app.clock.now() => refuse("its hour is over"),
        Some((user, _)) if user.disabled => refuse("its user is disabled"),
        Some((user, _)) => Ok(access::by_verified_user(user)),
    }
}

/// Ends the session that signed in, if it was one: a personal token goes on.
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

/// Makes a token of 15 minutes for whoever is signed in: it may do no more than what signed in, at most `scope`, and ends no later.
///
/// `name` is kept with it.
///
/// # Errors
/// [`Error::Forbidden`] when signed in by a temporary key.
pub async fn create_short_lived(
    app: &App,
    by: &SignedIn,
    scope: Scope,
    name: String,
) -> Result<(String, Token)> {
    if by.is_temporary() {
        return Err(Error::Forbidden);
    }
    let word = random_word(app, "sps_")?;
    let now = app.clock.now();
    let end = now + SHORT_LIFETIME;
    let caller = by.caller();
    let token = NewToken {
        digest: app.secrets.digest(word.as_bytes()),
        user_id: caller.user.id,
        kind: TokenKind::Session,
        name,
        scope: scope.min(caller.scope),
        repositories: caller.repositories.as_deref().map(<[_]>::to_vec),
        created_at: now,
        expires_at: Some(by.ends_at().map_or(end, |at| at.min(end))),
    };
    Ok((word, app.store.create_token(token).await?))
}

/// Makes a personal token for `user`. This is the one time its word is told.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::InsufficientScope`] as for keys; [`Error::Invalid`] naming the field.
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
    let word = match new.token {
        Some(word) => check_word(word)?,
        None => random_word(app, "spt_")?,
    };
    let token = NewToken {
        digest: app.secrets.digest(word.as_bytes()),
        user_id: user.id,
        kind: TokenKind::Personal,
        name: new.name,
        scope: new.scope,
        repositories: if new.repositories.is_empty() { None } else { Some(new.repositories) },
        created_at: now,
        expires_at: new.expires_at,
    };
    Ok((word, app.store.create_token(token).await?))
}

/// The personal tokens of `user`, oldest first.
///
/// # Errors
/// As [`create`].
pub async fn list(app: &App, by: &SignedIn, user: &str) -> Result<Vec<Token>> {
    let user = owner(app, by, user).await?;
    app.store.tokens(user.id).await
}

/// Takes a token of `user` away.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(app: &App, by: &SignedIn, user: &str, id: i64) -> Result<()> {
    let user = owner(app, by, user).await?;
    if app.store.delete_token(user.id, id).await? { Ok(()) } else { Err(Error::NotFound { noun: "token" }) }
}

/// Looks at another token, as `GET /v3/auth/tokens` does: one's own, or anybody's for an administrator.
///
/// # Errors
/// [`Error::NotFound`] for one that is unknown, expired, or not to be seen.
pub async fn inspect(app: &App, by: &SignedIn, word: &[u8]) -> Result<(Token, User)> {
    let absent = Error::NotFound { noun: "token" };
    let Some((token, user)) = app.store.token(&app.secrets.digest(word)).await? else { return Err(absent) };
    let usable = access::check_usable(&token, &user, app.clock.now()).is_ok();
    if usable && (user.id == by.caller().user.id || by.caller().is_administrator()) {
        Ok((token, user))
    } else {
        Err(absent)
    }
}

/// `prefix`, 64 random hexadecimal digits, and 8 of their digest: a mistyped token can be told from a revoked one offline.
fn random_word(app: &App, prefix: &str) -> Result<String> {
    let random = hex(&app.random::<32>()?);
    let check = hex(&app.secrets.digest(random.as_bytes())[..4]);
    Ok(format!("{prefix}{random}{check}"))
}

fn check_word(word: String) -> Result<String, Invalid> {
    if (16..=512).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(word)
    } else {
        Err(Invalid::new("token", Problem::NotName))
    }
}
