//! Copies of a store's file: made while a server writes to it, and put back.

use super::connect::{self, Lock};
use super::failed;
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Pages copied between two words about the progress.
const PAGES_AT_ONCE: i32 = 1_000;

/// Told how many pages are copied, of how many.
pub type Progress<'a> = dyn FnMut(u64, u64) + Send + 'a;

/// Copies the store in `data`, a directory or a file, to the new file `to`: everything that was acknowledged before this was called, as of
/// one moment. A server may be at work on it, and goes on writing.
///
/// # Errors
/// [`Error::Unavailable`] where `data` has no store or `to` is there already; [`Error::Internal`] where the copy is damaged.
pub fn backup(data: &Path, to: &Path, progress: &mut Progress<'_>) -> Result<()> {
    if to.exists() {
        return Err(unavailable(format!("{} is there already", to.display())));
    }
    let copy = copy(data, to, progress)?;
    std::fs::rename(&copy, to).map_err(|e| at(to, &e))?;
    sync_dir(to)
}

/// Puts the store that is in `from`, a directory or a file, into the directory `data`, in place of what it holds.
///
/// # Errors
/// [`Error::Unavailable`] where `from` has no store or a server is at work on `data`; [`Error::Internal`] where the copy is damaged.
pub fn restore(from: &Path, data: &Path, progress: &mut Progress<'_>) -> Result<()> {
    connect::make_private(data)?;
    let _lock = Lock::take(data)?;
    let to = connect::file(data);
    let copy = copy(from, &to, progress)?;
    // A log of the store before would be taken for that of this one.
    for side in ["db-wal", "db-shm"] {
        let side = to.with_extension(side);
        if side.exists() {
            std::fs::remove_file(&side).map_err(|e| at(&side, &e))?;
        }
    }
    std::fs::rename(&copy, &to).map_err(|e| at(&to, &e))?;
    sync_dir(&to)
}

/// A copy beside `to`, whole, checked and on the disk.
fn copy(from: &Path, to: &Path, progress: &mut Progress<'_>) -> Result<PathBuf> {
    connect::check_version(rusqlite::version_number())?;
    let from = if from.is_dir() { connect::file(from) } else { from.to_owned() };
    if !from.is_file() {
        return Err(unavailable(format!("there is no store at {}", from.display())));
    }
    let source = connect::reader(&from)?;
    connect::check_ours(&source, &from)?;
    let part = PathBuf::from(format!("{}.part", to.display()));
    // Its owner's alone from the first byte on: it holds secrets of access keys.
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&part);
    let file = file.map_err(|e| at(&part, &e))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(&part, flags).map_err(failed)?;
    // Held to the end, so that a server that writes meanwhile does not make the copy begin again.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema").map_err(failed)?;
    let backup = Backup::new(&source, &mut copy).map_err(failed)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE).map_err(failed)?;
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
    // One file, that needs none beside it; a server turns the log on again.
    let mode: String =
        copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(failed)?;
    if mode != "delete" {
        return Err(Error::Internal(format!("the copy has journal mode {mode}")));
    }
    connect::quick_check(&copy)?;
    copy.close().map_err(|(_, e)| failed(e))?;
    file.sync_all().map_err(|e| at(&part, &e))?;
    Ok(part)
}

fn at(path: &Path, error: &std::io::Error) -> Error {
    unavailable(format!("{}: {error}", path.display()))
}

/// Lets the name of a file survive a loss of power, too.
fn sync_dir(path: &Path) -> Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| at(dir, &e))
}
