//! The activity on a connection, and the time at which it times out.

use super::{Limits, lock};
use http::Version;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The event that a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// The rest of a header, or the first request.
    Header,
    /// The next request.
    Request,
    /// The peer to read the response.
    Reader,
    /// The peer to open the window of an HTTP/2 stream.
    Stream,
    /// The handler, which has no timeout here.
    Handler,
}

/// Bytes that a peer must read of pending responses in each [`Limits::stall_timeout`].
pub(super) const STALL_BYTES: usize = 16 * 1024;

pub(super) struct Activity(Mutex<State>);

struct State {
    /// Requests whose response is not yet completely passed to hyper.
    running: usize,
    /// Whether it is HTTP/2, where received bytes need not belong to a request.
    multiplexed: bool,
    idle_since: Instant,
    header_since: Option<Instant>,
    blocked_since: Option<Instant>,
    /// HTTP/2 responses with bytes that the peer has not asked for, and when it last asked for some.
    unread: HashMap<u64, Instant>,
    next_unread: u64,
    /// When the response that is larger than the budget of responses began.
    large_since: Option<Instant>,
    /// When closing the connection began, and how long what is not a running request may still take.
    closing: Option<(Instant, Duration)>,
}

impl Activity {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self(Mutex::new(State {
            running: 0,
            multiplexed: false,
            idle_since: now,
            // The timeout of the first header starts now.
            header_since: Some(now),
            blocked_since: None,
            unread: HashMap::new(),
            next_unread: 0,
            large_since: None,
            closing: None,
        }))
    }

    /// The time at which the connection times out, and what it waits for. Later activity moves it.
    pub(super) fn deadline(&self, limits: &Limits, now: Instant) -> (Instant, Wait) {
        let state = lock(&self.0);
        let mut waits = match state.header_since {
            // No timeout: the end of an HTTP/2 request may not wake the connection, so check again.
            _ if state.running > 0 => (later(now, Duration::from_secs(30)), Wait::Handler),
            Some(since) => (later(since, limits.header_timeout), Wait::Header),
            // A peer that reads a response is not idle.
            None if state.blocked_since.is_some() => (later(now, limits.stall_timeout), Wait::Reader),
            None => (later(state.idle_since, limits.idle_timeout), Wait::Request),
        };
        let mut earlier = |at: Instant, wait: Wait| {
            if at < waits.0 {
                waits = (at, wait);
            }
        };
        let sending = state.blocked_since.is_some() || !state.unread.is_empty();
        if let Some((since, grace)) = state.closing
            && state.running == 0
            && !sending
        {
            let wait = if state.header_since.is_some() { Wait::Header } else { Wait::Request };
            earlier(later(since.max(state.idle_since), grace), wait);
        }
        if let Some(since) = state.blocked_since {
            earlier(later(since, limits.stall_timeout), Wait::Reader);
        }
        if let Some(since) = state.large_since {
            earlier(later(since, limits.large_response_timeout), Wait::Reader);
        }
        if let Some(since) = state.unread.values().min() {
            // The other streams may end first.
            let extra = state.closing.map_or(Duration::ZERO, |(_, grace)| grace);
            earlier(later(*since, limits.stall_timeout.saturating_add(extra)), Wait::Stream);
        }
        waits
    }

    pub(super) fn bytes_arrived(&self) {
        let mut state = lock(&self.0);
        if state.running == 0 && !state.multiplexed && state.header_since.is_none() {
            state.header_since = Some(Instant::now());
        }
    }

    /// The first write that is blocked, or a read of enough bytes since; `None`: nothing is blocked.
    pub(super) fn set_blocked(&self, since: Option<Instant>) {
        let mut state = lock(&self.0);
        state.blocked_since = since;
        state.idle_since = Instant::now();
    }

    /// Whether a response is being made or sent.
    pub(super) fn is_responding(&self) -> bool {
        let state = lock(&self.0);
        state.running > 0 || state.blocked_since.is_some()
    }

    /// The connection is being closed: what is not a running request ends after `grace`.
    pub(super) fn close(&self, grace: Duration) {
        let mut state = lock(&self.0);
        let now = Instant::now();
        state.closing = Some((now, state.closing.map_or(grace, |(_, before)| before.min(grace))));
    }
}

/// A later time, also for a duration that overflows.
fn later(from: Instant, wait: Duration) -> Instant {
    from.checked_add(wait).unwrap_or_else(|| from + Duration::from_secs(365 * 24 * 3600))
}

/// One request, from its header until the last byte of its response is passed to hyper.
pub(super) struct Running(Arc<Activity>);

impl Running {
    pub(super) fn start(activity: &Arc<Activity>, version: Version) -> Self {
        let mut state = lock(&activity.0);
        state.running += 1;
        state.multiplexed = version == Version::HTTP_2;
        state.header_since = None;
        Self(Arc::clone(activity))
    }

    /// The response as one that the peer reads from now on, where its reading is not seen in the connection.
    pub(super) fn unread(&self) -> Option<Unread> {
        let mut state = lock(&self.0.0);
        if !state.multiplexed {
            return None;
        }
        let id = state.next_unread;
        state.next_unread += 1;
        Some(Unread { activity: Arc::clone(&self.0), id })
    }

    /// The response as the one that is larger than the budget of responses; there is one at a time.
    pub(super) fn large_response(&self) -> LargeResponse {
        lock(&self.0.0).large_since = Some(Instant::now());
        LargeResponse(Arc::clone(&self.0))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = lock(&self.0.0);
        state.running -= 1;
        state.idle_since = Instant::now();
    }
}

/// A response that is larger than the budget of responses, until the peer has read it.
pub(super) struct LargeResponse(Arc<Activity>);

impl Drop for LargeResponse {
    fn drop(&mut self) {
        lock(&self.0.0).large_since = None;
    }
}

/// An HTTP/2 response with bytes that the peer has not taken.
pub(super) struct Unread {
    activity: Arc<Activity>,
    id: u64,
}

impl Unread {
    /// The peer took what there was, and there is more.
    pub(super) fn progress(&self) {
        lock(&self.activity.0).unread.insert(self.id, Instant::now());
    }

    /// The peer took what there was, and waits for more.
    pub(super) fn taken(&self) {
        lock(&self.activity.0).unread.remove(&self.id);
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.taken();
    }
}
