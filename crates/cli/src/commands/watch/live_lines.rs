//! Lines on a terminal that are drawn again and again in the same place. A line never wraps and the lines never
//! scroll, so that clearing them leaves nothing behind.
//!
//! Must not know: the meaning of the lines.

use rustix::termios::tcgetwinsize;
use std::io::{self, Write as _};
use unicode_width::UnicodeWidthChar as _;

/// The size of a terminal that does not report one.
const DEFAULT_SIZE: (usize, usize) = (80, 24);

/// The lines on stderr.
#[derive(Debug, Default)]
pub struct LiveLines {
    /// The width of each drawn line.
    drawn: Vec<usize>,
}

impl LiveLines {
    /// Replaces the drawn lines.
    pub fn draw(&mut self, lines: &[String]) {
        let text = replace(&mut self.drawn, lines, size());
        // An error means that the terminal is closed.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Removes the drawn lines.
    pub fn clear(&mut self) {
        self.draw(&[]);
    }
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    let size = tcgetwinsize(io::stderr()).ok().map(|size| (size.ws_col.into(), size.ws_row.into()));
    size.filter(|(columns, rows)| *columns > 1 && *rows > 1).unwrap_or(DEFAULT_SIZE)
}

/// The text that replaces lines of the widths `drawn`, which are updated.
fn replace(drawn: &mut Vec<usize>, lines: &[String], (columns, rows): (usize, usize)) -> String {
    // After the terminal became narrower, the drawn lines take several rows.
    let drawn_rows: usize = drawn.iter().map(|width| width.div_ceil(columns).max(1)).sum();
    let mut text = String::new();
    if drawn_rows > 0 {
        text += &format!("\x1b[{drawn_rows}A\r\x1b[J");
    }
    drawn.clear();
    // The last row is that of the cursor.
    for line in lines.iter().take(rows - 1) {
        let (line, width) = cut(line, columns - 1);
        text += &line;
        text.push('\n');
        drawn.push(width);
    }
    text
}

/// The beginning of a line with at most this width, and its width. Escape sequences of colours have none.
fn cut(line: &str, columns: usize) -> (String, usize) {
    let (mut text, mut width, mut is_full, mut in_sequence) = (String::new(), 0, false, false);
    for character in line.chars() {
        if in_sequence || character == '\x1b' {
            in_sequence = character != 'm';
            text.push(character);
            continue;
        }
        let next = width + character.width().unwrap_or_default();
        // Later characters are left out too, but not the sequence that resets the colour.
        is_full |= next > columns;
        if !is_full {
            text.push(character);
            width = next;
        }
    }
    (text, width)
}

#[cfg(test)]
mod tests {
    use super::{cut, replace};

    /// A terminal that understands what [`replace`] writes.
    struct Screen {
        columns: usize,
        rows: Vec<String>,
        at: usize,
    }

    impl Screen {
        fn write(&mut self, text: &str) {
            let mut rest = text;
            while let Some(character) = rest.chars().next() {
                rest = &rest[character.len_utf8()..];
                match character {
                    '\n' => self.at += 1,
                    '\r' => {}
                    '\x1b' => {
                        let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                        match &rest[end..=end] {
                            "A" => self.at -= rest[1..end].parse::<usize>().unwrap(),
                            "J" => self.rows.truncate(self.at),
                            other => assert_eq!(other, "m"),
                        }
                        rest = &rest[end + 1..];
                    }
                    character => {
                        self.rows.resize(self.rows.len().max(self.at + 1), String::new());
                        if crate::terminal::width(&self.rows[self.at]) == self.columns {
                            self.at += 1;
                            self.rows.resize(self.rows.len().max(self.at + 1), String::new());
                        }
                        self.rows[self.at].push(character);
                    }
                }
            }
        }

        /// What the terminal shows after its width has changed.
        fn resize(&mut self, columns: usize) {
            let text: Vec<String> = self.rows.iter().map(|row| format!("{row}\n")).collect();
            (self.columns, self.rows, self.at) = (columns, Vec::new(), 0);
            self.write(&text.concat());
        }
    }

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn replaced_lines_leave_nothing_behind() {
        let mut screen = Screen { columns: 20, rows: Vec::new(), at: 0 };
        let mut drawn = Vec::new();
        screen.write("before\n");
        let long = "x".repeat(90);
        for texts in [
            &["one", "two", "three"][..],
            &[long.as_str(), "任务任务任务任务任务任务任务", "\x1b[31m✗ Failed\x1b[0m  b"],
            &["one"],
        ] {
            screen.write(&replace(&mut drawn, &lines(texts), (screen.columns, 10)));
            assert_eq!(screen.rows.len(), 1 + texts.len(), "{:?}", screen.rows);
        }
        assert_eq!(screen.rows, ["before", "one"]);
        screen.write(&replace(&mut drawn, &lines(&[&long, &long]), (screen.columns, 10)));
        screen.resize(8);
        screen.write(&replace(&mut drawn, &lines(&["after"]), (8, 10)));
        assert_eq!(screen.rows, ["before", "after"]);
        screen.write(&replace(&mut drawn, &[], (8, 10)));
        assert_eq!((screen.rows, drawn.len()), (lines(&["before"]), 0));
    }

    #[test]
    fn no_more_lines_than_rows_are_drawn() {
        let mut drawn = Vec::new();
        let text = replace(&mut drawn, &lines(&["a", "b", "c", "d"]), (20, 3));
        assert_eq!((text.as_str(), drawn.len()), ("a\nb\n", 2));
    }

    #[test]
    fn a_cut_line_keeps_the_end_of_its_colour() {
        assert_eq!(cut("\x1b[31mabc\x1b[0mdef", 2), ("\x1b[31mab\x1b[0m".to_owned(), 2));
        assert_eq!(cut("任务1", 3), ("任".to_owned(), 2), "a wide character does not fit into half a column");
        assert_eq!(cut("ab", 5), ("ab".to_owned(), 2));
    }
}
