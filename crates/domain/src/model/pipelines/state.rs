//! A pipeline in memory: what a report changes of it. [`Run::apply`] and [`Run::close`] are the ways a status moves.

use super::super::attempts::Attempt;
use super::super::ids::{JobId, MAX_ID, PipelineId, RepositoryId, StageId};
use super::super::jobs::{self, AttemptMatch, Job};
use super::super::reports::{Arrival, Effect, FieldSet, PipelineChoice, Receipt, Report, ReportedState};
use super::super::status::{Status, StatusCounts};
use super::{
    ChangedRows, Counters, JOBS_MAX, Pipeline, PipelineIdentity, STAGES_MAX, Stage, in_display_order, used_up,
};
use crate::error::{Invalid, Problem, Result};
use jiff::Timestamp;
use std::collections::HashMap;

/// A pipeline in memory, whole.
#[derive(Debug, Clone)]
pub struct PipelineState {
    /// The pipeline itself.
    pub pipeline: Pipeline,
    /// In order of id.
    pub stages: Vec<Stage>,
    /// Every attempt, in order of id.
    pub jobs: Vec<Job>,
    tallies: Vec<StatusCounts>,
    /// Attempts by stage and name, in order of their numbers.
    by_name: HashMap<(StageId, String), Vec<usize>>,
}

impl PipelineState {
    /// A pipeline without jobs. It exists only together with the report that makes it.
    pub fn new(
        id: PipelineId,
        repository_id: RepositoryId,
        identity: PipelineIdentity,
        now: Timestamp,
    ) -> Self {
        let pipeline = Pipeline {
            id,
            repository_id,
            identity,
            status: Status::Pending,
            web_url: None,
            trigger_user: None,
            created_at: now,
            updated_at: now,
            started_at: None,
            finished_at: None,
            job_count: 0,
            version: 0,
        };
        Self::load(pipeline, Vec::new(), Vec::new())
    }

    /// The pipeline as a store kept it; `stages` and `jobs` in order of id.
    pub fn load(pipeline: Pipeline, stages: Vec<Stage>, jobs: Vec<Job>) -> Self {
        let mut run = Self {
            pipeline,
            tallies: vec![StatusCounts::default(); stages.len()],
            stages,
            jobs,
            by_name: HashMap::new(),
        };
        let mut places: Vec<usize> = (0..run.jobs.len()).collect();
        places.sort_by_key(|&at| run.jobs[at].attempt_number);
        for at in places {
            let job = &run.jobs[at];
            run.by_name.entry((job.stage_id, job.name.clone())).or_default().push(at);
            if job.newest
                && let Some(stage) = run.stages.iter().position(|s| s.id == job.stage_id)
            {
                run.tallies[stage].add(job.attempt.status, job.attempt.allow_failure);
            }
        }
        run
    }

    /// The stages in the order people see them.
    pub fn ordered_stages(&self) -> Vec<&Stage> {
        in_display_order(&self.stages)
    }

    /// Refuses a report that names this pipeline and is for another commit or ref.
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

