//! Reads from the output of test runners which tests failed, and why.

use std::collections::VecDeque;

/// The lines that are kept from the beginning of a message, and as many from its end: a panic says at the beginning
/// what is wrong, a traceback of Python at the end.
const LINES_HALF: usize = 6;
/// The characters of a line that are kept.
const LINE_MAX: usize = 200;
/// The tests of a step that are printed.
const TESTS_MAX: usize = 20;

/// The failed tests of a step, and the end of its output.
#[derive(Debug, Default)]
pub struct Failures {
    tests: Vec<FailedTest>,
    /// The message that the next lines belong to.
    open: Option<(usize, Runner)>,
    /// The store that a suite runs on, where it runs on each.
    store: String,
    previous: String,
    end: Excerpt,
}

#[derive(Debug)]
struct FailedTest {
    name: String,
    message: Excerpt,
}

/// The beginning and the end of a text.
#[derive(Debug, Default)]
struct Excerpt {
    first: Vec<String>,
    last: VecDeque<String>,
    is_cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    /// `test NAME ... FAILED`, and at the end `---- NAME stdout ----` before the message.
    Cargo,
    /// `FAIL: NAME` or `ERROR: NAME` between two rules, before the message.
    Unittest,
    /// `NAME ... FAILED (12 ms)` before the message, which is indented: `compat/browser/reporter.js`.
    Browser,
}

impl Failures {
    /// Reads one line of output.
    pub fn read(&mut self, line: &str) {
        let line = line.trim_end();
        if let Some(store) = line.strip_prefix("--- on ") {
            self.store = format!("on {store}: ");
        }
        if let Some((name, runner)) = begin(line, &self.previous) {
            let name = format!("{}{name}", self.store);
            let test = self.find(&name);
            // Cargo names a failed test before its message.
            self.open = (!line.starts_with("test ")).then_some((test, runner));
        } else if let Some((test, runner)) = self.open {
            if ends(line, &self.previous, runner) {
                self.open = None;
            } else if !line.is_empty() && !is_rule(line, '-') && !line.starts_with("note: run with") {
                self.tests[test].message.push(line);
            }
        }
        if !line.is_empty() {
            self.end.push_last(line);
        }
        line.clone_into(&mut self.previous);
    }

    /// The index of the failed test of this name whose message is unknown, which may be new.
    fn find(&mut self, name: &str) -> usize {
        let known = self.tests.iter().position(|test| test.name == name && test.message.is_empty());
        known.unwrap_or_else(|| {
            self.tests.push(FailedTest { name: name.to_owned(), message: Excerpt::default() });
            self.tests.len() - 1
        })
    }

    /// What is printed at the end of a run about a failed step: its failed tests with the beginning and the end of
    /// their messages, or if it names none the end of its output.
    pub fn describe(&self, step: &str) -> String {
        let mut text = String::new();
        for FailedTest { name, message } in self.tests.iter().take(TESTS_MAX) {
            text += &format!("failed in {step}: {name}\n{}", message.indented());
        }
        if self.tests.is_empty() && !self.end.is_empty() {
            text += &format!("the end of the output of {step}:\n{}", self.end.indented());
        }
        let more = self.tests.len().saturating_sub(TESTS_MAX);
        if more > 0 {
            text += &format!("failed in {step}: {more} more\n");
        }
        text
    }
}

/// The name of the failed test that a line names.
fn begin(line: &str, previous: &str) -> Option<(String, Runner)> {
    if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
        let name = name.strip_suffix(" - should panic").unwrap_or(name);
        return Some((name.to_owned(), Runner::Cargo));
    }
    if let Some(name) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
        return Some((name.to_owned(), Runner::Cargo));
    }
    if is_rule(previous, '=') {
        let name = line.strip_prefix("FAIL: ").or_else(|| line.strip_prefix("ERROR: "))?;
        return Some((name.to_owned(), Runner::Unittest));
    }
    let (name, time) = line.rsplit_once(" ... FAILED (")?;
    (time.ends_with(" ms)") && !name.starts_with(' ')).then(|| (name.to_owned(), Runner::Browser))
}

/// Whether a line is the first one after a message.
fn ends(line: &str, previous: &str, runner: Runner) -> bool {
    match runner {
        Runner::Cargo => {
            matches!(line, "failures:" | "stack backtrace:") || line.starts_with("test result: ")
        }
        Runner::Unittest => is_rule(line, '=') || (line.starts_with("Ran ") && is_rule(previous, '-')),
        Runner::Browser => !line.is_empty() && !line.starts_with(' '),
    }
}

/// Whether a line is one of those that separate the parts of the output of Python's `unittest`.
fn is_rule(line: &str, of: char) -> bool {
    line.len() >= 60 && line.chars().all(|character| character == of)
}

impl Excerpt {
    fn push(&mut self, line: &str) {
        if self.first.len() < LINES_HALF {
            self.first.push(shorten(line));
        } else {
            self.push_last(line);
        }
    }

