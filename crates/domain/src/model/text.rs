//! Checks of texts in requests: lengths, control characters, URLs, commit ids. Lengths are in characters, so
//! that a Chinese name may have as many characters as an English one.

use crate::error::{Invalid, Problem};
use jiff::Timestamp;
use std::ops::RangeInclusive;

/// Greatest length of names, refs, stages, keys and build ids (the limit of GitLab).
pub const NAME_MAX: usize = 255;
/// Greatest length of a URL.
pub const URL_MAX: usize = 2048;
/// Greatest length of a description.
pub const DESCRIPTION_MAX: usize = 1024;

/// A text to check. An owned one is returned without a copy.
pub trait Checked: AsRef<str> + Into<String> {}

impl<T: AsRef<str> + Into<String>> Checked for T {}

/// Checks a line of text: not blank, without control characters, at most `max` characters.
///
/// # Errors
/// [`Problem::Blank`], [`Problem::TooLong`] or [`Problem::ControlCharacter`].
pub fn single_line(field: &str, text: impl Checked, max: usize) -> Result<String, Invalid> {
    if text.as_ref().trim_start().is_empty() {
        return Err(Invalid::new(field, Problem::Blank));
    }
    within(field, text, max)
}

/// Like [`single_line`], but the text may be blank.
///
/// # Errors
/// [`Problem::TooLong`] or [`Problem::ControlCharacter`].
pub fn within(field: &str, text: impl Checked, max: usize) -> Result<String, Invalid> {
    if exceeds(text.as_ref(), max) {
        return Err(Invalid::new(field, Problem::TooLong { max }));
    }
    if has_control(text.as_ref()) {
        return Err(Invalid::new(field, Problem::ControlCharacter));
    }
    Ok(text.into())
}

/// Whether a text has more than `max` characters. Most texts have fewer bytes, and a very long one is not counted.
fn exceeds(text: &str, max: usize) -> bool {
    text.len() > max && (text.len() > max * 4 || text.chars().count() > max)
}

fn has_control(text: &str) -> bool {
    if text.is_ascii() {
        text.bytes().any(|b| b.is_ascii_control())
    } else {
        text.chars().any(char::is_control)
    }
}

/// Whether two texts are equal without regard to case, in every script.
pub fn same_ignoring_case(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    lower_case(one).eq(lower_case(other))
}

/// A text that is equal for all texts that are equal without regard to case.
pub fn without_case(text: &str) -> String {
    lower_case(text).collect()
}

/// The numbers of characters that texts have that are equal to `text` without regard to case. Only `İ` (U+0130) has a
/// lower case of two characters.
pub fn lengths_ignoring_case(text: &str) -> RangeInclusive<usize> {
    let lower = without_case(text);
    let most = lower.chars().count();
    most - lower.matches("i\u{307}").count()..=most
}

fn lower_case(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Checks an absolute `http` or `https` URL with a host, at most [`URL_MAX`] characters. Pages show it as a
/// link, so no other scheme is allowed.
///
/// # Errors
/// [`Problem::NotHttpUrl`], or the errors of [`single_line`].
pub fn http_url(field: &str, text: impl Checked) -> Result<String, Invalid> {
    let url = single_line(field, text, URL_MAX)?;
    if is_http_url(&url) { Ok(url) } else { Err(Invalid::new(field, Problem::NotHttpUrl)) }
}

/// Whether a text is an absolute `http` or `https` URL with a host, of any length.
pub fn is_http_url(text: &str) -> bool {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    rest.is_some_and(|rest| {
        !rest.starts_with(['/', '?', '#']) && !rest.is_empty() && !has_space_or_control(text)
    })
}

fn has_space_or_control(text: &str) -> bool {
    match text.is_ascii() {
        true => !text.bytes().all(|b| b.is_ascii_graphic()),
        false => text.contains(|c: char| c.is_whitespace() || c.is_control()),
    }
}

/// Parses an RFC 3339 time and truncates it to whole milliseconds, the resolution of every dialect.
///
/// # Errors
/// [`Problem::NotTimestamp`] for any other text.
pub fn time(field: &str, text: &str) -> Result<Timestamp, Invalid> {
    let time = Some(text).filter(|text| text.len() <= 64).and_then(|text| text.parse().ok());
    time.map(truncate_to_millis).ok_or_else(|| Invalid::new(field, Problem::NotTimestamp))
}

/// Truncates a time to whole milliseconds.
pub fn truncate_to_millis(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// Checks a full commit id of 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, and converts it to lower case.
/// An abbreviated id is refused, because it would be another commit.
///
/// # Errors
/// [`Problem::NotSha`].
pub fn sha(field: &str, text: impl Checked) -> Result<String, Invalid> {
    let digits = text.as_ref();
    if !matches!(digits.len(), 40 | 64) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Invalid::new(field, Problem::NotSha));
    }
    let mut sha = text.into();
    sha.make_ascii_lowercase();
    Ok(sha)
}

