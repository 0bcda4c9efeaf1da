//! Starts the command. A launcher, this program again, first prepares its own process, and then becomes the
//! command: it makes the kernel end it together with the parent, and waits until the command has the terminal.
//!
//! Must not know: reports.

use crate::lang::{self, Lang};
use crate::messages::Text;
use crate::terminal::sanitize;
use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::process::{Child, Command};

/// The first argument of a launcher.
const LAUNCH: &str = "__launch";
/// The exit code if the command was found but cannot be executed, as of a POSIX shell.
const EXIT_NOT_EXECUTABLE: u8 = 126;
/// The exit code if the command was not found, as of a POSIX shell.
const EXIT_NOT_FOUND: u8 = 127;
/// How long a launcher waits for the terminal. The parent hands it over at once.
const TERMINAL_WAIT: Duration = Duration::from_secs(2);

/// Starts the command in its own process group, so that signals also reach the processes it starts.
/// `needs_terminal`: it waits until its group is in the foreground of the terminal.
pub fn start(command: &[OsString], needs_terminal: bool) -> std::io::Result<Child> {
    let lang = match lang::current() {
        Lang::Chinese => "zh",
        Lang::English => "en",
    };
    let wait = if needs_terminal { "wait" } else { "" };
    let parent = std::process::id().to_string();
    Command::new(this_program()?).args([LAUNCH, lang, &parent, wait]).args(command).process_group(0).spawn()
}

/// This program, also if its file was replaced meanwhile.
fn this_program() -> std::io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}

/// Becomes the command if the arguments are those of a launcher. Returns the exit code if that fails.
pub fn launch(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.skip(1);
    if arguments.next()?.as_os_str() != LAUNCH {
        return None;
    }
    let mut text = || arguments.next().unwrap_or_default().into_string().unwrap_or_default();
    let (lang, parent, wait) = (text(), text(), text());
    lang::set(lang::detect(Some(&lang), None, &|_| None));
    if !end_with_parent(&parent) {
        return Some(ExitCode::FAILURE);
    }
    if !wait.is_empty() {
        wait_for_terminal();
    }
    let program = arguments.next()?;
    // Returns only if the command cannot be started.
    let error = std::process::Command::new(&program).args(arguments).exec();
    Some(report_failure(&program, &error))
}

/// Whether the parent still runs. From now on the command receives SIGTERM when the parent ends without waiting
/// for it, for example after SIGKILL.
#[cfg(target_os = "linux")]
fn end_with_parent(parent: &str) -> bool {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    // If the kernel refuses, the command runs without it.
    let _ = set_parent_process_death_signal(Some(Signal::TERM));
    getppid().is_some_and(|id| id.as_raw_nonzero().to_string() == parent)
}

#[cfg(not(target_os = "linux"))]
fn end_with_parent(_parent: &str) -> bool {
    true
}

fn wait_for_terminal() {
    const STEP: Duration = Duration::from_millis(1);
    let own_group = rustix::process::getpgrp();
    let mut waited = Duration::ZERO;
    while waited < TERMINAL_WAIT
        && rustix::termios::tcgetpgrp(std::io::stdin()).is_ok_and(|at| at != own_group)
    {
        std::thread::sleep(STEP);
        waited += STEP;
    }
}

fn report_failure(program: &OsStr, error: &std::io::Error) -> ExitCode {
    let command = sanitize(&program.to_string_lossy());
    let message = Text::CommandNotStarted.with(&[("command", &command), ("reason", error)]);
    let _ = writeln!(std::io::stderr(), "{}", Text::Error.with(&[("message", &message)]));
    match error.kind() {
        ErrorKind::NotFound => ExitCode::from(EXIT_NOT_FOUND),
        _ => ExitCode::from(EXIT_NOT_EXECUTABLE),
    }
}
