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
}

impl SqliteSession {
    pub fn new(
        connection: Connection,
        versions: Arc<VersionCounters>,
        mark: MarkKeeper,
        merge: Option<BackgroundMerge>,
        on_fatal: OnFatal,
    ) -> Self {
        Self { sql: connection, versions, mark, merge, on_fatal }
    }
}

impl SqliteSession {
    /// Merges a write-ahead log that has outgrown its limit because there was always some reader. The next write
    /// starts again at its beginning, and shortens it.
    fn shorten_log(&self) {
        if self.merge.is_some() || self.mark.log_bytes() <= connect::LOG_KEPT.unsigned_abs() * 2 {
            return;
        }
        match merge_log(&self.sql) {
            Ok(true) => tracing::debug!("merged the write-ahead log"),
            Ok(false) => tracing::debug!("a reader keeps the write-ahead log from being merged"),
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
