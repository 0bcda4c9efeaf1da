//! A pipeline in memory, and how a report changes it. Only [`PipelineState::apply`] and
//! [`PipelineState::close`] change a status.

mod derived;
mod labels;
mod times;

use super::super::attempts::Attempt;
use super::super::ids::{JobId, MAX_ID, PipelineId, RepositoryId, StageId};
use super::super::jobs::{self, AttemptMatch, Job};
use super::super::reports::{
    Arrival, FieldSet, PipelineChoice, Reason, Receipt, Report, ReportedState, Rules,
};
use super::super::status::Status;
use super::super::text;
use super::{
    ChangedRows, Counters, JOBS_MAX, LabelTimes, Pipeline, PipelineIdentity, STAGES_MAX, Stage,
    in_display_order, used_up,
};
use crate::error::{Invalid, Problem, Result};
use derived::StageJobs;
use jiff::Timestamp;
use std::sync::Arc;
use times::{AttemptTimes, Times};

/// A pipeline with its stages and jobs.
#[derive(Debug, Clone)]
pub struct PipelineState {
    /// The row of the pipeline.
    pub pipeline: Pipeline,
    /// The stages, in order of id.
    pub stages: Vec<Stage>,
    /// The attempts of all jobs, in order of id. Copies of the pipeline share those that do not change.
    pub jobs: Vec<Arc<Job>>,
    /// The jobs of each stage, in the order of `stages`.
    by_stage: Vec<StageJobs>,
    times: Times,
}

/// The changes of a report before its stage and its pipeline are updated.
struct Change {
    /// The result of the attempt.
    result: (Reason, FieldSet),
    /// The changes outside of the attempt.
    other: FieldSet,
    /// The report created its stage.
    added_stage: bool,
    /// The report has a position or a label other than the current ones.
    differs: bool,
}

impl PipelineState {
    /// A pipeline without jobs. It is stored together with its first report only.
    pub fn new(
        id: PipelineId,
        repository_id: RepositoryId,
        identity: impl Into<Arc<PipelineIdentity>>,
        now: Timestamp,
    ) -> Self {
        let pipeline = Pipeline {
            id,
            repository_id,
            identity: identity.into(),
            status: Status::Pending,
            web_url: None,
            trigger_user: None,
            label_times: LabelTimes::default(),
            created_at: now,
            updated_at: now,
            started_at: None,
            finished_at: None,
            job_count: 0,
            version: 0,
        };
        Self::load(pipeline, Vec::new(), Vec::<Job>::new())
    }

    /// The pipeline as a store loads it; `stages` and `jobs` in order of id.
    pub fn load(
        pipeline: Pipeline,
        stages: Vec<Stage>,
        jobs: impl IntoIterator<Item = impl Into<Arc<Job>>>,
    ) -> Self {
        // Collecting them would keep the memory of a vector of jobs.
        let (jobs, mut shared) = (jobs.into_iter(), Vec::new());
        shared.reserve_exact(jobs.size_hint().0);
        shared.extend(jobs.map(Into::into));
        let mut state = Self {
            pipeline,
            by_stage: vec![StageJobs::default(); stages.len()],
            stages,
            jobs: shared,
            times: Times::default(),
        };
        let mut indices: Vec<usize> = (0..state.jobs.len()).collect();
        indices.sort_by_key(|&at| state.jobs[at].attempt_number);
        for at in indices {
            let job = &state.jobs[at];
            state.times.add_creation(&job.attempt);
            if job.newest {
                state.times.add(AttemptTimes::of(&job.attempt));
            }
            let Some(stage) = state.stages.iter().position(|s| s.id == job.stage_id) else { continue };
            let stage = &mut state.by_stage[stage];
            stage.attempts.entry(job.name.clone()).or_default().push(at);
            if job.newest {
                stage.status_counts.add(job.attempt.status, job.attempt.allow_failure);
            }
        }
        state
    }

    /// The stages in display order.
    pub fn ordered_stages(&self) -> Vec<&Stage> {
        in_display_order(&self.stages)
    }

    /// Refuses a report that has the id of this pipeline and another commit or ref.
    ///
    /// # Errors
    /// [`Problem::Contradicts`] on `sha` or `ref`.
    pub fn check_identity(&self, report: &Report) -> Result<(), Invalid> {
        let refused = |field| Err(Invalid::new(field, Problem::Contradicts { other: "pipeline_id" }));
        match &report.pipeline {
            PipelineChoice::Id(_) if report.sha != self.pipeline.identity.sha => refused("sha"),
            PipelineChoice::Id(_)
                if !report.ref_is_default && report.git_ref != self.pipeline.identity.git_ref =>
            {
                refused("ref")
            }
            _ => Ok(()),
        }
    }

