//! The results of a run, and their JSON.

use crate::Outcome;
use serde_json::{Value, json};
use std::path::Path;

/// One measure on one server. Numbers that do not apply are absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// The name of the measure.
    pub measure: String,
    /// `nginx`, `bare handler`, or the store of the product.
    pub server: String,
    /// Whether this is the other build of `--against`.
    pub other: bool,
    /// Requests per second, or reports per second where a request has several: the median of the rounds.
    pub rate: f64,
    /// The rate divided by that of nginx.
    pub of_nginx: Option<f64>,
    /// The rate divided by that of the bare handler.
    pub of_handler: Option<f64>,
    /// Percentiles of the time from request to response, in milliseconds.
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub p99: Option<f64>,
    /// Responses other than 2xx, and connections that failed.
    pub errors: u64,
    /// Processor time of the server for each request (report), in microseconds.
    pub processor: f64,
    /// The same of PostgreSQL.
    pub database_processor: Option<f64>,
    /// Bytes that the server and PostgreSQL wrote for each report.
    pub written: Option<f64>,
    /// Resident memory of the server after the measure, in bytes: what is no file, and all.
    pub anonymous: u64,
    pub resident: u64,
    /// Writes that waited in the server before the first round, and after the last one.
    pub waiting: Option<(f64, f64)>,
    /// The longest time in seconds that the server went on writing after the last response of a round.
    pub settled: Option<f64>,
    /// The part of the time that the load generator used its processor.
    pub generator: f64,
}

/// A number of a run that is not the rate of a measure, or that has a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub name: String,
    pub server: String,
    /// Whether this is the other build of `--against`.
    pub other: bool,
    pub value: f64,
    pub goal: Option<Goal>,
}

/// The goal of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    /// Whether a value reaches the goal.
    pub fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(goal) => value >= goal,
            Self::AtMost(goal) => value <= goal,
        }
    }
}

/// Everything that a run measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Results {
    pub rows: Vec<Row>,
    pub figures: Vec<Figure>,
}

impl Results {
    /// Reads a file of an earlier run.
    ///
    /// # Errors
    /// When it is not such a file.
    pub fn read(file: &Path) -> Outcome<Self> {
        let text = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let json: Value = serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        Self::from_json(&json).ok_or_else(|| format!("{}: no results of this program", file.display()))
    }

    /// Writes a file, with what the run measured: `about` describes the run.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: &Path, about: &str) -> Outcome {
        let mut json = self.to_json();
        json["about"] = about.into();
        let text = format!("{json:#}\n");
        std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))
    }

    fn to_json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(Row::to_json).collect();
        let figures: Vec<Value> = self.figures.iter().map(Figure::to_json).collect();
        json!({"rows": rows, "figures": figures})
    }

    fn from_json(json: &Value) -> Option<Self> {
        let rows = json["rows"].as_array()?.iter().map(Row::from_json).collect::<Option<_>>()?;
        let figures = json["figures"].as_array()?.iter().map(Figure::from_json).collect::<Option<_>>()?;
        Some(Self { rows, figures })
    }
}

impl Row {
    fn to_json(&self) -> Value {
        json!({
            "measure": self.measure, "server": self.server, "other_build": self.other,
            "rate": self.rate, "of_nginx": self.of_nginx, "of_handler": self.of_handler,
            "p50_ms": self.p50, "p90_ms": self.p90, "p99_ms": self.p99, "errors": self.errors,
            "processor_us": self.processor, "database_processor_us": self.database_processor,
            "written_bytes": self.written, "rss_anon": self.anonymous, "rss": self.resident,
            "waiting": self.waiting.map(|(begin, end)| [begin, end]), "settled_s": self.settled, "generator": self.generator,
        })
    }

    fn from_json(json: &Value) -> Option<Self> {
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let number = |name: &str| json[name].as_f64();
        Some(Self {
            measure: text("measure")?,
            server: text("server")?,
            other: json["other_build"].as_bool()?,
            rate: number("rate")?,
            of_nginx: number("of_nginx"),
            of_handler: number("of_handler"),
            p50: number("p50_ms"),
            p90: number("p90_ms"),
            p99: number("p99_ms"),
            errors: json["errors"].as_u64()?,
            processor: number("processor_us")?,
            database_processor: number("database_processor_us"),
            written: number("written_bytes"),
            anonymous: json["rss_anon"].as_u64()?,
            resident: json["rss"].as_u64()?,
            waiting: json["waiting"][0].as_f64().zip(json["waiting"][1].as_f64()),
            settled: number("settled_s"),
            generator: number("generator")?,
        })
    }
}

impl Figure {
    fn to_json(&self) -> Value {
        let (at_least, at_most) = match self.goal {
            Some(Goal::AtLeast(goal)) => (Some(goal), None),
            Some(Goal::AtMost(goal)) => (None, Some(goal)),
            None => (None, None),
        };
        json!({
            "name": self.name, "server": self.server, "other_build": self.other, "value": self.value,
            "at_least": at_least, "at_most": at_most,
        })
    }

    fn from_json(json: &Value) -> Option<Self> {
        let at_least = json["at_least"].as_f64().map(Goal::AtLeast);
        Some(Self {
            name: json["name"].as_str()?.to_owned(),
            server: json["server"].as_str()?.to_owned(),
            other: json["other_build"].as_bool()?,
            value: json["value"].as_f64()?,
            goal: at_least.or_else(|| json["at_most"].as_f64().map(Goal::AtMost)),
        })
    }
}

/// The middle of some numbers, or the mean of the two in the middle; `None` without numbers.
pub fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    if numbers.len() % 2 == 1 { Some(upper) } else { Some((numbers[middle - 1] + upper) / 2.0) }
}

/// A number divided by another one; `None` when that is zero.
pub fn ratio(number: f64, by: f64) -> Option<f64> {
    (by > 0.0).then(|| number / by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 100.0]), Some(3.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 100.0]), Some(3.0));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn a_ratio_to_zero_is_absent() {
        assert_eq!(ratio(1.0, 4.0), Some(0.25));
        assert_eq!(ratio(1.0, 0.0), None);
    }

    #[test]
    fn a_goal_is_a_limit_that_may_be_reached() {
        assert!(Goal::AtLeast(0.4).is_met(0.4) && !Goal::AtLeast(0.4).is_met(0.39));
        assert!(Goal::AtMost(1.0).is_met(1.0) && !Goal::AtMost(1.0).is_met(1.01));
    }

    #[test]
    fn results_are_the_same_after_writing_and_reading() {
        let row = Row {
            measure: "reports".into(),
            server: "SQLite".into(),
            rate: 1_000.5,
            of_nginx: Some(0.4),
            p50: Some(1.5),
            written: Some(900.0),
            waiting: Some((0.0, 3.0)),
            anonymous: 5,
            ..Row::default()
        };
        let bare = Row { measure: "list".into(), server: "nginx".into(), ..Row::default() };
        let figure =
            |goal| Figure { name: "start".into(), server: "SQLite".into(), other: true, value: 0.5, goal };
        let results = Results {
            rows: vec![row, bare],
            figures: vec![figure(Some(Goal::AtMost(1.0))), figure(Some(Goal::AtLeast(0.1))), figure(None)],
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("results.json");
        results.write(&file, "a test").unwrap();
        assert_eq!(Results::read(&file).unwrap(), results);
        std::fs::write(&file, "{}").unwrap();
        assert!(Results::read(&file).unwrap_err().ends_with("no results of this program"));
    }
}
