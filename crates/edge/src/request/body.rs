//! The body of a request. It is read when it is needed: after the caller is known, or before for a
//! signature, which covers the body. Until then its bytes stay with the client.

use crate::http::budget::{Budget, BudgetLimit, Reserved};
use crate::http::listen::Stopping;
use axum::body::Body;
use bytes::Bytes;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::memory::MemoryLimits;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Frame};
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Longest time that a whole body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest time without a byte of it.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// Time that an incomplete body has after the shutdown signal.
const STOPPING_TIMEOUT: Duration = Duration::from_secs(2);
/// Most bytes of an unused body that are read so that the client can read the response.
const DISCARDED_MAX: usize = 8 << 20;
/// Longest time that this takes.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// Greatest body of a request whose sender need not be known, in bytes: a sign-in with a token of the greatest
/// length (100,000 characters), or a form.
pub const PUBLIC_BODY_MAX: usize = 128 << 10;

/// The budgets of bodies in memory.
pub struct BodyBudgets {
    /// Of senders that are not known yet.
    pub unverified: Arc<Budget>,
    /// Of known senders.
    pub verified: Arc<Budget>,
}

impl BodyBudgets {
    /// The budgets of these bytes. An address has at most a quarter, or half of known senders, unless it sends
    /// one body.
    pub fn new(memory: &MemoryLimits) -> Self {
        Self {
            unverified: Budget::new("unverified bodies", BudgetLimit::shared(memory.unverified_bodies, 4)),
            verified: Budget::new("bodies", BudgetLimit::shared(memory.bodies, 2)),
        }
    }
}

/// The body of a request, read or not.
#[derive(Default)]
pub struct RequestBody {
    unread: Mutex<Option<Unread>>,
    read: OnceLock<Result<ReadBody>>,
}

struct ReadBody {
    bytes: Bytes,
    reserved: Mutex<Reserved>,
    budgets: Arc<BodyBudgets>,
}

/// A body that is still to be read.
pub struct Unread {
    /// The body. `None` while it is read.
    pub body: Option<Body>,
    /// The greatest length, in bytes.
    pub max: usize,
    /// The bytes of the head, which are held as long as the body.
    pub head: usize,
    /// Whose budget it counts for; `None`: many clients share the address.
    pub client: Option<IpAddr>,
    /// The budgets.
    pub budgets: Arc<BodyBudgets>,
    /// Signals the shutdown.
    pub stopping: Stopping,
    /// Whether the rest of an unused body has to be read: on HTTP/1, where a connection that is
    /// closed before may lose the response. A client that waits for `100 Continue` sends none.
    pub discard: bool,
}

impl RequestBody {
    /// A body that is still to be read.
    pub fn unread(unread: Unread) -> Self {
        Self { unread: Mutex::new(Some(unread)), read: OnceLock::new() }
    }

