//! `report`: one status of one job. What is not given is taken from the build system's environment.

use super::ci::{self, Ci};
use super::event_text;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::ErrorKind;
use stagepost_client::reports::{Receipt, Report, new_idempotency_key};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = false, subcommand_negates_reqs = true)]
pub struct ReportCommand {
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(subcommand)]
    pub exec: Option<Exec>,
}

#[derive(Debug, clap::Subcommand)]
pub enum Exec {
    /// Run a command: reports running, then how it ended, and ends with its exit code
    Exec(super::exec::ExecArgs),
}

#[derive(Debug, Default, clap::Args)]
pub struct ReportArgs {
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long, global = true)]
    pub repo: Option<String>,
    /// Full commit id [default: the CI environment's]
    #[arg(long, global = true)]
    pub sha: Option<String>,
    /// Branch or tag [default: the CI environment's]
    #[arg(long = "ref", global = true)]
    pub git_ref: Option<String>,
    /// Stage [default: external]
    #[arg(long, global = true)]
    pub stage: Option<String>,
    /// Place of the stage
    #[arg(long, global = true)]
    pub stage_order: Option<i32>,
    /// Job name [default: the CI environment's]
    #[arg(long, global = true)]
    pub name: Option<String>,
    /// pending, running, success, failed, canceled, skipped or timedout
    #[arg(long, required = true)]
    pub status: Option<String>,
    /// Where a person sees the job [default: the CI environment's]
    #[arg(long, global = true)]
    pub url: Option<String>,
    /// The build system's id of this attempt [default: the CI environment's]
    #[arg(long, global = true)]
    pub build_id: Option<String>,
    /// A line for people
    #[arg(long, global = true)]
    pub description: Option<String>,
    /// Test coverage, percent
    #[arg(long, global = true)]
    pub coverage: Option<f64>,
    /// A bad end of this job does not make its pipeline fail
    #[arg(long, global = true)]
    pub allow_failure: bool,
    /// One's own word for the pipeline
    #[arg(long, global = true)]
    pub pipeline_key: Option<String>,
    /// An existing pipeline
    #[arg(long, global = true)]
    pub pipeline_id: Option<i32>,
    /// When it came to stand so, RFC 3339
    #[arg(long, global = true)]
    pub occurred_at: Option<String>,
    /// What kind of thing reports [default: the build system's name, or external]
    #[arg(long, global = true)]
    pub source: Option<String>,
    /// Exit 0 with a warning when the server cannot be reached
    #[arg(long, global = true)]
    pub best_effort: bool,
}

impl ReportArgs {
    /// The report, with what the build system's environment tells.
    pub fn report(&self, status: &str, ci: &Ci) -> Result<Report, Failure> {
        let required = |flag: &str, given: &Option<String>, known: &Option<String>| {
            let value = given.clone().or_else(|| known.clone());
            value.ok_or_else(|| Failure::usage(Text::ReportMissing.with(&[("flag", &flag)])))
        };
        Ok(Report {
            sha: required("--sha", &self.sha, &ci.sha)?,
            git_ref: required("--ref", &self.git_ref, &ci.git_ref)?,
            name: required("--name", &self.name, &ci.name)?,
            status: status.to_owned(),
            stage: self.stage.clone(),
            stage_order: self.stage_order,
            pipeline_id: self.pipeline_id,
            pipeline_key: self.pipeline_key.clone(),
            third_build_id: self.build_id.clone().or_else(|| ci.build_id.clone()),
            target_url: self.url.clone().or_else(|| ci.url.clone()),
            description: self.description.clone(),
            coverage: self.coverage,
            allow_failure: self.allow_failure.then_some(true),
            occurred_at: self.occurred_at.clone(),
            // A pipeline that is named has its source already.
            source: self
                .source
                .clone()
                .or_else(|| ci.source.map(str::to_owned))
                .filter(|_| self.pipeline_id.is_none()),
            ..Report::default()
        })
    }
}

pub async fn run(context: &Context, flags: &ReportArgs) -> Result<(), Failure> {
    let report = flags.report(flags.status.as_deref().unwrap_or_default(), &ci::detect(context.env))?;
    match send(context, flags.repo.as_deref(), &report).await {
        Ok(receipt) => show(context, &receipt),
        Err(Lost::ServerDown(failure)) if flags.best_effort => {
            warn(&failure);
            Ok(())
        }
        Err(Lost::ServerDown(failure) | Lost::Refused(failure)) => Err(failure),
    }
}

/// Why a report did not get through.
pub enum Lost {
    /// Nobody is there, or too busy.
    ServerDown(Failure),
    /// It cannot be taken.
    Refused(Failure),
}

/// Sends a report.
pub async fn send(context: &Context, repo: Option<&str>, report: &Report) -> Result<Receipt, Lost> {
    let client = context.client().map_err(Lost::Refused)?;
    let repository = match context.repository(&client, repo).await {
        Ok(id) => id,
        Err(failure) => {
            // Looking a path up may have failed for want of a server.
            let down = client.livez().await.is_err();
            return Err(if down { Lost::ServerDown(failure) } else { Lost::Refused(failure) });
        }
    };
    client.report(repository, report, &new_idempotency_key()).await.map_err(|error| match error.kind {
        ErrorKind::Unreachable | ErrorKind::Overloaded => Lost::ServerDown(error.into()),
        _ => Lost::Refused(error.into()),
    })
}

/// Says that a report was lost and things go on.
pub fn warn(failure: &Failure) {
    let why = crate::output::clean(failure.message().unwrap_or_default());
    let message = Text::ReportLost.with(&[("why", &why)]);
    eprintln!("{}", Text::Warning.with(&[("message", &message)]));
}

fn show(context: &Context, receipt: &Receipt) -> Result<(), Failure> {
    let values = vec![
        (Text::Pipeline, receipt.pipeline_id.into()),
        (Text::Job, receipt.job_id.into()),
        (Text::Attempt, receipt.attempt.into()),
        (Text::Effect, event_text::effect(&receipt.effect)),
        (Text::Status, Cell::Status(receipt.status.clone())),
    ];
    context.output.one(receipt, values)
}
