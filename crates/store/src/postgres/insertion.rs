//! Insertion of many rows into several tables with one statement.

use crate::sql::{Batch, Column, Kind, Table, ToValue, Value};
use domain::Result;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

/// The statement that inserts rows into several tables. Its parameters are a list for each column, table
/// after table. It is one statement, because each statement costs a response of its own.
pub fn statement(batches: &[Batch<'_>]) -> String {
    let mut parameters = 0;
    let mut parts: Vec<String> =
        batches.iter().map(|batch| insert_into(batch.table, &mut parameters)).collect();
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return last;
    }
    let first: Vec<String> =
        parts.iter().enumerate().map(|(at, part)| format!("part{at} AS ({part})")).collect();
    format!("WITH {} {last}", first.join(", "))
}

fn insert_into(table: &Table, parameters: &mut usize) -> String {
    let mut list = |column: &Column| {
        *parameters += 1;
        let kind = match column.kind {
            Kind::Int => "bigint",
            Kind::Real => "double precision",
            Kind::Text => "text",
            Kind::Blob => "bytea",
        };
        format!("${parameters}::{kind}[]")
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

/// The values for [`statement`].
pub fn columns<'a>(batches: &'a [Batch<'_>]) -> Vec<List<'a>> {
    let column = |batch: &'a Batch<'_>, position: usize| {
        List(batch.rows().map(|row| row.get(position).map_or(Value::Null, ToValue::to_value)).collect())
    };
    let all =
        |batch: &'a Batch<'_>| (0..batch.table.columns.len()).map(move |position| column(batch, position));
    batches.iter().flat_map(all).collect()
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
