//! The figures that have goals, computed from the rows.

use crate::options::Engine::{self, Postgres, Sqlite};
use crate::results::{Figure, Goal, Row, ratio};

/// The ratios of rates to that of nginx: measure, store and goal.
const OF_NGINX: [(&str, Engine, f64); 10] = [
    ("list", Sqlite, 0.95),
    ("list-random", Sqlite, 0.35),
    ("gitlab-jobs", Sqlite, 0.35),
    ("gitlab-statuses", Sqlite, 0.35),
    ("native-jobs", Sqlite, 0.35),
    ("reports", Sqlite, 0.40),
    ("status-changes", Sqlite, 0.40),
    ("gitlab-reports", Sqlite, 0.35),
    ("reports", Postgres, 0.15),
    ("status-changes", Postgres, 0.15),
];
/// The ratios of rates to that of another measure on the same server: what is compared, and goals.
const OF_OTHERS: [(&str, &str, Option<f64>); 3] = [
    ("list-signed", "list", Some(0.60)),
    ("github-reports", "gitlab-reports", Some(0.90)),
    ("repositories", "one-repository", None),
];
/// Bytes that are written for each report.
const WRITTEN: [(&str, f64); 2] = [("reports", 2_000.0), ("status-changes", 2_000.0)];
/// The median durations of responses, in milliseconds: measure and goal.
const MEDIANS: [(&str, f64); 1] = [("combined-status", 5.0)];
/// Reports per second in batches.
const BATCHES: f64 = 60_000.0;
/// The largest resident memory that is no file, in MB.
const ANONYMOUS: f64 = 256.0;

/// The figures of the product's rows.
pub fn of_rows(rows: &[Row]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for row in rows {
        let is = |measure: &str, engine: Engine| row.measure == measure && row.server == engine.name();
        let mut add = |what: &str, value: Option<f64>, goal: Option<Goal>| {
            figures.extend(value.map(|value| figure(row, format!("{}, {what}", row.measure), value, goal)));
        };
        for (_, _, goal) in OF_NGINX.iter().filter(|(measure, engine, _)| is(measure, *engine)) {
            add("of nginx", row.of_nginx, Some(Goal::AtLeast(*goal)));
        }
        for (_, by, goal) in OF_OTHERS.iter().filter(|(measure, ..)| row.measure == *measure) {
            let same =
                |other: &&Row| other.measure == *by && other.server == row.server && other.other == row.other;
            let by_rate = rows.iter().find(same).and_then(|other| ratio(row.rate, other.rate));
            if is_product(row) {
                add(&format!("of {by}"), by_rate, goal.map(Goal::AtLeast));
            }
        }
        for (_, goal) in WRITTEN.iter().filter(|(measure, _)| is(measure, Sqlite)) {
            add("bytes written for each", row.written, Some(Goal::AtMost(*goal)));
        }
        for (_, goal) in MEDIANS.iter().filter(|(measure, _)| row.measure == *measure && is_product(row)) {
            add("p50, ms", row.p50, Some(Goal::AtMost(*goal)));
        }
        if is("batches", Sqlite) {
            add("reports per second", Some(row.rate), Some(Goal::AtLeast(BATCHES)));
        }
    }
    figures.extend(largest_memory(rows));
    figures
}

/// The largest memory of each server in all measures.
fn largest_memory(rows: &[Row]) -> Vec<Figure> {
    let mut largest: Vec<&Row> = Vec::new();
    for row in rows.iter().filter(|row| is_product(row)) {
        match largest.iter_mut().find(|other| other.server == row.server && other.other == row.other) {
            Some(other) if other.anonymous < row.anonymous => *other = row,
            Some(_) => {}
            None => largest.push(row),
        }
    }
    let figure = |row: &Row| {
        let name = format!("largest RssAnon, MB ({})", row.measure);
        figure(row, name, row.anonymous as f64 / 1e6, Some(Goal::AtMost(ANONYMOUS)))
    };
    largest.into_iter().map(figure).collect()
}

fn is_product(row: &Row) -> bool {
    [Sqlite, Postgres].iter().any(|engine| engine.name() == row.server)
}

fn figure(row: &Row, name: String, value: f64, goal: Option<Goal>) -> Figure {
    Figure { name, server: row.server.clone(), other: row.other, value, goal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::MEASURES;

    fn row(measure: &str, server: &str, rate: f64) -> Row {
        Row { measure: measure.into(), server: server.into(), rate, ..Row::default() }
    }

    fn value(figures: &[Figure], name: &str, server: &str) -> Option<f64> {
        figures
            .iter()
            .find(|figure| figure.name == name && figure.server == server)
            .map(|figure| figure.value)
    }

    #[test]
    fn goals_are_of_measures_that_exist() {
        let names = OF_NGINX.map(|(name, ..)| name);
        let names = names.iter().chain(WRITTEN.iter().map(|(name, _)| name));
        let names = names.chain(OF_OTHERS.iter().map(|(name, ..)| name));
        let names = names.chain(MEDIANS.iter().map(|(name, _)| name));
        for name in names {
            assert!(MEASURES.iter().any(|measure| measure.name == *name), "{name}");
        }
    }

    #[test]
    fn a_signed_list_is_compared_with_the_list_of_the_same_server() {
        let rows = [
            row("list", "nginx", 900.0),
            row("list", "SQLite", 100.0),
            row("list", "PostgreSQL", 50.0),
            row("list-signed", "nginx", 900.0),
            row("list-signed", "SQLite", 65.0),
            row("list-signed", "PostgreSQL", 40.0),
        ];
        let figures = of_rows(&rows);
        assert_eq!(value(&figures, "list-signed, of list", "SQLite"), Some(0.65));
        assert_eq!(value(&figures, "list-signed, of list", "PostgreSQL"), Some(0.8));
        assert_eq!(value(&figures, "list-signed, of list", "nginx"), None);
    }

    #[test]
    fn memory_is_the_largest_of_all_measures() {
        let with = |measure, anonymous| Row { anonymous, ..row(measure, "SQLite", 1.0) };
        let figures = of_rows(&[with("list", 7_000_000), with("mixed", 9_000_000), with("disk", 8_000_000)]);
        assert_eq!(value(&figures, "largest RssAnon, MB (mixed)", "SQLite"), Some(9.0));
        assert_eq!(figures.len(), 1);
    }
}
