//! An import: a pipeline of another system with its ids and times. The result is the same as of reports: each
//! job is one report, received when the job was created.

use super::attempts::Attempt;
use super::ids::{JobId, PipelineId, RepositoryId, StageId, imported_id};
use super::jobs::{self, Job};
use super::pipelines::{
    Counters, JOBS_MAX, LabelTimes, Pipeline, PipelineIdentity, PipelineState, STAGES_MAX, Stage,
};
use super::reports::{Arrival, Report, ReportedState};
use super::status::{Status, StatusCounts};
use crate::error::{Invalid, Problem, Result};
use jiff::Timestamp;
use std::collections::HashMap;

/// A job to import.
#[derive(Debug, Clone)]
pub struct ImportedJob {
    /// The id to use; the next id by default.
    pub id: Option<JobId>,
    /// The name. Several jobs of one name in a stage are the attempts of one job, in order.
    pub name: String,
    /// The state.
    pub state: ReportedState,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Option<Timestamp>,
}

/// A stage to import.
#[derive(Debug, Clone)]
pub struct ImportedStage {
    /// The id to use; the next id by default.
    pub id: Option<StageId>,
    /// The name.
    pub name: String,
    /// The position; the order of the list by default.
    pub sort_id: Option<i32>,
    /// The jobs, oldest first.
    pub jobs: Vec<ImportedJob>,
}

/// A pipeline to import.
#[derive(Debug, Clone)]
pub struct ImportedPipeline {
    /// The repository.
    pub repository_id: RepositoryId,
    /// The id to use; the next id by default.
    pub id: Option<PipelineId>,
    /// Commit, ref, source and key.
    pub identity: PipelineIdentity,
    /// Its page in the build system.
    pub web_url: Option<String>,
    /// The user who started it.
    pub trigger_user: Option<String>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The stages, in order.
    pub stages: Vec<ImportedStage>,
}

/// The result of an import: the pipeline, and a report for each of its jobs.
#[derive(Debug, Clone)]
pub struct ImportOutput {
    /// The pipeline with its stages and jobs.
    pub state: PipelineState,
    /// The report of each job, in the order of the jobs of `state`.
    pub reports: Vec<(Report, Arrival)>,
}

impl ImportedPipeline {
    /// Builds the pipeline. Given ids are used and the counters become at least as great; other ids are
    /// counted.
    ///
    /// # Errors
    /// [`Problem::TooMany`] and [`Problem::Twice`] on `stages` or `jobs`.
    pub fn build(&self, counters: &mut Counters) -> Result<ImportOutput> {
        self.check_sizes()?;
        let id = match self.id {
            Some(id) => use_id(&mut counters.pipeline, id, PipelineId::get),
            None => super::pipelines::next_pipeline_id(counters)?,
        };
        let (mut stages, mut jobs, mut reports) = (Vec::new(), Vec::new(), Vec::new());
        for (index, stage) in self.stages.iter().enumerate() {
            let stage_id = match stage.id {
                Some(id) => use_id(&mut counters.stage, id, StageId::get),
                None => {
                    StageId::new(i64::from(counters.stage) + 1).inspect(|id| counters.stage = id.get())?
                }
            };
            stages.push(Stage {
                id: stage_id,
                name: stage.name.clone(),
                sort_id: stage.sort_id.unwrap_or(i32::try_from(index + 1).unwrap_or(i32::MAX)),
                sort_id_reported: stage.sort_id.is_some(),
                status: Status::Pending,
            });
            for job in &stage.jobs {
                let job_id = match job.id {
                    Some(id) => use_id(&mut counters.job, id, JobId::get),
                    None => JobId::new(i64::from(counters.job) + 1).inspect(|id| counters.job = id.get())?,
                };
                counters.report += 1;
                let arrival = Arrival { received_at: job.created_at, seq: counters.report };
                jobs.push(self.job(job_id, stage_id, job, arrival));
                reports.push((self.report(stage, job), arrival));
            }
        }
        order_by_id(&mut jobs, &mut reports)?;
        stages.sort_by_key(|stage| stage.id);
        // A counted id may be equal to a given one.
        if stages.windows(2).any(|pair| pair[0].id == pair[1].id) {
            return Err(Invalid::new("stages", Problem::Twice).into());
        }
        number_attempts(&mut jobs);
        Ok(ImportOutput { state: self.finish(id, stages, jobs), reports })
    }

    /// Refuses ids that leave too few ids for later pipelines, stages and jobs of the repository.
    ///
    /// # Errors
    /// [`Problem::OutOfRange`] on `pipeline_id`, `stage_id` or `job_id`.
    pub fn check_ids(&self) -> Result<(), Invalid> {
        let check = |field, id: Option<i32>| id.map_or(Ok(0), |id| imported_id(field, id.into()));
        check(PipelineId::FIELD, self.id.map(PipelineId::get))?;
        for stage in &self.stages {
            check(StageId::FIELD, stage.id.map(StageId::get))?;
            for job in &stage.jobs {
                check(JobId::FIELD, job.id.map(JobId::get))?;
            }
        }
        Ok(())
    }

