//! Text for a terminal: removing control characters, the width in columns, and warnings.

use crate::messages::Text;
use domain::model::text::is_displayed;
use std::io::Write as _;
use unicode_width::UnicodeWidthStr as _;

/// Removes control characters and bidirectional control characters. Tabs and line breaks become spaces.
pub fn sanitize(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c })
        .filter(|c| is_displayed(*c))
        .collect()
}

/// As [`sanitize`], for a text of several lines: line feeds and tabs stay.
pub fn sanitize_lines(text: &str) -> String {
    text.chars().filter(|c| is_displayed(*c)).collect()
}

/// The number of columns. Chinese characters take two.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Prints a warning on stderr. It must not end a program that runs a command if stderr has no reader.
pub fn warn(message: &str) {
    let _ = writeln!(std::io::stderr(), "{}", Text::Warning.with(&[("message", &message)]));
}

#[cfg(test)]
mod tests {
    use super::{sanitize, width};

    #[test]
    fn control_characters_are_removed() {
        assert_eq!(sanitize("a\x1b[31mb\u{7}\tc\nd\u{202e}e\u{9b}"), "a[31mb c de");
    }

    #[test]
    fn chinese_characters_take_two_columns() {
        for (text, columns) in [("任务1", 5), ("e\u{301}", 1), ("（全角）", 8), ("✓ Success", 9), ("한글", 4)]
        {
            assert_eq!(width(text), columns, "{text}");
        }
    }
}
