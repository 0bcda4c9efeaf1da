//! Backups of a store's file, made while a server may write to it, and their restoration.

use super::connect::{self, Lock};
use super::{guard, offline, read_only_media, sqlite_error};
use crate::journal::{self, Files};
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The number of pages copied between two reports of the progress.
const PAGES_AT_ONCE: i32 = 1_000;

/// Takes the number of copied pages, and of all pages.
pub type Progress<'a> = dyn FnMut(u64, u64) + Send + 'a;

/// Copies the store in `data`, a directory or a file, to the new file `to`: everything that was acknowledged
/// before the call, as of one moment. A server may write to the store meanwhile.
///
/// # Errors
/// [`Error::Unavailable`] if `data` has no store or `to` exists; [`Error::Internal`] if the copy is damaged.
pub fn backup(data: &Path, to: &Path, progress: &mut Progress<'_>) -> Result<()> {
    if to.exists() {
        return Err(unavailable(format!("{} is there already", to.display())));
    }
    let copy = copy(data, to, progress)?;
    std::fs::rename(&copy, to).map_err(|e| at(to, &e))?;
    sync_dir(to)?;
    // A directory can be served, and has a mark like every data directory.
    match to.parent().filter(|dir| connect::file(dir) == to) {
        Some(dir) => write_mark(to, dir),
        None => Ok(()),
    }
}

fn write_mark(path: &Path, dir: &Path) -> Result<()> {
    guard::write_mark(&connect::open_immutable(path)?, dir)
}

/// Replaces the store in the directory `data` by the one in `from`, a directory or a file.
///
/// # Errors
/// [`Error::Unavailable`] if `from` has no store or a server uses `data`; [`Error::Internal`] if the copy is
/// damaged.
pub fn restore(from: &Path, data: &Path, progress: &mut Progress<'_>) -> Result<()> {
    connect::make_private(data)?;
    let _lock = Lock::take(data)?;
    let to = connect::file(data);
    let copy = copy(from, &to, progress)?;
    // SQLite would apply the WAL of the replaced store to the new one; the journal files are of it too.
    journal::remove(&to)?;
    for side in ["db-wal", "db-shm"] {
        let side = to.with_extension(side);
        if side.exists() {
            std::fs::remove_file(&side).map_err(|e| at(&side, &e))?;
        }
    }
    std::fs::rename(&copy, &to).map_err(|e| at(&to, &e))?;
    sync_dir(&to)?;
    // Until here, a start detects that the restore was interrupted: the mark is that of the replaced store.
    write_mark(&to, data)
}

/// Makes a complete, checked and synced copy beside `to`; returns its path.
fn copy(from: &Path, to: &Path, progress: &mut Progress<'_>) -> Result<PathBuf> {
    connect::check_version(rusqlite::version_number())?;
    let from = if from.is_dir() { connect::file(from) } else { from.to_owned() };
    if !from.is_file() {
        return Err(unavailable(format!("there is no store at {}", from.display())));
    }
    // Before the database: what is applied in between is in both.
    let files = Files::read(&from)?;
    let in_use = read_only_media::is_in_use(from.parent().unwrap_or(Path::new(".")));
    let source = connect::source(&from)?;
    connect::check_ours(&source, &from)?;
    let part = PathBuf::from(format!("{}.part", to.display()));
    // Accessible by its owner only from the start: it holds secrets of access keys.
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&part);
    let file = file.map_err(|e| at(&part, &e))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(&part, flags).map_err(sqlite_error)?;
    // This read transaction lasts until the end, so that concurrent writes do not restart the copy.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").map_err(sqlite_error)?;
    let backup = Backup::new(&source, &mut copy).map_err(sqlite_error)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE).map_err(sqlite_error)?;
        let so_far = backup.progress();
        let of = |pages: i32| u64::try_from(pages).unwrap_or_default();
        progress(of(so_far.pagecount - so_far.remaining), of(so_far.pagecount));
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            _ => return Err(unavailable(format!("{} is locked", from.display()))),
        }
    }
    drop(backup);
    // A single file without a WAL; a server enables the WAL again.
    let mode: String =
        copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(sqlite_error)?;
    if mode != "delete" {
        return Err(Error::Internal(format!("the copy has journal mode {mode}")));
    }
    copy.close().map_err(|(_, e)| sqlite_error(e))?;
    let copy = connect::open_immutable(&part)?;
    let commits = offline::unapplied(&copy, files)?;
    drop(copy);
    if let Some(commits) = commits {
        if !in_use {
            // Of a store in use, the files were not read at one moment: what comes after a gap is newer than the copy.
            offline::check_complete(&commits)?;
        }
        offline::apply(&part, &commits)?;
    }
    quick_check(&connect::open_immutable(&part)?)?;
    file.sync_all().map_err(|e| at(&part, &e))?;
    Ok(part)
}

/// Checks a copy for damage.
fn quick_check(connection: &Connection) -> Result<()> {
    let result: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sqlite_error)?;
    if result == "ok" { Ok(()) } else { Err(Error::Internal(format!("the database is damaged: {result}"))) }
}

fn at(path: &Path, error: &std::io::Error) -> Error {
    unavailable(format!("{}: {error}", path.display()))
}

/// Syncs the directory of a file, so that its name survives a power failure.
fn sync_dir(path: &Path) -> Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| at(dir, &e))
}
