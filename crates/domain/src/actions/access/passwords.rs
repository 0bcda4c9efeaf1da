//! Signing in with a name and a password.

use super::{SignedIn, by_verified_password};
use crate::error::{AuthFailure, Error, Result};
use crate::model::users::{PASSWORD_MAX, User};
use crate::ports::App;

/// The name of the user with this IAM id; empty, which is no name of a user, when there is none.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn user_name(app: &App, uuid: &str) -> Result<String> {
    let users = app.store.users().await?;
    Ok(users.into_iter().find(|user| user.uuid.as_str() == uuid).map(|user| user.name).unwrap_or_default())
}

/// A user to authenticate by a password. The user or the password may not exist.
pub struct PasswordOwner(Option<(User, String)>);

impl PasswordOwner {
    /// Whether there is a password to compare with. No response may depend on it.
    pub fn has_password(&self) -> bool {
        self.0.is_some()
    }
}

/// Looks up the user whose password is to be checked. A password that is too long is refused here, before it takes
/// the time of a hash, whether the user exists or not.
///
/// # Errors
/// [`AuthFailure::Password`], [`Error::Unavailable`].
pub async fn password_owner(app: &App, name: &str, password: &str) -> Result<PasswordOwner> {
    if password.len() > PASSWORD_MAX {
        return Err(Error::Unauthenticated(AuthFailure::Password));
    }
    let found = app.store.user_by_name(name).await?;
    Ok(PasswordOwner(found.and_then(|(user, hash)| Some((user, hash?)))))
}

/// Checks a password. It takes the time of a hash, also when there is no such user.
///
/// # Errors
/// [`AuthFailure::Password`]. A wrong name and a wrong password are not distinguished: the response and the computing
/// time are the same.
pub fn by_password(app: &App, owner: PasswordOwner, password: &str) -> Result<SignedIn> {
    let refused = Err(Error::Unauthenticated(AuthFailure::Password));
    let hash = owner.0.as_ref().map(|(_, hash)| hash.as_str());
    let matches = app.secrets.verify_password(password, hash);
    match owner.0 {
        Some((user, _)) if matches && !user.disabled => Ok(by_verified_password(user.at(app.clock.now()))),
        _ => refused,
    }
}
