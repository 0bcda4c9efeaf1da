//! Statements on a connection of SQLite.

use super::sqlite_error;
use crate::readers::{ROWS_MAX, too_many_rows};
use crate::sql::{Batch, EachRow, Flavor, Row, Sql, Table, ToValue, Value, corrupt};
use domain::Result;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::slice::ChunksExact;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(v) => ValueRef::Integer(*v),
            Value::Real(v) => ValueRef::Real(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Blob(v) => ValueRef::Blob(v),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn value(&self, position: usize) -> Result<Value<'_>> {
        Ok(match self.get_ref(position).map_err(sqlite_error)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(v) => Value::Int(v),
            ValueRef::Real(v) => Value::Real(v),
            ValueRef::Text(v) => Value::Text(Cow::Borrowed(std::str::from_utf8(v).map_err(corrupt)?)),
            ValueRef::Blob(v) => Value::Blob(Cow::Borrowed(v)),
        })
    }
}

/// A connection that reads: a query may return at most [`ROWS_MAX`] rows, unless they are streamed.
pub struct Limited<'a>(pub &'a Connection);

impl Sql for Limited<'_> {
    fn flavor(&self) -> Flavor {
        self.0.flavor()
    }

    fn each(&self, query: &str, values: &[&dyn ToValue], each: &mut EachRow<'_>) -> Result<()> {
        let mut rows = 0;
        self.0.each(query, values, &mut |row| {
            rows += 1;
            if rows > ROWS_MAX { Err(too_many_rows()) } else { each(row) }
        })
    }

    fn stream(&self, query: &str, values: &[&dyn ToValue], each: &mut EachRow<'_>) -> Result<()> {
        self.0.stream(query, values, each)
    }

    fn execute(&self, statement: &str, values: &[&dyn ToValue]) -> Result<u64> {
        Sql::execute(self.0, statement, values)
    }

    fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()> {
        self.0.write_batches(batches)
    }
}

impl Sql for Connection {
    fn flavor(&self) -> Flavor {
        Flavor::Sqlite
    }

    fn each(&self, query: &str, values: &[&dyn ToValue], each: &mut EachRow<'_>) -> Result<()> {
        let mut statement = self.prepare_cached(query).map_err(sqlite_error)?;
        let values = values.iter().map(|value| value.to_value());
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(sqlite_error)?;
        while let Some(row) = rows.next().map_err(sqlite_error)? {
            if each(row)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn execute(&self, statement: &str, values: &[&dyn ToValue]) -> Result<u64> {
        let mut statement = self.prepare_cached(statement).map_err(sqlite_error)?;
        let values = values.iter().map(|value| value.to_value());
        Ok(statement.execute(rusqlite::params_from_iter(values)).map_err(sqlite_error)? as u64)
    }

    fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()> {
        for batch in batches {
            let (table, row) = (batch.table, batch.table.columns.len());
            if table.upsert && !batch.is_new {
                execute_each(self, &table.insert(), batch.rows())?;
            } else {
                let groups = batch.groups(ROWS_AT_ONCE);
                let rest = groups.remainder().chunks_exact(row);
                execute_each(self, &insert_rows(table), groups)?;
                execute_each(self, &table.insert(), rest)?;
            }
        }
        Ok(())
    }
}

/// The rows of one insert: it keeps its place in the table, so a row after another one needs no search from the root.
const ROWS_AT_ONCE: usize = 16;

/// The statement that inserts [`ROWS_AT_ONCE`] rows. With `FAIL`, it keeps no copies of pages to undo the first rows:
/// the caller rolls back. It would keep them to update existing rows.
fn insert_rows(table: &Table) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let rows = vec![row.as_str(); ROWS_AT_ONCE].join(", ");
    format!("INSERT OR FAIL INTO {} ({}) VALUES {rows}", table.name, table.names())
}

/// Executes a statement with each group of values.
fn execute_each(connection: &Connection, statement: &str, groups: ChunksExact<'_, Value<'_>>) -> Result<()> {
    if groups.len() == 0 {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(statement).map_err(sqlite_error)?;
    for values in groups {
        statement.execute(rusqlite::params_from_iter(values)).map_err(sqlite_error)?;
    }
    Ok(())
}
