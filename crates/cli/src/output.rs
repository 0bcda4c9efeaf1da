//! Data on stdout: a table on a terminal, tab-separated lines without a heading into a pipe, JSON, or CSV with a heading.
//!
//! Names come from elsewhere: control characters never reach a terminal or break a line. Colour is never the only
//! sign; a status has a shape, a word and a colour.
//!
//! Must not know: where the data comes from.

use crate::exit::Failure;
use crate::lang::Lang;
use crate::messages::Text;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// Where data goes, and in which form.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Print JSON.
    pub json: bool,
    /// Print CSV.
    pub csv: bool,
    /// A person looks at it.
    pub terminal: bool,
    /// Use colours.
    pub colour: bool,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// As it is.
    Plain(String),
    /// One of the seven words: translated, with shape and colour, on a terminal only.
    Status(String),
    /// For people, and for machines.
    Both { shown: String, piped: String },
}

impl Cell {
    /// A value, or nothing.
    pub fn some(value: Option<impl ToString>) -> Self {
        Self::Plain(value.map(|value| value.to_string()).unwrap_or_default())
    }

    /// Yes and no in the reader's language; `true` and `false` in a pipe.
    pub fn yes(value: bool) -> Self {
        let shown = if value { Text::Yes } else { Text::No }.to_string();
        Self::Both { shown, piped: value.to_string() }
    }

    fn piped(&self) -> String {
        match self {
            Self::Plain(text) | Self::Status(text) | Self::Both { piped: text, .. } => clean(text),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Plain(text) | Self::Both { shown: text, .. } => clean(text),
            Self::Status(status) => {
                Look::of(status).map_or_else(|| clean(status), |look| format!("{} {}", look.shape, look.word))
            }
        }
    }

    fn colour(&self) -> Option<&'static str> {
        match self {
            Self::Status(status) => Look::of(status).map(|look| look.colour),
            Self::Plain(_) | Self::Both { .. } => None,
        }
    }
}

impl<T: ToString> From<T> for Cell {
    fn from(value: T) -> Self {
        Self::Plain(value.to_string())
    }
}

/// How a status looks on a terminal.
struct Look {
    shape: char,
    word: Text,
    colour: &'static str,
}

impl Look {
    fn of(status: &str) -> Option<Self> {
        let (shape, word, colour) = match status {
            "pending" => ('○', Text::Pending, "33"),
            "running" => ('◔', Text::Running, "34"),
            "success" => ('✓', Text::Success, "32"),
            "failed" => ('✗', Text::Failed, "31"),
            "timedout" => ('!', Text::TimedOut, "38;5;208"),
            "canceled" => ('⊘', Text::Canceled, "90"),
            "skipped" => ('»', Text::Skipped, "90"),
            _ => return None,
        };
        Some(Self { shape, word, colour })
    }
}

impl Output {
    /// Stdout as it is.
    pub fn stdout(json: bool, csv: bool, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let terminal = io::stdout().is_terminal();
        let dumb = env("TERM").is_some_and(|term| term == "dumb");
        Self { json, csv, terminal, colour: terminal && !dumb && env("NO_COLOR").is_none() }
    }

    /// A list: `data` as JSON, else `rows`.
    pub fn list<T: Serialize>(self, data: &T, heading: &[Text], rows: Vec<Vec<Cell>>) -> Result<(), Failure> {
        if self.json {
            return self.json(data);
        }
        if self.csv {
            return print(&csv(heading, &rows)?);
        }
        print(&if self.terminal { self.table(heading, &rows) } else { tsv(&rows) })
    }

    /// One thing: `data` as JSON, else a line per value on a terminal, else one tab-separated line.
    pub fn one<T: Serialize>(self, data: &T, values: Vec<(Text, Cell)>) -> Result<(), Failure> {
        if self.json {
            return self.json(data);
        }
        if self.csv {
            let (heading, row): (Vec<Text>, Vec<Cell>) = values.into_iter().unzip();
            return print(&csv(&heading, &[row])?);
        }
        if !self.terminal {
            return print(&tsv(&[values.into_iter().map(|(_, cell)| cell).collect()]));
        }
        let widest = values.iter().map(|(name, _)| width(name.text())).max().unwrap_or_default();
        let mut text = String::new();
        for (name, cell) in &values {
            let gap = " ".repeat(widest - width(name.text()));
            text.push_str(&format!("{name}{gap}  {}\n", self.painted(cell)));
        }
        print(&text)
    }

    /// What a person should know of an answer that shows nothing, on stderr; to machines an empty list says it.
    pub fn note(self, text: Text) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    /// Something that is JSON whatever was asked for.
    pub fn json<T: Serialize>(self, data: &T) -> Result<(), Failure> {
        let text =
            if self.terminal { serde_json::to_string_pretty(data) } else { serde_json::to_string(data) };
        print(&format!("{}\n", text.map_err(Failure::error)?))
    }

    /// A text that a person reads or a shell evaluates, as it is.
    pub fn text(self, text: &str) -> Result<(), Failure> {
        print(text)
    }

    /// A status for a person: shape, word, and colour where there are colours.
    pub fn status(self, word: &str) -> String {
        self.painted(&Cell::Status(word.to_owned()))
    }

    fn painted(self, cell: &Cell) -> String {
        match cell.colour().filter(|_| self.colour) {
            Some(colour) => format!("\x1b[{colour}m{}\x1b[0m", cell.shown()),
            None => cell.shown(),
        }
    }

