//! `Retry-After` (RFC 9110, section 10.2.3): a number of seconds, or an HTTP date.

use domain::model::deliveries::RETRY_AFTER_MAX;
use domain::{SignedDuration, Timestamp};
use std::time::{Duration, UNIX_EPOCH};

/// The requested delay from now on, at most [`RETRY_AFTER_MAX`]; `None` for any other text and for a past date.
/// A date is relative to `date`, the `Date` of the response, so that the receiver's clock may differ from ours.
pub fn parse(text: &str, date: Option<&str>, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    let delay = if text.bytes().next()?.is_ascii_digit() {
        seconds(text)?
    } else {
        let delay = date_second(text)? - date.and_then(date_second).unwrap_or(now.as_second());
        (delay >= 0).then(|| SignedDuration::from_secs(delay))?
    };
    Some(delay.min(RETRY_AFTER_MAX))
}

/// The delay until a time in seconds since 1970, at most [`RETRY_AFTER_MAX`]; `None` for any other text. `date` is as
/// in [`parse`]. A time in the past means no delay.
pub fn until(text: &str, date: Option<&str>, now: Timestamp) -> Option<SignedDuration> {
    let at: i64 = text.trim().parse().ok()?;
    let delay = at.saturating_sub(date.and_then(date_second).unwrap_or(now.as_second()));
    Some(SignedDuration::from_secs(delay.max(0)).min(RETRY_AFTER_MAX))
}

/// The seconds from 1970 to an HTTP date.
fn date_second(text: &str) -> Option<i64> {
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    date.duration_since(UNIX_EPOCH).ok()?.as_secs().try_into().ok()
}

/// A number of seconds. Some servers send a fraction, which is rounded up.
fn seconds(text: &str) -> Option<SignedDuration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let round_up = u64::from(fraction.bytes().any(|b| b != b'0'));
    // Only a number that is too large does not parse.
    let seconds = whole.parse::<u64>().unwrap_or(u64::MAX).saturating_add(round_up);
    Some(SignedDuration::try_from(Duration::from_secs(seconds)).unwrap_or(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 29 Nov 2026 10:00:00 GMT";

    fn seconds_of(text: &str, date: Option<&str>) -> Option<i64> {
        parse(text, date, "2026-11-29T10:00:30Z".parse().unwrap()).map(|delay| delay.as_secs())
    }

    #[test]
    fn a_limit_ends_at_a_second() {
        let now = "2026-11-29T10:00:30Z".parse().unwrap();
        for (text, date, delay) in [
            ("1795946490", None, Some(60)),
            ("1795946490", Some(DATE), Some(90)),
            ("1795946400", None, Some(0)),
            ("9999999999999999999", None, None),
            ("99999999999999", None, Some(86_400)),
            ("-9223372036854775808", None, Some(0)),
            ("soon", None, None),
        ] {
            assert_eq!(until(text, date, now).map(|delay| delay.as_secs()), delay, "{text} {date:?}");
        }
    }

    #[test]
    fn seconds_and_dates_are_limited_to_one_day() {
        for (text, delay) in [
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("0", Some(0)),
            ("1.25", Some(2)),
            ("86400", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Sun, 29 Nov 2026 10:02:00 GMT", Some(120)),
            ("Sunday, 29-Nov-26 10:02:00 GMT", Some(120)),
            ("Sun Nov 29 10:02:00 2026", Some(120)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("Sun, 29 Nov 2026 09:59:00 GMT", None),
            ("Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("-5", None),
            ("+5", None),
            ("1e9", None),
            ("120 seconds", None),
            ("2026-11-29T10:02:00Z", None),
            ("tomorrow", None),
            ("", None),
            ("NaN", None),
        ] {
            assert_eq!(seconds_of(text, Some(DATE)), delay, "{text:?}");
        }
    }

    #[test]
    fn a_date_is_relative_to_the_clock_of_the_receiver_if_it_is_known() {
        let at = "Sun, 29 Nov 2026 10:02:00 GMT";
        assert_eq!(seconds_of(at, Some("Sun, 29 Nov 2026 10:01:00 GMT")), Some(60));
        assert_eq!((seconds_of(at, None), seconds_of(at, Some("now"))), (Some(90), Some(90)));
    }
}
