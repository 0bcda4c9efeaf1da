//! SQLite: one file, one connection that writes, many that read.

pub mod backups;
mod connect;
#[cfg(test)]
mod plans;
mod session;
mod sql;

pub use connect::{LEAST_VERSION, check_version};
pub(crate) use connect::{Lock, open_to_fill, open_to_read};

use crate::engine::{Engine, SqlStore, run_blocking};
use crate::moving;
use crate::notifier::Notifier;
use crate::pipeline_cache::Key;
use crate::reading::snapshot;
use crate::sql::Sql;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::Writer;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{CurrentVersions, Durability, unavailable};
use domain::{Error, Result};
use rusqlite::{Connection, ErrorCode};
use session::Writing;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

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
pub type Sqlite = SqlStore<File>;

/// The file, open.
pub struct File {
    readers: Readers,
    writer: Writer,
    marks: Arc<VersionCounters>,
    wakes: Arc<Notifier>,
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
        moving::refuse_unfinished(&connection)?;
        let marks = Arc::new(VersionCounters::new());
        let wakes = Arc::new(Notifier::default());
        let writing = Writing::new(connection, Arc::clone(&marks), options.on_fatal);
        let writer =
            Writer::start(UnitOfWork::new(Box::new(writing), Arc::clone(&wakes)), options.queue, lock)?;
        Ok(SqlStore(File { readers: Readers::new(path), writer, marks, wakes }))
    }
}

impl Engine for File {
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
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
        run_blocking(work).await
    }

    async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(move |sql| snapshot(sql, read)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        needs: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.write(needs, write).await
    }

    const LOOK_EVERY: Option<Duration> = None;

    fn notifier(&self) -> &Notifier {
        &self.wakes
    }

    async fn current_versions(&self, of: Option<(RepositoryId, PipelineId)>) -> Result<CurrentVersions> {
        let pipeline =
            of.map(|(repository, id)| &self.marks.pipelines[VersionCounters::slot(repository, id)]);
        Ok(CurrentVersions {
            access: VersionCounters::read(&self.marks.access),
            pipeline: pipeline.and_then(VersionCounters::read),
        })
    }

    async fn durability(&self) -> Result<Durability> {
        Ok(Durability::Local)
    }

    async fn close(&self) -> Result<()> {
        self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.writer.close().await
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
struct VersionCounters {
    pipelines: Vec<AtomicU64>,
    access: AtomicU64,
}

impl VersionCounters {
    fn new() -> Self {
        Self { pipelines: (0..MARKS).map(|_| AtomicU64::new(0)).collect(), access: AtomicU64::new(0) }
    }

    fn slot(repository: RepositoryId, pipeline: PipelineId) -> usize {
        let both =
            u64::from(repository.get().unsigned_abs()) << 32 | u64::from(pipeline.get().unsigned_abs());
        (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize % MARKS
    }

    /// Turns the marks of these pipelines over: called once before and once after a commit.
    fn turn(&self, changed: &BTreeSet<Key>, access: bool) {
        // Two of one slot would turn it twice.
        let slots: BTreeSet<usize> = changed.iter().map(|(r, p)| Self::slot(*r, *p)).collect();
        for slot in slots {
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
