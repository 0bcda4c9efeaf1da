//! An access key: the pair AK and SK that SDKs sign requests with. A temporary one stands in for a token, and is shown together with
//! a security token.

use super::ids::{RepositoryId, UserId};
use super::roles::Scope;
use crate::error::{Invalid, Problem};
use jiff::{SignedDuration, Timestamp};

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
    /// What a temporary key is bound to; `None`: it is its user's own.
    pub temporary: Option<TemporaryKey>,
}

/// What a temporary key is bound to (`X-Security-Token`, wire fact 4.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryKey {
    /// SHA-256 of the security token that comes with every request.
    pub security_token_digest: [u8; 32],
    /// SHA-256 of the token that it was made with: the key ends with it.
    pub parent_token_digest: [u8; 32],
    /// The most it may do, as that token.
    pub scope: Scope,
    /// The only repositories it works in; `None`: all of its user's.
    pub repositories: Option<Vec<RepositoryId>>,
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

/// How long a temporary key may live, in seconds (IAM `duration_seconds`, wire fact 4.5).
pub const TEMPORARY_SECONDS: std::ops::RangeInclusive<i64> = 900..=86_400;

/// Most temporary keys of one token that live at once.
pub const TEMPORARY_MAX: usize = 100;

/// The life of a temporary key.
///
/// # Errors
/// [`Problem::OutOfRange`] on `field` beyond [`TEMPORARY_SECONDS`]. Not said: the least.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_key_lives_a_quarter_of_an_hour_to_a_day() {
        let life = |seconds| temporary_lifetime("d", seconds).map(|life| life.as_secs());
        assert_eq!((life(None), life(Some(900)), life(Some(86_400))), (Ok(900), Ok(900), Ok(86_400)));
        for bad in [-1, 0, 899, 86_401, i64::MAX] {
            assert_eq!(
                life(Some(bad)),
                Err(Invalid::new("d", Problem::OutOfRange { min: 900, max: 86_400 })),
                "{bad}"
            );
        }
    }
}
