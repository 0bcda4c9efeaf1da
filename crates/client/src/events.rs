//! The live events of a repository, as a stream that reconnects and continues after the last received event.
//!
//! Must not know: what the caller does with an event.

mod sse;

use crate::error::Error;
use crate::outage::{DEFAULT_OUTAGE_LIMIT, Outage};
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use futures_core::Stream;
use reqwest::Method;
use sse::{SseMessage, SseParser};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;
use wire::native::events::Position;
pub use wire::native::events::{Event, GateChangeThen, GateThen, JobThen, PipelineThen};

/// The server sends a message at least every 20 seconds. A connection without data for this long is closed.
const INACTIVITY_TIMEOUT: Duration = Duration::from_secs(60);

/// An item of an [`EventStream`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamItem {
    /// The first item: all later events are changes to the server's present state. Holds the id of the last
    /// event before the stream.
    Ready(i64),
    /// Something changed.
    Event(Box<Event>),
    /// The server no longer stores the events that were missed. Read the state again; later events are
    /// changes to it. Holds the id of the last event.
    Resync(i64),
}

/// A repository's events, from [`Client::events`]. Use it as a [`Stream`], or call [`EventStream::next`]
/// without another crate.
#[must_use = "no request is sent before the first item is polled"]
pub struct EventStream {
    client: Client,
    repository: i32,
    pipeline: Option<i32>,
    after: Option<i64>,
    outage_limit: Duration,
    outage: Outage,
    items: Option<Paged<StreamItem>>,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").field("repository", &self.repository).finish_non_exhaustive()
    }
}

impl Client {
    /// The changes of a repository from now on, each once, in commit order. The stream ends only with an
    /// error. After a restart or an outage of the server it reconnects, for as long as
    /// [`EventStream::outage_limit`] allows. An error of the first connection, or a rejected credential, ends
    /// it at once.
    ///
    /// ```no_run
    /// # async fn example(client: stagepost_client::Client) -> Result<(), stagepost_client::Error> {
    /// use stagepost_client::events::StreamItem;
    ///
    /// let mut events = client.events(2111976239);
    /// while let Some(item) = events.next().await? {
    ///     if let StreamItem::Event(event) = item {
    ///         println!("{} of commit {}", event.kind, event.sha().unwrap_or("-"));
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(&self, repository: i32) -> EventStream {
        EventStream {
            client: self.clone(),
            repository,
            pipeline: None,
            after: None,
            outage_limit: DEFAULT_OUTAGE_LIMIT,
            outage: Outage::default(),
            items: None,
        }
    }
}

impl EventStream {
    /// Selects the events of one pipeline. Call it before the first item is polled.
    pub fn pipeline(mut self, pipeline: i32) -> Self {
        self.pipeline = Some(pipeline);
        self
    }

    /// Starts after the event with this id instead of now. Call it before the first item is polled.
    pub fn after(mut self, id: i64) -> Self {
        self.after = Some(id);
        self
    }

    /// How long to reconnect during an outage before its error ends the stream; 5 minutes by default. Call it
    /// before the first item is polled.
    pub fn outage_limit(mut self, limit: Duration) -> Self {
        self.outage_limit = limit;
        self
    }

    /// The error of the current outage; `None` while connected.
    pub fn outage(&self) -> Option<Error> {
        self.outage.error()
    }

    /// The next item. The stream ends only with an error. Cancel safe: a dropped future loses no item.
    ///
    /// # Errors
    /// [`Error`]; every later call returns `None`.
    pub async fn next(&mut self) -> Result<Option<StreamItem>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    fn start(&self) -> Paged<StreamItem> {
        let connection = Connection {
            client: self.client.clone(),
            repository: self.repository,
            pipeline: self.pipeline,
            last_event_id: self.after,
            outage_limit: Duration::ZERO,
            outage: self.outage.clone(),
            response: None,
            ready_sent: false,
            parser: SseParser::default(),
        };
        let outage_limit = self.outage_limit;
        Paged::new(
            Arc::new(Mutex::new(connection)),
            |(), ()| true,
            move |connection: Arc<Mutex<Connection>>, _: Option<()>, _| async move {
                let mut connection = connection.lock().await;
                let items = connection.next_items().await?;
                connection.outage_limit = outage_limit;
                Ok(Page { items, next: Some(()) })
            },
        )
    }
}

