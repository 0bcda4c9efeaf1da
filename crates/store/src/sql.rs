//! The common parts of both engines: statements with numbered parameters (`?1`), values, rows and tables.
//! Every statement outside the folders of the engines runs on SQLite and on PostgreSQL;
//! `postgres::sql_dialect` translates the few keywords that differ.

mod row;
mod table;
mod value;

pub(crate) use row::columns;
pub use row::{Columns, FromRow, Reader, Row};
pub(crate) use table::table;
pub use table::{Column, Kind, OnConflict, Table};
pub(crate) use value::values;
pub use value::{FromValue, RowValues, ToValue, Value, corrupt, parameters};

use domain::Result;
use std::ops::ControlFlow;
use std::slice::ChunksExact;

/// The engines, for statements that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    Sqlite,
    Postgres,
}

impl Flavor {
    /// The clause at the end of a query of one table that locks its rows until the commit. SQLite needs none:
    /// it has one writer.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }
}

/// Takes each row of a result; [`ControlFlow::Break`] ends the reading.
pub type EachRow<'a> = dyn FnMut(&dyn Row) -> Result<ControlFlow<()>> + 'a;

/// A query with its values.
pub type Query<'a> = (&'a str, &'a [&'a dyn ToValue]);

/// Takes each row of several results, with the position of the query.
pub type EachRowOf<'a> = dyn FnMut(usize, &dyn Row) -> Result<()> + 'a;

/// Runs statements: a connection, inside or outside a transaction.
pub trait Sql {
    /// Which engine it is.
    fn flavor(&self) -> Flavor;
    /// Runs a query.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`], and the errors of `row`.
    fn each(&self, query: &str, values: &[&dyn ToValue], row: &mut EachRow<'_>) -> Result<()>;
    /// As [`Sql::each`], for any number of rows: they are passed while they arrive, so few are in memory at a time.
    /// `row` must not run a statement on this connection.
    ///
    /// # Errors
    /// As [`Sql::each`].
    fn stream(&self, query: &str, values: &[&dyn ToValue], row: &mut EachRow<'_>) -> Result<()> {
        self.each(query, values, row)
    }
    /// Runs queries, of which none needs the result of another one, in their order and in one round trip. Each row is
    /// passed with the position of its query. For small results: an engine may read all before the first is passed.
    ///
    /// # Errors
    /// As [`Sql::each`].
    fn each_of(&self, queries: &[Query<'_>], row: &mut EachRowOf<'_>) -> Result<()> {
        queries.iter().enumerate().try_for_each(|(at, (query, values))| {
            self.each(query, values, &mut |found| {
                row(at, found)?;
                Ok(ControlFlow::Continue(()))
            })
        })
    }
    /// Runs a statement; returns the number of rows that it changed.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn execute(&self, statement: &str, values: &[&dyn ToValue]) -> Result<u64>;
    /// Inserts rows into tables, in this order, with as few statements and round trips as the engine can.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]: some rows may have been inserted, so the transaction is to be rolled back.
    fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()>;
}

/// Rows for a table, no two with the same key.
#[derive(Debug)]
pub struct Batch<'a> {
    pub table: &'static Table,
    /// No row with one of the keys exists, unless another node has written it.
    pub is_new: bool,
    /// The values of all rows, row after row.
    values: Vec<Value<'a>>,
}

impl<'a> Batch<'a> {
    /// A batch of these rows.
    pub fn new(table: &'static Table, rows: impl IntoIterator<Item: RowValues<'a>>) -> Self {
        let rows = rows.into_iter();
        let mut values = Vec::with_capacity(rows.size_hint().0 * table.columns.len());
        rows.for_each(|row| row.append_to(&mut values));
        Self { table, is_new: false, values }
    }

    /// Passes these rows in batches of at most `max`.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn each_part(
        table: &'static Table,
        rows: impl IntoIterator<Item: RowValues<'a>>,
        max: usize,
        each: &mut dyn FnMut(Self) -> Result<()>,
    ) -> Result<()> {
        let mut rows = rows.into_iter();
        // Of the next part: as many as the part before has.
        let mut values = Vec::with_capacity(rows.size_hint().0.min(max) * table.columns.len());
        loop {
            rows.by_ref().take(max).for_each(|row| row.append_to(&mut values));
            if values.is_empty() {
                return Ok(());
            }
            let next = Vec::with_capacity(values.len());
            each(Self { table, is_new: false, values: std::mem::replace(&mut values, next) })?;
        }
    }

