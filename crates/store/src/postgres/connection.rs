//! A connection of PostgreSQL: statements on it, how many are sent before the first is answered, and what a failure of one means.

use super::sql::{List, columns, insertion};
use super::sql_dialect::translate;
use crate::sql::Batch;
use crate::unit_of_work::Failure;
use domain::ports::unavailable;
use domain::{Error, Result};
use futures_util::FutureExt as _;
use futures_util::future::{MaybeDone, join, join_all, maybe_done};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

/// Statements a connection keeps prepared; past it, all are forgotten.
const STATEMENTS_MAX: usize = 500;

/// A query with its values.
pub type Question<'a> = (&'static str, Vec<&'a (dyn ToSql + Sync)>);

/// A connection.
pub struct Connection {
    client: Client,
    statements: Mutex<HashMap<String, Statement>>,
    /// The words that begin a transaction, when the next statement is to bring them along.
    begin: Mutex<Option<&'static str>>,
    failure: Mutex<Option<Failure>>,
    /// Somebody began and did not end.
    begun: AtomicBool,
    /// The server warned: a commit may not be what it seems.
    warned: Arc<AtomicBool>,
}

impl Connection {
    pub fn new(client: Client, warned: Arc<AtomicBool>) -> Self {
        Self {
            client,
            statements: Mutex::default(),
            begin: Mutex::default(),
            failure: Mutex::default(),
            begun: AtomicBool::new(false),
            warned,
        }
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Begins a transaction together with the next statement.
    pub fn begin(&self, words: &'static str) {
        self.begun.store(true, Ordering::SeqCst);
        *self.begin.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
    }

    /// Whether a transaction was begun that nobody has ended: by a panic, so it is not to be used again.
    pub fn is_left_open(&self) -> bool {
        self.begun.load(Ordering::SeqCst)
    }

    /// Ends a transaction that only read.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn end(&self) -> Result<()> {
        if !self.forget_begin() && !self.is_closed() {
            self.run("COMMIT").await?;
        }
        self.begun.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Whether a transaction was to begin with a statement that never came.
    pub fn forget_begin(&self) -> bool {
        self.take_begin().is_some()
    }

    fn take_begin(&self) -> Option<&'static str> {
        self.begin.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the server warned since this was asked last.
    pub fn take_warned(&self) -> bool {
        self.warned.swap(false, Ordering::SeqCst)
    }

    /// What to do about the last failure.
    pub fn take_failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A failure, as the domain knows it.
    pub fn failed(&self, error: &tokio_postgres::Error) -> Error {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        *failure = Some(judge(error));
        from_postgres_error(error)
    }

    /// Runs words that answer nothing.
    pub async fn run(&self, words: &str) -> Result<()> {
        self.client.batch_execute(words).await.map_err(|error| self.failed(&error))
    }

    /// Puts the last rows in and commits, in one journey. What to do when it fails: only what was certainly undone may be done again; of
    /// everything else nobody knows what became.
    pub async fn commit(&self, last: &[Batch<'_>]) -> Result<(), (Error, Failure)> {
        let ready = self.ready(last).await.map_err(|error| {
            let failure = self.take_failure().unwrap_or(Failure::OneOfThem);
            (error, failure)
        })?;
        let begin = async {
            match self.take_begin() {
                Some(words) => self.client.batch_execute(words).await,
                None => Ok(()),
            }
        };
        let put = async {
            match &ready {
                Some((statement, columns)) => self.client.execute_raw(statement, columns).await.map(drop),
                None => Ok(()),
            }
        };
        let mut sent = [maybe_done(begin.boxed()), maybe_done(put.boxed())];
        for one in &mut sent {
            // Looked at once: so it is on its way, in this order.
            let _ = (&mut *one).now_or_never();
            if let MaybeDone::Done(Err(error)) = one {
                // Never sent, so that what was sent before it must not be committed.
                return Err((from_postgres_error(error), judge(error)));
            }
        }
        self.begun.store(false, Ordering::SeqCst);
        let (committed, _) = join(self.client.batch_execute("COMMIT"), join_all(&mut sent)).await;
        for mut one in sent {
            if let Some(Err(error)) = Pin::new(&mut one).take_output() {
                // The server refused it, and undid all of it at the COMMIT; or was not heard any more, whatever it did.
                let failure = error.as_db_error().map_or(Failure::Final, |_| judge(&error));
                return Err((from_postgres_error(&error), failure));
            }
        }
        committed.map_err(|error| {
            let undone = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
            let is_undone = error.code().is_some_and(|code| undone.contains(code));
            (from_postgres_error(&error), if is_undone { Failure::InTheWay } else { Failure::Final })
        })
    }

    /// Undoes what was begun.
    pub async fn rollback(&self) -> Result<()> {
        let open = self.begun.swap(false, Ordering::SeqCst) && !self.forget_begin();
        if open && !self.is_closed() { self.run("ROLLBACK").await } else { Ok(()) }
    }

    async fn prepare(&self, statement: &str) -> Result<Statement> {
        let known = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(statement).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let prepared =
            self.client.prepare(&translate(statement)).await.map_err(|error| self.failed(&error))?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        if statements.len() >= STATEMENTS_MAX {
            statements.clear();
        }
        statements.insert(statement.to_owned(), prepared.clone());
        Ok(prepared)
    }

    /// Does `work`, with the beginning of the transaction before it where one waits: both in one journey.
    async fn within<T>(&self, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
        let begin = self.take_begin();
        let done = match begin {
            Some(words) => {
                let (begun, done) = join(self.client.batch_execute(words), work).await;
                begun.map_err(|error| self.failed(&error))?;
                done
            }
            None => work.await,
        };
        done.map_err(|error| self.failed(&error))
    }

    /// All rows of a query.
    pub async fn query(
        &self,
        query: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<tokio_postgres::Row>> {
        let statement = self.prepare(query).await?;
        self.within(self.client.query(&statement, values)).await
    }

    /// The rows of some queries, which are sent in this order before the first is answered; of none, none.
    pub async fn together<const N: usize>(
        &self,
        questions: [Option<Question<'_>>; N],
    ) -> Result<[Vec<tokio_postgres::Row>; N]> {
        let mut ready = Vec::with_capacity(N);
        for (at, question) in questions.iter().enumerate() {
            if let Some((query, values)) = question {
                ready.push((at, self.prepare(query).await?, values.as_slice()));
            }
        }
        let mut answers = [const { Vec::new() }; N];
        if ready.is_empty() {
            return Ok(answers);
        }
        let sent = ready.iter().map(|(_, statement, values)| self.client.query(statement, values));
        let done = self.within(async { Ok(join_all(sent).await) }).await?;
        for ((at, ..), rows) in ready.iter().zip(done) {
            answers[*at] = rows.map_err(|error| self.failed(&error))?;
        }
        Ok(answers)
    }

    /// How many rows a statement changed.
    pub async fn execute(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let statement = self.prepare(statement).await?;
        self.within(self.client.execute(&statement, values)).await
    }

    /// Puts rows in.
    pub async fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()> {
        let Some((statement, columns)) = self.ready(batches).await? else { return Ok(()) };
        self.within(self.client.execute_raw(&statement, &columns)).await.map(drop)
    }

    /// The statement that puts rows in, with its values; none where there are no rows.
    async fn ready<'a>(&self, batches: &'a [Batch<'_>]) -> Result<Option<(Statement, Vec<List<'a>>)>> {
        if batches.is_empty() {
            return Ok(None);
        }
        Ok(Some((self.prepare(&insertion(batches)).await?, columns(batches))))
    }
}

/// Why a statement failed, for the log.
pub fn from_postgres_error(error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(db) => unavailable(format!("PostgreSQL: {} ({})", db.message(), db.code().code())),
        None => {
            let source = std::error::Error::source(error).map(|source| format!(": {source}"));
            unavailable(format!("PostgreSQL: {error}{}", source.unwrap_or_default()))
        }
    }
}

/// What to do about a failure before the commit, when nothing can have been kept.
fn judge(error: &tokio_postgres::Error) -> Failure {
    let Some(db) = error.as_db_error() else {
        // The connection is gone, and the transaction with it; or a value could not be written.
        return if error.is_closed() { Failure::InTheWay } else { Failure::OneOfThem };
    };
    let code = db.code();
    let in_the_way = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        // Another node made the same at the same time: it is there when it is looked for again.
        SqlState::UNIQUE_VIOLATION,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    if in_the_way.contains(code) {
        return Failure::InTheWay;
    }
    // Insufficient resources, operator's intervention, system errors.
    if ["53", "57", "58", "XX"].iter().any(|class| code.code().starts_with(class)) {
        return Failure::Final;
    }
    Failure::OneOfThem
}
