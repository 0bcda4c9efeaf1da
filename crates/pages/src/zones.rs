//! Time zones that users can choose: IANA names such as `Asia/Shanghai`, UTC, or fixed offsets such as
//! `+08:00`.

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// Maximum length of a name that is looked up, in bytes. IANA names are shorter.
const NAME_MAX: usize = 64;

/// The time zone database in the binary, independent of the machine.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The label of a zone: `UTC`, `+08:00` or `Asia/Shanghai`.
pub fn label(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        // A zone without a name has a fixed offset.
        None => offset_label(zone.to_offset(jiff::Timestamp::UNIX_EPOCH)),
    }
}

/// The label of an offset: `UTC` or `+08:00`.
pub fn offset_label(offset: Offset) -> String {
    let seconds = offset.seconds();
    if seconds == 0 {
        return "UTC".into();
    }
    let minutes = seconds.unsigned_abs() / 60;
    format!("{}{:02}:{:02}", if seconds < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
}

/// The zone of a label that [`label`] returns. Offsets are at most 14 hours from UTC.
pub fn parse(text: &str) -> Option<TimeZone> {
    match text.as_bytes().first()? {
        b'+' | b'-' => Some(TimeZone::fixed(offset(text)?)),
        _ if text == "UTC" => Some(TimeZone::UTC),
        _ if text.len() <= NAME_MAX => DATABASE.get(text).ok(),
        _ => None,
    }
}

fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let two_digits = |part: &str| (part.len() == 2).then(|| part.parse::<u8>().ok()).flatten().map(i32::from);
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_can_be_parsed() {
        for text in ["UTC", "+08:00", "-03:30", "+14:00", "Asia/Shanghai", "America/Argentina/Buenos_Aires"] {
            assert_eq!(label(&parse(text).unwrap()), text);
        }
        for bad in [
            "",
            "08:00",
            "+8:00",
            "+15:00",
            "+08:60",
            "+08",
            "+0é:00",
            "Asia/Atlantis",
            "../etc/passwd",
            "Asia/Shanghai\r\nx",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
        assert_eq!(label(&parse("asia/shanghai").unwrap()), "Asia/Shanghai", "the canonical spelling");
    }
}
