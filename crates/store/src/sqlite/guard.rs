//! Notices at a start that data is missing: files that are gone, a damaged write-ahead log, another or an
//! older database, journal files that lack commits. Reads the log and the journal files, but not the whole database,
//! and needs no separate sync per commit.

mod journal;

pub use journal::{ExpectedJournal, check_journal, set_journal_aside};

use super::wal::IndexHeaders;
use super::{connect, offline, read_only_media, wal};
use crate::loss::{Loss, OpenError};
use crate::mark::{Mark, MarkFile};
use crate::rows::settings;
use crate::sql::{Sql, values};
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often the mark grows while there are commits.
const MARK_INTERVAL: Duration = Duration::from_secs(10);

/// The state of the database according to the files of its data directory.
#[derive(Default)]
pub struct Expected {
    /// The mark that the database had at least; `None`: unknown.
    mark: Option<Mark>,
    /// The last server did not stop normally, and there is no log.
    log_missing: bool,
    /// Whether the last server did not stop normally; `None`: unknown.
    unclean: Option<bool>,
    /// The index of the log as the last server left it; `None`: there is none, or the log was checked.
    index: Option<IndexHeaders>,
    /// The journal files.
    pub journal: ExpectedJournal,
}

impl Expected {
    /// Whether the last server that used the database file `path` did not stop normally.
    pub fn is_unclean(&self, path: &Path) -> bool {
        self.unclean.unwrap_or_else(|| connect::has_wal(path))
    }
}

/// Checks the files of a data directory before SQLite opens them, except the content of the log, which SQLite
/// reads first. `accept` goes on with the rest.
///
/// # Errors
/// [`OpenError::Loss`].
pub fn check_files(dir: &Path, accept: bool) -> std::result::Result<Expected, OpenError> {
    let (file, mark_damage) = match MarkFile::load(dir) {
        Ok(file) => (file, None),
        Err(loss) => (None, Some(loss)),
    };
    let loss = match mark_damage {
        Some(loss) => Some(loss),
        None => find_missing(dir, file.as_ref()),
    };
    match loss {
        None => {
            let log_missing = is_log_missing(dir, file.as_ref());
            let unclean = file.as_ref().map(|file| file.running);
            let index = IndexHeaders::read(&connect::index_of(&connect::file(dir)));
            let journal = file.as_ref().map(ExpectedJournal::from).unwrap_or_default();
            Ok(Expected { mark: file.map(|file| file.mark), log_missing, unclean, index, journal })
        }
        Some(loss) if accept => {
            tracing::warn!(%loss, "starting with the rest of the data, as requested");
            set_aside(dir)?;
            Ok(Expected { unclean: Some(true), ..Expected::default() })
        }
        Some(loss) => Err(loss.into()),
    }
}

/// Checks the log after SQLite has read it, and before anything is written. `accept` goes on with the commits
/// before the damage.
///
/// # Errors
/// [`OpenError::Loss`]. The connection must be closed without a checkpoint then.
pub fn check_log(dir: &Path, expected: Expected, accept: bool) -> std::result::Result<Expected, OpenError> {
    let path = connect::file(dir);
    let index = connect::index_of(&path);
    let recovered = IndexHeaders::read_in_use(&index);
    match damaged_log(&path, expected.index.as_ref(), recovered.as_ref())? {
        None => Ok(Expected { index: None, ..expected }),
        Some(loss) if accept => {
            tracing::warn!(%loss, "starting with the rest of the data, as requested");
            set_aside(dir)?;
            Ok(Expected { unclean: Some(true), ..Expected::default() })
        }
        Some(loss) => {
            // The next start finds the same.
            let written = expected.index.map_or(Ok(()), |headers| headers.write(&index));
            written.map_err(|e| unavailable(format!("{}: {e}", index.display())))?;
            Err(loss.into())
        }
    }
}

/// The loss of a directory whose database is missing.
fn find_missing(dir: &Path, file: Option<&MarkFile>) -> Option<Loss> {
    let path = connect::file(dir);
    let has_database = path.metadata().is_ok_and(|database| database.len() > 0);
    // A directory that holds the log of a database or the secrets of a first start had a database.
    let was_used = file.is_some() || connect::has_wal(&path) || dir.join("admin.toml").exists();
    (!has_database && was_used).then_some(Loss::DatabaseMissing { path })
}

