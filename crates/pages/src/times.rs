//! Times and durations as a person reads them.

use crate::layout::{Frame, fill};
use crate::messages::{Lang, common as w};
use crate::{Html, Text, zones};
use domain::{SignedDuration, Timestamp};
use jiff::tz::TimeZone;

/// `<time>`: relative text, the time itself in its title, both for the script to switch between.
pub fn time(frame: &Frame, at: Timestamp) -> Html {
    Html(format!(
        "<time datetime=\"{at:.3}\" title=\"{}\">{}</time>",
        absolute(at, &frame.zone),
        relative(frame.lang, frame.now, at)
    ))
}

/// `2025-05-17 11:02:25 +08:00`.
pub fn absolute(at: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(at);
    let local = offset.to_datetime(at);
    let (date, time) = (local.date(), local.time());
    let label = zones::offset_label(offset);
    format!("{date} {:02}:{:02}:{:02} {label}", time.hour(), time.minute(), time.second())
}

/// The words of [`relative`]: for what is just now, and for so many seconds, minutes, hours, days, months, years.
pub const AGO: [Text; 7] =
    [w::JUST_NOW, w::SECONDS_AGO, w::MINUTES_AGO, w::HOURS_AGO, w::DAYS_AGO, w::MONTHS_AGO, w::YEARS_AGO];

/// How long ago. A time that has not come yet is just now: clocks differ.
pub fn relative(lang: Lang, now: Timestamp, at: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    let (text, count): (Text, i64) = match seconds {
        ..5 => return w::JUST_NOW.in_language(lang).to_owned(),
        5..60 => (w::SECONDS_AGO, seconds),
        60..3_600 => (w::MINUTES_AGO, seconds / 60),
        3_600..86_400 => (w::HOURS_AGO, seconds / 3_600),
        86_400..5_184_000 => (w::DAYS_AGO, seconds / 86_400),
        5_184_000..63_072_000 => (w::MONTHS_AGO, seconds / 2_592_000),
        _ => (w::YEARS_AGO, seconds / 31_536_000),
    };
    fill(text.in_language(lang), &[&count])
}

/// `4:05` or `1:02:05`; less than a second is `0:00`. In a column of class `num` all are right under each other.
pub fn duration(long: SignedDuration) -> String {
    let seconds = long.as_secs().max(0);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// From a start to an end; of what still runs, to now.
pub fn lasted(frame: &Frame, from: Option<Timestamp>, to: Option<Timestamp>) -> Option<SignedDuration> {
    Some(to.unwrap_or(frame.now).duration_since(from?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;

    #[test]
    fn a_time_is_relative_with_the_time_itself_and_its_zone_beside_it() {
        let html = time(&frame(), "2026-11-24T06:58:20Z".parse().unwrap()).to_string();
        let want =
            "<time datetime=\"2026-11-24T06:58:20.000Z\" title=\"2026-11-24 14:58:20 +08:00\">1 h ago</time>";
        assert_eq!(html, want);
    }

    #[test]
    fn how_long_ago_in_both_languages() {
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
            assert_eq!(relative(Lang::Chinese, now, at), zh);
            assert_eq!(relative(Lang::English, now, at), en);
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
    fn a_zone_with_summer_time_says_which_it_is() {
        let zone = zones::parse("Europe/Berlin").unwrap();
        for (at, want) in [
            ("2026-07-01T10:00:00Z", "2026-07-01 12:00:00 +02:00"),
            ("2026-12-01T10:00:00Z", "2026-12-01 11:00:00 +01:00"),
        ] {
            assert_eq!(absolute(at.parse().unwrap(), &zone), want);
        }
    }
}
