//! Insertion of many rows into several tables with one statement.

use crate::sql::{Batch, Value};
use domain::Result;
use domain::ports::unavailable;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, Kind, ToSql, Type};

/// The statement that inserts rows into several tables. Each table has one parameter, a list of its rows: PostgreSQL
/// unpacks it several times faster than a list for each column. It is one statement, because each statement costs a
/// response of its own.
pub fn statement(batches: &[&Batch<'_>]) -> String {
    let mut parts: Vec<String> =
        (1..).zip(batches).map(|(parameter, batch)| insert_into(batch, parameter)).collect();
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return last;
    }
    let first: Vec<String> =
        parts.iter().enumerate().map(|(at, part)| format!("part{at} AS ({part})")).collect();
    format!("WITH {} {last}", first.join(", "))
}

fn insert_into(batch: &Batch<'_>, parameter: usize) -> String {
    let (name, columns) = (batch.table.name, batch.table.names());
    // PostgreSQL logs a second record for each row of an INSERT with ON CONFLICT.
    let on_conflict = if batch.is_new { String::new() } else { batch.table.on_conflict() };
    format!(
        "INSERT INTO {name} ({columns}) SELECT {columns} FROM unnest(${parameter}::{name}[]){on_conflict}"
    )
}

/// The rows of one table, as the value for its parameter of [`statement`].
#[derive(Debug)]
struct Rows<'a>(&'a Batch<'a>);

/// The rows of a batch, in the order of the ids that their repository has assigned: if two nodes insert rows with the
/// same ids, one of them waits for the other at the first of these rows.
fn in_order<'a>(batch: &'a Batch<'_>) -> Vec<&'a [Value<'a>]> {
    let mut rows: Vec<&[Value<'_>]> = batch.rows().collect();
    let position = |name| batch.table.columns.iter().position(|column| column.name == name);
    if let (Some(repository), Some(id)) =
        (position("repository_id"), position("seq").or_else(|| position("id")))
    {
        let number = |value: &Value<'_>| if let Value::Int(number) = value { *number } else { 0 };
        rows.sort_by_key(|row| (number(&row[repository]), number(&row[id])));
    }
    rows
}

/// The values for [`statement`], of these types.
///
/// # Errors
/// [`domain::Error::Unavailable`] if a value does not have the type of its column.
pub fn parameters(batches: &[&Batch<'_>], types: &[Type]) -> Result<Vec<Encoded>> {
    let encode = |(&batch, ty)| {
        let mut bytes = BytesMut::new();
        Rows(batch).to_sql(ty, &mut bytes).map_err(|error| unavailable(format!("PostgreSQL: {error}")))?;
        Ok(Encoded(bytes))
    };
    batches.iter().zip(types).map(encode).collect()
}

/// A value in PostgreSQL's binary format.
#[derive(Debug)]
pub struct Encoded(BytesMut);

impl ToSql for Encoded {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, EncodingError> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}

type EncodingError = Box<dyn std::error::Error + Sync + Send>;

/// Writes what `write` writes after its length; -1 is the length of NULL.
fn with_length(
    out: &mut BytesMut,
    write: impl FnOnce(&mut BytesMut) -> Result<IsNull, EncodingError>,
) -> Result<(), EncodingError> {
    let at = out.len();
    out.extend_from_slice(&(-1_i32).to_be_bytes());
    if let IsNull::No = write(out)? {
        let length = i32::try_from(out.len() - at - 4)?;
        out[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// An array of composite values in PostgreSQL's binary format. The row type has all columns of the table in the order
/// of the schema; those that are not inserted are NULL.
impl ToSql for Rows<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, EncodingError> {
        let Kind::Array(row_type) = ty.kind() else { return Err(format!("{ty} is no array").into()) };
        let Kind::Composite(fields) = row_type.kind() else {
            return Err(format!("{row_type} is no row type").into());
        };
        let (table, rows) = (self.0.table, in_order(self.0));
        let positions: Vec<Option<usize>> = fields
            .iter()
            .map(|field| table.columns.iter().position(|column| column.name == field.name()))
            .collect();
        let (field_count, row_count) = (i32::try_from(fields.len())?, i32::try_from(rows.len())?);
        // One dimension, no NULL, and rows that are counted from 1.
        for number in [1, 0, row_type.oid().cast_signed(), row_count, 1] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        for row in rows {
            with_length(out, |out| {
                out.extend_from_slice(&field_count.to_be_bytes());
                for (field, position) in fields.iter().zip(&positions) {
                    out.extend_from_slice(&field.type_().oid().to_be_bytes());
                    let value = position.and_then(|position| row.get(position));
                    with_length(out, |out| match value {
                        Some(value) => value.to_sql(field.type_(), out),
                        None => Ok(IsNull::Yes),
                    })?;
                }
                Ok(IsNull::No)
            })?;
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}