/// The damage of the log of a database file.
fn damaged_log(
    path: &Path,
    before: Option<&IndexHeaders>,
    recovered: Option<&IndexHeaders>,
) -> Result<Option<Loss>> {
    if !connect::has_wal(path) {
        // Another program may have merged it into the database: its content decides.
        return Ok(None);
    }
    let log = connect::wal_of(path);
    let gap = wal::first_gap(&log, before, recovered);
    let gap = gap.map_err(|e| unavailable(format!("{}: {e}", log.display())))?;
    Ok(gap.map(|frame| Loss::LogDamaged { path: log, frame }))
}

/// Copies the log, which SQLite would overwrite, to a new name.
fn set_aside(dir: &Path) -> Result<()> {
    let path = connect::file(dir);
    if connect::has_wal(&path) { copy_aside(&connect::wal_of(&path)) } else { Ok(()) }
}

/// Copies a file to a new name beside it.
fn copy_aside(file: &Path) -> Result<()> {
    let mut copy = PathBuf::from(format!("{}.damaged", file.display()));
    for number in 2.. {
        if !copy.exists() {
            break;
        }
        copy = PathBuf::from(format!("{}.damaged-{number}", file.display()));
    }
    std::fs::copy(file, &copy).map_err(|e| unavailable(format!("{}: {e}", copy.display())))?;
    tracing::warn!(copy = %copy.display(), "copied a file that has lost data");
    Ok(())
}

/// Compares the content of the database with the mark of the data directory. Returns the mark to continue.
///
/// # Errors
/// [`OpenError::Loss`].
pub fn check_content(
    sql: &dyn Sql,
    path: &Path,
    expected: Expected,
    accept: bool,
) -> std::result::Result<Option<Mark>, OpenError> {
    let has_settings = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'settings'";
    let found = match sql.exists(has_settings, values![]).map_err(|error| damaged(path, error))? {
        true => {
            settings::check_complete(sql).map_err(|error| damaged(path, error))?;
            Mark::load(sql).map_err(|error| damaged(path, error))?
        }
        false => None,
    };
    let Expected { mark: Some(expected), log_missing, .. } = expected else { return Ok(found) };
    let path = path.to_owned();
    let is_same = found.as_ref().is_none_or(|found| found.identity == expected.identity);
    let loss = match &found {
        Some(found) if is_same && found.number >= expected.number => {
            if log_missing {
                tracing::warn!(
                    log = %connect::wal_of(&path).display(),
                    "the server did not stop normally and its write-ahead log is missing: nothing is lost if another program merged it into the database, else the reports of the last seconds"
                );
            }
            return Ok(Some(found.clone()));
        }
        _ if is_same && log_missing => Loss::LogMissing { path: connect::wal_of(&path) },
        Some(_) if is_same => Loss::Older { path },
        None if !sql.exists("SELECT 1 FROM sqlite_schema", values![])? => Loss::DatabaseMissing { path },
        _ => Loss::OtherStore { path: Some(path) },
    };
    if !accept {
        return Err(loss.into());
    }
    tracing::warn!(%loss, "starting with this database, as requested");
    Ok(found.map(|found| Mark { number: found.number.max(expected.number), ..found }))
}

/// The loss that an error of SQLite means while a database is opened.
pub fn damaged(path: &Path, error: Error) -> OpenError {
    match error {
        Error::Internal(reason) => Loss::Damaged { path: path.to_owned(), reason }.into(),
        error => error.into(),
    }
}

