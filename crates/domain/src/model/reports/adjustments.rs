//! The changes that the server makes to a report before it accepts it. A field that is only displayed never causes the
//! refusal of a report: a value that cannot be kept is truncated, sanitized, clamped or dropped, and the receipt lists
//! this. Fields that identify the job are checked instead ([`crate::model::text`]).

use crate::model::text::{self, DESCRIPTION_MAX, NAME_MAX, URL_MAX};
use jiff::{SignedDuration, Timestamp};

/// How far the clock of a reporter may be ahead of the server. A time in the far future would win over every
/// later report.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Times before this one mean that the time is unset: year 1 is the zero time of Go and .NET, 1970-01-01 the
/// zero time of Unix, in the time zone of the reporter. No build ran before.
const UNSET_BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// The adjustment of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdjustmentKind {
    /// The text is longer than allowed and was cut at the limit.
    Truncated,
    /// Line breaks and other control characters were replaced by spaces.
    Sanitized,
    /// The number or time was out of range and became the nearest one in range.
    Clamped,
    /// The value is unusable. The report counts as one without it.
    Dropped,
}

impl AdjustmentKind {
    /// All variants, in order.
    pub const ALL: [Self; 4] = [Self::Truncated, Self::Sanitized, Self::Clamped, Self::Dropped];
    /// Their names in the APIs, in the same order.
    pub const NAMES: &'static [&'static str] = &["truncated", "sanitized", "clamped", "dropped"];

    /// The name in the APIs.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// The adjustments of one report, or of one line of an import. The store saves them as an integer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Adjustments(u64);

impl Adjustments {
    /// The fields that the server may adjust. The position of a field never changes, because stored
    /// adjustments contain it.
    pub const FIELDS: &'static [&'static str] = &[
        "target_url",
        "description",
        "coverage",
        "occurred_at",
        "started_at",
        "finished_at",
        "stage_order",
        "web_url",
        "trigger_user",
        "updated_at",
        "sort_id",
        "details",
        "details.annotations",
        "name",
    ];

    /// Adds an adjustment of one of [`Adjustments::FIELDS`]; another field is ignored.
    pub fn add(&mut self, field: &str, kind: AdjustmentKind) {
        if let Some(at) = Self::FIELDS.iter().position(|known| *known == field) {
            self.0 |= 1 << (at * AdjustmentKind::ALL.len() + kind as usize);
        }
    }

    /// Adds all adjustments of `other`.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// True when this adjustment was made.
    pub fn contains(self, field: &str, kind: AdjustmentKind) -> bool {
        let mut one = Self::default();
        one.add(field, kind);
        !one.is_empty() && self.0 & one.0 == one.0
    }

    /// True when nothing was adjusted.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The field and the kind of each adjustment, in order of the fields.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, AdjustmentKind)> {
        let all = (0_usize..).zip(Self::FIELDS).flat_map(|(at, field)| {
            AdjustmentKind::ALL.map(|kind| (at * AdjustmentKind::ALL.len() + kind as usize, *field, kind))
        });
        all.filter(move |(bit, ..)| self.0 >> bit & 1 == 1).map(|(_, field, kind)| (field, kind))
    }

    /// The integer that the store saves.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The adjustments that the store saved as `bits`. Unknown bits stay and have no name.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// A text for people on one line, at most `max` characters.
    fn line(&mut self, field: &'static str, value: String, max: usize) -> String {
        let (line, sanitized) = on_one_line(value);
        if sanitized {
            self.add(field, AdjustmentKind::Sanitized);
        }
        let (line, truncated) = truncated(line, max);
        if truncated {
            self.add(field, AdjustmentKind::Truncated);
        }
        line
    }

    /// A description: one line, at most [`DESCRIPTION_MAX`] characters.
    pub fn description(&mut self, field: &'static str, value: Option<String>) -> Option<String> {
        value.map(|value| self.line(field, value, DESCRIPTION_MAX))
    }

    /// The name of a person or a machine: one line, at most [`NAME_MAX`] characters. A blank one is none.
    pub fn label(&mut self, field: &'static str, value: Option<String>) -> Option<String> {
        value.map(|value| self.line(field, value, NAME_MAX)).filter(|value| !value.is_empty())
    }

    /// A text of several lines, at most `max` characters. A blank one is none.
    pub fn markdown(&mut self, field: &'static str, value: Option<String>, max: usize) -> Option<String> {
        let (text, is_truncated) = truncated(self.lines(field, value?)?, max);
        if is_truncated {
            self.add(field, AdjustmentKind::Truncated);
        }
        Some(text)
    }

    /// A text of several lines, at most `max` bytes. A blank one is none.
    pub fn text_of_bytes(
        &mut self,
        field: &'static str,
        value: Option<String>,
        max: usize,
    ) -> Option<String> {
        let mut text = self.lines(field, value?)?;
        if text.len() > max {
            text.truncate(text.floor_char_boundary(max));
            self.add(field, AdjustmentKind::Truncated);
        }
        Some(text)
    }

    /// A text of several lines without other control characters, and without white space at its end.
    fn lines(&mut self, field: &'static str, value: String) -> Option<String> {
        let (text, sanitized) = without_controls(value);
        if sanitized {
            self.add(field, AdjustmentKind::Sanitized);
        }
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// A link, at most [`URL_MAX`] characters. A blank one is none; what is no `http` or `https` URL is
    /// dropped, because pages show it as a link.
    pub fn link(&mut self, field: &'static str, value: Option<String>) -> Option<String> {
        self.link_and_sent(field, value).0
    }

    /// As [`Adjustments::link`], also with the link as it was sent if that is another one.
    pub fn link_and_sent(
        &mut self,
        field: &'static str,
        value: Option<String>,
    ) -> (Option<String>, Option<String>) {
        let Some(sent) = value.map(trimmed).filter(|value| !value.is_empty()) else { return (None, None) };
        if !text::is_http_url(&sent) {
            self.add(field, AdjustmentKind::Dropped);
            return (None, Some(sent));
        }
        let Some(link) = truncated_url(&sent) else { return (Some(sent), None) };
        self.add(field, AdjustmentKind::Truncated);
        (Some(link.to_owned()), Some(sent))
    }

    /// A percentage, 0..=100.
    pub fn percentage(&mut self, field: &'static str, value: Option<f64>) -> Option<f64> {
        let value = value?;
        if value.is_nan() {
            self.add(field, AdjustmentKind::Dropped);
            return None;
        }
        let clamped = value.clamp(0.0, 100.0);
        if clamped != value {
            self.add(field, AdjustmentKind::Clamped);
        }
        // Turns -0.0 into 0.0, so that equal reports compare equal.
        Some(clamped + 0.0)
    }

    /// The position of a stage, 1..=2147483647.
    pub fn position(&mut self, field: &'static str, value: Option<i64>) -> Option<i32> {
        let value = value?;
        let clamped = value.clamp(1, i32::MAX.into());
        if clamped != value {
            self.add(field, AdjustmentKind::Clamped);
        }
        i32::try_from(clamped).ok()
    }

    /// An RFC 3339 time, in whole milliseconds. An unset time ([`is_unset`]) is none. A value that is no time, or is
    /// more than 24 hours after `now`, is dropped.
    pub fn time(&mut self, field: &'static str, value: Option<&str>, now: Timestamp) -> Option<Timestamp> {
        let value = value.map(str::trim).filter(|value| !value.is_empty())?;
        // The zero times of some languages have no time zone, or an offset in seconds.
        if ["0000-", "0001-01-"].iter().any(|start| value.starts_with(start)) {
            return None;
        }
        match text::time(field, value) {
            Ok(time) if is_unset(time) => None,
            Ok(time) if time <= now + AHEAD_MAX => Some(time),
            _ => {
                self.add(field, AdjustmentKind::Dropped);
                None
            }
        }
    }
}

