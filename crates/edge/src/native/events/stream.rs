//! The stream of one follower: from its last event on, without gaps or repetitions, until the client
//! disconnects, the server stops, or the caller loses access.

use crate::events::frame;
use crate::events::hub::Subscription;
use crate::http::listen::Stopping;
use crate::routes::AccessRecheck;
use crate::state::Edge;
use bytes::{Bytes, BytesMut};
use domain::actions::access::Reads;
use domain::actions::events;
use domain::error::Result;
use domain::model::ids::PipelineId;
use domain::ports::{Requester, as_requester};
use hyper::body::{Body, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::time::Interval;

/// Events in one read of a follower that is behind.
const BATCH: u32 = 100;

/// The state of a stream.
pub struct Follower {
    pub edge: Arc<Edge>,
    pub access: AccessRecheck<Reads>,
    pub events: Subscription,
    /// The only pipeline whose events are sent; `None`: all.
    pub pipeline: Option<PipelineId>,
    /// The number of the last event that was sent or skipped.
    pub last: i64,
    /// Whether the store may have later events that the subscription does not deliver.
    pub behind: bool,
    pub ping: Interval,
    pub stopping: Stopping,
    pub _counted: Counted,
}

enum Wakeup {
    Event(Option<frame::Frame>),
    Ping,
    Stop,
}

impl Follower {
    /// The next event to send; `None`: the stream ends. A client that reconnects gets the reason as an error.
    async fn next(&mut self) -> Option<Bytes> {
        match self.try_next().await {
            Ok(next) => next,
            Err(error) => {
                tracing::debug!(%error, "a stream of events ends");
                None
            }
        }
    }

    async fn try_next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.behind {
                let text = self.catch_up().await?;
                if !text.is_empty() {
                    return Ok(Some(text));
                }
                continue;
            }
            let wakeup = tokio::select! {
                biased;
                () = self.stopping.wait() => Wakeup::Stop,
                event = self.events.next() => Wakeup::Event(event),
                _ = self.ping.tick() => Wakeup::Ping,
            };
            match wakeup {
                Wakeup::Stop => return Ok(None),
                Wakeup::Event(Some(event)) if event.number <= self.last => {}
                Wakeup::Event(Some(event)) if event.number == self.last + 1 && event.is_whole() => {
                    self.last = event.number;
                    if self.wants(event.pipeline) {
                        self.access.proof(&self.edge).await?;
                        return Ok(Some(event.text));
                    }
                }
                Wakeup::Event(_) => self.behind = true,
                Wakeup::Ping => {
                    self.access.proof(&self.edge).await?;
                    // It has an id, so that a client of few events does not reconnect with an old one.
                    return frame::control("ping", self.last).map(Some);
                }
            }
        }
    }

    fn wants(&self, pipeline: Option<PipelineId>) -> bool {
        self.pipeline.is_none_or(|wanted| pipeline == Some(wanted))
    }

    /// A batch of events from the store after the last one.
    async fn catch_up(&mut self) -> Result<Bytes> {
        let proof = self.access.proof(&self.edge).await?;
        let page = events::list(&self.edge.app, &proof, self.last, BATCH).await?;
        if page.oldest > self.last + 1 {
            (self.last, self.behind) = (page.last, false);
            return frame::control("resync", self.last);
        }
        self.behind = page.events.len() == BATCH as usize;
        let mut text = BytesMut::new();
        for event in &page.events {
            self.last = event.number;
            if self.wants(event.pipeline().map(|pipeline| pipeline.id)) {
                text.extend_from_slice(&frame::Frame::of(event)?.text);
            }
        }
        Ok(text.freeze())
    }
}

type NextChunk = Pin<Box<dyn Future<Output = Option<(Follower, Bytes)>> + Send>>;

/// A follower as the body of a response.
pub struct Stream {
    first: Option<Bytes>,
    next: Option<NextChunk>,
}

impl Stream {
    /// The stream of a follower that begins with `first`.
    pub fn new(first: Bytes, follower: Follower) -> Self {
        Self { first: Some(first), next: Some(next_chunk(follower)) }
    }
}

fn next_chunk(mut follower: Follower) -> NextChunk {
    let requester = Requester::User(follower.access.user());
    Box::pin(as_requester(requester, async move { follower.next().await.map(|text| (follower, text)) }))
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let Some(running) = &mut this.next else { return Poll::Ready(None) };
        let next = ready!(running.as_mut().poll(cx));
        this.next = None;
        Poll::Ready(next.map(|(follower, text)| {
            this.next = Some(next_chunk(follower));
            Ok(Frame::data(text))
        }))
    }
}

/// Counts a stream in the gauge while it exists.
pub struct Counted(());

impl Counted {
    pub fn new() -> Self {
        metrics::gauge!("stagepost_event_streams").increment(1);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("stagepost_event_streams").decrement(1);
    }
}
