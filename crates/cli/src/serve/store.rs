//! Opens the store: SQLite in a data directory, or a PostgreSQL database.

use super::file_error;
use super::settings::Settings;
use crate::messages::Text;
use domain::App;
use domain::ports::{Store, TrustedClock};
use edge::auth::secrets::{SystemClock, SystemSecrets};
use std::path::Path;
use std::sync::Arc;
use store::loss::{Loss, OpenError};
use store::postgres::{self, Postgres};
use store::schema::NewerSchema;
use store::sqlite::{self, Sqlite};

/// The exit code after a failed commit: `EX_IOERR` of sysexits.
const EXIT_IO_ERROR: i32 = 74;

/// Opens the database of the settings, or SQLite in the data directory without one, with the system's clock and random
/// source.
///
/// # Errors
/// A message in one line.
pub async fn open(settings: &Settings, data: &Path, accept_loss: bool) -> Result<App, String> {
    let (queue, memory) = (settings.queue, settings.memory);
    let store: Arc<dyn Store> = match settings.database.as_deref() {
        Some(url) => {
            create_private(data).map_err(|error| file_error(data, &error))?;
            let node = Some(data.to_owned());
            let options =
                postgres::Options { queue, memory, node, accept_loss, ..postgres::Options::default() };
            Arc::new(Postgres::open(url, options).await.map_err(explain)?)
        }
        None => {
            let on_fatal = Box::new(abort);
            let options =
                sqlite::Options { queue, memory, accept_loss, on_fatal, ..sqlite::Options::default() };
            Arc::new(Sqlite::open(data, options).map_err(explain)?)
        }
    };
    Ok(App {
        store,
        clock: Arc::new(SystemClock),
        secrets: Arc::new(SystemSecrets::default()),
        trusted: Arc::new(TrustedClock::default()),
    })
}

/// The message for a store that cannot be opened, with what to do about lost data or a newer version.
pub fn explain(error: OpenError) -> String {
    let loss = match error {
        OpenError::Loss(loss) => loss,
        OpenError::NewerSchema(newer) => return explain_newer(&newer),
        OpenError::Store(error) => return error.to_string(),
    };
    let (text, path, reason) = match &loss {
        Loss::DatabaseMissing { path } => (Text::LossDatabaseMissing, Some(path), None),
        Loss::LogMissing { path } => (Text::LossLogMissing, Some(path), None),
        Loss::LogDamaged { path, frame } => (Text::LossLogDamaged, Some(path), Some(frame.to_string())),
        Loss::OtherStore { path: Some(path) } => (Text::LossOtherStore, Some(path), None),
        Loss::OtherStore { path: None } => (Text::LossOtherDatabase, None, None),
        Loss::Older { path } => (Text::LossOlder, Some(path), None),
        Loss::Damaged { path, reason } => (Text::LossDamaged, Some(path), Some(reason.clone())),
        Loss::JournalMissing { path } => (Text::LossJournalMissing, Some(path), None),
        Loss::JournalDamaged { path } => (Text::LossJournalDamaged, Some(path), None),
        Loss::OtherJournal { path } => (Text::LossOtherJournal, Some(path), None),
        Loss::JournalRefused { path, reason } => (Text::LossJournalRefused, Some(path), Some(reason.clone())),
        Loss::MarkDamaged { path } => (Text::LossMarkDamaged, Some(path), None),
    };
    let path = path.map(|path| path.display().to_string()).unwrap_or_default();
    text.with(&[("path", &path), ("reason", &reason.unwrap_or_default())])
}

/// The message for a store of a newer version, with what to do about it.
fn explain_newer(newer: &NewerSchema) -> String {
    let (found, known) = (newer.found.to_string(), newer.known.to_string());
    let path = newer.path.as_ref().map(|path| path.display().to_string());
    let text = if path.is_some() { Text::SchemaNewer } else { Text::SchemaNewerDatabase };
    text.with(&[("path", &path.unwrap_or_default()), ("found", &found), ("known", &known)])
}

/// Ends the process: after a failed commit the contents of the file are unknown until the next start reads
/// them.
fn abort(reason: &str) {
    tracing::error!(reason, "a commit failed on disk; exiting");
    super::logging::flush();
    std::process::exit(EXIT_IO_ERROR);
}

/// Creates the directory for a node's certificate and the secrets of the first start, with mode 0700.
fn create_private(data: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
}
