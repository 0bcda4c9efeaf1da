//! A running integrity check: its position in the tables, and what it found.

use super::super::{STEPS, connect, sqlite_error};
use super::tables::{self, CheckedIndex, CheckedTable};
use crate::readers::Stop;
use domain::Result;
use domain::model::integrity::IntegrityProgress;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params_from_iter};
use std::cmp::Ordering;
use std::path::Path;
use std::time::{Duration, Instant};

/// The number of rows of a step: fewer if they take longer than [`STEP_MAX`], more if they take less than a
/// quarter of it.
const ROWS_MIN: usize = 16;
const ROWS_MAX: usize = 4_096;
const STEP_MAX: Duration = Duration::from_millis(40);

/// A running check.
pub struct Run {
    sql: Connection,
    tables: Vec<CheckedTable>,
    /// The position of the table that is read.
    at: usize,
    /// The key of the last row that was read in it.
    after: Option<Vec<Value>>,
    /// The number of rows of the next step.
    limit: usize,
    rows: u64,
    /// What was found, in English.
    pub findings: Vec<String>,
}

/// The rows of one step.
#[derive(Default)]
struct Batch {
    rows: usize,
    /// The key of the last row.
    last: Option<Vec<Value>>,
    finding: Option<String>,
}

impl Run {
    /// Opens a connection of its own.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub fn start(path: &Path) -> Result<Self> {
        let sql = connect::reader(path)?;
        let tables = tables::load(&sql).map_err(sqlite_error)?;
        Ok(Self { sql, tables, at: 0, after: None, limit: 256, rows: 0, findings: Vec::new() })
    }

    /// How far the check is.
    pub fn progress(&self) -> IntegrityProgress {
        IntegrityProgress {
            table: self.tables.get(self.at).map(|table| table.name.clone()).unwrap_or_default(),
            tables_checked: self.at,
            tables: self.tables.len(),
            rows: self.rows,
        }
    }

    /// Reads the next rows of a table, and looks up each of them in the indexes. Returns true at the end.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]: the same step can be tried again.
    pub fn step(&mut self, stop: &Stop) -> Result<bool> {
        let stop = stop.clone();
        self.sql.progress_handler(STEPS, Some(move || stop.is_stopped())).map_err(sqlite_error)?;
        let Some(table) = self.tables.get_mut(self.at) else { return Ok(true) };
        let started = Instant::now();
        let after = self.after.as_deref();
        let batch = match read_rows(&self.sql, table, after, self.limit) {
            Ok(batch) => batch,
            // SQLite cannot go on in this table.
            Err(error) if is_damage(&error) => Batch { finding: Some(error.to_string()), ..Batch::default() },
            Err(error) => return Err(sqlite_error(error)),
        };
        let mut findings: Vec<String> = Vec::new();
        if let Some(finding) = &batch.finding {
            findings.push(format!("table {}{}: {finding}", table.name, position(after)));
        }
        let mut failure = None;
        if let Some(last) = &batch.last {
            // One finding of an index is enough.
            table.indexes.retain(|index| match missing_entries(&self.sql, index, after, last) {
                Ok(0) => true,
                Ok(rows) => {
                    findings.push(format!("index {}{}: it lacks {rows} rows", index.name, position(after)));
                    false
                }
                Err(error) if is_damage(&error) => {
                    findings.push(format!("index {}{}: {error}", index.name, position(after)));
                    false
                }
                Err(error) => {
                    failure = Some(error);
                    true
                }
            });
        }
        findings.retain(|finding| !self.findings.contains(finding));
        self.findings.extend(findings);
        if let Some(error) = failure {
            return Err(sqlite_error(error));
        }
        self.rows += batch.rows as u64;
        if batch.finding.is_some() || batch.rows < self.limit {
            (self.at, self.after) = (self.at + 1, None);
        } else {
            self.after = batch.last;
        }
        self.limit = match started.elapsed() {
            time if time > STEP_MAX => (self.limit / 2).max(ROWS_MIN),
            time if time < STEP_MAX / 4 => (self.limit * 2).min(ROWS_MAX),
            _ => self.limit,
        };
        Ok(self.at == self.tables.len())
    }
}

/// Reads rows after a key, with everything that they hold, until one is not what the schema promises.
fn read_rows(
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
fn missing_entries(
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

/// Whether an error means that the file is damaged, or that the disk cannot read it.
fn is_damage(error: &rusqlite::Error) -> bool {
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

/// A position for the log: the integers of a key. Its texts may be secret.
fn position(after: Option<&[Value]>) -> String {
    let number = |value: &Value| match value {
        Value::Integer(number) => number.to_string(),
        _ => "…".to_owned(),
    };
    let key = |key: &[Value]| key.iter().map(number).collect::<Vec<_>>().join(", ");
    after.map(|after| format!(" after ({})", key(after))).unwrap_or_default()
}
