//! Durations with a unit: `90d`, `12h`, `10m`, `30s`.

use crate::exit::Failure;
use crate::messages::Text;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The units, largest first, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// The longest duration in seconds: ten years.
const MAX_SECONDS: u64 = 3_650 * 86_400;

/// Parses a duration.
pub fn parse(text: &str) -> Result<Duration, Failure> {
    let invalid = || Failure::usage(Text::InvalidDuration.with(&[("text", &text)]));
    let unit = text.chars().last().ok_or_else(invalid)?;
    let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit).ok_or_else(invalid)?;
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| invalid())?;
    number.checked_mul(seconds).filter(|s| *s <= MAX_SECONDS).map(Duration::from_secs).ok_or_else(invalid)
}

/// Formats seconds in the largest unit without a fraction. [`parse`] reads the result.
pub fn format(seconds: i64) -> String {
    let is_multiple = |(_, unit): &(char, u64)| seconds != 0 && seconds.unsigned_abs().is_multiple_of(*unit);
    let (letter, unit) = UNITS.into_iter().find(is_multiple).unwrap_or(('s', 1));
    format!("{}{letter}", seconds / i64::try_from(unit).unwrap_or(1))
}

/// Parses an RFC 3339 time, or a duration after now. The error names the flag.
pub fn after_now(flag: &str, text: &str) -> Result<String, Failure> {
    parse_time(flag, text, |now, duration| now.checked_add(duration))
}

/// Parses an RFC 3339 time, or a duration before now. The error names the flag.
pub fn before_now(flag: &str, text: &str) -> Result<String, Failure> {
    parse_time(flag, text, |now, duration| now.checked_sub(duration))
}

fn parse_time(
    flag: &str,
    text: &str,
    shift: impl FnOnce(Timestamp, SignedDuration) -> Result<Timestamp, jiff::Error>,
) -> Result<String, Failure> {
    if text.parse::<Timestamp>().is_ok() {
        return Ok(text.to_owned());
    }
    let now = Timestamp::from_second(stagepost_client::system_clock()).map_err(Failure::error)?;
    let invalid = |_| Failure::usage(Text::InvalidTime.with(&[("flag", &flag), ("text", &text)]));
    let duration = SignedDuration::try_from(parse(text).map_err(invalid)?).map_err(Failure::error)?;
    Ok(shift(now, duration).map_err(Failure::error)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_a_unit() {
        assert_eq!(parse("90d").unwrap(), Duration::from_secs(90 * 86_400));
        assert_eq!(parse("10m").unwrap(), Duration::from_secs(600));
        for bad in ["", "d", "10", "-1d", "1.5h", "99999999999d", "10é"] {
            assert_eq!(parse(bad).unwrap_err().code(), 2, "{bad}");
        }
    }

    #[test]
    fn formatted_durations_can_be_parsed() {
        for (seconds, text) in
            [(1, "1s"), (90, "90s"), (120, "2m"), (7_200, "2h"), (86_400, "1d"), (90_000, "25h"), (0, "0s")]
        {
            assert_eq!(format(seconds), text);
            assert_eq!(parse(text).unwrap().as_secs(), u64::try_from(seconds).unwrap());
        }
    }

    #[test]
    fn a_time_may_be_relative_to_now() {
        assert_eq!(before_now("--since", "2026-11-24T08:00:00+08:00").unwrap(), "2026-11-24T08:00:00+08:00");
        let (ago, ahead) = (before_now("--since", "2h").unwrap(), after_now("--expires", "2h").unwrap());
        let apart = ahead.parse::<Timestamp>().unwrap().duration_since(ago.parse::<Timestamp>().unwrap());
        assert!((14_400..=14_401).contains(&apart.as_secs()), "{ago} {ahead}");
        for bad in ["yesterday", "2026-11-24", "2026-11-24T08:00:00", "99999d", ""] {
            let failure = after_now("--expires", bad).unwrap_err();
            assert_eq!(failure.code(), 2, "{bad}");
            assert!(
                failure.message().unwrap().starts_with(&format!("--expires: '{bad}' is neither")),
                "{failure:?}"
            );
        }
    }
}
