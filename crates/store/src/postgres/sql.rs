//! The common SQL on a connection of PostgreSQL, for a thread that may wait; and the values of both.

use super::connection::Connection;
use crate::rows::corrupt;
use crate::sql::{Batch, EachRow, Flavor, Row, Sql, ToValue, Value};
use crate::tables::{Column, Kind, Table};
use domain::Result;
use std::borrow::Cow;
use std::ops::{ControlFlow, Deref};
use tokio::runtime::Handle;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

/// The statement that puts rows into some tables, all of it one: a list for every column, table after table. Each statement costs an answer of
/// its own, which the server sends by itself.
pub fn insertion(batches: &[Batch<'_>]) -> String {
    let mut place = 0;
    let mut parts: Vec<String> =
        batches.iter().map(|batch| insertion_into(batch.table, &mut place)).collect();
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return last;
    }
    let first: Vec<String> =
        parts.iter().enumerate().map(|(at, part)| format!("part{at} AS ({part})")).collect();
    format!("WITH {} {last}", first.join(", "))
}

fn insertion_into(table: &Table, place: &mut usize) -> String {
    let mut list = |column: &Column| {
        *place += 1;
        let kind = match column.kind {
            Kind::Int => "bigint",
            Kind::Real => "double precision",
            Kind::Text => "text",
            Kind::Blob => "bytea",
        };
        format!("${place}::{kind}[]")
    };
    let lists: Vec<String> = table.columns.iter().map(&mut list).collect();
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
pub struct List<'a>(Vec<Value<'a>>);

/// The values for [`insertion`].
pub fn columns<'a>(batches: &'a [Batch<'_>]) -> Vec<List<'a>> {
    let column = |batch: &'a Batch<'_>, at: usize| {
        List(batch.rows.iter().map(|row| row.get(at).map_or(Value::Null, ToValue::value)).collect())
    };
    let of = |batch: &'a Batch<'_>| (0..batch.table.columns.len()).map(move |at| column(batch, at));
    batches.iter().flat_map(of).collect()
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
    pub connection: L,
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

impl<L: Deref<Target = Connection>> Sql for Blocking<L> {
    fn flavor(&self) -> Flavor {
        Flavor::Postgres
    }

    fn each(&self, query: &str, values: &[&dyn ToValue], each: &mut EachRow<'_>) -> Result<()> {
        let values = sought(values);
        for row in self.runtime.block_on(self.connection.query(query, &borrowed(&values)))? {
            if each(&row)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn execute(&self, statement: &str, values: &[&dyn ToValue]) -> Result<u64> {
        let values = owned(values);
        self.runtime.block_on(self.connection.execute(statement, &borrowed(&values)))
    }

    fn write_batches(&self, batches: &[Batch<'_>]) -> Result<()> {
        if batches.is_empty() {
            return Ok(());
        }
        self.runtime.block_on(self.connection.write_batches(batches))
    }
}
