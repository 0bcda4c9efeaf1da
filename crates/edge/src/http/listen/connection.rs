//! One accepted connection: the TLS handshake, hyper, and the timeouts.
//!
//! hyper's own timeouts do not fit: its `header_read_timeout` (1.12) also runs between two requests, so it
//! cannot be 10 s for an incomplete header and 75 s for an idle connection, and the automatic builder waits
//! for the first bytes of a connection without a timeout.

use std::{
    convert::Infallible,
    error::Error,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Version};
use hyper::{
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::{Limits, Peer, Stopping, lock, refused};

/// The state that all connections share.
pub(super) struct Shared {
    router: Router,
    http: auto::Builder<TokioExecutor>,
    limits: Limits,
    stopped: watch::Receiver<bool>,
}

impl Shared {
    /// `stopped` becomes true once, when the server stops.
    pub(super) fn new(router: Router, limits: Limits, stopped: watch::Receiver<bool>) -> Self {
        let mut http = auto::Builder::new(TokioExecutor::new());
        let mut http1 = http.http1();
        http1.timer(TokioTimer::new()).title_case_headers(true).header_read_timeout(None);
        // hyper panics below 8192.
        http1.max_buf_size(limits.header_bytes.max(8192));
        if limits.headers_max != 100 {
            // With hyper's default of 100 the header lines need no allocation.
            http1.max_headers(limits.headers_max);
        }
        http.http2()
            .timer(TokioTimer::new())
            .max_header_list_size(limits.h2_header_list_bytes)
            .max_concurrent_streams(limits.h2_concurrent_streams)
            .max_pending_accept_reset_streams(limits.h2_pending_accept_reset_streams)
            .max_local_error_reset_streams(limits.h2_local_error_reset_streams)
            .keep_alive_interval(limits.h2_ping_interval)
            .keep_alive_timeout(limits.h2_ping_timeout);
        // with_state prepares the routes once instead of for each call.
        Self { router: router.with_state(()), http, limits, stopped }
    }
}

/// Serves a connection until it ends. Its errors are those of the peer.
pub(super) async fn run(shared: &Shared, stream: TcpStream, addr: SocketAddr, tls: Option<TlsAcceptor>) {
    let Some(tls) = tls else { return serve(shared, stream, Peer { addr, tls: false }).await };
    let mut stopped = shared.stopped.clone();
    let handshake = tokio::select! {
        _ = stopped.wait_for(|stop| *stop) => return,
        handshake = timeout(shared.limits.handshake_timeout, tls.accept(stream)) => handshake,
    };
    match handshake {
        Ok(Ok(stream)) => serve(shared, stream, Peer { addr, tls: true }).await,
        Ok(Err(error)) => {
            refused("tls");
            tracing::debug!(%addr, %error, "TLS handshake failed");
        }
        Err(_) => {
            refused("tls_timeout");
            tracing::debug!(%addr, "TLS handshake timed out");
        }
    }
}

async fn serve<T: AsyncRead + AsyncWrite + Unpin + 'static>(shared: &Shared, stream: T, peer: Peer) {
    let activity = Arc::new(Activity::new());
    let service = service_fn(|mut request: Request<Incoming>| {
        let running = Running::start(&activity, request.version());
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(Stopping(Some(shared.stopped.clone())));
        // hyper limits the header lines of HTTP/1 only.
        let within_limit = request.headers().len() <= shared.limits.headers_max;
        let response = within_limit.then(|| shared.router.clone().call(request));
        async move {
            let response = match response {
                Some(response) => response.await?,
                None => {
                    let mut response = Response::new(Body::empty());
                    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
                    response
                }
            };
            Ok::<_, Infallible>(response.map(|body| ResponseBody { body, _running: running }))
        }
    });
    let io = TokioIo::new(Watched { stream, blocked: false, activity: Arc::clone(&activity) });
    let mut connection = pin!(shared.http.serve_connection(io, service));
    let mut stopped = shared.stopped.clone();
    let mut stop = pin!(stopped.wait_for(|stop| *stop));
    let mut alarm = pin!(sleep_until(activity.deadline(&shared.limits).0));
    let mut closing = false;
    let ended = poll_fn(|cx| {
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                return Poll::Ready(ended.map_err(Ended::Failed));
            }
            if !closing && stop.as_mut().poll(cx).is_ready() {
                closing = true;
                connection.as_mut().graceful_shutdown();
                continue;
            }
            let (at, wait) = activity.deadline(&shared.limits);
            if at > Instant::now() {
                // The timer is only moved to an earlier time here, so a complete request does not touch it.
                if at < alarm.deadline() || alarm.is_elapsed() {
                    alarm.as_mut().reset(at);
                }
                ready!(alarm.as_mut().poll(cx));
            } else if wait == Wait::Request && !closing {
                // An HTTP/2 peer gets GOAWAY first, because its next request may be on the way.
                closing = true;
                activity.close();
                connection.as_mut().graceful_shutdown();
            } else {
                return Poll::Ready(Err(Ended::TimedOut(wait)));
            }
        }
    });
    match ended.await {
        Ok(()) => {}
        Err(Ended::Failed(error)) => tracing::debug!(addr = %peer.addr, error, "connection failed"),
        Err(Ended::TimedOut(wait)) => {
            if wait == Wait::Header {
                refused("header_timeout");
            }
            tracing::debug!(addr = %peer.addr, ?wait, "connection timed out");
        }
    }
}

