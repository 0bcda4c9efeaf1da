//! The engine PostgreSQL: several nodes on one database. A node has one connection that writes and a pool of
//! connections that read. A writer locks the row of a repository in `counters`, so that the nodes write to
//! the repository one after the other.

mod change_versions;
mod connect;
mod connection;
mod expected;
#[cfg(test)]
mod group_starts;
mod insertion;
mod node_mark;
mod pg_notify;
mod prefetch;
mod prepared_commit;
#[cfg(test)]
mod query_plans;
#[cfg(test)]
mod reads;
mod second_connection;
mod server;
mod session;
mod sql;
mod sql_dialect;

use crate::engine::{Engine, SqlStore, run_blocking};
use crate::loss::OpenError;
use crate::notifier::Notifier;
use crate::readers::{ROWS_MAX, ReadClass, Slot, Slots, Stop};
use crate::rows::settings;
use crate::sql::{Sql, values};
use crate::unapplied::{ReadScope, Unapplied};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Load, QueueMax, Writer};
use change_versions::{VersionKey, VersionLookups};
use connection::Connection;
use deadpool::managed::{Manager, Metrics, Pool, RecycleError, RecycleResult};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::memory::MemoryLimits;
use domain::model::storage::StorageState;
use domain::ports::{CurrentVersions, Durability, unavailable};
use domain::{Error, Result, Timestamp};
use pg_notify::PgNotify;
use server::Server;
use session::PostgresSession;
use sql::Blocking;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_postgres::{CancelToken, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The maximum wait for a connection that reads; then the response is 503.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How often those who wait for events poll for events of other nodes, because notifications may be lost.
const POLL_INTERVAL: Duration = Duration::from_millis(700);
/// The settings of connections that read. The time limit is that of lookups; the transactions of other reads set
/// their own.
const READ_SETTINGS: &str = "SET statement_timeout = '5s'; SET default_transaction_read_only = on";

/// The options of a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// The maximum of queued writes; more are refused with [`Error::Overloaded`].
    pub queue: usize,
    /// The bytes of the caches and of the queued writes.
    pub memory: MemoryLimits,
    /// The maximum of connections that read; one more writes.
    pub readers: usize,
    /// The data directory of this node, which contains the identity of its database.
    pub node: Option<PathBuf>,
    /// Use the database although it is another one than before.
    pub accept_loss: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue: 10_000, memory: MemoryLimits::default(), readers: 16, node: None, accept_loss: false }
    }
}

/// A store in a PostgreSQL database.
pub type Postgres = SqlStore<Node>;

/// One of the nodes on a database.
pub struct Node {
    readers: Pool<ReaderManager>,
    slots: Arc<Slots>,
    server: Server,
    versions: VersionLookups,
    writer: Writer,
    notifier: Arc<Notifier>,
    _pg_notify: PgNotify,
}

/// Opens the connections that read.
struct ReaderManager(Server);

impl Manager for ReaderManager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection> {
        connect::connect(&self.0, READ_SETTINGS).await
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if connection.is_closed() || connection.has_open_transaction() {
            Err(RecycleError::message("the connection is closed or has an open transaction"))
        } else {
            Ok(())
        }
    }
}

