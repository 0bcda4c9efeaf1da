//! Requests that repeat an earlier one: their idempotency keys and signatures, and the responses to them.

use super::UnitOfWork;
use super::frozen::OldSignatures;
use super::signature_memory::SignatureMemory;
use crate::rows::idempotency::{self, IdempotencyKey, StoredResponse};
use crate::rows::signatures::{self, UsedSignature};
use domain::{Error, Result, Timestamp};
use std::time::Instant;

impl UnitOfWork {
    /// The response to the first request with this key, if this request is a repetition of it.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if the first request had another digest.
    pub fn find_response(&mut self, key: &IdempotencyKey, digest: &[u8; 32]) -> Result<Option<String>> {
        match self.response(key)? {
            None => Ok(None),
            Some(stored) if stored.digest != digest => Err(Error::KeyReused),
            Some(stored) => Ok(Some(stored.response)),
        }
    }

    fn response(&self, key: &IdempotencyKey) -> Result<Option<StoredResponse>> {
        if let Some(stored) = self.find_pending(|rows| rows.response(key)) {
            return Ok(Some(stored));
        }
        if let Some(known) = self.prefetched.as_ref().and_then(|prefetched| prefetched.responses.get(key)) {
            return Ok(known.clone());
        }
        idempotency::load(self.sql(), key)
    }

    /// Stores the response to a request with an idempotency key.
    pub fn add_response(&mut self, key: IdempotencyKey, digest: &[u8; 32], response: String, now: Timestamp) {
        self.pending.add_response(key, StoredResponse { digest: digest.to_vec(), response }, now);
    }

    /// The stored data of a signature that was used before.
    pub fn used_signature(&self, digest: &[u8; 32]) -> Result<Option<UsedSignature>> {
        match self.find_pending(|rows| rows.signature(digest)) {
            Some(used) => Ok(Some(used)),
            None => signatures::load(self.sql(), digest),
        }
    }

    /// Uses up a signature; false if it was used before.
    pub fn use_signature(&mut self, digest: &[u8; 32]) -> Result<bool> {
        if self.pending.signature(digest).is_some() || !signatures::insert(self.sql(), digest)? {
            return Ok(false);
        }
        self.signatures_used += 1;
        Ok(true)
    }

    /// Uses up the signature of reports.
    pub fn add_signature(&mut self, digest: [u8; 32], used: UsedSignature) {
        self.pending.add_signature(digest, used);
        self.signatures_used += 1;
    }

    /// The signatures that the next commit to the tables deletes: some that no request is accepted with any more.
    pub(super) fn old_signatures(&mut self) -> Result<Option<OldSignatures>> {
        if self.signatures_used == 0 {
            return Ok(None);
        }
        let now = Instant::now();
        if self.signature_memory.is_due(now) {
            let last = signatures::last_id(self.sql())?;
            self.signature_memory.note(now, last);
        }
        Ok(match self.signature_memory.old_until(now) {
            0 => None,
            old => Some((old, SignatureMemory::deletions(self.signatures_used))),
        })
    }
}
