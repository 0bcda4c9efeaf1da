//! The page of a commit: every pipeline that ran for it, each with its jobs.

use crate::columns::{columns, failed};
use crate::paging::Pager;
use crate::pipeline::{path, short};
use crate::timeline::waited_and_ran;
use crate::times::{duration, lasted};
use crate::words::commits as w;
use crate::{Frame, links};
use askama::Template;
use domain::model::jobs::Job;
use domain::model::pipelines::{Pipeline, Run, Stage};
use domain::model::repositories::Repository;

/// A pipeline with the newest attempts of its jobs, or some of them.
#[derive(Debug)]
pub struct CommitRow<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// Its stages.
    pub stages: &'a [Stage],
    /// The attempts, those first that need somebody.
    pub jobs: Vec<&'a Job>,
    /// How many there are beside these.
    pub more: usize,
}

impl<'a> CommitRow<'a> {
    /// The row of a pipeline, with at most so many of its jobs.
    pub fn of(run: &'a Run, most: usize) -> Self {
        let mut jobs: Vec<_> = columns(run).into_iter().flat_map(|column| column.jobs).collect();
        // Stage by stage, but what failed before all.
        jobs.sort_by_key(|job| !failed(job.newest));
        let more = jobs.len().saturating_sub(most);
        let jobs = jobs.into_iter().take(most).map(|job| job.newest).collect();
        Self { pipeline: &run.pipeline, stages: &run.stages, jobs, more }
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
        statuses.collect::<Vec<_>>().join(self.frame.say(crate::words::pipeline::COMMA))
    }

    fn path(&self, pipeline: &Pipeline) -> String {
        path(self.repository, pipeline.id)
    }

    fn ref_address(&self, pipeline: &Pipeline) -> String {
        let path = format!("/repositories/{}/pipelines", self.repository.id);
        links::address(&path, &[("ref", &pipeline.identity.git_ref)])
    }

    fn stage(&self, row: &CommitRow<'_>, job: &Job) -> String {
        let stage = row.stages.iter().find(|stage| stage.id == job.stage_id);
        self.frame.plain(stage.map_or("", |stage| stage.name.as_str()))
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
