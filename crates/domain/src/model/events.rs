//! Events: committed changes. There is one for every report that changed something, for every import, for every
//! deleted pipeline, and for every recorded change of the verdict of a gate. They are numbered in the order of the
//! commits.

use super::gates::{RequirementState, Verdict};
use super::ids::{JobId, PipelineId, RepositoryId};
use super::pipelines::{Pipeline, PipelineIdentity, PipelineState};
use super::status::Status;
use jiff::Timestamp;
use std::sync::Arc;

/// A committed change.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The repository.
    pub repository_id: RepositoryId,
    /// Counted per repository from 1, without gaps, in the order of the commits: no event is committed before
    /// an event with a smaller number.
    pub number: i64,
    /// The time when it was recorded, by the clock of the server.
    pub at: Timestamp,
    /// The change.
    pub change: Change,
}

/// The change.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A pipeline: its state after the change, and the kind of the change.
    Pipeline(PipelineSnapshot, PipelineChange),
    /// The verdict of a gate, or the state of one of its requirements.
    Verdict(VerdictSnapshot),
}

/// A pipeline at the time of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineSnapshot {
    /// The id.
    pub id: PipelineId,
    /// The version, which increases with every change.
    pub version: i64,
    /// Commit, ref, source and key.
    pub identity: Arc<PipelineIdentity>,
    /// Its page in the build system.
    pub web_url: Option<String>,
    /// The status after the change.
    pub status: Status,
    /// The status before the change; `None`: it was created.
    pub previous_status: Option<Status>,
    /// The number of attempts.
    pub job_count: u32,
}

/// The kind of a change of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub enum PipelineChange {
    /// An attempt was created or changed.
    Job(JobSnapshot),
    /// The pipeline was imported.
    Imported,
    /// The pipeline was deleted.
    Deleted,
}

/// An attempt at the time of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSnapshot {
    /// The id.
    pub id: JobId,
    /// The name of its stage.
    pub stage: String,
    /// The name.
    pub name: String,
    /// The number of the attempt, from 1.
    pub attempt: i32,
    /// The status after the change.
    pub status: Status,
    /// The status before the change; `None`: it was created.
    pub previous_status: Option<Status>,
    /// Its id in the build system.
    pub third_build_id: Option<String>,
    /// Its page in the build system.
    pub target_url: Option<String>,
}

/// Most changed requirements that an event names.
pub const CHANGED_REQUIREMENTS_MAX: usize = 50;

/// A verdict at the time of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictSnapshot {
    /// The commit.
    pub sha: String,
    /// The target branch.
    pub target: String,
    /// The number of the record, counted from 1 for each commit and target.
    pub number: i64,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict of the record before; `None`: it is the first one.
    pub previous_verdict: Option<Verdict>,
    /// The version of the verdict.
    pub version: i64,
    /// The version of the rules; 0: there were none.
    pub rules_version: i64,
    /// The requirements whose state changed, in order of the rules, at most [`CHANGED_REQUIREMENTS_MAX`].
    pub changed: Vec<ChangedRequirement>,
    /// The number of requirements whose state changed.
    pub changed_count: u32,
}

/// A requirement whose state changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRequirement {
    /// The name; `None`: the announced jobs.
    pub name: Option<String>,
    /// The state after the change; `None`: the rules do not have it any more.
    pub state: Option<RequirementState>,
    /// The state before; `None`: it is new.
    pub previous_state: Option<RequirementState>,
}

/// The state of a pipeline before a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusBefore {
    /// The version of the pipeline; 0: it did not exist.
    pub version: i64,
    /// The status of the pipeline; `None`: it did not exist.
    pub pipeline: Option<Status>,
}

impl StatusBefore {
    /// The state of a pipeline before a report is applied to it.
    pub fn capture(state: &PipelineState) -> Self {
        let version = state.pipeline.version;
        Self { version, pipeline: (version > 0).then_some(state.pipeline.status) }
    }
}

impl Event {
    /// The event of a report of the attempt `job`, which had the status `previous_status` before it. `None`
    /// when nothing visible changed.
    pub fn from_change(
        state: &PipelineState,
        before: StatusBefore,
        (job, previous_status): (JobId, Option<Status>),
        number: i64,
        at: Timestamp,
    ) -> Option<Self> {
        if state.pipeline.version == before.version {
            return None;
        }
        let job = state.job(job)?;
        let stage = state.stages.iter().find(|stage| stage.id == job.stage_id)?;
        Some(Self {
            repository_id: state.pipeline.repository_id,
            number,
            at,
            change: Change::Pipeline(
                PipelineSnapshot::new(&state.pipeline, before.pipeline),
                PipelineChange::Job(JobSnapshot {
                    id: job.id,
                    stage: stage.name.clone(),
                    name: job.name.clone(),
                    attempt: job.attempt_number,
                    status: job.attempt.status,
                    previous_status,
                    third_build_id: job.attempt.third_build_id.clone(),
                    target_url: job.attempt.target_url.clone(),
                }),
            ),
        })
    }

    /// The event of an import.
    pub fn imported(pipeline: &Pipeline, number: i64, at: Timestamp) -> Self {
        let snapshot = PipelineSnapshot::new(pipeline, None);
        let change = Change::Pipeline(snapshot, PipelineChange::Imported);
        Self { repository_id: pipeline.repository_id, number, at, change }
    }

    /// The event of the deletion of a pipeline.
    pub fn deleted(pipeline: &Pipeline, number: i64, at: Timestamp) -> Self {
        let snapshot = PipelineSnapshot::new(pipeline, Some(pipeline.status));
        let change = Change::Pipeline(snapshot, PipelineChange::Deleted);
        Self { repository_id: pipeline.repository_id, number, at, change }
    }

    /// The pipeline, if the event is about one.
    pub const fn pipeline(&self) -> Option<&PipelineSnapshot> {
        match &self.change {
            Change::Pipeline(pipeline, _) => Some(pipeline),
            Change::Verdict(_) => None,
        }
    }

    /// The attempt that was created or changed, if the event is about one.
    pub const fn job(&self) -> Option<&JobSnapshot> {
        match &self.change {
            Change::Pipeline(_, PipelineChange::Job(job)) => Some(job),
            Change::Pipeline(..) | Change::Verdict(_) => None,
        }
    }

    /// The commit.
    pub fn sha(&self) -> &str {
        match &self.change {
            Change::Pipeline(pipeline, _) => &pipeline.identity.sha,
            Change::Verdict(verdict) => &verdict.sha,
        }
    }

    /// True when a pipeline was created or its status changed.
    pub fn changes_pipeline_status(&self) -> bool {
        self.pipeline().is_some_and(|pipeline| pipeline.previous_status != Some(pipeline.status))
    }
}

impl PipelineSnapshot {
    /// The current state of a pipeline, which had the status `previous_status` before.
    pub fn new(p: &Pipeline, previous_status: Option<Status>) -> Self {
        Self {
            id: p.id,
            version: p.version,
            identity: Arc::clone(&p.identity),
            web_url: p.web_url.clone(),
            status: p.status,
            previous_status,
            job_count: p.job_count,
        }
    }
}
