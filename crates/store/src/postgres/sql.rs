//! The common SQL on a connection of PostgreSQL, for a thread that may block, and the conversion of values.

use super::connection::Connection;
use crate::readers::too_many_rows;
use crate::sql::{Batch, EachRow, EachRowOf, Flavor, Query, Row, Sql, ToValue, Value, corrupt};
use domain::Result;
use std::borrow::Cow;
use std::ops::{ControlFlow, Deref};
use tokio::runtime::Handle;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

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
            other => Err(format!("{other} instead of {ty}").into()),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}

impl Row for tokio_postgres::Row {
    fn value(&self, position: usize) -> Result<Value<'_>> {
        let Some(column) = self.columns().get(position) else {
            return Err(corrupt(format!("no column {position}")));
        };
        let ty = column.type_();
        let value = match () {
            () if *ty == Type::INT8 => self.try_get::<_, Option<i64>>(position).map(|v| v.map(Value::Int)),
            () if *ty == Type::INT4 => {
                self.try_get::<_, Option<i32>>(position).map(|v| v.map(|v| Value::Int(v.into())))
            }
            () if *ty == Type::BOOL => {
                self.try_get::<_, Option<bool>>(position).map(|v| v.map(|v| Value::Int(v.into())))
            }
            () if *ty == Type::FLOAT8 => self.try_get::<_, Option<f64>>(position).map(|v| v.map(Value::Real)),
            () if *ty == Type::BYTEA => {
                self.try_get::<_, Option<&[u8]>>(position).map(|v| v.map(|v| Value::Blob(Cow::Borrowed(v))))
            }
            () => self.try_get::<_, Option<&str>>(position).map(|v| v.map(|v| Value::Text(Cow::Borrowed(v)))),
        };
        Ok(value
            .map_err(|error| corrupt(format!("column {}: {error}", column.name())))?
            .unwrap_or(Value::Null))
    }
}

/// A connection, for a thread that may block.
pub struct Blocking<C> {
    pub connection: C,
    pub runtime: Handle,
    /// The maximum of rows that one query may return.
    pub rows_max: usize,
}

impl<C> Blocking<C> {
    /// Queries may return any number of rows. Must be called in a tokio runtime.
    pub fn unlimited(connection: C) -> Self {
        Self { connection, runtime: Handle::current(), rows_max: usize::MAX }
    }
}

/// The values of a query. PostgreSQL refuses U+0000 in text, so no stored text has it; it is replaced, so
/// that the query finds nothing.
fn query_values<'a>(values: &'a [&dyn ToValue]) -> Vec<Value<'a>> {
    let replace = |value: Value<'a>| match value {
        Value::Text(text) if text.contains('\0') => Value::from(text.replace('\0', "\u{fffd}")),
        value => value,
    };
    values.iter().map(|value| replace(value.to_value())).collect()
}

/// The values of a statement.
fn statement_values<'a>(values: &'a [&dyn ToValue]) -> Vec<Value<'a>> {
    values.iter().map(|value| value.to_value()).collect()
}

fn driver_values<'a>(values: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl<C: Deref<Target = Connection>> Sql for Blocking<C> {
    fn flavor(&self) -> Flavor {
        Flavor::Postgres
    }

    fn each(&self, query: &str, values: &[&dyn ToValue], each: &mut EachRow<'_>) -> Result<()> {
        let values = query_values(values);
        let values = driver_values(&values);
        let rows = self.connection.query_up_to(self.rows_max, query, &values);
        for row in self.runtime.block_on(rows)? {
            if each(&row)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn stream(&self, query: &str, values: &[&dyn ToValue], each: &mut EachRow<'_>) -> Result<()> {
        let values = query_values(values);
        self.runtime.block_on(self.connection.query_each(query, &driver_values(&values), |row| each(&row)))
    }

    fn each_of(&self, queries: &[Query<'_>], row: &mut EachRowOf<'_>) -> Result<()> {
        let values: Vec<Vec<Value<'_>>> = queries.iter().map(|(_, values)| query_values(values)).collect();
        let queries: Vec<_> = queries
            .iter()
            .zip(&values)
            .map(|((query, _), values)| Some((*query, driver_values(values))))
            .collect();
        let results = self.runtime.block_on(self.connection.query_all(&queries))?;
        for (at, rows) in results.iter().enumerate() {
            if rows.len() > self.rows_max {
                return Err(too_many_rows());
            }
            rows.iter().try_for_each(|found| row(at, found))?;
        }
        Ok(())
    }

    fn execute(&self, statement: &str, values: &[&dyn ToValue]) -> Result<u64> {
        let values = statement_values(values);
        self.runtime.block_on(self.connection.execute(statement, &driver_values(&values)))
    }

    fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()> {
        if batches.is_empty() {
            return Ok(());
        }
        self.runtime.block_on(self.connection.write_batches(batches))
    }
}
