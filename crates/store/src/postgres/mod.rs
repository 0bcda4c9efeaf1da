//! PostgreSQL: many nodes on one database. A node has one connection that writes and a pool of those that read. Who writes pipelines of a
//! repository holds its row of `counters`, so that the nodes write there one after the other.

mod connect;
mod connection;
mod fetch;
mod pg_notify;
#[cfg(test)]
mod plans;
mod probes;
mod server;
mod session;
mod sql;
mod sql_dialect;

use crate::engine::{Engine, SqlStore, run_blocking};
use crate::moving;
use crate::notifier::Notifier;
use crate::sql::{Row, Sql};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::Writer;
use connection::Connection;
use deadpool::managed::{Manager, Metrics, Pool, RecycleError, RecycleResult};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{CurrentVersions, Durability, unavailable};
use domain::{Error, Result};
use pg_notify::PgNotify;
use probes::Probes;
use server::Server;
use session::Writing;
use sql::Blocking;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Longest wait for a connection that reads; then the answer is 503.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How often whoever waits for events looks for those of other nodes, in case no tidings come.
const LOOK_EVERY: Duration = Duration::from_millis(700);
/// The settings of connections that read: whoever asks for more than this keeps others from reading.
const READING: &str = "SET statement_timeout = '10s'; SET default_transaction_read_only = on";

/// What a server decides about its store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Writes that may wait; more are refused with [`Error::Overloaded`].
    pub queue: usize,
    /// Connections that read, at most; one more writes.
    pub readers: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue: 10_000, readers: 16 }
    }
}

/// A store in a PostgreSQL database.
pub type Postgres = SqlStore<Node>;

/// One of the nodes on a database.
pub struct Node {
    readers: Pool<Reading>,
    probes: Probes,
    writer: Writer,
    wakes: Arc<Notifier>,
    _tidings: PgNotify,
}

/// Makes connections that read.
struct Reading(Server);

impl Manager for Reading {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection> {
        connect::connect(&self.0, READING).await
    }

    async fn recycle(&self, line: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if line.is_closed() || line.is_left_open() {
            Err(RecycleError::message("it is of no use"))
        } else {
            Ok(())
        }
    }
}

impl Postgres {
    /// Opens the store at `url`, making its tables when they are not there. Must be called in a runtime of tokio with more than one thread.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with what is wrong: the URL, a database that does not answer, an older PostgreSQL, a newer schema.
    pub async fn open(url: &str, options: Options) -> Result<Self> {
        let server = Server::parse(url)?;
        let line = connect::connect(&server, session::SETTINGS).await?;
        connect::migrate(&line).await?;
        if !line.query(moving::FIND_NOTE, &[]).await?.is_empty() {
            return Err(moving::half());
        }
        let readers = Pool::builder(Reading(server.clone()))
            .max_size(options.readers.max(1))
            .wait_timeout(Some(WAIT_MAX))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|e| Error::Internal(e.to_string()))?;
        let wakes = Arc::new(Notifier::default());
        let tidings = PgNotify::start(server.clone(), Arc::clone(&wakes));
        let probes = Probes::start(server.clone());
        let writing = Writing::new(server, line, Handle::current(), tidings.sender());
        let writer =
            Writer::start(UnitOfWork::new(Box::new(writing), Arc::clone(&wakes)), options.queue, ())?;
        Ok(SqlStore(Node { readers, probes, writer, wakes, _tidings: tidings }))
    }
}

/// Whether this is the URL of a database, by its scheme.
pub fn is_url(text: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
}

/// A connection that reads the store at `url`, for a thread that may wait. Must be called in a runtime of tokio with more than one thread.
///
/// # Errors
/// [`Error::Unavailable`] where there is none, or one of another version.
pub(crate) async fn open_to_read(url: &str) -> Result<Blocking<Box<Connection>>> {
    let server = Server::parse(url)?;
    let line = connect::connect(&server, "SET default_transaction_read_only = on").await?;
    connect::check_schema(&line).await?;
    Ok(Blocking { connection: Box::new(line), runtime: Handle::current() })
}

/// A connection that fills the store at `url`, for a thread that may wait; one at a time. Must be called in a runtime of tokio with more than
/// one thread.
///
/// # Errors
/// [`Error::Unavailable`], also while another fills it.
pub(crate) async fn open_to_fill(url: &str) -> Result<Blocking<Box<Connection>>> {
    let line = connect::connect(&Server::parse(url)?, session::SETTINGS).await?;
    connect::migrate(&line).await?;
    connect::hold_to_fill(&line).await?;
    Ok(Blocking { connection: Box::new(line), runtime: Handle::current() })
}

impl Node {
    async fn reader(&self) -> Result<deadpool::managed::Object<Reading>> {
        self.readers.get().await.map_err(|error| match error {
            deadpool::managed::PoolError::Backend(error) => error,
            other => unavailable(format!("no connection to PostgreSQL is free: {other}")),
        })
    }

    /// Runs `read` on a thread that may wait, in a transaction that `begin` begins.
    async fn reading<T: Send + 'static>(
        &self,
        begin: Option<&'static str>,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let line = self.reader().await?;
        let runtime = Handle::current();
        let work = move || {
            let on = Blocking { connection: line, runtime };
            let Some(begin) = begin else { return read(&on) };
            on.connection.begin(begin);
            let result = read(&on);
            on.runtime.block_on(on.connection.end())?;
            result
        };
        run_blocking(work).await
    }
}

impl Engine for Node {
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(None, read).await
    }

    async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Sql) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reading(Some("BEGIN ISOLATION LEVEL REPEATABLE READ"), read).await
    }

    async fn write<T: Send + 'static>(
        &self,
        needs: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.write(needs, write).await
    }

    const LOOK_EVERY: Option<Duration> = Some(LOOK_EVERY);

    fn notifier(&self) -> &Notifier {
        &self.wakes
    }

    async fn current_versions(&self, of: Option<(RepositoryId, PipelineId)>) -> Result<CurrentVersions> {
        self.probes.current_versions(of).await
    }

    async fn durability(&self) -> Result<Durability> {
        let query = "SELECT current_setting('fsync'), current_setting('synchronous_commit'),
            current_setting('synchronous_standby_names')";
        let read = |row: &dyn Row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?));
        let (fsync, commit, standbys) = self.read(move |sql| sql.one(query, &[], read)).await?;
        Ok(match (fsync.as_str(), commit.as_str()) {
            ("off", _) => Durability::Process,
            // What would not wait for the disk is made to, by the connection that writes; it waits for the standbys too then.
            (_, "on" | "off" | "remote_apply") if !standbys.trim().is_empty() => Durability::Quorum,
            _ => Durability::Local,
        })
    }

    async fn close(&self) -> Result<()> {
        let closed = self.writer.close().await;
        self.readers.close();
        closed
    }
}