enum Ended {
    Failed(Box<dyn Error + Send + Sync>),
    TimedOut(Wait),
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// The rest of a header, or the first request.
    Header,
    /// The next request.
    Request,
    /// The peer to read the response.
    Reader,
    /// The handler, which has no timeout here.
    Handler,
}

/// The activity on a connection.
struct Activity(Mutex<State>);

struct State {
    /// Requests whose response is not yet completely passed to hyper.
    running: usize,
    /// Whether it is HTTP/2, where received bytes need not belong to a request.
    multiplexed: bool,
    idle_since: Instant,
    header_since: Option<Instant>,
    blocked_since: Option<Instant>,
    /// Whether the connection is being closed.
    closing: bool,
}

impl Activity {
    fn new() -> Self {
        let now = Instant::now();
        Self(Mutex::new(State {
            running: 0,
            multiplexed: false,
            idle_since: now,
            // The timeout of the first header starts now.
            header_since: Some(now),
            blocked_since: None,
            closing: false,
        }))
    }

    /// The time at which the connection times out, and what it waits for. Later activity moves it.
    fn deadline(&self, limits: &Limits) -> (Instant, Wait) {
        let state = lock(&self.0);
        let waits = match state.header_since {
            // No timeout: the end of an HTTP/2 request may not wake the connection, so check again.
            _ if state.running > 0 => (later(Instant::now(), Duration::from_secs(30)), Wait::Handler),
            Some(since) => (later(since, limits.header_timeout), Wait::Header),
            None if state.closing => (later(state.idle_since, limits.header_timeout), Wait::Request),
            None => (later(state.idle_since, limits.idle_timeout), Wait::Request),
        };
        match state.blocked_since.map(|since| later(since, limits.stall_timeout)) {
            Some(at) if at < waits.0 => (at, Wait::Reader),
            _ => waits,
        }
    }

    fn bytes_arrived(&self) {
        let mut state = lock(&self.0);
        if state.running == 0 && !state.multiplexed && state.header_since.is_none() {
            state.header_since = Some(Instant::now());
        }
    }

    fn close(&self) {
        let mut state = lock(&self.0);
        state.closing = true;
        state.idle_since = Instant::now();
    }
}

/// A later time, also for a duration that overflows.
fn later(from: Instant, wait: Duration) -> Instant {
    from.checked_add(wait).unwrap_or_else(|| from + Duration::from_secs(365 * 24 * 3600))
}

/// One request, from its header until the last byte of its response is passed to hyper.
struct Running(Arc<Activity>);

impl Running {
    fn start(activity: &Arc<Activity>, version: Version) -> Self {
        let mut state = lock(&activity.0);
        state.running += 1;
        state.multiplexed = version == Version::HTTP_2;
        state.header_since = None;
        Self(Arc::clone(activity))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = lock(&self.0.0);
        state.running -= 1;
        state.idle_since = Instant::now();
    }
}

/// The body of a response. hyper drops it when it has all bytes.
struct ResponseBody {
    body: Body,
    _running: Running,
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that records when bytes arrive and when writes are blocked.
struct Watched<T> {
    stream: T,
    /// A copy of the recorded state, so that a write that is not blocked takes no lock.
    blocked: bool,
    activity: Arc<Activity>,
}

impl<T> Watched<T> {
    fn record_write<R>(&mut self, result: Poll<R>) -> Poll<R> {
        if result.is_pending() != self.blocked {
            self.blocked = result.is_pending();
            lock(&self.activity.0).blocked_since = self.blocked.then(Instant::now);
        }
        result
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            this.activity.bytes_arrived();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.record_write(result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.record_write(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_flush(cx);
        this.record_write(result)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.record_write(result)
    }
}