    /// Applies one report: finds its attempt, changes what it changes, and returns which rows to write.
    ///
    /// # Errors
    /// The error of [`PipelineState::check_identity`]; [`Problem::TooMany`] for a report that would exceed
    /// [`JOBS_MAX`], [`STAGES_MAX`] or the ids of the repository. The state does not change then.
    pub fn apply(
        &mut self,
        report: &Report,
        arrival: Arrival,
        counters: &mut Counters,
    ) -> Result<(Receipt, ChangedRows)> {
        self.check_identity(report)?;
        let known_stage = self.stages.iter().position(|s| s.name == report.stage);
        let attempts = known_stage.map_or(&[][..], |at| self.attempts_of(at, report));
        let of_job = attempts.iter().map(|&at| &*self.jobs[at]);
        let matched = match jobs::match_attempt(of_job, report.job_id, &report.state) {
            AttemptMatch::To(index) => Some(attempts[index]),
            AttemptMatch::New => None,
        };
        // A new attempt of a known job has its spelling.
        let spelling = attempts.first().filter(|_| matched.is_none()).map(|&at| self.jobs[at].name.clone());
        if matched.is_none() {
            // Every check comes before the first change.
            if self.jobs.len() >= JOBS_MAX {
                return Err(Invalid::new("name", Problem::TooMany { max: JOBS_MAX }).into());
            }
            if known_stage.is_none() && self.stages.len() >= STAGES_MAX {
                return Err(Invalid::new("stage", Problem::TooMany { max: STAGES_MAX }).into());
            }
            if counters.job == MAX_ID || known_stage.is_none() && counters.stage == MAX_ID {
                return Err(used_up(RepositoryId::FIELD).into());
            }
        }
        let stage = match known_stage {
            Some(at) => at,
            None => self.add_stage(report, counters)?,
        };
        let (order_changed, added_stage) =
            (self.order_stage(stage, report.stage_order), known_stage.is_none());
        let (at, previous_status, result) = match matched {
            None => {
                let name = spelling.unwrap_or_else(|| report.name.clone());
                let at = self.add_job(stage, name, &report.state, arrival, counters)?;
                (at, None, (Reason::Created, FieldSet::STATUS))
            }
            Some(at) => {
                let previous_status = self.jobs[at].attempt.status;
                (at, Some(previous_status), self.reduce(stage, at, &report.state, arrival))
            }
        };
        if report.name_ignores_case {
            Arc::make_mut(&mut self.jobs[at]).attempt.add_name_rule();
        }
        let mut other = self.merge_labels(report, arrival);
        other.set(FieldSet::STAGE_ORDER, order_changed);
        let differs = self.differs(stage, report);
        let change = Change { result, other, added_stage, differs };
        let (receipt, changed_rows) = self.finish_change(stage, at, arrival, &report.state, change);
        Ok((receipt, ChangedRows { previous_status, ..changed_rows }))
    }

