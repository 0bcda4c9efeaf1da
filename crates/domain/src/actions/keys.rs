//! Access keys: a user's own, or any user's for an administrator; temporary ones for whoever shows a token.

use super::access::SignedIn;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::ids::hex;
use crate::model::keys::{Key, TemporaryKey, check_part, temporary_lifetime};
use crate::model::roles::Scope;
use crate::model::text;
use crate::model::users::User;
use crate::ports::App;

/// A key as it is asked for.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// An AK to keep; else a random one.
    pub access: Option<String>,
    /// Its SK to keep; else a random one.
    pub secret: Option<String>,
    /// A line for people.
    pub description: Option<String>,
}

/// Makes a key for `user`. This is the one time its secret is told.
///
/// # Errors
/// [`Error::Forbidden`] for another's without being administrator, or by a credential for some repositories only;
/// [`Error::InsufficientScope`] by one of less than full scope.
pub async fn create(app: &App, by: &SignedIn, user: &str, new: NewKey) -> Result<Key> {
    let user = owner(app, by, user).await?;
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

/// Makes a temporary key for whoever shows a token: it may do what the token may, until its time is over or the token's is, and not
/// without the security token, which is told together with it.
///
/// `seconds` is said as `field`.
///
/// # Errors
/// [`Error::Forbidden`] when signed in by anything but a token: what a key begets could outlive it. [`Error::Unauthenticated`] when
/// the token was taken away meanwhile. [`Error::Invalid`] naming `field`, or `token` when it has too many.
pub async fn create_temporary(
    app: &App,
    by: &SignedIn,
    field: &str,
    seconds: Option<i64>,
) -> Result<(Key, String)> {
    let life = temporary_lifetime(field, seconds)?;
    let Some(parent) = by.token_digest().copied() else { return Err(Error::Forbidden) };
    let (caller, now) = (by.caller(), app.clock.now());
    let security_token = format!("spx_{}", hex(&app.random::<48>()?));
    let end = now + life;
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
            scope: caller.scope,
            repositories: caller.repositories.as_deref().map(<[_]>::to_vec),
            expires_at: by.ends_at().map_or(end, |token| token.min(end)),
        }),
    };
    app.store.create_key(key.clone()).await?;
    Ok((key, security_token))
}

/// What is known of an access key, for who may know it.
#[derive(Debug, Clone)]
pub struct ExaminedKey {
    /// The key, with its secret.
    pub key: Key,
    /// Whose it is.
    pub user: User,
    /// The user's other keys, with their secrets.
    pub others: Vec<Key>,
}

/// Looks at a key to explain what happened with it: one's own, or any as an administrator. `None`: there is none of this name.
///
/// # Errors
/// [`Error::NotFound`] for one that is another's or nobody's, which only an administrator is told apart; for one's own by a credential
/// that does not manage it as [`create`].
pub async fn examine(app: &App, by: &SignedIn, access: &str) -> Result<Option<ExaminedKey>> {
    let found = app.store.key(access).await?;
    let own = found.as_ref().is_some_and(|(_, user)| user.id == by.caller().user.id);
    manages(by, own).map_err(|why| if own { why } else { Error::NotFound { noun: "key" } })?;
    let Some((key, user)) = found else { return Ok(None) };
    let mut others = app.store.keys(user.id).await?;
    others.retain(|other| other.access != key.access);
    Ok(Some(ExaminedKey { key, user, others }))
}

/// The keys of `user`, oldest first. Their secrets are not to be shown.
///
/// # Errors
/// As [`create`].
pub async fn list(app: &App, by: &SignedIn, user: &str) -> Result<Vec<Key>> {
    let user = owner(app, by, user).await?;
    app.store.keys(user.id).await
}

/// Takes a key away.
///
/// # Errors
/// [`Error::NotFound`], also for a key that is another's; as [`create`] for one's own.
pub async fn delete(app: &App, by: &SignedIn, access: &str) -> Result<()> {
    let absent = Error::NotFound { noun: "key" };
    let Some((key, _)) = app.store.key(access).await? else { return Err(absent) };
    let own = key.user_id == by.caller().user.id;
    // Whether another has a key of this name is told to nobody who may not delete it.
    manages(by, own).map_err(|why| if own { why } else { absent.clone() })?;
    if app.store.delete_key(access).await? { Ok(()) } else { Err(absent) }
}

/// The user whose credentials are asked for: oneself, or anybody for an administrator.
pub(super) async fn owner(app: &App, by: &SignedIn, name: &str) -> Result<User> {
    manages(by, by.caller().user.name == name)?;
    let (user, _) = app.store.user_by_name(name).await?.ok_or(Error::NotFound { noun: "user" })?;
    if user.disabled {
        return Err(Invalid::new("user", Problem::Unknown).into());
    }
    Ok(user)
}

/// Whether the caller manages these credentials: its `own`, or anybody's as an administrator. A narrow credential makes no wider ones.
fn manages(by: &SignedIn, own: bool) -> Result<()> {
    let caller = by.caller();
    if !own && !caller.user.admin {
        return Err(Error::Forbidden);
    }
    if by.is_temporary() {
        return Err(Error::Forbidden);
    }
    match caller.scope {
        Scope::Full if caller.repositories.is_none() => Ok(()),
        Scope::Full => Err(Error::Forbidden),
        Scope::Read | Scope::Report => Err(Error::InsufficientScope { needed: Scope::Full }),
    }
}

fn random_access(app: &App) -> Result<String> {
    Ok(letters(&app.random::<20>()?, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
}

fn random_secret(app: &App) -> Result<String> {
    // 64 signs, so that each random byte gives one without bias.
    Ok(letters(&app.random::<40>()?, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789Aa"))
}

fn letters(random: &[u8], alphabet: &[u8]) -> String {
    random.iter().map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()])).collect()
}
