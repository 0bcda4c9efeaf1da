//! Events in the format of Server-Sent Events.

use super::translate;
use crate::http::budget::{Budget, Reserved};
use bytes::Bytes;
use domain::error::{Error, Result};
use domain::model::events::Event;
use domain::model::ids::PipelineId;
use serde::Serialize;
use std::sync::Arc;
use wire::native::events::Position;

/// An event as text.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The event's number in its repository.
    pub number: i64,
    /// The pipeline that the event is about, if it is about one.
    pub pipeline: Option<PipelineId>,
    /// The commit.
    pub sha: Arc<str>,
    /// The whole text.
    pub text: Bytes,
    /// The memory of the text, while followers have not sent it.
    reserved: Option<Arc<Reserved>>,
}

impl Frame {
    /// Renders an event.
    ///
    /// # Errors
    /// [`Error::Internal`] if the event cannot be serialized, which does not happen.
    pub fn of(event: &Event) -> Result<Self> {
        let json = translate::event(event);
        let text = write(event.number, &json.kind, &json)?;
        let pipeline = event.pipeline().map(|pipeline| pipeline.id);
        Ok(Self { number: event.number, pipeline, sha: event.sha().into(), text, reserved: None })
    }
}

impl Frame {
    /// Reserves memory for the text. If there is none, the frame loses it.
    pub fn reserve(&mut self, budget: &Arc<Budget>) {
        let mut reserved = budget.open(None);
        if reserved.add(self.text.len()) {
            self.reserved = Some(Arc::new(reserved));
        } else {
            self.text = Bytes::new();
        }
    }

    /// Whether it has its text.
    pub fn is_whole(&self) -> bool {
        !self.text.is_empty()
    }
}

/// Renders an event of the stream itself: `ready`, `resync` or `ping`.
pub fn control(name: &str, last: i64) -> Result<Bytes> {
    write(last, name, &Position { last_event_id: last })
}

fn write(id: i64, name: &str, data: &impl Serialize) -> Result<Bytes> {
    let data = serde_json::to_string(data)
        .map_err(|error| Error::Internal(format!("an event cannot be serialized: {error}")))?;
    Ok(format!("id: {id}\nevent: {name}\ndata: {data}\n\n").into())
}