    /// The attempt with this id.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.job_at(id).map(|at| &*self.jobs[at])
    }

    /// Whether there is an attempt of the job of this report.
    pub fn has_job_of(&self, report: &Report) -> bool {
        let stage = self.stages.iter().position(|known| known.name == report.stage);
        stage.is_some_and(|stage| !self.attempts_of(stage, report).is_empty())
    }

    /// The indices of the attempts of the job of a report to this stage, in order of their numbers.
    fn attempts_of(&self, stage: usize, report: &Report) -> &[usize] {
        let exact = self.attempts(stage, &report.name);
        if !exact.is_empty() || !report.name_ignores_case {
            return exact;
        }
        let of_stage = self.by_stage[stage].attempts.iter();
        let same = of_stage.filter(|(name, _)| text::same_ignoring_case(name, &report.name));
        // Of several spellings, the first that was reported.
        same.map(|(_, attempts)| attempts.as_slice()).min_by_key(|attempts| attempts.first()).unwrap_or(&[])
    }

    /// The indices of the attempts of a job, in order of their numbers.
    fn attempts(&self, stage: usize, name: &str) -> &[usize] {
        self.by_stage[stage].attempts.get(name).map_or(&[], Vec::as_slice)
    }

    fn job_at(&self, id: JobId) -> Option<usize> {
        self.jobs.binary_search_by_key(&id, |job| job.id).ok()
    }

    /// Ends one attempt for the watchdog or an operator. An end that the build system reports, before or
    /// later, wins.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when the pipeline has no such attempt.
    pub fn close(
        &mut self,
        job: JobId,
        reported: &ReportedState,
        arrival: Arrival,
    ) -> Result<(Receipt, ChangedRows)> {
        let not_found = crate::Error::NotFound { noun: "job" };
        let at = self.job_at(job).ok_or_else(|| not_found.clone())?;
        let stage_id = self.jobs[at].stage_id;
        let stage = self.stages.iter().position(|stage| stage.id == stage_id).ok_or(not_found)?;
        let previous_status = Some(self.jobs[at].attempt.status);
        let result = self.reduce(stage, at, reported, arrival);
        let change = Change { result, other: FieldSet::default(), added_stage: false, differs: false };
        let (receipt, changed_rows) = self.finish_change(stage, at, arrival, reported, change);
        Ok((receipt, ChangedRows { previous_status, ..changed_rows }))
    }

    /// Updates stage and pipeline after a change of the attempt at `at`. Returns the receipt and the changed
    /// rows.
    fn finish_change(
        &mut self,
        stage: usize,
        at: usize,
        arrival: Arrival,
        reported: &ReportedState,
        change: Change,
    ) -> (Receipt, ChangedRows) {
        let (mut reason, mut changed) = change.result;
        let mut changed_rows = ChangedRows::default();
        let newest_changed = self.update_newest(stage, at, &mut changed_rows);
        if reason != Reason::Created {
            changed.add(change.other);
            changed.set(FieldSet::NEWEST, newest_changed);
        }
        reason = reason.with_changes(!changed.is_empty(), change.differs);
        // The evidence can change when no visible field does, so the attempt is always written.
        changed_rows.jobs.push(at);
        changed_rows.jobs.sort_unstable();
        changed_rows.jobs.dedup();
        let status = self.by_stage[stage].status_counts.status();
        let stage_changed = change.added_stage || change.other.contains(FieldSet::STAGE_ORDER);
        if stage_changed || self.stages[stage].status != status {
            self.stages[stage].status = status;
            changed_rows.stages.push(stage);
        }
        if reason == Reason::Created || !changed.is_empty() || stage_changed {
            self.update_pipeline(arrival.received_at);
        }
        if reported.rules == Rules::First {
            // The first rules recorded the changes of the attempt only.
            (reason, changed) = change.result;
        }
        let job = &self.jobs[at];
        let receipt = Receipt {
            report_id: arrival.seq,
            pipeline_id: self.pipeline.id,
            stage_id: job.stage_id,
            job_id: job.id,
            attempt: job.attempt_number,
            effect: reason.effect(),
            reason,
            changed,
            adjusted: reported.adjusted,
            status: job.attempt.status,
            pipeline_status: self.pipeline.status,
        };
        (receipt, changed_rows)
    }

    fn add_stage(&mut self, report: &Report, counters: &mut Counters) -> Result<usize> {
        let id = StageId::new(Counters::next(&mut counters.stage, StageId::FIELD)?)?;
        let sort_id = i32::try_from(self.stages.len() + 1).unwrap_or(i32::MAX);
        self.stages.push(Stage {
            id,
            name: report.stage.clone(),
            sort_id,
            sort_id_reported: false,
            status: Status::Pending,
        });
        self.by_stage.push(StageJobs::default());
        Ok(self.stages.len() - 1)
    }

    /// Keeps the least position that any report gives, so that the order of the reports does not matter.
    fn order_stage(&mut self, stage: usize, reported: Option<i32>) -> bool {
        let stage = &mut self.stages[stage];
        match reported {
            Some(order) if !stage.sort_id_reported || order < stage.sort_id => {
                (stage.sort_id, stage.sort_id_reported) = (order, true);
                true
            }
            _ => false,
        }
    }

    fn add_job(
        &mut self,
        stage: usize,
        name: String,
        reported: &ReportedState,
        arrival: Arrival,
        counters: &mut Counters,
    ) -> Result<usize> {
        let id = JobId::new(Counters::next(&mut counters.job, JobId::FIELD)?)?;
        let at = self.jobs.len();
        let attempts = &mut self.by_stage[stage].attempts;
        let attempt_number = match attempts.get_mut(&name) {
            Some(earlier) => {
                earlier.push(at);
                earlier.len()
            }
            None => {
                attempts.insert(name.clone(), vec![at]);
                1
            }
        };
        let attempt = Attempt::new(reported, arrival);
        self.times.add_creation(&attempt);
        self.jobs.push(Arc::new(Job {
            id,
            stage_id: self.stages[stage].id,
            name,
            attempt_number: i32::try_from(attempt_number).unwrap_or(i32::MAX),
            newest: false,
            updated_at: arrival.received_at,
            attempt,
        }));
        Ok(at)
    }

    /// Applies a report to the attempt at `at`.
    fn reduce(
        &mut self,
        stage: usize,
        at: usize,
        reported: &ReportedState,
        arrival: Arrival,
    ) -> (Reason, FieldSet) {
        let job = Arc::make_mut(&mut self.jobs[at]);
        let before = (job.attempt.status, job.attempt.allow_failure);
        let times_before = AttemptTimes::of(&job.attempt);
        let (mut reason, mut changed) = job.attempt.reduce(reported, arrival);
        if job.attempt.third_build_id.is_none() && reported.third_build_id.is_some() {
            job.attempt.third_build_id.clone_from(&reported.third_build_id);
            changed.set(FieldSet::THIRD_BUILD_ID, true);
            reason = reason.with_changes(true, false);
        }
        if !changed.is_empty() {
            job.updated_at = arrival.received_at;
        }
        self.times.add_creation(&job.attempt);
        if job.newest {
            self.times.replace(times_before, AttemptTimes::of(&job.attempt));
            let counts = &mut self.by_stage[stage].status_counts;
            counts.remove(before.0, before.1);
            counts.add(job.attempt.status, job.attempt.allow_failure);
        }
        (reason, changed)
    }
}
