//! The flags of a report, shared by `report` and `report exec`. Missing values come from the CI environment.
//!
//! Must not know: how a report is sent.

use super::ci::CiJob;
use crate::exit::Failure;
use crate::messages::Text;
use stagepost_client::reports::Report;

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
    /// Stage [default: external]
    #[arg(long, global = true)]
    pub stage: Option<String>,
    /// Position of the stage in the pipeline
    #[arg(long, global = true)]
    pub stage_order: Option<i32>,
    /// Job name [default: from the CI environment]
    #[arg(long, global = true)]
    pub name: Option<String>,
    /// Status: pending, running, success, failed, canceled, skipped or timedout
    #[arg(long, required = true)]
    pub status: Option<String>,
    /// URL of the job's page in the build system [default: from the CI environment]
    #[arg(long, global = true)]
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
    /// A failure of this job does not fail the pipeline
    #[arg(long, global = true)]
    pub allow_failure: bool,
    /// Custom key that identifies the pipeline
    #[arg(long, global = true)]
    pub pipeline_key: Option<String>,
    /// Id of an existing pipeline
    #[arg(long, global = true)]
    pub pipeline_id: Option<i32>,
    /// Time of the status change, RFC 3339
    #[arg(long, global = true)]
    pub occurred_at: Option<String>,
    /// Kind of reporter [default: the name of the build system, or external]
    #[arg(long, global = true)]
    pub source: Option<String>,
    /// Exit with 0 and a warning if the server is unreachable
    #[arg(long, global = true)]
    pub best_effort: bool,
}

impl ReportArgs {
    /// The report from the flags and the CI environment.
    pub fn report(&self, status: &str, ci: &CiJob) -> Result<Report, Failure> {
        let required = |flag: &str, value: &Option<String>, default: &Option<String>| {
            let value = value.clone().or_else(|| default.clone());
            value.ok_or_else(|| Failure::usage(Text::ReportFieldMissing.with(&[("flag", &flag)])))
        };
        // An existing pipeline has its source already.
        let source = self
            .source
            .clone()
            .or_else(|| ci.source.map(str::to_owned))
            .filter(|_| self.pipeline_id.is_none());
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
            source,
            ..Report::default()
        })
    }
}
