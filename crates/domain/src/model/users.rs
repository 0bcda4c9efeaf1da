//! A user: a person or program that can sign in.

use super::identities::{GroupRights, granted_until, rights_at};
use super::ids::{Hex32, UserId};
use super::roles::Role;
use super::text;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// Least length of a password, in characters.
pub const PASSWORD_MIN: usize = 8;
/// Greatest length of a password, in bytes, which limits the work of hashing.
pub const PASSWORD_MAX: usize = 1024;

/// A person or program that can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, unique in the installation.
    pub id: UserId,
    /// The id in responses of IAM.
    pub uuid: Hex32,
    /// The name, unique, up to 64 characters.
    pub name: String,
    /// The user is an administrator, whatever its groups.
    pub admin: bool,
    /// No credential of the user is accepted.
    pub disabled: bool,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The rights of the groups of each identity, also those that have ended.
    pub group_rights: Vec<GroupRights>,
}

impl User {
    /// The user without the rights of groups that have ended at `now`. Whatever authenticates a user calls it.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { group_rights: rights_at(self.group_rights, now), ..self }
    }

    /// Whether the user is an administrator, by its own right or by that of a group.
    pub fn is_administrator(&self) -> bool {
        self.admin || self.group_rights.iter().any(|of| of.rights.admin)
    }

    /// The role that groups give in a repository of this path.
    pub fn role_by_groups(&self, path: &str) -> Option<Role> {
        self.group_rights.iter().filter_map(|of| of.rights.role(path)).max()
    }

    /// Until when an identity of the user has signed in; `None` if that has ended.
    pub fn renewed_until(&self, identity: i64) -> Option<Timestamp> {
        self.group_rights.iter().find(|of| of.identity == identity).map(|of| of.until)
    }

    /// The first time at which the user loses permissions of groups. Cached data about the user is valid until then.
    pub fn rights_until(&self) -> Option<Timestamp> {
        granted_until(&self.group_rights)
    }
}

/// The input for a new user.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name, unique, up to 64 characters.
    pub name: String,
    /// The password, 8 characters to 1024 bytes; without one the user can use keys and tokens only.
    pub password: Option<String>,
    /// The user is an administrator.
    pub admin: bool,
}

impl NewUser {
    /// Checks every value.
    ///
    /// # Errors
    /// [`Invalid`] on `name` or `password`.
    pub fn check(&self) -> Result<(), Invalid> {
        text::name("name", &self.name, 64)?;
        self.password.as_deref().map_or(Ok(()), check_password)
    }
}

/// Changes of a user. A field that is `None` does not change.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// The new password; sessions made with the old one end.
    pub password: Option<String>,
    /// The user is an administrator.
    pub admin: Option<bool>,
    /// No credential of the user is accepted.
    pub disabled: Option<bool>,
}

/// Checks the length of a password.
///
/// # Errors
/// [`Problem::WeakPassword`] under 8 characters, [`Problem::TooLong`] over 1024 bytes.
pub fn check_password(password: &str) -> Result<(), Invalid> {
    if password.len() > PASSWORD_MAX {
        return Err(Invalid::new("password", Problem::TooLong { max: PASSWORD_MAX }));
    }
    if password.chars().count() < PASSWORD_MIN {
        return Err(Invalid::new("password", Problem::WeakPassword));
    }
    Ok(())
}
