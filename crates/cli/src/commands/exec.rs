//! `report exec`: runs a command, reports how it goes, and ends with its exit code. A server that is down never stops the command.

use super::ci;
use super::reports::{Lost, ReportArgs, send, warn};
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

/// How long a command may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(10);
/// The exit code of a command whose time ran out, as of timeout(1).
const TIMED_OUT: u8 = 124;

#[derive(Debug, clap::Args)]
pub struct ExecArgs {
    /// End the command after this time and report timedout: 10m, 2h...
    #[arg(long)]
    timeout: Option<String>,
    /// The command and its arguments
    #[arg(required = true, last = true)]
    command: Vec<String>,
}

/// How the command came to its end.
enum End {
    Itself(ExitStatus),
    TimedOut,
    /// We were asked to stop, and passed it on.
    Stopped(ExitStatus),
}

pub async fn run(context: &Context, flags: &ReportArgs, exec: &ExecArgs) -> Result<ExitCode, Failure> {
    let limit = exec.timeout.as_deref().map(durations::parse).transpose()?;
    let mut report = flags.report("running", &ci::detect(context.env))?;
    // One attempt, whatever order its reports arrive in.
    report.third_build_id.get_or_insert_with(new_idempotency_key);
    let repo = flags.repo.as_deref();
    report.occurred_at = now();

    let (program, arguments) = exec.command.split_first().ok_or_else(|| Failure::usage("exec"))?;
    // Its own group, so that what it started ends with it.
    let child = Command::new(program).args(arguments).process_group(0).spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) => {
            tell(context, repo, &Report { status: "failed".into(), ..report }).await;
            let why = Text::CommandFailed.with(&[("command", program), ("why", &error)]);
            eprintln!("{}", Text::Error.with(&[("message", &why)]));
            return Ok(ExitCode::from(127));
        }
    };
    // The command does not wait for the server.
    let (_, end) = tokio::join!(tell(context, repo, &report), watch(child, limit));
    let (status, code) = match end? {
        End::Itself(status) if status.success() => ("success", 0),
        End::Itself(status) => ("failed", code(status)),
        End::TimedOut => ("timedout", TIMED_OUT),
        End::Stopped(status) => ("canceled", code(status)),
    };
    tell(context, repo, &Report { status: status.into(), occurred_at: now(), ..report }).await;
    Ok(ExitCode::from(code))
}

fn now() -> Option<String> {
    jiff::Timestamp::from_second(stagepost_client::system_clock()).ok().map(|at| at.to_string())
}

async fn tell(context: &Context, repo: Option<&str>, report: &Report) {
    if let Err(Lost::ServerDown(failure) | Lost::Refused(failure)) = send(context, repo, report).await {
        warn(&failure);
    }
}

async fn watch(mut child: Child, limit: Option<Duration>) -> Result<End, Failure> {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let time_out = async {
        match limit {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    let passed_on = tokio::select! {
        status = child.wait() => return Ok(End::Itself(status?)),
        () = time_out => None,
        _ = terminate.recv() => Some(Signal::TERM),
        _ = interrupt.recv() => Some(Signal::INT),
    };
    let status = stop(&mut child, group, passed_on.unwrap_or(Signal::TERM)).await?;
    Ok(if passed_on.is_some() { End::Stopped(status) } else { End::TimedOut })
}

/// Asks the group to end, and after a while ends it.
async fn stop(child: &mut Child, group: Option<Pid>, with: Signal) -> Result<ExitStatus, Failure> {
    let send = |signal: Signal| {
        if let Some(group) = group {
            // It may have ended just now.
            let _ = kill_process_group(group, signal);
        }
    };
    send(with);
    if let Ok(status) = tokio::time::timeout(GRACE, child.wait()).await {
        return Ok(status?);
    }
    send(Signal::KILL);
    Ok(child.wait().await?)
}

/// The exit code as a shell tells it: 128 and the signal for what a signal ended.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
