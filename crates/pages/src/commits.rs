//! The page of a commit: every pipeline that ran for it, each with its jobs.

use crate::columns::{failed, urgency};
use crate::messages::commits as w;
use crate::paging::Pager;
use crate::pipeline::{path, short};
use crate::timeline::waited_and_ran;
use crate::times::{duration, lasted};
use crate::{Frame, links};
use askama::Template;
use domain::model::jobs::Job;
use domain::model::pipelines::{Pipeline, in_display_order};
use domain::model::repositories::Repository;
use domain::ports::CommitPipeline;

/// A pipeline with the newest attempts of its jobs, or some of them.
#[derive(Debug)]
pub struct CommitRow<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// The newest attempts, each with its stage: those that failed, then stage by stage.
    pub jobs: Vec<(&'a str, &'a Job)>,
    /// How many there are beside these.
    pub more_jobs: u32,
}

impl<'a> CommitRow<'a> {
    /// The row of a pipeline.
    pub fn of(run: &'a CommitPipeline) -> Self {
        let stages = in_display_order(&run.stages);
        let place = |job: &Job| stages.iter().position(|stage| stage.id == job.stage_id);
        let mut jobs: Vec<&Job> = run.jobs.iter().collect();
        jobs.sort_by_key(|job| (!failed(job), place(job), urgency(job), job.id));
        let jobs = jobs.into_iter().map(|job| (place(job).map_or("", |at| stages[at].name.as_str()), job));
        Self { pipeline: &run.pipeline, jobs: jobs.collect(), more_jobs: run.more }
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "commit.html")]
pub struct CommitPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Whose it is.
    pub repository: &'a Repository,
    /// The whole id.
    pub sha: &'a str,
    /// Its pipelines, newest first.
    pub rows: Vec<CommitRow<'a>>,
    /// The pages around this one.
    pub pager: Pager,
}

impl CommitPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn title(&self) -> String {
        let sha = short(self.sha);
        format!("{} · {}", self.frame.fill(w::TITLE, sha), self.repository.path)
    }

    fn short(&self) -> &str {
        short(self.sha)
    }

    fn is_active(&self) -> bool {
        self.rows.iter().any(|row| !row.pipeline.status.is_finished())
    }

    fn summary(&self) -> String {
        let statuses = self.rows.iter().map(|row| self.frame.status(row.pipeline.status));
        statuses.collect::<Vec<_>>().join(self.frame.say(crate::messages::pipeline::COMMA))
    }

    fn path(&self, pipeline: &Pipeline) -> String {
        path(self.repository, pipeline.id)
    }

    fn ref_address(&self, pipeline: &Pipeline) -> String {
        let path = format!("/repositories/{}/pipelines", self.repository.id);
        links::address(&path, &[("ref", &pipeline.identity.git_ref)])
    }

    fn lasted(&self, pipeline: &Pipeline) -> String {
        lasted(self.frame, pipeline.started_at, pipeline.finished_at).map(duration).unwrap_or_default()
    }

    fn ran(&self, job: &Job) -> String {
        waited_and_ran(&job.attempt, self.frame.now).1.map(duration).unwrap_or_default()
    }

    fn failed(&self, job: &Job) -> bool {
        failed(job)
    }
}
