//! An access key: the pair AK and SK that SDKs sign requests with.

use super::ids::UserId;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// An access key. The secret must be kept readable: an HMAC cannot be checked against a digest of its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The AK: 20 upper-case letters and digits where we make it.
    pub access: String,
    /// The SK: 40 letters and digits where we make it.
    pub secret: String,
    /// Whose it is.
    pub user_id: UserId,
    /// A line for people.
    pub description: Option<String>,
    /// Refused as if it did not exist.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("access", &self.access)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// Checks an AK or SK that an operator brings along: letters and digits, 8 to 128 of them.
///
/// # Errors
/// [`Problem::NotName`] on `field`.
pub fn check_part(field: &str, part: &str) -> Result<(), Invalid> {
    if (8..=128).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(Invalid::new(field, Problem::NotName))
    }
}
