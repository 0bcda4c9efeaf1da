//! The connection that writes.

use super::guard::MarkKeeper;
use super::merge::{BackgroundMerge, merge_log, merge_with_commits};
use super::{VersionCounters, connect, sqlite_error};
use crate::pipeline_cache::{Key, PipelineCache};
use crate::sql::{Batch, Sql};
use crate::unit_of_work::{Failure, Prefetch, Prefetched, Session};
use domain::Result;
use domain::model::ids::RepositoryId;
use rusqlite::{Connection, ErrorCode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Called when the disk fails a commit.
type OnFatal = Box<dyn Fn(&str) + Send + Sync>;

pub struct SqliteSession {
    sql: Connection,
    versions: Arc<VersionCounters>,
    mark: MarkKeeper,
    /// Merges the large write-ahead log of a server that did not stop normally.
    merge: Option<BackgroundMerge>,
    on_fatal: OnFatal,
    log_limit: LogLimit,
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

impl SqliteSession {
    pub fn new(
        connection: Connection,
        versions: Arc<VersionCounters>,
        mark: MarkKeeper,
        merge: Option<BackgroundMerge>,
        on_fatal: OnFatal,
    ) -> Self {
        Self { sql: connection, versions, mark, merge, on_fatal, log_limit: LogLimit::default() }
    }
}

impl SqliteSession {
    /// Merges a write-ahead log that has outgrown its limit because there was always some reader. The next write
    /// starts again at its beginning, and shortens it.
    fn shorten_log(&mut self) {
        if self.merge.is_some() {
            return;
        }
        let bytes = self.mark.log_bytes();
        if !self.log_limit.is_exceeded(bytes) {
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

impl Session for SqliteSession {
    fn sql(&self) -> &dyn Sql {
        &self.sql
    }

    fn start_transaction(&mut self) -> Result<bool> {
        if self.merge.as_ref().is_some_and(BackgroundMerge::has_ended) {
            self.merge = None;
            merge_with_commits(&self.sql, true)?;
        }
        execute(&self.sql, "BEGIN IMMEDIATE").map_err(sqlite_error)?;
        Ok(true)
    }

    fn commit(
        &mut self,
        last_rows: &[Batch<'_>],
        changed: &BTreeSet<Key>,
        access: bool,
        _: &BTreeMap<RepositoryId, i64>,
        committed: &mut dyn FnMut(),
    ) -> Result<()> {
        self.sql.write_batches(last_rows)?;
        let mark = self.mark.next_if_due(&self.sql)?;
        self.versions.increment(changed, access);
        let result = execute(&self.sql, "COMMIT").map_err(|error| {
            if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
                // After a failed sync, the page cache may differ from the disk; only a restart reads the
                // disk.
                (self.on_fatal)(&format!("the disk failed a commit: {error}"));
            }
            sqlite_error(error)
        });
        if result.is_err() {
            // Rolled back before the versions change again, so that no cached response has uncommitted
            // content.
            self.roll_back();
        } else {
            committed();
        }
        self.versions.increment(changed, access);
        if let (Ok(()), Some(mark)) = (&result, mark) {
            self.mark.committed(mark);
        }
        if result.is_ok() {
            self.shorten_log();
        }
        result
    }

    fn roll_back(&mut self) -> Failure {
        if !self.sql.is_autocommit()
            && let Err(error) = self.sql.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed group could not be rolled back");
        }
        Failure::Fatal
    }

    fn prefetch(&self, _: &Prefetch, _: &PipelineCache) -> Result<Option<Prefetched>> {
        Ok(None)
    }

    fn close(&mut self) -> Result<()> {
        // Stops it: the rest is merged here.
        self.merge = None;
        self.mark.stop(&self.sql)?;
        let busy: i64 = self
            .sql
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(sqlite_error)?;
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
