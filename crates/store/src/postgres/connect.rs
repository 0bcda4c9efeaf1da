//! Connections to the database, and migrations.

use super::connection::{Connection, from_postgres_error};
use super::server::Server;
use super::sql::Blocking;
use crate::loss::OpenError;
use crate::{row_moves, schema};
use domain::Result;
use domain::ports::unavailable;
use futures_util::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::error::Severity;
use tokio_postgres::{AsyncMessage, NoTls};

/// The oldest supported PostgreSQL.
const LEAST_VERSION: i64 = 150_000;
/// The advisory lock of a migration, so that one of several nodes migrates.
const MIGRATION_LOCK: i64 = 0x5374_6167_6570_6f73;
/// The advisory lock of the process that fills the database from another store.
const FILL_LOCK: i64 = MIGRATION_LOCK + 1;
/// The files of `migrations` in order, as `build.rs` lists them. There are no downgrades; a released migration is never edited.
const MIGRATIONS: &[&str] = include!(concat!(env!("OUT_DIR"), "/postgres_migrations.rs"));

/// Opens a connection. `settings` are statements that run on it first.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub async fn connect(server: &Server, settings: &str) -> Result<Connection> {
    connect_listening(server, settings, None).await
}

/// Called with the payload of each notification.
type OnNotification = Box<dyn Fn(&str) + Send>;

/// As [`connect`], with a handler of the notifications that the connection receives.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub async fn connect_listening(
    server: &Server,
    settings: &str,
    on_notification: Option<OnNotification>,
) -> Result<Connection> {
    tokio::time::timeout(server.connect_timeout(), open(server, settings, on_notification))
        .await
        .map_err(|_| unavailable("PostgreSQL does not respond"))?
}

async fn open(
    server: &Server,
    settings: &str,
    on_notification: Option<OnNotification>,
) -> Result<Connection> {
    let warned = Arc::new(AtomicBool::new(false));
    let set_warned = Arc::clone(&warned);
    let client = match &server.tls {
        None => {
            let (client, connection) =
                server.config.connect(NoTls).await.map_err(|e| from_postgres_error(&e))?;
            tokio::spawn(drive(connection, set_warned, on_notification));
            client
        }
        Some(tls) => {
            let (client, connection) =
                server.config.connect(tls.clone()).await.map_err(|e| from_postgres_error(&e))?;
            tokio::spawn(drive(connection, set_warned, on_notification));
            client
        }
    };
    let connection = Connection::new(client, warned);
    if !settings.is_empty() {
        connection.run(settings).await?;
    }
    Ok(connection)
}

/// Processes the messages of a connection until it ends.
async fn drive<S, T>(
    mut connection: tokio_postgres::Connection<S, T>,
    warned: Arc<AtomicBool>,
    on_notification: Option<OnNotification>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        match message {
            // The parsed severity, because its text is in the language of the server.
            Ok(AsyncMessage::Notice(notice)) if notice.parsed_severity() == Some(Severity::Warning) => {
                warned.store(true, Ordering::SeqCst);
                tracing::warn!(
                    message = notice.message(),
                    code = notice.code().code(),
                    "PostgreSQL sent a warning"
                );
            }
            Ok(AsyncMessage::Notification(notified)) => {
                if let Some(on_notification) = &on_notification {
                    on_notification(notified.payload());
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
                break;
            }
        }
    }
}

/// Migrates the schema to the version of this program, each migration in its own transaction, and large tables in
/// many. Several nodes may call this at once. Must be called in a tokio runtime with more than one thread.
///
/// # Errors
/// [`domain::Error::Unavailable`], also for a database of a newer program, or an older PostgreSQL.
pub async fn migrate(connection: &Connection) -> Result<()> {
    let version: i64 = number(connection, "SELECT current_setting('server_version_num')::bigint").await?;
    if version < LEAST_VERSION {
        return Err(unavailable(format!(
            "PostgreSQL {} is too old; {} or newer is needed",
            version / 10_000,
            LEAST_VERSION / 10_000
        )));
    }
    connection.run(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    let done = migrate_locked(connection).await;
    let unlocked = connection.run(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})")).await;
    done.and(unlocked)
}

async fn migrate_locked(connection: &Connection) -> Result<()> {
    connection.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)").await?;
    let version = schema_version(connection).await?;
    schema::check_not_newer(None, version, MIGRATIONS.len())?;
    for (step, sql) in (1..).zip(MIGRATIONS).filter(|(step, _)| *step > version) {
        if sql.starts_with(row_moves::REQUIRED_BY) {
            let sql = Blocking::unlimited(connection);
            tokio::task::block_in_place(|| row_moves::run(&sql))?;
        }
        let steps = format!("BEGIN;\n{sql}\nINSERT INTO schema_version VALUES ({step});\nCOMMIT");
        if let Err(error) = connection.run(&steps).await {
            // The error of the migration is more useful than one of the rollback.
            let _ = connection.run("ROLLBACK").await;
            return Err(error);
        }
        connection.forget_statements();
    }
    Ok(())
}

/// Locks the database against other processes that fill it, until the connection ends. Waits up to 3 s: the
/// server may not know yet that the connection of an earlier process has ended.
///
/// # Errors
/// [`domain::Error::Unavailable`] if another process holds the lock.
pub async fn lock_for_fill(connection: &Connection) -> Result<()> {
    let locked =
        connection.run(&format!("SET lock_timeout = '3s'; SELECT pg_advisory_lock({FILL_LOCK})")).await;
    locked.map_err(|_| unavailable("another process copies a store into this database"))?;
    connection.run("RESET lock_timeout").await
}

/// Refuses a database whose schema has another version than this program.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub async fn check_schema(connection: &Connection) -> Result<()> {
    schema::check_same(None, schema_version(connection).await?, MIGRATIONS.len())
}

/// Refuses a database of a newer program, before anything is written to it.
///
/// # Errors
/// [`OpenError::NewerSchema`], or the error of a read.
pub async fn check_not_newer(connection: &Connection) -> Result<(), OpenError> {
    if has_schema(connection).await? {
        schema::check_not_newer(None, schema_version(connection).await?, MIGRATIONS.len())?;
    }
    Ok(())
}

/// The number of the last migration of a database; 0 if there is none yet.
async fn schema_version(connection: &Connection) -> Result<u64> {
    let version = number(connection, "SELECT coalesce(max(version), 0) FROM schema_version").await?;
    Ok(u64::try_from(version).unwrap_or_default())
}

/// Whether the database has a store, of any version.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub async fn has_schema(connection: &Connection) -> Result<bool> {
    Ok(number(connection, "SELECT count(to_regclass('schema_version'))").await? > 0)
}

async fn number(connection: &Connection, query: &str) -> Result<i64> {
    let rows = connection.query(query, &[]).await?;
    let row = rows.first().ok_or_else(|| unavailable("PostgreSQL returned no row"))?;
    row.try_get(0).map_err(|e| from_postgres_error(&e))
}