/// A connection that reads the store in a data directory or in a database file, and what is missing from the
/// directory. A server may use it meanwhile; then the log is not checked.
///
/// # Errors
/// [`Error::Unavailable`] if there is no store, or one of another version.
pub fn open_to_check(path: &Path) -> Result<(Connection, Vec<Loss>)> {
    if !path.is_dir() {
        return Ok((offline::open_to_check(path)?, Vec::new()));
    }
    // Read before the database, whose mark grows first.
    let file = MarkFile::load(path);
    let in_use = read_only_media::is_in_use(path);
    let database = connect::file(path);
    let files = match find_missing(path, file.as_ref().ok().and_then(Option::as_ref)) {
        _ if in_use => None,
        Some(loss) => Some(loss),
        None => damaged_log(&database, IndexHeaders::read(&connect::index_of(&database)).as_ref(), None)?,
    };
    let sql = offline::open_to_check(path)?;
    let (file, damage) = match file {
        Ok(file) => (file, None),
        Err(damage) => (None, Some(damage)),
    };
    let log_missing = !in_use && is_log_missing(path, file.as_ref());
    let expected_journal = file.as_ref().map(ExpectedJournal::from).unwrap_or_default();
    let expected = Expected { mark: file.map(|file| file.mark), log_missing, ..Expected::default() };
    let content = check_content(&sql, &database, expected, false).and_then(|mark| match in_use {
        true => Ok(()),
        false => check_journal(&sql, &database, mark.as_ref(), expected_journal, false).map(drop),
    });
    let content = match content {
        Ok(()) => None,
        Err(OpenError::Loss(loss)) => Some(loss),
        Err(OpenError::NewerSchema(newer)) => return Err(newer.into()),
        Err(OpenError::Store(error)) => return Err(error),
    };
    Ok((sql, [damage, files, content].into_iter().flatten().collect()))
}

fn is_log_missing(dir: &Path, file: Option<&MarkFile>) -> bool {
    file.is_some_and(|file| file.running) && !connect::has_wal(&connect::file(dir))
}

/// Writes the mark of a database that no server uses beside it: the end of a restore or of a backup. Removes
/// the file for a store of an earlier version.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn write_mark(sql: &dyn Sql, dir: &Path) -> Result<()> {
    let has_settings = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'settings'";
    let mark = if sql.exists(has_settings, values![])? { Mark::load(sql)? } else { None };
    match mark {
        Some(mark) => MarkFile { mark, running: false, journal: None }.save(dir),
        None => MarkFile::remove(dir),
    }
}

/// The mark of the database, or a new one for a store of an earlier version.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn mark_or_new(sql: &dyn Sql, mark: Option<Mark>) -> Result<Mark> {
    match mark {
        Some(mark) => Ok(mark),
        None => Ok(Mark { identity: sql.one("SELECT lower(hex(randomblob(16)))", values![])?, number: 0 }),
    }
}

/// Increases the mark: at the start, at the stop, and from time to time with a commit. The file follows the
/// commit, so it never names what the database does not hold.
pub struct MarkKeeper {
    dir: PathBuf,
    mark: Mark,
    /// The number of the last durable commit of the journal.
    journal: Arc<AtomicU64>,
    at: Instant,
}

impl MarkKeeper {
    /// Increases the mark in the database and in the file. The journal files must exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn start(sql: &dyn Sql, dir: &Path, mark: &Mark, journal: Arc<AtomicU64>) -> Result<Self> {
        let mark = mark.next();
        mark.store(sql)?;
        let keeper = Self { dir: dir.to_owned(), mark, journal, at: Instant::now() };
        keeper.file(true).save(dir)?;
        Ok(keeper)
    }

    fn file(&self, running: bool) -> MarkFile {
        MarkFile { mark: self.mark.clone(), running, journal: Some(self.journal.load(Ordering::SeqCst)) }
    }

    /// The size of the write-ahead log, in bytes.
    pub fn log_bytes(&self) -> u64 {
        connect::wal_of(&connect::file(&self.dir)).metadata().map_or(0, |log| log.len())
    }

    /// Writes the next mark in the open transaction, if the last one is old enough.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn next_if_due(&self, sql: &dyn Sql) -> Result<Option<Mark>> {
        if self.at.elapsed() < MARK_INTERVAL {
            return Ok(None);
        }
        let next = self.mark.next();
        next.store(sql)?;
        Ok(Some(next))
    }

    /// The transaction with this mark is durable.
    pub fn committed(&mut self, mark: Mark) {
        self.save(mark, true);
    }

    /// Increases the mark a last time. From now on, a missing log is no loss.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn stop(&mut self, sql: &dyn Sql) -> Result<()> {
        let mark = self.mark.next();
        mark.store(sql)?;
        self.save(mark, false);
        Ok(())
    }

    fn save(&mut self, mark: Mark, running: bool) {
        (self.mark, self.at) = (mark, Instant::now());
        // The file may lag behind, so a failure costs only a part of the protection.
        if let Err(error) = self.file(running).save(&self.dir) {
            tracing::warn!(%error, "cannot write the mark of the store");
        }
    }
}
