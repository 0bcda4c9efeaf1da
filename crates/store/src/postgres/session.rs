//! The connection that writes: what it does when it breaks, and what a commit was.

use super::connect;
use super::connection::Connection;
use super::fetch;
use super::pg_notify::LastEvents;
use super::server::Server;
use super::sql::Blocking;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::sql::{Batch, Sql};
use crate::unit_of_work::{Failure, Prefetch, Prefetched, Session};
use domain::Result;
use domain::ports::unavailable;
use std::collections::BTreeSet;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;

/// The settings of the connection that writes. Never a time limit: a commit that is cut off while it waits for a standby is there and
/// is not safe (reliability fact 0.8). Who holds locks and does nothing is a node that hangs.
pub const SETTINGS: &str =
    "SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = warning";
/// A transaction that waits for the disk, whatever the server is set to by now.
const BEGIN: &str = "BEGIN; SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END";

pub struct Writing {
    server: Server,
    on: Blocking<Box<Connection>>,
    failure: Failure,
    tell: UnboundedSender<LastEvents>,
}

impl Writing {
    pub fn new(server: Server, line: Connection, runtime: Handle, tell: UnboundedSender<LastEvents>) -> Self {
        Self { server, on: Blocking { connection: Box::new(line), runtime }, failure: Failure::Final, tell }
    }
}

impl Session for Writing {
    fn sql(&self) -> &dyn Sql {
        &self.on
    }

    fn start_transaction(&mut self) -> Result<bool> {
        self.failure = Failure::Final;
        let again = self.on.connection.is_closed();
        if again {
            let line = self.on.runtime.block_on(connect::connect(&self.server, SETTINGS))?;
            *self.on.connection = line;
        }
        self.on.connection.take_failure();
        // What fails before the commit without the server's saying why is the fault of one piece.
        self.failure = Failure::OneOfThem;
        self.on.connection.begin(BEGIN);
        Ok(!again)
    }

    fn commit(
        &mut self,
        last: &[Batch<'_>],
        _: &BTreeSet<Key>,
        access: bool,
        told: &LastEvents,
    ) -> Result<()> {
        if access {
            self.on.execute("UPDATE access_mark SET mark = mark + 1 WHERE one = 1", &[])?;
        }
        if last.is_empty() && self.on.connection.forget_begin() {
            // Nothing was asked, so there is nothing to commit.
            return Ok(());
        }
        self.on.connection.take_warned();
        if let Err((error, failure)) = self.on.runtime.block_on(self.on.connection.commit(last)) {
            self.failure = failure;
            return Err(error);
        }
        if self.on.connection.take_warned() {
            self.failure = Failure::Final;
            return Err(unavailable(
                "PostgreSQL warned at the commit: it is unknown whether the standbys have it",
            ));
        }
        if !told.is_empty() {
            // Without tidings, others find it by looking.
            let _ = self.tell.send(told.clone());
        }
        Ok(())
    }

    fn roll_back(&mut self) -> Failure {
        let failure = self.on.connection.take_failure().unwrap_or(self.failure);
        if let Err(error) = self.on.runtime.block_on(self.on.connection.rollback()) {
            tracing::warn!(%error, "a failed group could not be rolled back; PostgreSQL does it when the connection ends");
        }
        self.on.connection.take_failure();
        failure
    }

    fn fetch(&self, wanted: &Prefetch, runs: &PipelineCache) -> Result<Option<Prefetched>> {
        self.on.runtime.block_on(fetch::fetch(&self.on.connection, wanted, runs)).map(Some)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
