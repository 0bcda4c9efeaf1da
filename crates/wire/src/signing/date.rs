//! The time of signing, header `X-Sdk-Date: YYYYMMDDTHHMMSSZ` (UTC), and how long a signature lives.

use super::{DATE_HEADER, SignedRequest};

/// How far the time of signing may be from the server's, in seconds, in both directions and inclusive. The real
/// gateway answered `signature expired` at 15 min 1 s.
pub const WINDOW_SECONDS: u64 = 900;

/// Seconds per day.
const DAY: i64 = 86_400;
/// 9999-12-31T23:59:59Z, the last time with a year of four digits.
const LAST: i64 = 253_402_300_799;

/// A time in whole seconds from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z. Displays as `YYYYMMDDTHHMMSSZ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SdkDate(i64);

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

/// The signature is too old, or from too far in the future. Displays as the gateway says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// When the request says it was signed.
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
    /// The time this many seconds after 1970-01-01T00:00:00Z; the nearest one that a date can say if it is out
    /// of range.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(0, LAST))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0
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
        let month = number(&[m1, m2])?;
        let day = number(&[d1, d2])?;
        let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
        let valid = year >= 1970
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !valid {
            return Err(DateError::Invalid);
        }
        Ok(Self(days_from_epoch(year, month, day) * DAY + hour * 3600 + minute * 60 + second))
    }
}

impl std::fmt::Display for SdkDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = date_from_epoch(self.0 / DAY);
        let second = self.0 % DAY;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }
}

/// The time of signing that a request states.
///
/// # Errors
/// [`DateError`] unless there is exactly one `X-Sdk-Date` header and it is a time.
pub fn request_date(request: &SignedRequest<'_>) -> Result<SdkDate, DateError> {
    SdkDate::parse(request.single_header(DATE_HEADER).ok_or(DateError::NotOne)?)
}

/// Whether a signature of this time is still (or already) good at `now_unix_seconds`.
///
/// # Errors
/// [`Expired`] if they are more than [`WINDOW_SECONDS`] apart.
pub fn check_window(date: SdkDate, now_unix_seconds: i64) -> Result<(), Expired> {
    if date.0.abs_diff(now_unix_seconds) <= WINDOW_SECONDS {
        return Ok(());
    }
    Err(Expired { signed: date, server: SdkDate::from_unix_seconds(now_unix_seconds) })
}

fn number(digits: &[u8]) -> Result<i64, DateError> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Ok(number * 10 + i64::from(digit - b'0')),
        _ => Err(DateError::Invalid),
    })
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of January of `year`, which is 1970 or later.
fn days_before_year(year: i64) -> i64 {
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969)
}

fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let months: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    days_before_year(year) + months + day - 1
}

fn date_from_epoch(days: i64) -> (i64, i64, i64) {
    // 146,097 days are 400 years; the guess is at most one year off.
    let mut year = 1970 + days * 400 / 146_097;
    while days_before_year(year) > days {
        year -= 1;
    }
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    let mut day = days - days_before_year(year);
    let mut month = 1;
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::{DAY, DateError, LAST, SdkDate, check_window};

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
