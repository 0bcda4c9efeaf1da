//! The audit log. The transaction of a change also writes its entry, with the origin of the call
//! ([`with_origin`](super::with_origin)).

use crate::error::Result;
use crate::model::audit::{AuditFilter, AuditPage, Entry, Refusal};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;

/// Takes the entries that this process has committed, in order. It must not block.
pub type AuditSink = Arc<dyn Fn(Vec<Entry>) + Send + Sync>;

/// Reads and trims the audit log, and records refusals. Nothing else changes or deletes an entry.
#[async_trait]
pub trait Audit: Send + Sync {
    /// At most `limit` entries with numbers less than `before`, newest first. The call reads at most 20,000 entries, so
    /// a page may be short and have a next one.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn audit_entries(&self, filter: AuditFilter, before: Option<i64>, limit: u32) -> Result<AuditPage>;
    /// Records refusals, one entry for each. A name that no user has and a credential that does not exist are left out,
    /// and refusals that are equal then are one.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), [`Error::Overloaded`](crate::Error::Overloaded).
    async fn add_refusals(&self, refusals: Vec<Refusal>) -> Result<()>;
    /// Records that a user signed in to pages with an existing token, by its digest.
    ///
    /// # Errors
    /// As [`Audit::add_refusals`].
    async fn record_sign_in(&self, token: &[u8; 32]) -> Result<()>;
    /// Deletes some of the entries whose last time is before `before`. Returns how many.
    ///
    /// # Errors
    /// As [`Audit::add_refusals`].
    async fn delete_old_audit(&self, before: Timestamp) -> Result<u64>;
    /// From now on, `sink` gets the entries of this process after their commits. Only the first sink is used.
    fn set_audit_sink(&self, sink: AuditSink);
}
