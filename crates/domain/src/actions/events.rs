//! Reading events and deleting old ones.

use super::access::{Granted, Reads};
use crate::error::Result;
use crate::ports::{App, EventPage};
use jiff::SignedDuration;

/// At most `limit` events with numbers greater than `after`.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn list(app: &App, by: &Granted<Reads>, after: i64, limit: u32) -> Result<EventPage> {
    app.store.events(by.repository().id, after, limit).await
}

/// Deletes the events that are older than `retention`, in small steps. The server calls it periodically.
/// Returns how many.
///
/// # Errors
/// [`crate::Error::Unavailable`]; earlier steps stay committed.
pub async fn delete_old(app: &App, retention: SignedDuration) -> Result<u64> {
    let time = app.trusted_time();
    let before = time.cutoff(retention);
    let mut total = 0;
    loop {
        let deleted = app.store.delete_old_events(before, time.now()).await?;
        total += deleted;
        if deleted == 0 {
            return Ok(total);
        }
    }
}
