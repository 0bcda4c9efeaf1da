//! The spool of reports: a directory that keeps every report until a server has accepted it.
//!
//! | path | content |
//! |---|---|
//! | `pending/NUMBER.json` | reports to send, in the order of their numbers |
//! | `running/KEY.json` | the end of a job whose `report exec` still runs; its process holds a lock on the file |
//! | `running/KEY.room` | room for the real end of this job, so that a full disk does not hide it |
//! | `refused/NUMBER.json` | reports that a server refused for good, with the reason |
//! | `add.lock`, `send.lock` | held while a process adds a report, or sends reports |
//!
//! A file is written under another name, synced and renamed, so that a process that is killed, or a machine that
//! loses power, leaves a whole report or none. The idempotency key is part of the file: a report that is sent twice
//! has one effect.
//!
//! Must not know: servers and credentials.

use crate::commands::job_names::NameClaim;
use serde::{Deserialize, Serialize};
use stagepost_client::reports::Report;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// Most reports that wait to be sent.
pub const MAX_PENDING: usize = 10_000;
/// Most reports that are kept after a server refused them; the oldest are deleted.
pub const MAX_REFUSED: usize = 1_000;
/// The longest file that is read, in bytes. A server accepts requests of 1 MiB.
const MAX_FILE_BYTES: u64 = 4 << 20;

const PENDING: &str = "pending";
const RUNNING: &str = "running";
const REFUSED: &str = "refused";
/// The extension of the files that keep room for an end.
const ROOM: &str = "room";
/// Room for an end without details, in bytes.
const ROOM_BYTES: usize = 32 << 10;

/// A report that waits to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The URL of the server. A report is sent to no other one.
    pub server: String,
    /// Id or path of the repository.
    pub repository: String,
    /// Sent with every try.
    pub idempotency_key: String,
    /// The report.
    pub report: Report,
    /// How to find out whether another job of the same run has the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<NameClaim>,
    /// The build id was given by a flag.
    #[serde(default)]
    pub has_explicit_build_id: bool,
}

/// A report that a server refused.
#[derive(Serialize)]
struct Refused<'a> {
    reason: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
}

/// The content of a file in `refused` about a report. One that was moved without a change has no reason.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    reason: String,
    idempotency_key: String,
}

/// A directory of reports.
#[derive(Debug, Clone)]
pub struct Spool {
    directory: PathBuf,
}

/// The end of a running job, which is sent if this process ends without another one.
#[derive(Debug)]
pub struct RunningJob {
    path: PathBuf,
    /// Locked as long as this process runs.
    _lock: File,
}

