//! Server-Sent Events as text. Must not know who reads them.

use super::translate;
use bytes::Bytes;
use domain::error::{Error, Result};
use domain::model::events::Event;
use domain::model::ids::PipelineId;
use serde::Serialize;
use wire::native::events::Position;

/// An event as it is sent.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its number.
    pub number: i64,
    /// Whose it is.
    pub pipeline: PipelineId,
    /// All of it.
    pub text: Bytes,
}

impl Frame {
    /// # Errors
    /// [`Error::Internal`], which none of ours causes.
    pub fn of(event: &Event) -> Result<Self> {
        let said = translate::event(event);
        let text = write(event.number, &said.kind, &said)?;
        Ok(Self { number: event.number, pipeline: event.pipeline.id, text })
    }
}

/// One of the stream's own: `ready`, `resync` or `ping`.
pub fn own(name: &str, last: i64) -> Result<Bytes> {
    write(last, name, &Position { last_event_id: last })
}

fn write(id: i64, name: &str, data: &impl Serialize) -> Result<Bytes> {
    let data = serde_json::to_string(data)
        .map_err(|error| Error::Internal(format!("an event cannot be written: {error}")))?;
    Ok(format!("id: {id}\nevent: {name}\ndata: {data}\n\n").into())
}
