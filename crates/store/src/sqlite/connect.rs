//! Opening the database file: version check, settings, lock, migrations. Each setting is read back; one
//! without effect is an error.

use super::{read_only_media, sqlite_error};
use domain::model::storage::StorageState;
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The oldest SQLite without the WAL-reset bug, which can lose committed writes (reliability fact 0.4).
pub const LEAST_VERSION: i32 = 3_051_003;

/// How long a statement waits for a lock.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The size to which SQLite shortens the write-ahead log after it was merged, in bytes.
pub const LOG_KEPT: i64 = 64 << 20;

/// The files of `migrations` in order, as `build.rs` lists them. There are no downgrades; a released migration is never edited.
const MIGRATIONS: &[&str] = include!(concat!(env!("OUT_DIR"), "/sqlite_migrations.rs"));

/// Refuses a version of SQLite that can lose writes.
///
/// # Errors
/// [`Error::Unavailable`] naming both versions.
pub fn check_version(number: i32) -> Result<()> {
    if number < LEAST_VERSION {
        return Err(unavailable(format!(
            "SQLite {number} can lose committed writes; {LEAST_VERSION} or newer is needed"
        )));
    }
    Ok(())
}

/// Locks the data directory against a second server until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// # Errors
    /// [`Error::Unavailable`] if another process holds the lock or the file cannot be created.
    pub fn take(dir: &Path) -> Result<Self> {
        let path = dir.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| unavailable(format!("{}: {e}", path.display())))?;
        let mut locked = file.try_lock();
        // A command that reads the store looks at the lock for a moment.
        for _ in 0..5 {
            if !matches!(locked, Err(std::fs::TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
            locked = file.try_lock();
        }
        match locked {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(unavailable(format!("{} is in use by another stagepost process", dir.display())))
            }
            Err(std::fs::TryLockError::Error(e)) => Err(unavailable(format!("{}: {e}", path.display()))),
        }
    }
}

impl Lock {
    /// The lock of a directory whose store is only read. A directory that cannot be written has no lock to
    /// take.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub fn take_to_read(dir: &Path) -> Result<Option<Self>> {
        if read_only_media::is_read_only(dir) { Ok(None) } else { Self::take(dir).map(Some) }
    }
}

/// The database file in a data directory.
pub fn file(dir: &Path) -> PathBuf {
    dir.join("stagepost.db")
}

/// The write-ahead log of a database file.
pub fn wal_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Whether a database file has a write-ahead log with content.
pub fn has_wal(path: &Path) -> bool {
    wal_of(path).metadata().is_ok_and(|wal| wal.len() > 0)
}

/// The space that the database file `path` and its log use.
pub fn storage(path: &Path) -> StorageState {
    let log_bytes = wal_of(path).metadata().map_or(0, |log| log.len());
    let free = rustix::fs::statvfs(path).ok();
    StorageState {
        log_bytes: Some(log_bytes),
        free_bytes: free.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
    }
}

/// The connection that writes.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn writer(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(sqlite_error)?;
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sqlite_error)?;
    if mode != "wal" {
        return Err(unavailable(format!(
            "the file system of {} does not allow WAL (journal mode {mode})",
            path.display()
        )));
    }
    // FULL: every commit syncs the WAL, so an acknowledged report survives a power failure.
    set(&connection, "synchronous", 2)?;
    set(&connection, "foreign_keys", 1)?;
    set(&connection, "trusted_schema", 0)?;
    set(&connection, "cell_size_check", 1)?;
    set(&connection, "wal_autocheckpoint", 4_000)?;
    set(&connection, "journal_size_limit", LOG_KEPT)?;
    set(&connection, "cache_size", -64_000)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite_error)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// A connection that reads.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite_error)?;
    configure_reader(&connection)?;
    Ok(connection)
}

/// Limits the bytes of pages that a connection keeps.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn limit_pages(connection: &Connection, bytes: u64) -> Result<()> {
    // Negative: in KiB.
    set(connection, "cache_size", -i64::try_from(bytes >> 10).unwrap_or(i64::MAX))
}

fn configure_reader(connection: &Connection) -> Result<()> {
    set(connection, "query_only", 1)?;
    set(connection, "trusted_schema", 0)?;
    set(connection, "cache_size", -16_000)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite_error)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// A connection that reads a file which nobody writes and which has no write-ahead log.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn open_immutable(path: &Path) -> Result<Connection> {
    // Immutable: SQLite creates no file beside it.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(immutable_uri(path)?, flags).map_err(sqlite_error)?;
    configure_reader(&connection)?;
    Ok(connection)
}

