//! The flags of a report, shared by `report` and `report exec`. Missing values come from the CI environment.
//!
//! Must not know: how a report is sent.

use super::ci::CiJob;
use super::job_names::{NameClaim, with_leg};
use super::report_details::DetailArgs;
use crate::durations;
use crate::exit::Failure;
use crate::messages::Text;
use crate::terminal::{sanitize, warn};
use clap::builder::PossibleValuesParser;
use domain::model::status::Status;
use stagepost_client::reports::Report;
use std::path::PathBuf;
use std::time::Duration;

/// How long a report is retried by default.
const RETRY_FOR: Duration = Duration::from_secs(300);
/// How long a report with `--best-effort` is retried at most.
const BEST_EFFORT_RETRY_FOR: Duration = Duration::from_secs(30);
/// The value of `--leg` with which the name alone identifies the job.
const NO_LEG: &str = "none";

#[derive(Debug, Default, clap::Args)]
pub struct ReportArgs {
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long, global = true)]
    pub repo: Option<String>,
    /// Full commit id [default: from the CI environment]
    #[arg(long, global = true)]
    pub sha: Option<String>,
    /// Branch or tag [default: from the CI environment]
    #[arg(long = "ref", global = true)]
    pub git_ref: Option<String>,
    /// Stage [default: from the CI environment, or external]
    #[arg(long, global = true)]
    pub stage: Option<String>,
    /// Position of the stage in the pipeline
    #[arg(long, global = true)]
    pub stage_order: Option<i32>,
    /// Job name [default: from the CI environment]
    #[arg(long, global = true)]
    pub name: Option<String>,
    /// What distinguishes jobs with the same name, for example the values of a matrix; it is appended to the
    /// name. "none": the name alone identifies the job [env: STAGEPOST_LEG] [default: from the CI environment]
    #[arg(long, global = true)]
    pub leg: Option<String>,
    /// Status
    #[arg(long, required = true, value_parser = PossibleValuesParser::new(Status::NAMES))]
    pub status: Option<String>,
    /// URL of the job's page in the build system [default: from the CI environment]
    #[arg(long, visible_alias = "target-url", global = true)]
    pub url: Option<String>,
    /// The build system's id of this attempt [default: from the CI environment]
    #[arg(long, global = true)]
    pub build_id: Option<String>,
    /// Short description
    #[arg(long, global = true)]
    pub description: Option<String>,
    /// Test coverage in percent
    #[arg(long, global = true)]
    pub coverage: Option<f64>,
    #[command(flatten)]
    pub details: DetailArgs,
    /// A failure of this job does not fail the pipeline
    #[arg(long, global = true)]
    pub allow_failure: bool,
    /// Custom key that identifies the pipeline
    #[arg(long, global = true)]
    pub pipeline_key: Option<String>,
    /// Id of an existing pipeline
    #[arg(long, global = true)]
    pub pipeline_id: Option<i32>,
    /// Time of the status change, RFC 3339 [default: now]
    #[arg(long, global = true)]
    pub occurred_at: Option<String>,
    /// Kind of reporter [default: the name of the build system, or external]
    #[arg(long, global = true)]
    pub source: Option<String>,
    /// How long to retry while the server is unreachable or overloaded: 30s, 10m...; 0s: one attempt of at most
    /// 5 seconds [env: STAGEPOST_RETRY_FOR] [default: 5m]
    #[arg(long, global = true, value_name = "DURATION")]
    pub retry_for: Option<String>,
    /// Exit with 0 and a warning if the server is unreachable; retry for at most 30 seconds
    #[arg(long, global = true)]
    pub best_effort: bool,
    /// Directory that keeps reports until the server has accepted them; the next report, or report flush, sends them
    /// [env: STAGEPOST_SPOOL]
    #[arg(long, global = true, value_name = "DIR")]
    pub spool: Option<PathBuf>,
}

/// A report, and how it is sent.
#[derive(Debug, Clone)]
pub struct ReportPlan {
    /// The report.
    pub report: Report,
    /// How to find out whether another job of the same run has the same name.
    pub claim: Option<NameClaim>,
    /// The build id was given by a flag, so reports with it belong to one attempt.
    pub has_explicit_build_id: bool,
}

