//! The results of an evaluation.

use super::facts::{JobFact, Override};
use super::rules::Absent;
use crate::model::ids::{JobId, PipelineId};
use crate::model::status::Status;
#[cfg(doc)]
use crate::model::trusted_time::TrustedTime;
use jiff::Timestamp;

/// Most jobs that a result names.
pub const DECIDING_MAX: usize = 20;
/// The result of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// No rule applies to the target.
    Unset,
    /// Every requirement passed, does not apply or is overridden.
    Passed,
    /// A requirement failed.
    Failed,
    /// No requirement failed or is missing, and not all have passed.
    Pending,
    /// No requirement failed, and one is missing, or was reported by others only until its period ended.
    Missing,
}

/// The state of one requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequirementState {
    /// All its jobs passed.
    Passed,
    /// A job failed.
    Failed,
    /// A job runs.
    Running,
    /// A job is queued, or is absent and waited for.
    Waiting,
    /// A job is absent and was waited for.
    Missing,
    /// Only reporters that are not permitted reported its jobs.
    WrongSource,
    /// It does not apply to the commit.
    NotApplicable,
    /// It has not passed, and a person counts it as passed.
    Overridden,
}

/// The subject of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The requirement with this name.
    Requirement(&'a str),
    /// The jobs that build systems announced.
    Announced,
}

/// Why a requirement has its state. The dialects have the sentences.
pub type Reason<'a> = ReasonOf<&'a str>;

/// A [`Reason`] with its texts as `S`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonOf<S> {
    /// All jobs succeeded.
    Succeeded,
    /// All jobs passed, some of them skipped or failed as the requirement accepts.
    Accepted,
    /// All jobs were skipped and do not apply.
    SkippedNotApplicable,
    /// A job failed, timed out or was canceled.
    Failed,
    /// A job was skipped.
    Skipped,
    /// A job runs.
    Running,
    /// A job is queued.
    Queued,
    /// An announced job was not reported yet.
    AnnouncedAbsent {
        /// Its stage, if it was announced.
        stage: Option<S>,
        /// Its name.
        name: S,
        /// When it was announced.
        since: Timestamp,
        /// When it is missing.
        due: Timestamp,
    },
    /// An announced job was not reported in time.
    AnnouncedMissing {
        /// Its stage, if it was announced.
        stage: Option<S>,
        /// Its name.
        name: S,
        /// When it was announced.
        since: Timestamp,
    },
    /// No job matches yet.
    Absent {
        /// The first fact about the commit, and the end of the period; `None`: nothing is known of the commit.
        period: Option<(Timestamp, Timestamp)>,
    },
    /// No job matched within the period, or none is in the complete lists of the permitted reporters.
    AbsentSince {
        /// The begin of the absence.
        since: Timestamp,
        /// The meaning of the absence.
        meaning: Absent,
        /// The complete lists decided, not the period.
        by_lists: bool,
    },
    /// No permitted reporter reported a job.
    OtherReporters {
        /// Whether the period has ended in which one is waited for.
        ended: bool,
    },
    /// All announced jobs have ended.
    AnnouncedEnded,
}

/// A job that decided a result.
#[derive(Debug, Clone, Copy)]
pub struct DecidingJob<'a> {
    /// The attempt that counts.
    pub id: JobId,
    /// Its pipeline.
    pub pipeline_id: PipelineId,
    /// The source of the pipeline.
    pub source: &'a str,
    /// The stage.
    pub stage: &'a str,
    /// The name.
    pub name: &'a str,
    /// The status that counts: with reporters in the requirement, that of their reports.
    pub status: Status,
}

/// The result of one requirement.
#[derive(Debug, Clone)]
pub struct RequirementResult<'a> {
    /// The requirement.
    pub subject: Subject<'a>,
    /// Why, without overrides.
    pub reason: Reason<'a>,
    /// The override that counts, if the requirement has not passed.
    pub overridden: Option<&'a Override>,
    /// The jobs that decided, in order of the commit's jobs, at most [`DECIDING_MAX`].
    pub jobs: Vec<DecidingJob<'a>>,
    /// The number of jobs that decided.
    pub job_count: usize,
}

/// The result of a gate.
#[derive(Debug, Clone)]
pub struct Evaluation<'a> {
    /// The verdict.
    pub verdict: Verdict,
    /// It grows when a fact or a rule changes, and when a period ends.
    pub version: i64,
    /// The results, in order of the rules.
    pub requirements: Vec<RequirementResult<'a>>,
    /// The next end of a period that has not ended, by the wall clock ([`TrustedTime::end_of`]).
    pub next_due: Option<Timestamp>,
}

