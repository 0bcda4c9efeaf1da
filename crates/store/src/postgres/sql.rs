//! Statements on a connection of PostgreSQL. They are written for a thread that may wait.

use super::words::translate;
use crate::desk::Failure;
use crate::rows::corrupt;
use crate::sql::{Batch, EachRow, Flavor, Row, Sql, ToValue, Value};
use crate::tables::{Kind, Table};
use domain::ports::unavailable;
use domain::{Error, Result};
use futures_util::future::{join, join_all};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::{ControlFlow, Deref};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};
use tokio_postgres::{Client, Statement};

/// Statements a connection keeps prepared; past it, all are forgotten.
const STATEMENTS_MAX: usize = 500;

/// A connection.
pub struct Line {
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

impl Line {
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
        self.begin.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
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
        told(error)
    }

    /// Runs words that answer nothing.
    pub async fn run(&self, words: &str) -> Result<()> {
        self.client.batch_execute(words).await.map_err(|error| self.failed(&error))
    }

    /// Commits. What to do when it fails: only what the server says it undid may be done again; of everything else nobody knows what became.
    pub async fn commit(&self) -> Result<(), (Error, Failure)> {
        self.client.batch_execute("COMMIT").await.map_err(|error| {
            let undone = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
            let is_undone = error.code().is_some_and(|code| undone.contains(code));
            (told(&error), if is_undone { Failure::InTheWay } else { Failure::Final })
        })
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
        let begin = self.begin.lock().unwrap_or_else(PoisonError::into_inner).take();
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

    async fn execute(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        let statement = self.prepare(statement).await?;
        self.within(self.client.execute(&statement, values)).await
    }

    async fn put(&self, batches: &[Batch<'_>]) -> Result<()> {
        let mut prepared = Vec::with_capacity(batches.len());
        for batch in batches {
            prepared.push((self.prepare(&insertion(batch.table)).await?, columns(batch)));
        }
        let values: Vec<Vec<&(dyn ToSql + Sync)>> = prepared
            .iter()
            .map(|(_, columns)| columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect())
            .collect();
        // All are sent before the first is answered.
        let sent = prepared
            .iter()
            .zip(&values)
            .map(|((statement, _), values)| self.client.execute(statement, values));
        let done = self.within(async { Ok(join_all(sent).await) }).await?;
        for one in done {
            one.map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }
}

/// Why a statement failed, for the log.
pub fn told(error: &tokio_postgres::Error) -> Error {
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

/// The statement that puts many rows into a table: a list for every column.
fn insertion(table: &Table) -> String {
    let lists: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let kind = match column.kind {
                Kind::Int => "bigint",
                Kind::Real => "double precision",
                Kind::Text => "text",
                Kind::Blob => "bytea",
            };
            format!("${}::{kind}[]", at + 1)
        })
        .collect();
    format!(
        "INSERT INTO {} ({}) SELECT * FROM unnest({}){}",
        table.name,
        table.names(),
        lists.join(", "),
        table.on_conflict()
    )
}

/// The values of one column.
#[derive(Debug)]
struct List<'a>(Vec<Value<'a>>);

fn columns<'a>(batch: &'a Batch<'_>) -> Vec<List<'a>> {
    let column = |at: usize| {
        List(batch.rows.iter().map(|row| row.get(at).map_or(Value::Null, ToValue::value)).collect())
    };
    (0..batch.table.columns.len()).map(column).collect()
}

impl ToSql for List<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.0.as_slice().to_sql(ty, out)
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Self::Int(v) if *ty == Type::BOOL => (*v != 0).to_sql(ty, out),
            Self::Int(v) if *ty == Type::INT8 => v.to_sql(ty, out),
            Self::Real(v) if *ty == Type::FLOAT8 => v.to_sql(ty, out),
            Self::Text(v) if <&str as ToSql>::accepts(ty) => v.as_ref().to_sql(ty, out),
            Self::Blob(v) if *ty == Type::BYTEA => v.as_ref().to_sql(ty, out),
            other => Err(format!("{other:?} where {ty} goes").into()),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}

impl Row for tokio_postgres::Row {
    fn value(&self, at: usize) -> Result<Value<'_>> {
        let Some(column) = self.columns().get(at) else { return Err(corrupt(format!("no column {at}"))) };
        let ty = column.type_();
        let value = match () {
            () if *ty == Type::INT8 => self.try_get::<_, Option<i64>>(at).map(|v| v.map(Value::Int)),
            () if *ty == Type::INT4 => {
                self.try_get::<_, Option<i32>>(at).map(|v| v.map(|v| Value::Int(v.into())))
            }
            () if *ty == Type::BOOL => {
                self.try_get::<_, Option<bool>>(at).map(|v| v.map(|v| Value::Int(v.into())))
            }
            () if *ty == Type::FLOAT8 => self.try_get::<_, Option<f64>>(at).map(|v| v.map(Value::Real)),
            () if *ty == Type::BYTEA => {
                self.try_get::<_, Option<&[u8]>>(at).map(|v| v.map(|v| Value::Blob(Cow::Borrowed(v))))
            }
            () => self.try_get::<_, Option<&str>>(at).map(|v| v.map(|v| Value::Text(Cow::Borrowed(v)))),
        };
        Ok(value
            .map_err(|error| corrupt(format!("column {}: {error}", column.name())))?
            .unwrap_or(Value::Null))
    }
}

/// A connection, for a thread that may wait.
pub struct Blocking<L> {
    pub line: L,
    pub runtime: Handle,
}

/// Values to look for. No text here has U+0000, which PostgreSQL refuses: whoever looks for one finds nothing.
fn sought<'a>(values: &'a [&dyn ToValue]) -> Vec<Value<'a>> {
    let sought = |value: Value<'a>| match value {
        Value::Text(text) if text.contains('\0') => Value::from(text.replace('\0', "\u{fffd}")),
        value => value,
    };
    values.iter().map(|value| sought(value.value())).collect()
}

/// Values as the driver takes them.
fn owned<'a>(values: &'a [&dyn ToValue]) -> Vec<Value<'a>> {
    values.iter().map(|value| value.value()).collect()
}

fn borrowed<'a>(values: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl<L: Deref<Target = Line>> Sql for Blocking<L> {
    fn flavor(&self) -> Flavor {
        Flavor::Postgres
    }

    fn each(&self, query: &str, values: &[&dyn ToValue], each: &mut EachRow<'_>) -> Result<()> {
        let values = sought(values);
        for row in self.runtime.block_on(self.line.query(query, &borrowed(&values)))? {
            if each(&row)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn execute(&self, statement: &str, values: &[&dyn ToValue]) -> Result<u64> {
        let values = owned(values);
        self.runtime.block_on(self.line.execute(statement, &borrowed(&values)))
    }

    fn put(&self, batches: &[Batch<'_>]) -> Result<()> {
        if batches.is_empty() {
            return Ok(());
        }
        self.runtime.block_on(self.line.put(batches))
    }
}
