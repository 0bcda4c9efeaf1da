//! A report: one checked status message from a build system about one attempt of a job, and its result.

mod adjustments;
mod fields;
mod reasons;
mod receipts;

pub use adjustments::{AdjustmentKind, Adjustments, is_unset};
pub(super) use fields::digest_of_url;
pub use fields::{FieldSet, ReportInput, ReportedState, Rules, parse_time};
pub use reasons::{Reason, Rule};
pub use receipts::{Effect, Receipt};

pub use super::text::truncate_to_millis;

use super::ids::{JobId, PipelineId};
use jiff::Timestamp;
use std::sync::Arc;

/// The stage of a report that names none; GitLab uses the same name.
pub const DEFAULT_STAGE: &str = "external";
/// The stage of check runs. It is another one than that of statuses, so that a status does not replace a check run of
/// the same name.
pub const CHECKS_STAGE: &str = "checks";
/// The source of a report that names none; GitLab uses the same name.
pub const DEFAULT_SOURCE: &str = "external";
/// Most reports in one request.
pub const BATCH_MAX: usize = 1000;

/// Selects the pipeline of a report.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PipelineChoice {
    /// The pipeline with this id. It must exist and have the same commit and ref.
    Id(PipelineId),
    /// The pipeline with this key of the reporters. The first report creates it. With an empty key it is the
    /// only pipeline of its (sha, ref, source).
    Key(String),
}

/// The origin of a report, weakest first. Among the ends of one attempt, the end of the stronger authority
/// wins, whenever it arrives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// The watchdog: no report was received within the inactivity timeout.
    Watchdog,
    /// An operator, who closed the job manually.
    Operator,
    /// The build system itself.
    #[default]
    Reporter,
}

impl Authority {
    /// The names of the variants, weakest first.
    pub const NAMES: &'static [&'static str] = &["watchdog", "operator", "reporter"];

    /// The name in the history.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Watchdog, Self::Operator, Self::Reporter].into_iter().find(|a| a.as_str() == name)
    }
}

/// One checked status message.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Full commit id, lower case.
    pub sha: String,
    /// Branch or tag.
    pub git_ref: String,
    /// The reporter named no ref. The report goes to the newest pipeline of its commit, its source and an
    /// empty key; pipelines that have its job come first. Only if there is none, it creates one on `git_ref`
    /// (reporters fact 1.1 and section 2 D).
    pub ref_is_default: bool,
    /// Stage name.
    pub stage: String,
    /// Position of the stage in its pipeline, 1..=2147483647.
    pub stage_order: Option<i32>,
    /// Job name.
    pub name: String,
    /// Case does not distinguish names (GitHub's contexts). The report goes to the job with exactly its name,
    /// else to the first one of its stage with this name in another case, which keeps its own spelling.
    pub name_ignores_case: bool,
    /// The attempt that the reporter names by its id.
    pub job_id: Option<JobId>,
    /// The pipeline.
    pub pipeline: PipelineChoice,
    /// The kind of the reporting system: part of the identity of the pipeline.
    pub source: String,
    /// The page of the pipeline in the build system.
    pub web_url: Option<String>,
    /// The user who started the pipeline.
    pub trigger_user: Option<String>,
    /// The bytes of the details whose key `state` has ([`super::details::Details::to_bytes`]).
    pub details: Option<Arc<[u8]>>,
    /// The state of the attempt.
    pub state: ReportedState,
}

/// Time and position of the arrival of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The time of receipt, by the clock of the server.
    pub received_at: Timestamp,
    /// The number of the report in its repository, counted from 1 in order of arrival.
    pub seq: i64,
}

#[cfg(test)]
mod tests;
