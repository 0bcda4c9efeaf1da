//! The time of signing, header `X-Sdk-Date: YYYYMMDDTHHMMSSZ` (UTC), and how long a signature is valid.

use super::{DATE_HEADER, SignedRequest};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use std::str::FromStr;

/// How far the time of signing may be from the server's, in seconds, in both directions and inclusive. The
/// real gateway returned `signature expired` at 15 min 1 s.
pub const WINDOW_SECONDS: u64 = 900;

/// 1970-01-01T00:00:00.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// 9999-12-31T23:59:59Z, the last time with a year of four digits, in seconds since 1970.
const LAST: i64 = 253_402_300_799;

/// A time in UTC, in whole seconds, from 1970-01-01T00:00:00 to 9999-12-31T23:59:59. Displays as
/// `YYYYMMDDTHHMMSSZ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SdkDate(DateTime);

/// Why a request has no usable time of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateError {
    /// There is no `X-Sdk-Date`, or more than one.
    NotOne,
    /// It is not `YYYYMMDDTHHMMSSZ` or no day of the calendar.
    Invalid,
}

impl std::fmt::Display for DateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotOne => "exactly one X-Sdk-Date header is required",
            Self::Invalid => "X-Sdk-Date must be a time like 20260131T235959Z",
        })
    }
}

impl std::error::Error for DateError {}

/// The signature is too old, or from too far in the future. Displays as the gateway words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// The time of signing according to the request.
    pub signed: SdkDate,
    /// The server's time.
    pub server: SdkDate,
}

impl std::fmt::Display for Expired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "signature expired, signature time:{},server time:{}", self.signed, self.server)
    }
}

impl std::error::Error for Expired {}

impl SdkDate {
    /// The time this many seconds after 1970-01-01T00:00:00Z. A time out of range becomes the nearest one in
    /// range.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(EPOCH.saturating_add(SignedDuration::from_secs(seconds.clamp(0, LAST))))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.duration_since(EPOCH).as_secs()
    }

    /// Reads exactly `YYYYMMDDTHHMMSSZ`.
    ///
    /// # Errors
    /// [`DateError::Invalid`] for any other form, days that are not in the calendar, leap seconds and years
    /// before 1970.
    pub fn parse(text: &[u8]) -> Result<Self, DateError> {
        let &[y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] = text else {
            return Err(DateError::Invalid);
        };
        let year = number(&[y1, y2, y3, y4])?;
        let date = Date::new(year, number(&[m1, m2])?, number(&[d1, d2])?);
        let time = Time::new(number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?, 0);
        match (date, time) {
            (Ok(date), Ok(time)) if year >= 1970 => Ok(Self(date.to_datetime(time))),
            _ => Err(DateError::Invalid),
        }
    }
}

impl std::fmt::Display for SdkDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.strftime("%Y%m%dT%H%M%SZ").fmt(f)
    }
}

/// The time of signing that a request states.
///
/// # Errors
/// [`DateError`] unless there is exactly one `X-Sdk-Date` header and it is a time.
pub fn request_date(request: &SignedRequest<'_>) -> Result<SdkDate, DateError> {
    SdkDate::parse(request.single_header(DATE_HEADER).ok_or(DateError::NotOne)?)
}

/// Whether a signature of this time is within its window at `now_unix_seconds`.
///
/// # Errors
/// [`Expired`] if they are more than [`WINDOW_SECONDS`] apart.
pub fn check_window(date: SdkDate, now_unix_seconds: i64) -> Result<(), Expired> {
    if date.unix_seconds().abs_diff(now_unix_seconds) <= WINDOW_SECONDS {
        return Ok(());
    }
    Err(Expired { signed: date, server: SdkDate::from_unix_seconds(now_unix_seconds) })
}

/// Reads decimal digits, without a sign.
fn number<T: FromStr>(digits: &[u8]) -> Result<T, DateError> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    text.and_then(|text| text.parse().ok()).ok_or(DateError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::{DateError, LAST, SdkDate, check_window};

    const DAY: i64 = 86_400;

    #[test]
    fn reads_and_writes_the_same_seconds() {
        for (text, seconds) in [
            ("19700101T000000Z", 0),
            ("20000229T120000Z", 951_825_600),
            ("20211217T064303Z", 1_639_723_383),
            ("20240229T235959Z", 1_709_251_199),
            ("20261123T193110Z", 1_795_462_270),
            ("21000228T000000Z", 4_107_456_000),
            ("99991231T235959Z", LAST),
        ] {
            assert_eq!(SdkDate::parse(text.as_bytes()).map(SdkDate::unix_seconds), Ok(seconds), "{text}");
            assert_eq!(SdkDate::from_unix_seconds(seconds).to_string(), text);
        }
        assert_eq!(SdkDate::from_unix_seconds(i64::MIN).to_string(), "19700101T000000Z");
        assert_eq!(SdkDate::from_unix_seconds(i64::MAX).to_string(), "99991231T235959Z");
    }

    #[test]
    fn every_day_comes_back() {
        for day in 0..=LAST / DAY {
            let date = SdkDate::from_unix_seconds(day * DAY + 3_723);
            assert_eq!(SdkDate::parse(date.to_string().as_bytes()), Ok(date));
        }
    }

    #[test]
    fn refuses_other_forms_and_impossible_days() {
        for bad in [
            "",
            "20261123T193110",
            "20261123193110Z",
            "2026-11-23T19:31:10Z",
            "20261123t193110z",
            "20261123T193110Z ",
            "+0261123T193110Z",
            "20261123T19311\u{663}",
            "20261323T193110Z",
            "20260023T193110Z",
            "20261100T193110Z",
            "20261131T193110Z",
            "20260229T193110Z",
            "21000229T193110Z",
            "20261123T243110Z",
            "20261123T196010Z",
            "20261123T193160Z",
            "19691231T235959Z",
        ] {
            assert_eq!(SdkDate::parse(bad.as_bytes()), Err(DateError::Invalid), "{bad:?}");
        }
    }

    #[test]
    fn the_window_is_fifteen_minutes_inclusive() {
        let date = SdkDate::parse(b"20211217T064303Z").unwrap();
        let at = date.unix_seconds();
        for offset in [-900, -1, 0, 1, 900] {
            assert_eq!(check_window(date, at + offset), Ok(()));
        }
        assert!(check_window(date, at - 901).is_err());
        assert!(check_window(date, i64::MIN).is_err());
        let expired = check_window(date, at + 901).unwrap_err();
        assert_eq!(
            expired.to_string(),
            "signature expired, signature time:20211217T064303Z,server time:20211217T065804Z"
        );
    }
}
