//! `--offline`: serves the API on the data directory inside this process, on a random loopback port and with
//! its own token. Commands are therefore implemented only once, as API clients.

use super::settings::ServeArgs;
use super::{admin, store};
use domain::App;
use domain::model::ids::hex;
use edge::http::listen::{self, Limits};
use edge::{Edge, LocalAdministrator, Settings as EdgeSettings};
use std::path::Path;
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
}

/// Opens the store that a server with these settings would use, and serves it. No server may be using a data
/// directory.
///
/// # Errors
/// A message in one line.
pub async fn start_offline(data: &Path, serve: ServeArgs) -> Result<OfflineServer, String> {
    let settings = serve.resolve_store(data)?;
    let app = store::open(data, settings.database.as_deref(), settings.queue).await?;
    admin::create_first(&app, &settings).await?;
    let users = app.store.users().await.map_err(|e| e.to_string())?;
    let user =
        users.into_iter().find(|user| user.admin && !user.disabled).ok_or("there is no administrator")?;
    // In memory only: it ends with the command, also when that is killed, and what the command creates may last.
    let secret: [u8; 32] = app.random().map_err(|e| e.to_string())?;
    let token = hex(&secret);
    let local_administrator = Some(LocalAdministrator { token: token.clone(), user });
    let edge_settings = EdgeSettings { local_administrator, ..EdgeSettings::default() };
    let edge = Edge::new(app.clone(), edge_settings).map_err(|e| e.to_string())?;
    let listener = listen::bind(([127, 0, 0, 1], 0).into()).await.map_err(|e| e.to_string())?;
    let url = format!("http://{}", listener.local_addr().map_err(|e| e.to_string())?);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        listen::serve(vec![listener], edge::router(&edge), Limits::default(), stopped).await;
    });
    Ok(OfflineServer { url, token, app, stop, server })
}

impl OfflineServer {
    /// Stops the server and closes the store.
    ///
    /// # Errors
    /// A message in one line.
    pub async fn stop(self) -> Result<(), String> {
        // Fails only if the server has already stopped.
        let _ = self.stop.send(());
        self.server.await.map_err(|e| e.to_string())?;
        self.app.store.close().await.map_err(|e| e.to_string())
    }
}
