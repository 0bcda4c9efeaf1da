//! The accept loop: accepts connections and passes their requests to a [`Service`], within limits that
//! `axum::serve` does not have. It never reads a body.
//!
//! hyper itself and the checks before it respond to the following requests, before any router, with an empty
//! body and without `X-Request-Id`, and then close the connection:
//! - a malformed or ambiguous request line, header or chunk (`framing.rs`, `target.rs`): 400;
//! - more than [`Limits::headers_max`] header lines or [`Limits::header_bytes`]: 431;
//! - a request target over 65,534 bytes: 414;
//! - a header or a response that the memory budgets have no room for: 503 with `Retry-After`.
//!
//! A connection whose header is not complete in time is closed without a response. On HTTP/2 a header list
//! over [`Limits::h2_header_list_bytes`] is 431 on its stream; if its frames alone exceed the limit, the
//! connection is closed.

mod activity;
mod addresses;
mod body;
mod connection;
mod event_loops;
mod framing;
mod limits;
mod target;
mod watched;

use std::{
    future::{Future, pending, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use axum::response::Response;
use http::Request;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinError, JoinSet},
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use self::addresses::Addresses;
use self::connection::Shared;
use self::event_loops::EventLoops;

pub use self::limits::Limits;

/// Responds to requests.
pub trait Service: Send + Sync + 'static {
    /// The response to a request.
    fn call(&self, request: Request<Body>) -> Pin<Box<dyn Future<Output = Response> + Send>>;
}

impl Service for axum::Router {
    fn call(&self, request: Request<Body>) -> Pin<Box<dyn Future<Output = Response> + Send>> {
        let response = tower_service::Service::call(&mut self.clone(), request);
        Box::pin(async move {
            let Ok(response) = response.await;
            response
        })
    }
}

/// The peer of a connection. It is in the extensions of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address of the peer: of the reverse proxy, where there is one.
    pub addr: SocketAddr,
    /// Whether this connection is encrypted.
    pub tls: bool,
}

/// Marks, in the extensions of a response, that its caller was authenticated. Its bytes count for a budget that
/// strangers cannot exhaust.
#[derive(Clone, Copy, Debug)]
pub struct ToKnownCaller;

/// Signals that the server is about to stop, so that long responses end. It is in the extensions of every
/// request.
#[derive(Clone, Debug, Default)]
pub struct Stopping(Option<Arc<watch::Receiver<bool>>>);

impl Stopping {
    /// Returns when the server is about to stop; never for a request without a connection.
    pub async fn wait(&self) {
        match &self.0 {
            Some(stopped) => {
                let mut stopped = watch::Receiver::clone(stopped);
                // The sender exists as long as the server.
                drop(stopped.wait_for(|stop| *stop).await);
            }
            None => pending().await,
        }
    }
}

/// A bound, listening socket. The kernel queues connections; nothing is served yet.
#[derive(Debug)]
pub struct Bound {
    /// The listening socket.
    pub listener: TcpListener,
    /// The configuration of TLS; `None`: cleartext.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

impl Bound {
    /// The same socket with TLS.
    #[must_use]
    pub fn with_tls(self, config: Arc<rustls::ServerConfig>) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// The address in use, with the real port if port 0 was requested.
    ///
    /// # Errors
    /// The error of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Binds and listens, with `SO_REUSEADDR`, so that a restart does not have to wait, and a queue of 1024.
///
/// # Errors
/// The error of the system: the address is in use, not on this machine, or requires a privilege.
pub async fn bind(addr: SocketAddr) -> io::Result<Bound> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(Bound { listener: socket.listen(1024)?, tls: None })
}

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections accepted since the start.
    pub accepted: u64,
    /// Connections open when the shutdown signal came.
    pub open: usize,
    /// Those of them that did not end within [`Limits::drain`] and were closed.
    pub cut: usize,
}