    /// Takes one report in. Decides its attempt, moves what it moves, and says which rows to write.
    ///
    /// # Errors
    /// Refuses what [`Run::check_identity`] refuses and a report that would make the pipeline larger than
    /// [`JOBS_MAX`] or [`STAGES_MAX`]; nothing is changed then.
    pub fn apply(
        &mut self,
        report: &Report,
        arrival: Arrival,
        counters: &mut Counters,
    ) -> Result<(Receipt, ChangedRows)> {
        self.check_identity(report)?;
        let known_stage = self.stages.iter().position(|s| s.name == report.stage);
        let attempts: Vec<usize> = known_stage
            .and_then(|at| self.by_name.get(&(self.stages[at].id, report.name.clone())))
            .cloned()
            .unwrap_or_default();
        let belongs = jobs::match_attempt(
            &attempts.iter().map(|&at| &self.jobs[at]).collect::<Vec<_>>(),
            &report.state,
        );
        if belongs == AttemptMatch::New {
            // All that can refuse comes before the first change.
            if self.jobs.len() >= JOBS_MAX {
                return Err(Invalid::new("name", Problem::TooMany { max: JOBS_MAX }).into());
            }
            if known_stage.is_none() && self.stages.len() >= STAGES_MAX {
                return Err(Invalid::new("stage", Problem::TooMany { max: STAGES_MAX }).into());
            }
            if counters.job == MAX_ID || counters.stage == MAX_ID {
                return Err(used_up(RepositoryId::FIELD).into());
            }
        }
        let stage = match known_stage {
            Some(at) => at,
            None => self.add_stage(report, counters)?,
        };
        let stage_changed = self.place_stage(stage, report.stage_order) || known_stage.is_none();
        let (at, was, done) = match belongs {
            AttemptMatch::New => {
                (self.add_job(stage, report, arrival, counters)?, None, (Effect::Created, FieldSet::STATUS))
            }
            AttemptMatch::To(place) => {
                let at = attempts[place];
                let was = Some(self.jobs[at].attempt.status);
                (at, was, self.reduce(stage, at, &report.state, arrival))
            }
        };
        let labelled = self.label(report);
        let (receipt, touched) = self.finish_change(stage, at, arrival, done, stage_changed || labelled);
        Ok((receipt, ChangedRows { previous_status: was, ..touched }))
    }

