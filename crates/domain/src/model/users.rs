//! A user: a person or program that can sign in.

use super::ids::{Hex32, UserId};
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
    /// The user is an administrator.
    pub admin: bool,
    /// No credential of the user is accepted.
    pub disabled: bool,
    /// The time of creation.
    pub created_at: Timestamp,
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
