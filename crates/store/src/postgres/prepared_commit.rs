//! The end of a transaction: what it checks, the rows that it inserts, and the commit. All of it is one round trip, or
//! the first rows are sent before.

use super::connection::{Insertion, classify, from_postgres_error};
use super::expected::Expected;
use crate::unit_of_work::{CommitResult, Failure, unknown_result};
use domain::Error;
use domain::ports::unavailable;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, MaybeDone, join_all, maybe_done};
use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

type StatementResult = Result<(), tokio_postgres::Error>;

/// The statements of the end of a transaction. Those that were not sent yet are set.
pub struct PreparedCommit {
    client: Arc<Client>,
    /// Begins the transaction, if nothing was sent.
    begin: Option<Cow<'static, str>>,
    /// The rows that may be inserted before the checks.
    first: Option<Insertion>,
    /// The statements of [`checks`](super::expected::checks).
    check: Option<([Statement; 2], Expected)>,
    /// The other rows.
    last: Option<Insertion>,
    /// The statements that were sent, in this order.
    sent: Vec<MaybeDone<BoxFuture<'static, StatementResult>>>,
    /// Flags of the connection: a transaction was begun, and the server sent a warning.
    in_transaction: Arc<AtomicBool>,
    warned: Arc<AtomicBool>,
}

impl PreparedCommit {
    pub fn new(
        client: Arc<Client>,
        begin: Option<Cow<'static, str>>,
        (first, last): (Option<Insertion>, Option<Insertion>),
        check: Option<([Statement; 2], Expected)>,
        (in_transaction, warned): (Arc<AtomicBool>, Arc<AtomicBool>),
    ) -> Self {
        Self { client, begin, first, check, last, sent: Vec::new(), in_transaction, warned }
    }

    /// Begins the transaction and sends the first rows.
    ///
    /// # Errors
    /// They were not sent.
    pub fn send_first(&mut self) -> Result<(), (Error, Failure)> {
        self.send_begin()?;
        let first = self.first.take();
        self.send_insertion(first)
    }

    /// Rolls back what [`Self::send_first`] has sent.
    pub fn roll_back(self) {
        if self.in_transaction.swap(false, Ordering::SeqCst) {
            let client = self.client;
            // Polled once, which sends it.
            let _ = async move { client.batch_execute("ROLLBACK").await }.boxed().now_or_never();
        }
    }

    /// Sends the rest, and returns a future of the result. `written` gets a value when all rows are written and only
    /// the commit is missing. Statements that are sent later run after the commit, also before the future has run. The
    /// failure states what to do: a group may be retried only if it was certainly rolled back. Otherwise it is unknown
    /// whether it was committed.
    ///
    /// # Errors
    /// The commit was not sent.
    pub fn send(
        mut self,
        written: oneshot::Sender<()>,
    ) -> Result<BoxFuture<'static, CommitResult>, (Error, Failure)> {
        self.send_begin()?;
        if let Some(([lock, check], values)) = self.check.take() {
            let repositories = [values[0].clone()];
            let of_lock = Arc::clone(&self.client);
            let lock = async move { of_lock.execute_raw(&lock, values).await.map(drop) };
            self.send_statement(lock.boxed())?;
            let of_check = Arc::clone(&self.client);
            let check = async move { of_check.execute_raw(&check, repositories).await.map(drop) };
            self.send_statement(check.boxed())?;
        }
        let (first, last) = (self.first.take(), self.last.take());
        self.send_insertion(first)?;
        self.send_insertion(last)?;
        let Self { client, sent, in_transaction, warned, .. } = self;
        in_transaction.store(false, Ordering::SeqCst);
        let mut commit = maybe_done(async move { client.batch_execute("COMMIT").await }.boxed());
        // Polled once, which sends it.
        let _ = (&mut commit).now_or_never();
        let result = async move {
            let mut sent = sent;
            join_all(&mut sent).await;
            let mut statements = sent.iter_mut().map(|statement| Pin::new(statement).take_output());
            let failed = statements.find_map(|result| result.and_then(Result::err));
            if failed.is_none() {
                // Fails if no group follows.
                let _ = written.send(());
            }
            (&mut commit).await;
            let committed = Pin::new(&mut commit).take_output().ok_or_else(unknown_result)?;
            result_of_commit(committed, failed)?;
            if warned.swap(false, Ordering::SeqCst) {
                let text =
                    "PostgreSQL sent a warning at the commit: it is unknown whether the standbys have it";
                return Err((unavailable(text), Failure::Fatal));
            }
            Ok(())
        };
        Ok(result.boxed())
    }

    fn send_begin(&mut self) -> Result<(), (Error, Failure)> {
        self.in_transaction.store(true, Ordering::SeqCst);
        let Some(statement) = self.begin.take() else { return Ok(()) };
        let client = Arc::clone(&self.client);
        self.send_statement(async move { client.batch_execute(&statement).await }.boxed())
    }

    fn send_insertion(&mut self, insertion: Option<Insertion>) -> Result<(), (Error, Failure)> {
        let Some((statement, values)) = insertion else { return Ok(()) };
        let client = Arc::clone(&self.client);
        self.send_statement(async move { client.execute_raw(&statement, values).await.map(drop) }.boxed())
    }

    fn send_statement(
        &mut self,
        statement: BoxFuture<'static, StatementResult>,
    ) -> Result<(), (Error, Failure)> {
        let mut statement = maybe_done(statement);
        // Polled once, so that the statements are sent in this order.
        let _ = (&mut statement).now_or_never();
        if let MaybeDone::Done(Err(error)) = &statement {
            // It was not sent, so the statements before it must not be committed.
            return Err((from_postgres_error(error), classify(error)));
        }
        self.sent.push(statement);
        Ok(())
    }
}

/// The result of a commit, from the result of its COMMIT and the first error of the statements before.
fn result_of_commit(committed: StatementResult, failed: Option<tokio_postgres::Error>) -> CommitResult {
    if let Some(error) = failed {
        // With an error of the server, the COMMIT rolled back. Without one, the connection failed and
        // the result is unknown.
        let failure = error.as_db_error().map_or(Failure::Fatal, |_| classify(&error));
        return Err((from_postgres_error(&error), failure));
    }
    committed.map_err(|error| {
        let rolled_back = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        let is_rolled_back = error.code().is_some_and(|code| rolled_back.contains(code));
        (from_postgres_error(&error), if is_rolled_back { Failure::Conflict } else { Failure::Fatal })
    })
}
