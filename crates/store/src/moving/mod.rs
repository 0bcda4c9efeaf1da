//! Moving a whole store from one engine to another: every table, in pages in order of its key, ids kept. It can be cut off at any moment
//! and goes on where it was; until it is whole, nobody serves it. At the end counts and checksums of every table are compared.

mod plan;
#[cfg(test)]
mod tests;

use crate::postgres;
use crate::reading::snapshot;
use crate::rows::corrupt;
use crate::sql::{Batch, Flavor, Sql, Value, places, values};
use crate::sqlite;
use crate::tables::{ALL, SERIAL, Table};
use domain::ports::unavailable;
use domain::{Error, Result};
use plan::{KeyPart, NOTE, Note, PAGE, Sum};
use sha2::{Digest as _, Sha256};
use std::ops::ControlFlow;
use std::path::Path;

/// An end of a move.
pub struct Endpoint {
    sql: Box<dyn Sql + Send>,
    /// Keeps others away from it.
    _held: Option<sqlite::Lock>,
}

impl Endpoint {
    /// To move from: a data directory that no server uses, or a file of a store.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where there is none, one of another version, or a server at work on it.
    pub fn from_sqlite(path: &Path) -> Result<Self> {
        let held = path.is_dir().then(|| sqlite::Lock::take(path)).transpose()?;
        Ok(Self { sql: Box::new(sqlite::open_to_read(path)?), _held: held })
    }

    /// To move to: a data directory, made where there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn to_sqlite(dir: &Path) -> Result<Self> {
        let (sql, lock) = sqlite::open_to_fill(dir)?;
        Ok(Self { sql: Box::new(sql), _held: Some(lock) })
    }

    /// To move from: a database. No node should be at work on it: what one writes meanwhile is not moved.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where there is none, or one of another version.
    pub async fn from_postgres(url: &str) -> Result<Self> {
        Ok(Self { sql: Box::new(postgres::open_to_read(url).await?), _held: None })
    }

    /// To move to: a database.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn to_postgres(url: &str) -> Result<Self> {
        Ok(Self { sql: Box::new(postgres::open_to_fill(url).await?), _held: None })
    }
}

/// How far a move is, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many of so many are copied.
    Copied(u64, u64),
    /// So many of so many are compared.
    Compared(u64, u64),
}

/// A table at both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its name.
    pub table: &'static str,
    /// Rows, and their checksum (SHA-256, hexadecimal), where they came from.
    pub previous: (u64, String),
    /// The same where they are now.
    pub is: (u64, String),
}

/// Moves everything, or what is left of a move that was cut off. `progress` ends it with [`ControlFlow::Break`]; it goes on another time
/// then. Where an answer differs at its two ends, the destination stays one that nobody serves.
///
/// # Errors
/// [`Error::Unavailable`] for a destination that holds something else, and for whatever an engine refuses.
pub async fn move_all(
    from: Endpoint,
    to: Endpoint,
    mut progress: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static,
) -> Result<Vec<Moved>> {
    let work = move || {
        let destination = &*to.sql;
        snapshot(&*from.sql, |source| {
            refuse_unfinished(source)?;
            let mut step = Step { total: rows_of(source)?, done: 0, progress: &mut progress };
            copy(source, destination, &mut step)?;
            step.done = 0;
            let moved = compare(source, destination, &mut step)?;
            if moved.iter().all(|table| table.previous == table.is) {
                destination.execute("DELETE FROM notes WHERE name = ?1", values![NOTE])?;
            }
            Ok(moved)
        })
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::Internal(format!("a move was cut off: {e}")))?
}

/// Refuses a store that is half of a move.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn refuse_unfinished(sql: &dyn Sql) -> Result<()> {
    match read_note(sql)? {
        None => Ok(()),
        Some(_) => Err(half()),
    }
}

/// What whoever opens a store that is half of a move is told.
pub fn half() -> Error {
    unavailable(
        "this store is the half of a move: finish it with stagepost migrate, or begin with an empty one",
    )
}

/// The query that finds the note of a move.
pub const FIND_NOTE: &str = "SELECT value FROM notes WHERE name = 'moving'";

fn read_note(sql: &dyn Sql) -> Result<Option<Note>> {
    let text: Option<String> = sql.first(FIND_NOTE, &[], |row| row.get(0))?;
    text.map(|text| serde_json::from_str(&text).map_err(corrupt)).transpose()
}

fn write_note(sql: &dyn Sql, note: &Note) -> Result<()> {
    let text = serde_json::to_string(note).map_err(corrupt)?;
    let put = "INSERT INTO notes (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sql.execute(put, values![NOTE, text]).map(drop)
}

/// Where the progress is told.
struct Step<'a> {
    total: u64,
    done: u64,
    progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl Step<'_> {
    fn report_progress(&mut self, rows: usize, of: fn(u64, u64) -> Progress) -> Result<()> {
        self.done += rows as u64;
        match (self.progress)(of(self.done, self.total.max(self.done))) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(unavailable("the move was cut off")),
        }
    }
}

