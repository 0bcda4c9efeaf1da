//! A test server, and a client that sends raw bytes. Must not know: what is tested.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, HeaderValue},
    response::IntoResponse,
    routing::{get, post},
};
use edge::http::listen::{Bound, Drained, Limits, Peer, ToKnownCaller, bind, serve};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// The timeout of every wait in these tests.
pub const LONG: Duration = Duration::from_secs(20);

/// The state that the handlers of `/slow` share with the test: how many have started, how many may end.
pub struct Gate {
    pub begun: Semaphore,
    pub open: Semaphore,
}

pub struct Server {
    pub addr: SocketAddr,
    pub gate: Arc<Gate>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Drained>,
}

impl Server {
    pub async fn start(limits: Limits) -> Self {
        Self::on(bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap(), limits)
    }

    pub fn on(bound: Bound, limits: Limits) -> Self {
        let addr = bound.local_addr().unwrap();
        let gate = Arc::new(Gate { begun: Semaphore::new(0), open: Semaphore::new(0) });
        let (stop, stopped) = oneshot::channel::<()>();
        let router = router(Arc::clone(&gate));
        let task = tokio::spawn(serve(vec![bound], router, limits, async {
            let _ = stopped.await;
        }));
        Self { addr, gate, stop: Some(stop), task }
    }

    pub async fn connect(&self) -> Raw<TcpStream> {
        Raw(TcpStream::connect(self.addr).await.unwrap())
    }

    /// Signals the shutdown without waiting for its end.
    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub async fn end(self) -> Drained {
        drop(self.stop);
        timeout(LONG, self.task).await.unwrap().unwrap()
    }

    /// Asserts that a new client is served immediately.
    pub async fn assert_serves(&self) {
        assert_eq!(self.connect().await.get("/").await.status(), "200");
    }
}

fn router(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/", get(named))
        .route("/token", get(|headers: HeaderMap| async move { headers["x-auth-token"].len().to_string() }))
        .route(
            "/peer",
            get(|Extension(peer): Extension<Peer>| async move { format!("{} {}", peer.addr, peer.tls) }),
        )
        .route("/length", post(|body: axum::body::Bytes| async move { body.len().to_string() }))
        .route("/known", get(|| async { (Extension(ToKnownCaller), vec![b'x'; 100 << 10]) }))
        .route("/known-big", get(|| async { (Extension(ToKnownCaller), vec![b'x'; 64 << 20]) }))
        .route("/page", get(|| async { vec![b'x'; 100 << 10] }))
        .route("/big", get(|| async { vec![b'x'; 64 << 20] }))
        .route("/panic", get(panics))
        .route("/slow", get(slow))
        .with_state(gate)
}

async fn named() -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    for name in ["x-total", "x-request-id", "x-subject-token", "content-type"] {
        headers.insert(name, HeaderValue::from_static("3"));
    }
    (headers, "ok")
}

async fn slow(State(gate): State<Arc<Gate>>) -> &'static str {
    gate.begun.add_permits(1);
    gate.open.acquire().await.unwrap().forget();
    "done"
}

async fn panics() {
    panic!("as the test asks");
}

/// A complete response.
#[derive(Debug)]
pub struct RawResponse {
    pub head: String,
    pub body: Vec<u8>,
}

impl RawResponse {
    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A connection on which the test writes HTTP/1.1 by hand.
pub struct Raw<S>(pub S);

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    pub async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    pub async fn get(&mut self, path: &str) -> RawResponse {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        self.read_response().await
    }

    pub async fn read_response(&mut self) -> RawResponse {
        timeout(LONG, self.read_answer()).await.expect("no answer").unwrap()
    }

    async fn read_answer(&mut self) -> io::Result<RawResponse> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap();
        let lower = head.to_lowercase();
        let length =
            lower.split("content-length: ").nth(1).map_or(0, |v| v.lines().next().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(RawResponse { head, body })
    }

    /// The bytes that arrive until the other side closes. A reset counts as closed.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = timeout(LONG, self.0.read_to_end(&mut rest)).await.expect("still open");
        if let Err(error) = read {
            assert_ne!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        }
        rest
    }
}
