//! `--offline`: serves the API on the data directory inside this process, on a random loopback port and with
//! its own token. Commands are therefore implemented only once, as API clients.

use super::settings::{ServeArgs, Settings};
use super::{admin, store};
use crate::exit::Failure;
use crate::messages::Text;
use ::store::loss::OpenError;
use ::store::read_only::ReadOnlyStore;
use ::store::{postgres, sqlite};
use domain::App;
use domain::actions::trusted_time;
use domain::model::ids::hex;
use edge::http::listen::{self, Limits};
use edge::{Edge, LocalAdministrator, Settings as EdgeSettings};
use std::path::Path;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server that runs during one command.
pub struct OfflineServer {
    /// The URL of the server.
    pub url: String,
    /// A token of an administrator, valid for this server only.
    pub token: String,
    app: App,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    /// The copy of a data directory on read-only media.
    copy: Option<TempDir>,
}

/// Opens the store that a server with these settings would use, and serves it. No server may be using a data
/// directory. It creates no store: a mistyped path must not look like an empty one.
///
/// # Errors
/// Wrong usage for invalid settings, otherwise an error.
pub async fn start_offline(data: &Path, serve: ServeArgs) -> Result<OfflineServer, Failure> {
    let settings = serve.resolve_store(data).map_err(Failure::usage)?;
    let exists = match &settings.database {
        None => data.join("stagepost.db").exists(),
        Some(url) => postgres::has_store(url).await?,
    };
    if !exists {
        let place =
            settings.database.as_ref().map_or_else(|| data.display().to_string(), |_| "PostgreSQL".into());
        return Err(Failure::error(Text::NoStore.with(&[("path", &place)])));
    }
    if settings.database.is_none() && sqlite::is_read_only(data) {
        return start_on_copy(data, settings).await.map_err(Failure::error);
    }
    start(data, settings).await.map_err(Failure::error)
}

/// Serves a temporary copy of a data directory that cannot be written.
async fn start_on_copy(data: &Path, settings: Settings) -> Result<OfflineServer, String> {
    let copy = tempfile::tempdir().map_err(|e| e.to_string())?;
    let (from, to) = (data.to_owned(), copy.path().to_owned());
    let restore = move || -> Result<(), String> {
        if let Some(loss) = ReadOnlyStore::sqlite(&from).map_err(|e| e.to_string())?.lost().first() {
            return Err(store::explain(OpenError::Loss(loss.clone())));
        }
        sqlite::backups::restore(&from, &to, &mut |_, _| {}).map_err(|e| e.to_string())
    };
    tokio::task::spawn_blocking(restore).await.map_err(|e| e.to_string())??;
    let server = start(copy.path(), settings).await?;
    Ok(OfflineServer { copy: Some(copy), ..server })
}

async fn start(data: &Path, settings: Settings) -> Result<OfflineServer, String> {
    let app = store::open(&settings, data, false).await?;
    trusted_time::observe(&app).await.map_err(|e| e.to_string())?;
    admin::create_first(&app, &settings).await?;
    let users = app.store.users().await.map_err(|e| e.to_string())?;
    let user = users.into_iter().find(|user| user.admin && !user.disabled);
    let user = user.ok_or_else(|| Text::ServeNoAdministrator.to_string())?;
    // In memory only: it ends with the command, also when that is killed, and what the command creates may last.
    let secret: [u8; 32] = app.random().map_err(|e| e.to_string())?;
    let token = hex(&secret);
    let local_administrator = Some(LocalAdministrator { token: token.clone(), user, operator: operator() });
    let edge_settings = EdgeSettings { local_administrator, ..EdgeSettings::default() };
    let edge = Edge::new(app.clone(), edge_settings).map_err(|e| e.to_string())?;
    let listener = listen::bind(([127, 0, 0, 1], 0).into()).await.map_err(|e| e.to_string())?;
    let url = format!("http://{}", listener.local_addr().map_err(|e| e.to_string())?);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        listen::serve(vec![listener], edge::router(&edge), Limits::default(), stopped).await;
    });
    Ok(OfflineServer { url, token, app, stop, server, copy: None })
}

/// The account of the operating system that runs the command, for the audit log: the uid is that of the process, the
/// name that of the environment.
fn operator() -> String {
    let uid = rustix::process::getuid().as_raw();
    match std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")) {
        Ok(name) if !name.is_empty() => format!("{} (uid {uid})", name.chars().take(64).collect::<String>()),
        _ => format!("uid {uid}"),
    }
}

impl OfflineServer {
    /// Whether it serves a copy, so that changes would be lost.
    pub fn is_read_only(&self) -> bool {
        self.copy.is_some()
    }

    /// Stops the server and closes the store.
    ///
    /// # Errors
    /// A message in one line.
    pub async fn stop(self) -> Result<(), String> {
        // Fails only if the server has already stopped.
        let _ = self.stop.send(());
        self.server.await.map_err(|e| e.to_string())?;
        trusted_time::save(&self.app).await.map_err(|e| e.to_string())?;
        self.app.store.close().await.map_err(|e| e.to_string())
    }
}
