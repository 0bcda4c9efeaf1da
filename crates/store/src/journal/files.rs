//! The journal files of a database, as its writer uses them: two, in turn. While the commits of one are written to the
//! tables, the other one takes new commits. A file is used again as it is, so a commit in it needs one sync of data
//! and none of its length.

use super::format::{Header, encode_commit};
use super::recovery::{self, LaterCommits};
use crate::sql::corrupt;
use domain::Result;
use domain::ports::unavailable;
use std::fs::{File, OpenOptions};
use std::io::{Error as IoError, ErrorKind};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Called when the disk fails a sync, after which it is unknown what a file holds.
pub type OnFatal = Arc<dyn Fn(&str) + Send + Sync>;

/// The journal files of a database file. Generations take turns: an even one is in the first file, an odd one in the
/// second.
pub fn paths(database: &Path) -> [PathBuf; 2] {
    ["journal-0", "journal-1"].map(|extension| database.with_extension(extension))
}

fn index_of(generation: u64) -> usize {
    usize::from(generation % 2 == 1)
}

/// The generation of the second of two new files.
pub const CREATED: u64 = 1;

/// Creates new, empty journal files for the database file `database` of this store. The first commit is the one after
/// `last`. The last generation is [`CREATED`].
///
/// # Errors
/// [`domain::Error::Unavailable`] with the path.
pub fn create(database: &Path, identity: [u8; 16], last: u64) -> Result<()> {
    for (generation, path) in (0..).zip(paths(database)) {
        let write = || -> std::io::Result<()> {
            let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&path)?;
            file.write_all_at(&Header { identity, generation, first: last + 1 }.encode(), 0)?;
            file.sync_all()
        };
        write().map_err(|error| at(&path, &error))?;
    }
    let dir = database.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| at(dir, &error))
}

/// Removes the journal files of a database file.
///
/// # Errors
/// [`domain::Error::Unavailable`] with the path.
pub fn remove(database: &Path) -> Result<()> {
    for path in paths(database) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(at(&path, &error)),
            _ => {}
        }
    }
    Ok(())
}

/// The open journal files.
pub struct JournalFiles {
    database: PathBuf,
    files: [File; 2],
    identity: [u8; 16],
    /// The generation of the next commit.
    generation: u64,
    /// The position of the next commit; 0: the generation has none.
    offset: u64,
    /// The number of the last durable commit.
    last: Arc<AtomicU64>,
    sync_time: Duration,
    /// A sync has failed.
    is_failed: bool,
    on_fatal: OnFatal,
    buffer: Vec<u8>,
}

impl JournalFiles {
    /// Opens the files of the database file `database`. The next commit starts `generation`, and is the one after
    /// `last`.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`] with the path.
    pub fn open(
        database: &Path,
        identity: [u8; 16],
        generation: u64,
        last: Arc<AtomicU64>,
        on_fatal: OnFatal,
    ) -> Result<Self> {
        let open =
            |path: PathBuf| OpenOptions::new().write(true).open(&path).map_err(|error| at(&path, &error));
        let [first, second] = paths(database);
        Ok(Self {
            database: database.to_owned(),
            files: [open(first)?, open(second)?],
            identity,
            generation,
            offset: 0,
            last,
            sync_time: Duration::ZERO,
            is_failed: false,
            on_fatal,
            buffer: Vec::new(),
        })
    }

    /// The number of the last durable commit.
    pub fn last(&self) -> u64 {
        self.last.load(Ordering::SeqCst)
    }

    /// How long the last sync took.
    pub fn sync_time(&self) -> Duration {
        self.sync_time
    }

    /// Appends a commit, and returns when it is durable.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]: the file has no such commit, or this process is to end.
    pub fn append(&mut self, body: &[u8]) -> Result<()> {
        let path = &paths(&self.database)[index_of(self.generation)];
        if self.is_failed {
            return Err(unavailable(format!("{}: the disk has failed", path.display())));
        }
        let (generation, number) = (self.generation, self.last() + 1);
        self.buffer.clear();
        if self.offset == 0 {
            let header = Header { identity: self.identity, generation, first: number };
            self.buffer.extend_from_slice(&header.encode());
        }
        encode_commit(&mut self.buffer, generation, number, body);
        let file = &self.files[index_of(generation)];
        if let Err(error) = file.write_all_at(&self.buffer, self.offset) {
            // The next commit is written to the same place.
            let is_full = matches!(
                error.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
            );
            self.is_failed = !is_full;
            if self.is_failed {
                (self.on_fatal)(&format!("the disk failed a commit: {}: {error}", path.display()));
            }
            return Err(at(path, &error));
        }
        let started = Instant::now();
        let synced = file.sync_data();
        self.sync_time = started.elapsed();
        if let Err(error) = synced {
            // The page cache may differ from the disk; only a restart reads the disk.
            self.is_failed = true;
            (self.on_fatal)(&format!("the disk failed a commit: {}: {error}", path.display()));
            return Err(at(path, &error));
        }
        self.offset += self.buffer.len() as u64;
        self.last.store(number, Ordering::SeqCst);
        self.buffer.shrink_to(BUFFER_KEPT);
        Ok(())
    }

    /// The next commit starts a generation in the other file. The commits of this file must have been applied.
    pub fn next_generation(&mut self) {
        if self.offset > 0 {
            self.generation += 1;
            self.offset = 0;
        }
    }

    /// The durable commits after the commit `applied`.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] if some are missing or damaged; [`domain::Error::Unavailable`].
    pub fn read_after(&self, applied: u64) -> Result<LaterCommits> {
        let mut found = recovery::Files::read(&self.database)?.after(applied, Some(self.identity));
        let last = self.last();
        if found.last < last {
            return Err(corrupt("the journal has lost commits"));
        }
        // A commit whose sync failed is not durable.
        found.bodies.truncate(usize::try_from(last.saturating_sub(applied)).unwrap_or(usize::MAX));
        Ok(LaterCommits { last, ..found })
    }
}

/// The bytes of the buffer that are kept for the next commit.
const BUFFER_KEPT: usize = 1 << 20;

pub(super) fn at(path: &Path, error: &IoError) -> domain::Error {
    unavailable(format!("{}: {error}", path.display()))
}
