//! Merging the write-ahead log into the database beside the commits that merge it regularly.

use super::{connect, sqlite_error};
use domain::Result;
use domain::ports::unavailable;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, InterruptHandle};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

/// After how many pages of the write-ahead log a commit merges it.
pub const PAGES: i64 = 4_000;
/// How long a merge of the write-ahead log waits for readers. Writes wait meanwhile.
const MERGE_WAIT: Duration = Duration::from_millis(100);

/// From now on, closing the connection merges the write-ahead log.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub fn merge_at_close(connection: &Connection) -> Result<()> {
    let set = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
    set.map(drop).map_err(sqlite_error)
}

/// Lets commits merge the write-ahead log, or not.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub fn merge_with_commits(connection: &Connection, is_on: bool) -> Result<()> {
    connect::set(connection, "wal_autocheckpoint", if is_on { PAGES } else { 0 })
}

/// Merges the whole write-ahead log into the database, and waits for readers of it for a moment. False: a
/// reader needs it.
pub fn merge_log(sql: &Connection) -> rusqlite::Result<bool> {
    sql.busy_timeout(MERGE_WAIT)?;
    let busy = sql.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0));
    sql.busy_timeout(connect::BUSY_TIMEOUT)?;
    busy.map(|busy| busy == 0)
}

/// A thread that merges a large write-ahead log after a start. The first commit would merge it otherwise, and
/// would take as long as writing the whole log to the database. Stopped when dropped.
pub struct BackgroundMerge {
    thread: Option<JoinHandle<()>>,
    interrupt: InterruptHandle,
}

impl BackgroundMerge {
    /// Starts the thread if the log of the database file `path` is larger than regular. Until it has ended,
    /// commits on `writer` do not merge the log.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub fn start_if_large(writer: &Connection, path: &Path) -> Result<Option<Self>> {
        let log = connect::wal_of(path).metadata().map_or(0, |log| log.len());
        if log <= connect::LOG_KEPT.unsigned_abs() {
            return Ok(None);
        }
        merge_with_commits(writer, false)?;
        let sql = Connection::open(path).map_err(sqlite_error)?;
        let interrupt = sql.get_interrupt_handle();
        let merge = move || {
            // Passive: it does not wait, and no connection waits for it.
            let merged = sql.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(2));
            match merged {
                Ok(pages) => tracing::info!(pages, "merged the write-ahead log of the last run"),
                Err(error) => {
                    tracing::debug!(%error, "the write-ahead log of the last run is not merged yet")
                }
            }
        };
        let thread = std::thread::Builder::new().name("stagepost-merge".into()).spawn(merge);
        Ok(Some(Self { thread: Some(thread.map_err(unavailable)?), interrupt }))
    }

    /// Whether the thread has ended.
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for BackgroundMerge {
    fn drop(&mut self) {
        self.interrupt.interrupt();
        // A thread that panicked has merged nothing: a commit does it.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_merged_unless_a_reader_needs_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = connect::file(dir.path());
        let sql = connect::writer(&path).unwrap();
        sql.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        let count = || reader.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count(), 1);
        sql.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        assert_eq!(merge_log(&sql), Ok(false));
        assert_eq!(count(), 1, "the reader is not disturbed");
        reader.execute_batch("COMMIT").unwrap();
        assert_eq!(merge_log(&sql), Ok(true));
        assert_eq!(count(), 2);
    }
}
