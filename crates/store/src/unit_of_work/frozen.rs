//! A generation of the journal that another thread writes to the tables: its rows do not change any more.

use super::pending_rows::{CachedRows, PendingRows};
use crate::rows::reports::RecentTexts;
use crate::rows::{journal, signatures};
use crate::sql::Sql;
use domain::Result;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The used signatures to delete: up to this id, at most this many.
pub type OldSignatures = (i64, i64);

/// The rows of a generation.
pub struct FrozenRows {
    /// The rows, which the writer also finds here until they are in the tables.
    pub(super) pending: PendingRows,
    pub(super) cached: CachedRows<'static>,
    pub(super) recent_texts: Arc<Mutex<RecentTexts>>,
    pub(super) old_signatures: Option<OldSignatures>,
    /// The number of the last commit of the journal that the rows have.
    pub(super) last: u64,
    /// The number of reports, and when the first of them was acknowledged.
    pub(super) reports: usize,
    pub(super) since: Instant,
    /// The commits are in both files, so none of them is free.
    pub(super) in_both_files: bool,
}

impl FrozenRows {
    /// Writes the rows in the open transaction.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]: the transaction is to be rolled back, and [`Self::rolled_back`] to be called.
    pub fn write(&self, sql: &dyn Sql) -> Result<()> {
        if let Some((last, limit)) = self.old_signatures {
            signatures::delete_until(sql, last, limit)?;
        }
        journal::set_applied(sql, self.last)?;
        let mut recent_texts = self.recent_texts.lock().unwrap_or_else(PoisonError::into_inner);
        self.pending.write(sql, &self.cached, &mut recent_texts)
    }

    /// Must be called after the transaction was rolled back.
    pub fn rolled_back(&self) {
        // They may be of reports that the tables do not have.
        *self.recent_texts.lock().unwrap_or_else(PoisonError::into_inner) = RecentTexts::default();
    }
}
