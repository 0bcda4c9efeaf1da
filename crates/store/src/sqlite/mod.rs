//! SQLite: one writer that commits for all who wait, many readers, one file.

mod closings;
mod connect;
mod desk;
mod health;
mod history;
mod imports;
mod jobs;
mod keys;
mod lists;
mod members;
mod merge_requests;
mod pipelines;
mod policies;
mod repeats;
mod reports;
mod repositories;
mod retention;
mod runs;
mod tokens;
mod users;
mod writer;

pub use connect::{LEAST_VERSION, check_version};

use connect::Lock;
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use writer::Writer;

/// Readers at once; more wait their turn.
const READERS: usize = 8;
/// Longest read: whoever asks for more than this keeps others from reading.
const READ_MAX: Duration = Duration::from_secs(10);
/// Slots of change marks; pipelines that share one only make each other's remembered answers be built again.
const MARKS: usize = 1 << 16;

/// What a server decides about its store.
pub struct Options {
    /// Writes that may wait; more are refused with [`Error::Overloaded`].
    pub queue: usize,
    /// Called when the disk fails a commit: what the file holds is then unknown to this process, which must end
    /// (reliability fact 0.6). The argument is for the log.
    pub on_fatal: Box<dyn Fn(&str) + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue: 10_000, on_fatal: Box::new(|_| {}) }
    }
}

/// A store in one SQLite file.
pub struct Sqlite {
    readers: Readers,
    writer: Writer,
    marks: Arc<Marks>,
}

impl Sqlite {
    /// Opens the store in `dir`, making it when it is not there.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with what is wrong: the SQLite version, another server on the directory, a newer schema,
    /// a file system without what WAL needs.
    pub fn open(dir: &Path, options: Options) -> Result<Self> {
        check_version(rusqlite::version_number())?;
        connect::make_dir(dir)?;
        let lock = Lock::take(dir)?;
        let path = connect::file(dir);
        let unclean = path.with_extension("db-wal").metadata().is_ok_and(|wal| wal.len() > 0);
        let mut connection = connect::writer(&path)?;
        if unclean {
            connect::quick_check(&connection)?;
        }
        connect::migrate(&mut connection)?;
        let marks = Arc::new(Marks::new());
        let writer = Writer::start(connection, lock, Arc::clone(&marks), options)?;
        Ok(Self { readers: Readers::new(path), writer, marks })
    }

    /// Runs `read` on a connection of its own, away from the threads that answer requests.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.readers.permits).acquire_owned().await.map_err(unavailable)?;
        let (idle, path) = (Arc::clone(&self.readers.idle), Arc::clone(&self.readers.path));
        let work = move || {
            let _permit = permit;
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match taken {
                Some(connection) => connection,
                None => connect::reader(&path)?,
            };
            let began = Instant::now();
            let overdue = move || began.elapsed() > READ_MAX;
            connection.progress_handler(10_000, Some(overdue)).map_err(failed)?;
            let result = read(&connection);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| Error::Internal(format!("a read was cut off: {e}")))?
    }
}

struct Readers {
    path: Arc<PathBuf>,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), idle: Arc::default(), permits: Arc::new(Semaphore::new(READERS)) }
    }
}

/// Change marks: odd while a change is being committed, another even number after it.
struct Marks {
    pipelines: Vec<AtomicU64>,
    access: AtomicU64,
}

impl Marks {
    fn new() -> Self {
        Self { pipelines: (0..MARKS).map(|_| AtomicU64::new(0)).collect(), access: AtomicU64::new(0) }
    }

    fn slot(repository: i32, pipeline: i32) -> usize {
        let both = u64::from(repository.unsigned_abs()) << 32 | u64::from(pipeline.unsigned_abs());
        (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize % MARKS
    }

    /// Turns the marks of these slots over: called once before and once after a commit.
    fn turn(&self, slots: &[usize], access: bool) {
        for &slot in slots {
            self.pipelines[slot].fetch_add(1, Ordering::SeqCst);
        }
        if access {
            self.access.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn read(mark: &AtomicU64) -> Option<u64> {
        Some(mark.load(Ordering::SeqCst)).filter(|mark| mark % 2 == 0)
    }
}

/// An error of SQLite, as the domain knows it.
fn failed(error: rusqlite::Error) -> Error {
    if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
        return unavailable(format!("a read was cut off after {} s", READ_MAX.as_secs()));
    }
    unavailable(format!("SQLite: {error}"))
}
