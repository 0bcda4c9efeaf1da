//! Reading events, waiting for them, and forgetting the old ones.

use super::access::{Granted, Reads};
use crate::error::Result;
use crate::ports::{App, EventPage};
use jiff::{SignedDuration, Timestamp};

/// The events after the one numbered `after`, at most `limit`.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn list(app: &App, by: &Granted<Reads>, after: i64, limit: u32) -> Result<EventPage> {
    app.store.events(by.repository().id, after, limit).await
}

/// Deletes the events that were recorded longer ago than `kept`, in small steps: the round that a server makes by itself. Says how many.
///
/// # Errors
/// [`crate::Error::Unavailable`]; what was deleted before it stays deleted.
pub async fn delete_old(app: &App, kept: SignedDuration) -> Result<u64> {
    let before = app.clock.now().checked_sub(kept).unwrap_or(Timestamp::MIN);
    let mut all = 0;
    loop {
        let forgotten = app.store.delete_old_events(before).await?;
        all += forgotten;
        if forgotten == 0 {
            return Ok(all);
        }
    }
}
