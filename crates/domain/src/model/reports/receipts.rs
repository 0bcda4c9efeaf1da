//! The result of an accepted report.

use super::{Adjustments, FieldSet, Reason};
use crate::model::ids::{JobId, PipelineId, StageId};
use crate::model::status::Status;

/// The effect of a report on its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The report created the attempt.
    Created,
    /// The report changed the attempt.
    Changed,
    /// The report repeated what was known and changed nothing.
    Repeated,
    /// The report lost against an earlier one: the status stays, or no value of it is kept. The history has
    /// the report.
    Late,
}

impl Effect {
    /// All variants.
    pub const ALL: [Self; 4] = [Self::Created, Self::Changed, Self::Repeated, Self::Late];

    /// The name in the native API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Repeated => "repeated",
            Self::Late => "late",
        }
    }
}

/// The response to one accepted report: its pipeline, stage and attempt, its effect, and the statuses after
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the report in its repository.
    pub report_id: i64,
    /// The pipeline of the report.
    pub pipeline_id: PipelineId,
    /// The stage of the report.
    pub stage_id: StageId,
    /// The attempt of the report.
    pub job_id: JobId,
    /// The number of the attempt among the attempts of its job, from 1.
    pub attempt: i32,
    /// The effect of the report: the effect of `reason`.
    pub effect: Effect,
    /// Why the report has this effect.
    pub reason: Reason,
    /// The fields that the report changed.
    pub changed: FieldSet,
    /// The adjustments that the server made before it accepted the report.
    pub adjusted: Adjustments,
    /// The status of the attempt after the report.
    pub status: Status,
    /// The status of the pipeline after the report.
    pub pipeline_status: Status,
}
