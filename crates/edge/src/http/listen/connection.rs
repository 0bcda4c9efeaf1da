//! One accepted connection: the TLS handshake, hyper, and the timeouts.
//!
//! hyper's own timeouts do not fit: its `header_read_timeout` (1.12) also runs between two requests, so it
//! cannot be 10 s for an incomplete header and 75 s for an idle connection, and the automatic builder waits
//! for the first bytes of a connection without a timeout.

use super::activity::{Activity, Running, Wait};
use super::body::ResponseBody;
use super::watched::{FREE_HEAD, Watched};
use super::{Limits, Peer, Service, Stopping, ToKnownCaller, refused, target};
use crate::http::budget::{Budget, Reserved};
use axum::body::Body;
use http::header::{CONNECTION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

/// The state that all connections share.
pub(super) struct Shared {
    service: Arc<dyn Service>,
    http: auto::Builder<TokioExecutor>,
    limits: Limits,
    heads: Arc<Budget>,
    responses: Arc<Budget>,
    stranger_responses: Arc<Budget>,
    stopped: watch::Receiver<bool>,
}

impl Shared {
    /// `stopped` becomes true once, when the server stops.
    pub(super) fn new(service: Arc<dyn Service>, limits: Limits, stopped: watch::Receiver<bool>) -> Self {
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
            .initial_stream_window_size(limits.h2_stream_window)
            .initial_connection_window_size(limits.h2_connection_window)
            .max_send_buf_size(limits.h2_send_buffer)
            .max_pending_accept_reset_streams(limits.h2_pending_accept_reset_streams)
            .max_local_error_reset_streams(limits.h2_local_error_reset_streams)
            .keep_alive_interval(limits.h2_ping_interval)
            .keep_alive_timeout(limits.h2_ping_timeout);
        let heads = Budget::new("headers", limits.head_budget);
        let responses = Budget::with_large("responses", limits.response_budget);
        let stranger_responses = Budget::new("anonymous responses", limits.stranger_response_budget);
        Self { service, http, limits, heads, responses, stranger_responses, stopped }
    }
}

/// Serves a connection until it ends. Its errors are those of the peer.
pub(super) async fn run(shared: &Arc<Shared>, stream: TcpStream, addr: SocketAddr, tls: Option<TlsAcceptor>) {
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

/// The shared state of the requests of a connection. Their references to it are counted on the core of the connection,
/// and not by all cores together.
struct Connection {
    shared: Arc<Shared>,
    peer: Peer,
    stopping: Stopping,
}

/// Answers a request: refuses it itself, or calls the service, and counts the response.
async fn answer(
    connection: Arc<Connection>,
    running: Running,
    mut request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Infallible> {
    let Connection { shared, peer, stopping } = &*connection;
    let version = request.version();
    let refusal = |status, running| Ok(refuse(status, version).map(|_| ResponseBody::empty(running)));
    if target::is_ambiguous(version, request.uri(), request.headers()) {
        refused("ambiguous");
        return refusal(StatusCode::BAD_REQUEST, running);
    }
    // hyper limits the header lines of HTTP/1 only.
    if request.headers().len() > shared.limits.headers_max {
        return refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, running);
    }
    let client = shared.limits.proxies.client(peer.addr.ip(), request.headers());
    let Some(_head) = shared.hold_head(version, request.headers(), client) else {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, running);
    };
    request.extensions_mut().insert(*peer);
    request.extensions_mut().insert(stopping.clone());
    // Most requests have no body, and then this needs no memory.
    let has_body = !request.body().is_end_stream();
    let request = request.map(|body| if has_body { Body::new(body) } else { Body::empty() });
    let (parts, body) = shared.service.call(request).await.into_parts();
    let known = parts.extensions.get::<ToKnownCaller>().is_some();
    let budget = if known { &shared.responses } else { &shared.stranger_responses };
    match ResponseBody::new(body, budget.open(client), running) {
        Ok(body) => Ok(Response::from_parts(parts, body)),
        Err((running, exhausted)) => {
            tracing::debug!(%exhausted, addr = %peer.addr, "a response was not sent");
            let mut busy = refusal(StatusCode::SERVICE_UNAVAILABLE, running)?;
            const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
            if let Some(id) = parts.headers.get(REQUEST_ID) {
                busy.headers_mut().insert(REQUEST_ID, id.clone());
            }
            Ok(busy)
        }
    }
}

impl Shared {
    /// A reservation for a long header list of HTTP/2; `None`: the budget is exhausted. The connection counts
    /// the heads of HTTP/1 while they arrive.
    fn hold_head(
        &self,
        version: Version,
        headers: &HeaderMap,
        client: Option<std::net::IpAddr>,
    ) -> Option<Option<Reserved>> {
        if version != Version::HTTP_2 {
            return Some(None);
        }
        let bytes = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
        if bytes <= FREE_HEAD {
            return Some(None);
        }
        let mut held = self.heads.open(client);
        held.raise_to(bytes).then_some(Some(held))
    }
}

/// An empty response of this server itself. On HTTP/1 it closes the connection, because what follows on it may
/// be a part of the refused request.
fn refuse(status: StatusCode, version: Version) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    } else if version != Version::HTTP_2 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn serve<T: AsyncRead + AsyncWrite + Unpin + 'static>(shared: &Arc<Shared>, stream: T, peer: Peer) {
    let activity = Arc::new(Activity::new());
    let context = Arc::new(Connection {
        shared: Arc::clone(shared),
        peer,
        stopping: Stopping(Some(Arc::new(shared.stopped.clone()))),
    });
    let service = service_fn(|request: Request<Incoming>| {
        let running = Running::start(&activity, request.version());
        answer(Arc::clone(&context), running, request)
    });
    let address = peer.addr.ip();
    let address = (!shared.limits.proxies.contains(address)).then_some(address);
    let heads = Arc::clone(&shared.heads);
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity), heads, address));
    let mut connection = pin!(shared.http.serve_connection(io, service));
    let mut stopped = shared.stopped.clone();
    let mut stop = pin!(stopped.wait_for(|stop| *stop));
    let mut alarm = pin!(sleep_until(activity.deadline(&shared.limits, Instant::now()).0));
    let (mut closing, mut stopping) = (false, false);
    let ended = poll_fn(|cx| {
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                return Poll::Ready(ended.map_err(Ended::Failed));
            }
            if !stopping && stop.as_mut().poll(cx).is_ready() {
                (closing, stopping) = (true, true);
                activity.close(shared.limits.incomplete_drain);
                connection.as_mut().graceful_shutdown();
                continue;
            }
            let now = Instant::now();
            let (at, wait) = activity.deadline(&shared.limits, now);
            if at > now {
                // The timer is only moved to an earlier time here, so a complete request does not touch it.
                if at < alarm.deadline() || alarm.is_elapsed() {
                    alarm.as_mut().reset(at);
                }
                ready!(alarm.as_mut().poll(cx));
            } else if matches!(wait, Wait::Request | Wait::Stream) && !closing {
                // An HTTP/2 peer gets GOAWAY first: its next request may already be sent, and requests on other
                // streams may be running.
                closing = true;
                activity.close(shared.limits.header_timeout);
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
            match wait {
                Wait::Header => refused("header_timeout"),
                Wait::Reader | Wait::Stream => refused("stalled"),
                Wait::Request | Wait::Handler => {}
            }
            tracing::debug!(addr = %peer.addr, ?wait, "connection timed out");
        }
    }
}

enum Ended {
    Failed(Box<dyn Error + Send + Sync>),
    TimedOut(Wait),
}
