//! The accept loop: sockets in, requests to a router out, under limits (`axum::serve` has none of them).
//! Must not know routes, dialects, credentials or bodies; it never reads one.
//!
//! What hyper answers by itself, always with an empty body, without `X-Request-Id`, before any router:
//! a request line or header that cannot be read 400, more than [`Limits::headers_max`] lines or
//! [`Limits::header_bytes`] 431, a request target over 65,534 bytes 414; after each, the connection closes.
//! A header that is begun and not finished in time is closed without an answer.
//! On HTTP/2 a header list over [`Limits::h2_header_list_bytes`] is 431 on its stream; one so far over that
//! the frames alone exceed it ends the connection.

mod connection;

use std::{
    collections::HashMap,
    future::{Future, pending, poll_fn},
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinError, JoinSet},
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use self::connection::Shared;

/// What a connection may cost. The defaults are the values the service is tested with.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the first byte of a request to the end of its header; for the first request, from the accept.
    /// On HTTP/2 only the first request is held to it, later ones to `idle_timeout`.
    pub header_timeout: Duration,
    /// How long a connection may stay open between two requests.
    pub idle_timeout: Duration,
    /// How long a peer may take not one byte of an answer that waits for it.
    pub stall_timeout: Duration,
    /// From the accept to the end of the TLS handshake.
    pub handshake_timeout: Duration,
    /// Connections open at once, over all listeners; more wait in the kernel's queue.
    pub connections: usize,
    /// Connections open at once from one address (an IPv6 /64 counts as one); more are closed at once.
    pub connections_per_address: usize,
    /// Whether loopback addresses may open as many as they like: a reverse proxy lives there.
    pub exempt_loopback: bool,
    /// Request line and header of one HTTP/1 request, in bytes; at least 8192. hyper looks between two reads,
    /// and its buffer grows by doubling: a header of up to the next power of two may still be taken when it
    /// comes fast.
    pub header_bytes: usize,
    /// Header lines of one request.
    pub headers_max: usize,
    /// Header list of one HTTP/2 request as RFC 9113, 6.5.2 counts it: 32 bytes are added for each line.
    pub h2_header_list_bytes: u32,
    /// HTTP/2 requests at once on one connection.
    pub h2_concurrent_streams: u32,
    /// Streams a peer may reset before they were looked at, until the connection ends ("rapid reset").
    pub h2_pending_accept_reset_streams: usize,
    /// Streams a peer may provoke us to reset, until the connection ends ("made you reset").
    pub h2_local_error_reset_streams: usize,
    /// How often a silent HTTP/2 peer is asked whether it is there.
    pub h2_ping_interval: Duration,
    /// How long it may take to say so.
    pub h2_ping_timeout: Duration,
    /// How long running requests may take to end after the shutdown signal.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_secs(60),
            handshake_timeout: Duration::from_secs(10),
            connections: 20_000,
            connections_per_address: 512,
            exempt_loopback: true,
            header_bytes: 192 * 1024,
            headers_max: 100,
            h2_header_list_bytes: 160 * 1024,
            h2_concurrent_streams: 128,
            h2_pending_accept_reset_streams: 20,
            h2_local_error_reset_streams: 128,
            h2_ping_interval: Duration::from_secs(30),
            h2_ping_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(25),
        }
    }
}

/// Who sent a request, as the socket knows it. In the extensions of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The other end of the connection; of a reverse proxy, if one is between.
    pub addr: SocketAddr,
    /// Whether this connection is encrypted.
    pub tls: bool,
}

/// Whether the server that a request came to is about to stop: who answers at length ends then. In the
/// extensions of every request.
#[derive(Clone, Debug, Default)]
pub struct Stopping(Option<watch::Receiver<bool>>);

impl Stopping {
    /// Returns when it is; never for a request that came by no socket.
    pub async fn wait(&mut self) {
        match &mut self.0 {
            // Its sender is gone only when the server is.
            Some(stopped) => drop(stopped.wait_for(|stop| *stop).await),
            None => pending().await,
        }
    }
}