impl Stream for EventStream {
    type Item = Result<StreamItem, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut items = this.items.take().unwrap_or_else(|| this.start());
        let polled = Pin::new(&mut items).poll_next(cx);
        this.items = Some(items);
        polled
    }
}

/// The HTTP connection and the position in the stream.
struct Connection {
    client: Client,
    repository: i32,
    pipeline: Option<i32>,
    last_event_id: Option<i64>,
    /// Zero until the first connection succeeded.
    outage_limit: Duration,
    outage: Outage,
    response: Option<reqwest::Response>,
    /// The stream has already yielded [`StreamItem::Ready`] or [`StreamItem::Resync`].
    ready_sent: bool,
    parser: SseParser,
}

impl Connection {
    /// The next items; reconnects as often as necessary.
    async fn next_items(&mut self) -> Result<Vec<StreamItem>, Error> {
        loop {
            match self.read_items().await {
                Ok(items) if items.is_empty() => {}
                Ok(items) => return Ok(items),
                Err(error) if error.is_transient() => {
                    self.response = None;
                    self.outage.wait_before_retry(error, self.outage_limit).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads one chunk of the response, after connecting if necessary.
    async fn read_items(&mut self) -> Result<Vec<StreamItem>, Error> {
        let response = match &mut self.response {
            Some(response) => response,
            None => {
                self.parser = SseParser::default();
                let response = self.client.open(&self.request()).await?;
                self.response.insert(response)
            }
        };
        let chunk = timeout(INACTIVITY_TIMEOUT, response.chunk()).await;
        let chunk = chunk.map_err(|_| Error::unreachable("the event stream timed out"))?;
        let chunk = chunk.map_err(|error| Error::from_transport(&error))?;
        let chunk = chunk.ok_or_else(|| Error::unreachable("the server closed the event stream"))?;
        let mut items = Vec::new();
        for message in self.parser.push(&chunk)? {
            items.extend(self.handle(message)?);
        }
        Ok(items)
    }

    fn request(&self) -> Request {
        let query = [
            ("repository", Some(self.repository.to_string())),
            ("pipeline", self.pipeline.map(|id| id.to_string())),
            ("after", self.last_event_id.map(|id| id.to_string())),
        ];
        Request::new(Method::GET, self.client.url(&["native", "v1", "events"], &query))
    }

    /// Advances the position and returns the item for the caller, if any.
    fn handle(&mut self, message: SseMessage) -> Result<Option<StreamItem>, Error> {
        let invalid = |error: serde_json::Error| {
            Error::unexpected(200, &format!("invalid event from the server: {error}"))
        };
        let position =
            || serde_json::from_str(&message.data).map(|at: Position| at.last_event_id).map_err(invalid);
        if message.name == "ready" {
            self.outage.mark_reconnected();
            let id = position()?;
            self.last_event_id = Some(id);
            let first = !std::mem::replace(&mut self.ready_sent, true);
            return Ok(first.then_some(StreamItem::Ready(id)));
        }
        // Any message after `ready` confirms that the connection works.
        self.outage.end();
        Ok(match message.name.as_str() {
            "resync" => {
                let id = position()?;
                (self.last_event_id, self.ready_sent) = (Some(id), true);
                Some(StreamItem::Resync(id))
            }
            "ping" => {
                self.last_event_id = Some(position()?);
                None
            }
            _ => {
                let event: Event = serde_json::from_str(&message.data).map_err(invalid)?;
                self.last_event_id = Some(event.id);
                Some(StreamItem::Event(Box::new(event)))
            }
        })
    }
}
