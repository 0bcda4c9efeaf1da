//! Reading a store in a directory that cannot be written: read-only media, or the directory of another user.
//! SQLite creates files beside a database with a write-ahead log, even to read it.

use super::connect;
use super::sqlite_error;
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;

/// Whether files cannot be created in the directory of `path`, or in the directory `path`.
pub fn is_read_only(path: &Path) -> bool {
    let dir = if path.is_dir() { Some(path) } else { path.parent() };
    let dir = dir.filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    rustix::fs::access(dir, rustix::fs::Access::WRITE_OK).is_err()
}

/// A connection that reads the database file `path`, and creates nothing beside it. A write-ahead log is
/// applied to a temporary copy, which needs as much space as both.
///
/// # Errors
/// [`Error::Unavailable`], also while a server uses the store.
pub fn open(path: &Path) -> Result<Connection> {
    let dir = path.parent().unwrap_or(Path::new("."));
    if is_in_use(dir) {
        return Err(unavailable(format!(
            "{} cannot be written, and a server uses the store: read it as the user of the server",
            dir.display()
        )));
    }
    if !connect::has_wal(path) {
        return connect::open_immutable(path);
    }
    open_copy(path, |_| Ok(()))
}

/// A connection that reads a temporary copy of the database file `path`, which no server uses. The write-ahead log is
/// merged into the copy, then `change` changes it.
///
/// # Errors
/// [`Error::Unavailable`]; those of `change`.
pub fn open_copy(path: &Path, change: impl FnOnce(&Path) -> Result<()>) -> Result<Connection> {
    let temporary = tempfile::tempdir().map_err(|e| unavailable(format!("a temporary directory: {e}")))?;
    let copy = connect::file(temporary.path());
    let log = connect::has_wal(path).then(|| (connect::wal_of(path), connect::wal_of(&copy)));
    for (from, to) in std::iter::once((path.to_owned(), copy.clone())).chain(log) {
        // Not fs::copy, which would make the copy read-only too.
        let copied = File::open(&from).and_then(|mut from| std::io::copy(&mut from, &mut File::create(&to)?));
        copied.map_err(|e| unavailable(format!("the copy {} of {}: {e}", to.display(), from.display())))?;
    }
    let merged = Connection::open(&copy).map_err(sqlite_error)?;
    let mode: String =
        merged.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(sqlite_error)?;
    if mode != "delete" {
        return Err(Error::Internal(format!("the copy has journal mode {mode}")));
    }
    merged.close().map_err(|(_, e)| sqlite_error(e))?;
    change(&copy)?;
    // The open file stays readable after its directory is deleted here.
    let connection = connect::open_immutable(&copy)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(sqlite_error)?;
    Ok(connection)
}

/// Whether a server has locked the directory.
pub fn is_in_use(dir: &Path) -> bool {
    let lock = File::open(dir.join("lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{Options, Sqlite};
    use domain::ports::Health as _;

    /// The names in a directory.
    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_store_is_read_with_its_log_and_nothing_is_created() {
        let dir = tempfile::tempdir().unwrap();
        let killed = tempfile::tempdir().unwrap();
        let store = Sqlite::open(dir.path(), Options::default()).unwrap();
        store.set_setting("demo", "in the log").await.unwrap();
        let path = connect::file(dir.path());
        let refused = open(&path).unwrap_err().to_string();
        assert!(refused.contains("a server uses the store"), "{refused}");
        for name in ["stagepost.db", "stagepost.db-wal", "lock"] {
            std::fs::copy(dir.path().join(name), killed.path().join(name)).unwrap();
        }
        store.close().await.unwrap();
        drop(store);
        for dir in [dir.path(), killed.path()] {
            let before = names(dir);
            let sql = open(&connect::file(dir)).unwrap();
            let value: String = sql
                .query_row("SELECT value FROM settings WHERE name = 'demo'", [], |row| row.get(0))
                .unwrap();
            assert_eq!(value, "in the log");
            drop(sql);
            assert_eq!(names(dir), before);
        }
    }

    #[test]
    fn a_path_may_have_any_characters() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a b?c#d%41\u{4e2d}.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        let sql = connect::open_immutable(&path).unwrap();
        let tables: i64 = sql.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1);
    }
}