    /// Adds a line of which only the end of the text may be kept.
    fn push_last(&mut self, line: &str) {
        if self.last.len() == LINES_HALF {
            self.last.pop_front();
            self.is_cut = true;
        }
        self.last.push_back(shorten(line));
    }

    fn is_empty(&self) -> bool {
        self.first.is_empty() && self.last.is_empty()
    }

    fn indented(&self) -> String {
        let cut = self.is_cut.then_some("...");
        let lines =
            self.first.iter().map(String::as_str).chain(cut).chain(self.last.iter().map(String::as_str));
        lines.map(|line| format!("    {line}\n")).collect()
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(LINE_MAX) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(output: &str) -> String {
        let mut failures = Failures::default();
        output.lines().for_each(|line| failures.read(&format!("{line}\n")));
        failures.describe("step")
    }

    #[test]
    fn a_failed_rust_test_has_its_panic() {
        let output = "
running 3 tests
test a::good ... ok
test a::bad ... FAILED
test b - should panic ... FAILED

failures:

---- a::bad stdout ----

thread 'a::bad' (7) panicked at crates/x/src/a.rs:12:9:
assertion `left == right` failed: sums
  left: 1
 right: 2
stack backtrace:
   0: __rustc::rust_begin_unwind

---- b stdout ----
note: test did not panic as expected at crates/x/src/b.rs:3:4

failures:
    a::bad
    b

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s

     Running tests/it/main.rs (target/debug/deps/it-0123)
test c ... FAILED
";
        assert_eq!(
            describe(output),
            "failed in step: a::bad
    thread 'a::bad' (7) panicked at crates/x/src/a.rs:12:9:
    assertion `left == right` failed: sums
      left: 1
     right: 2
failed in step: b
    note: test did not panic as expected at crates/x/src/b.rs:3:4
failed in step: c
"
        );
    }

    #[test]
    fn a_failed_python_test_has_the_end_of_its_traceback_and_its_store() {
        let (double, single) = ("=".repeat(70), "-".repeat(70));
        let frames: String = (1..=11).map(|line| format!("  File \"calls.py\", line {line}\n")).collect();
        let output = format!(
            "--- on sqlite
test_one (calls.Calls.test_one) ... ok
test_two (calls.Calls.test_two)
In words ... FAIL
test_three (calls.Calls.test_three) ... ERROR

{double}
ERROR: test_three (calls.Calls.test_three)
{single}
Traceback (most recent call last):
{frames}KeyError: 'body'

{double}
FAIL: test_two (calls.Calls.test_two) [limit 0]
In words
{single}
Traceback (most recent call last):
AssertionError: 1 != 2

{single}
Ran 3 tests in 0.123s

FAILED (failures=1, errors=1)
2 passed, 2 failed
"
        );
        let shown = describe(&output);
        let (three, two) = shown.split_once("failed in step: on sqlite: test_two").expect("both are there");
        assert!(
            three.starts_with("failed in step: on sqlite: test_three (calls.Calls.test_three)\n"),
            "{shown}"
        );
        assert!(three.ends_with("    KeyError: 'body'\n") && three.contains("    ...\n"), "{shown}");
        assert_eq!(
            three.lines().count(),
            2 + 2 * LINES_HALF,
            "all of it but a frame in the middle:\n{shown}"
        );
        assert_eq!(
            two,
            " (calls.Calls.test_two) [limit 0]
    In words
    Traceback (most recent call last):
    AssertionError: 1 != 2
"
        );
    }

    #[test]
    fn a_failed_browser_test_has_its_error_once() {
        let output = "
by a token ... ok (312 ms)
a row is a link ... FAILED (15043 ms)
      Error: locator.click: Timeout 15000ms exceeded.

          at file:///tests/pipeline.test.js:1:2

pictures ... ok (3 ms)

1 passed, 1 failed
failed: a row is a link
      Error: locator.click: Timeout 15000ms exceeded.
";
        assert_eq!(
            describe(output),
            "failed in step: a row is a link
          Error: locator.click: Timeout 15000ms exceeded.
              at file:///tests/pipeline.test.js:1:2
"
        );
    }

    #[test]
    fn a_step_without_a_failed_test_shows_the_end_of_its_output() {
        let output: String = (1..=9).map(|number| format!("line {number}\n\n")).collect();
        let shown = describe(&output);
        assert!(shown.starts_with("the end of the output of step:\n    ...\n    line 4\n"), "{shown}");
        assert!(shown.ends_with("    line 9\n"), "{shown}");
        assert_eq!(describe(""), "");
    }

    #[test]
    fn what_is_printed_is_bounded() {
        let output: String = (0..25).map(|number| format!("test t{number} ... FAILED\n")).collect();
        let long = format!("---- t0 stdout ----\n{}\n", "格".repeat(LINE_MAX + 1));
        let shown = describe(&(output + &long));
        assert!(shown.contains(&format!("    {}...\n", "格".repeat(LINE_MAX))), "{shown}");
        assert!(shown.ends_with("t19\nfailed in step: 5 more\n"), "{shown}");
    }
}