impl Spool {
    /// Opens the spool in a directory, and creates what is missing. Only its owner can read it.
    ///
    /// # Errors
    /// The directory cannot be created.
    pub fn open(directory: &Path) -> io::Result<Self> {
        for path in
            [directory.to_owned(), directory.join(PENDING), directory.join(RUNNING), directory.join(REFUSED)]
        {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        }
        Ok(Self { directory: directory.to_owned() })
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Adds a report at the end. Afterwards it survives a crash of the machine. Returns the path of its file.
    ///
    /// # Errors
    /// The spool is full ([`io::ErrorKind::QuotaExceeded`]), or the file cannot be written.
    pub fn add(&self, entry: &Entry) -> io::Result<PathBuf> {
        let _lock = self.lock("add.lock")?;
        self.require_space(1)?;
        let path = self.pending(self.next_number()?);
        self.write(&path, entry)?;
        Ok(path)
    }

    /// Adds the start of a job, and records the end that is sent if this process ends without [`Spool::finish`].
    ///
    /// # Errors
    /// As [`Spool::add`]. Then nothing is kept.
    pub fn begin(&self, start: &Entry, end: &Entry) -> io::Result<RunningJob> {
        let _lock = self.lock("add.lock")?;
        self.require_space(2)?;
        let path = self.directory.join(RUNNING).join(format!("{}.json", end.idempotency_key));
        let write = || -> io::Result<File> {
            let mut room = create(&path.with_extension(ROOM))?;
            room.write_all(&vec![b' '; ROOM_BYTES])?;
            room.sync_all()?;
            // The end is first: a process that is killed in between leaves no job without an end.
            self.write(&path, end)?;
            let lock = File::open(&path)?;
            lock.lock()?;
            self.write(&self.pending(self.next_number()?), start)?;
            Ok(lock)
        };
        match write() {
            Ok(lock) => Ok(RunningJob { path, _lock: lock }),
            Err(error) => {
                remove_job(&path);
                Err(error)
            }
        }
    }

    /// Replaces the recorded end of a job by the real one, and adds that to the reports to send. If the disk is full,
    /// the end has no details.
    ///
    /// # Errors
    /// The file cannot be written or moved. Unless the recorded end is the real one already, it is wrong then, and is
    /// forgotten.
    pub fn finish(&self, job: &RunningJob, end: &Entry) -> io::Result<PathBuf> {
        let _lock = self.replace_end(job, end).inspect_err(|_| self.abandon(job))?;
        let path = self.move_to_pending(&job.path)?;
        remove_job(&job.path);
        Ok(path)
    }

    /// Writes the real end to the file of the recorded one. Returns the lock for adding reports.
    fn replace_end(&self, job: &RunningJob, end: &Entry) -> io::Result<File> {
        let lock = self.lock("add.lock")?;
        // In one step: a process that is killed between the steps leaves the real end in `running`.
        if let Err(error) = self.write(&job.path, end) {
            let mut end = end.clone();
            end.report.details = None;
            self.write_into_room(&job.path, &end).map_err(|_| error)?;
        }
        Ok(lock)
    }

    /// Forgets the recorded end of a job. Removing its file needs no space.
    pub fn abandon(&self, job: &RunningJob) {
        remove_job(&job.path);
    }

    /// Why the report with this idempotency key was refused, if it was; empty if that is not known.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn refusal(&self, idempotency_key: &str) -> io::Result<Option<String>> {
        let refusal = |path: PathBuf| serde_json::from_slice::<Refusal>(&fs::read(path).ok()?).ok();
        let mut newest_first = files(&self.directory.join(REFUSED))?.into_iter().rev().filter_map(refusal);
        let found = newest_first.find(|refusal| refusal.idempotency_key == idempotency_key);
        Ok(found.map(|refusal| refusal.reason))
    }