    /// Reads the body, unless it is read already. `verified`: its sender is known.
    ///
    /// # Errors
    /// [`Error::Overloaded`] if there is no memory for it. Other errors are those of [`RequestBody::bytes`],
    /// because a handler may have its own reason to refuse the request first.
    pub async fn load(&self, verified: bool) -> Result<()> {
        let unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut unread) = unread {
            let read = unread.read(verified).await;
            if let Err(Error::Overloaded) = read {
                return Err(Error::Overloaded);
            }
            let _ = self.read.set(read);
        } else if let Some(Ok(read)) = self.read.get().filter(|_| verified) {
            let mut reserved = read.reserved.lock().unwrap_or_else(PoisonError::into_inner);
            // Without room there it stays where it is, because it is in memory already.
            let _ = reserved.move_to(&read.budgets.verified);
        }
        Ok(())
    }

    /// Refuses to read the body.
    pub fn discard(&self) {
        drop(self.unread.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Whether the client announced a body.
    pub fn is_announced(&self) -> bool {
        let unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.is_some() || matches!(self.read.get(), Some(Ok(read)) if !read.bytes.is_empty())
    }

    /// The bytes as they were sent. Empty if the request has no body.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; [`Error::Invalid`] if the body did not arrive completely; [`Error::Internal`] if it
    /// was not read.
    pub fn bytes(&self) -> Result<&Bytes> {
        static EMPTY: Bytes = Bytes::new();
        match self.read.get() {
            Some(read) => read.as_ref().map(|read| &read.bytes).map_err(Clone::clone),
            None if self.is_announced() => Err(Error::Internal("the body was not read".into())),
            None => Ok(&EMPTY),
        }
    }
}

impl Unread {
    async fn read(&mut self, verified: bool) -> Result<ReadBody> {
        let Some(mut body) = self.body.take() else { return Err(incomplete()) };
        let collected = self.collect(&mut body, verified).await;
        if collected.is_err() {
            // Dropping this discards the rest.
            self.body = Some(body);
        }
        collected
    }

    async fn collect(&mut self, body: &mut Body, verified: bool) -> Result<ReadBody> {
        let too_large = || Error::TooLarge { max: self.max };
        if body.size_hint().lower() > self.max as u64 {
            return Err(too_large());
        }
        let budgets = Arc::clone(&self.budgets);
        let budget = if verified { &budgets.verified } else { &budgets.unverified };
        let mut reserved = budget.open(self.client);
        let (mut collected, mut end, mut is_stopping) = (Vec::new(), None, false);
        let bytes = loop {
            // Most bodies have arrived with the head, and need no timer.
            let frame = match arrived_frame(body).await {
                Some(frame) => Ok(frame),
                None => {
                    let now = Instant::now();
                    let until = *end.get_or_insert(now + BODY_TIMEOUT);
                    tokio::select! {
                        biased;
                        frame = timeout_at(until.min(now + PAUSE_MAX), body.frame()) => frame,
                        () = self.stopping.wait(), if !is_stopping => {
                            is_stopping = true;
                            end = Some(until.min(Instant::now() + STOPPING_TIMEOUT));
                            continue;
                        }
                    }
                }
            };
            let data = match frame {
                Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Ok(None) => break collected.into(),
                Err(_) if is_stopping => return Err(Error::Overloaded),
                Ok(Some(Err(_))) | Err(_) => return Err(incomplete()),
            };
            if data.len() > self.max.saturating_sub(collected.len()) {
                return Err(too_large());
            }
            if collected.is_empty() && body.is_end_stream() {
                if !reserved.raise_to(data.len()) {
                    return Err(Error::Overloaded);
                }
                break data;
            }
            // Copied, because a small piece may keep a much larger buffer of the connection alive.
            let needed = collected.len() + data.len();
            if needed > collected.capacity() {
                let capacity = needed.max((2 * collected.capacity()).min(self.max));
                if !reserved.raise_to(self.head + capacity) {
                    return Err(Error::Overloaded);
                }
                collected.reserve_exact(capacity - collected.len());
            }
            collected.extend_from_slice(&data);
        };
        Ok(ReadBody { bytes, reserved: Mutex::new(reserved), budgets })
    }
}

/// The next part of a body, if the connection has received it. hyper passes it on when the task of the connection runs
/// again after the first poll.
async fn arrived_frame(body: &mut Body) -> Option<Option<Result<Frame<Bytes>, axum::Error>>> {
    let mut is_second = false;
    poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
        Poll::Ready(frame) => Poll::Ready(Some(frame)),
        Poll::Pending if is_second => Poll::Ready(None),
        Poll::Pending => {
            is_second = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

impl Drop for Unread {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|body| self.discard && !body.is_end_stream()) else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            let end = Instant::now() + DISCARD_TIMEOUT;
            let mut discarded = 0;
            while discarded <= DISCARDED_MAX
                && let Ok(Some(Ok(frame))) = timeout_at(end, body.frame()).await
            {
                discarded += frame.data_ref().map_or(0, Bytes::len);
            }
        });
    }
}

fn incomplete() -> Error {
    let detail = "the body did not arrive whole".to_owned();
    Invalid::new("body", Problem::NotJson { detail }).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_documentation() {
        assert_eq!((PUBLIC_BODY_MAX, BODY_TIMEOUT.as_secs(), PAUSE_MAX.as_secs()), (128 << 10, 30, 10));
        assert_eq!((DISCARDED_MAX, DISCARD_TIMEOUT.as_secs()), (8 << 20, 5));
        let document = include_str!("../../../../docs/operating/limits.md");
        for text in [
            "| body of a request | 1 MiB; 128 KiB where no credential is required, such as a sign-in | 413 |",
            "| time for a body | 30 s, and 10 s without a byte | 400 |",
            "for at most 5 seconds and 8 MiB",
        ] {
            assert!(document.contains(text), "{text}");
        }
    }
}
