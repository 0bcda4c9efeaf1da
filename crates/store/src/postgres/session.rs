//! The connection that writes: how it reconnects, and the result of a commit.

use super::connect;
use super::connection::Connection;
use super::pg_notify::LastEvents;
use super::prefetch;
use super::server::Server;
use super::sql::Blocking;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::sql::{Batch, Sql};
use crate::unit_of_work::{Failure, Prefetch, Prefetched, Session};
use domain::Result;
use domain::ports::unavailable;
use std::collections::BTreeSet;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

/// The settings of the connection that writes. There is no statement timeout: a commit that is cancelled
/// while it waits for a standby is visible but not safe (reliability fact 0.8). A node that is idle in a
/// transaction hangs while it holds locks, so it is disconnected.
pub const WRITE_SETTINGS: &str =
    "SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = warning";
/// Begins a transaction that waits for the disk, whatever the current setting of the server.
const BEGIN: &str = "BEGIN; SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END";

pub struct PostgresSession {
    server: Server,
    sql: Blocking<Box<Connection>>,
    failure: Failure,
    notifications: Sender<LastEvents>,
}

impl PostgresSession {
    pub fn new(
        server: Server,
        connection: Connection,
        runtime: Handle,
        notifications: Sender<LastEvents>,
    ) -> Self {
        let sql = Blocking { connection: Box::new(connection), runtime, rows_max: usize::MAX };
        Self { server, sql, failure: Failure::Fatal, notifications }
    }
}

impl Session for PostgresSession {
    fn sql(&self) -> &dyn Sql {
        &self.sql
    }

    fn start_transaction(&mut self) -> Result<bool> {
        self.failure = Failure::Fatal;
        let reconnect = self.sql.connection.is_closed();
        if reconnect {
            let connection = self.sql.runtime.block_on(connect::connect(&self.server, WRITE_SETTINGS))?;
            *self.sql.connection = connection;
        }
        self.sql.connection.take_failure();
        // A failure before the commit without an error of the server is caused by one write.
        self.failure = Failure::Rejected;
        self.sql.connection.start_transaction(BEGIN);
        Ok(!reconnect)
    }

    fn commit(
        &mut self,
        last_rows: &[Batch<'_>],
        _: &BTreeSet<Key>,
        access: bool,
        last_events: &LastEvents,
        committed: &mut dyn FnMut(),
    ) -> Result<()> {
        if access {
            self.sql.execute("UPDATE access_version SET version = version + 1", &[])?;
        }
        if last_rows.is_empty() && self.sql.connection.forget_begin() {
            // No statement was sent, so there is nothing to commit.
            return Ok(());
        }
        self.sql.connection.take_warned();
        if let Err((error, failure)) = self.sql.runtime.block_on(self.sql.connection.commit(last_rows)) {
            self.failure = failure;
            return Err(error);
        }
        if self.sql.connection.take_warned() {
            self.failure = Failure::Fatal;
            return Err(unavailable(
                "PostgreSQL sent a warning at the commit: it is unknown whether the standbys have it",
            ));
        }
        committed();
        if !last_events.is_empty() {
            // If this fails, the other nodes find the events by polling.
            let _ = self.notifications.try_send(last_events.clone());
        }
        Ok(())
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

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}
