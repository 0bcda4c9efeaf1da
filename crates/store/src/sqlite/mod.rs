//! The engine SQLite: one file, one connection that writes, many that read.

pub mod backups;
mod change_versions;
mod connect;
mod guard;
mod integrity;
mod merge;
mod offline;
mod open;
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
pub use open::Options;
pub use read_only_media::is_read_only;

use crate::engine::{Engine, SqlStore, run_blocking};
use crate::notifier::Notifier;
use crate::readers::{Pace, ReadClass, Slot, Slots, Stop};
use crate::rows::settings;
use crate::sql::{Sql, snapshot};
use crate::unapplied::{ReadScope, Unapplied};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load, Writer};
use change_versions::VersionCounters;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::integrity::IntegrityState;
use domain::model::storage::StorageState;
use domain::ports::{CurrentVersions, Durability, unavailable};
use domain::{Error, Result, Timestamp};
use integrity::IntegrityCheck;
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The maximum of concurrent readers; more wait.
const READERS: usize = 8;
/// The part of the pages in memory that the connections which write have; the readers share the others.
const WRITER_PAGES: u64 = 3;
/// The part of these that the connection of the writer has. The one that applies the journal has the others, because
/// it writes most.
const LOOKUP_PAGES: u64 = 4;
/// The steps of SQLite's virtual machine between two checks whether a read is to stop.
const STEPS: i32 = 10_000;
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

impl Engine for File {
    async fn read<T: Send + 'static>(
        &self,
        class: ReadClass,
        scope: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(generation) = self.unapplied.generation_of(scope) {
            self.writer.apply_journal(generation).await?;
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

    fn write<T: Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        let written = (!self.integrity.is_damaged()).then(|| self.writer.write(load, hints, write));
        async move { written.ok_or(Error::Damaged)?.await }
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
            // Also a store that is damaged stores it.
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
    applier: u64,
    reader: u64,
}

impl Pages {
    fn of(bytes: u64) -> Self {
        let both = bytes / WRITER_PAGES;
        let reader = (bytes - both) / READERS as u64;
        pages_gauge().set(both as f64);
        let writer = both / LOOKUP_PAGES;
        Self { writer, applier: both - writer, reader }
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
