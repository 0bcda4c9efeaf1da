//! Administration without a server: the same API over the data directory, in this process, on a loopback port of its own and with
//! a token of its own. So there is one implementation of every command.

use super::settings::ServeArgs;
use super::{admin, store};
use domain::actions::{access, tokens};
use domain::model::roles::Scope;
use domain::{App, SignedDuration};
use edge::http::listen::{self, Limits};
use edge::{Edge, Settings as EdgeSettings};
use std::path::Path;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server for the length of one command.
pub struct OfflineServer {
    /// Where it listens.
    pub url: String,
    /// A token of an administrator, good for an hour and taken back at the end.
    pub token: String,
    app: App,
    /// The token's owner and number.
    made: (domain::model::ids::UserId, i64),
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// Opens the store that a server would have with these settings, and serves it to this process. A data directory must not be in use by a
/// server.
///
/// # Errors
/// One line that says what is wrong.
pub async fn offline(data: &Path, serve: ServeArgs) -> Result<OfflineServer, String> {
    let settings = serve.at(data)?;
    let app = store::open(data, settings.database.as_deref(), settings.queue).await?;
    admin::make_first(&app, &settings).await?;
    let users = app.store.users().await.map_err(|e| e.to_string())?;
    let user = users
        .into_iter()
        .find(|user| user.admin && !user.disabled)
        .ok_or("there is no administrator to act as")?;
    let new = tokens::NewPersonalToken {
        name: "command line, offline".into(),
        scope: Scope::Full,
        repositories: Vec::new(),
        expires_at: Some(app.clock.now() + SignedDuration::from_hours(1)),
        token: None,
    };
    let (name, id) = (user.name.clone(), user.id);
    let made =
        tokens::create(&app, &access::by_verified_user(user), &name, new).await.map_err(|e| e.to_string())?;
    let edge = Edge::new(app.clone(), EdgeSettings::default()).map_err(|e| e.to_string())?;
    let bound = listen::bind(([127, 0, 0, 1], 0).into()).await.map_err(|e| e.to_string())?;
    let url = format!("http://{}", bound.local_addr().map_err(|e| e.to_string())?);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        listen::serve(vec![bound], edge::router(&edge), Limits::default(), stopped).await;
    });
    Ok(OfflineServer { url, token: made.0, app, made: (id, made.1.id), stop, serving })
}

impl OfflineServer {
    /// Takes the token back, stops, and puts everything into the file.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub async fn stop(self) -> Result<(), String> {
        self.app.store.delete_token(self.made.0, self.made.1).await.map_err(|e| e.to_string())?;
        // Already gone when the server ended first.
        let _ = self.stop.send(());
        self.serving.await.map_err(|e| e.to_string())?;
        self.app.store.close().await.map_err(|e| e.to_string())
    }
}
