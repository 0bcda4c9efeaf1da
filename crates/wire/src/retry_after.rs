//! HTTP dates, and the response header `Retry-After`: how long a client waits before it repeats a request.

use std::time::{Duration, UNIX_EPOCH};

/// The longest pause that is returned, so that a sum with a time cannot overflow: one year.
const MAX_SECONDS: u64 = 365 * 86_400;

/// Parses an HTTP date in any of its three formats (RFC 9110, 5.6.7) to seconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn parse_http_date(value: &str) -> Option<i64> {
    let at = httpdate::parse_http_date(value.trim()).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(at.as_secs()).ok()
}

/// Parses `Retry-After` (RFC 9110, 10.2.3): a number of seconds, or an HTTP date. `now` is in
/// seconds since 1970-01-01T00:00:00Z. A date in the past is zero; any other text is `None`.
#[must_use]
pub fn parse_retry_after(value: &str, now: i64) -> Option<Duration> {
    let value = value.trim();
    let seconds = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a u64 holds are a long pause as well.
        value.parse().unwrap_or(u64::MAX)
    } else {
        u64::try_from(parse_http_date(value)?.saturating_sub(now)).unwrap_or_default()
    };
    Some(Duration::from_secs(seconds.min(MAX_SECONDS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_pauses() {
        // 2026-11-24T00:00:00Z
        let now = 1_795_478_400;
        for (value, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Tue, 24 Nov 2026 00:00:30 GMT", Some(30)),
            ("Tuesday, 24-Nov-26 00:01:00 GMT", Some(60)),
            ("Tue Nov 24 00:00:05 2026", Some(5)),
            ("Mon, 23 Nov 2026 23:59:00 GMT", Some(0)),
            ("99999999999999999999999", Some(MAX_SECONDS)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(MAX_SECONDS)),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("Tue, 24 Nov 2026", None),
        ] {
            assert_eq!(parse_retry_after(value, now), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
