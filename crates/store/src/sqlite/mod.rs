//! The engine SQLite: one file, one connection that writes, many that read.

pub mod backups;
mod connect;
mod guard;
mod integrity;
mod merge;
mod offline;
#[cfg(test)]
mod query_plans;
mod read_only_media;
#[cfg(test)]
mod reads;
mod session;
mod sql;
mod wal;

pub use connect::{LEAST_VERSION, check_version};
pub(crate) use connect::{Lock, open_to_fill};
pub(crate) use guard::open_to_check;
pub(crate) use integrity::{INTEGRITY_CHECK, known_damage};
pub(crate) use offline::{check_journal, open_complete};
pub use read_only_media::is_read_only;

use crate::engine::{Engine, SqlStore, run_blocking};
use crate::journal;
use crate::loss::OpenError;
use crate::notifier::Notifier;
use crate::pipeline_cache::Key;
use crate::readers::{Pace, ReadClass, Slot, Slots, Stop};
use crate::rows::settings;
use crate::sql::{Sql, snapshot};
use crate::unapplied::{ReadScope, Unapplied};
use crate::unit_of_work::{Journaling, PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load, QueueMax, Writer};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::integrity::IntegrityState;
use domain::model::memory::MemoryLimits;
use domain::model::storage::StorageState;
use domain::ports::{CurrentVersions, Durability, unavailable};
use domain::{Error, Result, Timestamp};
use guard::MarkKeeper;
use integrity::IntegrityCheck;
use merge::BackgroundMerge;
use rusqlite::{Connection, ErrorCode};
use session::SqliteSession;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The maximum of concurrent readers; more wait.
const READERS: usize = 8;
/// The part of the pages in memory that the connection which writes has; the readers share the others.
const WRITER_PAGES: u64 = 3;
/// The steps of SQLite's virtual machine between two checks whether a read is to stop.
const STEPS: i32 = 10_000;
/// How long reports are collected in the journal before they are applied.
const JOURNAL_DELAY: Duration = Duration::from_secs(1);
/// The number of change versions. Pipelines that share one only invalidate each other's cached responses.
const VERSIONS: usize = 1 << 16;
/// The number of change versions of repositories, in the same way.
const REPOSITORY_VERSIONS: usize = 1 << 12;

/// The options of a store.
pub struct Options {
    /// The maximum of queued writes; more are refused with [`Error::Overloaded`].
    pub queue: usize,
    /// The bytes of the caches and of the queued writes.
    pub memory: MemoryLimits,
    /// Go on although data is missing. Damaged logs are renamed.
    pub accept_loss: bool,
    /// How long acknowledged reports may be in the journal only. Reads never miss them: this only decides how many
    /// are applied to the other tables at once.
    pub journal_delay: Duration,
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
            journal_delay: JOURNAL_DELAY,
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
    unapplied: Arc<Unapplied>,
    integrity: Arc<IntegrityCheck>,
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
        let is_unclean = expected.is_unclean(&path);
        let damaged = |error| guard::damaged(&path, error);
        let mut connection = connect::unchecked_writer(&path).map_err(damaged)?;
        let memory = options.memory;
        let pages = Pages::of(memory.pages);
        connect::limit_pages(&connection, pages.writer).map_err(damaged)?;
        let expected = guard::check_log(dir, expected, options.accept_loss)?;
        let mark = guard::check_content(&connection, &path, expected, options.accept_loss)?;
        merge::merge_at_close(&connection)?;
        let merge = BackgroundMerge::start_if_large(&connection, &path)?;
        connect::migrate(&mut connection).map_err(damaged)?;
        settings::check_complete(&connection).map_err(damaged)?;
        let integrity = IntegrityCheck::open(&connection, &path, is_unclean).map_err(damaged)?;
        let keeper = MarkKeeper::start(&connection, dir, mark).map_err(damaged)?;
        let versions = Arc::new(VersionCounters::new());
        let notifier = Arc::new(Notifier::default());
        let session = SqliteSession::new(connection, Arc::clone(&versions), keeper, merge, options.on_fatal);
        let unapplied = Arc::new(Unapplied::default());
        let journaling = Journaling::new(Arc::clone(&unapplied), options.journal_delay, memory.writes);
        let mut unit =
            UnitOfWork::new(Box::new(session), Arc::clone(&notifier), memory.pipelines, Some(journaling));
        let started = Instant::now();
        let reports = journal::apply(&mut unit).map_err(damaged)?;
        if reports > 0 {
            let milliseconds = started.elapsed().as_millis();
            tracing::info!(
                reports,
                milliseconds,
                "applied the reports of the journal: the server did not stop normally"
            );
        }
        let queue = QueueMax { writes: options.queue, bytes: memory.writes };
        let writer = Writer::start(unit, queue, lock)?;
        let integrity = Arc::new(integrity);
        Ok(SqlStore(File {
            readers: Readers::new(path, pages),
            writer,
            versions,
            notifier,
            unapplied,
            integrity,
        }))
    }
}

