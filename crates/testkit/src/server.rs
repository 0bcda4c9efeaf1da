//! An in-process server with a temporary store.

use crate::fakes::{self, FixedClock};
use crate::postgres::{Cluster, Database};
use crate::sqlite;
use axum::body::Body;
use domain::model::users::NewUser;
use domain::ports::App;
use edge::http::listen;
use edge::{Edge, Settings};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::sqlite::{Options, Sqlite};

/// The token of `root`, the administrator of [`TestServer`].
pub const ROOT: &str = "root-token-for-tests";

/// A server without sockets.
pub struct TestServer {
    /// The domain of the server, for setup that the API does not offer.
    pub app: App,
    /// The clock of the server.
    pub clock: Arc<FixedClock>,
    /// The edge of the server.
    pub edge: Arc<Edge>,
    router: edge::Router,
    storage: Storage,
}

/// A server on a socket.
pub struct RunningServer {
    /// The port.
    pub port: u16,
    /// The base URL.
    pub url: String,
    stop: tokio::sync::oneshot::Sender<()>,
    served: tokio::task::JoinHandle<listen::Drained>,
}

impl RunningServer {
    /// Stops the server and waits until the port is free. Returns how its connections ended.
    ///
    /// # Panics
    /// When the server failed.
    pub async fn stop(self) -> listen::Drained {
        let _ = self.stop.send(());
        self.served.await.expect("a server that ends")
    }
}

/// A request builder.
pub struct TestRequest<'a> {
    server: &'a TestServer,
    request: http::request::Builder,
    body: Vec<u8>,
}

/// A response with its whole body.
#[derive(Debug)]
pub struct TestResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// The directory or database of the store. It is dropped after the store.
enum Storage {
    Directory(tempfile::TempDir),
    Database(#[expect(dead_code, reason = "dropping it deletes the store")] Database<'static>),
}

/// A new store: in a temporary directory, or with `STAGEPOST_TEST_STORE=postgres` in a database of a private
/// PostgreSQL.
async fn store() -> (Arc<dyn domain::ports::Store>, Storage) {
    if std::env::var("STAGEPOST_TEST_STORE").as_deref() == Ok("postgres") {
        let database = Cluster::shared().migrated_database();
        let options = store::postgres::Options { readers: 4, ..store::postgres::Options::default() };
        let store = store::postgres::Postgres::open(&database.url, options).await.expect("a store");
        return (Arc::new(store), Storage::Database(database));
    }
    let dir = tempfile::tempdir().expect("a directory");
    sqlite::create(dir.path()).await;
    // Never by itself, so that every test finds a read that does not ask for the journal.
    let journal_delay = Duration::from_secs(3_600);
    let store = Sqlite::open(dir.path(), Options { journal_delay, ..Options::default() }).expect("a store");
    (Arc::new(store), Storage::Directory(dir))
}

impl TestServer {
    /// The directory of the store; `None`: the store is in PostgreSQL.
    pub fn data_dir(&self) -> Option<&Path> {
        match &self.storage {
            Storage::Directory(dir) => Some(dir.path()),
            Storage::Database(_) => None,
        }
    }

    /// A server with one administrator, `root`.
    ///
    /// # Panics
    /// When the server cannot be created.
    pub async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// Like [`TestServer::start`], with these settings.
    ///
    /// # Panics
    /// When the server cannot be created.
    pub async fn start_with(settings: Settings) -> Self {
        let (store, storage) = store().await;
        let clock = FixedClock::new();
        let app = fakes::app(store, Arc::clone(&clock));
        let new = NewUser { name: "root".into(), password: Some("root-password".into()), admin: true };
        let root = domain::actions::users::create_first(&app, new).await.expect("an administrator");
        let by = domain::actions::access::by_verified_user(root);
        let new = domain::actions::tokens::NewPersonalToken {
            name: "tests".into(),
            scope: domain::model::roles::Scope::Full,
            repositories: Vec::new(),
            expires_at: None,
            token: Some(ROOT.into()),
        };
        domain::actions::tokens::create(&app, &by, "root", new).await.expect("a token");
        let edge = Edge::new(app.clone(), settings).expect("an edge");
        let router = edge::router(&edge);
        Self { app, clock, edge, router, storage }
    }

