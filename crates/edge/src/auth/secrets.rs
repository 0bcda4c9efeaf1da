//! Implements the ports of the domain with the system's clock and randomness, SHA-256 and Argon2id.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use domain::error::{Error, Result};
use domain::model::reports::truncate_to_millis;
use domain::ports::{Clock, Secrets};
use domain::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;
use std::time::Instant;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    fn now(&self) -> Timestamp {
        truncate_to_millis(Timestamp::now())
    }

    fn uptime(&self) -> SignedDuration {
        static START: OnceLock<Instant> = OnceLock::new();
        SignedDuration::try_from(START.get_or_init(Instant::now).elapsed()).unwrap_or(SignedDuration::MAX)
    }
}

/// The system's randomness, SHA-256, and Argon2id with the defaults of its crate (19 MiB, two passes: the
/// first choice of OWASP).
#[derive(Debug, Default)]
pub struct SystemSecrets {
    dummy: OnceLock<String>,
}

impl Secrets for SystemSecrets {
    fn random(&self, bytes: &mut [u8]) -> Result<()> {
        getrandom::fill(bytes)
            .map_err(|error| Error::Internal(format!("the system provides no random bytes: {error}")))
    }

    fn digest(&self, bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    fn hash_password(&self, password: &str) -> Result<String> {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| Error::Internal(format!("a password cannot be hashed: {error}")))
    }

    fn verify_password(&self, password: &str, hash: Option<&str>) -> bool {
        // An unknown user takes as much work as a known one, so that the time does not show whether a name
        // exists.
        let dummy = || {
            self.dummy.get_or_init(|| self.hash_password("nobody's password").unwrap_or_default()).as_str()
        };
        let known = hash.is_some();
        let Ok(hash) = PasswordHash::new(hash.unwrap_or_else(dummy)) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_salted_and_checked() {
        let secrets = SystemSecrets::default();
        let (one, two) = (
            secrets.hash_password("correct horse").unwrap(),
            secrets.hash_password("correct horse").unwrap(),
        );
        assert_ne!(one, two);
        assert!(one.starts_with("$argon2id$"), "{one}");
        assert!(secrets.verify_password("correct horse", Some(&one)));
        assert!(!secrets.verify_password("correct horsf", Some(&one)));
        assert!(!secrets.verify_password("nobody's password", None));
        assert!(!secrets.verify_password("x", Some("not a hash")));
    }
}