impl Engine for File {
    async fn read<T: Send + 'static>(
        &self,
        class: ReadClass,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.unapplied.is_in(scope) {
            self.writer.apply_journal().await?;
        }
        let slot = self.readers.slots.take(class).await?;
        let began = Instant::now();
        if class == ReadClass::Point && self.readers.pace.is_quick(began) {
            let result = self.readers.pool.run(&slot, began, &Stop::default(), read);
            self.readers.pace.record(began, Instant::now());
            return result;
        }
        let pool = Arc::clone(&self.readers.pool);
        let stop = Stop::default();
        let _stop_when_dropped = stop.when_dropped(|| ());
        run_blocking(move || pool.run(&slot, Instant::now(), &stop, read)).await
    }

    async fn snapshot<T: Send + 'static>(
        &self,
        class: ReadClass,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(class, scope, move |sql| snapshot(sql, read)).await
    }

    const PREFETCHES: bool = false;

    fn unapplied(&self) -> Option<&Unapplied> {
        Some(&self.unapplied)
    }

    async fn write<T: Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.integrity.is_damaged() {
            return Err(Error::Damaged);
        }
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

    async fn repository_version(&self, repository: RepositoryId) -> Result<Option<u64>> {
        Ok(VersionCounters::read(&self.versions.repositories[VersionCounters::repository_slot(repository)]))
    }

    async fn durability(&self) -> Result<Durability> {
        Ok(Durability::Local)
    }

    async fn database_time(&self) -> Result<Option<Timestamp>> {
        Ok(None)
    }

    async fn storage(&self) -> Result<StorageState> {
        let pool = Arc::clone(&self.readers.pool);
        run_blocking(move || Ok(connect::storage(&pool.path))).await
    }

    fn integrity(&self) -> Option<IntegrityState> {
        Some(self.integrity.state())
    }

    async fn check_integrity(&self, now: Timestamp) -> Result<bool> {
        let check = Arc::clone(&self.integrity);
        let stop = Stop::default();
        let _stop_when_dropped = stop.when_dropped(|| ());
        let step = {
            let stop = stop.clone();
            move || check.step(now, &stop)
        };
        let result = run_blocking(step).await;
        stop.end();
        if let Some(text) = result? {
            // Also a store that is damaged remembers it.
            let store = move |unit: &mut UnitOfWork| settings::store(unit.sql(), INTEGRITY_CHECK, &text);
            self.writer.write(Load::one(Flow::Maintenance), PrefetchHints::default(), store).await?;
        }
        Ok(self.integrity.state().is_due)
    }

    async fn close(&self) -> Result<()> {
        self.readers.pool.idle().clear();
        pages_gauge().set(0.0);
        self.writer.close().await
    }
}

struct Readers {
    pool: Arc<Pool>,
    slots: Arc<Slots>,
    pace: Pace,
}

impl Readers {
    fn new(path: PathBuf, pages: Pages) -> Self {
        let pool = Arc::new(Pool { path, pages, idle: Mutex::default() });
        Self { pool, slots: Slots::new(READERS), pace: Pace::new(Instant::now()) }
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

/// The connections that read.
struct Pool {
    path: PathBuf,
    pages: Pages,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads on this thread, until the time limit of the slot or until it is stopped.
    fn run<T>(
        &self,
        slot: &Slot,
        began: Instant,
        stop: &Stop,
        read: impl FnOnce(&dyn Sql) -> Result<T>,
    ) -> Result<T> {
        let taken = self.idle().pop();
        let mut connection = match taken {
            Some(connection) => connection,
            None => self.pages.open_reader(&self.path)?,
        };
        let (end, is_stopped) = (began + slot.time_max(), stop.clone());
        let is_to_stop = move || is_stopped.is_stopped() || Instant::now() > end;
        connection.progress_handler(STEPS, Some(is_to_stop)).map_err(sqlite_error)?;
        let mut result = if stop.is_stopped() { Err(stopped()) } else { read(&sql::Limited(&connection)) };
        let completed = stop.end();
        if completed && result.is_err() && Instant::now() > end {
            result = Err(slot.timed_out());
        }
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::debug!(%error, "a read that was stopped could not be rolled back");
        }
        self.idle().push(connection);
        result
    }
}

/// Change versions: odd while a change is being committed, another even number after it.
struct VersionCounters {
    pipelines: Vec<AtomicU64>,
    repositories: Vec<AtomicU64>,
    access: AtomicU64,
}

impl VersionCounters {
    fn new() -> Self {
        let counters = |count| (0..count).map(|_| AtomicU64::new(0)).collect();
        Self {
            pipelines: counters(VERSIONS),
            repositories: counters(REPOSITORY_VERSIONS),
            access: AtomicU64::new(0),
        }
    }

    fn slot(repository: RepositoryId, pipeline: PipelineId) -> usize {
        let both =
            u64::from(repository.get().unsigned_abs()) << 32 | u64::from(pipeline.get().unsigned_abs());
        (both.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize % VERSIONS
    }

    fn repository_slot(repository: RepositoryId) -> usize {
        repository.get().unsigned_abs() as usize % REPOSITORY_VERSIONS
    }

    /// Increments the versions of these pipelines and of their repositories. Must be called once before and
    /// once after a commit.
    fn increment(&self, changed: &BTreeSet<Key>, access: bool) {
        // Two pipelines of one slot must increment it once.
        let slots: BTreeSet<usize> = changed.iter().map(|(r, p)| Self::slot(*r, *p)).collect();
        for slot in slots {
            self.pipelines[slot].fetch_add(1, Ordering::SeqCst);
        }
        let repositories: BTreeSet<usize> =
            changed.iter().map(|(repository, _)| Self::repository_slot(*repository)).collect();
        for slot in repositories {
            self.repositories[slot].fetch_add(1, Ordering::SeqCst);
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