/// Checks a name that is safe in a URL path: letters of any script, digits, `-`, `_`, `.`; not starting with
/// `-` or `.`.
///
/// # Errors
/// [`Problem::NotName`], or the errors of [`single_line`].
pub fn name(field: &str, text: impl Checked, max: usize) -> Result<String, Invalid> {
    let name = single_line(field, text, max)?;
    let is_valid = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !name.starts_with(['-', '.']);
    if is_valid { Ok(name) } else { Err(Invalid::new(field, Problem::NotName)) }
}

/// Whether a character changes the direction of the text after it.
pub fn changes_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character of an external text of several lines may be displayed: it is no control character
/// except line feed and tab, and does not change the direction of the text.
pub fn is_displayed(c: char) -> bool {
    matches!(c, '\n' | '\t') || !c.is_control() && !changes_direction(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem<T: std::fmt::Debug>(result: Result<T, Invalid>) -> Problem {
        result.unwrap_err().problem
    }

    #[test]
    fn lines_are_short_and_printable() {
        assert_eq!(single_line("name", "任务1", 255).unwrap(), "任务1");
        assert_eq!(single_line("name", "任".repeat(255), 255).unwrap().chars().count(), 255);
        assert_eq!(problem(single_line("name", "任".repeat(256), 255)), Problem::TooLong { max: 255 });
        assert_eq!(problem(single_line("name", "x".repeat(10_240), 255)), Problem::TooLong { max: 255 });
        assert_eq!(problem(single_line("name", " \u{3000}", 255)), Problem::Blank);
        for bad in ["a\0b", "a\nb", "\u{1b}[31m", "a\u{7f}", "a\u{85}"] {
            assert_eq!(problem(single_line("name", bad, 255)), Problem::ControlCharacter, "{bad:?}");
        }
    }

    #[test]
    fn texts_of_other_lengths_are_never_equal_ignoring_case() {
        for (texts, lengths) in [
            (&["build", "BUILD", "BuilD"][..], 5..=5),
            (&["İst", "i\u{307}ST", "I\u{307}st"], 3..=4),
            (&["\u{212a}", "k", "K"], 1..=1),
            (&["ΣΑΣ", "σασ"], 3..=3),
            (&["构建 ß", "构建 ẞ"], 4..=4),
        ] {
            for text in texts {
                assert!(same_ignoring_case(text, texts[0]), "{text}");
                assert_eq!(lengths_ignoring_case(text), lengths, "{text}");
                assert!(lengths.contains(&text.chars().count()), "{text}");
            }
        }
        // No other character has a lower case of several characters.
        let long = ('\0'..=char::MAX).filter(|c| c.to_lowercase().count() != 1);
        assert_eq!(long.collect::<String>(), "İ");
    }

    #[test]
    fn only_web_links_are_links() {
        for good in
            ["http://a", "https://example.com/x?y#z", "HTTPS://EXAMPLE.com", "http://[::1]:8010/#/builders/1"]
        {
            assert_eq!(http_url("target_url", good).unwrap(), good);
        }
        for bad in [
            "javascript:alert(1)",
            "ftp://a",
            "//a",
            "http://",
            "http:///x",
            "https:// a",
            "data:text/html,x",
            "http:a",
            "任务",
            "http://a b",
        ] {
            assert_eq!(problem(http_url("target_url", bad)), Problem::NotHttpUrl, "{bad:?}");
        }
    }

    #[test]
    fn commit_ids_are_full() {
        assert_eq!(sha("sha", "AB".repeat(20)).unwrap(), "ab".repeat(20));
        assert!(sha("sha", "ab".repeat(32)).is_ok());
        for bad in ["", "abc", "main", &"g".repeat(40), &"a".repeat(41)] {
            assert_eq!(problem(sha("sha", bad)), Problem::NotSha, "{bad:?}");
        }
    }
}
