//! A user: a person or program that may sign in.

use super::ids::{Hex32, UserId};
use super::text;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// Least length of a password, in characters.
pub const PASSWORD_MIN: usize = 8;
/// Greatest length of a password, in bytes: longer ones would only make the server work.
pub const PASSWORD_MAX: usize = 1024;

/// A person or program that may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Unique.
    pub id: UserId,
    /// The id that IAM answers carry.
    pub uuid: Hex32,
    /// Unique, up to 64 characters.
    pub name: String,
    /// May do everything.
    pub admin: bool,
    /// May not sign in, by any credential.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an administrator gives to make a user.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Unique, up to 64 characters.
    pub name: String,
    /// 8 characters to 1024 bytes; without one the user signs in by keys and tokens only.
    pub password: Option<String>,
    /// May do everything.
    pub admin: bool,
}

impl NewUser {
    /// # Errors
    /// Names `name` or `password`.
    pub fn check(&self) -> Result<(), Invalid> {
        text::name("name", &self.name, 64)?;
        self.password.as_deref().map_or(Ok(()), check_password)
    }
}

/// What an administrator changes of a user; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// A new password; sessions made with the old one end.
    pub password: Option<String>,
    /// May do everything.
    pub admin: Option<bool>,
    /// May not sign in.
    pub disabled: Option<bool>,
}

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
