//! The engine SQLite: one file, one connection that writes, many that read.

pub mod backups;
mod connect;
mod guard;
#[cfg(test)]
mod query_plans;
mod read_only_media;
#[cfg(test)]
mod reads;
mod session;
mod sql;
mod wal;

pub use connect::{LEAST_VERSION, check_version};
pub(crate) use connect::{Lock, open_to_fill, open_to_read};
pub(crate) use guard::open_to_check;
pub use read_only_media::is_read_only;

use crate::engine::{Engine, SqlStore, run_blocking};
use crate::loss::OpenError;
use crate::notifier::Notifier;
use crate::pipeline_cache::Key;
use crate::readers::{ReadClass, Slots, Stop};
use crate::rows::settings;
use crate::sql::{Sql, snapshot};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Load, QueueMax, Writer};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::memory::MemoryLimits;
use domain::model::storage::StorageState;
use domain::ports::{CurrentVersions, Durability, unavailable};
use domain::{Error, Result, Timestamp};
use guard::MarkKeeper;
use rusqlite::{Connection, ErrorCode};
use session::SqliteSession;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The maximum of concurrent readers; more wait.
const READERS: usize = 8;
/// The part of the pages in memory that the connection which writes has; the readers share the others.
const WRITER_PAGES: u64 = 3;
/// The steps of SQLite's virtual machine between two checks whether a read is to stop.
const STEPS: i32 = 10_000;
/// The number of change versions. Pipelines that share one only invalidate each other's cached responses.
const VERSIONS: usize = 1 << 16;

/// The options of a store.
pub struct Options {
    /// The maximum of queued writes; more are refused with [`Error::Overloaded`].
    pub queue: usize,
    /// The bytes of the caches and of the queued writes.
    pub memory: MemoryLimits,
    /// Go on although data is missing. Damaged logs are renamed.
    pub accept_loss: bool,
    /// Called when the disk fails a commit. This process then does not know what the file holds, and must end
    /// (reliability fact 0.6). The argument is for the log.
    pub on_fatal: Box<dyn Fn(&str) + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue: 10_000,
            memory: MemoryLimits::default(),
            accept_loss: false,
            on_fatal: Box::new(|_| {}),
        }
    }
}

/// A store in one SQLite file.
pub type Sqlite = SqlStore<File>;

/// An open file.
pub struct File {
    readers: Readers,
    writer: Writer,
    versions: Arc<VersionCounters>,
    notifier: Arc<Notifier>,
}

impl Sqlite {
    /// Opens the store in `dir`, and creates it if it does not exist.
    ///
    /// # Errors
    /// [`OpenError::Loss`] if data that the directory had is missing; else [`Error::Unavailable`] with the
    /// cause: the SQLite version, another server that uses the directory, a newer schema, a file system that
    /// does not support WAL.
    pub fn open(dir: &Path, options: Options) -> std::result::Result<Self, OpenError> {
        check_version(rusqlite::version_number())?;
        connect::make_private(dir)?;
        let lock = Lock::take(dir)?;
        let path = connect::file(dir);
        // Before anything is created.
        let expected = guard::check_files(dir, options.accept_loss)?;
        connect::make_dir(dir)?;
        let unclean = connect::has_wal(&path);
        let damaged = |error| guard::damaged(&path, error);
        let mut connection = connect::writer(&path).map_err(damaged)?;
        let pages = Pages::of(options.memory.pages);
        connect::limit_pages(&connection, pages.writer).map_err(damaged)?;
        let mark = guard::check_content(&connection, &path, expected, options.accept_loss)?;
        if unclean {
            connect::quick_check(&connection).map_err(damaged)?;
        }
        connect::migrate(&mut connection).map_err(damaged)?;
        settings::check_complete(&connection).map_err(damaged)?;
        let keeper = MarkKeeper::start(&connection, dir, mark).map_err(damaged)?;
        let versions = Arc::new(VersionCounters::new());
        let notifier = Arc::new(Notifier::default());
        let session = SqliteSession::new(connection, Arc::clone(&versions), keeper, options.on_fatal);
        let memory = options.memory;
        let unit = UnitOfWork::new(Box::new(session), Arc::clone(&notifier), memory.pipelines);
        let queue = QueueMax { writes: options.queue, bytes: memory.writes };
        let writer = Writer::start(unit, queue, lock)?;
        Ok(SqlStore(File { readers: Readers::new(path, pages), writer, versions, notifier }))
    }
}