/// Serves HTTP/1.1 and HTTP/2 (by prior knowledge, or ALPN) until `shutdown` resolves, then closes the
/// listeners, lets running requests end, and closes connections that have not ended within [`Limits::drain`].
///
/// Every request carries a [`Peer`]. HTTP/1 header names are written in title case (`X-Total`,
/// `X-Request-Id`, `X-Subject-Token`), because the CodeArts Java SDK compares their case. A handler that
/// panics ends only its HTTP/1 connection or HTTP/2 stream.
pub async fn serve(
    listeners: Vec<Bound>,
    service: impl Service,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    let (stop, stopped) = watch::channel(false);
    let mut accepting = Accepting::new(listeners, limits.connections);
    let drain = limits.drain;
    let event_loops = EventLoops::start(limits.event_loops).unwrap_or_else(|error| {
        tracing::warn!(%error, "no thread for each core: connections share the threads of other work");
        EventLoops::default()
    });
    let addresses = Addresses::new(&limits);
    let shared = Arc::new(Shared::new(Arc::new(service), limits, stopped));
    let mut open = JoinSet::new();
    let mut accepted = 0;
    let mut shutdown = pin!(shutdown);
    loop {
        let (permit, stream, addr, tls) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = open.join_next() => {
                log_panic(ended);
                continue;
            }
            next = accepting.next() => next,
        };
        accepted += 1;
        let Some(slot) = addresses.enter(addr.ip()) else {
            refused("address");
            tracing::debug!(%addr, "too many connections from this address");
            continue;
        };
        let held = (permit, slot, Counted::new());
        let shared = Arc::clone(&shared);
        let stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%addr, %error, "a connection was lost");
                continue;
            }
        };
        event_loops.spawn(&mut open, async move {
            // The thread that runs this waits for its events.
            match TcpStream::from_std(stream) {
                Ok(stream) => connection::run(&shared, stream, addr, tls).await,
                Err(error) => tracing::error!(%addr, %error, "cannot serve a connection"),
            }
            drop(held);
        });
    }
    drop(accepting);
    while let Some(ended) = open.try_join_next() {
        log_panic(ended);
    }
    let at_shutdown = open.len();
    stop.send_replace(true);
    let all = async {
        while let Some(ended) = open.join_next().await {
            log_panic(ended);
        }
    };
    let cut = if timeout(drain, all).await.is_ok() { 0 } else { open.len() };
    open.shutdown().await;
    Drained { accepted, open: at_shutdown, cut }
}

fn log_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a handler panicked; its connection was closed");
    }
}

fn refused(reason: &'static str) {
    metrics::counter!("stagepost_connections_refused_total", "reason" => reason).increment(1);
}

type Accepted = (OwnedSemaphorePermit, TcpStream, SocketAddr, Option<TlsAcceptor>);

/// All listeners as one source of connections.
struct Accepting {
    listeners: Vec<(TcpListener, Option<TlsAcceptor>)>,
    slots: Arc<Semaphore>,
    /// The listener that is polled first. It rotates, so that a busy one does not starve the others.
    first: usize,
    /// Whether accepting fails; logged once.
    failing: bool,
    /// When it was last logged that the limit is reached.
    limit_logged: Option<Instant>,
}

impl Accepting {
    fn new(listeners: Vec<Bound>, connections: usize) -> Self {
        Self {
            listeners: listeners.into_iter().map(|b| (b.listener, b.tls.map(TlsAcceptor::from))).collect(),
            slots: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            first: 0,
            failing: false,
            limit_logged: None,
        }
    }

    /// The next connection, when there is a slot for it. Failures are retried.
    async fn next(&mut self) -> Accepted {
        if self.slots.available_permits() == 0
            && self.limit_logged.is_none_or(|at| at.elapsed() > Duration::from_secs(60))
        {
            self.limit_logged = Some(Instant::now());
            tracing::warn!("the connection limit is reached: new connections wait");
        }
        let Ok(permit) = Arc::clone(&self.slots).acquire_owned().await else {
            return pending().await; // The semaphore is never closed.
        };
        loop {
            let (at, accepted) = poll_fn(|cx| self.poll_accept(cx)).await;
            match accepted {
                Ok((stream, addr)) => {
                    if std::mem::take(&mut self.failing) {
                        tracing::info!("accepting connections again");
                    }
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%addr, %error, "no TCP_NODELAY");
                    }
                    return (permit, stream, addr, self.listeners.get(at).and_then(|(_, tls)| tls.clone()));
                }
                // The peer disconnected before the accept; the next connection is not affected.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                    ) => {}
                Err(error) => {
                    if !std::mem::replace(&mut self.failing, true) {
                        tracing::error!(%error, "cannot accept connections; trying again");
                    }
                    // Without file descriptors or memory the next accept fails immediately, so pause.
                    sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(usize, io::Result<(TcpStream, SocketAddr)>)> {
        let count = self.listeners.len();
        for at in (0..count).map(|step| (self.first + step) % count) {
            if let Some((listener, _)) = self.listeners.get(at)
                && let Poll::Ready(accepted) = listener.poll_accept(cx)
            {
                self.first = (at + 1) % count;
                return Poll::Ready((at, accepted));
            }
        }
        Poll::Pending
    }
}

/// Counts a connection in the gauge while it exists.
struct Counted(());

impl Counted {
    fn new() -> Self {
        metrics::gauge!("stagepost_connections").increment(1);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("stagepost_connections").decrement(1);
    }
}

/// Locks a mutex. Poisoning is ignored, because no holder of these locks leaves its value inconsistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
