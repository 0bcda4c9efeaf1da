//! The connection that writes: how it reconnects, and the result of a commit.

use super::ReaderManager;
use super::connect;
use super::connection::{Connection, Insertion};
use super::expected::{self, Expected};
use super::pg_notify::LastEvents;
use super::prefetch;
use super::prepared_commit::PreparedCommit;
use super::second_connection::SecondConnection;
use super::server::Server;
use super::sql::Blocking;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::rows::details::JOB_DETAILS;
use crate::rows::jobs::JOBS;
use crate::rows::pipelines::PIPELINES;
use crate::rows::reports::REPORTS;
use crate::rows::stages::STAGES;
use crate::sql::{Batch, Sql};
use crate::unit_of_work::{
    CommitPipelines, CommitResult, Failure, OnResult, Prefetch, Prefetched, SentCommit, Session,
};
use deadpool::managed::Pool;
use domain::{Error, Result};
use futures_util::future::{Either, select};
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;

/// The settings of the connection that writes. There is no statement timeout: a commit that is cancelled
/// while it waits for a standby is visible but not safe (reliability fact 0.8). A node that is idle in a
/// transaction hangs while it holds locks, so it is disconnected.
///
/// The prepared statement makes a transaction wait for the disk, whatever the current setting of the server.
pub const WRITE_SETTINGS: &str =
    "SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = warning;
    PREPARE wait_for_disk AS SELECT CASE current_setting('synchronous_commit')
        WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END";
/// Begins a transaction that waits for the disk, and whose statements see what was committed before each of them.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; EXECUTE wait_for_disk";

/// The tables whose rows a group may write while the group before is committed. The other tables are written only under
/// the lock of the counters.
const FIRST: [&str; 5] = [PIPELINES.name, STAGES.name, JOBS.name, REPORTS.name, JOB_DETAILS.name];

/// The rows of a group, as insertions into the tables of [`FIRST`] and into the others.
type Insertions = (Option<Insertion>, Option<Insertion>);

pub struct PostgresSession {
    server: Server,
    /// The connection of the group that runs, and of the commit before.
    sql: Blocking<Box<Connection>>,
    /// Another connection: a group that runs while the one before is committed writes its first rows meanwhile.
    other: SecondConnection,
    failure: Failure,
    notifications: Sender<LastEvents>,
    on_result: OnResult,
    readers: Pool<ReaderManager>,
    /// The checks at the commit of this group.
    expected: Option<Expected>,
    /// The rows that it inserts.
    insertions: Insertions,
    /// The other connection has prepared the insertions.
    on_other: bool,
    /// The group started while the commit before had no result.
    overlaps: bool,
}

impl PostgresSession {
    pub fn new(
        server: Server,
        (connection, other): (Connection, Option<Connection>),
        runtime: Handle,
        notifications: Sender<LastEvents>,
        readers: Pool<ReaderManager>,
    ) -> Self {
        let other = SecondConnection::new(server.clone(), runtime.clone(), other);
        let sql = Blocking { connection: Box::new(connection), runtime, rows_max: usize::MAX };
        Self {
            server,
            sql,
            other,
            failure: Failure::Fatal,
            notifications,
            on_result: Arc::new(|| {}),
            readers,
            expected: None,
            insertions: (None, None),
            on_other: false,
            overlaps: false,
        }
    }
}

impl PostgresSession {
    fn prepare_commit(&mut self) -> Result<PreparedCommit> {
        let insertions = std::mem::take(&mut self.insertions);
        let prepared = self.sql.connection.prepare_commit(self.expected.take(), insertions);
        self.sql.runtime.block_on(prepared)
    }

    fn has_rows(&self) -> bool {
        self.insertions.0.is_some() || self.insertions.1.is_some()
    }

    /// Tells the other nodes about the events of a commit that has succeeded.
    fn notify_nodes(&self, last_events: &LastEvents) -> impl FnOnce(&CommitResult) + Send + 'static {
        let (notifications, last_events) = (self.notifications.clone(), last_events.clone());
        move |result| {
            if result.is_ok() && !last_events.is_empty() {
                // If this fails, the other nodes find the events by polling.
                let _ = notifications.try_send(last_events);
            }
        }
    }
}

impl Session for PostgresSession {
    fn sql(&self) -> &dyn Sql {
        &self.sql
    }

    fn start_transaction(&mut self) -> Result<bool> {
        (self.failure, self.expected, self.insertions) = (Failure::Fatal, None, (None, None));
        (self.overlaps, self.on_other) = (false, false);
        let reconnect = self.sql.connection.is_closed();
        if reconnect {
            let connection = self.sql.runtime.block_on(connect::connect(&self.server, WRITE_SETTINGS))?;
            *self.sql.connection = connection;
        }
        self.sql.connection.take_failure();
        // A failure before the commit without an error of the server is caused by one write.
        self.failure = Failure::Rejected;
        self.sql.connection.start_transaction(BEGIN);
        Ok(!(self.other.take_opened() || reconnect))
    }