    fn check_sizes(&self) -> Result<(), Invalid> {
        if self.stages.len() > STAGES_MAX {
            return Err(Invalid::new("stages", Problem::TooMany { max: STAGES_MAX }));
        }
        if self.stages.iter().map(|stage| stage.jobs.len()).sum::<usize>() > JOBS_MAX {
            return Err(Invalid::new("jobs", Problem::TooMany { max: JOBS_MAX }));
        }
        let mut names: Vec<&str> = self.stages.iter().map(|stage| stage.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Invalid::new("stages", Problem::Twice));
        }
        let mut ids: Vec<StageId> = self.stages.iter().filter_map(|stage| stage.id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Invalid::new("stages", Problem::Twice));
        }
        Ok(())
    }

    fn job(&self, id: JobId, stage_id: StageId, job: &ImportedJob, arrival: Arrival) -> Job {
        let attempt = Attempt::new(&job.state, arrival);
        let updated_at =
            job.updated_at.or(attempt.finished_at).or(attempt.started_at).unwrap_or(job.created_at);
        Job { id, stage_id, name: job.name.clone(), attempt_number: 1, newest: false, updated_at, attempt }
    }

    fn report(&self, stage: &ImportedStage, job: &ImportedJob) -> Report {
        Report {
            sha: self.identity.sha.clone(),
            git_ref: self.identity.git_ref.clone(),
            ref_is_default: false,
            stage: stage.name.clone(),
            stage_order: stage.sort_id,
            name: job.name.clone(),
            name_ignores_case: false,
            job_id: None,
            pipeline: super::reports::PipelineChoice::Key(self.identity.key.clone()),
            source: self.identity.source.clone(),
            web_url: self.web_url.clone(),
            trigger_user: self.trigger_user.clone(),
            details: None,
            state: job.state.clone(),
        }
    }

    /// Derives the statuses and times of the stages and the pipeline from the jobs.
    fn finish(&self, id: PipelineId, mut stages: Vec<Stage>, jobs: Vec<Job>) -> PipelineState {
        let newest = || jobs.iter().filter(|job| job.newest);
        let mut all = StatusCounts::default();
        for stage in &mut stages {
            let mut counts = StatusCounts::default();
            for job in newest().filter(|job| job.stage_id == stage.id) {
                counts.add(job.attempt.status, job.attempt.allow_failure);
            }
            stage.status = counts.status();
            all.merge(&counts);
        }
        let status = all.status();
        let finished_at = newest().filter_map(|job| job.attempt.finished_at).max();
        let pipeline = Pipeline {
            id,
            repository_id: self.repository_id,
            identity: self.identity.clone().into(),
            status,
            web_url: self.web_url.clone(),
            trigger_user: self.trigger_user.clone(),
            label_times: LabelTimes::default(),
            created_at: jobs
                .iter()
                .map(|job| job.attempt.created_at)
                .min()
                .unwrap_or(self.created_at)
                .min(self.created_at),
            updated_at: jobs.iter().map(|job| job.updated_at).max().unwrap_or(self.created_at),
            started_at: newest().filter_map(|job| job.attempt.started_at).min(),
            finished_at: finished_at.filter(|_| status.is_finished()),
            job_count: u32::try_from(jobs.len()).unwrap_or(u32::MAX),
            version: 1,
        };
        PipelineState::load(pipeline, stages, jobs)
    }
}

/// Uses a given id and moves the counter past it.
fn use_id<Id: Copy>(counter: &mut i32, id: Id, get: impl Fn(Id) -> i32) -> Id {
    *counter = (*counter).max(get(id));
    id
}

fn order_by_id(jobs: &mut Vec<Job>, reports: &mut Vec<(Report, Arrival)>) -> Result<(), Invalid> {
    let mut both: Vec<_> = std::mem::take(jobs).into_iter().zip(std::mem::take(reports)).collect();
    both.sort_by_key(|(job, _)| job.id);
    if both.windows(2).any(|pair| pair[0].0.id == pair[1].0.id) {
        return Err(Invalid::new("jobs", Problem::Twice));
    }
    (*jobs, *reports) = both.into_iter().unzip();
    Ok(())
}

/// Numbers the attempts of each job by id, and chooses the newest one as for reports.
fn number_attempts(list: &mut [Job]) {
    let mut by_name: HashMap<(StageId, String), Vec<usize>> = HashMap::new();
    for (at, job) in list.iter().enumerate() {
        by_name.entry((job.stage_id, job.name.clone())).or_default().push(at);
    }
    for attempts in by_name.values() {
        for (number, &at) in attempts.iter().enumerate() {
            list[at].attempt_number = i32::try_from(number + 1).unwrap_or(i32::MAX);
        }
        let newest = jobs::newest(attempts.iter().map(|&at| &list[at]));
        if let Some(index) = newest {
            list[attempts[index]].newest = true;
        }
    }
}
