//! Times as texts, without an allocation: a list has several for each item.

use domain::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Serialize, Serializer};
use std::io::Write as _;

/// The longest text, of a year before Christ.
const BYTES_MAX: usize = 40;

/// A time as text.
#[derive(Debug, Clone, Copy)]
pub struct TimeText {
    bytes: [u8; BYTES_MAX],
    len: usize,
}

impl TimeText {
    /// `2025-05-17T03:02:25.000Z`: RFC 3339 in UTC, with milliseconds.
    pub fn utc(at: Timestamp) -> Self {
        let mut text = Self::local(at, Offset::UTC);
        text.add(b"Z");
        text
    }

    /// `2025-05-17T03:02:25Z`: RFC 3339 in UTC, without a fraction.
    pub fn utc_seconds(at: Timestamp) -> Self {
        let mut text = Self::local_seconds(&Offset::UTC.to_datetime(at));
        text.add(b"Z");
        text
    }

    /// `2025-05-17T11:02:25.000+08:00`: with milliseconds and a numeric offset, always.
    pub fn with_offset(at: Timestamp, offset: Offset) -> Self {
        let mut text = Self::local(at, offset);
        let (sign, seconds) =
            if offset.seconds() < 0 { (b'-', -offset.seconds()) } else { (b'+', offset.seconds()) };
        text.add(&[sign]);
        text.add(&two_digits(seconds / 3600));
        text.add(b":");
        text.add(&two_digits(seconds / 60 % 60));
        text
    }

    /// Date and time of day with milliseconds, without an offset.
    fn local(at: Timestamp, offset: Offset) -> Self {
        let local = offset.to_datetime(at);
        let mut text = Self::local_seconds(&local);
        let millisecond = i32::from(local.millisecond());
        text.add(b".");
        text.add(&[b'0' + (millisecond / 100) as u8]);
        text.add(&two_digits(millisecond % 100));
        text
    }

    /// Date and time of day without a fraction.
    fn local_seconds(local: &DateTime) -> Self {
        let mut text = Self { bytes: [0; BYTES_MAX], len: 0 };
        match u32::try_from(local.year()) {
            Ok(year) => {
                text.add(&two_digits((year / 100).cast_signed()));
                text.add(&two_digits((year % 100).cast_signed()));
            }
            Err(_) => {
                // A slice that is long enough takes every byte.
                let mut rest = text.bytes.as_mut_slice();
                let _ = write!(rest, "-{:06}", local.year().unsigned_abs());
                text.len = 7;
            }
        }
        for (before, number) in [
            (b'-', local.month()),
            (b'-', local.day()),
            (b'T', local.hour()),
            (b':', local.minute()),
            (b':', local.second()),
        ] {
            text.add(&[before]);
            text.add(&two_digits(number.into()));
        }
        text
    }

    fn add(&mut self, part: &[u8]) {
        let end = self.len + part.len();
        if let Some(free) = self.bytes.get_mut(self.len..end) {
            free.copy_from_slice(part);
            self.len = end;
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// The last two digits of a number that is not negative.
fn two_digits(number: i32) -> [u8; 2] {
    let number = (number % 100).unsigned_abs() as u8;
    [b'0' + number / 10, b'0' + number % 10]
}

impl Serialize for TimeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl std::fmt::Display for TimeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_in_utc_are_those_of_jiff(millis in -377_705_023_201_000_i64..=253_402_207_200_000) {
            let at = Timestamp::from_millisecond(millis).unwrap();
            prop_assert_eq!(TimeText::utc(at).to_string(), format!("{at:.3}"));
            prop_assert_eq!(TimeText::utc_seconds(at).to_string(), format!("{at:.0}"));
        }

        #[test]
        fn local_times_have_the_digits_of_jiff(millis in 0..253_370_764_800_000_i64, minutes in -1_500..=1_500_i32) {
            let at = Timestamp::from_millisecond(millis).unwrap();
            let offset = Offset::from_seconds(minutes * 60).unwrap();
            let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
            let local = offset.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string();
            let expected = format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            prop_assert_eq!(TimeText::with_offset(at, offset).to_string(), expected);
        }
    }

    #[test]
    fn times_have_the_format_of_the_reference() {
        let at: Timestamp = "2025-05-17T03:02:25Z".parse().unwrap();
        let text = |offset| TimeText::with_offset(at, offset).to_string();
        assert_eq!(text(Offset::constant(8)), "2025-05-17T11:02:25.000+08:00");
        assert_eq!(text(Offset::UTC), "2025-05-17T03:02:25.000+00:00");
        assert_eq!(text(Offset::from_seconds(-12_600).unwrap()), "2025-05-16T23:32:25.000-03:30");
    }
}
