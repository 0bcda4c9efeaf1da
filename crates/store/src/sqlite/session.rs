//! The connections that write: that of the writer, and that of the thread that applies the journal. Never both at a
//! time.

use super::change_versions::VersionCounters;
use super::guard::MarkKeeper;
use super::merge::{BackgroundMerge, merge_log, merge_with_commits};
use super::{connect, sqlite_error};
use crate::journal::{Apply, OnFatal};
use crate::mark::Mark;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::sql::{Batch, Sql};
use crate::unit_of_work::{Failure, FrozenRows, Prefetch, Prefetched, SentCommit, Session};
use domain::Result;
use domain::model::ids::RepositoryId;
use rusqlite::{Connection, ErrorCode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The shared state of the connections.
pub struct Shared {
    mark: Mutex<MarkKeeper>,
    /// Merges the large write-ahead log of a server that did not stop normally.
    merge: Mutex<Option<BackgroundMerge>>,
    on_fatal: OnFatal,
    log_limit: Mutex<LogLimit>,
}

/// The size that the write-ahead log may have before a commit merges it and waits for its readers for a moment.
/// A start reads the whole log after the server did not stop normally.
const LOG_MAX: u64 = 2 * connect::LOG_KEPT.unsigned_abs();
/// The growth of the log after a reader kept it from being merged, before a commit tries it again.
const LOG_GROWTH: u64 = LOG_MAX / 4;

/// Decides when the write-ahead log is merged beside the regular merges.
struct LogLimit {
    /// The size, in bytes, at which it is merged next.
    merge_at: u64,
}

impl Default for LogLimit {
    fn default() -> Self {
        Self { merge_at: LOG_MAX }
    }
}

impl LogLimit {
    /// Whether a log of this size is to be merged now. If a reader prevents it, true again after [`LOG_GROWTH`].
    fn is_exceeded(&mut self, bytes: u64) -> bool {
        if bytes <= LOG_MAX {
            self.merge_at = LOG_MAX;
        }
        let is_exceeded = bytes > self.merge_at;
        if is_exceeded {
            self.merge_at = bytes + LOG_GROWTH;
        }
        is_exceeded
    }
}

impl Shared {
    pub fn new(mark: MarkKeeper, merge: Option<BackgroundMerge>, on_fatal: OnFatal) -> Self {
        Self { mark: Mutex::new(mark), merge: Mutex::new(merge), on_fatal, log_limit: Mutex::default() }
    }

    fn mark(&self) -> MutexGuard<'_, MarkKeeper> {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_limit(&self) -> MutexGuard<'_, LogLimit> {
        self.log_limit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn merge(&self) -> MutexGuard<'_, Option<BackgroundMerge>> {
        self.merge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that writes.
pub struct Writing {
    sql: Connection,
    shared: Arc<Shared>,
    /// Commits merge the write-ahead log.
    merges: bool,
}

impl Writing {
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub fn new(sql: Connection, shared: Arc<Shared>) -> Result<Self> {
        let merges = shared.merge().is_none();
        merge_with_commits(&sql, merges)?;
        Ok(Self { sql, shared, merges })
    }

    fn begin(&mut self) -> Result<()> {
        if !self.merges {
            let mut merge = self.shared.merge();
            if merge.as_ref().is_none_or(BackgroundMerge::has_ended) {
                *merge = None;
                merge_with_commits(&self.sql, true)?;
                self.merges = true;
            }
        }
        execute(&self.sql, "BEGIN IMMEDIATE").map_err(sqlite_error)
    }

    /// Commits with the next mark, if it is due. [`Self::committed`] must follow.
    fn commit(&self) -> Result<Option<Mark>> {
        let mark = self.shared.mark().next_if_due(&self.sql)?;
        execute(&self.sql, "COMMIT").map_err(|error| {
            if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
                // After a failed sync, the page cache may differ from the disk; only a restart reads the
                // disk.
                (self.shared.on_fatal)(&format!("the disk failed a commit: {error}"));
            }
            sqlite_error(error)
        })?;
        Ok(mark)
    }

    fn committed(&self, mark: Option<Mark>) {
        if let Some(mark) = mark {
            self.shared.mark().committed(mark);
        }
        self.shorten_log();
    }

    fn roll_back(&self) {
        if !self.sql.is_autocommit()
            && let Err(error) = self.sql.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed group could not be rolled back");
        }
    }

    /// Merges a write-ahead log that has outgrown its limit because there was always some reader. The next write
    /// starts again at its beginning, and shortens it.
    fn shorten_log(&self) {
        if !self.merges {
            return;
        }
        let bytes = self.shared.mark().log_bytes();
        if !self.shared.log_limit().is_exceeded(bytes) {
            return;
        }
        match merge_log(&self.sql) {
            Ok(true) => tracing::debug!(bytes, "merged the write-ahead log"),
            Ok(false) => tracing::debug!(bytes, "a reader keeps the write-ahead log from being merged"),
            Err(error) => tracing::warn!(%error, "cannot merge the write-ahead log"),
        }
    }
}

/// Runs a statement that is prepared only once.
fn execute(sql: &Connection, statement: &str) -> rusqlite::Result<()> {
    sql.prepare_cached(statement)?.execute([]).map(drop)
}

impl Apply for Writing {
    fn apply(&mut self, rows: &FrozenRows) -> Result<()> {
        let written = self.begin().and_then(|()| rows.write(&self.sql)).and_then(|()| self.commit());
        match written {
            Ok(mark) => {
                self.committed(mark);
                Ok(())
            }
            Err(error) => {
                self.roll_back();
                rows.rolled_back();
                Err(error)
            }
        }
    }
}

/// The connection of the writer.
pub struct SqliteSession {
    writing: Writing,
    versions: Arc<VersionCounters>,
}

impl SqliteSession {
    pub fn new(writing: Writing, versions: Arc<VersionCounters>) -> Self {
        Self { writing, versions }
    }
}

impl Session for SqliteSession {
    fn sql(&self) -> &dyn Sql {
        &self.writing.sql
    }

    fn start_transaction(&mut self) -> Result<bool> {
        self.writing.begin()?;
        Ok(true)
    }

    fn commit(
        &mut self,
        last_rows: &[Batch<'_>],
        changed: &BTreeSet<Key>,
        access: bool,
        _: &BTreeMap<RepositoryId, i64>,
        committed: &mut dyn FnMut(),
    ) -> Result<Option<SentCommit>> {
        self.writing.sql.write_batches(last_rows)?;
        self.versions.increment(changed, access);
        let result = self.writing.commit();
        if result.is_err() {
            // Rolled back before the versions change again, so that no cached response has uncommitted
            // content.
            self.writing.roll_back();
        } else {
            committed();
        }
        self.versions.increment(changed, access);
        self.writing.committed(result?);
        Ok(None)
    }

    fn change_versions(&self, changed: &BTreeSet<Key>) {
        self.versions.increment(changed, false);
    }

    fn roll_back(&mut self) -> Failure {
        self.writing.roll_back();
        Failure::Fatal
    }

    fn prefetch(&self, _: &Prefetch, _: &PipelineCache) -> Result<Option<Prefetched>> {
        Ok(None)
    }

    fn close(&mut self) -> Result<()> {
        let Writing { sql, shared, .. } = &self.writing;
        // Stops it: the rest is merged here.
        *shared.merge() = None;
        shared.mark().stop(sql)?;
        let busy: i64 =
            sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(sqlite_error)?;
        if busy != 0 {
            tracing::info!("a reader was still active, so the WAL file remains beside the database file");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_is_merged_again_after_it_has_grown() {
        let mut limit = LogLimit::default();
        assert!(!limit.is_exceeded(LOG_MAX) && limit.is_exceeded(LOG_MAX + 1));
        // A reader needs it.
        assert!(!limit.is_exceeded(LOG_MAX + LOG_GROWTH) && limit.is_exceeded(LOG_MAX + LOG_GROWTH + 2));
        assert!(!limit.is_exceeded(LOG_MAX + LOG_GROWTH + 2));
        // The last merge succeeded, and the next write shortened the log.
        assert!(!limit.is_exceeded(1) && limit.is_exceeded(LOG_MAX + 1));
    }
}
