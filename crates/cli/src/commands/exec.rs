//! `report exec`: runs a command, reports its status, and exits with its exit code. The command runs even if
//! the server is unreachable.

mod launcher;
mod signals;
mod terminal;

pub use launcher::launch;

use super::ci;
use super::job_reporter::JobReporter;
use super::report_args::ReportArgs;
use super::report_sender::{LAST_TRY, now};
use crate::durations;
use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use crate::terminal::warn;
use rustix::process::{Pid, Signal, kill_process_group};
use signals::Signals;
use stagepost_client::reports::{Report, new_idempotency_key};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::pin::pin;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;
use terminal::{Terminal, was_stopped};
use tokio::process::Child;
use tokio::time::{Instant, sleep_until};

/// How long the command may run after the first signal that asks it to end.
const KILL_AFTER: Duration = Duration::from_secs(10);
/// The exit code after a timeout, as of timeout(1).
const EXIT_TIMED_OUT: u8 = 124;
/// The exit code if the launcher cannot be started, as of a POSIX shell.
const EXIT_NOT_STARTED: u8 = 126;
/// The digits that distinguish several commands of one job of the build system.
const ATTEMPT_DIGITS: usize = 8;

#[derive(Debug, clap::Args)]
pub struct ExecArgs {
    /// Stop the command after this time and report timedout: 10m, 2h...
    #[arg(long)]
    timeout: Option<String>,
    /// The command and its arguments
    #[arg(required = true, last = true)]
    command: Vec<OsString>,
}

/// How the command ended.
struct Completion {
    status: ExitStatus,
    end: End,
}

/// Why the command ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// By itself.
    Exited,
    TimedOut,
    /// This process received SIGTERM or SIGINT and passed it on.
    Interrupted,
    /// This process received SIGHUP or SIGQUIT and passed it on. A command may ignore these.
    HungUp,
}

impl Completion {
    /// The status to report, and the exit code.
    fn outcome(&self, has_terminal: bool) -> (&'static str, u8) {
        // The terminal sends the signal of Ctrl-C only to the command.
        let by_key = has_terminal && matches!(self.status.signal(), Some(1..=3));
        match self.end {
            End::TimedOut => ("timedout", EXIT_TIMED_OUT),
            End::Interrupted => ("canceled", exit_code(self.status)),
            _ if self.status.success() => ("success", 0),
            End::HungUp => ("canceled", exit_code(self.status)),
            End::Exited if by_key => ("canceled", exit_code(self.status)),
            End::Exited => ("failed", exit_code(self.status)),
        }
    }
}

pub async fn run(context: &Context, flags: &ReportArgs, exec: &ExecArgs) -> Result<ExitCode, Failure> {
    let timeout = exec.timeout.as_deref().map(|text| durations::parse("--timeout", text)).transpose()?;
    flags.details.check(false)?;
    let limit = flags.retry_for(context.settings.retry_for.as_deref())?;
    let mut plan = flags.plan("running", &ci::detect(context.env, &std::env::current_dir()?), context.env)?;
    if !plan.has_explicit_build_id {
        // All reports belong to one attempt, in any order of arrival. Another command of the same job of the build
        // system is another attempt.
        let attempt = new_idempotency_key();
        let id = plan.report.third_build_id.take();
        plan.report.third_build_id = Some(match id {
            Some(id) => format!("{id}-{}", &attempt[..ATTEMPT_DIGITS]),
            None => attempt,
        });
    }
    let mut signals = Signals::receive()?;
    let terminal = Terminal::of_stdin();
    let needs_terminal = terminal.as_ref().is_some_and(Terminal::is_ours);
    let started = now();
    let mut reporter = JobReporter::start(context, flags, plan, started.clone());

    let (status, code) = match launcher::start(&exec.command, needs_terminal) {
        Ok(child) => {
            let mut command = RunningCommand::new(child, terminal, timeout);
            let mut ended = pin!(command.wait(&mut signals));
            // The command does not wait for the server, and the report is tried as long as the command runs.
            let completion = tokio::select! {
                biased;
                completion = &mut ended => completion?,
                () = reporter.send_start() => ended.await?,
            };
            completion.outcome(needs_terminal)
        }
        Err(error) => {
            let program = exec.command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
            warn(&Text::CommandNotStarted.with(&[("command", &program), ("reason", &error)]));
            ("failed", EXIT_NOT_STARTED)
        }
    };
    let finished = now();
    let details = flags.details.read();
    let at_end = |report: &mut Report| {
        report.status = status.to_owned();
        report.started_at.clone_from(&started);
        report.occurred_at.clone_from(&finished);
        report.details.clone_from(&details);
    };
    send_end(reporter.send_end(limit, at_end), &mut signals).await;
    Ok(ExitCode::from(code))
}

