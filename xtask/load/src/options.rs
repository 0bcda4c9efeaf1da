//! The options of a measurement.

use crate::Outcome;
use crate::measures::{MEASURES, Measure};
use std::path::PathBuf;
use std::time::Duration;

/// The description of the options; `cargo xtask load` prints it.
pub const USAGE: &str = "options of cargo xtask load:
  --seconds N          seconds of each measure on each server (default 10), in all rounds
  --write-seconds N    the same for measures that write (default as --seconds)
  --rounds N           rounds in which the servers take turns (default 3); rates are medians of them
  --jobs N             jobs in the store, up to 10,000,000 (default 400,000); they are generated once and kept
  --repositories N     repositories that are written to at once, up to 100,000 (default 1,000)
  --connections N      connections that read (default 32)
  --senders N          connections that write (default 64)
  --store NAME         sqlite, postgres or both (default)
  --only NAME[,NAME]   only these measures
  --json FILE          writes the results to a file
  --compare FILE       prints the differences to results that were written before
  --against BINARY     measures another build of the server too, in turns with this one
  --profile NAME       the profile that the server and the generator are built with (default dist)
  --scratch DIR        where the data is kept (default: load in the target folder)";

/// The largest data set.
const JOBS_MAX: u64 = 10_000_000;
/// As many ids with the same number of digits are free.
const REPOSITORIES_MAX: u64 = 100_000;

/// The database of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// Its name in options and file names.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The options.
#[derive(Debug, Clone)]
pub struct Options {
    pub seconds: f64,
    pub write_seconds: f64,
    pub rounds: u32,
    pub jobs: u64,
    pub repositories: u64,
    pub connections: usize,
    pub senders: usize,
    pub engines: Vec<Engine>,
    /// In the order of [`MEASURES`].
    pub measures: Vec<&'static Measure>,
    pub json: Option<PathBuf>,
    pub compare: Option<PathBuf>,
    pub against: Option<PathBuf>,
    pub scratch: PathBuf,
}

impl Options {
    /// Reads pairs of a name and a value.
    ///
    /// # Errors
    /// Names the option that is unknown or has an invalid value.
    pub fn read(args: &[&str]) -> Outcome<Self> {
        let mut options = Self {
            seconds: 10.0,
            write_seconds: 0.0,
            rounds: 3,
            jobs: 400_000,
            repositories: 1_000,
            connections: 32,
            senders: 64,
            engines: vec![Engine::Sqlite, Engine::Postgres],
            measures: MEASURES.iter().collect(),
            json: None,
            compare: None,
            against: None,
            scratch: PathBuf::from("load"),
        };
        for pair in args.chunks(2) {
            let [name, value] = *pair else { return Err(format!("{} needs a value\n{USAGE}", pair[0])) };
            let number = |max: u64| {
                let number = value.replace([',', '_'], "").parse().ok();
                let number = number.filter(|number| (1..=max).contains(number));
                number.ok_or_else(|| format!("{name} {value}: not a number from 1 to {max}"))
            };
            match name {
                "--seconds" => options.seconds = seconds(name, value)?,
                "--write-seconds" => options.write_seconds = seconds(name, value)?,
                "--rounds" => options.rounds = number(100)? as u32,
                "--jobs" => options.jobs = number(JOBS_MAX)?,
                "--repositories" => options.repositories = number(REPOSITORIES_MAX)?,
                "--connections" => options.connections = number(400)? as usize,
                "--senders" => options.senders = number(400)? as usize,
                "--store" => options.engines = engines(value)?,
                "--only" => options.measures = measures(value)?,
                "--json" => options.json = Some(value.into()),
                "--compare" => options.compare = Some(file(name, value)?),
                "--against" => options.against = Some(file(name, value)?),
                "--scratch" => options.scratch = value.into(),
                _ => return Err(format!("{name}: unknown\n{USAGE}")),
            }
        }
        if options.write_seconds == 0.0 {
            options.write_seconds = options.seconds;
        }
        Ok(options)
    }

    /// The time of one round of a measure.
    pub fn round(&self, writes: bool) -> Duration {
        let seconds = if writes { self.write_seconds } else { self.seconds };
        Duration::from_secs_f64(seconds) / self.rounds
    }
}

fn file(name: &str, value: &str) -> Outcome<PathBuf> {
    let file = PathBuf::from(value);
    if file.is_file() { Ok(file) } else { Err(format!("{name} {value}: not a file")) }
}

fn seconds(name: &str, value: &str) -> Outcome<f64> {
    let seconds = value.parse().ok().filter(|seconds| (0.01..=3_600.0).contains(seconds));
    seconds.ok_or_else(|| format!("{name} {value}: not a number from 0.01 to 3600"))
}

fn engines(value: &str) -> Outcome<Vec<Engine>> {
    match value {
        "both" => Ok(vec![Engine::Sqlite, Engine::Postgres]),
        "sqlite" => Ok(vec![Engine::Sqlite]),
        "postgres" => Ok(vec![Engine::Postgres]),
        _ => Err(format!("--store {value}: not sqlite, postgres or both")),
    }
}

fn measures(value: &str) -> Outcome<Vec<&'static Measure>> {
    let names: Vec<&str> = value.split(',').collect();
    if let Some(unknown) = names.iter().find(|name| MEASURES.iter().all(|measure| measure.name != **name)) {
        let known: Vec<&str> = MEASURES.iter().map(|measure| measure.name).collect();
        return Err(format!("--only {unknown}: unknown; the measures are {}", known.join(", ")));
    }
    Ok(MEASURES.iter().filter(|measure| names.contains(&measure.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_options_everything_is_measured() {
        let options = Options::read(&[]).unwrap();
        assert_eq!(options.measures.len(), MEASURES.len());
        assert_eq!(options.engines, [Engine::Sqlite, Engine::Postgres]);
        assert_eq!(options.write_seconds, options.seconds);
    }

    #[test]
    fn options_are_pairs() {
        let args = ["--seconds", "60", "--jobs", "10,000,000", "--store", "sqlite", "--only", "reports,list"];
        let options = Options::read(&args).unwrap();
        assert_eq!((options.seconds, options.write_seconds, options.jobs), (60.0, 60.0, 10_000_000));
        assert_eq!(options.engines, [Engine::Sqlite]);
        let names: Vec<&str> = options.measures.iter().map(|measure| measure.name).collect();
        assert_eq!(names, ["list", "reports"]);
        assert_eq!(options.round(true), Duration::from_secs(20));
    }

    #[test]
    fn a_wrong_option_is_named() {
        let cases = [
            (["--second", "5"], "--second: unknown"),
            (["--seconds", "0"], "--seconds 0"),
            (["--jobs", "10,000,001"], "--jobs 10,000,001"),
            (["--store", "mysql"], "--store mysql"),
            (["--against", "/"], "--against /: not a file"),
            (["--only", "list,lists"], "--only lists: unknown; the measures are list"),
        ];
        for (args, expected) in cases {
            let error = Options::read(&args).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(Options::read(&["--json"]).unwrap_err().starts_with("--json needs a value"));
    }
}
