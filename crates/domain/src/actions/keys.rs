//! Access keys: those of the caller, or of any user for an administrator; temporary keys for a caller with a
//! token.

use super::access::SignedIn;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::credentials::Lifetime;
use crate::model::ids::hex;
use crate::model::keys::{Key, TemporaryKey, check_part, temporary_lifetime};
use crate::model::roles::Scope;
use crate::model::text;
use crate::model::users::User;
use crate::ports::App;

/// The input for a new key.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// The AK; a random one by default.
    pub access: Option<String>,
    /// The SK; a random one by default.
    pub secret: Option<String>,
    /// A line of text for people.
    pub description: Option<String>,
}

/// Creates a key for `user`. Only this call returns its secret.
///
/// # Errors
/// [`Error::Forbidden`] for another user without being an administrator, or with a credential for some
/// repositories only; [`Error::InsufficientScope`] with a credential of less than full scope;
/// [`Error::Outlives`] with a credential that expires, because a key does not.
pub async fn create(app: &App, by: &SignedIn, user: &str, new: NewKey) -> Result<Key> {
    let user = owner(app, by, user).await?;
    by.check_lasting()?;
    if let Some(description) = &new.description {
        text::within("description", description, text::NAME_MAX)?;
    }
    let access = new.access.map_or_else(|| random_access(app), Ok)?;
    let secret = new.secret.map_or_else(|| random_secret(app), Ok)?;
    check_part("access", &access)?;
    check_part("secret", &secret)?;
    let key = Key {
        access,
        secret,
        user_id: user.id,
        description: new.description,
        disabled: false,
        created_at: app.clock.now(),
        temporary: None,
    };
    app.store.create_key(key.clone()).await?;
    Ok(key)
}

/// Creates a temporary key from the token of the caller. It has the scope of the token, expires no later than
/// the token, and is valid only with the security token, which is returned with it.
///
/// `field` is the name of `seconds` in the request.
///
/// # Errors
/// [`Error::Forbidden`] when the credential is not a token, because the new key could outlive it;
/// [`Error::Unauthenticated`] when the token was deleted meanwhile; [`Error::Invalid`] on `field`, or on
/// `token` when the token has too many keys.
pub async fn create_temporary(
    app: &App,
    by: &SignedIn,
    field: &str,
    seconds: Option<i64>,
) -> Result<(Key, String)> {
    let lifetime = temporary_lifetime(field, seconds)?;
    let Some(parent) = by.token_digest().copied() else { return Err(Error::Forbidden) };
    let (caller, now) = (by.caller(), app.clock.now());
    let security_token = format!("spx_{}", hex(&app.random::<48>()?));
    let (own, end) = (by.limits(), now + lifetime);
    let limits = own.issue(own.scope, own.repositories.clone(), Lifetime::AtMost(end))?;
    let key = Key {
        access: random_access(app)?,
        secret: random_secret(app)?,
        user_id: caller.user.id,
        description: None,
        disabled: false,
        created_at: now,
        temporary: Some(TemporaryKey {
            security_token_digest: app.secrets.digest(security_token.as_bytes()),
            parent_token_digest: parent,
            scope: limits.scope,
            repositories: limits.repositories,
            expires_at: limits.ends_at.unwrap_or(end),
        }),
    };
    app.store.create_key(key.clone()).await?;
    Ok((key, security_token))
}

/// An access key with the data that explains a failed signature.
#[derive(Debug, Clone)]
pub struct ExaminedKey {
    /// The key, with its secret.
    pub key: Key,
    /// The user of the key.
    pub user: User,
    /// The other keys of the user, with their secrets.
    pub others: Vec<Key>,
}

/// Reads a key to explain a failed signature: a key of the caller, or any key for an administrator. `None`:
/// there is no key with this AK.
///
/// # Errors
/// [`Error::NotFound`] for an unknown key and for a key of another user, which only an administrator can tell
/// apart; for a key of the caller as [`create`].
pub async fn examine(app: &App, by: &SignedIn, access: &str) -> Result<Option<ExaminedKey>> {
    let found = app.store.key(access).await?;
    let own = found.as_ref().is_some_and(|(_, user)| user.id == by.caller().user.id);
    check_may_manage(by, own).map_err(|error| if own { error } else { Error::NotFound { noun: "key" } })?;
    let Some((key, user)) = found else { return Ok(None) };
    let mut others = app.store.keys(user.id).await?;
    others.retain(|other| other.access != key.access);
    Ok(Some(ExaminedKey { key, user, others }))
}

/// The keys of `user`, oldest first. A response must not contain their secrets.
///
/// # Errors
/// As [`create`].
pub async fn list(app: &App, by: &SignedIn, user: &str) -> Result<Vec<Key>> {
    let user = owner(app, by, user).await?;
    app.store.keys(user.id).await
}

/// Deletes a key.
///
/// # Errors
/// [`Error::NotFound`], also for a key of another user; for a key of the caller as [`create`].
pub async fn delete(app: &App, by: &SignedIn, access: &str) -> Result<()> {
    let not_found = Error::NotFound { noun: "key" };
    let Some((key, _)) = app.store.key(access).await? else { return Err(not_found) };
    let own = key.user_id == by.caller().user.id;
    // The response must not show a caller without the permission that the key exists.
    check_may_manage(by, own).map_err(|error| if own { error } else { not_found.clone() })?;
    if app.store.delete_key(access).await? { Ok(()) } else { Err(not_found) }
}

/// The user whose credentials the caller manages: itself, or any user for an administrator. A disabled user has none.
pub(super) async fn owner(app: &App, by: &SignedIn, name: &str) -> Result<User> {
    let user = owner_even_disabled(app, by, name).await?;
    if user.disabled {
        return Err(Invalid::new("user", Problem::Unknown).into());
    }
    Ok(user)
}

/// As [`owner`]; the user may be disabled.
pub(super) async fn owner_even_disabled(app: &App, by: &SignedIn, name: &str) -> Result<User> {
    check_may_manage(by, by.caller().user.name == name)?;
    let (user, _) = app.store.user_by_name(name).await?.ok_or(Error::NotFound { noun: "user" })?;
    Ok(user)
}

/// Checks that the caller may manage its own credentials, or those of another user as an administrator. A
/// narrow credential must not create a wider one.
fn check_may_manage(by: &SignedIn, own: bool) -> Result<()> {
    let caller = by.caller();
    if !own && !caller.user.is_administrator() {
        return Err(Error::Forbidden);
    }
    if by.is_temporary() {
        return Err(Error::Forbidden);
    }
    match caller.scope {
        Scope::Full if caller.repositories.is_none() => Ok(()),
        Scope::Full => Err(Error::Forbidden),
        Scope::Feeds | Scope::Read | Scope::Report => Err(Error::InsufficientScope { needed: Scope::Full }),
    }
}

fn random_access(app: &App) -> Result<String> {
    Ok(letters(&app.random::<20>()?, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
}

fn random_secret(app: &App) -> Result<String> {
    // 64 characters, so that each random byte selects one without bias.
    Ok(letters(&app.random::<40>()?, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789Aa"))
}

fn letters(random: &[u8], alphabet: &[u8]) -> String {
    random.iter().map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()])).collect()
}
