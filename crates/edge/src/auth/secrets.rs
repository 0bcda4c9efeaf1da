//! Implements the ports of the domain with the system's clock and randomness, SHA-256 and Argon2id.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use domain::error::{Error, Result};
use domain::model::reports::truncate_to_millis;
use domain::ports::{Clock, Secrets};
use domain::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
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
    memory: HashingMemory,
}

/// Length of a salt, in bytes.
const SALT_LEN: usize = 16;

impl SystemSecrets {
    /// Computes a hash with memory that is used again.
    fn hash(&self, argon2: &Argon2<'_>, password: &str, salt: &[u8]) -> Option<Output> {
        let mut bytes = [0; Output::MAX_LENGTH];
        let length = argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let out = bytes.get_mut(..length)?;
        let mut blocks = self.memory.take(argon2.params().block_count());
        let hashed = argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut blocks);
        self.memory.give_back(blocks);
        hashed.ok()?;
        Output::new(out).ok()
    }

    /// Whether a password has this hash; `None`: the hash is not one of Argon2.
    fn matches(&self, password: &str, hash: &PasswordHash) -> Option<bool> {
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
        let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
        let params = Params::try_from(hash).ok()?;
        let computed = self.hash(&Argon2::new(algorithm, version, params), password, salt.as_ref())?;
        // Compares in constant time.
        Some(computed == *expected)
    }
}

/// Memory for hashes. It is kept, because allocating and clearing it for each hash costs time, and leaves the process
/// larger under load.
#[derive(Debug, Default)]
struct HashingMemory(Mutex<Vec<Vec<Block>>>);

/// Hashes whose memory is kept, 19 MiB each.
const KEPT_BLOCKS: usize = 2;

impl HashingMemory {
    /// Memory for a hash. Argon2 overwrites it before it reads it.
    fn take(&self, count: usize) -> Vec<Block> {
        let mut blocks = self.lock().pop().unwrap_or_default();
        blocks.resize(count, Block::new());
        blocks
    }

    fn give_back(&self, blocks: Vec<Block>) {
        let mut kept = self.lock();
        if kept.len() < KEPT_BLOCKS {
            kept.push(blocks);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        let mut salt = [0; SALT_LEN];
        self.random(&mut salt)?;
        let failed = || Error::Internal("a password cannot be hashed".into());
        let argon2 = Argon2::default();
        let hash = PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: ParamsString::try_from(argon2.params()).map_err(|_| failed())?,
            salt: Some(Salt::new(&salt).map_err(|_| failed())?),
            hash: Some(self.hash(&argon2, password, &salt).ok_or_else(failed)?),
        };
        Ok(hash.to_string())
    }

    fn verify_password(&self, password: &str, hash: Option<&str>) -> bool {
        // An unknown user takes as much work as a known one, so that the time does not show whether a name
        // exists.
        let dummy = || {
            self.dummy.get_or_init(|| self.hash_password("nobody's password").unwrap_or_default()).as_str()
        };
        let known = hash.is_some();
        let Ok(hash) = PasswordHash::new(hash.unwrap_or_else(dummy)) else { return false };
        self.matches(password, &hash) == Some(true) && known
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

    /// Hashes of earlier versions, which the crate computed with its own memory.
    #[test]
    fn hashes_are_those_of_the_crate_also_in_used_memory() {
        use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
        let secrets = SystemSecrets::default();
        for password in ["correct horse", "", "密码密码密码密码"] {
            let theirs = Argon2::default().hash_password(password.as_bytes()).unwrap().to_string();
            assert!(secrets.verify_password(password, Some(&theirs)));
            assert!(!secrets.verify_password("another", Some(&theirs)));
            let ours = secrets.hash_password(password).unwrap();
            assert!(
                Argon2::default()
                    .verify_password(password.as_bytes(), &PasswordHash::new(&ours).unwrap())
                    .is_ok()
            );
        }
        let small = "$argon2i$v=16$m=64,t=3,p=2$c2FsdHNhbHQ$";
        assert!(!secrets.verify_password("x", Some(small)), "no hash");
    }

    #[test]
    fn the_memory_of_hashes_is_used_again_and_limited() {
        let secrets = SystemSecrets::default();
        let kept = || secrets.memory.lock().iter().map(|blocks| blocks.as_ptr() as usize).collect::<Vec<_>>();
        let hash = secrets.hash_password("correct horse").unwrap();
        let first = kept();
        assert_eq!(first.len(), 1);
        for _ in 0..3 {
            assert!(secrets.verify_password("correct horse", Some(&hash)));
            assert_eq!(kept(), first);
        }
        let blocks: Vec<_> = (0..KEPT_BLOCKS + 3).map(|_| secrets.memory.take(8)).collect();
        blocks.into_iter().for_each(|blocks| secrets.memory.give_back(blocks));
        assert_eq!(kept().len(), KEPT_BLOCKS);
    }
}