/// Whether a time means that no time is known: year 1, or the first day of 1970 or earlier.
pub fn is_unset(time: Timestamp) -> bool {
    time < Timestamp::UNIX_EPOCH + UNSET_BEFORE
}

/// The text on one line, and whether it had line breaks or other control characters inside. Each run of them,
/// with the white space around it, becomes one space; terminal escape sequences and white space at both ends are
/// removed.
fn on_one_line(value: String) -> (String, bool) {
    let value = trimmed(value);
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if !value.contains(is_break) {
        return (value, false);
    }
    let mut line = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' && chars.peek() == Some(&'[') {
            skip_escape_sequence(&mut chars);
        } else if is_break(c) {
            line.truncate(line.trim_end().len());
            line.push(' ');
            while chars.next_if(|c| *c != '\u{1b}' && (c.is_whitespace() || is_break(*c))).is_some() {}
        } else {
            line.push(c);
        }
    }
    (line.trim().to_owned(), true)
}

/// The text without control characters other than line feeds and tabs and without terminal escape sequences, and
/// whether it had any. The line ends of Windows become line feeds.
fn without_controls(value: String) -> (String, bool) {
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !value.contains(is_control) {
        return (value, false);
    }
    let mut text = String::with_capacity(value.len());
    let mut sanitized = false;
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        if !is_control(c) {
            text.push(c);
            continue;
        }
        sanitized = true;
        if c == '\u{1b}' && chars.peek() == Some(&'[') {
            skip_escape_sequence(&mut chars);
        }
    }
    (text, sanitized)
}

/// Skips the rest of a terminal escape sequence, from its `[` to a character from `@` to `~`.
fn skip_escape_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    chars.next();
    while chars.next_if(|c| !matches!(c, '@'..='~')).is_some() {}
    chars.next();
}

/// The text with at most `max` characters, and whether it was longer. A truncated text ends in `…`.
fn truncated(value: String, max: usize) -> (String, bool) {
    if value.len() <= max || value.char_indices().nth(max).is_none() {
        return (value, false);
    }
    let text: String = value.chars().take(max.saturating_sub(1)).collect();
    (format!("{}…", text.trim_end()), true)
}

/// The first [`URL_MAX`] characters of a URL; `None` if it is not longer. No `%` escape is cut in half.
fn truncated_url(value: &str) -> Option<&str> {
    if value.len() <= URL_MAX {
        return None;
    }
    let (end, _) = value.char_indices().nth(URL_MAX)?;
    let url = &value[..end];
    let tail = url.char_indices().rev().take(2).find(|(_, c)| *c == '%');
    Some(tail.map_or(url, |(at, _)| &url[..at]))
}

/// The text without white space at both ends.
fn trimmed(value: String) -> String {
    let text = value.trim();
    if text.len() == value.len() { value } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
