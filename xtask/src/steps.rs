//! Steps: commands that are run one after the other, watched as they print, and added up.

use crate::Outcome;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Tests, added up.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Count {
    /// The counts in one line of a test runner: cargo's `test result: ok. 3 passed; 0 failed; 1 ignored; ...`, or the plain
    /// `3 passed, 0 failed`.
    pub fn read(line: &str) -> Option<Self> {
        let (counts, cargo) = match line.trim().strip_prefix("test result: ") {
            Some(rest) => (rest.split_once(". ")?.1, true),
            None => (line.trim(), false),
        };
        let mut count = Self::default();
        for (place, part) in counts.split(if cargo { "; " } else { ", " }).enumerate() {
            let (number, word) = part.split_once(' ')?;
            match (place, word) {
                (0, "passed") => count.passed = number.parse().ok()?,
                (1, "failed") => count.failed = number.parse().ok()?,
                (2, "ignored" | "skipped") => count.skipped = number.parse().ok()?,
                _ if cargo && place > 2 => break,
                _ => return None,
            }
        }
        counts.contains(" failed").then_some(count)
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

struct Done {
    name: String,
    took: Duration,
    failure: Option<String>,
}

/// The steps so far.
#[derive(Default)]
pub struct Steps {
    done: Vec<Done>,
    total: Count,
}

impl Steps {
    /// Runs a step. `work` returns what it counted; a step that fails without having counted a failure counts as one.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> (Count, Outcome)) -> bool {
        println!("==> {name}");
        let began = Instant::now();
        let (mut count, outcome) = work();
        let took = began.elapsed();
        if outcome.is_err() && count.failed == 0 {
            count.failed = 1;
        }
        self.total.add(count);
        let failure =
            outcome.err().or_else(|| (count.failed > 0).then(|| format!("{} failed", count.failed)));
        match &failure {
            None => println!("<== {name}: ok, {:.1} s", took.as_secs_f64()),
            Some(why) => println!("<== {name}: FAILED after {:.1} s: {why}", took.as_secs_f64()),
        }
        let passed = failure.is_none();
        self.done.push(Done { name: name.to_owned(), took, failure });
        passed
    }

    /// Prints the sums, last of all lines.
    pub fn close(self, strict: bool) -> Outcome {
        println!();
        for Done { name, took, failure } in &self.done {
            let word = if failure.is_none() { "ok" } else { "FAILED" };
            println!("{:>8.1} s  {word:<6}  {name}", took.as_secs_f64());
        }
        let Count { passed, failed, skipped } = self.total;
        let mut broken: Vec<String> = self
            .done
            .iter()
            .filter_map(|d| d.failure.as_ref().map(|why| format!("{}: {why}", d.name)))
            .collect();
        if strict && skipped > 0 {
            broken.push(format!("{skipped} tests were skipped, and in CI nothing is"));
        }
        for line in &broken {
            println!("{line}");
        }
        // stderr may not follow the closing line where both end in one log.
        let skips = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        println!("{passed} passed, {failed} failed{skips}");
        let _ = std::io::stdout().flush();
        if broken.is_empty() { Ok(()) } else { std::process::exit(1) }
    }
}

/// Runs a command whose output is for people only.
pub fn plain(command: &mut Command) -> (Count, Outcome) {
    let outcome = match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(status.to_string()),
        Err(e) => Err(format!("{}: {e}", command.get_program().display())),
    };
    (Count::default(), outcome)
}

/// Runs a command that runs tests: passes its output on line by line, and adds up what it counts.
pub fn counted(command: &mut Command) -> (Count, Outcome) {
    let mut count = Count::default();
    let outcome = watch(command, &mut count);
    if outcome.is_ok() && count == Count::default() {
        return (count, Err("it ran no test".into()));
    }
    (count, outcome)
}

fn watch(command: &mut Command, count: &mut Count) -> Outcome {
    let program = command.get_program().display().to_string();
    let failed = |e: std::io::Error| format!("{program}: {e}");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        // As bytes: what a test prints need not be UTF-8.
        while stdout.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            if let Some(counts) = Count::read(&String::from_utf8_lossy(&line)) {
                count.add(counts);
            }
            let mut out = std::io::stdout().lock();
            out.write_all(&line).and_then(|()| out.flush()).map_err(failed)?;
            line.clear();
        }
    }
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_both_runners() {
        let count = |passed, failed, skipped| Some(Count { passed, failed, skipped });
        let cargo =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s";
        assert_eq!(Count::read(cargo), count(12, 0, 1));
        let broken = "test result: FAILED. 2 passed; 5 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        assert_eq!(Count::read(broken), count(2, 5, 0));
        assert_eq!(Count::read("31 passed, 2 failed"), count(31, 2, 0));
        assert_eq!(Count::read("31 passed, 0 failed, 4 skipped"), count(31, 0, 4));
        for other in [
            "",
            "running 3 tests",
            "test a::b ... ok",
            "3 passed",
            "he passed, she failed",
            "3 passed, 1 failed, 2 odd",
        ] {
            assert_eq!(Count::read(other), None, "{other}");
        }
    }
}
