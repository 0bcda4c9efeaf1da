//! The limits of connections.

use super::super::budget::BudgetLimit;
use super::super::forwarded::TrustedProxies;
use domain::model::memory::MemoryLimits;
use std::time::Duration;

/// Limits of connections. The defaults are the values that the service is tested with.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Time from the first byte of a request to the end of its header; for the first request, from the
    /// accept. On HTTP/2 it applies only to the first request, and `idle_timeout` to later ones.
    pub header_timeout: Duration,
    /// How long a connection may stay open between two requests.
    pub idle_timeout: Duration,
    /// Time in which a peer must read at least 16 KiB of a pending response, or all of it. On HTTP/2 it applies
    /// to each response; then the connection is closed, after the other requests of `header_timeout`.
    pub stall_timeout: Duration,
    /// Time in which a peer must read a response that is larger than `response_budget`, because others wait for it:
    /// there is one at a time. Then the connection is closed.
    pub large_response_timeout: Duration,
    /// Time from the accept to the end of the TLS handshake.
    pub handshake_timeout: Duration,
    /// Open connections of all listeners; further ones wait in the queue of the kernel.
    pub connections: usize,
    /// Open connections from one address (an IPv6 /64 counts as one); further ones are closed immediately.
    pub connections_per_address: usize,
    /// Whether loopback addresses have no such limit, because a reverse proxy may connect from there.
    pub exempt_loopback: bool,
    /// Request line and header of one HTTP/1 request, in bytes; at least 8192. hyper checks the limit between
    /// two reads, and its buffer doubles, so a header of up to the next power of two may be accepted.
    pub header_bytes: usize,
    /// Header lines of one request.
    pub headers_max: usize,
    /// Header list of one HTTP/2 request as RFC 9113, 6.5.2 counts it: 32 bytes are added for each line.
    pub h2_header_list_bytes: u32,
    /// HTTP/2 requests at once on one connection.
    pub h2_concurrent_streams: u32,
    /// Bytes of a request body on one HTTP/2 stream that a peer may send before they are read.
    pub h2_stream_window: u32,
    /// Bytes of all request bodies on one HTTP/2 connection that a peer may send before they are read.
    pub h2_connection_window: u32,
    /// Bytes of one HTTP/2 response that are buffered for sending.
    pub h2_send_buffer: usize,
    /// Streams that a peer may reset before they are accepted ("rapid reset"); then the connection is closed.
    pub h2_pending_accept_reset_streams: usize,
    /// Streams that a peer may make the server reset ("made you reset"); then the connection is closed.
    pub h2_local_error_reset_streams: usize,
    /// Interval of pings to a silent HTTP/2 peer.
    pub h2_ping_interval: Duration,
    /// Time in which it must respond to a ping.
    pub h2_ping_timeout: Duration,
    /// Bytes of headers beyond the first 16 KiB of a request that are held at once.
    pub head_budget: BudgetLimit,
    /// Bytes of responses to callers without a credential that are not yet read.
    pub stranger_response_budget: BudgetLimit,
    /// Bytes of responses to known callers ([`super::ToKnownCaller`]) that are not yet read.
    pub response_budget: BudgetLimit,
    /// Reverse proxies, whose `X-Forwarded-For` names the address that budgets count for.
    pub proxies: TrustedProxies,
    /// Threads that serve connections, one for each core; 0: the runtime that calls [`super::serve`] serves them.
    pub event_loops: usize,
    /// Time that running requests have after the shutdown signal.
    pub drain: Duration,
    /// Time that a request has to arrive completely after the shutdown signal.
    pub incomplete_drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(&MemoryLimits::default())
    }
}

impl Limits {
    /// The limits with budgets of these bytes.
    pub fn new(memory: &MemoryLimits) -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_secs(60),
            large_response_timeout: Duration::from_secs(5 * 60),
            handshake_timeout: Duration::from_secs(10),
            connections: 20_000,
            connections_per_address: 512,
            exempt_loopback: true,
            header_bytes: 192 * 1024,
            headers_max: 100,
            h2_header_list_bytes: 160 * 1024,
            h2_concurrent_streams: 128,
            h2_stream_window: 64 * 1024,
            h2_connection_window: 256 * 1024,
            h2_send_buffer: 64 * 1024,
            h2_pending_accept_reset_streams: 20,
            h2_local_error_reset_streams: 128,
            h2_ping_interval: Duration::from_secs(30),
            h2_ping_timeout: Duration::from_secs(10),
            head_budget: BudgetLimit::shared(memory.headers, 8),
            stranger_response_budget: BudgetLimit::shared(memory.stranger_responses, 8),
            response_budget: BudgetLimit::shared(memory.responses, 4),
            proxies: TrustedProxies::default(),
            event_loops: 0,
            drain: Duration::from_secs(25),
            incomplete_drain: Duration::from_secs(2),
        }
    }
}
