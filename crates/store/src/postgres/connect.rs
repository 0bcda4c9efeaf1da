//! Reaching the database: connections and migrations.

use super::connection::{Connection, from_postgres_error};
use super::server::Server;
use domain::Result;
use domain::ports::unavailable;
use futures_util::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::error::Severity;
use tokio_postgres::{AsyncMessage, NoTls};

/// The oldest PostgreSQL this was built for.
const LEAST_VERSION: i64 = 150_000;
/// Who migrates holds this lock, so that of several nodes one does.
const MIGRATION_LOCK: i64 = 0x5374_6167_6570_6f73;
/// Who fills a database from another store holds this one.
const FILL_LOCK: i64 = MIGRATION_LOCK + 1;
/// Migrations in order. Forward only; a released one is never edited.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_first.sql")];

/// A connection.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub async fn connect(server: &Server, settings: &str) -> Result<Connection> {
    connect_hearing(server, settings, None).await
}

/// Called with what others notify.
type Heard = Box<dyn Fn(&str) + Send>;

/// A connection; what is notified on it is heard. `settings` are words that are run on it first.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub async fn connect_hearing(server: &Server, settings: &str, heard: Option<Heard>) -> Result<Connection> {
    tokio::time::timeout(server.patience(), connect_somewhere(server, settings, heard))
        .await
        .map_err(|_| unavailable("PostgreSQL does not answer"))?
}

async fn connect_somewhere(server: &Server, settings: &str, heard: Option<Heard>) -> Result<Connection> {
    let warned = Arc::new(AtomicBool::new(false));
    let warns = Arc::clone(&warned);
    let client = match &server.tls {
        None => {
            let (client, connection) =
                server.config.connect(NoTls).await.map_err(|e| from_postgres_error(&e))?;
            tokio::spawn(drive(connection, warns, heard));
            client
        }
        Some(tls) => {
            let (client, connection) =
                server.config.connect(tls.clone()).await.map_err(|e| from_postgres_error(&e))?;
            tokio::spawn(drive(connection, warns, heard));
            client
        }
    };
    let line = Connection::new(client, warned);
    if !settings.is_empty() {
        line.run(settings).await?;
    }
    Ok(line)
}

/// Moves a connection on until it ends.
async fn drive<S, T>(
    mut connection: tokio_postgres::Connection<S, T>,
    warns: Arc<AtomicBool>,
    heard: Option<Heard>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        match message {
            // Parsed: the word itself is in the language of the server.
            Ok(AsyncMessage::Notice(notice)) if notice.parsed_severity() == Some(Severity::Warning) => {
                warns.store(true, Ordering::SeqCst);
                tracing::warn!(message = notice.message(), code = notice.code().code(), "PostgreSQL warns");
            }
            Ok(AsyncMessage::Notification(notified)) => {
                if let Some(heard) = &heard {
                    heard(notified.payload());
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

/// Brings the schema to this program's version, each step in a transaction of its own. Several nodes may do it at once.
///
/// # Errors
/// [`domain::Error::Unavailable`], also for a database of a newer program, or an older PostgreSQL.
pub async fn migrate(line: &Connection) -> Result<()> {
    let version: i64 = number(line, "SELECT current_setting('server_version_num')::bigint").await?;
    if version < LEAST_VERSION {
        return Err(unavailable(format!(
            "PostgreSQL {} is too old; {} or newer is needed",
            version / 10_000,
            LEAST_VERSION / 10_000
        )));
    }
    line.run(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    let done = migrate_alone(line).await;
    let unlocked = line.run(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})")).await;
    done.and(unlocked)
}

async fn migrate_alone(line: &Connection) -> Result<()> {
    line.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)").await?;
    let version = number(line, "SELECT coalesce(max(version), 0) FROM schema_version").await?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version > known {
        return Err(unavailable(format!(
            "the database has schema {version}, this program knows {known}: start the newer program"
        )));
    }
    for (step, sql) in (1..).zip(MIGRATIONS).filter(|(step, _)| *step > version) {
        let steps = format!("BEGIN;\n{sql}\nINSERT INTO schema_version VALUES ({step});\nCOMMIT");
        if let Err(error) = line.run(&steps).await {
            // What is wrong with the step is what to tell.
            let _ = line.run("ROLLBACK").await;
            return Err(error);
        }
    }
    Ok(())
}

/// Keeps everybody else from filling the database for as long as the connection lives. Waits a little: the server may not know yet that
/// who did so before is gone.
///
/// # Errors
/// [`domain::Error::Unavailable`] where somebody does.
pub async fn hold_to_fill(line: &Connection) -> Result<()> {
    let held = line.run(&format!("SET lock_timeout = '3s'; SELECT pg_advisory_lock({FILL_LOCK})")).await;
    held.map_err(|_| unavailable("another move into this database is under way"))?;
    line.run("RESET lock_timeout").await
}

/// Refuses a database of another version than this program's.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub async fn check_schema(line: &Connection) -> Result<()> {
    let version = number(line, "SELECT coalesce(max(version), 0) FROM schema_version").await?;
    if usize::try_from(version) == Ok(MIGRATIONS.len()) {
        return Ok(());
    }
    Err(unavailable(format!(
        "the database has schema {version}, this program knows {}: start the server on it once, or use the newer program",
        MIGRATIONS.len()
    )))
}

async fn number(line: &Connection, query: &str) -> Result<i64> {
    let rows = line.query(query, &[]).await?;
    let row = rows.first().ok_or_else(|| unavailable("PostgreSQL answered nothing"))?;
    row.try_get(0).map_err(|e| from_postgres_error(&e))
}