impl Postgres {
    /// Opens the store at `url`, and creates its tables if they do not exist. Must be called in a tokio
    /// runtime with more than one thread.
    ///
    /// # Errors
    /// [`OpenError::Loss`] for a database other than the former one of this node, [`OpenError::NewerSchema`]; else
    /// [`Error::Unavailable`] with the cause: the URL, an unreachable database, an older PostgreSQL.
    pub async fn open(url: &str, options: Options) -> std::result::Result<Self, OpenError> {
        let server = Server::parse(url)?;
        let connection = connect::connect(&server, session::WRITE_SETTINGS).await?;
        connect::check_not_newer(&connection).await?;
        connect::migrate(&connection).await?;
        let find = "SELECT value FROM settings WHERE name = ?1";
        if !connection.query(find, &[&settings::TRANSFER]).await?.is_empty() {
            return Err(settings::incomplete().into());
        }
        if let Some(node) = &options.node {
            node_mark::check(&connection, node, options.accept_loss).await?;
        }
        let readers = Pool::builder(ReaderManager(server.clone()))
            .max_size(options.readers.max(1))
            .wait_timeout(Some(WAIT_MAX))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|e| Error::Internal(e.to_string()))?;
        let notifier = Arc::new(Notifier::default());
        let pg_notify = PgNotify::start(server.clone(), Arc::clone(&notifier));
        let versions = VersionLookups::start(server.clone());
        let sender = pg_notify.sender();
        // Otherwise it is opened later.
        let other = connect::connect(&server, session::WRITE_SETTINGS).await.ok();
        let session = PostgresSession::new(
            server.clone(),
            (connection, other),
            Handle::current(),
            sender,
            readers.clone(),
        );
        let unit = UnitOfWork::new(Box::new(session), Arc::clone(&notifier), options.memory.pipelines, None);
        let queue = QueueMax { writes: options.queue, bytes: options.memory.writes };
        let writer = Writer::start(unit, queue, ())?;
        let slots = Slots::new(options.readers);
        Ok(SqlStore(Node { readers, slots, server, versions, writer, notifier, _pg_notify: pg_notify }))
    }
}

/// Whether `text` is the URL of a PostgreSQL database, by its scheme.
pub fn is_url(text: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Whether the database at `url` has a store, of any version.
///
/// # Errors
/// [`Error::Unavailable`] if the database cannot be reached.
pub async fn has_store(url: &str) -> Result<bool> {
    let server = Server::parse(url)?;
    connect::has_schema(&connect::connect(&server, "SET default_transaction_read_only = on").await?).await
}

/// A connection that reads the store at `url`, for a thread that may block. Must be called in a tokio runtime
/// with more than one thread.
///
/// # Errors
/// [`Error::Unavailable`] if there is none, or one of another version.
pub(crate) async fn open_to_read(url: &str) -> Result<Blocking<Box<Connection>>> {
    let server = Server::parse(url)?;
    let connection = connect::connect(&server, "SET default_transaction_read_only = on").await?;
    connect::check_schema(&connection).await?;
    Ok(Blocking::unlimited(Box::new(connection)))
}

/// The connection that fills the store at `url`, for a thread that may block; there is one at a time. Must be
/// called in a tokio runtime with more than one thread.
///
/// # Errors
/// [`Error::Unavailable`], also while another process fills the store.
pub(crate) async fn open_to_fill(url: &str) -> Result<Blocking<Box<Connection>>> {
    let connection = connect::connect(&Server::parse(url)?, session::WRITE_SETTINGS).await?;
    connect::migrate(&connection).await?;
    connect::lock_for_fill(&connection).await?;
    Ok(Blocking::unlimited(Box::new(connection)))
}

impl Node {
    async fn reader(&self) -> Result<deadpool::managed::Object<ReaderManager>> {
        self.readers.get().await.map_err(|error| match error {
            deadpool::managed::PoolError::Backend(error) => error,
            other => unavailable(format!("no connection to PostgreSQL is free: {other}")),
        })
    }

    /// Runs `read` on a thread that may block; in a transaction of this isolation level, if there is one. A scan
    /// that its caller no longer waits for is cancelled, and its connection is closed, because the server may
    /// receive the cancellation after the read.
    async fn reading<T: Send + 'static>(
        &self,
        class: ReadClass,
        isolation: Option<&str>,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let slot = self.slots.take(class).await?;
        let connection = self.reader().await?;
        let runtime = Handle::current();
        let begin = begin(&slot, class, isolation);
        let stop = Stop::default();
        // Lookups end soon, and a new connection is expensive.
        let cancel = (!class.is_lookup()).then(|| {
            let (token, tls, runtime) = (connection.cancel_token(), self.server.tls.clone(), runtime.clone());
            move || drop(runtime.spawn(cancel(token, tls)))
        });
        let _cancel_when_dropped = cancel.map(|cancel| stop.when_dropped(cancel));
        let work = move || {
            let slot = slot;
            if stop.is_stopped() {
                drop(deadpool::managed::Object::take(connection));
                return Err(unavailable("a read was stopped"));
            }
            let started = Instant::now();
            let sql = Blocking { connection, runtime, rows_max: ROWS_MAX };
            let mut result = match begin {
                None => read(&sql),
                Some(begin) => {
                    sql.connection.start_transaction(begin);
                    let result = read(&sql);
                    sql.connection.end();
                    result
                }
            };
            if !stop.end() {
                drop(deadpool::managed::Object::take(sql.connection));
            } else if result.is_err() && started.elapsed() >= slot.time_max() {
                result = Err(slot.timed_out());
            }
            result
        };
        run_blocking(work).await
    }
}

