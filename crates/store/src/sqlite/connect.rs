//! Opening the database file: version check, settings, lock, migrations. Each setting is read back; one
//! without effect is an error.

use super::{merge, read_only_media, sqlite_error};
use crate::loss::OpenError;
use crate::{row_moves, schema};
use domain::Result;
use domain::model::storage::StorageState;
use domain::ports::unavailable;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The oldest SQLite without the WAL-reset bug, which can lose committed writes (reliability fact 0.4).
pub const LEAST_VERSION: i32 = 3_051_003;

/// How long a statement waits for a lock.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The part of the file that readers map into memory, in bytes: all of any file that SQLite allows. Mapped pages are
/// read without a system call and without a copy, and belong to the page cache of the kernel. A checkpoint cuts the
/// file off only when no reader needs the rest, and readers map it again after a commit.
const MAPPED: i64 = 1 << 40;
/// The size to which SQLite shortens the write-ahead log after it was merged, in bytes.
pub const LOG_KEPT: i64 = 64 << 20;

/// The files of `migrations` in order, as `build.rs` lists them. There are no downgrades; a released migration is never
/// edited.
const MIGRATIONS: &[&str] = include!(concat!(env!("OUT_DIR"), "/sqlite_migrations.rs"));

/// Refuses a version of SQLite that can lose writes.
///
/// # Errors
/// [`domain::Error::Unavailable`] naming both versions.
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
    /// [`domain::Error::Unavailable`] if another process holds the lock or the file cannot be created.
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
    /// take, and one without a store gets no file for it.
    ///
    /// # Errors
    /// As [`Lock::take`]; [`Error::Unavailable`] if there is no store.
    pub fn take_to_read(dir: &Path) -> Result<Option<Self>> {
        existing_file(dir)?;
        if read_only_media::is_read_only(dir) { Ok(None) } else { Self::take(dir).map(Some) }
    }
}

/// The database file in a data directory.
pub fn file(dir: &Path) -> PathBuf {
    dir.join("stagepost.db")
}

/// The database file of an existing store: of a data directory, or the file itself.
///
/// # Errors
/// [`Error::Unavailable`] if there is none.
fn existing_file(path: &Path) -> Result<PathBuf> {
    let path = if path.is_dir() { file(path) } else { path.to_owned() };
    if path.is_file() {
        Ok(path)
    } else {
        Err(unavailable(format!("there is no store at {}", path.display())))
    }
}

/// The write-ahead log of a database file.
pub fn wal_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// The index of the write-ahead log of a database file.
pub fn index_of(path: &Path) -> PathBuf {
    path.with_extension("db-shm")
}

/// Whether a database file has a write-ahead log with content.
pub fn has_wal(path: &Path) -> bool {
    wal_of(path).metadata().is_ok_and(|wal| wal.len() > 0)
}

/// The space that the database file `path` and its log use.
pub fn storage(path: &Path) -> StorageState {
    let database_bytes = path.metadata().ok().map(|file| file.len());
    let log_bytes = wal_of(path).metadata().map_or(0, |log| log.len());
    let free = rustix::fs::statvfs(path).ok();
    StorageState {
        database_bytes,
        log_bytes: Some(log_bytes),
        free_bytes: free.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
    }
}

/// The connection that writes.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub fn writer(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(sqlite_error)?;
    configure_writer(&connection, path)?;
    Ok(connection)
}

/// As [`writer`]. Closing the connection changes no file, until [`super::merge::merge_at_close`].
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub fn unchecked_writer(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(sqlite_error)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(sqlite_error)?;
    configure_writer(&connection, path)?;
    Ok(connection)
}