    fn table(self, heading: &[Text], rows: &[Vec<Cell>]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let mut widths: Vec<usize> = heading.iter().map(|name| width(name.text())).collect();
        for row in rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(&cell.shown()));
            }
        }
        let mut text = String::new();
        let mut line = |cells: Vec<(String, usize)>| {
            let last = cells.len().saturating_sub(1);
            for (place, (painted, shown)) in cells.into_iter().enumerate() {
                text.push_str(&painted);
                if place < last {
                    text.push_str(&" ".repeat(widths.get(place).copied().unwrap_or(shown) - shown + 2));
                }
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        };
        line(heading.iter().map(|name| (name.to_string(), width(name.text()))).collect());
        for row in rows {
            line(row.iter().map(|cell| (self.painted(cell), width(&cell.shown()))).collect());
        }
        text
    }
}

fn tsv(rows: &[Vec<Cell>]) -> String {
    rows.iter()
        .map(|row| format!("{}\n", row.iter().map(Cell::piped).collect::<Vec<_>>().join("\t")))
        .collect()
}

/// RFC 4180, its heading the same in every language: programs read it. A spreadsheet runs a cell that begins with one of `= + - @`,
/// wherever it came from, so such a cell begins with an apostrophe.
fn csv(heading: &[Text], rows: &[Vec<Cell>]) -> Result<String, Failure> {
    let heading = heading.iter().map(|text| text.in_language(Lang::English).to_lowercase().replace(' ', "_"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heading).map_err(Failure::error)?;
    for row in rows {
        let cells = row.iter().map(|cell| {
            let text = cell.piped();
            if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
        });
        writer.write_record(cells).map_err(Failure::error)?;
    }
    let bytes = writer.into_inner().map_err(Failure::error)?;
    String::from_utf8(bytes).map_err(Failure::error)
}

fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Bytes as they came, such as the body of an answer.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    Ok(stdout.flush()?)
}

/// A bar for a person who watches stderr; for anybody else there is none.
pub fn progress_bar(template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// The text without control characters, and without those that turn the direction of what follows.
pub fn clean(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c })
        .filter(|c| !harmful(*c))
        .collect()
}

/// Columns on a terminal: Chinese takes two.
fn width(text: &str) -> usize {
    let columns = |c: char| match c as u32 {
        0x0300..=0x036f | 0x200b..=0x200d | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    };
    text.chars().map(columns).sum()
}

#[cfg(test)]
mod tests {
    use super::{Cell, Output, clean, csv, tsv, width};
    use crate::messages::Text;

    fn output(colour: bool) -> Output {
        Output { json: false, csv: false, terminal: true, colour }
    }

    #[test]
    fn control_characters_never_come_out() {
        assert_eq!(clean("a\x1b[31mb\u{7}\tc\nd\u{202e}e\u{9b}"), "a[31mb c de");
        assert_eq!(tsv(&[vec!["a\tb".into(), "c\nd".into()]]), "a b\tc d\n");
    }

    #[test]
    fn a_spreadsheet_takes_nothing_for_a_formula() {
        let row = |name: &str| vec![1.into(), name.into(), Cell::Status("failed".into()), Cell::yes(true)];
        let evil = ["=HYPERLINK(\"http://x\",1)", "+1", "-1", "@SUM(1)", "\t=1", "a, \"b\"", "编译"];
        let text = csv(&[Text::Id, Text::Access, Text::Status, Text::Admin], &evil.map(row)).unwrap();
        let want = [
            "id,access_key,status,admin",
            "1,\"'=HYPERLINK(\"\"http://x\"\",1)\",failed,true",
            "1,'+1,failed,true",
            "1,'-1,failed,true",
            "1,'@SUM(1),failed,true",
            "1, =1,failed,true",
            "1,\"a, \"\"b\"\"\",failed,true",
            "1,编译,failed,true\n",
        ];
        assert_eq!(text, want.join("\n"));
        assert_eq!(csv(&[Text::Id], &[]).unwrap(), "id\n", "an empty list has its heading");
    }

    #[test]
    fn columns_line_up_with_chinese_names() {
        let rows = vec![
            vec!["1".into(), Cell::from("任务1"), Cell::Status("failed".into())],
            vec!["22".into(), Cell::from("build"), Cell::Status("success".into())],
        ];
        let table = output(false).table(&[Text::Id, Text::Name, Text::Status], &rows);
        assert_eq!(table, "ID  NAME   STATUS\n1   任务1  ✗ Failed\n22  build  ✓ Success\n");
        assert_eq!((width("任务1"), width("e\u{301}")), (5, 1));
    }

    #[test]
    fn every_status_has_its_own_shape_and_colour_is_an_addition() {
        let words = ["pending", "running", "success", "failed", "canceled", "skipped", "timedout"];
        let shown: Vec<String> = words.iter().map(|w| Cell::Status((*w).into()).shown()).collect();
        let mut shapes: Vec<char> = shown.iter().filter_map(|text| text.chars().next()).collect();
        shapes.sort_unstable();
        shapes.dedup();
        assert_eq!(shapes.len(), words.len());
        assert!(output(true).painted(&Cell::Status("failed".into())).starts_with("\x1b[31m✗ Failed"));
        assert_eq!(tsv(&[vec![Cell::Status("timedout".into())]]), "timedout\n");
        assert_eq!(Cell::Status("odd\x1b".into()).shown(), "odd");
    }
}