    /// The same batch, of rows with new keys: to insert them needs no search for rows to replace.
    pub fn of_new_rows(self) -> Self {
        Self { is_new: true, ..self }
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The rows, each with a value for every column.
    pub fn rows(&self) -> ChunksExact<'_, Value<'a>> {
        self.groups(1)
    }

    /// The values of groups of this number of rows. The remainder has those of further rows.
    pub fn groups(&self, rows: usize) -> ChunksExact<'_, Value<'a>> {
        self.values.chunks_exact(rows * self.table.columns.len())
    }
}

impl dyn Sql + '_ {
    /// All rows of a query.
    pub fn all<T: FromRow>(&self, query: &str, values: &[&dyn ToValue]) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(query, values, &mut |row| {
            rows.push(T::from_row(row, 0)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    /// The first row of a query, if it returns any.
    pub fn first<T: FromRow>(&self, query: &str, values: &[&dyn ToValue]) -> Result<Option<T>> {
        let mut first = None;
        self.each(query, values, &mut |row| {
            first = Some(T::from_row(row, 0)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(first)
    }

    /// The row of a query that always returns one.
    pub fn one<T: FromRow>(&self, query: &str, values: &[&dyn ToValue]) -> Result<T> {
        self.first(query, values)?.ok_or_else(|| corrupt("no row from a query that always returns one"))
    }

    /// Whether a query returns a row.
    pub fn exists(&self, query: &str, values: &[&dyn ToValue]) -> Result<bool> {
        Ok(self.first::<()>(query, values)?.is_some())
    }

    /// Inserts one row.
    pub fn insert<'a>(&self, table: &Table, row: impl Into<Vec<Value<'a>>>) -> Result<()> {
        self.execute(&table.insert(), &parameters(&row.into())).map(drop)
    }

    /// Inserts one row without its key; returns the key, one column, that the database assigned.
    pub fn insert_new<'a, K: FromRow>(&self, table: &Table, row: impl Into<Vec<Value<'a>>>) -> Result<K> {
        let key = table.key_columns().collect::<Vec<_>>().join(", ");
        let statement = format!("{} RETURNING {key}", table.without_key().insert());
        self.one(&statement, &parameters(&row.into()))
    }
}

/// Runs several queries as of one moment.
pub fn snapshot<T>(sql: &dyn Sql, read: impl FnOnce(&dyn Sql) -> Result<T>) -> Result<T> {
    let begin = match sql.flavor() {
        Flavor::Sqlite => "BEGIN",
        Flavor::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    sql.execute(begin, &[])?;
    let result = read(sql);
    let ended = sql.execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }, &[]);
    let result = result?;
    ended?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::counters::JOB_COUNTS;
    use domain::ports::unavailable;

    #[test]
    fn rows_are_passed_in_parts_in_their_order() {
        let columns = JOB_COUNTS.columns.len();
        let parts = |count: i64| {
            let mut parts: Vec<Vec<i64>> = Vec::new();
            let rows = (0..count).map(|row| vec![Value::Int(row); columns]);
            Batch::each_part(&JOB_COUNTS, rows, 3, &mut |part| {
                let firsts = part.rows().map(|row| if let Value::Int(row) = row[0] { row } else { -1 });
                parts.push(firsts.collect());
                Ok(())
            })
            .unwrap();
            parts
        };
        assert!(parts(0).is_empty());
        assert_eq!(parts(3), [[0, 1, 2]]);
        assert_eq!(parts(7), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
    }

    #[test]
    fn no_part_follows_one_that_fails() {
        let rows = (0..7).map(|row| vec![Value::Int(row); JOB_COUNTS.columns.len()]);
        let mut passed = 0;
        let result = Batch::each_part(&JOB_COUNTS, rows, 3, &mut |_| {
            passed += 1;
            Err(unavailable("the disk is full"))
        });
        assert!(result.is_err() && passed == 1, "{passed}");
    }
}
