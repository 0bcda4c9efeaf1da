//! An access key: the pair of AK and SK that SDKs sign requests with. A temporary key is made from a token
//! and is valid only together with a security token.

use super::ids::{RepositoryId, UserId};
use super::roles::Scope;
use crate::error::{Invalid, Problem};
use jiff::{SignedDuration, Timestamp};

/// An access key. The secret is stored in plain text, because verifying an HMAC needs the key itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The AK. A generated one has 20 upper-case letters and digits.
    pub access: String,
    /// The SK. A generated one has 40 letters and digits.
    pub secret: String,
    /// The user of the key.
    pub user_id: UserId,
    /// A line of text for people.
    pub description: Option<String>,
    /// The key is refused like an unknown one.
    pub disabled: bool,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The limits of a temporary key; `None`: the key is permanent.
    pub temporary: Option<TemporaryKey>,
}

/// The limits of a temporary key (`X-Security-Token`, wire fact 4.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryKey {
    /// The SHA-256 digest of the security token that every request must have.
    pub security_token_digest: [u8; 32],
    /// The SHA-256 digest of the token that the key was made with. The key becomes invalid with the token.
    pub parent_token_digest: [u8; 32],
    /// The scope of that token.
    pub scope: Scope,
    /// The repositories that it is valid for; `None`: all.
    pub repositories: Option<Vec<RepositoryId>>,
    /// The expiry.
    pub expires_at: Timestamp,
}

/// The lifetime of a temporary key, in seconds (IAM `duration_seconds`, wire fact 4.5).
pub const TEMPORARY_SECONDS: std::ops::RangeInclusive<i64> = 900..=86_400;

/// Most temporary keys per token that have not expired.
pub const TEMPORARY_MAX: usize = 100;

/// The lifetime of a temporary key; the least one by default.
///
/// # Errors
/// [`Problem::OutOfRange`] on `field` outside [`TEMPORARY_SECONDS`].
pub fn temporary_lifetime(field: &str, seconds: Option<i64>) -> Result<SignedDuration, Invalid> {
    let (min, max) = TEMPORARY_SECONDS.into_inner();
    let seconds = seconds.unwrap_or(min);
    if TEMPORARY_SECONDS.contains(&seconds) {
        Ok(SignedDuration::from_secs(seconds))
    } else {
        Err(Invalid::new(field, Problem::OutOfRange { min, max }))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("access", &self.access)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// Checks an AK or SK that the request gives: 8 to 128 letters and digits.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_key_is_valid_for_15_minutes_to_a_day() {
        let lifetime = |seconds| temporary_lifetime("d", seconds).map(|lifetime| lifetime.as_secs());
        assert_eq!(
            (lifetime(None), lifetime(Some(900)), lifetime(Some(86_400))),
            (Ok(900), Ok(900), Ok(86_400))
        );
        for bad in [-1, 0, 899, 86_401, i64::MAX] {
            assert_eq!(
                lifetime(Some(bad)),
                Err(Invalid::new("d", Problem::OutOfRange { min: 900, max: 86_400 })),
                "{bad}"
            );
        }
    }
}
