//! The facts about a commit when its gate is evaluated.

use super::patterns::JobName;
use super::permitted::PermittedAttempt;
use super::rules::{Permitted, Requirement};
use crate::error::{Invalid, Problem};
use crate::model::credentials::ReportCredential;
use crate::model::ids::{JobId, PipelineId, UserId};
use crate::model::jobs::LatestJob;
use crate::model::reports::{Arrival, ReportedState};
use crate::model::status::Status;
use crate::model::text;
use crate::model::verification::StoredReport;
use jiff::Timestamp;

/// Most announcements of a commit by one user, without those that later ones replaced.
pub const ANNOUNCEMENTS_MAX: usize = 200;
/// Most announced jobs of a commit by one user.
pub const ANNOUNCED_JOBS_MAX: usize = 5_000;
/// Most announced jobs of a commit.
pub const ANNOUNCED_JOBS_OF_ALL_MAX: usize = 20_000;
/// Most overrides of a commit, with those that were withdrawn.
pub const OVERRIDES_MAX: usize = 200;

/// Everything that is known about a commit.
#[derive(Debug, Clone, Default)]
pub struct GateFacts {
    /// The jobs of the commit: of each, by source, stage and name, the newest attempt.
    pub jobs: Vec<JobFact>,
    /// The announcements, in order of arrival.
    pub expectations: Vec<Expectation>,
    /// The overrides for any target, also withdrawn ones.
    pub overrides: Vec<Override>,
    /// The receipt of the first report or announcement of the commit; `None`: there is none.
    pub first_at: Option<Timestamp>,
    /// A number that grows with every change of the facts.
    pub changes: i64,
    /// The greatest trusted time at which the gate was recorded: on every node, periods that end until then have ended.
    pub recorded_time: Option<Timestamp>,
}

/// A job of the commit.
#[derive(Debug, Clone)]
pub struct JobFact {
    /// The newest attempt.
    pub id: JobId,
    /// Its pipeline.
    pub pipeline_id: PipelineId,
    /// The source of the pipeline.
    pub source: String,
    /// The stage.
    pub stage: String,
    /// The name, in the spelling of the newest attempt.
    pub name: String,
    /// Case does not distinguish the name: every spelling is the job, and patterns match without regard to case.
    pub name_ignores_case: bool,
    /// The status of the newest attempt.
    pub status: Status,
    /// As reported.
    pub allow_failure: bool,
    /// All attempts of the job, by pipeline and id, if requirements that match it name reporters
    /// ([`JobFact::reporter_lists`]); otherwise it may be empty.
    pub attempts: Vec<PermittedAttempt>,
}

/// A report with its reporter.
#[derive(Debug, Clone)]
pub struct ReportFact {
    /// The user; `None`: the server itself, or the user was deleted.
    pub user: Option<UserId>,
    /// The credential of the request, if it is known.
    pub credential: Option<ReportCredential>,
    /// When and as which report of the repository it arrived.
    pub arrival: Arrival,
    /// The announced jobs.
    pub state: ReportedState,
}

impl ReportFact {
    /// The fact of a stored report. `user`: its reporter.
    pub fn of_stored(user: Option<UserId>, report: StoredReport) -> Self {
        let entry = report.entry;
        let arrival = Arrival { received_at: entry.received_at, seq: entry.report_id };
        Self { user, credential: entry.credential, arrival, state: entry.state }
    }
}

impl JobFact {
    /// The lists of reporters that these requirements name for a job, each once.
    pub fn reporter_lists<'a>(
        requirements: impl Iterator<Item = &'a Requirement>,
        job: &LatestJob,
    ) -> Vec<&'a [Permitted]> {
        let name = JobName::new(&job.name, job.name_ignores_case);
        let mut lists: Vec<&[Permitted]> = Vec::new();
        for requirement in requirements {
            let reporters = requirement.reporters.as_slice();
            if !reporters.is_empty() && !lists.contains(&reporters) && requirement.matches(&job.stage, &name)
            {
                lists.push(reporters);
            }
        }
        lists
    }
}

/// An announcement of jobs that will be reported for a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The author; `None`: the user was deleted.
    pub by: Option<UserId>,
    /// The credential of the request, if it had one.
    pub credential: Option<ReportCredential>,
    /// When, by the clock of the server.
    pub at: Timestamp,
    /// The time of the first announcement that this one replaced, directly or through another one, else its own.
    pub first_at: Timestamp,
    /// The source of the jobs; `None`: any.
    pub source: Option<String>,
    /// The jobs.
    pub jobs: Vec<AnnouncedJob>,
    /// The jobs are all that this reporter will report with this credential and source. They replace its earlier
    /// announcements; otherwise they are added.
    pub complete: bool,
}

