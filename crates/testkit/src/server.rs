//! The whole edge on a store to throw away, called in process.

use crate::fakes::{self, FixedClock};
use crate::postgres::{Cluster, Database};
use axum::body::Body;
use domain::model::users::NewUser;
use domain::ports::App;
use edge::http::listen;
use edge::{Edge, Settings};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use tower_service::Service as _;

/// The token that [`TestServer`]'s administrator `root` has.
pub const ROOT: &str = "root-token-for-tests";

/// A server without sockets.
pub struct TestServer {
    /// The domain under it, to arrange what the API cannot.
    pub app: App,
    /// Its clock.
    pub clock: Arc<FixedClock>,
    /// Its edge.
    pub edge: Arc<Edge>,
    router: axum::Router,
    _place: Storage,
}

/// A server on a socket.
pub struct RunningServer {
    /// Its port.
    pub port: u16,
    /// Its address.
    pub url: String,
    stop: tokio::sync::oneshot::Sender<()>,
    served: tokio::task::JoinHandle<listen::Drained>,
}

impl RunningServer {
    /// Ends it, and waits until the port is free.
    ///
    /// # Panics
    /// When it broke.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.served.await.expect("a server that ends");
    }
}

/// A request being made.
pub struct TestRequest<'a> {
    server: &'a TestServer,
    request: http::request::Builder,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct TestResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it was sent.
    pub body: Vec<u8>,
}

/// Where the store is; dropped after it.
enum Storage {
    Directory(#[expect(dead_code, reason = "kept until the end")] tempfile::TempDir),
    Database(#[expect(dead_code, reason = "kept until the end")] Database<'static>),
}

/// A new store: in a directory, or with `STAGEPOST_TEST_STORE=postgres` in the database of a private PostgreSQL.
async fn store() -> (Arc<dyn domain::ports::Store>, Storage) {
    if std::env::var("STAGEPOST_TEST_STORE").as_deref() == Ok("postgres") {
        let database = Cluster::shared().migrated_database();
        let options = store::postgres::Options { readers: 4, ..store::postgres::Options::default() };
        let store = store::postgres::Postgres::open(&database.url, options).await.expect("a store");
        return (Arc::new(store), Storage::Database(database));
    }
    let dir = tempfile::tempdir().expect("a directory");
    let store = store::sqlite::Sqlite::open(dir.path(), store::sqlite::Options::default()).expect("a store");
    (Arc::new(store), Storage::Directory(dir))
}

impl TestServer {
    /// A server with one administrator, `root`.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// The same with settings of its own.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn start_with(settings: Settings) -> Self {
        let (store, place) = store().await;
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
        Self { app, clock, edge, router, _place: place }
    }

    /// Serves on a socket of this machine until that is stopped or dropped; port 0 is any that is free.
    ///
    /// # Panics
    /// When the port is taken.
    pub async fn listen(&self, port: u16) -> RunningServer {
        let bound = listen::bind(([127, 0, 0, 1], port).into()).await.expect("a free port");
        let addr = bound.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shutdown = async {
            // Dropped is as good as sent.
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

    /// A request by nobody.
    pub fn ask(&self, method: Method, target: &str) -> TestRequest<'_> {
        TestRequest { server: self, request: Request::builder().method(method).uri(target), body: Vec::new() }
    }

    /// A request by the administrator.
    pub fn root(&self, method: Method, target: &str) -> TestRequest<'_> {
        self.ask(method, target).token(ROOT)
    }

    /// A request by the administrator, who signs in as GitLab's clients do.
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

    /// Makes a repository and answers its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn repository(&self, path: &str, visibility: &str) -> i64 {
        let made = self
            .post("/native/v1/repositories", serde_json::json!({"path": path, "visibility": visibility}))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["id"].as_i64().expect("an id")
    }

    /// Makes a user with a full token and answers the token.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn user(&self, name: &str) -> String {
        let made = self
            .post("/native/v1/users", serde_json::json!({"name": name, "password": "password-of-user"}))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        self.token(name, serde_json::json!({"name": "t", "scope": "full"})).await
    }

    /// Makes a token for a user.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn token(&self, user: &str, wanted: serde_json::Value) -> String {
        let made = self.post(&format!("/native/v1/users/{user}/tokens"), wanted).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["token"].as_str().expect("a token").to_owned()
    }
}

impl TestRequest<'_> {
    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// From this address, over a connection of its own.
    ///
    /// # Panics
    /// When it is none.
    pub fn from(mut self, address: &str) -> Self {
        let addr = std::net::SocketAddr::new(address.parse().expect("an address"), 40_000);
        self.request = self.request.extension(listen::Peer { addr, tls: false });
        self
    }

    /// With `X-Auth-Token`.
    pub fn token(self, token: &str) -> Self {
        self.header("x-auth-token", token)
    }

    /// With `PRIVATE-TOKEN`.
    pub fn private_token(self, token: &str) -> Self {
        self.header("private-token", token)
    }

    /// With a body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a body of JSON.
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Sends it, and leaves the body to be read as it comes.
    ///
    /// # Panics
    /// When the request is none.
    pub async fn open(self) -> http::Response<Body> {
        let request = self.request.body(Body::from(self.body)).expect("a request");
        let Ok(response) = self.server.router.clone().call(request).await;
        response
    }

    /// Sends it.
    ///
    /// # Panics
    /// When the request is none.
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
    /// When it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// A header's text; empty without it.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status and code of an error in any dialect.
    pub fn error(&self) -> (u16, String) {
        let body = self.json();
        let code = ["error_code", "code"]
            .iter()
            .find_map(|name| body[*name].as_str())
            .or(body["error"]["code"].as_str());
        (self.status, code.unwrap_or_default().to_owned())
    }

    /// True with this status.
    pub fn is(&self, status: StatusCode) -> bool {
        self.status == status.as_u16()
    }
}
