//! A connection of PostgreSQL: prepared and pipelined statements, transactions, and the classification of
//! failures.

use super::expected::{self, Expected};
use super::insertion::{self, Encoded};
use super::prepared_commit::PreparedCommit;
use super::sql_dialect::translate;
use crate::readers::too_many_rows;
use crate::sql::Batch;
use crate::unit_of_work::Failure;
use domain::ports::unavailable;
use domain::{Error, Result};
use futures_util::future::{join, join_all};
use futures_util::{FutureExt as _, TryStreamExt as _};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{CancelToken, Client, Statement};

/// The maximum of prepared statements of a connection; beyond it, all are dropped.
const STATEMENTS_MAX: usize = 500;

/// A query with its values.
pub type Query<'a> = (&'a str, Vec<&'a (dyn ToSql + Sync)>);

/// A statement that inserts rows, with its values.
pub type Insertion = (Statement, Vec<Encoded>);

/// Identifies the insertion into a table: its name, the number of its columns, which is less without its key, and
/// whether the rows are new.
type InsertionKey = (&'static str, usize, bool);

fn insertion_key(batch: &Batch<'_>) -> InsertionKey {
    (batch.table.name, batch.table.columns.len(), batch.is_new)
}

/// A connection.
pub struct Connection {
    client: Arc<Client>,
    statements: Mutex<HashMap<String, Statement>>,
    /// The statements that insert rows, by their tables.
    insertions: Mutex<HashMap<Vec<InsertionKey>, Statement>>,
    /// The statement that begins a transaction, if it is to be sent with the next statement.
    begin: Mutex<Option<Cow<'static, str>>>,
    failure: Mutex<Option<Failure>>,
    /// A transaction was begun and not ended.
    in_transaction: Arc<AtomicBool>,
    /// The server sent a warning: a commit may be less durable than requested.
    warned: Arc<AtomicBool>,
}

impl Connection {
    pub fn new(client: Client, warned: Arc<AtomicBool>) -> Self {
        Self {
            client: Arc::new(client),
            statements: Mutex::default(),
            insertions: Mutex::default(),
            begin: Mutex::default(),
            failure: Mutex::default(),
            in_transaction: Arc::default(),
            warned,
        }
    }

    /// Cancels the running statement from another connection.
    pub fn cancel_token(&self) -> CancelToken {
        self.client.cancel_token()
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Begins a transaction with `statement`, which is sent together with the next statement.
    pub fn start_transaction(&self, statement: impl Into<Cow<'static, str>>) {
        self.in_transaction.store(true, Ordering::SeqCst);
        *self.begin.lock().unwrap_or_else(PoisonError::into_inner) = Some(statement.into());
    }

    /// Whether a transaction was not ended, because of a panic. The connection must not be used again then.
    pub fn has_open_transaction(&self) -> bool {
        self.in_transaction.load(Ordering::SeqCst)
    }

    /// Ends a read-only transaction. It does not wait for the response, which has no information about the rows that
    /// were read: the next statement of the connection is sent after this one.
    pub fn end(&self) {
        if !self.forget_begin() {
            // Polled once, which sends it.
            let _ = self.client.batch_execute("COMMIT").boxed().now_or_never();
        }
        self.in_transaction.store(false, Ordering::SeqCst);
    }

    /// Forgets the statement that begins a transaction, if it was not sent. Returns whether there was one.
    pub fn forget_begin(&self) -> bool {
        self.take_begin().is_some()
    }

    /// Undoes [`Self::start_transaction`], after which nothing was sent.
    pub fn cancel_start(&self) {
        self.forget_begin();
        self.in_transaction.store(false, Ordering::SeqCst);
    }

    /// Whether a transaction is to begin with the next statement.
    pub fn has_begin(&self) -> bool {
        self.begin.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn take_begin(&self) -> Option<Cow<'static, str>> {
        self.begin.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the server sent a warning since the last call.
    pub fn take_warned(&self) -> bool {
        self.warned.swap(false, Ordering::SeqCst)
    }

    /// The handling of the last failure.
    pub fn take_failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Converts an error, and records its classification.
    pub fn failed(&self, error: &tokio_postgres::Error) -> Error {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        *failure = Some(classify(error));
        from_postgres_error(error)
    }

    /// Runs statements without results.
    pub async fn run(&self, statements: &str) -> Result<()> {
        self.client.batch_execute(statements).await.map_err(|error| self.failed(&error))
    }

    /// Prepares the end of the transaction: the check of what is expected, the insertion of the first and last rows and
    /// the commit.
    ///
    /// # Errors
    /// A statement could not be prepared.
    pub async fn prepare_commit(
        &self,
        expected: Option<Expected>,
        (first, last): (Option<Insertion>, Option<Insertion>),
    ) -> Result<PreparedCommit> {
        let check = match expected {
            Some(expected) => {
                // The transaction has locked rows if the first ones are written: it must not wait for locks then.
                let [lock, check] = expected::checks(&expected, first.is_none());
                Some(([self.prepare(&lock).await?, self.prepare(&check).await?], expected))
            }
            None => None,
        };
        let begin = self.take_begin();
        if begin.is_some() {
            // Nothing was sent.
            self.in_transaction.store(false, Ordering::SeqCst);
        }
        let flags = (Arc::clone(&self.in_transaction), Arc::clone(&self.warned));
        Ok(PreparedCommit::new(Arc::clone(&self.client), begin, (first, last), check, flags))
    }

    /// Rolls back the transaction, if one was begun.
    pub async fn rollback(&self) -> Result<()> {
        let open = self.in_transaction.swap(false, Ordering::SeqCst) && !self.forget_begin();
        if open && !self.is_closed() { self.run("ROLLBACK").await } else { Ok(()) }
    }

    /// Forgets the statements and the row types of tables. Must be called after a change of the schema.
    pub fn forget_statements(&self) {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.insertions.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.client.clear_type_cache();
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

    /// Runs `work`, preceded by the pending statement that begins the transaction, both in one round trip.
    async fn with_begin<T>(&self, work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
        let begin = self.take_begin();
        let done = match begin {
            Some(statement) => {
                let (begun, done) = join(self.client.batch_execute(&statement), work).await;
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
        self.with_begin(self.client.query(&statement, values)).await
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also if there are more than `max` rows.
    pub async fn query_up_to(
        &self,
        max: usize,
        query: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<tokio_postgres::Row>> {
        let mut rows = Vec::new();
        let add = |row| {
            if rows.len() == max {
                return Err(too_many_rows());
            }
            rows.push(row);
            Ok(ControlFlow::Continue(()))
        };
        self.query_each(query, values, add).await?;
        Ok(rows)
    }

    /// Passes each row of a query while the next ones arrive: the server sends more only when there is room for them.
    ///
    /// # Errors
    /// [`Error::Unavailable`], and the errors of `each`.
    pub async fn query_each(
        &self,
        query: &str,
        values: &[&(dyn ToSql + Sync)],
        mut each: impl FnMut(tokio_postgres::Row) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let statement = self.prepare(query).await?;
        let read = async {
            let mut stream = pin!(self.client.query_raw(&statement, values.iter().copied()).await?);
            while let Some(row) = stream.try_next().await? {
                match each(row) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => break,
                    Err(error) => return Ok(Err(error)),
                }
            }
            Ok(Ok(()))
        };
        self.with_begin(read).await?
    }

    /// The rows of several queries, which are sent in this order without waiting for results between them.
    /// `None` returns no rows.
    pub async fn query_pipelined<const N: usize>(
        &self,
        queries: [Option<Query<'_>>; N],
    ) -> Result<[Vec<tokio_postgres::Row>; N]> {
        let results = self.query_all(&queries).await?;
        results.try_into().map_err(|_| Error::Internal("not one result for each query".into()))
    }

    /// As [`Self::query_pipelined`].
    pub async fn query_all(&self, queries: &[Option<Query<'_>>]) -> Result<Vec<Vec<tokio_postgres::Row>>> {
        let mut prepared = Vec::with_capacity(queries.len());
        for (at, query) in queries.iter().enumerate() {
            if let Some((query, values)) = query {
                prepared.push((at, self.prepare(query).await?, values.as_slice()));
            }
        }
        let mut results = vec![Vec::new(); queries.len()];
        if prepared.is_empty() {
            return Ok(results);
        }
        let sent = prepared.iter().map(|(_, statement, values)| self.client.query(statement, values));
        let done = self.with_begin(async { Ok(join_all(sent).await) }).await?;
        for ((at, ..), rows) in prepared.iter().zip(done) {
            results[*at] = rows.map_err(|error| self.failed(&error))?;
        }
        Ok(results)
    }

    /// Runs a statement; returns the number of rows that it changed.
    pub async fn execute(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let statement = self.prepare(statement).await?;
        self.with_begin(self.client.execute(&statement, values)).await
    }

    /// Inserts rows.
    pub async fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()> {
        let Some((statement, values)) = self.prepare_insertion(batches.iter()).await? else {
            return Ok(());
        };
        self.with_begin(self.client.execute_raw(&statement, values)).await.map(drop)
    }

    /// The statement that inserts rows; `None` without rows.
    pub async fn prepare_insertion<'b>(
        &self,
        batches: impl Iterator<Item = &'b Batch<'b>>,
    ) -> Result<Option<Insertion>> {
        let batches: Vec<&Batch<'_>> = batches.collect();
        if batches.is_empty() {
            return Ok(None);
        }
        let tables: Vec<InsertionKey> = batches.iter().map(|batch| insertion_key(batch)).collect();
        let known = self.insertions.lock().unwrap_or_else(PoisonError::into_inner).get(&tables).cloned();
        let statement = match known {
            Some(known) => known,
            None => {
                let prepared = self.prepare(&insertion::statement(&batches)).await?;
                let mut insertions = self.insertions.lock().unwrap_or_else(PoisonError::into_inner);
                if insertions.len() >= STATEMENTS_MAX {
                    insertions.clear();
                }
                insertions.insert(tables, prepared.clone());
                prepared
            }
        };
        let values = insertion::parameters(&batches, statement.params())?;
        Ok(Some((statement, values)))
    }
}

/// Converts an error of PostgreSQL.
pub fn from_postgres_error(error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(db) => unavailable(format!("PostgreSQL: {} ({})", db.message(), db.code().code())),
        None => {
            let source = std::error::Error::source(error).map(|source| format!(": {source}"));
            unavailable(format!("PostgreSQL: {error}{}", source.unwrap_or_default()))
        }
    }
}

/// Classifies a failure before the commit, when nothing can have been committed.
pub fn classify(error: &tokio_postgres::Error) -> Failure {
    let Some(db) = error.as_db_error() else {
        // Either the connection ended, and the transaction with it, or a value could not be encoded.
        return if error.is_closed() { Failure::Conflict } else { Failure::Rejected };
    };
    let code = db.code();
    let conflicts = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        // Another node inserted the same row at the same time: the retry finds it.
        SqlState::UNIQUE_VIOLATION,
        // Another node wrote to a repository after the group ran from the cache.
        SqlState::DIVISION_BY_ZERO,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    if conflicts.contains(code) {
        return Failure::Conflict;
    }
    // Insufficient resources, operator intervention, system errors, internal errors.
    if ["53", "57", "58", "XX"].iter().any(|class| code.code().starts_with(class)) {
        return Failure::Fatal;
    }
    Failure::Rejected
}
