//! Recorded verdicts: the history of the verdict of a commit for a target branch. A record is made when the verdict or
//! the state of a requirement differs from the last record, also when only time has passed. It has what a person needs
//! to see why, so that it can be shown without the reports and by other rules.

use super::facts::Override;
use super::results::{
    DecidingJob, Evaluation, ReasonOf, RequirementResult, RequirementState, Subject, Verdict,
};
use crate::model::events::{CHANGED_REQUIREMENTS_MAX, ChangedRequirement, VerdictSnapshot};
use crate::model::ids::{JobId, PipelineId};
use crate::model::status::Status;
use jiff::{SignedDuration, Timestamp};

/// Most jobs that a recorded result names.
pub const RECORDED_JOBS_MAX: usize = 3;
/// Most records of a commit and target that are kept: the newest.
pub const RECORDS_MAX: i64 = 1_000;
/// A change of the rules or of the default branch marks the commits that changed in this time before it.
pub const MARKED_AGE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A recorded verdict of a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedVerdict {
    /// Counted from 1 for each commit and target.
    pub number: i64,
    /// The target branch.
    pub target: String,
    /// When it was recorded, by the clock of the server. The clocks of servers differ: numbers order the records.
    pub at: Timestamp,
    /// The number of the last report of the repository that it takes into account.
    pub last_report: i64,
    /// The verdict.
    pub verdict: Verdict,
    /// Its version. It never falls.
    pub version: i64,
    /// The version of the rules; 0: there were none.
    pub rules_version: i64,
    /// The results, in order of the rules; the one of the announced jobs is the last.
    pub results: Vec<RecordedResult>,
    /// The next end of a period that had not ended, by the wall clock.
    pub next_due: Option<Timestamp>,
}

/// The recorded result of one requirement.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedResult {
    /// The name of the requirement; `None`: the announced jobs.
    pub name: Option<String>,
    /// Why, without overrides.
    pub reason: ReasonOf<String>,
    /// The override that counted, if the requirement had not passed.
    pub overridden: Option<Override>,
    /// The first jobs that decided, at most [`RECORDED_JOBS_MAX`].
    pub jobs: Vec<RecordedJob>,
    /// The number of jobs that decided.
    pub job_count: usize,
}

/// A job that decided a recorded result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of DecidingJob, which describes them")]
pub struct RecordedJob {
    pub id: JobId,
    pub pipeline_id: PipelineId,
    pub source: String,
    pub stage: String,
    pub name: String,
    pub status: Status,
}

impl RecordedVerdict {
    /// The record of an evaluation, if it is the first one.
    pub fn of(
        evaluation: &Evaluation<'_>,
        target: &str,
        rules_version: i64,
        last_report: i64,
        at: Timestamp,
    ) -> Self {
        Self {
            number: 1,
            target: target.to_owned(),
            at,
            last_report,
            verdict: evaluation.verdict,
            version: evaluation.version,
            rules_version,
            results: evaluation.requirements.iter().map(RecordedResult::of).collect(),
            next_due: evaluation.next_due,
        }
    }

    /// The record that follows the last one of this target. `None`: nothing has changed, or the last one was made from
    /// newer facts. That no rule applies is no change if nothing was recorded.
    pub fn following(mut self, last: Option<&Self>) -> Option<Self> {
        match last {
            None if self.verdict == Verdict::Unset => return None,
            None => {}
            Some(last) => {
                if self.version < last.version || self.has_states_of(last) {
                    return None;
                }
                self.number = last.number + 1;
            }
        }
        Some(self)
    }

    fn has_states_of(&self, other: &Self) -> bool {
        let states = |record: &Self| -> Vec<_> {
            record.results.iter().map(|result| (result.name.clone(), result.state())).collect()
        };
        self.verdict == other.verdict && states(self) == states(other)
    }

    /// The event about this record of a commit. `last`: the record before.
    pub fn snapshot(&self, sha: &str, last: Option<&Self>) -> VerdictSnapshot {
        let state_in = |record: Option<&Self>, name: &Option<String>| {
            record?.results.iter().find(|result| result.name == *name).map(RecordedResult::state)
        };
        let changed = |result: &RecordedResult| ChangedRequirement {
            name: result.name.clone(),
            state: state_in(Some(self), &result.name),
            previous_state: state_in(last, &result.name),
        };
        let is_gone = |result: &&RecordedResult| state_in(Some(self), &result.name).is_none();
        let gone = last.into_iter().flat_map(|last| &last.results).filter(is_gone);
        let mut all: Vec<ChangedRequirement> = self.results.iter().chain(gone).map(changed).collect();
        all.retain(|requirement| requirement.state != requirement.previous_state);
        let changed_count = u32::try_from(all.len()).unwrap_or(u32::MAX);
        all.truncate(CHANGED_REQUIREMENTS_MAX);
        VerdictSnapshot {
            sha: sha.to_owned(),
            target: self.target.clone(),
            number: self.number,
            verdict: self.verdict,
            previous_verdict: last.map(|last| last.verdict),
            version: self.version,
            rules_version: self.rules_version,
            changed: all,
            changed_count,
        }
    }

    /// The record as an evaluation.
    pub fn evaluation(&self) -> Evaluation<'_> {
        Evaluation {
            verdict: self.verdict,
            version: self.version,
            requirements: self.results.iter().map(RecordedResult::result).collect(),
            next_due: self.next_due,
        }
    }
}

impl RecordedResult {
    fn of(result: &RequirementResult<'_>) -> Self {
        let job = |job: &DecidingJob<'_>| RecordedJob {
            id: job.id,
            pipeline_id: job.pipeline_id,
            source: job.source.to_owned(),
            stage: job.stage.to_owned(),
            name: job.name.to_owned(),
            status: job.status,
        };
        Self {
            name: match result.subject {
                Subject::Requirement(name) => Some(name.to_owned()),
                Subject::Announced => None,
            },
            reason: result.reason.map(|text| (*text).to_owned()),
            overridden: result.overridden.cloned(),
            jobs: result.jobs.iter().take(RECORDED_JOBS_MAX).map(job).collect(),
            job_count: result.job_count,
        }
    }

    /// The state.
    pub fn state(&self) -> RequirementState {
        match self.overridden {
            Some(_) => RequirementState::Overridden,
            None => self.reason.state(),
        }
    }

    /// The record as a result.
    pub fn result(&self) -> RequirementResult<'_> {
        RequirementResult {
            subject: self.name.as_deref().map_or(Subject::Announced, Subject::Requirement),
            reason: self.reason.map(String::as_str),
            overridden: self.overridden.as_ref(),
            jobs: self.jobs.iter().map(RecordedJob::deciding).collect(),
            job_count: self.job_count,
        }
    }
}

impl RecordedJob {
    fn deciding(&self) -> DecidingJob<'_> {
        DecidingJob {
            id: self.id,
            pipeline_id: self.pipeline_id,
            source: &self.source,
            stage: &self.stage,
            name: &self.name,
            status: self.status,
        }
    }
}