/// Sends the last report. After a signal it has 5 seconds, after a second one none.
async fn send_end(sending: impl Future<Output = ()>, signals: &mut Signals) {
    let mut sending = pin!(sending);
    let mut ends_at = None;
    loop {
        tokio::select! {
            biased;
            () = &mut sending => return,
            () = termination(signals) => match ends_at {
                None => ends_at = Some(Instant::now() + LAST_TRY),
                Some(_) => break,
            },
            () = until(ends_at) => break,
        }
    }
    warn(Text::ReportAborted.text());
}

/// Waits for a signal that ends a program.
async fn termination(signals: &mut Signals) {
    while !matches!(signals.next().await, Signal::TERM | Signal::INT | Signal::HUP | Signal::QUIT) {}
}

/// The command and its process group.
struct RunningCommand {
    child: Child,
    group: Option<Pid>,
    terminal: Option<Terminal>,
    times_out_at: Option<Instant>,
    /// When the group is killed.
    kill_at: Option<Instant>,
    end: End,
}

impl RunningCommand {
    fn new(child: Child, terminal: Option<Terminal>, timeout: Option<Duration>) -> Self {
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let times_out_at = timeout.map(|timeout| Instant::now() + timeout);
        let command = Self { child, group, terminal, times_out_at, kill_at: None, end: End::Exited };
        command.give_terminal();
        command
    }

    /// Waits for the end, passes signals on, and takes part in the job control of a shell.
    async fn wait(&mut self, signals: &mut Signals) -> Result<Completion, Failure> {
        let status = loop {
            let (times_out_at, kill_at) = (self.times_out_at, self.kill_at);
            tokio::select! {
                biased;
                status = self.child.wait() => break status?,
                signal = signals.next() => self.handle(signal),
                () = until(times_out_at) => {
                    self.times_out_at = None;
                    self.stop(Signal::TERM, End::TimedOut);
                }
                () = until(kill_at) => {
                    self.kill_at = None;
                    self.send(Signal::KILL);
                }
            }
        };
        if let (Some(terminal), Some(group)) = (&self.terminal, self.group) {
            terminal.take_back(group);
        }
        Ok(Completion { status, end: self.end })
    }

    fn handle(&mut self, signal: Signal) {
        match signal {
            Signal::CHILD => self.follow_stop(),
            Signal::CONT => {
                self.give_terminal();
                self.send(signal);
            }
            Signal::TERM | Signal::INT => self.stop(signal, End::Interrupted),
            Signal::HUP | Signal::QUIT => {
                if self.end == End::Exited {
                    self.end = End::HungUp;
                }
                self.send(signal);
                // A stopped command gets the signal only when it continues.
                self.send(Signal::CONT);
            }
            _ => self.send(signal),
        }
    }

    /// Asks the command to end. It is killed if it still runs after 10 s.
    fn stop(&mut self, signal: Signal, end: End) {
        if matches!(self.end, End::Exited | End::HungUp) {
            self.end = end;
        }
        self.send(signal);
        self.send(Signal::CONT);
        self.kill_at.get_or_insert_with(|| Instant::now() + KILL_AFTER);
    }

    /// If the user has stopped the command (Ctrl-Z), stops this process as well, so that the shell returns.
    fn follow_stop(&self) {
        let (Some(terminal), Some(group)) = (&self.terminal, self.group) else { return };
        if was_stopped(group) {
            terminal.stop_own_group(group);
            // The shell continues this process with SIGCONT. Without a shell it did not stop, and continues the
            // command; in the background it does not, because the command would stop again at once.
            if terminal.is_ours() {
                terminal.give(group);
                self.send(Signal::CONT);
            }
        }
    }

    fn give_terminal(&self) {
        if let (Some(terminal), Some(group)) = (&self.terminal, self.group) {
            terminal.give(group);
        }
    }

    /// Sends a signal to the process group. Fails if the group has ended meanwhile.
    fn send(&self, signal: Signal) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, signal);
        }
    }
}

/// Waits until the time; forever without one.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The exit code as in a shell: 128 + signal if a signal ended the command.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
