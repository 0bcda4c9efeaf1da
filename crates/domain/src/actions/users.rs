//! Users: creating, changing and listing them.

use super::access::{Administrator, SignedIn};
use super::tokens::{UNKNOWN_LINK, is_invitation};
use crate::error::{AuthFailure, Error, Invalid, Problem, Result};
use crate::model::ids::Hex32;
use crate::model::users::{NewUser, User, UserChange, check_password};
use crate::ports::{App, NewUserRow, UserRowChange};

/// Creates a user.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field; [`Error::Outlives`] for a user with a password or for an
/// administrator, when the credential of the caller expires.
pub async fn create(app: &App, by: &Administrator, new: NewUser) -> Result<User> {
    if new.password.is_some() || new.admin {
        by.signed_in().check_lasting()?;
    }
    create_user(app, new).await
}

/// Creates the first administrator of an empty store. It needs no proof, because there is no user yet.
///
/// # Errors
/// [`Error::Forbidden`] when there are users.
pub async fn create_first(app: &App, new: NewUser) -> Result<User> {
    if !app.store.users().await?.is_empty() {
        return Err(Error::Forbidden);
    }
    create_user(app, NewUser { admin: true, ..new }).await
}

async fn create_user(app: &App, new: NewUser) -> Result<User> {
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

/// All users, ordered by name.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, _by: &Administrator) -> Result<Vec<User>> {
    app.store.users().await
}

/// Changes a user. Administrators cannot disable themselves or remove their own administrator rights.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] on the invalid field; [`Error::Outlives`] for a new password, for new
/// rights of an administrator and for enabling a user, when the credential of the caller expires.
pub async fn change(app: &App, by: &Administrator, name: &str, change: UserChange) -> Result<User> {
    let (user, _) = app.store.user_by_name(name).await?.ok_or(Error::NotFound { noun: "user" })?;
    if user.id == by.caller().user.id {
        for (field, is_refused) in
            [("disabled", change.disabled == Some(true)), ("admin", change.admin == Some(false))]
        {
            if is_refused {
                return Err(Invalid::new(field, Problem::OwnRights).into());
            }
        }
    }
    let gives_access = change.password.is_some()
        || (change.admin == Some(true) && !user.admin)
        || (change.disabled == Some(false) && user.disabled);
    if gives_access {
        by.signed_in().check_lasting()?;
    }
    let password_hash = match &change.password {
        Some(password) => Some(hash(app, password)?),
        None => None,
    };
    app.store
        .change_user(user.id, UserRowChange { password_hash, admin: change.admin, disabled: change.disabled })
        .await
}

/// Checks a password and hashes it.
fn hash(app: &App, password: &str) -> Result<String> {
    check_password(password)?;
    app.secrets.hash_password(password)
}

/// Changes the password of the caller and ends its sessions. The credential must be the old password: a token
/// would otherwise give permanent access.
///
/// # Errors
/// [`Error::Forbidden`] when the credential is not a password; [`Error::Invalid`] on `password`.
pub async fn change_own_password(app: &App, by: &SignedIn, password: &str) -> Result<()> {
    if by.token_digest().is_some() || by.is_temporary() {
        return Err(Error::Forbidden);
    }
    by.check_lasting()?;
    let change = UserRowChange { password_hash: Some(hash(app, password)?), ..UserRowChange::default() };
    app.store.change_user(by.caller().user.id, change).await.map(drop)
}

/// Sets the password of the caller and uses up the token of the invitation that it has signed in by
/// ([`super::tokens::by_invitation`]). When the password is refused, the token stays valid.
///
/// # Errors
/// [`Error::Invalid`] on `password`; [`AuthFailure::Token`] when the token was used meanwhile, or is no invitation.
pub async fn accept_invitation(app: &App, secret: &str, password: &str) -> Result<()> {
    let refused = || Error::Unauthenticated(AuthFailure::Token(UNKNOWN_LINK));
    if !is_invitation(secret) {
        return Err(refused());
    }
    let password_hash = hash(app, password)?;
    let digest = app.secrets.digest(secret.as_bytes());
    app.store.accept_invitation(&digest, password_hash).await?.ok_or_else(refused).map(drop)
}
