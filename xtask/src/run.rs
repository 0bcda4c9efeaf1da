//! A test run: steps on several threads, the output of each in one piece, and the sums.

use crate::Outcome;
use crate::count::{Count, Unavailable};
use crate::failures::Failures;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// After this long without output, a line lists the running steps.
const QUIET: Duration = Duration::from_secs(30);

/// The steps that are running, those that have ended, and the sums.
pub struct TestRun {
    state: Mutex<State>,
}

struct State {
    running: Vec<(String, Instant)>,
    ended: Vec<Ended>,
    total: Count,
    /// The untested parts of steps, with their names.
    unavailable: Vec<(String, Unavailable)>,
    printed: Instant,
}

struct Ended {
    name: String,
    duration: Duration,
    /// Preparations are no steps: a failure is counted where the step that needs one fails.
    preparation: bool,
    failure: Option<String>,
    /// What the output of a failed step says about it.
    details: String,
}

/// How the output of a step is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printing {
    /// Line by line, as it comes. For the one step that runs in the foreground.
    Live,
    /// In one piece when the step ends.
    Whole,
}

/// Runs the commands of one step, and takes their output.
pub struct Output<'a> {
    run: &'a TestRun,
    printing: Printing,
    text: Vec<u8>,
    count: Count,
    unavailable: Vec<Unavailable>,
    failures: Failures,
}

impl<'a> Output<'a> {
    fn new(run: &'a TestRun, printing: Printing) -> Self {
        let (count, failures) = (Count::default(), Failures::default());
        Self { run, printing, text: Vec::new(), count, unavailable: Vec::new(), failures }
    }
}

impl TestRun {
    pub fn new() -> Self {
        let state = State {
            running: Vec::new(),
            ended: Vec::new(),
            total: Count::default(),
            unavailable: Vec::new(),
            printed: Instant::now(),
        };
        Self { state: Mutex::new(state) }
    }

