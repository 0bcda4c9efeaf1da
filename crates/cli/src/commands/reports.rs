//! `report`: reports one status of one job.

use super::report_args::ReportArgs;
use super::report_sender::{ReportSender, SendError, now, warn_not_sent};
use super::{api_values, ci};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::reports::Receipt;

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
}

pub async fn run(context: &Context, flags: &ReportArgs) -> Result<(), Failure> {
    flags.details.check(true)?;
    let job = ci::detect(context.env, &std::env::current_dir()?);
    let mut plan = flags.plan(flags.status.as_deref().unwrap_or_default(), &job, context.env)?;
    plan.report.details = flags.details.read();
    // The time of the status, not of the try that succeeds.
    plan.report.occurred_at = plan.report.occurred_at.or_else(now);
    let limit = flags.retry_for(context.settings.retry_for.as_deref())?;
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
