//! The bodies of responses: every byte that waits for its reader belongs to a memory budget.

use super::activity::{LargeResponse, Running, Unread};
use crate::http::budget::Reserved;
use axum::body::Body;
use bytes::{Buf, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Bytes of a piece of an HTTP/2 response: those of a DATA frame by default. hyper holds one piece for each
/// stream, and takes the next one when the peer's window allows.
const PIECE: usize = 16 * 1024;

/// The body of a response. hyper drops it when it has all bytes.
pub(super) struct ResponseBody {
    body: Body,
    /// The bytes that the body has returned and hyper has not taken.
    rest: Bytes,
    /// Of a response that is larger than its budget. It ends before its reservation.
    large: Option<Arc<LargeResponse>>,
    /// The reservation of what hyper has not taken; `None`: the body is empty.
    reserved: Option<Reserved>,
    /// Whether the size of the whole body is known and reserved.
    whole: bool,
    unread: Option<Arc<Unread>>,
    _running: Running,
}

/// A response that cannot be kept in memory until it is read.
#[derive(Debug)]
pub(super) struct Exhausted;

impl std::fmt::Display for Exhausted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the memory budget of responses is exhausted")
    }
}

impl Error for Exhausted {}

impl ResponseBody {
    /// The body with a reservation of its bytes, if their number is known.
    pub(super) fn new(
        body: Body,
        mut reserved: Reserved,
        running: Running,
    ) -> Result<Self, (Running, Exhausted)> {
        let size = body.size_hint().exact().map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        if !reserved.raise_to(size.unwrap_or(0)) {
            return Err((running, Exhausted));
        }
        let unread = (size != Some(0)).then(|| running.unread()).flatten().map(Arc::new);
        let large = reserved.is_large().then(|| Arc::new(running.large_response()));
        let (reserved, whole) = (Some(reserved), size.is_some());
        Ok(Self { body, rest: Bytes::new(), reserved, whole, unread, large, _running: running })
    }

    /// An empty body, which needs no reservation.
    pub(super) fn empty(running: Running) -> Self {
        Self {
            body: Body::empty(),
            rest: Bytes::new(),
            reserved: None,
            whole: true,
            unread: None,
            large: None,
            _running: running,
        }
    }

    /// The next piece of `rest`.
    fn piece(&mut self) -> Result<Sending, Exhausted> {
        // On HTTP/1 the bytes go to the connection at once; its own timeout covers them.
        let length = if self.unread.is_some() { PIECE.min(self.rest.len()) } else { self.rest.len() };
        let bytes = self.rest.split_to(length);
        if let Some(reserved) = self.reserved.as_mut().filter(|_| !self.whole)
            && !reserved.add(length)
        {
            return Err(Exhausted);
        }
        let reserved = self.reserved.as_mut().map(|reserved| reserved.split(length));
        if let Some(unread) = &self.unread {
            unread.progress();
        }
        Ok(Sending { bytes, _reserved: reserved, _unread: self.unread.clone(), _large: self.large.clone() })
    }
}

impl HttpBody for ResponseBody {
    type Data = Sending;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Sending>, Self::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            let next = Pin::new(&mut this.body).poll_frame(cx);
            if next.is_pending()
                && let Some(unread) = &this.unread
            {
                unread.taken();
            }
            let Some(frame) = ready!(next) else { return Poll::Ready(None) };
            match frame?.into_data() {
                Ok(bytes) => this.rest = bytes,
                // No response has trailers.
                Err(_) => return Poll::Ready(None),
            }
        }
        Poll::Ready(Some(this.piece().map(Frame::data).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = self.rest.len() as u64;
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}

/// Bytes on their way to the peer.
pub(super) struct Sending {
    bytes: Bytes,
    _large: Option<Arc<LargeResponse>>,
    _reserved: Option<Reserved>,
    _unread: Option<Arc<Unread>>,
}

impl Buf for Sending {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}
