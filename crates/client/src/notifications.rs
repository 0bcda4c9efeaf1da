//! When to read the state of a repository again: at each event, and at regular intervals in case a proxy holds
//! the event stream back.
//!
//! Must not know: which state the caller reads.

use crate::events::{Event, EventStream, StreamItem};
use crate::transport::Client;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The intervals between two notifications without an event: the first, and the longest while the event
/// stream delivers nothing. Each is twice as long as the last.
const FIRST_INTERVAL: Duration = Duration::from_secs(1);
const MAX_INTERVAL: Duration = Duration::from_secs(5);
/// The longest interval while the event stream works.
const MAX_LIVE_INTERVAL: Duration = Duration::from_secs(30);
/// The pause before the stream is opened again after an error.
const REOPEN_PAUSE: Duration = Duration::from_secs(5);

/// A notification for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// Something changed.
    Event(Box<Event>),
    /// Read the state again: changes before this notification may be unknown.
    Read,
}

/// The notifications of a repository, from [`Client::notifications`].
#[must_use = "no request is sent before the first notification is awaited"]
pub struct Notifications {
    client: Client,
    repository: i32,
    /// `None` after an error, until `reopen_at`.
    stream: Option<EventStream>,
    reopen_at: Instant,
    /// The stream has delivered something since it was opened.
    is_live: bool,
    max_interval: Duration,
    interval: Duration,
    read_at: Instant,
}

impl std::fmt::Debug for Notifications {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notifications").field("repository", &self.repository).finish_non_exhaustive()
    }
}

impl Client {
    /// Tells when to read the state of a repository again. Read it once before the first call of
    /// [`Notifications::next`].
    ///
    /// Events are only hints: the event stream may fail, or a proxy may hold it back. Without events there is
    /// a notification after 1 second and then after at most 5, or 30 while the stream delivers data.
    pub fn notifications(&self, repository: i32) -> Notifications {
        let now = Instant::now();
        Notifications {
            client: self.clone(),
            repository,
            stream: None,
            reopen_at: now,
            is_live: false,
            max_interval: MAX_INTERVAL,
            interval: FIRST_INTERVAL,
            read_at: now + FIRST_INTERVAL,
        }
    }
}

impl Notifications {
    /// The longest time between two notifications while the event stream delivers nothing; 5 s by default.
    pub fn max_interval(mut self, interval: Duration) -> Self {
        self.max_interval = interval;
        self.interval = self.interval.min(interval);
        self.read_at = Instant::now() + self.interval;
        self
    }

    /// The next notification. It reports no errors: those of the server are found by reading the state. Cancel
    /// safe: a dropped future loses no event.
    pub async fn next(&mut self) -> Notification {
        loop {
            if self.stream.is_none() && self.reopen_at <= Instant::now() {
                // An error of the stream is not retried inside it, because the caller reads meanwhile.
                self.stream = Some(self.client.events(self.repository).outage_limit(Duration::ZERO));
            }
            let deadline = match self.stream {
                Some(_) => self.read_at,
                None => self.read_at.min(self.reopen_at),
            };
            let item = async {
                match &mut self.stream {
                    Some(stream) => stream.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                item = item => match item {
                    Ok(Some(StreamItem::Event(event))) => {
                        self.is_live = true;
                        return Notification::Event(event);
                    }
                    Ok(Some(StreamItem::Ready(_) | StreamItem::Resync(_))) => {
                        self.is_live = true;
                        return self.read();
                    }
                    Ok(None) | Err(_) => {
                        (self.stream, self.is_live) = (None, false);
                        self.reopen_at = Instant::now() + REOPEN_PAUSE.min(self.max_interval);
                        self.interval = FIRST_INTERVAL.min(self.max_interval);
                        return self.read();
                    }
                },
                () = sleep_until(deadline) => {
                    if self.read_at <= Instant::now() {
                        return self.read();
                    }
                }
            }
        }
    }

    /// Schedules the next notification without an event.
    fn read(&mut self) -> Notification {
        self.read_at = Instant::now() + self.interval;
        let max = if self.is_live { MAX_LIVE_INTERVAL } else { self.max_interval };
        self.interval = (self.interval * 2).min(max);
        Notification::Read
    }
}