    /// Prints which steps are running whenever nothing was printed for a while, until the sender is dropped.
    pub fn report_progress<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) -> Sender<()> {
        let (sender, receiver) = channel::<()>();
        scope.spawn(move || {
            while receiver.recv_timeout(QUIET / 6) == Err(RecvTimeoutError::Timeout) {
                let mut state = self.lock();
                if state.printed.elapsed() >= QUIET && !state.running.is_empty() {
                    let running: Vec<String> = state
                        .running
                        .iter()
                        .map(|(name, start)| format!("{name} ({} s)", start.elapsed().as_secs()))
                        .collect();
                    state.print(format!("... running: {}\n", running.join(", ")).as_bytes());
                }
            }
        });
        sender
    }

    /// Runs a step; whether it passed. A step that fails without having counted a failure counts as one.
    pub fn step(
        &self,
        name: &str,
        printing: Printing,
        work: impl FnOnce(&mut Output<'_>) -> Outcome,
    ) -> bool {
        let start = self.start(name);
        if printing == Printing::Live {
            self.lock().print(format!("==> {name}\n").as_bytes());
        }
        let mut output = Output::new(self, printing);
        let outcome = work(&mut output);
        let Output { text, mut count, unavailable, failures, .. } = output;
        if outcome.is_err() && count.failed == 0 {
            count.failed = 1;
        }
        let duration = start.elapsed();
        let failure =
            outcome.err().or_else(|| (count.failed > 0).then(|| format!("{} failed", count.failed)));
        let seconds = duration.as_secs_f64();
        let result = match &failure {
            None => format!("<== {name}: ok, {seconds:.1} s\n"),
            Some(reason) => format!("<== {name}: FAILED after {seconds:.1} s: {reason}\n"),
        };
        let passed = failure.is_none();
        let details = if passed { String::new() } else { failures.describe(name) };
        let mut state = self.lock();
        if printing == Printing::Whole {
            state.print(&[format!("==> {name}\n").as_bytes(), &text, result.as_bytes()].concat());
        } else {
            state.print(result.as_bytes());
        }
        state.total.add(count);
        state.unavailable.extend(unavailable.into_iter().map(|one| (name.to_owned(), one)));
        state.end(Ended { name: name.to_owned(), duration, preparation: false, failure, details });
        passed
    }

    /// Runs work that steps wait for. Its output is in the error; the step that needs it prints that.
    pub fn preparation(&self, name: &str, work: impl FnOnce(&mut Output<'_>) -> Outcome) -> Outcome {
        let start = self.start(name);
        let mut output = Output::new(self, Printing::Whole);
        let outcome = work(&mut output)
            .map_err(|error| format!("{name}: {error}\n{}", String::from_utf8_lossy(&output.text)));
        let failure = outcome.clone().err();
        let (name, duration) = (name.to_owned(), start.elapsed());
        self.lock().end(Ended { name, duration, preparation: true, failure, details: String::new() });
        outcome
    }

    /// Prints the durations, the slowest step first, the failed tests, the failures, and as the last line the sums.
    pub fn close(self, strict: bool) -> ExitCode {
        let State { mut ended, total, unavailable, .. } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        ended.sort_by_key(|step| std::cmp::Reverse(step.duration));
        println!();
        for Ended { name, duration, preparation, failure, .. } in &ended {
            let result = if failure.is_none() { "ok" } else { "FAILED" };
            let kind = if *preparation { "preparation: " } else { "" };
            println!("{:>8.1} s  {result:<6}  {kind}{name}", duration.as_secs_f64());
        }
        let Count { passed, failed, skipped } = total;
        let steps = ended.iter().filter(|step| !step.preparation);
        let mut failures: Vec<String> = steps
            .filter_map(|step| step.failure.as_ref().map(|reason| format!("{}: {reason}", step.name)))
            .collect();
        // Again, after the output of all steps: a CI service may show only the end of a log.
        for Ended { details, .. } in &ended {
            print!("{details}");
        }
        for (step, Unavailable { tests, reason }) in &unavailable {
            println!("{step}: {tests} tests were skipped: {reason}");
        }
        let possible = skipped.saturating_sub(unavailable.iter().map(|(_, one)| one.tests).sum());
        if strict && possible > 0 {
            failures.push(format!("{possible} tests were skipped that could run, which CI does not accept"));
        }
        for line in &failures {
            println!("{line}");
        }
        // On stdout as well: in a log of both streams nothing may follow the last line.
        let skips = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        println!("{passed} passed, {failed} failed{skips}");
        let _ = std::io::stdout().flush();
        if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn start(&self, name: &str) -> Instant {
        let start = Instant::now();
        self.lock().running.push((name.to_owned(), start));
        start
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn print(&mut self, text: &[u8]) {
        let mut stdout = std::io::stdout().lock();
        // If no process reads the output, the error is ignored.
        let _ = stdout.write_all(text).and_then(|()| stdout.flush());
        self.printed = Instant::now();
    }

    fn end(&mut self, ended: Ended) {
        self.running.retain(|(running, _)| *running != ended.name);
        self.ended.push(ended);
    }
}

impl Output<'_> {
    /// Runs a command to its end.
    ///
    /// # Errors
    /// When it does not start, or fails.
    pub fn run(&mut self, command: &mut Command) -> Outcome {
        let program = command.get_program().display().to_string();
        let failed = |e: std::io::Error| format!("{program}: {e}");
        let (reader, writer) = std::io::pipe().map_err(failed)?;
        command.stdin(Stdio::null()).stdout(writer.try_clone().map_err(failed)?).stderr(writer);
        let child = command.spawn();
        // The command holds the ends to write to: closed here, the output ends when the child's ends are
        // closed.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = child.map_err(failed)?;
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        // As bytes: what a test prints need not be UTF-8.
        while reader.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            let text = String::from_utf8_lossy(&line);
            if let Some(count) = Count::read(&text) {
                self.count.add(count);
            }
            self.unavailable.extend(Unavailable::read(&text));
            self.failures.read(&text);
            match self.printing {
                Printing::Live => self.run.lock().print(&line),
                Printing::Whole => self.text.append(&mut line),
            }
            line.clear();
        }
        let status = child.wait().map_err(failed)?;
        if status.success() { Ok(()) } else { Err(format!("{program}: {status}")) }
    }

    /// Runs a command that runs tests.
    ///
    /// # Errors
    /// When it does not start, fails, or runs no test.
    pub fn run_tests(&mut self, command: &mut Command) -> Outcome {
        let before = self.count;
        self.run(command)?;
        if self.count == before { Err("it ran no test".into()) } else { Ok(()) }
    }
}
