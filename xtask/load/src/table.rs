//! The tables that a run prints.

use crate::results::{Figure, Goal, Results, Row, median, ratio};

const HEADINGS: [&str; 17] = [
    "measure",
    "server",
    "rate /s",
    "of nginx",
    "of handler",
    "p50 ms",
    "p90 ms",
    "p99 ms",
    "errors",
    "CPU µs",
    "db CPU µs",
    "written B",
    "RssAnon MB",
    "Rss MB",
    "waiting",
    "settled s",
    "generator",
];

/// All rows of a run, and its figures.
pub fn results(results: &Results) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned).to_vec()];
    lines.extend(results.rows.iter().map(cells));
    let mut text = align(&lines, 2);
    if !results.figures.is_empty() {
        let mut lines = vec![["figure", "server", "value", "goal", ""].map(str::to_owned).to_vec()];
        lines.extend(results.figures.iter().map(figure));
        text = text + "\n" + &align(&lines, 2);
    }
    text
}

fn cells(row: &Row) -> Vec<String> {
    let optional =
        |number: Option<f64>, digits: usize| number.map_or_else(String::new, |n| decimal(n, digits));
    let megabytes = |bytes: u64| decimal(bytes as f64 / 1e6, 0);
    let waiting = row.waiting.map_or_else(String::new, |(begin, end)| format!("{begin:.0} → {end:.0}"));
    vec![
        row.measure.clone(),
        server(&row.server, row.other),
        decimal(row.rate, 0),
        optional(row.of_nginx, 2),
        optional(row.of_handler, 2),
        optional(row.p50, 2),
        optional(row.p90, 2),
        optional(row.p99, 2),
        row.errors.to_string(),
        decimal(row.processor, 1),
        optional(row.database_processor, 1),
        optional(row.written, 0),
        megabytes(row.anonymous),
        megabytes(row.resident),
        waiting,
        optional(row.settled, 1),
        format!("{:.0} %", row.generator * 100.0),
    ]
}

fn figure(figure: &Figure) -> Vec<String> {
    let goal = match figure.goal {
        Some(Goal::AtLeast(goal)) => format!("≥ {}", plain(goal)),
        Some(Goal::AtMost(goal)) => format!("≤ {}", plain(goal)),
        None => String::new(),
    };
    let met = figure.goal.map_or("", |goal| if goal.is_met(figure.value) { "yes" } else { "no" });
    vec![figure.name.clone(), server(&figure.server, figure.other), plain(figure.value), goal, met.to_owned()]
}

fn server(name: &str, other: bool) -> String {
    if other { format!("{name}, other") } else { name.to_owned() }
}

