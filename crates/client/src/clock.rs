//! The time, as far as a client needs it: to sign requests.
//!
//! Must not know: what is done with the time.

use std::time::UNIX_EPOCH;

/// Seconds since 1970-01-01T00:00:00Z. Tests give their own.
pub type Clock = fn() -> i64;

/// The machine's clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the client reads the machine's clock")]
pub fn system_clock() -> i64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
