//! The state of a job by the reports of permitted reporters only.

use super::facts::{JobFact, ReportFact};
use super::rules::{Permitted, Requirement};
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
    let counted = |of: &PermittedAttempt, attempt: &Attempt| Counted {
        id: of.id,
        pipeline_id: of.pipeline_id,
        status: attempt.status,
        allow_failure: attempt.allow_failure,
    };
    let mut attempts = job.attempts.iter().filter_map(|of| Some((of, of.by(&requirement.reporters)?)));
    let first = attempts.next()?;
    // Most jobs have one attempt.
    let Some(second) = attempts.next() else { return Some(counted(first.0, first.1)) };
    let attempts: Vec<(&PermittedAttempt, &Attempt)> = [first, second].into_iter().chain(attempts).collect();
    // As in the status of a commit: of each pipeline the newest attempt, of those the one reported last.
    let of_pipelines = attempts.chunk_by(|one, other| one.0.pipeline_id == other.0.pipeline_id);
    let newest = of_pipelines.filter_map(|attempts| {
        let newest = newest_by_start(attempts.iter().map(|(_, attempt)| attempt.effective_start()));
        newest.and_then(|at| attempts.get(at))
    });
    let recency = |(of, attempt): &&(&PermittedAttempt, &Attempt)| {
        (Recency::new(attempt.status, &attempt.evidence, attempt.created_at), of.id)
    };
    newest.max_by_key(recency).map(|(of, attempt)| counted(of, attempt))
}

/// An attempt by the reports of permitted reporters only, for each list of reporters that requirements of its job name.
/// The reports are reduced while they are read.
#[derive(Debug, Clone)]
pub struct PermittedAttempt {
    /// The attempt.
    pub id: JobId,
    /// Its pipeline.
    pub pipeline_id: PipelineId,
    reduced: Vec<Reduced>,
}

/// The attempt after the reports of some reporters. An end by the watchdog counts if one of them reported the attempt;
/// an end by an operator counts if the operator is one of them. A report without a status begins no attempt.
#[derive(Debug, Clone)]
struct Reduced {
    reporters: Vec<Permitted>,
    /// The reports before the one that begins the attempt.
    earlier: Vec<ReportFact>,
    attempt: Option<Attempt>,
}

impl PermittedAttempt {
    /// An attempt without reports. `lists`: [`JobFact::reporter_lists`].
    pub fn new(id: JobId, pipeline_id: PipelineId, lists: &[&[Permitted]]) -> Self {
        let reduced = lists.iter().map(|reporters| Reduced {
            reporters: reporters.to_vec(),
            earlier: Vec::new(),
            attempt: None,
        });
        Self { id, pipeline_id, reduced: reduced.collect() }
    }

    /// Adds a report, in order of arrival.
    pub fn add(&mut self, report: &ReportFact) {
        self.reduced.iter_mut().for_each(|reduced| reduced.add(report));
    }

    /// About the bytes in memory.
    pub fn memory_bytes(&self) -> usize {
        let of_list = |reduced: &Reduced| {
            size_of::<Reduced>()
                + reduced.reporters.len() * size_of::<Permitted>()
                + reduced.earlier.len() * size_of::<ReportFact>()
                + reduced.attempt.as_ref().map_or(0, Attempt::heap_bytes)
        };
        size_of::<Self>() + self.reduced.iter().map(of_list).sum::<usize>()
    }

    fn by(&self, reporters: &[Permitted]) -> Option<&Attempt> {
        self.reduced.iter().find(|reduced| reduced.reporters == reporters)?.attempt.as_ref()
    }
}

impl Reduced {
    fn add(&mut self, report: &ReportFact) {
        let permitted =
            self.reporters.iter().any(|reporter| reporter.is(report.user, report.credential.as_ref()));
        if !permitted && report.state.authority != Authority::Watchdog {
            return;
        }
        let begins = permitted && report.state.authority == Authority::Reporter && !report.state.keeps_status;
        match &mut self.attempt {
            Some(attempt) => {
                attempt.reduce(&report.state, report.arrival);
            }
            None if begins => {
                let mut attempt = Attempt::new(&report.state, report.arrival);
                for earlier in self.earlier.drain(..) {
                    attempt.reduce(&earlier.state, earlier.arrival);
                }
                self.attempt = Some(attempt);
            }
            None => self.earlier.push(report.clone()),
        }
    }
}
