//! How a report finds its pipeline. The rule is the same for the reports of every API.

use super::PipelineIdentity;
use crate::model::ids::PipelineId;
use crate::model::reports::{PipelineChoice, Report};

/// The scope of the lookup of a report's pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineLookup {
    /// The report names the pipeline, which must exist.
    Id(PipelineId),
    /// The report names only a commit and a source: [`choose_for_commit`] chooses among the pipelines of both that
    /// have no key. If there is none, as [`PipelineLookup::Identity`].
    Commit,
    /// The pipeline with the identity of the report. If there is none, the report creates it.
    Identity,
}

impl PipelineLookup {
    /// The lookup for a report.
    pub fn of(report: &Report) -> Self {
        match &report.pipeline {
            PipelineChoice::Id(id) => Self::Id(*id),
            PipelineChoice::Key(key) if report.ref_is_default && key.is_empty() => Self::Commit,
            PipelineChoice::Key(_) => Self::Identity,
        }
    }
}

impl PipelineIdentity {
    /// The identity of the pipeline that a report creates.
    pub fn of(report: &Report) -> Self {
        let key = match &report.pipeline {
            PipelineChoice::Key(key) => key.clone(),
            PipelineChoice::Id(_) => String::new(),
        };
        Self { sha: report.sha.clone(), git_ref: report.git_ref.clone(), source: report.source.clone(), key }
    }
}

/// The pipeline of a report that names only its commit and source. `candidates` are their pipelines without a key,
/// newest first, each with whether it has the job of the report. It is the newest one with the job, so that a job
/// stays in its pipeline, else the newest one.
pub fn choose_for_commit(candidates: &[(PipelineId, bool)]) -> Option<PipelineId> {
    candidates.iter().find(|(_, has_job)| *has_job).or(candidates.first()).map(|(id, _)| *id)
}
