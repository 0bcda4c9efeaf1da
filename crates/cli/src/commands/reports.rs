//! `report`: reports one status of one job.

use super::report_args::ReportArgs;
use super::report_sender::{ReportSender, SendError, now, warn_not_sent};
use super::spool::{SpoolSender, warn_kept, warn_unusable};
use super::{api_values, ci};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::reports::Receipt;
use std::time::Duration;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = false, subcommand_negates_reqs = true)]
pub struct ReportCommand {
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(subcommand)]
    pub subcommand: Option<ReportSubcommand>,
}

#[derive(Debug, clap::Subcommand)]
pub enum ReportSubcommand {
    /// Run a command: report running, then its result, and exit with its exit code
    Exec(super::exec::ExecArgs),
    /// Send the reports in the directory of --spool
    Flush,
}

pub async fn run(context: &Context, flags: &ReportArgs) -> Result<(), Failure> {
    flags.details.check(true)?;
    let job = ci::detect(context.env, &std::env::current_dir()?);
    let mut plan = flags.plan(flags.status.as_deref().unwrap_or_default(), &job, context.env)?;
    plan.report.details = flags.details.read();
    // The time of the status, not of the try that succeeds.
    plan.report.occurred_at = plan.report.occurred_at.or_else(now);
    let limit = flags.retry_for(context.settings.retry_for.as_deref())?;
    if let Some(spool) = SpoolSender::open(context, flags)? {
        let repository = context.repository_name(flags.repo.as_deref())?;
        let entry = spool.entry(repository, &plan);
        match spool.add(&entry) {
            Ok(_) => return run_spooled(context, &spool, limit, &entry.idempotency_key).await,
            Err(error) => warn_unusable(&spool, &error),
        }
    }
    let mut sender = ReportSender::new(context, flags.repo.as_deref(), plan);
    match sender.send(Some(limit), |_| {}).await {
        Ok(receipt) => print(context, &receipt),
        Err(SendError::ServerDown(failure)) if flags.best_effort => {
            warn_not_sent(&failure);
            Ok(())
        }
        Err(SendError::ServerDown(failure) | SendError::Rejected(failure)) => Err(failure),
    }
}

/// Sends what waits. A report that cannot be sent now stays in the spool, which is a success.
async fn run_spooled(
    context: &Context,
    spool: &SpoolSender<'_>,
    limit: Duration,
    idempotency_key: &str,
) -> Result<(), Failure> {
    let (flushed, failure) = spool.flush(Some(limit), Some(idempotency_key)).await;
    match (flushed.receipt, flushed.refusal, failure) {
        (Some(receipt), _, _) => print(context, &receipt),
        (None, Some(refusal), _) => Err(refusal),
        (None, None, Some(failure)) => {
            warn_kept(spool, &failure);
            Ok(())
        }
        // Another process has sent it.
        (None, None, None) => Ok(()),
    }
}

fn print(context: &Context, receipt: &Receipt) -> Result<(), Failure> {
    let values = vec![
        (Text::Pipeline, receipt.pipeline_id.into()),
        (Text::Job, receipt.job_id.into()),
        (Text::Attempt, receipt.attempt.into()),
        (Text::Effect, api_values::effect(&receipt.effect)),
        (Text::Status, Cell::Status(receipt.status.clone())),
    ];
    context.output.record(receipt, values)
}
