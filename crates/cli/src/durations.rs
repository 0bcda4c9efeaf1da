//! Durations as people write them: `90d`, `12h`, `10m`, `30s`.
//!
//! Must not know: what they are for.

use crate::exit::Failure;
use crate::messages::Text;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The units, largest first, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// The longest: ten years.
const LONGEST: u64 = 3_650 * 86_400;

/// Reads a duration.
pub fn parse(text: &str) -> Result<Duration, Failure> {
    let wrong = || Failure::usage(Text::BadDuration.with(&[("text", &text)]));
    let unit = text.chars().last().ok_or_else(wrong)?;
    let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit).ok_or_else(wrong)?;
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).filter(|s| *s <= LONGEST).map(Duration::from_secs).ok_or_else(wrong)
}

/// Writes seconds so that [`parse`] reads them: in the largest unit that needs no fraction.
pub fn show(seconds: i64) -> String {
    let fits = |(_, unit): &(char, u64)| seconds != 0 && seconds.unsigned_abs().is_multiple_of(*unit);
    let (letter, unit) = UNITS.into_iter().find(fits).unwrap_or(('s', 1));
    format!("{}{letter}", seconds / i64::try_from(unit).unwrap_or(1))
}

/// A time: an RFC 3339 one as it is, or so long after now. What is neither is told with its flag.
pub fn after_now(flag: &str, text: &str) -> Result<String, Failure> {
    moment(flag, text, |now, time| now.checked_add(time))
}

/// A time: an RFC 3339 one as it is, or so long before now. What is neither is told with its flag.
pub fn before_now(flag: &str, text: &str) -> Result<String, Failure> {
    moment(flag, text, |now, time| now.checked_sub(time))
}

fn moment(
    flag: &str,
    text: &str,
    place: impl FnOnce(Timestamp, SignedDuration) -> Result<Timestamp, jiff::Error>,
) -> Result<String, Failure> {
    if text.parse::<Timestamp>().is_ok() {
        return Ok(text.to_owned());
    }
    let now = Timestamp::from_second(stagepost_client::system_clock()).map_err(Failure::error)?;
    let wrong = |_| Failure::usage(Text::BadTime.with(&[("flag", &flag), ("text", &text)]));
    let time = SignedDuration::try_from(parse(text).map_err(wrong)?).map_err(Failure::error)?;
    Ok(place(now, time).map_err(Failure::error)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse("90d").unwrap(), Duration::from_secs(90 * 86_400));
        assert_eq!(parse("10m").unwrap(), Duration::from_secs(600));
        for bad in ["", "d", "10", "-1d", "1.5h", "99999999999d", "10é"] {
            assert_eq!(parse(bad).unwrap_err().code(), 2, "{bad}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read() {
        for (seconds, text) in
            [(1, "1s"), (90, "90s"), (120, "2m"), (7_200, "2h"), (86_400, "1d"), (90_000, "25h"), (0, "0s")]
        {
            assert_eq!(show(seconds), text);
            assert_eq!(parse(text).unwrap().as_secs(), u64::try_from(seconds).unwrap());
        }
    }

    #[test]
    fn a_time_may_be_near_now() {
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
