//! Users: making, changing, listing.

use super::access::{Administrator, SignedIn};
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::ids::Hex32;
use crate::model::users::{NewUser, User, UserChange, check_password};
use crate::ports::{App, NewUserRow, UserRowChange};

/// Makes a user.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub async fn create(app: &App, _by: &Administrator, new: NewUser) -> Result<User> {
    make(app, new).await
}

/// Makes the first administrator of an empty store, when nobody can ask yet.
///
/// # Errors
/// [`Error::Forbidden`] when there are users already.
pub async fn create_first(app: &App, new: NewUser) -> Result<User> {
    if !app.store.users().await?.is_empty() {
        return Err(Error::Forbidden);
    }
    make(app, NewUser { admin: true, ..new }).await
}

async fn make(app: &App, new: NewUser) -> Result<User> {
    new.check()?;
    let password_hash =
        new.password.as_deref().map(|password| app.secrets.hash_password(password)).transpose()?;
    let row = NewUserRow {
        uuid: Hex32::from_bytes(app.random()?),
        name: new.name,
        password_hash,
        admin: new.admin,
        created_at: app.clock.now(),
    };
    app.store.create_user(row).await
}

/// All users, by name.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, _by: &Administrator) -> Result<Vec<User>> {
    app.store.users().await
}

/// Changes a user. Administrators cannot shut themselves out.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] naming the field.
pub async fn change(app: &App, by: &Administrator, name: &str, change: UserChange) -> Result<User> {
    let (user, _) = app.store.user_by_name(name).await?.ok_or(Error::NotFound { noun: "user" })?;
    if user.id == by.caller().user.id {
        for (field, shuts_out) in
            [("disabled", change.disabled == Some(true)), ("admin", change.admin == Some(false))]
        {
            if shuts_out {
                return Err(Invalid::new(field, Problem::OwnRights).into());
            }
        }
    }
    let password_hash = match &change.password {
        Some(password) => Some(hash(app, password)?),
        None => None,
    };
    app.store
        .change_user(user.id, UserRowChange { password_hash, admin: change.admin, disabled: change.disabled })
        .await
}

/// What is kept of a password that may be one.
fn hash(app: &App, password: &str) -> Result<String> {
    check_password(password)?;
    app.secrets.hash_password(password)
}

/// Gives the caller another password. Their sessions end. Whoever has only a token of theirs does not get in for ever by it: the caller
/// has just shown the old password.
///
/// # Errors
/// [`Error::Forbidden`] when signed in by anything but a password; [`Error::Invalid`] on `password`.
pub async fn change_own_password(app: &App, by: &SignedIn, password: &str) -> Result<()> {
    if by.token_digest().is_some() || by.is_temporary() {
        return Err(Error::Forbidden);
    }
    let change = UserRowChange { password_hash: Some(hash(app, password)?), ..UserRowChange::default() };
    app.store.change_user(by.caller().user.id, change).await.map(drop)
}
