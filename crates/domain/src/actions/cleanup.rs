//! Deleting expired credentials and old responses to requests with an idempotency key. Both are already
//! without effect: an expired credential is refused by the wall clock at once.

use crate::error::Result;
use crate::ports::{App, ExpiredRows};
use jiff::SignedDuration;

/// How long the response to a request with an idempotency key is kept.
pub const RESPONSES_KEPT: SignedDuration = SignedDuration::from_hours(72);
/// How long an expired temporary key is kept, so that a request with it gets the error that it has expired.
pub const EXPIRED_KEYS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Deletes expired credentials and old responses, in small steps. The server calls it periodically. Returns
/// how many.
///
/// # Errors
/// [`crate::Error::Unavailable`]; earlier steps stay committed.
pub async fn delete_expired(app: &App) -> Result<u64> {
    let time = app.trusted_time();
    let expired = time.certain();
    let rows = ExpiredRows {
        expired_before: expired,
        keys_expired_before: expired.checked_sub(EXPIRED_KEYS_KEPT).unwrap_or(expired),
        responses_before: time.cutoff(RESPONSES_KEPT),
    };
    let mut total = 0;
    loop {
        let deleted = app.store.delete_expired_rows(rows).await?;
        total += deleted;
        if deleted == 0 {
            return Ok(total);
        }
    }
}
