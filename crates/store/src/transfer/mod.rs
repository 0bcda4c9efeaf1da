//! Transfer of a whole store from one engine to another: every table is copied with its ids, in pages in
//! order of its key. An interrupted transfer resumes where it stopped; until it is complete, no server opens
//! the destination. At the end, the number of rows and a checksum of every table are compared.

mod plan;
#[cfg(test)]
mod tests;

use crate::postgres;
use crate::rows::settings::{self, TRANSFER};
use crate::rows::{ALL, SERIAL};
use crate::sql::{Batch, Flavor, Sql, Table, Value, corrupt, parameters, snapshot, values};
use crate::sqlite;
use domain::ports::unavailable;
use domain::{Error, Result};
use plan::{Checksum, KeyPart, Position, page_len};
use sha2::{Digest as _, Sha256};
use std::ops::ControlFlow;
use std::path::Path;

/// The source or the destination of a transfer.
pub struct Endpoint {
    sql: Box<dyn Sql + Send>,
    /// Locks a data directory.
    _lock: Option<sqlite::Lock>,
}

impl Endpoint {
    /// A source: a data directory that no server uses, or a database file.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if there is none, if it has another version, or if a server uses it.
    pub fn from_sqlite(path: &Path) -> Result<Self> {
        let lock = if path.is_dir() { sqlite::Lock::take_to_read(path)? } else { None };
        Ok(Self { sql: Box::new(sqlite::open_complete(path, lock.as_ref())?), _lock: lock })
    }

    /// A destination: a data directory, which is created if it does not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn to_sqlite(dir: &Path) -> Result<Self> {
        let (sql, lock) = sqlite::open_to_fill(dir)?;
        Ok(Self { sql: Box::new(sql), _lock: Some(lock) })
    }

    /// A source: a database. No node should use it: what a node writes meanwhile is not copied.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if there is none, or if it has another version.
    pub async fn from_postgres(url: &str) -> Result<Self> {
        Ok(Self { sql: Box::new(postgres::open_to_read(url).await?), _lock: None })
    }

    /// A destination: a database.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn to_postgres(url: &str) -> Result<Self> {
        Ok(Self { sql: Box::new(postgres::open_to_fill(url).await?), _lock: None })
    }
}

/// The progress of a transfer, in rows: of the first number, out of the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Copied rows.
    Copied(u64, u64),
    /// Compared rows.
    Compared(u64, u64),
}

/// The comparison of a table in the source and the destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableComparison {
    /// The name of the table.
    pub table: &'static str,
    /// The number of its rows in the source, and their checksum (SHA-256, hexadecimal).
    pub source: (u64, String),
    /// The same in the destination.
    pub destination: (u64, String),
}

/// Copies everything, or the rest of an interrupted transfer, and compares it. `progress` interrupts the
/// transfer with [`ControlFlow::Break`]. If a table differs, the destination stays incomplete.
///
/// # Errors
/// [`Error::Unavailable`] for a destination with other content, and for errors of the engines.
pub async fn transfer(
    from: Endpoint,
    to: Endpoint,
    mut progress: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static,
) -> Result<Vec<TableComparison>> {
    let work = move || {
        let destination = &*to.sql;
        snapshot(&*from.sql, |source| {
            settings::check_complete(source)?;
            let mut step = Step { total: count_rows(source)?, done: 0, progress: &mut progress };
            copy(source, destination, &mut step)?;
            step.done = 0;
            let tables = compare(source, destination, &mut step)?;
            if tables.iter().all(|table| table.source == table.destination) {
                settings::delete(destination, TRANSFER)?;
                // It is about the file of the source.
                settings::delete(destination, sqlite::INTEGRITY_CHECK)?;
            }
            Ok(tables)
        })
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(format!("a transfer failed: {e}")))?
}

fn load_position(sql: &dyn Sql) -> Result<Option<Position>> {
    let text = settings::load(sql, TRANSFER)?;
    text.map(|text| serde_json::from_str(&text).map_err(corrupt)).transpose()
}

fn store_position(sql: &dyn Sql, position: &Position) -> Result<()> {
    settings::store(sql, TRANSFER, &serde_json::to_string(position).map_err(corrupt)?)
}

/// Counts and reports the progress.
struct Step<'a> {
    total: u64,
    done: u64,
    progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl Step<'_> {
    fn report(&mut self, rows: usize, progress: fn(u64, u64) -> Progress) -> Result<()> {
        self.done += rows as u64;
        match (self.progress)(progress(self.done, self.total.max(self.done))) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(unavailable("the transfer was interrupted")),
        }
    }
}

fn count_rows(sql: &dyn Sql) -> Result<u64> {
    let count = |table: &&Table| -> Result<u64> {
        let count: i64 = sql.one(&format!("SELECT count(*) FROM {}", table.name), &[])?;
        Ok(count.unsigned_abs())
    };
    ALL.iter().map(count).sum()
}

/// Identifies a source by its first user.
fn identify(source: &dyn Sql) -> Result<String> {
    let first = "SELECT uuid FROM users ORDER BY id LIMIT 1";
    let uuid: Option<String> = source.first(first, &[])?;
    Ok(domain::model::ids::hex(&Sha256::digest(uuid.unwrap_or_default())))
}

