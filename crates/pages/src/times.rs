//! Times and durations as people read them.

use crate::layout::{Frame, fill_placeholders};
use crate::messages::{Language, common as msg};
use crate::{Html, Text, zones};
use domain::{SignedDuration, Timestamp};
use jiff::tz::TimeZone;

/// A `<time>` element: a relative time with the absolute time in its title. The script switches between the
/// two.
pub fn time(frame: &Frame, at: Timestamp) -> Html {
    Html(format!(
        "<time datetime=\"{at:.3}\" title=\"{}\">{}</time>",
        absolute(at, &frame.zone),
        relative(frame.language, frame.now, at)
    ))
}

/// A time as `2025-05-17 11:02:25 +08:00`.
pub fn absolute(at: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(at);
    let local = offset.to_datetime(at);
    let (date, time) = (local.date(), local.time());
    let label = zones::offset_label(offset);
    format!("{date} {:02}:{:02}:{:02} {label}", time.hour(), time.minute(), time.second())
}

/// The texts of [`relative`]: just now, seconds, minutes, hours, days, months, years.
pub const RELATIVE_TEXTS: [Text; 7] = [
    msg::JUST_NOW,
    msg::SECONDS_AGO,
    msg::MINUTES_AGO,
    msg::HOURS_AGO,
    msg::DAYS_AGO,
    msg::MONTHS_AGO,
    msg::YEARS_AGO,
];

/// How long ago a time was. A time in the future counts as "just now", because clocks differ.
pub fn relative(language: Language, now: Timestamp, at: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    let (text, count): (Text, i64) = match seconds {
        ..5 => return msg::JUST_NOW.in_language(language).to_owned(),
        5..60 => (msg::SECONDS_AGO, seconds),
        60..3_600 => (msg::MINUTES_AGO, seconds / 60),
        3_600..86_400 => (msg::HOURS_AGO, seconds / 3_600),
        86_400..5_184_000 => (msg::DAYS_AGO, seconds / 86_400),
        5_184_000..63_072_000 => (msg::MONTHS_AGO, seconds / 2_592_000),
        _ => (msg::YEARS_AGO, seconds / 31_536_000),
    };
    fill_placeholders(text.in_language(language), &[&count])
}

/// A duration as `4:05` or `1:02:05`; less than a second is `0:00`.
pub fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The time from start to end, or from start to now while there is no end. `None` without a start.
pub fn elapsed(frame: &Frame, from: Option<Timestamp>, to: Option<Timestamp>) -> Option<SignedDuration> {
    Some(to.unwrap_or(frame.now).duration_since(from?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;

    #[test]
    fn a_time_is_relative_with_the_absolute_time_in_its_title() {
        let html = time(&frame(), "2026-11-24T06:58:20Z".parse().unwrap()).to_string();
        let want =
            "<time datetime=\"2026-11-24T06:58:20.000Z\" title=\"2026-11-24 14:58:20 +08:00\">1 h ago</time>";
        assert_eq!(html, want);
    }

    #[test]
    fn relative_times_in_both_languages() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        for (seconds, zh, en) in [
            (-10, "刚刚", "just now"),
            (4, "刚刚", "just now"),
            (59, "59 秒前", "59 s ago"),
            (60, "1 分钟前", "1 min ago"),
            (86_399, "23 小时前", "23 h ago"),
            (59 * 86_400, "59 天前", "59 d ago"),
            (60 * 86_400, "2 个月前", "2 mo ago"),
            (800 * 86_400, "2 年前", "2 y ago"),
        ] {
            let at = now - SignedDuration::from_secs(seconds);
            assert_eq!(relative(Language::Chinese, now, at), zh);
            assert_eq!(relative(Language::English, now, at), en);
        }
    }

    #[test]
    fn durations_of_all_lengths() {
        for (seconds, want) in
            [(-1, "0:00"), (0, "0:00"), (65, "1:05"), (3_725, "1:02:05"), (360_000, "100:00:00")]
        {
            assert_eq!(duration(SignedDuration::from_secs(seconds)), want);
        }
    }

    #[test]
    fn a_zone_with_summer_time_shows_the_offset_of_the_date() {
        let zone = zones::parse("Europe/Berlin").unwrap();
        for (at, want) in [
            ("2026-07-01T10:00:00Z", "2026-07-01 12:00:00 +02:00"),
            ("2026-12-01T10:00:00Z", "2026-12-01 11:00:00 +01:00"),
        ] {
            assert_eq!(absolute(at.parse().unwrap(), &zone), want);
        }
    }
}