impl Expectation {
    /// Whether a person announces, in a session or at the data directory, and no program with a token or key.
    pub const fn is_by_person(&self) -> bool {
        matches!(self.credential, None | Some(ReportCredential::Password | ReportCredential::Session))
    }

    /// Whose announcements a complete list replaces: user, credential and source.
    pub const fn reporter(&self) -> (Option<UserId>, Option<&ReportCredential>, Option<&String>) {
        (self.by, self.credential.as_ref(), self.source.as_ref())
    }
}

/// A job that is announced.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnnouncedJob {
    /// The stage; `None`: any.
    pub stage: Option<String>,
    /// The name.
    pub name: String,
}

/// A decision of a person that a requirement, or the whole gate, counts as passed for a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Counted from 1 for each commit.
    pub number: i64,
    /// The target branch that it is for.
    pub target: String,
    /// The requirement, by name; `None`: the whole gate.
    pub requirement: Option<String>,
    /// The author; `None`: the user was deleted.
    pub by: Option<UserId>,
    /// The name of the user, for people.
    pub by_name: Option<String>,
    /// Why.
    pub reason: String,
    /// When, by the clock of the server.
    pub at: Timestamp,
    /// The version of the rules in force.
    pub rules_version: i64,
    /// When it was withdrawn; `None`: it holds.
    pub withdrawn_at: Option<Timestamp>,
    /// The user who withdrew it; `None`: it holds, or the user was deleted.
    pub withdrawn_by: Option<UserId>,
    /// The name of that user, for people.
    pub withdrawn_by_name: Option<String>,
}

/// An announcement as a dialect parsed it: types are right, values are unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Expectation, which describes them")]
pub struct ExpectInput {
    pub source: Option<String>,
    /// Stage and name of each job.
    pub jobs: Vec<(Option<String>, Option<String>)>,
    pub complete: bool,
}

/// An override as a dialect parsed it: types are right, values are unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Override, which describes them")]
pub struct OverrideInput {
    pub requirement: Option<String>,
    pub reason: Option<String>,
}

impl ExpectInput {
    /// Most jobs of an announcement.
    pub const JOBS_MAX: usize = 1_000;

    /// Checks every value. Jobs that are named twice are announced once.
    ///
    /// # Errors
    /// The first invalid field, and its problem. An incomplete list needs a job; a complete one may be empty.
    pub fn check(
        self,
        by: UserId,
        credential: Option<ReportCredential>,
        at: Timestamp,
    ) -> Result<Expectation, Invalid> {
        if self.jobs.is_empty() && !self.complete {
            return Err(Invalid::new("jobs", Problem::Missing));
        }
        if self.jobs.len() > Self::JOBS_MAX {
            return Err(Invalid::new("jobs", Problem::TooMany { max: Self::JOBS_MAX }));
        }
        let line = |field: &str, value: Option<String>| {
            value.map(|value| text::single_line(field, value, text::NAME_MAX)).transpose()
        };
        let source = line("source", self.source)?;
        let mut jobs = Vec::with_capacity(self.jobs.len());
        for (at, (stage, name)) in self.jobs.into_iter().enumerate() {
            let field = format!("jobs[{at}].name");
            let name = line(&field, name)?.ok_or_else(|| Invalid::new(&field, Problem::Missing))?;
            jobs.push(AnnouncedJob { stage: line(&format!("jobs[{at}].stage"), stage)?, name });
        }
        jobs.sort_unstable();
        jobs.dedup();
        Ok(Expectation { by: Some(by), credential, at, first_at: at, source, jobs, complete: self.complete })
    }
}

impl OverrideInput {
    /// Checks every value and returns the requirement and the reason.
    ///
    /// # Errors
    /// The first invalid field, and its problem.
    pub fn check(self) -> Result<(Option<String>, String), Invalid> {
        let reason = self.reason.ok_or_else(|| Invalid::new("reason", Problem::Missing))?;
        let reason = text::single_line("reason", reason, text::DESCRIPTION_MAX)?;
        let name = |value| text::single_line("requirement", value, text::NAME_MAX);
        Ok((self.requirement.map(name).transpose()?, reason))
    }
}
