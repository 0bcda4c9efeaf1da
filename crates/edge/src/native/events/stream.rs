//! One follower's stream: from where it was, without gaps or repeats, until it goes, the server stops, or it may no longer see them.

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
use hyper::body::{Body, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::time::Interval;

/// Events read at once by who is behind.
const AT_ONCE: u32 = 100;

/// A stream under way.
pub struct Follower {
    pub edge: Arc<Edge>,
    pub still: AccessRecheck<Reads>,
    pub events: Subscription,
    /// Only of this one.
    pub pipeline: Option<PipelineId>,
    /// The number of the last event that is behind it.
    pub last: i64,
    /// There may be later ones in the store that do not come by the subscription.
    pub behind: bool,
    pub ping: Interval,
    pub stopping: Stopping,
    pub _counted: Counted,
}

enum Woken {
    Event(Option<frame::Frame>),
    Ping,
    Stop,
}

impl Follower {
    /// What is sent next; `None`: nothing more. Whoever is cut off comes again and is told why.
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
            let woken = tokio::select! {
                biased;
                () = self.stopping.wait() => Woken::Stop,
                event = self.events.next() => Woken::Event(event),
                _ = self.ping.tick() => Woken::Ping,
            };
            match woken {
                Woken::Stop => return Ok(None),
                Woken::Event(Some(event)) if event.number <= self.last => {}
                Woken::Event(Some(event)) if event.number == self.last + 1 => {
                    self.last = event.number;
                    if self.wants(event.pipeline) {
                        self.still.proof(&self.edge).await?;
                        return Ok(Some(event.text));
                    }
                }
                Woken::Event(_) => self.behind = true,
                Woken::Ping => {
                    self.still.proof(&self.edge).await?;
                    // With its id, so that who wants few events does not come back from far behind.
                    return frame::own("ping", self.last).map(Some);
                }
            }
        }
    }

    fn wants(&self, pipeline: PipelineId) -> bool {
        self.pipeline.is_none_or(|wanted| wanted == pipeline)
    }

    /// Some of what is in the store after the last one.
    async fn catch_up(&mut self) -> Result<Bytes> {
        let proof = self.still.proof(&self.edge).await?;
        let page = events::list(&self.edge.app, &proof, self.last, AT_ONCE).await?;
        if page.oldest > self.last + 1 {
            (self.last, self.behind) = (page.last, false);
            return frame::own("resync", self.last);
        }
        self.behind = page.events.len() == AT_ONCE as usize;
        let mut text = BytesMut::new();
        for event in &page.events {
            self.last = event.number;
            if self.wants(event.pipeline.id) {
                text.extend_from_slice(&frame::Frame::of(event)?.text);
            }
        }
        Ok(text.freeze())
    }
}

type Step = Pin<Box<dyn Future<Output = Option<(Follower, Bytes)>> + Send>>;

/// A follower as the body of an answer.
pub struct Stream {
    first: Option<Bytes>,
    step: Option<Step>,
}

impl Stream {
    /// Sends `first` before all else.
    pub fn new(first: Bytes, follower: Follower) -> Self {
        Self { first: Some(first), step: Some(step(follower)) }
    }
}

fn step(mut follower: Follower) -> Step {
    Box::pin(async move { follower.next().await.map(|text| (follower, text)) })
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
        let Some(running) = &mut this.step else { return Poll::Ready(None) };
        let next = ready!(running.as_mut().poll(cx));
        this.step = None;
        Poll::Ready(next.map(|(follower, text)| {
            this.step = Some(step(follower));
            Ok(Frame::data(text))
        }))
    }
}

/// One in the gauge.
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
