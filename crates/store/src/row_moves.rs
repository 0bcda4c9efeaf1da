//! Moves the rows of renamed tables `old_*` to their new form: the part of a migration that SQL cannot do, or that
//! one transaction must not do for millions of rows.
//!
//! Each step is a transaction that reads some rows, writes them in the new form and deletes them. So a move needs
//! little memory and, on SQLite, little disk, because new rows use the pages of deleted ones; and it can end at any
//! moment: the next start continues with the rows that are left.

mod old_rows;

use crate::metric_counters;
use crate::rows::jobs::JOBS;
use crate::rows::reports::RecentTexts;
use crate::sql::{Batch, Flavor, Row, Sql, Table, Value, parameters};
use domain::{Error, Result};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The first line of a migration that runs after the moves.
pub const REQUIRED_BY: &str = "-- Requires that the rows are moved.";

/// The rows of one step: some milliseconds, and some megabytes at most.
const STEP: usize = 2_000;
/// How often the progress is logged.
const LOG_INTERVAL: Duration = Duration::from_secs(5);

/// A table whose rows move.
struct Move {
    to: &'static Table,
    /// The columns of the old table; the first ones are its key, the same as that of the new table.
    columns: &'static str,
    convert: fn(&dyn Row, &mut RecentTexts) -> Result<Vec<Value<'static>>>,
}

const MOVES: [Move; 2] = [
    Move { to: &JOBS, columns: old_rows::JOB_COLUMNS, convert: old_rows::job },
    Move { to: &old_rows::COMPACT_REPORTS, columns: old_rows::REPORT_COLUMNS, convert: old_rows::report },
];

/// Moves all rows that are left.
///
/// # Errors
/// [`Error::Unavailable`]; [`Error::Internal`] with the key of a row that cannot be read.
pub fn run(sql: &dyn Sql) -> Result<()> {
    let mut left = Vec::with_capacity(MOVES.len());
    for each in &MOVES {
        let count: i64 = sql.one(&format!("SELECT count(*) FROM old_{}", each.to.name), &[])?;
        left.push(count.unsigned_abs());
    }
    let mut progress = Progress { total: left.iter().sum(), done: 0, logged_at: Instant::now() };
    if progress.total > 0 {
        let (jobs, reports) = (left[0], left[1]);
        tracing::info!(
            jobs,
            reports,
            "moving rows to their compact form; an interrupted move continues at the next start"
        );
    }
    for each in &MOVES {
        each.run(sql, &mut progress)?;
    }
    if progress.total > 0 {
        tracing::info!(rows = progress.done, "moved all rows");
    }
    Ok(())
}

impl Move {
    fn run(&self, sql: &dyn Sql, progress: &mut Progress) -> Result<()> {
        let mut recent = RecentTexts::default();
        let mut after = None;
        loop {
            let moved = transaction(sql, || self.step(sql, after.as_deref(), &mut recent))?;
            let Some((rows, last)) = moved else { return Ok(()) };
            after = Some(last);
            progress.add(self.to.name, rows);
        }
    }

    /// Moves the next rows after a key. Returns their number and the last key.
    fn step(
        &self,
        sql: &dyn Sql,
        after: Option<&[Value<'static>]>,
        recent: &mut RecentTexts,
    ) -> Result<Option<(usize, Vec<Value<'static>>)>> {
        let (name, key) = (self.to.name, self.to.key_columns().collect::<Vec<_>>().join(", "));
        let list = |first: usize| {
            let numbers: Vec<String> =
                (first..first + self.to.key).map(|number| format!("?{number}")).collect();
            numbers.join(", ")
        };
        let range = after.map_or(String::new(), |_| format!(" WHERE ({key}) > ({})", list(1)));
        let query = format!("SELECT {} FROM old_{name} o{range} ORDER BY {key} LIMIT {STEP}", self.columns);
        let mut rows = Vec::new();
        sql.each(&query, &parameters(after.unwrap_or_default()), &mut |row| {
            rows.push((self.convert)(row, recent).map_err(|error| self.cannot_read(row, &error))?);
            Ok(ControlFlow::Continue(()))
        })?;
        let Some(last) = rows.last().map(|row: &Vec<Value<'static>>| row[..self.to.key].to_vec()) else {
            return Ok(None);
        };
        let count = rows.len();
        sql.write_batches(&[Batch::new(self.to, rows)])?;
        let values = [&last[..], after.unwrap_or_default()].concat();
        let above = after.map_or(String::new(), |_| format!(" AND ({key}) > ({})", list(1 + self.to.key)));
        let delete = format!("DELETE FROM old_{name} WHERE ({key}) <= ({}){above}", list(1));
        sql.execute(&delete, &parameters(&values))?;
        Ok(Some((count, last)))
    }

    fn cannot_read(&self, row: &dyn Row, error: &Error) -> Error {
        let key: Vec<String> = (0..self.to.key)
            .map(|at| match row.value(at) {
                Ok(Value::Int(number)) => number.to_string(),
                _ => "?".to_owned(),
            })
            .collect();
        Error::Internal(format!("the row ({}) of {} cannot be moved: {error}", key.join(", "), self.to.name))
    }
}

fn transaction<T>(sql: &dyn Sql, work: impl FnOnce() -> Result<T>) -> Result<T> {
    sql.execute(if sql.flavor() == Flavor::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }, &[])?;
    let result = work();
    let ended = sql.execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }, &[]);
    // The error of the work is more useful than one of the rollback.
    let result = result?;
    ended?;
    Ok(result)
}

struct Progress {
    total: u64,
    done: u64,
    logged_at: Instant,
}

impl Progress {
    fn add(&mut self, table: &str, rows: usize) {
        self.done += rows as u64;
        metric_counters::count_moved(rows as u64);
        if self.logged_at.elapsed() >= LOG_INTERVAL {
            self.logged_at = Instant::now();
            let percent = self.done * 100 / self.total.max(1);
            tracing::info!(
                table,
                percent,
                rows = self.done,
                of = self.total,
                "moving rows to their compact form"
            );
        }
    }
}