impl Engine for File {
    async fn read<T: Send + 'static>(
        &self,
        class: ReadClass,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let slot = self.readers.slots.take(class).await?;
        let (idle, path) = (Arc::clone(&self.readers.idle), Arc::clone(&self.readers.path));
        let pages = self.readers.pages;
        let stop = Stop::default();
        let _stop_when_dropped = stop.when_dropped(|| ());
        let work = move || {
            let slot = slot;
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match taken {
                Some(connection) => connection,
                None => pages.open_reader(&path)?,
            };
            let (end, is_stopped) = (Instant::now() + slot.time_max(), stop.clone());
            let is_to_stop = move || is_stopped.is_stopped() || Instant::now() > end;
            connection.progress_handler(STEPS, Some(is_to_stop)).map_err(sqlite_error)?;
            let mut result =
                if stop.is_stopped() { Err(stopped()) } else { read(&sql::Limited(&connection)) };
            let completed = stop.end();
            if completed && result.is_err() && Instant::now() > end {
                result = Err(slot.timed_out());
            }
            if !connection.is_autocommit()
                && let Err(error) = connection.execute_batch("ROLLBACK")
            {
                tracing::debug!(%error, "a read that was stopped could not be rolled back");
            }
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        };
        run_blocking(work).await
    }

    async fn snapshot<T: Send + 'static>(
        &self,
        class: ReadClass,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(class, move |sql| snapshot(sql, read)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.write(load, hints, write).await
    }

    const POLL_INTERVAL: Option<Duration> = None;

    fn notifier(&self) -> &Notifier {
        &self.notifier
    }

    async fn current_versions(
        &self,
        pipeline: Option<(RepositoryId, PipelineId)>,
    ) -> Result<CurrentVersions> {
        let pipeline =
            pipeline.map(|(repository, id)| &self.versions.pipelines[VersionCounters::slot(repository, id)]);
        Ok(CurrentVersions {
            access: VersionCounters::read(&self.versions.access),
            pipeline: pipeline.and_then(VersionCounters::read),
        })
    }

    async fn durability(&self) -> Result<Durability> {
        Ok(Durability::Local)
    }

    async fn database_time(&self) -> Result<Option<Timestamp>> {
        Ok(None)
    }

    async fn storage(&self) -> Result<StorageState> {
        let path = Arc::clone(&self.readers.path);
        run_blocking(move || Ok(connect::storage(&path))).await
    }

    async fn close(&self) -> Result<()> {
        self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        pages_gauge().set(0.0);
        self.writer.close().await
    }
}

struct Readers {
    path: Arc<PathBuf>,
    idle: Arc<Mutex<Vec<Connection>>>,
    slots: Arc<Slots>,
    pages: Pages,
}

impl Readers {
    fn new(path: PathBuf, pages: Pages) -> Self {
        Self { path: Arc::new(path), idle: Arc::default(), slots: Slots::new(READERS), pages }
    }
}

/// The bytes of pages that each connection keeps.
#[derive(Debug, Clone, Copy)]
struct Pages {
    writer: u64,
    reader: u64,
}

impl Pages {
    fn of(bytes: u64) -> Self {
        let writer = bytes / WRITER_PAGES;
        let reader = (bytes - writer) / READERS as u64;
        pages_gauge().set(writer as f64);
        Self { writer, reader }
    }

    fn open_reader(self, path: &Path) -> Result<Connection> {
        let connection = connect::reader(path)?;
        connect::limit_pages(&connection, self.reader)?;
        pages_gauge().increment(self.reader as f64);
        Ok(connection)
    }
}

/// The bytes that the open connections may keep.
fn pages_gauge() -> metrics::Gauge {
    metrics::gauge!("stagepost_cache_bytes", "cache" => "pages")
}

/// Change versions: odd while a change is being committed, another even number after it.
struct VersionCounters {
    pipelines: Vec<AtomicU64>,
    access: AtomicU64,
}

impl VersionCounters {
    fn new() -> Self {
        Self { pipelines: (0..VERSIONS).map(|_| AtomicU64::new(0)).collect(), access: AtomicU64::new(0) }
    }

    fn slot(repository: RepositoryId, pipeline: PipelineId) -> usize {
        let both =
            u64::from(repository.get().unsigned_abs()) << 32 | u64::from(pipeline.get().unsigned_abs());
        (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize % VERSIONS
    }

    /// Increments the versions of these pipelines. Must be called once before and once after a commit.
    fn increment(&self, changed: &BTreeSet<Key>, access: bool) {
        // Two pipelines of one slot must increment it once.
        let slots: BTreeSet<usize> = changed.iter().map(|(r, p)| Self::slot(*r, *p)).collect();
        for slot in slots {
            self.pipelines[slot].fetch_add(1, Ordering::SeqCst);
        }
        if access {
            self.access.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn read(version: &AtomicU64) -> Option<u64> {
        Some(version.load(Ordering::SeqCst)).filter(|version| version % 2 == 0)
    }
}

/// The error of a read that was stopped. Its client has disconnected, or gets the error of the time limit.
fn stopped() -> Error {
    unavailable("a read was stopped")
}

/// Converts an error of SQLite.
fn sqlite_error(error: rusqlite::Error) -> Error {
    if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
        return stopped();
    }
    if matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) {
        return Error::Internal(format!("the database is damaged: {error}"));
    }
    unavailable(format!("SQLite: {error}"))
}
