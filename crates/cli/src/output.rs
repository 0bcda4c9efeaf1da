//! Data on stdout: a table on a terminal, tab-separated values without a header in a pipe, JSON, or CSV with
//! a header.
//!
//! Values are not trusted: control characters are removed. A status has a symbol and a label in addition to
//! its colour.
//!
//! Must not know: where the data comes from.

use crate::exit::Failure;
use crate::messages::Text;
use crate::terminal::{sanitize, width};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// The format of stdout.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Print JSON.
    pub json: bool,
    /// Print CSV.
    pub csv: bool,
    /// Stdout is a terminal.
    pub terminal: bool,
    /// The terminal understands no escape sequences (`TERM=dumb`).
    pub dumb: bool,
    /// Use colours.
    pub colour: bool,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// The same text in every format.
    Plain(String),
    /// One of the seven status names. Translated, with symbol and colour, on a terminal only.
    Status(String),
    /// A text for a terminal and a value for programs.
    DisplayAndRaw { display: String, raw: String },
}

impl Cell {
    /// A value, or an empty cell.
    pub fn optional(value: Option<impl ToString>) -> Self {
        Self::Plain(value.map(|value| value.to_string()).unwrap_or_default())
    }

    /// Translated yes or no on a terminal; `true` or `false` for programs.
    pub fn from_bool(value: bool) -> Self {
        let display = if value { Text::Yes } else { Text::No }.to_string();
        Self::DisplayAndRaw { display, raw: value.to_string() }
    }

    fn raw(&self) -> String {
        match self {
            Self::Plain(text) | Self::Status(text) | Self::DisplayAndRaw { raw: text, .. } => sanitize(text),
        }
    }

    fn display(&self) -> String {
        match self {
            Self::Plain(text) | Self::DisplayAndRaw { display: text, .. } => sanitize(text),
            Self::Status(status) => match StatusStyle::for_status(status) {
                Some(style) => format!("{} {}", style.symbol, style.label),
                None => sanitize(status),
            },
        }
    }

    fn colour(&self) -> Option<&'static str> {
        match self {
            Self::Status(status) => StatusStyle::for_status(status).map(|style| style.colour),
            Self::Plain(_) | Self::DisplayAndRaw { .. } => None,
        }
    }
}

impl<T: ToString> From<T> for Cell {
    fn from(value: T) -> Self {
        Self::Plain(value.to_string())
    }
}

/// The display of a status on a terminal.
struct StatusStyle {
    symbol: char,
    label: Text,
    /// The parameters of the ANSI escape sequence.
    colour: &'static str,
}

impl StatusStyle {
    fn for_status(status: &str) -> Option<Self> {
        let (symbol, label, colour) = match status {
            "pending" => ('○', Text::Pending, "33"),
            "running" => ('◔', Text::Running, "34"),
            "success" => ('✓', Text::Success, "32"),
            "failed" => ('✗', Text::Failed, "31"),
            "timedout" => ('!', Text::TimedOut, "38;5;208"),
            "canceled" => ('⊘', Text::Canceled, "90"),
            "skipped" => ('»', Text::Skipped, "90"),
            _ => return None,
        };
        Some(Self { symbol, label, colour })
    }
}

impl Output {
    /// The output for the present stdout.
    pub fn stdout(json: bool, csv: bool, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let terminal = io::stdout().is_terminal();
        let dumb = env("TERM").is_some_and(|term| term == "dumb");
        Self { json, csv, terminal, dumb, colour: terminal && !dumb && env("NO_COLOR").is_none() }
    }

    /// Prints a list: `data` as JSON, or `rows` in another format.
    pub fn list<T: Serialize>(
        self,
        data: &T,
        headings: &[Text],
        rows: Vec<Vec<Cell>>,
    ) -> Result<(), Failure> {
        if self.json {
            return self.json(data);
        }
        if self.csv {
            return print(&csv(headings, &rows)?);
        }
        print(&if self.terminal { self.table(headings, &rows) } else { tsv(&rows) })
    }

    /// Prints one record: `data` as JSON, one value per line on a terminal, or one row in another format.
    pub fn record<T: Serialize>(self, data: &T, values: Vec<(Text, Cell)>) -> Result<(), Failure> {
        if self.json {
            return self.json(data);
        }
        if self.csv {
            let (headings, row): (Vec<Text>, Vec<Cell>) = values.into_iter().unzip();
            return print(&csv(&headings, &[row])?);
        }
        if !self.terminal {
            return print(&tsv(&[values.into_iter().map(|(_, cell)| cell).collect()]));
        }
        let widest = values.iter().map(|(name, _)| width(name.text())).max().unwrap_or_default();
        let mut text = String::new();
        for (name, cell) in &values {
            let gap = " ".repeat(widest - width(name.text()));
            text.push_str(&format!("{name}{gap}  {}\n", self.styled(cell)));
        }
        print(&text)
    }

    /// Prints a hint on stderr, except with JSON output.
    pub fn hint(self, text: Text) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    /// Prints JSON, whatever the selected format is.
    pub fn json<T: Serialize>(self, data: &T) -> Result<(), Failure> {
        let text =
            if self.terminal { serde_json::to_string_pretty(data) } else { serde_json::to_string(data) };
        print(&format!("{}\n", text.map_err(Failure::error)?))
    }

