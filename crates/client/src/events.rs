//! The live events of a repository, as a stream that goes on by itself where it was when a connection ends.
//!
//! Must not know: what is done about an event.

use crate::error::{Error, Kind};
use crate::outage::{Outage, may_pass};
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use futures_core::Stream;
use reqwest::Method;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;
use wire::native::events::Position;
pub use wire::native::events::{Event, JobThen, PipelineThen};

/// The server says something every 20 seconds; a connection that is silent for longer is none.
const SILENCE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(300);
/// No event comes near it.
const LONGEST: usize = 1 << 20;

/// What a stream of events says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamItem {
    /// The first of all: what the server holds now is what all later events build on. With the id of the last event before it.
    Ready(i64),
    /// Something changed.
    Event(Box<Event>),
    /// What was missed is no longer kept: look at everything again, later events build on that.
    Resync(i64),
}

/// A repository's events, from [`Client::events`]. A [`Stream`]; [`Events::next`] does without a crate for streams.
#[must_use = "nothing is asked until the next event is"]
pub struct Events {
    client: Client,
    repository: i32,
    pipeline: Option<i32>,
    after: Option<i64>,
    patience: Duration,
    outage: Outage,
    told: Option<Paged<StreamItem>>,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("repository", &self.repository).finish_non_exhaustive()
    }
}

impl Client {
    /// What changes in a repository from now on, each change once, in the order of the commits, until somebody stops listening. A restart
    /// or an outage of the server is survived for as long as [`Events::patience`] says; what is wrong with the first connection, or with
    /// the credential, is not.
    ///
    /// ```no_run
    /// # async fn example(client: stagepost_client::Client) -> Result<(), stagepost_client::Error> {
    /// use stagepost_client::events::Told;
    ///
    /// let mut events = client.events(2111976239);
    /// while let Some(told) = events.next().await? {
    ///     if let Told::Event(event) = told {
    ///         println!("{} of pipeline {}", event.kind, event.pipeline.id);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(&self, repository: i32) -> Events {
        Events {
            client: self.clone(),
            repository,
            pipeline: None,
            after: None,
            patience: PATIENCE,
            outage: Outage::default(),
            told: None,
        }
    }
}

impl Events {
    /// Only those of one pipeline. To be said before the first is taken.
    pub fn pipeline(mut self, pipeline: i32) -> Self {
        self.pipeline = Some(pipeline);
        self
    }

    /// Those after the one with this id instead of those from now on. To be said before the first is taken.
    pub fn after(mut self, id: i64) -> Self {
        self.after = Some(id);
        self
    }

    /// How long a server may be away before its error is the end; 5 minutes by default. To be said before the first is taken.
    pub fn outage_limit(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What is wrong now, while a connection is tried again.
    pub fn outage(&self) -> Option<Error> {
        self.outage.error()
    }

    /// What comes next; it has no end but an error. Nothing is lost when this is dropped before it is done.
    ///
    /// # Errors
    /// [`Error`], after which there is nothing more.
    pub async fn next(&mut self) -> Result<Option<StreamItem>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    fn listening(&self) -> Paged<StreamItem> {
        let line = SseField {
            client: self.client.clone(),
            repository: self.repository,
            pipeline: self.pipeline,
            last: self.after,
            patience: Duration::ZERO,
            outage: self.outage.clone(),
            answer: None,
            begun: false,
            text: Text::default(),
        };
        let patience = self.patience;
        Paged::new(
            Arc::new(Mutex::new(line)),
            |(), ()| true,
            move |line: Arc<Mutex<SseField>>, _: Option<()>, _| async move {
                let mut line = line.lock().await;
                let items = line.hear().await?;
                line.patience = patience;
                Ok(Page { items, next: Some(()) })
            },
        )
    }
}

impl Stream for Events {
    type Item = Result<StreamItem, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut told = this.told.take().unwrap_or_else(|| this.listening());
        let polled = Pin::new(&mut told).poll_next(cx);
        this.told = Some(told);
        polled
    }
}

/// The connection, and how far it is.
struct SseField {
    client: Client,
    repository: i32,
    pipeline: Option<i32>,
    last: Option<i64>,
    patience: Duration,
    outage: Outage,
    answer: Option<reqwest::Response>,
    /// That the server is ready was told already.
    begun: bool,
    text: Text,
}

