//! Access keys: a user's own, or any user's for an administrator.

use super::access::SignedIn;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::access::Scope;
use crate::model::keys::{Key, check_part};
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
    let access = match new.access {
        Some(access) => access,
        None => letters(&app.random::<20>()?, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    };
    let secret = match new.secret {
        Some(secret) => secret,
        // 64 signs, so that each random byte gives one without bias.
        None => {
            letters(&app.random::<40>()?, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789Aa")
        }
    };
    check_part("access", &access)?;
    check_part("secret", &secret)?;
    let key = Key {
        access,
        secret,
        user_id: user.id,
        description: new.description,
        disabled: false,
        created_at: app.clock.now(),
    };
    app.store.create_key(key.clone()).await?;
    Ok(key)
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
    match caller.scope {
        Scope::Full if caller.only.is_none() => Ok(()),
        Scope::Full => Err(Error::Forbidden),
        Scope::Read | Scope::Report => Err(Error::InsufficientScope { needed: Scope::Full }),
    }
}

fn letters(random: &[u8], alphabet: &[u8]) -> String {
    random.iter().map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()])).collect()
}