    fn add_rows(&mut self, rows: &[Batch<'_>]) -> Result<()> {
        if self.has_rows() {
            return self.sql.write_batches(rows);
        }
        // The rows of the group stay together if it has sent a statement.
        let overlaps = self.overlaps && self.sql.connection.has_begin();
        let Some(other) = self.other.get().filter(|_| overlaps) else {
            let insertion = self.sql.connection.prepare_insertion(rows.iter());
            self.insertions = (None, self.sql.runtime.block_on(insertion)?);
            return Ok(());
        };
        let is_first = |batch: &&Batch<'_>| FIRST.contains(&batch.table.name);
        let first = other.prepare_insertion(rows.iter().filter(is_first));
        let last = other.prepare_insertion(rows.iter().filter(|batch| !is_first(batch)));
        let prepared = self.sql.runtime.block_on(async { Ok::<_, Error>((first.await?, last.await?)) });
        if prepared.is_err() {
            self.failure = other.take_failure().unwrap_or(self.failure);
        }
        (self.insertions, self.on_other) = (prepared?, true);
        Ok(())
    }

    fn commit(
        &mut self,
        last_rows: &[Batch<'_>],
        _: &BTreeSet<Key>,
        access: bool,
        last_events: &LastEvents,
        _: &mut dyn FnMut(),
    ) -> Result<Option<SentCommit>> {
        if access {
            self.sql.execute("UPDATE access_version SET version = version + 1", &[])?;
        }
        if !last_rows.is_empty() {
            self.add_rows(last_rows)?;
        }
        if !self.has_rows() && self.sql.connection.forget_begin() {
            // No statement was sent, so there is nothing to commit.
            return Ok(None);
        }
        self.sql.connection.take_warned();
        let (of_written, written) = oneshot::channel();
        let result = match self.prepare_commit()?.send(of_written) {
            Ok(result) => result,
            Err((error, failure)) => {
                self.failure = failure;
                return Err(error);
            }
        };
        let (sender, commit) = SentCommit::new(Arc::clone(&self.on_result));
        let notify = self.notify_nodes(last_events);
        self.sql.runtime.spawn(async move {
            let result = result.await;
            notify(&result);
            sender.send(result);
        });
        Ok(Some(commit.with_written(written)))
    }

    fn commit_after(
        &mut self,
        before: SentCommit,
        last_events: &LastEvents,
    ) -> (SentCommit, Result<Option<SentCommit>>) {
        if !self.has_rows() && self.sql.connection.forget_begin() {
            return (before, Ok(None));
        }
        if self.on_other
            && let Some(other) = self.other.prepared()
        {
            self.sql.connection.cancel_start();
            std::mem::swap(&mut self.sql.connection, other);
            // Warnings of an earlier statement, or of the connection itself.
            self.sql.connection.take_warned();
            self.sql.connection.start_transaction(BEGIN);
        }
        let mut prepared = match self.prepare_commit() {
            Ok(prepared) => prepared,
            Err(error) => return (before, Err(error)),
        };
        let (of_before, result_of_before) = SentCommit::new(Arc::clone(&self.on_result));
        let (sender, commit) = SentCommit::new(Arc::clone(&self.on_result));
        let (of_written, written) = oneshot::channel();
        let (notify, on_other, mut before) = (self.notify_nodes(last_events), self.on_other, before);
        self.sql.runtime.spawn(async move {
            let mut first = Ok(());
            // The commit before must not wait for a lock: this transaction would keep others from releasing it.
            if on_other && before.is_written().await {
                first = prepared.send_first();
            }
            let before = before.result().await;
            // It is sent before the writer can send anything.
            let sent = match (&before, first) {
                (Ok(()), Ok(())) => prepared.send(of_written),
                (Ok(()), Err(failed)) => Err(failed),
                (Err((error, _)), _) => {
                    prepared.roll_back();
                    Err((error.clone(), Failure::Conflict))
                }
            };
            of_before.send(before);
            let result = match sent {
                Ok(result) => result.await,
                Err(failed) => Err(failed),
            };
            notify(&result);
            sender.send(result);
        });
        (result_of_before, Ok(Some(commit.with_written(written))))
    }

    fn set_on_result(&mut self, on_result: OnResult) {
        self.on_result = on_result;
    }

    fn roll_back(&mut self) -> Failure {
        let failure = self.sql.connection.take_failure().unwrap_or(self.failure);
        if let Err(error) = self.sql.runtime.block_on(self.sql.connection.rollback()) {
            tracing::warn!(%error, "a failed group could not be rolled back; PostgreSQL does it when the connection ends");
        }
        self.sql.connection.take_failure();
        failure
    }

    fn prefetch(&self, prefetch: &Prefetch, cache: &PipelineCache) -> Result<Option<Prefetched>> {
        self.sql.runtime.block_on(prefetch::run(&self.sql.connection, prefetch, cache)).map(Some)
    }

    fn prefetch_from_cache(
        &mut self,
        prefetch: &Prefetch,
        cache: &PipelineCache,
        of_commits: &CommitPipelines,
        before: Option<&mut SentCommit>,
    ) -> Option<Prefetched> {
        let overlaps = before.is_some();
        let read = expected::from_cache(&self.readers, prefetch, cache, of_commits);
        let read = async {
            let Some(before) = before else { return read.await };
            match select(pin!(read), pin!(before.completed())).await {
                Either::Left((read, _)) => read,
                Either::Right(_) => None,
            }
        };
        let (prefetched, expected) = self.sql.runtime.block_on(read)?;
        (self.expected, self.overlaps) = (Some(expected), overlaps);
        Some(prefetched)
    }

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}