    /// One attempt.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.job_at(id).map(|at| &self.jobs[at])
    }

    fn job_at(&self, id: JobId) -> Option<usize> {
        self.jobs.binary_search_by_key(&id, |job| job.id).ok()
    }

    /// Ends one attempt on the word of the watchdog or an operator. The build system's own end, now or later, goes before it.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when the pipeline has no such attempt.
    pub fn close(
        &mut self,
        job: JobId,
        said: &ReportedState,
        arrival: Arrival,
    ) -> Result<(Receipt, ChangedRows)> {
        let absent = crate::Error::NotFound { noun: "job" };
        let at = self.job_at(job).ok_or_else(|| absent.clone())?;
        let stage_id = self.jobs[at].stage_id;
        let stage = self.stages.iter().position(|stage| stage.id == stage_id).ok_or(absent)?;
        let was = Some(self.jobs[at].attempt.status);
        let done = self.reduce(stage, at, said, arrival);
        let (receipt, touched) = self.finish_change(stage, at, arrival, done, false);
        Ok((receipt, ChangedRows { previous_status: was, ..touched }))
    }

    /// What follows from a change of the attempt at `at`, and which rows it touched.
    fn finish_change(
        &mut self,
        stage: usize,
        at: usize,
        arrival: Arrival,
        (effect, changed): (Effect, FieldSet),
        more: bool,
    ) -> (Receipt, ChangedRows) {
        let mut touched = ChangedRows::default();
        let moved = self.count_newest(stage, at, &mut touched);
        // Evidence may move without anything to see; it is written all the same.
        touched.jobs.push(at);
        touched.jobs.sort_unstable();
        touched.jobs.dedup();
        let status = self.tallies[stage].status();
        if more || self.stages[stage].status != status {
            self.stages[stage].status = status;
            touched.stages.push(stage);
        }
        if effect == Effect::Created || !changed.is_empty() || moved || more {
            self.derive(arrival.received_at);
        }
        let job = &self.jobs[at];
        let receipt = Receipt {
            report_id: arrival.seq,
            pipeline_id: self.pipeline.id,
            stage_id: job.stage_id,
            job_id: job.id,
            attempt: job.attempt_number,
            effect,
            changed,
            status: job.attempt.status,
            pipeline_status: self.pipeline.status,
        };
        (receipt, touched)
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
        self.tallies.push(StatusCounts::default());
        Ok(self.stages.len() - 1)
    }

    /// The least place that any reporter said, so that reporters who disagree end the same in any order.
    fn place_stage(&mut self, stage: usize, said: Option<i32>) -> bool {
        let stage = &mut self.stages[stage];
        match said {
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
        report: &Report,
        arrival: Arrival,
        counters: &mut Counters,
    ) -> Result<usize> {
        let id = JobId::new(Counters::next(&mut counters.job, JobId::FIELD)?)?;
        let stage_id = self.stages[stage].id;
        let at = self.jobs.len();
        let attempts = self.by_name.entry((stage_id, report.name.clone())).or_default();
        attempts.push(at);
        self.jobs.push(Job {
            id,
            stage_id,
            name: report.name.clone(),
            attempt_number: i32::try_from(attempts.len()).unwrap_or(i32::MAX),
            newest: false,
            updated_at: arrival.received_at,
            attempt: Attempt::new(&report.state, arrival),
        });
        Ok(at)
    }

    fn reduce(
        &mut self,
        stage: usize,
        at: usize,
        said: &ReportedState,
        arrival: Arrival,
    ) -> (Effect, FieldSet) {
        let job = &mut self.jobs[at];
        let before = (job.attempt.status, job.attempt.allow_failure);
        let (mut effect, mut changed) = job.attempt.reduce(said, arrival);
        if job.attempt.third_build_id.is_none() && said.third_build_id.is_some() {
            job.attempt.third_build_id.clone_from(&said.third_build_id);
            changed.set(FieldSet::THIRD_BUILD_ID, true);
            if effect == Effect::Repeated {
                effect = Effect::Changed;
            }
        }
        if !changed.is_empty() {
            job.updated_at = arrival.received_at;
        }
        if job.newest && before != (job.attempt.status, job.attempt.allow_failure) {
            self.tallies[stage].remove(before.0, before.1);
            self.tallies[stage].add(job.attempt.status, job.attempt.allow_failure);
        }
        (effect, changed)
    }

    /// Lets the right attempt of the job at `at` count. True when it is another one than before.
    fn count_newest(&mut self, stage: usize, at: usize, touched: &mut ChangedRows) -> bool {
        let key = (self.jobs[at].stage_id, self.jobs[at].name.clone());
        let Some(attempts) = self.by_name.get(&key) else { return false };
        let Some(place) = jobs::newest(&attempts.iter().map(|&a| &self.jobs[a]).collect::<Vec<_>>()) else {
            return false;
        };
        let newest = attempts[place];
        if self.jobs[newest].newest {
            return false;
        }
        for &other in attempts {
            let job = &mut self.jobs[other];
            let counts = other == newest;
            if job.newest == counts {
                continue;
            }
            job.newest = counts;
            let tally = &mut self.tallies[stage];
            let (status, allow_failure) = (job.attempt.status, job.attempt.allow_failure);
            if counts {
                tally.add(status, allow_failure)
            } else {
                tally.remove(status, allow_failure)
            }
            touched.jobs.push(other);
        }
        true
    }

    /// Links and names of the pipeline itself: of several values said, the greatest, so that the order does not matter.
    fn label(&mut self, report: &Report) -> bool {
        let mut changed = false;
        for (held, said) in [
            (&mut self.pipeline.web_url, &report.web_url),
            (&mut self.pipeline.trigger_user, &report.trigger_user),
        ] {
            if said > held {
                held.clone_from(said);
                changed = true;
            }
        }
        changed
    }

    /// What follows from the jobs: status, times, count, version.
    fn derive(&mut self, now: Timestamp) {
        let mut all = StatusCounts::default();
        for tally in &self.tallies {
            all.merge(tally);
        }
        let pipeline = &mut self.pipeline;
        pipeline.status = all.status();
        pipeline.job_count = u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        let newest = || self.jobs.iter().filter(|job| job.newest).map(|job| &job.attempt);
        pipeline.started_at = newest().filter_map(|a| a.started_at).min();
        pipeline.finished_at =
            if pipeline.status.is_finished() { newest().filter_map(|a| a.finished_at).max() } else { None };
        let earliest = self.jobs.iter().map(|job| job.attempt.created_at).min();
        pipeline.created_at = pipeline.created_at.min(earliest.unwrap_or(pipeline.created_at));
        pipeline.updated_at = pipeline.updated_at.max(now);
        pipeline.version += 1;
    }
}
