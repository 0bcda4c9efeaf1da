//! A running integrity check: its position in the tables, and what it found.
//!
//! The list of free pages and the schema are checked by SQLite itself, and so is every table that this takes no
//! longer than a step for. The rows of each table, and the entries of the indexes of a larger one, are read in steps.
//! Damage that only SQLite finds is therefore not found in a larger table: unused bytes of a page that are counted
//! wrongly or used twice, and pages that belong to two B-trees or to none.

use super::super::{STEPS, connect, sqlite_error};
use super::reads::{Batch, integrity_check, is_damage, missing_entries, read_entries, read_rows};
use super::tables::{self, CheckedTable};
use crate::readers::Stop;
use domain::Result;
use domain::model::integrity::IntegrityProgress;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode};
use std::path::Path;
use std::time::{Duration, Instant};

/// The number of rows of a step: fewer if they take longer than [`STEP_MAX`], more if they take less than a
/// quarter of it.
const ROWS_MIN: usize = 16;
const ROWS_MAX: usize = 4_096;
const STEP_MAX: Duration = Duration::from_millis(40);
/// The pages that SQLite's own check reads between two looks at the time.
const WHOLE_STEPS: i32 = 100;

/// A running check.
pub struct Run {
    sql: Connection,
    tables: Vec<CheckedTable>,
    /// Whether the list of free pages and the schema are checked.
    is_list_checked: bool,
    /// The position of the table that is read.
    at: usize,
    /// The columns that are read.
    part: Part,
    /// The key of the last row, or the last entry, that was read in it.
    after: Option<Vec<Value>>,
    /// The longest time that SQLite may check a whole table.
    whole_max: Duration,
    /// The finding for this table if its rows and indexes have no further one, and the number of findings before it.
    unexplained: Option<(String, usize)>,
    /// The number of rows of the next step.
    limit: usize,
    rows: u64,
    /// The finding, in English.
    pub findings: Vec<String>,
}

/// The part of a table that a step reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The table with its indexes at once, by SQLite's own check.
    Whole,
    /// Rows. False: the entries of the indexes have to follow.
    Rows { whole: bool },
    /// The entries of the index at this position.
    Entries(usize),
}

/// The result of SQLite's own check.
enum Whole {
    Sound,
    /// The finding is known.
    Damaged,
    /// It takes longer than it may.
    Longer,
    /// It cannot continue because of damage at an unknown place.
    Failed(String),
}

impl Run {
    /// Opens its own connection.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub fn start(path: &Path) -> Result<Self> {
        let sql = connect::reader(path)?;
        let mut findings = Vec::new();
        let tables = match tables::load(&sql) {
            Err(error) if is_damage(&error) => {
                findings.push(format!("schema: {error}"));
                Vec::new()
            }
            tables => tables.map_err(sqlite_error)?,
        };
        Ok(Self {
            sql,
            tables,
            is_list_checked: false,
            at: 0,
            part: Part::Whole,
            after: None,
            whole_max: STEP_MAX,
            unexplained: None,
            limit: 256,
            rows: 0,
            findings,
        })
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

    /// Runs the next step. Returns true at the end.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]: the same step can be tried again.
    pub fn step(&mut self, stop: &Stop) -> Result<bool> {
        if !self.is_list_checked {
            // As many steps as there are pages with the numbers of free ones: it is not limited.
            if let Whole::Failed(finding) = self.check_by_sqlite("sqlite_schema", None, stop)? {
                self.add(Some(finding));
            }
            self.is_list_checked = true;
        } else if let Some(table) = self.tables.get(self.at) {
            let name = table.name.clone();
            match self.part {
                Part::Whole => match self.check_by_sqlite(&name, Some(self.whole_max), stop)? {
                    Whole::Sound => self.part = Part::Rows { whole: true },
                    Whole::Damaged => self.next_table(),
                    Whole::Longer => self.part = Part::Rows { whole: false },
                    Whole::Failed(finding) => {
                        self.unexplained = Some((finding, self.findings.len()));
                        self.part = Part::Rows { whole: false };
                    }
                },
                Part::Rows { whole } => self.read_rows(whole, stop)?,
                Part::Entries(index) => self.read_entries(index, stop)?,
            }
        }
        Ok(self.at == self.tables.len())
    }

