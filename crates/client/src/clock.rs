//! The clock that dates signatures.

use std::time::UNIX_EPOCH;

/// Returns the seconds since 1970-01-01T00:00:00Z. Tests pass their own.
pub type Clock = fn() -> i64;

/// The system clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the client reads the system clock")]
pub fn system_clock() -> i64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The system clock in milliseconds, the resolution of the times in reports.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the system clock with the resolution of reports")]
pub fn system_clock_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