impl ReportArgs {
    /// How long a report is retried.
    pub fn retry_for(&self, configured: Option<&str>) -> Result<Duration, Failure> {
        let limit = match (self.retry_for.as_deref(), configured) {
            (Some(text), _) => durations::parse("--retry-for", text)?,
            (None, Some(text)) => durations::parse("STAGEPOST_RETRY_FOR, retry-for", text)?,
            (None, None) => RETRY_FOR,
        };
        Ok(if self.best_effort { limit.min(BEST_EFFORT_RETRY_FOR) } else { limit })
    }

    /// The report from the flags and the CI environment.
    pub fn plan(
        &self,
        status: &str,
        ci: &CiJob,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<ReportPlan, Failure> {
        let sha = full_commit_id(required("--sha", &self.sha, &ci.sha, ci)?)?;
        // The branch of the checkout is not that of another commit.
        let is_of_commit = !ci.has_branch_of_checkout || ci.sha.as_deref() == Some(&sha);
        let known_ref = ci.git_ref.clone().filter(|_| is_of_commit);
        let git_ref = required("--ref", &self.git_ref, &known_ref, ci)?;
        if ci.has_sha_of_checkout && self.sha.is_none() {
            warn(&Text::CommitOfCheckout.with(&[("sha", &sha)]));
        }
        if ci.has_branch_of_checkout && self.git_ref.is_none() {
            warn(&Text::BranchOfCheckout.with(&[("branch", &sanitize(&git_ref))]));
        }
        let base_name = required("--name", &self.name, &ci.name, ci)?;
        let stage = given("--stage", &self.stage)?.or_else(|| ci.stage.clone());
        let explicit_leg = given("--leg", &self.leg)?.or_else(|| env("STAGEPOST_LEG"));
        let name_alone = explicit_leg.as_deref() == Some(NO_LEG);
        let leg = if name_alone {
            None
        } else {
            let known = ci.leg.clone().filter(|_| !(ci.name_has_leg && self.name.is_none()));
            explicit_leg.or(known)
        };
        let name = with_leg(&base_name, leg.as_deref());
        // An existing pipeline has its source already.
        let source = given("--source", &self.source)?
            .or_else(|| ci.source.map(str::to_owned))
            .filter(|_| self.pipeline_id.is_none());
        let build_id = given("--build-id", &self.build_id)?;
        let has_explicit_build_id = build_id.is_some();
        let report = Report {
            sha,
            git_ref,
            name,
            status: status.to_owned(),
            stage,
            stage_order: self.stage_order,
            pipeline_id: self.pipeline_id,
            pipeline_key: self.pipeline_key.clone(),
            third_build_id: build_id.or_else(|| ci.build_id.clone()),
            target_url: self.url.clone().or_else(|| ci.url.clone()),
            description: self.description.clone(),
            coverage: self.coverage,
            allow_failure: self.allow_failure.then_some(true),
            occurred_at: self.occurred_at.clone(),
            source,
            ..Report::default()
        };
        let run = ci.run.as_ref().filter(|run| !name_alone && !has_explicit_build_id && run.job != base_name);
        let claim = run.map(|run| NameClaim::new(run, &report, &base_name, leg.as_deref()));
        Ok(ReportPlan { report, claim, has_explicit_build_id })
    }
}

/// The value of a flag, which must not be empty: an empty variable in a script is a mistake.
fn given(flag: &str, value: &Option<String>) -> Result<Option<String>, Failure> {
    match value {
        Some(value) if value.trim().is_empty() => {
            Err(Failure::usage(Text::FlagEmpty.with(&[("flag", &flag)])))
        }
        value => Ok(value.clone()),
    }
}

fn required(
    flag: &str,
    value: &Option<String>,
    default: &Option<String>,
    ci: &CiJob,
) -> Result<String, Failure> {
    let value = given(flag, value)?.or_else(|| default.clone());
    let missing = || match ci.title {
        Some(title) => Text::ReportFieldMissingIn.with(&[("flag", &flag), ("title", &title)]),
        None => Text::ReportFieldMissing.with(&[("flag", &flag)]),
    };
    value.ok_or_else(|| Failure::usage(missing()))
}

/// A commit is identified by its whole id; a branch name, `HEAD` or a prefix may mean another commit later.
fn full_commit_id(sha: String) -> Result<String, Failure> {
    let is_full = matches!(sha.len(), 40 | 64) && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_full { Ok(sha) } else { Err(Failure::usage(Text::CommitIdNotFull.with(&[("sha", &sha)]))) }
}

#[cfg(test)]
mod tests;