/// A socket that is bound and listening: the kernel queues connections, nothing is served yet.
#[derive(Debug)]
pub struct Bound {
    /// The listening socket.
    pub listener: TcpListener,
    /// Serve TLS with this; cleartext if `None`.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

impl Bound {
    /// The same socket, serving TLS.
    #[must_use]
    pub fn with_tls(self, config: Arc<rustls::ServerConfig>) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// The address in use: the port is known even if 0 was asked for.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Binds and listens: `SO_REUSEADDR`, so that a restart need not wait; a queue of 1024.
///
/// # Errors
/// What the system says: the address is taken, not ours, or needs a privilege.
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
    /// Of those, how many did not end within [`Limits::drain`] and were cut.
    pub cut: usize,
}

/// Serves HTTP/1.1 and HTTP/2 (by prior knowledge, or ALPN) until `shutdown` resolves, then closes the
/// listeners, lets running requests end, and cuts what has not ended within [`Limits::drain`].
///
/// Every request carries a [`Peer`]. HTTP/1 header names are written in title case (`X-Total`,
/// `X-Request-Id`, `X-Subject-Token`): the CodeArts Java SDK looks them up by exact spelling. A handler that
/// panics ends its HTTP/1 connection or its HTTP/2 stream, nothing else.
pub async fn serve(
    listeners: Vec<Bound>,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    metrics::describe_gauge!("stagepost_connections", "Open connections");
    metrics::describe_gauge!("stagepost_event_streams", "Streams of events under way");
    metrics::describe_counter!(
        "stagepost_connections_refused_total",
        "Connections closed for what the peer did or left undone, by reason"
    );
    let (stop, stopped) = watch::channel(false);
    let mut accepting = Accepting::new(listeners, limits.connections);
    let drain = limits.drain;
    let addresses = Addresses::new(&limits);
    let shared = Arc::new(Shared::new(router, limits, stopped));
    let mut open = JoinSet::new();
    let mut accepted = 0;
    let mut shutdown = pin!(shutdown);
    loop {
        let (permit, stream, addr, tls) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = open.join_next() => {
                note(ended);
                continue;
            }
            next = accepting.next() => next,
        };
        accepted += 1;
        let Some(place) = addresses.enter(addr.ip()) else {
            refused("address");
            tracing::debug!(%addr, "too many connections from this address");
            continue;
        };
        let held = (permit, place, Counted::new());
        let shared = Arc::clone(&shared);
        open.spawn(async move {
            connection::run(&shared, stream, addr, tls).await;
            drop(held);
        });
    }
    drop(accepting);
    while let Some(ended) = open.try_join_next() {
        note(ended);
    }
    let at_shutdown = open.len();
    stop.send_replace(true);
    let all = async {
        while let Some(ended) = open.join_next().await {
            note(ended);
        }
    };
    let cut = if timeout(drain, all).await.is_ok() { 0 } else { open.len() };
    open.shutdown().await;
    Drained { accepted, open: at_shutdown, cut }
}

fn note(ended: Result<(), JoinError>) {
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
    /// Which listener is asked first; moves on, so that a busy one cannot starve another.
    turn: usize,
    /// Said once: accepting fails.
    failing: bool,
    /// When it was last said that the cap is reached.
    full: Option<Instant>,
}

impl Accepting {
    fn new(listeners: Vec<Bound>, connections: usize) -> Self {
        Self {
            listeners: listeners.into_iter().map(|b| (b.listener, b.tls.map(TlsAcceptor::from))).collect(),
            slots: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            turn: 0,
            failing: false,
            full: None,
        }
    }

    /// The next connection, once there is a slot for it. Never fails: what the system refuses is tried again.
    async fn next(&mut self) -> Accepted {
        if self.slots.available_permits() == 0
            && self.full.is_none_or(|at| at.elapsed() > Duration::from_secs(60))
        {
            self.full = Some(Instant::now());
            tracing::warn!("the connection limit is reached: new connections wait");
        }
        let Ok(permit) = Arc::clone(&self.slots).acquire_owned().await else {
            return pending().await; // The semaphore is never closed.
        };
        loop {
            let (at, got) = poll_fn(|cx| self.poll_accept(cx)).await;
            match got {
                Ok((stream, addr)) => {
                    if std::mem::take(&mut self.failing) {
                        tracing::info!("accepting connections again");
                    }
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%addr, %error, "no TCP_NODELAY");
                    }
                    return (permit, stream, addr, self.listeners.get(at).and_then(|(_, tls)| tls.clone()));
                }
                // The peer was gone before we came: says nothing about the next one.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                    ) => {}
                Err(error) => {
                    if !std::mem::replace(&mut self.failing, true) {
                        tracing::error!(%error, "cannot accept connections; trying again");
                    }
                    // Out of files or memory: the error comes back at once, so do not spin.
                    sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(usize, io::Result<(TcpStream, SocketAddr)>)> {
        let count = self.listeners.len();
        for at in (0..count).map(|step| (self.turn + step) % count) {
            if let Some((listener, _)) = self.listeners.get(at)
                && let Poll::Ready(got) = listener.poll_accept(cx)
            {
                self.turn = (at + 1) % count;
                return Poll::Ready((at, got));
            }
        }
        Poll::Pending
    }
}

/// One in the gauge.
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

/// How many connections each address has open.
#[derive(Clone)]
struct Addresses {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
    exempt_loopback: bool,
}

impl Addresses {
    fn new(limits: &Limits) -> Self {
        let (most, exempt_loopback) = (limits.connections_per_address, limits.exempt_loopback);
        Self { open: Arc::default(), most, exempt_loopback }
    }

    /// A place for one more, or `None` if this address has its share already.
    fn enter(&self, ip: IpAddr) -> Option<ConnectionSlot> {
        let ip = ip.to_canonical();
        if self.exempt_loopback && ip.is_loopback() {
            return Some(ConnectionSlot(None));
        }
        let key = match ip {
            IpAddr::V4(_) => ip,
            // One customer's line is a /64 at least.
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        };
        let mut open = lock(&self.open);
        if open.get(&key).is_some_and(|count| *count >= self.most) {
            return None;
        }
        *open.entry(key).or_default() += 1;
        Some(ConnectionSlot(Some((self.clone(), key))))
    }
}

/// One connection's place among those of its address.
struct ConnectionSlot(Option<(Addresses, IpAddr)>);

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        if let Some((addresses, key)) = self.0.take() {
            let mut open = lock(&addresses.open);
            if let Some(count) = open.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    open.remove(&key);
                }
            }
        }
    }
}

/// Nothing that holds one of these locks can leave its value half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