    /// Has SQLite check a table with its indexes, or the schema and the list of free pages.
    fn check_by_sqlite(&mut self, table: &str, time: Option<Duration>, stop: &Stop) -> Result<Whole> {
        let (is_stopped, end) = (stop.clone(), time.map(|time| Instant::now() + time));
        let is_to_stop = move || is_stopped.is_stopped() || end.is_some_and(|end| Instant::now() >= end);
        self.sql.progress_handler(WHOLE_STEPS, Some(is_to_stop)).map_err(sqlite_error)?;
        let found = integrity_check(&self.sql, table);
        let found = match found {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                return if stop.is_stopped() { Err(sqlite_error(error)) } else { Ok(Whole::Longer) };
            }
            Err(error) if is_damage(&error) => {
                return Ok(Whole::Failed(format!("table {table}: {error}")));
            }
            found => found.map_err(sqlite_error)?,
        };
        let result = if found.is_some() { Whole::Damaged } else { Whole::Sound };
        self.add(found);
        Ok(result)
    }

    /// Reads the next rows of a table, and looks up each of them in the indexes.
    fn read_rows(&mut self, whole: bool, stop: &Stop) -> Result<()> {
        self.stop_with(stop)?;
        let Some(table) = self.tables.get_mut(self.at) else { return Ok(()) };
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
        let is_damaged = batch.finding.is_some();
        let is_end = is_damaged || batch.rows < self.limit;
        self.add(findings);
        if let Some(error) = failure {
            return Err(sqlite_error(error));
        }
        self.rows += batch.rows as u64;
        // Without all rows, every index has entries that seem to have none.
        match (is_end, whole || is_damaged) {
            (false, _) => self.after = batch.last,
            (true, true) => self.next_table(),
            (true, false) => self.next_index(0),
        }
        self.set_limit(started.elapsed());
        Ok(())
    }

    /// Reads the next entries of an index, and looks up the row of each.
    fn read_entries(&mut self, at: usize, stop: &Stop) -> Result<()> {
        self.stop_with(stop)?;
        let index = self.tables.get(self.at).and_then(|table| table.indexes.get(at));
        let Some(index) = index else { return Ok(()) };
        let started = Instant::now();
        let batch = match read_entries(&self.sql, index, self.after.as_deref(), self.limit) {
            Ok(batch) => batch,
            Err(error) if is_damage(&error) => Batch { finding: Some(error.to_string()), ..Batch::default() },
            Err(error) => return Err(sqlite_error(error)),
        };
        let finding = batch.finding.map(|finding| format!("index {}: {finding}", index.name));
        // One finding of an index is enough.
        let is_end = finding.is_some() || batch.rows < self.limit;
        self.add(finding);
        match is_end {
            true => self.next_index(at + 1),
            false => self.after = batch.last,
        }
        self.set_limit(started.elapsed());
        Ok(())
    }

    fn stop_with(&mut self, stop: &Stop) -> Result<()> {
        let stop = stop.clone();
        self.sql.progress_handler(STEPS, Some(move || stop.is_stopped())).map_err(sqlite_error)
    }

    fn next_table(&mut self) {
        if let Some((finding, known)) = self.unexplained.take()
            && self.findings.len() == known
        {
            self.findings.push(finding);
        }
        (self.at, self.part, self.after) = (self.at + 1, Part::Whole, None);
    }

    fn next_index(&mut self, index: usize) {
        if self.tables.get(self.at).is_some_and(|table| index < table.indexes.len()) {
            (self.part, self.after) = (Part::Entries(index), None);
        } else {
            self.next_table();
        }
    }

    /// Adds findings that are not known.
    fn add(&mut self, findings: impl IntoIterator<Item = String>) {
        for finding in findings {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
    }

    /// Adjusts the number of rows of the next step to the time of this one.
    fn set_limit(&mut self, time: Duration) {
        self.limit = match time {
            time if time > STEP_MAX => (self.limit / 2).max(ROWS_MIN),
            time if time < STEP_MAX / 4 => (self.limit * 2).min(ROWS_MAX),
            _ => self.limit,
        };
    }
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

#[cfg(test)]
mod tests;