    /// Serves on a local socket until the returned server is stopped or dropped. Port 0 is any free port.
    ///
    /// # Panics
    /// When the port is taken.
    pub async fn listen(&self, port: u16) -> RunningServer {
        let bound = listen::bind(([127, 0, 0, 1], port).into()).await.expect("a free port");
        let addr = bound.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shutdown = async {
            // Dropping the sender also stops the server.
            let _ = stopped.await;
        };
        let served = tokio::spawn(listen::serve(
            vec![bound],
            self.router.clone(),
            listen::Limits::default(),
            shutdown,
        ));
        RunningServer { port: addr.port(), url: format!("http://{addr}"), stop, served }
    }

    /// A request without credential.
    pub fn ask(&self, method: Method, target: &str) -> TestRequest<'_> {
        TestRequest { server: self, request: Request::builder().method(method).uri(target), body: Vec::new() }
    }

    /// A request by the administrator.
    pub fn root(&self, method: Method, target: &str) -> TestRequest<'_> {
        self.ask(method, target).token(ROOT)
    }

    /// A request by the administrator with the credential of GitLab clients.
    pub fn gitlab(&self, method: Method, target: &str) -> TestRequest<'_> {
        self.ask(method, target).private_token(ROOT)
    }

    /// `GET` by the administrator.
    pub async fn get(&self, target: &str) -> TestResponse {
        self.root(Method::GET, target).send().await
    }

    /// `POST` of JSON by the administrator.
    pub async fn post(&self, target: &str, body: serde_json::Value) -> TestResponse {
        self.root(Method::POST, target).json(&body).send().await
    }

    /// Creates a repository and returns its id.
    ///
    /// # Panics
    /// When the request is refused.
    pub async fn repository(&self, path: &str, visibility: &str) -> i64 {
        let created = self
            .post("/native/v1/repositories", serde_json::json!({"path": path, "visibility": visibility}))
            .await;
        assert_eq!(created.status, 201, "{created:?}");
        created.json()["id"].as_i64().expect("an id")
    }

    /// Creates a user with a token of full scope and returns the token.
    ///
    /// # Panics
    /// When the request is refused.
    pub async fn user(&self, name: &str) -> String {
        let created = self
            .post("/native/v1/users", serde_json::json!({"name": name, "password": "password-of-user"}))
            .await;
        assert_eq!(created.status, 201, "{created:?}");
        self.token(name, serde_json::json!({"name": "t", "scope": "full"})).await
    }

    /// Creates a token for a user and returns it.
    ///
    /// # Panics
    /// When the request is refused.
    pub async fn token(&self, user: &str, input: serde_json::Value) -> String {
        let created = self.post(&format!("/native/v1/users/{user}/tokens"), input).await;
        assert_eq!(created.status, 201, "{created:?}");
        created.json()["token"].as_str().expect("a token").to_owned()
    }
}

impl TestRequest<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds a header whose value need not be text.
    pub fn header_value(mut self, name: &str, value: http::HeaderValue) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Sets the address of the client.
    ///
    /// # Panics
    /// When the address is invalid.
    pub fn from(mut self, address: &str) -> Self {
        let addr = std::net::SocketAddr::new(address.parse().expect("an address"), 40_000);
        self.request = self.request.extension(listen::Peer { addr, tls: false });
        self
    }

    /// Adds `X-Auth-Token`.
    pub fn token(self, token: &str) -> Self {
        self.header("x-auth-token", token)
    }

    /// Adds `PRIVATE-TOKEN`.
    pub fn private_token(self, token: &str) -> Self {
        self.header("private-token", token)
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a JSON body.
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Sends the request and returns the response with a streaming body.
    ///
    /// # Panics
    /// When the request is invalid.
    pub async fn open(self) -> http::Response<Body> {
        let request = self.request.body(Body::from(self.body)).expect("a request");
        self.server.router.call(request).await
    }

    /// Sends the request and reads the whole response.
    ///
    /// # Panics
    /// When the request is invalid.
    pub async fn send(self) -> TestResponse {
        let (parts, body) = self.open().await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        TestResponse { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl TestResponse {
    /// The body as JSON.
    ///
    /// # Panics
    /// When the body is not JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The value of a header; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The status and the error code of an error of any dialect.
    pub fn error(&self) -> (u16, String) {
        let body = self.json();
        let code = ["error_code", "code"]
            .iter()
            .find_map(|name| body[*name].as_str())
            .or(body["error"]["code"].as_str());
        (self.status, code.unwrap_or_default().to_owned())
    }

    /// True when the response has this status.
    pub fn is(&self, status: StatusCode) -> bool {
        self.status == status.as_u16()
    }
}