/// The URI of a file that does not change.
fn immutable_uri(path: &Path) -> Result<String> {
    use std::os::unix::ffi::OsStrExt as _;
    let path = std::path::absolute(path).map_err(|e| unavailable(format!("{}: {e}", path.display())))?;
    let escaped: String = path
        .as_os_str()
        .as_bytes()
        .iter()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                char::from(*byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    Ok(format!("file:{escaped}?immutable=1"))
}

/// A connection that reads a database file, which a server may use meanwhile, or which is on read-only media.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn source(path: &Path) -> Result<Connection> {
    // The first read creates files beside the database.
    let opened = reader(path).and_then(|sql| {
        sql.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(sqlite_error)?;
        Ok(sql)
    });
    match opened {
        Err(_) if read_only_media::is_read_only(path) => read_only_media::open(path),
        opened => opened,
    }
}

/// A connection that reads the store in a data directory or in a database file.
///
/// # Errors
/// [`Error::Unavailable`] if there is none, or one of another version.
pub fn open_to_read(path: &Path) -> Result<Connection> {
    check_version(rusqlite::version_number())?;
    let path = if path.is_dir() { file(path) } else { path.to_owned() };
    if !path.is_file() {
        return Err(unavailable(format!("there is no store at {}", path.display())));
    }
    let connection = source(&path)?;
    let version = check_ours(&connection, &path)?;
    if version as usize != MIGRATIONS.len() {
        return Err(unavailable(format!(
            "{} has schema {version}, this program knows {}: start the server on it once, or use the newer program",
            path.display(),
            MIGRATIONS.len()
        )));
    }
    Ok(connection)
}

/// The connection that writes to the store in a data directory, which is created if it does not exist, and
/// the lock of the directory.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn open_to_fill(dir: &Path) -> Result<(Connection, Lock)> {
    check_version(rusqlite::version_number())?;
    make_dir(dir)?;
    let lock = Lock::take(dir)?;
    let mut connection = writer(&file(dir))?;
    migrate(&mut connection)?;
    Ok((connection, lock))
}

/// Refuses a file that neither this program nor an older version created. Returns the version of its schema.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn check_ours(connection: &Connection, path: &Path) -> Result<u32> {
    // Before version 11, the table of settings was named `notes`.
    let is_ours =
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name IN ('settings', 'notes'))";
    let is_ours: bool = connection.query_row(is_ours, [], |row| row.get(0)).map_err(sqlite_error)?;
    let version: u32 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite_error)?;
    if !is_ours || version == 0 || version as usize > MIGRATIONS.len() {
        return Err(unavailable(format!("{} is no store that this program knows", path.display())));
    }
    Ok(version)
}

fn set(connection: &Connection, name: &str, value: i64) -> Result<()> {
    connection.execute_batch(&format!("PRAGMA {name} = {value}")).map_err(sqlite_error)?;
    let actual: i64 =
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(sqlite_error)?;
    if actual == value { Ok(()) } else { Err(unavailable(format!("PRAGMA {name} is {actual}, not {value}"))) }
}

/// Migrates the schema to the version of this program, each migration in its own transaction.
///
/// # Errors
/// [`Error::Unavailable`], also for a database of a newer program.
pub fn migrate(connection: &mut Connection) -> Result<()> {
    migrate_through(connection, MIGRATIONS)
}

fn migrate_through(connection: &mut Connection, migrations: &[&str]) -> Result<()> {
    let version: u32 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite_error)?;
    let version = version as usize;
    if version > migrations.len() {
        return Err(unavailable(format!(
            "the database has schema {version}, this program knows {}: start the newer program",
            migrations.len()
        )));
    }
    for (at, sql) in migrations.iter().enumerate().skip(version) {
        let step = connection.transaction().map_err(sqlite_error)?;
        step.execute_batch(sql).map_err(sqlite_error)?;
        step.pragma_update(None, "user_version", u32::try_from(at + 1).unwrap_or(u32::MAX))
            .map_err(sqlite_error)?;
        step.commit().map_err(sqlite_error)?;
    }
    Ok(())
}

/// Creates the directory if it does not exist, accessible by its owner only.
///
/// # Errors
/// [`Error::Unavailable`] with the path.
pub fn make_private(dir: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if dir.exists() {
        return Ok(());
    }
    let created = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    created.map_err(|e| unavailable(format!("{}: {e}", dir.display())))
}