    /// Adds the ends of jobs whose process has ended without one.
    ///
    /// # Errors
    /// A directory cannot be read, or a file cannot be moved.
    pub fn recover(&self) -> io::Result<()> {
        let _lock = self.lock("add.lock")?;
        for path in files(&self.directory.join(RUNNING))? {
            let Ok(file) = File::open(&path) else { continue };
            if file.try_lock().is_ok() {
                self.move_to_pending(&path)?;
            }
        }
        // The room of jobs that have ended.
        for entry in fs::read_dir(self.directory.join(RUNNING))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == ROOM)
                && !path.with_extension("json").exists()
            {
                fs::remove_file(path)?;
            }
        }
        // Temporary files of processes that were killed while they held the lock.
        for directory in [PENDING, RUNNING, REFUSED] {
            for entry in fs::read_dir(self.directory.join(directory))? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "new") {
                    fs::remove_file(path)?;
                }
            }
        }
        Ok(())
    }

    /// The files of the reports to send, in order.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn paths(&self) -> io::Result<Vec<PathBuf>> {
        files(&self.directory.join(PENDING))
    }

    /// Waits until no other process sends reports of this spool; `None` if one does.
    ///
    /// # Errors
    /// The lock file cannot be opened.
    pub fn try_lock_sending(&self) -> io::Result<Option<File>> {
        let file = lock_file(&self.directory.join("send.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Replaces a report that waits.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn replace(&self, path: &Path, entry: &Entry) -> io::Result<()> {
        let _lock = self.lock("add.lock")?;
        self.write(path, entry)
    }

    /// Removes a report that a server has accepted.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Moves a report that a server refused for good to `refused`, with the reason. Returns its new path.
    ///
    /// # Errors
    /// The file cannot be written or moved.
    pub fn refuse(&self, path: &Path, entry: Option<&Entry>, reason: &str) -> io::Result<PathBuf> {
        let _lock = self.lock("add.lock")?;
        let refused = self.directory.join(REFUSED);
        let target = refused.join(path.file_name().unwrap_or_default());
        match entry {
            // If the disk is full, it is moved without the reason.
            Some(entry) if self.write(&target, &Refused { reason, entry }).is_ok() => fs::remove_file(path)?,
            // Not a report: kept as it is.
            _ => fs::rename(path, &target)?,
        }
        let all = files(&refused)?;
        for old in all.iter().take(all.len().saturating_sub(MAX_REFUSED)) {
            fs::remove_file(old)?;
        }
        Ok(target)
    }

    fn move_to_pending(&self, path: &Path) -> io::Result<PathBuf> {
        let target = self.pending(self.next_number()?);
        match fs::rename(path, &target) {
            Ok(()) => sync_directory(&self.directory.join(PENDING))?,
            // Another process has moved it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(target)
    }

    fn pending(&self, number: u64) -> PathBuf {
        self.directory.join(PENDING).join(format!("{number:020}.json"))
    }

    /// Whether this many reports can be added. The end of a running job has its place already.
    fn require_space(&self, reports: usize) -> io::Result<()> {
        let used = self.paths()?.len() + files(&self.directory.join(RUNNING))?.len();
        if used + reports > MAX_PENDING { Err(io::ErrorKind::QuotaExceeded.into()) } else { Ok(()) }
    }

    /// A number after those of all reports, also after those that were refused, whose names stay unique.
    fn next_number(&self) -> io::Result<u64> {
        let waiting = self.paths()?;
        let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse::<u64>().ok();
        let refused = files(&self.directory.join(REFUSED))?;
        let last = waiting.iter().rev().find_map(number).max(refused.iter().rev().find_map(number));
        Ok(last.map_or(1, |last| last.saturating_add(1)))
    }

    fn write(&self, path: &Path, content: &impl Serialize) -> io::Result<()> {
        let new = path.with_extension("new");
        let write = || -> io::Result<()> {
            let mut file = create(&new)?;
            file.write_all(&serde_json::to_vec(content)?)?;
            file.sync_all()
        };
        // A part of a file would take space from the next one.
        write().inspect_err(|_| drop(fs::remove_file(&new)))?;
        fs::rename(&new, path)?;
        sync_directory(path.parent().unwrap_or(&self.directory))
    }

    /// Writes an end into the room of its job, whose blocks the disk has already.
    fn write_into_room(&self, path: &Path, end: &Entry) -> io::Result<()> {
        let room = path.with_extension(ROOM);
        let bytes = serde_json::to_vec(end)?;
        let mut file = OpenOptions::new().write(true).open(&room)?;
        file.write_all(&bytes)?;
        file.set_len(bytes.len() as u64)?;
        file.sync_all()?;
        fs::rename(&room, path)?;
        sync_directory(path.parent().unwrap_or(&self.directory))
    }

    fn lock(&self, name: &str) -> io::Result<File> {
        let file = lock_file(&self.directory.join(name))?;
        file.lock()?;
        Ok(file)
    }
}

/// Reads a report. `None` if the file is gone; an error if it is not a report.
pub fn read(path: &Path) -> io::Result<Option<Entry>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_FILE_BYTES => Err(io::ErrorKind::FileTooLarge.into()),
        Ok(_) => Ok(Some(serde_json::from_slice(&fs::read(path)?)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// How long a report waits by the time of its file, at a time in milliseconds since 1970.
pub fn waiting_time(path: &Path, now: i64) -> Duration {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let written = written.and_then(|written| written.duration_since(UNIX_EPOCH).ok());
    let now = Duration::from_millis(now.try_into().unwrap_or_default());
    written.map_or(Duration::ZERO, |written| now.saturating_sub(written))
}

/// Whether an error of [`read`] is about the content of the file, which stays the same.
pub fn is_no_report(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, InvalidData, UnexpectedEof};
    matches!(error.kind(), FileTooLarge | InvalidData | UnexpectedEof)
}

/// Creates an empty file that only its owner can read.
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Removes the files of a job, as far as they exist.
fn remove_job(path: &Path) {
    for path in [path.to_owned(), path.with_extension(ROOM)] {
        drop(fs::remove_file(path));
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The reports in a directory, in the order of their names.
fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;
