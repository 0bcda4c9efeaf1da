//! Durations as people write them: `30`, `90s`, `1h30m`, `2d`, `1w`. Command line, configuration, queries and
//! forms use this one syntax. A retention period needs a unit ([`is_number`]).

use jiff::SignedDuration;

/// The units with their length in seconds, longest first.
const UNITS: [(char, i64); 5] = [('w', 7 * 86_400), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Parses a duration: numbers with a unit (`w`, `d`, `h`, `m` or `s`), the longest unit first and each unit at
/// most once, or one number of seconds without a unit. White space around and between the parts is ignored.
/// `None` for any other text, and for more seconds than 64 bits hold.
pub fn parse(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    if is_number(text) {
        return text.parse().ok().map(SignedDuration::from_secs);
    }
    let mut total: i64 = 0;
    let mut units = UNITS.iter();
    let mut rest = text;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].trim_start();
        let letter = unit.chars().next()?;
        // Units that were passed cannot follow, so `1m1h` and `1h1h` are refused.
        let (_, seconds) = units.find(|(of, _)| *of == letter)?;
        total = total.checked_add(number.checked_mul(*seconds)?)?;
        rest = unit[letter.len_utf8()..].trim_start();
        if rest.is_empty() {
            return Some(SignedDuration::from_secs(total));
        }
    }
}

/// Whether the text is a number without a unit. [`parse`] reads it as seconds; a retention period refuses it,
/// because `90` may be meant as days, and the mistake deletes data.
pub fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Formats whole seconds as one number in the longest unit of `d`, `h`, `m` and `s` without a fraction.
/// [`parse`] reads the result of a duration that is not negative.
pub fn format(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let divides = |(letter, unit): &&(char, i64)| *letter != 'w' && seconds != 0 && seconds % unit == 0;
    let (letter, unit) = UNITS.iter().find(divides).copied().unwrap_or(('s', 1));
    format!("{}{letter}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_forms_are_durations() {
        for (text, seconds) in [
            ("0", 0),
            ("30", 30),
            ("90s", 90),
            ("10m", 600),
            ("2h", 7_200),
            ("1h30m", 5_400),
            ("1d12h", 129_600),
            ("2d", 172_800),
            ("1w", 604_800),
            ("1w2d3h4m5s", 604_800 + 172_800 + 10_800 + 245),
            (" 1h 30m ", 5_400),
            ("2 h", 7_200),
        ] {
            assert_eq!(parse(text), Some(SignedDuration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn a_number_has_no_unit() {
        for number in ["0", "90", " 7776000 ", "99999999999999999999"] {
            assert!(is_number(number), "{number}");
        }
        for other in ["", " ", "90d", "90s", "-90", "1.5", "9 0", "off"] {
            assert!(!is_number(other), "{other}");
        }
    }

    #[test]
    fn anything_else_is_no_duration() {
        for bad in [
            "",
            " ",
            "h",
            "-1h",
            "+1h",
            "1.5h",
            "1,5h",
            "1m1h",
            "1h1h",
            "1h30",
            "30 30",
            "1y",
            "1H",
            "９h",
            "10é",
            "forever",
            "9223372036854775808",
            "9223372036854775807d",
            "15250284452471w1000000w",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn formatted_durations_can_be_parsed() {
        for (seconds, text) in [
            (0, "0s"),
            (1, "1s"),
            (61, "61s"),
            (90, "90s"),
            (120, "2m"),
            (5_400, "90m"),
            (7_200, "2h"),
            (86_400, "1d"),
            (90_000, "25h"),
            (604_800, "7d"),
        ] {
            let duration = SignedDuration::from_secs(seconds);
            assert_eq!((format(duration).as_str(), parse(text)), (text, Some(duration)));
        }
    }
}