/// The differences to an earlier run: the measures and figures that both have.
pub fn comparison(before: &Results, now: &Results) -> String {
    let mut lines = vec![
        ["measure", "server", "rate /s", "before", "ratio", "p50", "p99", "CPU", "written", "RssAnon"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for row in now.rows.iter().filter(|row| !row.other) {
        let same = |old: &&Row| old.measure == row.measure && old.server == row.server && !old.other;
        if let Some(old) = before.rows.iter().find(same) {
            let before =
                vec![row.measure.clone(), row.server.clone(), decimal(row.rate, 0), decimal(old.rate, 0)];
            lines.push([before, ratios(row, old)].concat());
        }
    }
    let mut text = align(&lines, 2);
    let mut lines = vec![["figure", "server", "value", "before", "ratio"].map(str::to_owned).to_vec()];
    for figure in now.figures.iter().filter(|figure| !figure.other) {
        let same = |old: &&Figure| old.name == figure.name && old.server == figure.server && !old.other;
        if let Some(old) = before.figures.iter().find(same) {
            let by = times(Some(figure.value), Some(old.value));
            lines.push(vec![
                figure.name.clone(),
                figure.server.clone(),
                plain(figure.value),
                plain(old.value),
                by,
            ]);
        }
    }
    if lines.len() > 1 {
        text = text + "\n" + &align(&lines, 2);
    }
    text
}

/// This build beside the other one of `--against`, measured in turns, and the median of the ratios.
pub fn pairs(results: &Results) -> String {
    let mut lines = vec![
        ["measure", "server", "this /s", "other /s", "this/other", "p50", "p99", "CPU", "written", "RssAnon"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut rates = Vec::new();
    for row in results.rows.iter().filter(|row| !row.other) {
        let same = |old: &&Row| old.measure == row.measure && old.server == row.server && old.other;
        if let Some(other) = results.rows.iter().find(same) {
            let both =
                vec![row.measure.clone(), row.server.clone(), decimal(row.rate, 0), decimal(other.rate, 0)];
            lines.push([both, ratios(row, other)].concat());
            rates.extend(ratio(row.rate, other.rate));
        }
    }
    let of_all =
        median(rates).map_or_else(String::new, |ratio| format!("median of the ratios: {ratio:.2}\n"));
    align(&lines, 2) + &of_all
}

/// The common part of the columns of [`comparison`] and [`pairs`]: a row divided by another one.
fn ratios(row: &Row, by: &Row) -> Vec<String> {
    vec![
        times(Some(row.rate), Some(by.rate)),
        times(row.p50, by.p50),
        times(row.p99, by.p99),
        times(Some(row.processor), Some(by.processor)),
        times(row.written, by.written),
        times(Some(row.anonymous as f64), Some(by.anonymous as f64)),
    ]
}

fn times(number: Option<f64>, by: Option<f64>) -> String {
    let ratio = number.zip(by).and_then(|(number, by)| ratio(number, by));
    ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))
}

/// A number with as many digits as its size needs.
fn plain(number: f64) -> String {
    decimal(number, if number.abs() < 100.0 { 2 } else { 0 })
}

/// A number with separators of thousands.
fn decimal(number: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", number.abs());
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{fraction}", if number < 0.0 { "-" } else { "" })
}

/// Aligns columns: the first `texts` to the left, and the others to the right.
fn align(lines: &[Vec<String>], texts: usize) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column < texts { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(measure: &str, server: &str, other: bool, rate: f64) -> Row {
        Row { measure: measure.into(), server: server.into(), other, rate, ..Row::default() }
    }

    fn figure(value: f64, goal: Goal) -> Figure {
        Figure { name: "start, s".into(), server: "SQLite".into(), other: false, value, goal: Some(goal) }
    }

    /// A line as its words.
    fn words(text: &str, start: &str) -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with(start)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!(decimal(1_234_567.0, 0), "1,234,567");
        assert_eq!(decimal(999.5, 1), "999.5");
        assert_eq!(decimal(-1_000.0, 0), "-1,000");
        assert_eq!((plain(0.956), plain(1_999.6)), ("0.96".into(), "2,000".into()));
    }

    #[test]
    fn a_table_has_one_line_for_each_row_and_tells_which_goals_are_met() {
        let rows = vec![
            Row { of_nginx: Some(0.412), p50: Some(1.25), ..row("reports", "SQLite", false, 24_000.0) },
            row("reports", "SQLite", true, 20_000.0),
        ];
        let figures = vec![figure(0.5, Goal::AtMost(1.0)), figure(1.5, Goal::AtMost(1.0))];
        let text = results(&Results { rows, figures });
        assert_eq!(words(&text, "reports  SQLite  ")[..5], ["reports", "SQLite", "24,000", "0.41", "1.25"]);
        assert!(text.contains("reports  SQLite, other"), "{text}");
        let starts: Vec<&str> = text.lines().filter(|line| line.starts_with("start, s")).collect();
        assert!(starts[0].ends_with("≤ 1.00  yes") && starts[1].ends_with("≤ 1.00   no"), "{text}");
    }

    #[test]
    fn a_comparison_has_what_both_runs_measured() {
        let before = Results { rows: vec![row("list", "SQLite", false, 100.0)], figures: vec![] };
        let now = Results {
            rows: vec![row("list", "SQLite", false, 150.0), row("reports", "SQLite", false, 7.0)],
            figures: vec![figure(1.0, Goal::AtMost(1.0))],
        };
        let text = comparison(&before, &now);
        assert_eq!(words(&text, "list"), ["list", "SQLite", "150", "100", "1.50"]);
        assert!(!text.contains("reports") && !text.contains("start"), "{text}");
    }

    #[test]
    fn pairs_are_of_one_measure_and_one_server() {
        let rows = vec![
            row("list", "nginx", false, 900.0),
            row("list", "SQLite", false, 120.0),
            row("list", "SQLite", true, 100.0),
            row("list", "PostgreSQL", false, 50.0),
            row("list", "PostgreSQL", true, 100.0),
        ];
        let text = pairs(&Results { rows, figures: vec![] });
        let pairs: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(pairs[1], ["list", "SQLite", "120", "100", "1.20"]);
        assert!(!text.contains("nginx") && text.ends_with("median of the ratios: 0.85\n"), "{text}");
    }
}