fn rows_of(sql: &dyn Sql) -> Result<u64> {
    let count = |table: &&Table| -> Result<u64> {
        let count: i64 = sql.one(&format!("SELECT count(*) FROM {}", table.name), &[], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    };
    ALL.iter().map(count).sum()
}

/// What tells one source from another: who its first user is.
fn name_of(source: &dyn Sql) -> Result<String> {
    let first = "SELECT uuid FROM users ORDER BY id LIMIT 1";
    let uuid: Option<String> = source.first(first, &[], |row| row.get(0))?;
    Ok(domain::model::ids::hex(&Sha256::digest(uuid.unwrap_or_default())))
}

fn copy(source: &dyn Sql, destination: &dyn Sql, step: &mut Step<'_>) -> Result<()> {
    let from = name_of(source)?;
    let mut note = match read_note(destination)? {
        Some(note) if note.from == from => note,
        Some(_) => return Err(unavailable("the destination is the half of a move of another store")),
        None => start_move(destination, from)?,
    };
    step.done = rows_of(destination)?.saturating_sub(1);
    let left: Vec<(&'static Table, Vec<KeyPart>)> =
        note.left()?.into_iter().map(|(table, after)| (table, after.to_vec())).collect();
    for (table, after) in left {
        note = Note { table: Some(table.name.to_owned()), after, ..note };
        loop {
            let rows = read_page(source, table, &note.after)?;
            let Some(last) = rows.last() else { break };
            note.after = plan::key_of(table, last)?;
            let count = rows.len();
            write_page(destination, Batch { table, rows }, &note)?;
            step.report_progress(count, Progress::Copied)?;
            if count < PAGE {
                break;
            }
        }
    }
    for table in SERIAL {
        set_last(destination, table, last_given(source, table)?)?;
    }
    Ok(())
}

/// Makes the first note in a destination that holds nothing.
fn start_move(destination: &dyn Sql, from: String) -> Result<Note> {
    for table in ALL {
        let any: Option<i64> =
            destination.first(&format!("SELECT 1 FROM {} LIMIT 1", table.name), &[], |row| row.get(0))?;
        if any.is_some() {
            let why = format!("the destination is not empty: there are rows in its table {}", table.name);
            return Err(unavailable(why));
        }
    }
    let note = Note { from, table: None, after: Vec::new() };
    write_note(destination, &note)?;
    Ok(note)
}

fn read_page(sql: &dyn Sql, table: &Table, after: &[KeyPart]) -> Result<Vec<Vec<Value<'static>>>> {
    let key = plan::values_of(after);
    sql.all(&plan::page(table, !after.is_empty()), &places(&key), |row| {
        (0..table.columns.len()).map(|at| Ok(row.value(at)?.into_owned())).collect()
    })
}

/// One page and the note of it, or neither.
fn write_page(destination: &dyn Sql, batch: Batch<'_>, note: &Note) -> Result<()> {
    destination.execute("BEGIN", &[])?;
    let written = destination.write_batches(&[batch]).and_then(|()| write_note(destination, note));
    if let Err(error) = written {
        // What is wrong with the page is what to tell.
        let _ = destination.execute("ROLLBACK", &[]);
        return Err(error);
    }
    destination.execute("COMMIT", &[]).map(drop)
}

/// The last number that an engine gave out for a table, also where its row is gone.
fn last_given(sql: &dyn Sql, table: &Table) -> Result<i64> {
    let (name, column) = (table.name, table.columns[0].name);
    let (kept, greatest) = match sql.flavor() {
        Flavor::Sqlite => (
            format!("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '{name}'"),
            format!("SELECT coalesce(max({column}), 0) FROM {name}"),
        ),
        Flavor::Postgres => (
            format!("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}_{column}_seq"),
            format!("SELECT coalesce(max({column}), 0) FROM {name}"),
        ),
    };
    let kept: i64 = sql.one(&kept, &[], |row| row.get(0))?;
    let greatest: i64 = sql.one(&greatest, &[], |row| row.get(0))?;
    Ok(kept.max(greatest))
}

fn set_last(sql: &dyn Sql, table: &Table, last: i64) -> Result<()> {
    let (name, column) = (table.name, table.columns[0].name);
    if last < 1 {
        return Ok(());
    }
    match sql.flavor() {
        Flavor::Postgres => {
            let set = format!("SELECT setval('{name}_{column}_seq', ?1)");
            sql.one(&set, values![last], |row| row.get::<i64>(0)).map(drop)
        }
        Flavor::Sqlite => {
            // A table whose numbers may be given out again is not in it.
            let again =
                "SELECT count(*) FROM sqlite_schema WHERE name = ?1 AND instr(sql, 'AUTOINCREMENT') = 0";
            let again: i64 = sql.one(again, values![name], |row| row.get(0))?;
            if again != 0 {
                return Ok(());
            }
            let known =
                sql.execute("UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1", values![name, last])?;
            if known == 0 {
                sql.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", values![name, last])?;
            }
            Ok(())
        }
    }
}

fn compare(source: &dyn Sql, destination: &dyn Sql, step: &mut Step<'_>) -> Result<Vec<Moved>> {
    step.total *= 2;
    let mut all = Vec::with_capacity(ALL.len());
    for table in ALL {
        let was = sum(source, table, step)?;
        let is = sum(destination, table, step)?;
        all.push(Moved { table: table.name, previous: was, is });
    }
    Ok(all)
}

fn sum(sql: &dyn Sql, table: &Table, step: &mut Step<'_>) -> Result<(u64, String)> {
    let (mut sum, mut after) = (Sum::default(), Vec::new());
    loop {
        let rows = read_page(sql, table, &after)?;
        rows.iter().for_each(|row| sum.row(row));
        let Some(last) = rows.last() else { break };
        after = plan::key_of(table, last)?;
        step.report_progress(rows.len(), Progress::Compared)?;
        if rows.len() < PAGE {
            break;
        }
    }
    Ok(sum.finish())
}