impl Verdict {
    /// All variants, in order.
    pub const ALL: [Self; 5] = [Self::Unset, Self::Passed, Self::Failed, Self::Pending, Self::Missing];
    /// The names, in order of the variants.
    pub const NAMES: &'static [&'static str] = &["unset", "passed", "failed", "pending", "missing"];

    /// The name in the native API.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The verdict with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).map(|at| Self::ALL[at])
    }

    /// The verdict that follows from the results.
    pub(super) fn of(results: &[RequirementResult]) -> Self {
        let waits = |result: &RequirementResult| result.reason == Reason::OtherReporters { ended: false };
        let worst = results.iter().map(|result| match result.state() {
            state if state.is_settled() => (0, Self::Passed),
            RequirementState::WrongSource if waits(result) => (1, Self::Pending),
            RequirementState::Running | RequirementState::Waiting => (1, Self::Pending),
            RequirementState::Missing | RequirementState::WrongSource => (2, Self::Missing),
            _ => (3, Self::Failed),
        });
        worst.max_by_key(|(severity, _)| *severity).map_or(Self::Unset, |(_, verdict)| verdict)
    }
}

impl RequirementState {
    /// All variants, in order.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::Running,
        Self::Waiting,
        Self::Missing,
        Self::WrongSource,
        Self::NotApplicable,
        Self::Overridden,
    ];
    /// The names, in order of the variants.
    pub const NAMES: &'static [&'static str] = &[
        "passed",
        "failed",
        "running",
        "waiting",
        "missing",
        "wrong_source",
        "not_applicable",
        "overridden",
    ];

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).map(|at| Self::ALL[at])
    }

    /// The name in the native API.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Whether the requirement passed, does not apply or is overridden.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Passed | Self::NotApplicable | Self::Overridden)
    }
}

impl<S> ReasonOf<S> {
    /// The state, without overrides.
    pub const fn state(&self) -> RequirementState {
        match self {
            Self::Succeeded | Self::Accepted | Self::AnnouncedEnded => RequirementState::Passed,
            Self::SkippedNotApplicable => RequirementState::NotApplicable,
            Self::Failed | Self::Skipped => RequirementState::Failed,
            Self::Running => RequirementState::Running,
            Self::Queued | Self::AnnouncedAbsent { .. } | Self::Absent { .. } => RequirementState::Waiting,
            Self::AnnouncedMissing { .. } => RequirementState::Missing,
            Self::AbsentSince { meaning, .. } => match meaning {
                Absent::Missing => RequirementState::Missing,
                Absent::Passed => RequirementState::Passed,
                Absent::NotApplicable => RequirementState::NotApplicable,
            },
            Self::OtherReporters { .. } => RequirementState::WrongSource,
        }
    }

    /// Since when a job is absent, and when its wait ends, if it is.
    pub const fn period(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::AnnouncedAbsent { since, due, .. } | Self::Absent { period: Some((since, due)) } => {
                (Some(*since), Some(*due))
            }
            Self::AnnouncedMissing { since, .. } | Self::AbsentSince { since, .. } => (Some(*since), None),
            _ => (None, None),
        }
    }

    /// The same reason with its texts converted.
    pub fn map<'a, T>(&'a self, convert: impl Fn(&'a S) -> T) -> ReasonOf<T> {
        match self {
            Self::Succeeded => ReasonOf::Succeeded,
            Self::Accepted => ReasonOf::Accepted,
            Self::SkippedNotApplicable => ReasonOf::SkippedNotApplicable,
            Self::Failed => ReasonOf::Failed,
            Self::Skipped => ReasonOf::Skipped,
            Self::Running => ReasonOf::Running,
            Self::Queued => ReasonOf::Queued,
            Self::AnnouncedAbsent { stage, name, since, due } => {
                let (stage, name) = (stage.as_ref().map(&convert), convert(name));
                ReasonOf::AnnouncedAbsent { stage, name, since: *since, due: *due }
            }
            Self::AnnouncedMissing { stage, name, since } => {
                let (stage, name) = (stage.as_ref().map(&convert), convert(name));
                ReasonOf::AnnouncedMissing { stage, name, since: *since }
            }
            Self::Absent { period } => ReasonOf::Absent { period: *period },
            Self::AbsentSince { since, meaning, by_lists } => {
                ReasonOf::AbsentSince { since: *since, meaning: *meaning, by_lists: *by_lists }
            }
            Self::OtherReporters { ended } => ReasonOf::OtherReporters { ended: *ended },
            Self::AnnouncedEnded => ReasonOf::AnnouncedEnded,
        }
    }
}

impl<'a> DecidingJob<'a> {
    /// A job with its newest attempt, as all users reported it.
    pub fn of(job: &'a JobFact) -> Self {
        Self {
            id: job.id,
            pipeline_id: job.pipeline_id,
            source: &job.source,
            stage: &job.stage,
            name: &job.name,
            status: job.status,
        }
    }
}

impl RequirementResult<'_> {
    /// The state.
    pub fn state(&self) -> RequirementState {
        match self.overridden {
            Some(_) => RequirementState::Overridden,
            None => self.reason.state(),
        }
    }
}
