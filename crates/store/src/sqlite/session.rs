//! The one connection that writes.

use super::{VersionCounters, failed};
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

pub struct Writing {
    sql: Connection,
    marks: Arc<VersionCounters>,
    on_fatal: OnFatal,
}

impl Writing {
    pub fn new(connection: Connection, marks: Arc<VersionCounters>, on_fatal: OnFatal) -> Self {
        Self { sql: connection, marks, on_fatal }
    }
}

impl Session for Writing {
    fn sql(&self) -> &dyn Sql {
        &self.sql
    }

    fn start_transaction(&mut self) -> Result<bool> {
        self.sql.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        Ok(true)
    }

    fn commit(
        &mut self,
        last: &[Batch<'_>],
        changed: &BTreeSet<Key>,
        access: bool,
        _: &BTreeMap<RepositoryId, i64>,
    ) -> Result<()> {
        self.sql.write_batches(last)?;
        self.marks.turn(changed, access);
        let committed = self.sql.execute_batch("COMMIT").map_err(|error| {
            if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
                // After a failed sync the page cache may lie; only a restart reads what is really there.
                (self.on_fatal)(&format!("the disk failed a commit: {error}"));
            }
            failed(error)
        });
        if committed.is_err() {
            // Undone before anybody may remember what was read again.
            self.roll_back();
        }
        self.marks.turn(changed, access);
        committed
    }

    fn roll_back(&mut self) -> Failure {
        if !self.sql.is_autocommit()
            && let Err(error) = self.sql.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed group could not be rolled back");
        }
        Failure::Final
    }

    fn fetch(&self, _: &Prefetch, _: &PipelineCache) -> Result<Option<Prefetched>> {
        Ok(None)
    }

    fn finish(&mut self) -> Result<()> {
        let busy: i64 =
            self.sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(failed)?;
        if busy != 0 {
            tracing::info!("a reader was still at work, so the log stays beside the database file");
        }
        Ok(())
    }
}