fn configure_writer(connection: &Connection, path: &Path) -> Result<()> {
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sqlite_error)?;
    if mode != "wal" {
        return Err(unavailable(format!(
            "the file system of {} does not allow WAL (journal mode {mode})",
            path.display()
        )));
    }
    // FULL: every commit syncs the WAL, so an acknowledged report survives a power failure.
    set(connection, "synchronous", 2)?;
    set(connection, "foreign_keys", 1)?;
    set(connection, "trusted_schema", 0)?;
    set(connection, "cell_size_check", 1)?;
    set(connection, "wal_autocheckpoint", merge::PAGES)?;
    set(connection, "journal_size_limit", LOG_KEPT)?;
    set(connection, "cache_size", -64_000)?;
    fix_plans(connection)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite_error)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// A connection that reads.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite_error)?;
    configure_reader(&connection)?;
    // SQLite takes its own limit if that is less, so the value is not compared.
    connection.pragma_update(None, "mmap_size", MAPPED).map_err(sqlite_error)?;
    Ok(connection)
}

/// Plans do not depend on the values of parameters. Otherwise SQLite prepares a statement with a parameter in `LIMIT`
/// anew for every execution, which takes longer than most lookups.
fn fix_plans(connection: &Connection) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop).map_err(sqlite_error)
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
    fix_plans(connection)?;
    // A cell that exceeds its page is an error instead of wrong content.
    set(connection, "cell_size_check", 1)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite_error)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// A connection that reads a file without writers and without a write-ahead log.
///
/// # Errors
/// [`domain::Error::Unavailable`].
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
/// [`domain::Error::Unavailable`].
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
/// [`domain::Error::Unavailable`] if there is none, or one of another version.
pub fn open_to_read(path: &Path) -> Result<Connection> {
    check_version(rusqlite::version_number())?;
    let path = existing_file(path)?;
    let connection = source(&path)?;
    let version = check_ours(&connection, &path)?;
    schema::check_same(Some(&path), version.into(), MIGRATIONS.len())?;
    Ok(connection)
}

/// The connection that writes to the store in a data directory, which is created if it does not exist, and
/// the lock of the directory.
///
/// # Errors
/// [`domain::Error::Unavailable`].
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
/// [`domain::Error::Unavailable`].
pub fn check_ours(connection: &Connection, path: &Path) -> Result<u32> {
    // Before version 11, the table of settings was named `notes`.
    let is_ours =
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name IN ('settings', 'notes'))";
    let is_ours: bool = connection.query_row(is_ours, [], |row| row.get(0)).map_err(sqlite_error)?;
    let version = schema_version(connection)?;
    if !is_ours || version == 0 {
        return Err(unavailable(format!("{} is no store that this program knows", path.display())));
    }
    schema::check_not_newer(Some(path), version.into(), MIGRATIONS.len())?;
    Ok(version)
}

/// The number of the last migration of a database; 0 for an empty one.
fn schema_version(connection: &Connection) -> Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite_error)
}

/// Refuses a database of a newer program, before anything is written to it.
///
/// # Errors
/// [`OpenError::NewerSchema`], or the error of a read.
pub fn check_not_newer(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let version = schema_version(connection)?;
    Ok(schema::check_not_newer(Some(path), version.into(), MIGRATIONS.len())?)
}

/// Sets a pragma, and reads it back.
pub fn set(connection: &Connection, name: &str, value: i64) -> Result<()> {
    connection.execute_batch(&format!("PRAGMA {name} = {value}")).map_err(sqlite_error)?;
    let actual: i64 =
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(sqlite_error)?;
    if actual == value { Ok(()) } else { Err(unavailable(format!("PRAGMA {name} is {actual}, not {value}"))) }
}

/// Migrates the schema to the version of this program, each migration in its own transaction, and large tables in
/// many.
///
/// # Errors
/// [`domain::Error::Unavailable`], also for a database of a newer program.
pub fn migrate(connection: &mut Connection) -> Result<()> {
    migrate_through(connection, MIGRATIONS)
}

fn migrate_through(connection: &mut Connection, migrations: &[&str]) -> Result<()> {
    let version = schema_version(connection)?;
    schema::check_not_newer(None, version.into(), migrations.len())?;
    let version = version as usize;
    for (at, sql) in migrations.iter().enumerate().skip(version) {
        if sql.starts_with(row_moves::REQUIRED_BY) {
            row_moves::run(connection)?;
        }
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
/// [`domain::Error::Unavailable`] with the path.
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
/// [`domain::Error::Unavailable`] with the path.
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

#[cfg(test)]
mod tests;
