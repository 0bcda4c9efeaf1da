//! `report exec`: runs a command, reports its status, and exits with its exit code. The command runs even if
//! the server is unreachable.

use super::ci;
use super::report_args::ReportArgs;
use super::report_sender::{SendError, send, warn_not_sent};
use crate::durations;
use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use rustix::process::{Pid, Signal, kill_process_group};
use stagepost_client::reports::{Report, new_idempotency_key};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

/// How long the command may run after the first signal.
const KILL_AFTER: Duration = Duration::from_secs(10);
/// The exit code after a timeout, as of timeout(1).
const EXIT_TIMED_OUT: u8 = 124;
/// The exit code if the command cannot be started, as of a POSIX shell.
const EXIT_NOT_STARTED: u8 = 127;

#[derive(Debug, clap::Args)]
pub struct ExecArgs {
    /// Stop the command after this time and report timedout: 10m, 2h...
    #[arg(long)]
    timeout: Option<String>,
    /// The command and its arguments
    #[arg(required = true, last = true)]
    command: Vec<String>,
}

/// How the command ended.
enum Completion {
    Exited(ExitStatus),
    TimedOut,
    /// This process received a signal and passed it on.
    Interrupted(ExitStatus),
}

pub async fn run(context: &Context, flags: &ReportArgs, exec: &ExecArgs) -> Result<ExitCode, Failure> {
    let timeout = exec.timeout.as_deref().map(|text| durations::parse("--timeout", text)).transpose()?;
    let mut report = flags.report("running", &ci::detect(context.env))?;
    // All reports belong to one attempt, in any order of arrival.
    report.third_build_id.get_or_insert_with(new_idempotency_key);
    let repo = flags.repo.as_deref();
    report.occurred_at = now();

    let (program, arguments) = exec.command.split_first().ok_or_else(|| Failure::usage("exec"))?;
    // In its own process group, so that signals also reach the processes it starts.
    let child = match Command::new(program).args(arguments).process_group(0).spawn() {
        Ok(child) => child,
        Err(error) => {
            send_or_warn(context, repo, &Report { status: "failed".into(), ..report }).await;
            let message = Text::CommandNotStarted.with(&[("command", program), ("reason", &error)]);
            eprintln!("{}", Text::Error.with(&[("message", &message)]));
            return Ok(ExitCode::from(EXIT_NOT_STARTED));
        }
    };
    // The command does not wait for the server.
    let (_, completion) = tokio::join!(send_or_warn(context, repo, &report), wait(child, timeout));
    let (status, code) = match completion? {
        Completion::Exited(status) if status.success() => ("success", 0),
        Completion::Exited(status) => ("failed", exit_code(status)),
        Completion::TimedOut => ("timedout", EXIT_TIMED_OUT),
        Completion::Interrupted(status) => ("canceled", exit_code(status)),
    };
    send_or_warn(context, repo, &Report { status: status.into(), occurred_at: now(), ..report }).await;
    Ok(ExitCode::from(code))
}

fn now() -> Option<String> {
    jiff::Timestamp::from_second(stagepost_client::system_clock()).ok().map(|at| at.to_string())
}

async fn send_or_warn(context: &Context, repo: Option<&str>, report: &Report) {
    if let Err(SendError::ServerDown(failure) | SendError::Rejected(failure)) =
        send(context, repo, report).await
    {
        warn_not_sent(&failure);
    }
}

async fn wait(mut child: Child, timeout: Option<Duration>) -> Result<Completion, Failure> {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let timed_out = async {
        match timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let received = tokio::select! {
        status = child.wait() => return Ok(Completion::Exited(status?)),
        () = timed_out => None,
        _ = terminate.recv() => Some(Signal::TERM),
        _ = interrupt.recv() => Some(Signal::INT),
    };
    let status = stop(&mut child, group, received.unwrap_or(Signal::TERM)).await?;
    Ok(if received.is_some() { Completion::Interrupted(status) } else { Completion::TimedOut })
}

/// Sends the signal to the process group, and SIGKILL if it is still running after 10 s.
async fn stop(child: &mut Child, group: Option<Pid>, first: Signal) -> Result<ExitStatus, Failure> {
    let send_signal = |signal: Signal| {
        if let Some(group) = group {
            // Fails if the group has ended meanwhile.
            let _ = kill_process_group(group, signal);
        }
    };
    send_signal(first);
    if let Ok(status) = tokio::time::timeout(KILL_AFTER, child.wait()).await {
        return Ok(status?);
    }
    send_signal(Signal::KILL);
    Ok(child.wait().await?)
}

/// The exit code as in a shell: 128 + signal if a signal ended the command.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
