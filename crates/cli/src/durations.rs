//! Durations and times of flags and settings. The syntax is that of [`domain::model::durations`].

use crate::exit::Failure;
use crate::messages::Text;
use domain::model::durations;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The longest duration: ten years.
const MAX: SignedDuration = domain::model::policies::DURATION_MAX;

/// Parses a duration of at most ten years: `30` (seconds), `90s`, `1h30m`, `2d`, `1w`. The error names the
/// flag.
pub fn parse(flag: &str, text: &str) -> Result<Duration, Failure> {
    parse_text(text)
        .ok_or_else(|| Failure::usage(Text::InvalidDuration.with(&[("flag", &flag), ("text", &text)])))
}

/// Checks that a retention period has a unit. The error names the flag.
pub fn require_unit(flag: &str, text: &str) -> Result<(), String> {
    let text = text.trim();
    if durations::is_number(text) {
        return Err(Text::RetentionWithoutUnit.with(&[("flag", &flag), ("text", &text)]));
    }
    Ok(())
}

/// As [`parse`], without a message.
pub fn parse_text(text: &str) -> Option<Duration> {
    Duration::try_from(durations::parse(text).filter(|duration| *duration <= MAX)?).ok()
}

/// Formats seconds in the largest unit without a fraction. [`parse`] reads the result.
pub fn format(seconds: i64) -> String {
    durations::format(SignedDuration::from_secs(seconds))
}

/// Formats seconds for people, in at most two units: `12s`, `1m12s`, `1h02m`, `2d03h`.
pub fn readable(seconds: i64) -> String {
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds}s"),
        (0, 0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (0, hours, minutes, _) => format!("{hours}h{minutes:02}m"),
        (days, hours, ..) => format!("{days}d{hours:02}h"),
    }
}

/// Parses a time, or a duration after now. The error names the flag.
pub fn after_now(flag: &str, text: &str) -> Result<String, Failure> {
    parse_time(flag, text, |now, duration| now.checked_add(duration))
}

/// Parses a time, or a duration before now. The error names the flag.
pub fn before_now(flag: &str, text: &str) -> Result<String, Failure> {
    parse_time(flag, text, |now, duration| now.checked_sub(duration))
}

/// A time is RFC 3339, or a date with or without a time of day, in UTC.
fn parse_time(
    flag: &str,
    text: &str,
    shift: impl FnOnce(Timestamp, SignedDuration) -> Result<Timestamp, jiff::Error>,
) -> Result<String, Failure> {
    let text = text.trim();
    if text.parse::<Timestamp>().is_ok() {
        return Ok(text.to_owned());
    }
    let date = || text.parse::<DateTime>().ok().or_else(|| Some(text.parse::<Date>().ok()?.into()));
    // A number without a unit is a duration, although `20261124` is also a date of ISO 8601.
    if let Some(at) = date().filter(|_| text.contains('-')) {
        return Ok(TimeZone::UTC.to_timestamp(at).map_err(Failure::usage)?.to_string());
    }
    let invalid = || Failure::usage(Text::InvalidTime.with(&[("flag", &flag), ("text", &text)]));
    let now = Timestamp::from_millisecond(stagepost_client::system_clock_millis()).map_err(Failure::error)?;
    let duration = SignedDuration::try_from(parse_text(text).ok_or_else(invalid)?).map_err(Failure::error)?;
    Ok(shift(now, duration).map_err(Failure::error)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_duration_is_named_with_its_flag() {
        assert_eq!(parse("--timeout", "1h30m").unwrap(), Duration::from_secs(5_400));
        assert_eq!(parse("--timeout", "30").unwrap(), Duration::from_secs(30));
        assert_eq!(parse("--timeout", "3650d").unwrap(), Duration::from_secs(3_650 * 86_400));
        for bad in ["", "d", "-1d", "1.5h", "3651d", "99999999999d", "10é"] {
            let failure = parse("--timeout", bad).unwrap_err();
            let start = format!("--timeout: '{bad}' is not a duration");
            assert_eq!(failure.code(), 2, "{bad}");
            assert!(failure.message().unwrap().starts_with(&start), "{failure:?}");
        }
    }

    #[test]
    fn readable_durations_have_two_units_at_most() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (72, "1m12s"),
            (3_723, "1h02m"),
            (86_399, "23h59m"),
            (86_400, "1d00h"),
            (200_000, "2d07h"),
            (86_400 * 400, "400d00h"),
        ] {
            assert_eq!(readable(seconds), text);
        }
    }

    #[test]
    fn a_time_may_be_a_date_or_relative_to_now() {
        assert_eq!(before_now("--since", "2026-11-24T08:00:00+08:00").unwrap(), "2026-11-24T08:00:00+08:00");
        assert_eq!(before_now("--since", "2026-11-24").unwrap(), "2026-11-24T00:00:00Z");
        assert_eq!(before_now("--since", "2026-11-24T08:30").unwrap(), "2026-11-24T08:30:00Z");
        let (ago, ahead) = (before_now("--since", "2h").unwrap(), after_now("--expires", "120m").unwrap());
        let apart = ahead.parse::<Timestamp>().unwrap().duration_since(ago.parse::<Timestamp>().unwrap());
        assert!((14_400..=14_401).contains(&apart.as_secs()), "{ago} {ahead}");
        for bad in ["yesterday", "2026-13-24", "24.11.2026", "99999d", ""] {
            let failure = after_now("--expires", bad).unwrap_err();
            assert_eq!(failure.code(), 2, "{bad}");
            assert!(
                failure.message().unwrap().starts_with(&format!("--expires: '{bad}' is neither")),
                "{failure:?}"
            );
        }
    }
}