fn copy(source: &dyn Sql, destination: &dyn Sql, step: &mut Step<'_>) -> Result<()> {
    let from = identify(source)?;
    let mut position = match load_position(destination)? {
        Some(position) if position.from == from => position,
        Some(_) => return Err(unavailable("the destination is an incomplete copy of another store")),
        None => start(destination, from)?,
    };
    step.done = count_rows(destination)?.saturating_sub(1);
    let left: Vec<(&'static Table, Vec<KeyPart>)> =
        position.left()?.into_iter().map(|(table, after)| (table, after.to_vec())).collect();
    for (table, after) in left {
        position = Position { table: Some(table.name.to_owned()), after, ..position };
        loop {
            let rows = read_page(source, table, &position.after)?;
            let Some(last) = rows.last() else { break };
            position.after = plan::key_of(table, last)?;
            let count = rows.len();
            write_page(destination, Batch::new(table, rows), &position)?;
            step.report(count, Progress::Copied)?;
            if count < page_len(table) {
                break;
            }
        }
    }
    for table in SERIAL {
        set_last_key(destination, table, last_key(source, table)?)?;
    }
    Ok(())
}

/// Stores the first position in an empty destination.
fn start(destination: &dyn Sql, from: String) -> Result<Position> {
    for table in ALL {
        if destination.exists(&format!("SELECT 1 FROM {} LIMIT 1", table.name), &[])? {
            return Err(unavailable(format!(
                "the destination is not empty: there are rows in its table {}",
                table.name
            )));
        }
    }
    let position = Position { from, table: None, after: Vec::new() };
    store_position(destination, &position)?;
    Ok(position)
}

fn read_page(sql: &dyn Sql, table: &Table, after: &[KeyPart]) -> Result<Vec<Vec<Value<'static>>>> {
    let key = plan::values_of(after);
    let mut rows = Vec::new();
    sql.each(&plan::page(table, !after.is_empty()), &parameters(&key), &mut |row| {
        let values = (0..table.columns.len()).map(|position| Ok(row.value(position)?.into_owned()));
        rows.push(values.collect::<Result<_>>()?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(rows)
}

/// Writes one page and the position after it in one transaction.
fn write_page(destination: &dyn Sql, batch: Batch<'_>, position: &Position) -> Result<()> {
    destination.execute("BEGIN", &[])?;
    let written = destination.write_batches(&[batch]).and_then(|()| store_position(destination, position));
    if let Err(error) = written {
        // The error of the page is more useful than one of the rollback.
        let _ = destination.execute("ROLLBACK", &[]);
        return Err(error);
    }
    destination.execute("COMMIT", &[]).map(drop)
}

/// The last key that an engine assigned in a table, even if its row was deleted.
fn last_key(sql: &dyn Sql, table: &Table) -> Result<i64> {
    let (name, column) = (table.name, table.columns[0].name);
    let (assigned, greatest) = match sql.flavor() {
        Flavor::Sqlite => (
            format!("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '{name}'"),
            format!("SELECT coalesce(max({column}), 0) FROM {name}"),
        ),
        Flavor::Postgres => (
            format!("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}_{column}_seq"),
            format!("SELECT coalesce(max({column}), 0) FROM {name}"),
        ),
    };
    let (assigned, greatest): (i64, i64) = (sql.one(&assigned, &[])?, sql.one(&greatest, &[])?);
    Ok(assigned.max(greatest))
}

/// Sets the last key that an engine assigned in a table.
fn set_last_key(sql: &dyn Sql, table: &Table, last: i64) -> Result<()> {
    let (name, column) = (table.name, table.columns[0].name);
    if last < 1 {
        return Ok(());
    }
    match sql.flavor() {
        Flavor::Postgres => {
            let set = format!("SELECT setval('{name}_{column}_seq', ?1)");
            sql.one::<i64>(&set, values![last]).map(drop)
        }
        Flavor::Sqlite => {
            // A table whose keys may be assigned again is not in `sqlite_sequence`.
            let reusable = "SELECT 1 FROM sqlite_schema WHERE name = ?1 AND instr(sql, 'AUTOINCREMENT') = 0";
            if sql.exists(reusable, values![name])? {
                return Ok(());
            }
            let updated =
                sql.execute("UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1", values![name, last])?;
            if updated == 0 {
                sql.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", values![name, last])?;
            }
            Ok(())
        }
    }
}

fn compare(source: &dyn Sql, destination: &dyn Sql, step: &mut Step<'_>) -> Result<Vec<TableComparison>> {
    step.total *= 2;
    let mut all = Vec::with_capacity(ALL.len());
    for table in ALL {
        let source = checksum(source, table, step)?;
        let destination = checksum(destination, table, step)?;
        all.push(TableComparison { table: table.name, source, destination });
    }
    Ok(all)
}

fn checksum(sql: &dyn Sql, table: &Table, step: &mut Step<'_>) -> Result<(u64, String)> {
    let (mut checksum, mut after) = (Checksum::default(), Vec::new());
    loop {
        let rows = read_page(sql, table, &after)?;
        rows.iter().for_each(|row| checksum.add_row(row));
        let Some(last) = rows.last() else { break };
        after = plan::key_of(table, last)?;
        step.report(rows.len(), Progress::Compared)?;
        if rows.len() < page_len(table) {
            break;
        }
    }
    Ok(checksum.finish())
}
