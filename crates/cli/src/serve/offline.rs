//! `--offline`: serves the API on the data directory inside this process, on a random loopback port and with
//! its own token. Commands are therefore implemented only once, as API clients.

use super::settings::{ServeArgs, Settings};
use super::{admin, store};
use crate::exit::Failure;
use crate::messages::Text;
use ::store::postgres;
use domain::actions::{access, tokens};
use domain::model::roles::Scope;
use domain::{App, SignedDuration};
use edge::http::listen::{self, Limits};
use edge::{Edge, Settings as EdgeSettings};
use std::path::Path;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server that runs during one command.
pub struct OfflineServer {
    /// The URL of the server.
    pub url: String,
    /// A token of an administrator. It is valid for an hour and revoked by [`OfflineServer::stop`].
    pub token: String,
    app: App,
    /// The owner and the id of the token.
    token_id: (domain::model::ids::UserId, i64),
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
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
    start(data, settings).await.map_err(Failure::error)
}

async fn start(data: &Path, settings: Settings) -> Result<OfflineServer, String> {
    let app = store::open(data, settings.database.as_deref(), settings.queue).await?;
    admin::create_first(&app, &settings).await?;
    let users = app.store.users().await.map_err(|e| e.to_string())?;
    let user =
        users.into_iter().find(|user| user.admin && !user.disabled).ok_or("there is no administrator")?;
    let new = tokens::NewPersonalToken {
        name: "command line, offline".into(),
        scope: Scope::Full,
        repositories: Vec::new(),
        expires_at: Some(app.clock.now() + SignedDuration::from_hours(1)),
        token: None,
    };
    let (name, user_id) = (user.name.clone(), user.id);
    let (token, record) =
        tokens::create(&app, &access::by_verified_user(user), &name, new).await.map_err(|e| e.to_string())?;
    let edge = Edge::new(app.clone(), EdgeSettings::default()).map_err(|e| e.to_string())?;
    let listener = listen::bind(([127, 0, 0, 1], 0).into()).await.map_err(|e| e.to_string())?;
    let url = format!("http://{}", listener.local_addr().map_err(|e| e.to_string())?);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        listen::serve(vec![listener], edge::router(&edge), Limits::default(), stopped).await;
    });
    Ok(OfflineServer { url, token, app, token_id: (user_id, record.id), stop, server })
}

impl OfflineServer {
    /// Revokes the token, stops the server and closes the store.
    ///
    /// # Errors
    /// A message in one line.
    pub async fn stop(self) -> Result<(), String> {
        self.app.store.delete_token(self.token_id.0, self.token_id.1).await.map_err(|e| e.to_string())?;
        // Fails only if the server has already stopped.
        let _ = self.stop.send(());
        self.server.await.map_err(|e| e.to_string())?;
        self.app.store.close().await.map_err(|e| e.to_string())
    }
}
