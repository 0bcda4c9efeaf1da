//! The queries of one step of an integrity check.

use super::tables::{CheckedIndex, CheckedTable};
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params_from_iter};
use std::cmp::Ordering;

/// The rows, or the entries of an index, of one step.
#[derive(Default)]
pub struct Batch {
    pub rows: usize,
    /// The key of the last row.
    pub last: Option<Vec<Value>>,
    pub finding: Option<String>,
}

/// The first finding of SQLite's own check of a table and its indexes; `None`: there is none. That of the schema
/// includes the list of free pages.
pub fn integrity_check(sql: &Connection, table: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = sql.prepare_cached("SELECT integrity_check FROM pragma_integrity_check(?1)")?;
    let found: Vec<String> =
        statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let Some(first) = found.first().filter(|first| *first != "ok") else { return Ok(None) };
    let more = if found.len() > 1 { format!(" (and {} more)", found.len() - 1) } else { String::new() };
    // It names a B-tree by its first page.
    let root = first.strip_prefix("Tree ").and_then(|rest| rest.split_once(' '));
    let Some((root, rest)) = root.and_then(|(root, rest)| Some((root.parse::<i64>().ok()?, rest))) else {
        return Ok(Some(format!("table {table}: {first}{more}")));
    };
    let of_root = "SELECT type || ' ' || name FROM sqlite_schema WHERE rootpage = ?1";
    let name: rusqlite::Result<String> = sql.query_row(of_root, [root], |row| row.get(0));
    Ok(Some(format!("{}: {rest}{more}", name.unwrap_or_else(|_| format!("table {table}")))))
}

/// Reads rows after a key, with everything that they hold, until one is not what the schema promises.
pub fn read_rows(
    sql: &Connection,
    table: &CheckedTable,
    after: Option<&[Value]>,
    limit: usize,
) -> rusqlite::Result<Batch> {
    let query = if after.is_some() { &table.next_rows } else { &table.first_rows };
    let limit = Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
    let parameters = std::iter::once(&limit).chain(after.unwrap_or_default());
    let mut statement = sql.prepare_cached(query)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut batch = Batch::default();
    while let Some(row) = rows.next()? {
        let key: Result<Vec<Value>, _> =
            (0..table.key_len).map(|at| row.get_ref(at).map(Value::try_from)).collect::<Result<_, _>>()?;
        let Ok(key) = key else {
            batch.finding = Some("a key is not valid UTF-8".to_owned());
            break;
        };
        if batch.last.as_deref().or(after).is_some_and(|before| compare(before, &key) != Ordering::Less) {
            batch.finding = Some("the rows are not in order".to_owned());
            break;
        }
        for (at, column) in table.columns.iter().enumerate() {
            if let Some(problem) = column.problem(row.get_ref(table.key_len + at)?) {
                batch.finding = Some(problem);
                return Ok(batch);
            }
        }
        batch.rows += 1;
        batch.last = Some(key);
    }
    Ok(batch)
}

/// The number of rows after one key and up to another that an index does not have.
pub fn missing_entries(
    sql: &Connection,
    index: &CheckedIndex,
    after: Option<&[Value]>,
    last: &[Value],
) -> rusqlite::Result<u64> {
    let query = if after.is_some() { &index.missing_next } else { &index.missing_first };
    let parameters = after.unwrap_or_default().iter().chain(last);
    let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    Ok(sql.prepare_cached(query)?.query_row(params_from_iter(parameters), count)?.unsigned_abs())
}

/// Reads entries of an index after a position, until one has no row.
pub fn read_entries(
    sql: &Connection,
    index: &CheckedIndex,
    after: Option<&[Value]>,
    limit: usize,
) -> rusqlite::Result<Batch> {
    let mut batch = Batch::default();
    // From those that differ from the position in the last column only to those that differ in the first one.
    let queries = match after {
        None => vec![(index.first_entries(), &[][..])],
        Some(position) => (0..index.width())
            .rev()
            .map(|same| {
                let has_null = position.get(same) == Some(&Value::Null);
                let used = if has_null { same } else { same + 1 };
                (index.next_entries(position, same), position.get(..used).unwrap_or_default())
            })
            .collect(),
    };
    for (query, position) in queries {
        let rest = Value::Integer(i64::try_from(limit - batch.rows).unwrap_or(i64::MAX));
        let mut statement = sql.prepare_cached(&query)?;
        let mut entries = statement.query(params_from_iter(std::iter::once(&rest).chain(position)))?;
        while let Some(entry) = entries.next()? {
            let columns: Result<Vec<Value>, _> = (0..index.width())
                .map(|at| entry.get_ref(at).map(Value::try_from))
                .collect::<rusqlite::Result<_>>()?;
            let Ok(columns) = columns else {
                batch.finding = Some("an entry is not valid UTF-8".to_owned());
                return Ok(batch);
            };
            let before = batch.last.as_deref().or(after);
            if before.is_some_and(|before| compare(before, &columns) != Ordering::Less) {
                batch.finding = Some("the entries are not in order".to_owned());
                return Ok(batch);
            }
            if !entry.get::<_, bool>(index.width())? {
                batch.finding = Some("an entry has no row".to_owned());
                return Ok(batch);
            }
            batch.rows += 1;
            batch.last = Some(columns);
        }
        if batch.rows == limit {
            break;
        }
    }
    Ok(batch)
}

/// Whether an error means that the file is damaged, or that the disk cannot read it.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    let is_unreadable = matches!(error, rusqlite::Error::SqliteFailure(error, _)
        if error.extended_code == rusqlite::ffi::SQLITE_IOERR_READ);
    is_unreadable
        || matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// The order of keys in the file. All key columns are ascending, and compare texts by their bytes.
fn compare(first: &[Value], second: &[Value]) -> Ordering {
    let class = |value: &Value| match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 1,
        Value::Text(_) => 2,
        Value::Blob(_) => 3,
    };
    let of_values = |(first, second): (&Value, &Value)| match (first, second) {
        (Value::Integer(first), Value::Integer(second)) => first.cmp(second),
        (Value::Real(first), Value::Real(second)) => first.total_cmp(second),
        (Value::Text(first), Value::Text(second)) => first.cmp(second),
        (Value::Blob(first), Value::Blob(second)) => first.cmp(second),
        (first, second) => class(first).cmp(&class(second)),
    };
    first.iter().zip(second).map(of_values).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
