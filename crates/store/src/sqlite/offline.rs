//! A database file that no server uses, with reports in its journal: of a copy of a store in use, or of a server
//! that did not stop normally.

use super::connect::{self, Lock};
use super::{read_only_media, sqlite_error};
use crate::journal::{self, Files, LaterCommits};
use crate::loss::Loss;
use crate::mark::Mark;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::rows;
use crate::sql::{Batch, Sql, values};
use crate::unit_of_work::{Failure, Journaling, Prefetch, Prefetched, SentCommit, Session, UnitOfWork};
use domain::model::ids::RepositoryId;
use domain::model::memory::MemoryLimits;
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A connection that reads the complete store in a data directory or in a database file that no server uses. Its
/// journal is applied first: in the directory with its lock, else in a temporary copy of the database.
///
/// # Errors
/// [`Error::Unavailable`] if there is no store, or one of another version; [`Error::Internal`] if its journal is
/// damaged.
pub fn open_complete(path: &Path, lock: Option<&Lock>) -> Result<Connection> {
    let file = if path.is_dir() { connect::file(path) } else { path.to_owned() };
    let files = Files::read(&file)?;
    let sql = connect::open_to_read(path)?;
    let Some(commits) = unapplied(&sql, files)? else { return Ok(sql) };
    drop(sql);
    check_complete(&commits)?;
    if lock.is_none() {
        let dir = file.parent().unwrap_or(Path::new("."));
        if read_only_media::is_in_use(dir) {
            return Err(unavailable(format!("a server uses the store in {}", dir.display())));
        }
        return read_only_media::open_copy(&file, |copy| apply(copy, &commits));
    }
    apply(&file, &commits)?;
    connect::open_to_read(path)
}

/// Refuses a journal that lacks commits.
///
/// # Errors
/// [`Error::Internal`].
pub fn check_complete(commits: &LaterCommits) -> Result<()> {
    match &commits.gap {
        Some(path) => Err(Error::Internal(Loss::JournalDamaged { path: path.clone() }.to_string())),
        None => Ok(()),
    }
}

/// As [`open_complete`] without the lock. The journal of a running server, and a damaged journal, are left
/// out; [`check_journal`] checks them.
///
/// # Errors
/// [`Error::Unavailable`] if there is no store, or one of another version.
pub fn open_to_check(path: &Path) -> Result<Connection> {
    let dir = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
    if read_only_media::is_in_use(dir) {
        return connect::open_to_read(path);
    }
    match open_complete(path, None) {
        Err(Error::Internal(_)) => connect::open_to_read(path),
        opened => opened,
    }
}

/// The number of the last commit of the journal files that the tables have; `None` in a store of an earlier version,
/// which has no journal files.
pub fn applied(sql: &dyn Sql) -> Result<Option<u64>> {
    let has_files = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'journal_applied'";
    if sql.exists(has_files, values![])? { rows::journal::applied(sql).map(Some) } else { Ok(None) }
}

/// The reports that only the journal of a store of any version holds: the commits in its files, and what the table
/// holds; `None` if there are none.
pub fn unapplied(sql: &dyn Sql, files: Files) -> Result<Option<LaterCommits>> {
    let has_table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'journal'";
    let in_table = sql.exists(has_table, values![])? && rows::journal::count(sql)? > 0;
    let commits = match applied(sql)? {
        Some(applied) => Mark::load(sql)?.map(|mark| files.after(applied, Some(mark.identity_bytes()))),
        None => None,
    };
    let commits = commits.unwrap_or_default();
    let is_any = in_table || commits.gap.is_some() || !commits.bodies.is_empty();
    Ok(is_any.then_some(commits))
}

/// Replays the journal of a store in memory: whether its reports can be read and have the outcome that they had. A
/// server may use the store meanwhile.
///
/// # Errors
/// [`Error::Internal`] if not; [`Error::Unavailable`].
pub fn check_journal(path: &Path) -> Result<()> {
    let file = if path.is_dir() { connect::file(path) } else { path.to_owned() };
    let files = Files::read(&file)?;
    let sql = connect::open_to_read(path)?;
    // As of one moment. The transaction ends with the connection.
    sql.execute_batch("BEGIN").map_err(sqlite_error)?;
    let commits = unapplied(&sql, files)?.unwrap_or_default();
    journal::replay(&mut unit(sql), &commits).map(drop).map_err(Error::from)
}

/// Writes the reports of the journal of a database file to the other tables: these commits, and what the table holds.
///
/// # Errors
/// [`Error::Internal`] if a record is damaged; [`Error::Unavailable`].
pub fn apply(path: &Path, commits: &LaterCommits) -> Result<()> {
    let sql = Connection::open(path).map_err(sqlite_error)?;
    journal::apply(&mut unit(sql), commits).map(drop).map_err(Error::from)
}

fn unit(sql: Connection) -> UnitOfWork {
    let memory = MemoryLimits::default();
    let journaling = Journaling::new(Arc::default(), Duration::from_secs(1), memory.writes);
    UnitOfWork::new(Box::new(OfflineSession(sql)), Arc::default(), memory.pipelines, Some(journaling))
}

/// A connection without other readers.
struct OfflineSession(Connection);

impl Session for OfflineSession {
    fn sql(&self) -> &dyn Sql {
        &self.0
    }

    fn start_transaction(&mut self) -> Result<bool> {
        self.0.execute_batch("BEGIN IMMEDIATE").map_err(sqlite_error)?;
        Ok(true)
    }

    fn commit(
        &mut self,
        last_rows: &[Batch<'_>],
        _: &BTreeSet<Key>,
        _: bool,
        _: &BTreeMap<RepositoryId, i64>,
        committed: &mut dyn FnMut(),
    ) -> Result<Option<SentCommit>> {
        self.0.write_batches(last_rows)?;
        self.0.execute_batch("COMMIT").map_err(sqlite_error)?;
        committed();
        Ok(None)
    }

    fn roll_back(&mut self) -> Failure {
        // The transaction ends with the connection.
        Failure::Fatal
    }

    fn prefetch(&self, _: &Prefetch, _: &PipelineCache) -> Result<Option<Prefetched>> {
        Ok(None)
    }

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}