/// Creates the directory and the file if they do not exist, accessible by their owner only.
///
/// # Errors
/// [`Error::Unavailable`] with the path.
pub fn make_dir(dir: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let error = |e| unavailable(format!("{}: {e}", dir.display()));
    make_private(dir)?;
    // The database holds secrets of access keys, so the mode does not depend on the umask.
    let path = file(dir);
    if !path.exists() {
        File::create(&path).map_err(error)?;
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(error)
}

/// Checks for damage after an unclean shutdown.
///
/// # Errors
/// [`Error::Internal`] with the damage.
pub fn quick_check(connection: &Connection) -> Result<()> {
    let result: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sqlite_error)?;
    if result == "ok" { Ok(()) } else { Err(Error::Internal(format!("the database is damaged: {result}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_the_first_version_is_migrated() {
        let dir = tempfile::tempdir().unwrap();
        let mut sql = writer(&file(dir.path())).unwrap();
        migrate_through(&mut sql, &MIGRATIONS[..1]).unwrap();
        sql.execute_batch(
            "INSERT INTO pipelines VALUES (1, 6, 'a', 'dev', 'external', '', 'success', NULL, NULL, 1, 1, NULL,
                NULL, 2, 1);
             INSERT INTO pipelines SELECT 1, 10 + column1, 'a', column2, 'external', '', 'success', NULL, NULL, 1,
             1, NULL, NULL, 0, 1 FROM (VALUES
                 (0, 'refs/merge-requests/7/head'), (1, 'refs/merge-requests/2147483647/head'), (2,
                 'refs/merge-requests/2147483648/head'),
                 (3, 'refs/merge-requests/07/head'), (4, 'refs/merge-requests/7/x/head'), (5,
                 'refs/merge-requests/7/merge'),
                 (6, 'refs/merge-requests/99999999999999999999/head'));
             INSERT INTO pipelines SELECT 1, 20, 'b', ref, source, key, status, NULL, NULL, 1, 1, NULL, NULL, 0,
             1 FROM pipelines WHERE id = 10;
             INSERT INTO jobs VALUES (1, 6, 7, 5, 'x', 1, 1, 'success', NULL, NULL, NULL, NULL, 0, 1, 1, NULL,
             NULL, x'');
             INSERT INTO jobs VALUES (1, 6, 8, 5, 'y', 1, 1, 'failed', NULL, NULL, NULL, NULL, 0, 1, 1, NULL,
             NULL, x'');
             INSERT INTO reports VALUES (1, 7, 1, 6, 1, 'native', 1, 'success', NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL, NULL,
                 NULL, 'created', 1);",
        )
        .unwrap();
        migrate(&mut sql).unwrap();
        let text = |query: &str| -> String { sql.query_row(query, [], |row| row.get(0)).unwrap() };
        assert_eq!(text("SELECT group_concat(ref) FROM jobs"), "dev,dev");
        assert_eq!(text("SELECT group_concat(status || count) FROM job_counts"), "failed1,success1");
        assert_eq!(
            text("SELECT group_concat(ref || status || count) FROM pipeline_counts WHERE ref = 'dev'"),
            "devsuccess1"
        );
        assert_eq!(text("SELECT authority FROM reports"), "reporter");
        assert_eq!(
            text("SELECT group_concat(repository_id || ':' || iid) FROM merge_requests"),
            "1:7,1:2147483647"
        );
        // A second run changes nothing.
        migrate(&mut sql).unwrap();
    }

    #[test]
    fn renamed_tables_keep_their_rows() {
        let dir = tempfile::tempdir().unwrap();
        let mut sql = writer(&file(dir.path())).unwrap();
        migrate_through(&mut sql, &MIGRATIONS[..10]).unwrap();
        sql.execute_batch(include_str!("migrations/test_rows_0010.sql")).unwrap();
        migrate(&mut sql).unwrap();
        let text = |query: &str| -> String { sql.query_row(query, [], |row| row.get(0)).unwrap() };
        assert_eq!(text("SELECT value FROM settings WHERE name = 'demo'"), "loaded");
        let transfer = text("SELECT value FROM settings WHERE name = 'transfer'");
        assert_eq!(transfer, r#"{"from":"x","table":"deleted_pipelines","after":[1,2]}"#);
        assert_eq!(text("SELECT pipeline_id || '' FROM deleted_pipelines"), "2");
        assert_eq!(text("SELECT key || response || created_at FROM idempotency_keys"), "kR3");
        assert_eq!(text("SELECT head_sha || reported_at FROM merge_request_heads"), "abc4");
        assert_eq!(text("SELECT name || sort_id_reported FROM stages"), "s1");
        let timeouts =
            "SELECT p.inactivity_timeout || ':' || s.inactivity_timeout FROM policies p JOIN stage_limits s
            ON s.repository_id = p.repository_id";
        assert_eq!(text(timeouts), "10:20");
        // The foreign key still refers to the table.
        sql.execute_batch("DELETE FROM policies").unwrap();
        assert_eq!(text("SELECT count(*) || '' FROM stage_limits"), "0");
    }
}
