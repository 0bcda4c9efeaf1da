//! `jobs close`.

use super::{api_values, values};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::Client;
use stagepost_client::job_closings::JobClosing;
use stagepost_client::reports::Receipt;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["job", "sha"])))]
pub struct CloseArgs {
    /// Id of the attempt
    #[arg(value_parser = values::id())]
    job: Option<i32>,
    /// Every unfinished job of a commit, given by its id or a prefix of at least 7 digits
    #[arg(long)]
    sha: Option<String>,
    /// Final status
    #[arg(long, default_value = "canceled", value_parser = values::final_status())]
    status: String,
    /// Reason, for the history
    #[arg(long)]
    reason: Option<String>,
}

impl CloseArgs {
    /// The request. Call it before any other one to find wrong usage.
    pub fn closing(&self) -> Result<JobClosing, Failure> {
        Ok(JobClosing {
            job_id: self.job,
            sha: self.sha.as_deref().map(|sha| values::sha_prefix("--sha", sha)).transpose()?,
            status: Some(self.status.clone()),
            reason: self.reason.clone(),
        })
    }
}

pub async fn run(
    context: &Context,
    client: &Client,
    repository: i32,
    flags: &CloseArgs,
) -> Result<(), Failure> {
    let closing = flags.closing()?;
    let receipts = client.close_all_jobs(repository, &closing).await?;
    if receipts.is_empty() {
        context.output.hint(Text::NothingToClose);
    }
    let row = |receipt: &Receipt| {
        vec![
            receipt.job_id.into(),
            Cell::Status(receipt.status.clone()),
            receipt.pipeline_id.into(),
            receipt.attempt.into(),
            api_values::effect(&receipt.effect),
        ]
    };
    let headings = [Text::Job, Text::Status, Text::Pipeline, Text::Attempt, Text::Effect];
    context.output.list(&receipts, &headings, receipts.iter().map(row).collect())
}
