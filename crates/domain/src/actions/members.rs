//! Members of a repository.

use super::access::{Granted, Manages};
use crate::error::{Error, Result};
use crate::model::members::Member;
use crate::model::roles::Role;
use crate::ports::App;

/// The members, ordered by name.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, by: &Granted<Manages>) -> Result<Vec<Member>> {
    app.store.members(by.repository().id).await
}

/// Sets the role of a user, or removes the member when `role` is `None`.
///
/// # Errors
/// [`Error::NotFound`] for an unknown user, or for removing a user that is not a member.
pub async fn set(app: &App, by: &Granted<Manages>, user: &str, role: Option<Role>) -> Result<()> {
    let (user, _) = app.store.user_by_name(user).await?.ok_or(Error::NotFound { noun: "user" })?;
    if app.store.set_member(by.repository().id, user.id, role).await? {
        Ok(())
    } else {
        Err(Error::NotFound { noun: "member" })
    }
}