    /// Prints a text unchanged.
    pub fn text(self, text: &str) -> Result<(), Failure> {
        print(text)
    }

    /// A status for a terminal: symbol, label, and colour if enabled.
    pub fn status(self, status: &str) -> String {
        self.styled(&Cell::Status(status.to_owned()))
    }

    fn styled(self, cell: &Cell) -> String {
        match cell.colour().filter(|_| self.colour) {
            Some(colour) => format!("\x1b[{colour}m{}\x1b[0m", cell.display()),
            None => cell.display(),
        }
    }

    fn table(self, headings: &[Text], rows: &[Vec<Cell>]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let mut widths: Vec<usize> = headings.iter().map(|name| width(name.text())).collect();
        for row in rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(&cell.display()));
            }
        }
        let mut text = String::new();
        // Each cell with its width without escape sequences.
        let mut line = |cells: Vec<(String, usize)>| {
            let last = cells.len().saturating_sub(1);
            for (column, (styled, width)) in cells.into_iter().enumerate() {
                text.push_str(&styled);
                if column < last {
                    text.push_str(&" ".repeat(widths.get(column).copied().unwrap_or(width) - width + 2));
                }
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        };
        line(headings.iter().map(|name| (name.to_string(), width(name.text()))).collect());
        for row in rows {
            line(row.iter().map(|cell| (self.styled(cell), width(&cell.display()))).collect());
        }
        text
    }
}

fn tsv(rows: &[Vec<Cell>]) -> String {
    rows.iter().map(|row| format!("{}\n", row.iter().map(Cell::raw).collect::<Vec<_>>().join("\t"))).collect()
}

/// CSV as of RFC 4180. Spreadsheets run a cell that begins with one of `= + - @` as a formula, so such a cell
/// gets a leading apostrophe.
fn csv(headings: &[Text], rows: &[Vec<Cell>]) -> Result<String, Failure> {
    let header = headings.iter().map(|heading| heading.csv_name());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(Failure::error)?;
    for row in rows {
        let cells = row.iter().map(|cell| {
            let text = cell.raw();
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

/// Prints bytes unchanged, such as a response body.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    Ok(stdout.flush()?)
}

/// A progress bar on stderr; hidden unless stderr is a terminal.
pub fn progress_bar(template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Output, csv, tsv};
    use crate::messages::Text;

    fn output(colour: bool) -> Output {
        Output { json: false, csv: false, terminal: true, dumb: false, colour }
    }

    #[test]
    fn tabs_and_line_breaks_do_not_split_a_value() {
        assert_eq!(tsv(&[vec!["a\tb".into(), "c\nd".into()]]), "a b\tc d\n");
    }

    #[test]
    fn csv_cells_are_never_formulas() {
        let row =
            |name: &str| vec![1.into(), name.into(), Cell::Status("failed".into()), Cell::from_bool(true)];
        let names = ["=HYPERLINK(\"http://x\",1)", "+1", "-1", "@SUM(1)", "\t=1", "a, \"b\"", "编译"];
        let text = csv(&[Text::Id, Text::AccessKey, Text::Status, Text::Admin], &names.map(row)).unwrap();
        let expected = [
            "id,access_key,status,admin",
            "1,\"'=HYPERLINK(\"\"http://x\"\",1)\",failed,true",
            "1,'+1,failed,true",
            "1,'-1,failed,true",
            "1,'@SUM(1),failed,true",
            "1, =1,failed,true",
            "1,\"a, \"\"b\"\"\",failed,true",
            "1,编译,failed,true\n",
        ];
        assert_eq!(text, expected.join("\n"));
        assert_eq!(csv(&[Text::Id], &[]).unwrap(), "id\n", "an empty list has a header");
    }

    #[test]
    fn columns_are_aligned_with_chinese_names() {
        let rows = vec![
            vec!["1".into(), Cell::from("任务1"), Cell::Status("failed".into())],
            vec!["22".into(), Cell::from("build"), Cell::Status("success".into())],
        ];
        let table = output(false).table(&[Text::Id, Text::Name, Text::Status], &rows);
        assert_eq!(table, "ID  NAME   STATUS\n1   任务1  ✗ Failed\n22  build  ✓ Success\n");
    }

    #[test]
    fn every_status_has_its_own_symbol_besides_the_colour() {
        let statuses = ["pending", "running", "success", "failed", "canceled", "skipped", "timedout"];
        let texts: Vec<String> = statuses.iter().map(|s| Cell::Status((*s).into()).display()).collect();
        let mut symbols: Vec<char> = texts.iter().filter_map(|text| text.chars().next()).collect();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!(symbols.len(), statuses.len());
        assert!(output(true).styled(&Cell::Status("failed".into())).starts_with("\x1b[31m✗ Failed"));
        assert_eq!(tsv(&[vec![Cell::Status("timedout".into())]]), "timedout\n");
        assert_eq!(Cell::Status("odd\x1b".into()).display(), "odd");
    }
}