impl SseField {
    /// What comes next, over as many connections as it takes.
    async fn hear(&mut self) -> Result<Vec<StreamItem>, Error> {
        loop {
            let heard = self.hear_once().await;
            match heard {
                Ok(told) if told.is_empty() => {}
                Ok(told) => return Ok(told),
                Err(error) if may_pass(&error) => {
                    self.answer = None;
                    self.outage.pause(error, self.patience).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn hear_once(&mut self) -> Result<Vec<StreamItem>, Error> {
        let answer = match &mut self.answer {
            Some(answer) => answer,
            None => {
                self.text = Text::default();
                let answer = self.client.open(&self.request()).await?;
                self.answer.insert(answer)
            }
        };
        let chunk = timeout(SILENCE, answer.chunk()).await;
        let chunk = chunk.map_err(|_| Error::unreachable("the stream of events went silent"))?;
        let chunk = chunk.map_err(|error| Error::from_transport(&error))?;
        let chunk = chunk.ok_or_else(|| Error::unreachable("the server ended the stream of events"))?;
        let mut told = Vec::new();
        for said in self.text.take(&chunk)? {
            told.extend(self.understand(said)?);
        }
        Ok(told)
    }

    fn request(&self) -> Request {
        let query = [
            ("repository", Some(self.repository.to_string())),
            ("pipeline", self.pipeline.map(|id| id.to_string())),
            ("after", self.last.map(|id| id.to_string())),
        ];
        Request::new(Method::GET, self.client.url(&["native", "v1", "events"], &query))
    }

    fn understand(&mut self, said: ServerNotice) -> Result<Option<StreamItem>, Error> {
        let unread =
            |error: serde_json::Error| Error::unexpected(200, &format!("an event cannot be read: {error}"));
        let position =
            || serde_json::from_str(&said.data).map(|at: Position| at.last_event_id).map_err(unread);
        let told = match said.name.as_str() {
            "ready" => {
                self.outage.greet();
                let last = position()?;
                self.last = Some(last);
                (!std::mem::replace(&mut self.begun, true)).then_some(StreamItem::Ready(last))
            }
            name => {
                // More than a greeting: this connection is a good one.
                self.outage.end();
                match name {
                    "resync" => {
                        let last = position()?;
                        (self.last, self.begun) = (Some(last), true);
                        Some(StreamItem::Resync(last))
                    }
                    "ping" => {
                        self.last = Some(position()?);
                        None
                    }
                    _ => {
                        let event: Event = serde_json::from_str(&said.data).map_err(unread)?;
                        self.last = Some(event.id);
                        Some(StreamItem::Event(Box::new(event)))
                    }
                }
            }
        };
        Ok(told)
    }
}

/// One event of the stream's text.
#[derive(Debug, Default, PartialEq)]
struct ServerNotice {
    name: String,
    data: String,
}

/// The text of a stream as it comes, in pieces of any size.
#[derive(Default)]
struct Text {
    line: Vec<u8>,
    said: ServerNotice,
}

impl Text {
    /// The events that are whole now.
    fn take(&mut self, chunk: &[u8]) -> Result<Vec<ServerNotice>, Error> {
        let mut whole = Vec::new();
        for &byte in chunk {
            if byte != b'\n' {
                self.line.push(byte);
                if self.line.len() + self.said.data.len() > LONGEST {
                    return Err(Error::local(Kind::Other, "an event is too long"));
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                let said = std::mem::take(&mut self.said);
                if !said.data.is_empty() {
                    whole.push(said);
                }
                continue;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "event" => self.said.name = value.to_owned(),
                "data" => {
                    if !self.said.data.is_empty() {
                        self.said.data.push('\n');
                    }
                    self.said.data.push_str(value);
                }
                // Comments, and what the data says as well.
                _ => {}
            }
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_from_pieces_of_any_size() {
        let text = ": hello\nretry: 3000\nid: 1\nevent: ready\ndata: {\"a\":\ndata:1}\n\nid: 2\r\nevent:ping\r\ndata: 任务\r\n\r\n\n";
        let whole = [("ready", "{\"a\":\n1}"), ("ping", "任务")]
            .map(|(name, data)| ServerNotice { name: name.into(), data: data.into() });
        for size in 1..text.len() {
            let mut reader = Text::default();
            let said: Vec<ServerNotice> =
                text.as_bytes().chunks(size).flat_map(|c| reader.take(c).unwrap()).collect();
            assert_eq!(said, whole, "{size}");
        }
        let mut reader = Text::default();
        assert!((0..=LONGEST).any(|_| reader.take(b"x").is_err()), "it has an end");
    }
}