/// Cancels the running statement of a connection.
async fn cancel(token: CancelToken, tls: Option<MakeRustlsConnect>) {
    let cancelled = match tls {
        None => token.cancel_query(NoTls).await,
        Some(tls) => token.cancel_query(tls).await,
    };
    if let Err(error) = cancelled {
        tracing::debug!(%error, "a read could not be cancelled");
    }
}

/// The statements that begin the transaction of a read; `None`: it needs none. The connection's own time limit
/// is that of lookups.
fn begin(slot: &Slot, class: ReadClass, isolation: Option<&str>) -> Option<String> {
    let limit = match class {
        ReadClass::Point | ReadClass::Range => String::new(),
        _ => format!("; SET LOCAL statement_timeout = {}", slot.time_max().as_millis()),
    };
    match isolation {
        None if limit.is_empty() => None,
        isolation => Some(format!("BEGIN{}{limit}", isolation.unwrap_or_default())),
    }
}

impl Engine for Node {
    async fn read<T: Send + 'static>(
        &self,
        class: ReadClass,
        _: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(class, None, read).await
    }

    async fn snapshot<T: Send + 'static>(
        &self,
        class: ReadClass,
        _: ReadScope,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(class, Some(" ISOLATION LEVEL REPEATABLE READ"), read).await
    }

    const PREFETCHES: bool = true;

    fn unapplied(&self) -> Option<&Unapplied> {
        None
    }

    async fn write<T: Send + 'static>(
        &self,
        load: Load,
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.write(load, hints, write).await
    }

    const POLL_INTERVAL: Option<Duration> = Some(POLL_INTERVAL);

    fn notifier(&self) -> &Notifier {
        &self.notifier
    }

    async fn current_versions(
        &self,
        pipeline: Option<(RepositoryId, PipelineId)>,
    ) -> Result<CurrentVersions> {
        let key =
            pipeline.map_or(VersionKey::AccessOnly, |(repository, id)| VersionKey::Pipeline(repository, id));
        self.versions.current(key).await
    }

    async fn repository_version(&self, repository: RepositoryId) -> Result<Option<u64>> {
        Ok(self.versions.current(VersionKey::Repository(repository)).await?.pipeline)
    }

    async fn durability(&self) -> Result<Durability> {
        let query = "SELECT current_setting('fsync'), current_setting('synchronous_commit'),
            current_setting('synchronous_standby_names')";
        let (fsync, commit, standbys): (String, String, String) =
            self.read(ReadClass::Point, ReadScope::Accounts, move |sql| sql.one(query, &[])).await?;
        Ok(match (fsync.as_str(), commit.as_str()) {
            ("off", _) => Durability::Process,
            // With `off`, the connection that writes sets `on`, and then waits for the standbys too.
            (_, "on" | "off" | "remote_apply") if !standbys.trim().is_empty() => Durability::Quorum,
            _ => Durability::Local,
        })
    }

    async fn database_time(&self) -> Result<Option<Timestamp>> {
        let query = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        let now: i64 =
            self.read(ReadClass::Point, ReadScope::Accounts, move |sql| sql.one(query, &[])).await?;
        Ok(Timestamp::from_millisecond(now).ok())
    }

    async fn storage(&self) -> Result<StorageState> {
        // Its own monitoring covers the space of its disks.
        let query = "SELECT pg_database_size(current_database())";
        let size = |sql: &dyn Sql| sql.one::<i64>(query, values![]);
        let bytes = self.read(ReadClass::Point, ReadScope::Accounts, size).await?;
        Ok(StorageState { database_bytes: u64::try_from(bytes).ok(), ..StorageState::default() })
    }

    async fn close(&self) -> Result<()> {
        let closed = self.writer.close().await;
        self.readers.close();
        closed
    }
}
