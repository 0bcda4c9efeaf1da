//! The state of a job by the reports of permitted reporters only.

use super::facts::{AttemptReports, JobFact, ReportFact};
use super::rules::Requirement;
use crate::model::attempts::{Attempt, Recency};
use crate::model::ids::{JobId, PipelineId};
use crate::model::jobs::newest_by_start;
use crate::model::reports::Authority;
use crate::model::status::Status;

/// The attempt of a job that counts for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub id: JobId,
    pub pipeline_id: PipelineId,
    pub status: Status,
    pub allow_failure: bool,
}

/// The attempt of the job that counts for the requirement. `None`: no permitted reporter reported the job.
pub(super) fn counted(requirement: &Requirement, job: &JobFact) -> Option<Counted> {
    let JobFact { id, pipeline_id, status, allow_failure, .. } = *job;
    if requirement.reporters.is_empty() {
        return Some(Counted { id, pipeline_id, status, allow_failure });
    }
    let attempts: Vec<(&AttemptReports, Attempt)> =
        job.attempts.iter().filter_map(|of| Some((of, reduce(requirement, &of.reports)?))).collect();
    // As in the status of a commit: of each pipeline the newest attempt, of those the one reported last.
    let of_pipelines = attempts.chunk_by(|one, other| one.0.pipeline_id == other.0.pipeline_id);
    let newest = of_pipelines.filter_map(|attempts| {
        let newest = newest_by_start(attempts.iter().map(|(_, attempt)| attempt.effective_start()));
        newest.and_then(|at| attempts.get(at))
    });
    let recency = |(of, attempt): &&(&AttemptReports, Attempt)| {
        (Recency::new(attempt.status, &attempt.evidence, attempt.created_at), of.id)
    };
    newest.max_by_key(recency).map(|(of, attempt)| Counted {
        id: of.id,
        pipeline_id: of.pipeline_id,
        status: attempt.status,
        allow_failure: attempt.allow_failure,
    })
}

/// The attempt after its permitted reports. An end by the watchdog counts if a permitted reporter reported the attempt;
/// an end by an operator counts if the operator is a permitted reporter. A report without a status begins no attempt.
fn reduce(requirement: &Requirement, reports: &[ReportFact]) -> Option<Attempt> {
    let permitted = |report: &ReportFact| requirement.permits(report.user, report.credential.as_ref());
    let begins = |report: &ReportFact| {
        permitted(report) && report.state.authority == Authority::Reporter && !report.state.keeps_status
    };
    let first = reports.iter().position(begins)?;
    let mut attempt = Attempt::new(&reports[first].state, reports[first].arrival);
    for (at, report) in reports.iter().enumerate() {
        if at != first && (permitted(report) || report.state.authority == Authority::Watchdog) {
            attempt.reduce(&report.state, report.arrival);
        }
    }
    Some(attempt)
}
