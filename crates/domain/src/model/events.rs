//! Events: what a commit changed, for those who follow. One for every report that changed something, for every import and for every pipeline
//! taken away, numbered in the order of the commits.

use super::ids::{JobId, PipelineId, RepositoryId};
use super::pipelines::{Pipeline, PipelineIdentity, PipelineState};
use super::status::Status;
use jiff::Timestamp;

/// A committed change.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Where.
    pub repository_id: RepositoryId,
    /// Counted per repository from 1, without gaps, in the order of the commits: an event with a greater number is never committed before one
    /// with a smaller.
    pub number: i64,
    /// When it was recorded, by our clock.
    pub at: Timestamp,
    /// The pipeline as it was then.
    pub pipeline: PipelineSnapshot,
    /// What happened in it.
    pub change: Change,
}

/// A pipeline at the time of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineSnapshot {
    /// Its id.
    pub id: PipelineId,
    /// Its version: grows with every change.
    pub version: i64,
    /// Commit, ref, source and key.
    pub identity: PipelineIdentity,
    /// Where a person sees it in the build system.
    pub web_url: Option<String>,
    /// How it stood.
    pub status: Status,
    /// How it stood before; `None`: it was made.
    pub previous_status: Option<Status>,
    /// Attempts in it.
    pub job_count: u32,
}

/// What happened in a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An attempt was made, or changed.
    Job(JobSnapshot),
    /// The pipeline was brought along from elsewhere, whole.
    Imported,
    /// The pipeline was taken away, with all that was in it.
    Deleted,
}

/// An attempt at the time of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSnapshot {
    /// Its id.
    pub id: JobId,
    /// The name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// Which try, from 1.
    pub attempt: i32,
    /// How it stood.
    pub status: Status,
    /// How it stood before; `None`: it was made.
    pub previous_status: Option<Status>,
    /// The build system's own id of it.
    pub third_build_id: Option<String>,
    /// Where a person sees it in the build system.
    pub target_url: Option<String>,
}

/// How a pipeline stood before a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusBefore {
    /// The pipeline's version; 0: it was not there.
    pub version: i64,
    /// The pipeline; `None`: it was not there.
    pub pipeline: Option<Status>,
}

impl StatusBefore {
    /// How `run` stands before a report is applied to it.
    pub fn capture(run: &PipelineState) -> Self {
        let version = run.pipeline.version;
        Self { version, pipeline: (version > 0).then_some(run.pipeline.status) }
    }
}

impl Event {
    /// The event of a report of the attempt `job`, which stood as `was` before it; `None` where nothing can be seen to have changed.
    pub fn from_change(
        run: &PipelineState,
        before: StatusBefore,
        (job, was): (JobId, Option<Status>),
        number: i64,
        at: Timestamp,
    ) -> Option<Self> {
        if run.pipeline.version == before.version {
            return None;
        }
        let job = run.job(job)?;
        let stage = run.stages.iter().find(|stage| stage.id == job.stage_id)?;
        Some(Self {
            repository_id: run.pipeline.repository_id,
            number,
            at,
            pipeline: PipelineSnapshot::of(run, before.pipeline),
            change: Change::Job(JobSnapshot {
                id: job.id,
                stage: stage.name.clone(),
                name: job.name.clone(),
                attempt: job.attempt_number,
                status: job.attempt.status,
                previous_status: was,
                third_build_id: job.attempt.third_build_id.clone(),
                target_url: job.attempt.target_url.clone(),
            }),
        })
    }

    /// The event of an import.
    pub fn imported(pipeline: &Pipeline, number: i64, at: Timestamp) -> Self {
        let (repository_id, pipeline) = (pipeline.repository_id, PipelineSnapshot::new(pipeline, None));
        Self { repository_id, number, at, pipeline, change: Change::Imported }
    }

    /// The event of a pipeline's being taken away.
    pub fn deleted(pipeline: &Pipeline, number: i64, at: Timestamp) -> Self {
        let (repository_id, pipeline) =
            (pipeline.repository_id, PipelineSnapshot::new(pipeline, Some(pipeline.status)));
        Self { repository_id, number, at, pipeline, change: Change::Deleted }
    }

    /// True where the pipeline was made, or its status moved.
    pub fn changes_pipeline_status(&self) -> bool {
        self.pipeline.previous_status != Some(self.pipeline.status)
    }
}

impl PipelineSnapshot {
    fn of(run: &PipelineState, was: Option<Status>) -> Self {
        Self::new(&run.pipeline, was)
    }

    /// A pipeline as it is, which stood as `was` before.
    pub fn new(p: &Pipeline, was: Option<Status>) -> Self {
        Self {
            id: p.id,
            version: p.version,
            identity: p.identity.clone(),
            web_url: p.web_url.clone(),
            status: p.status,
            previous_status: was,
            job_count: p.job_count,
        }
    }
}
