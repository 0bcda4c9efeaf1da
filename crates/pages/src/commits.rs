//! The page of a commit: its pipelines with their jobs.

use crate::accounts::Notice;
use crate::columns::{failed, sort_rank};
use crate::gates::GateCard;
use crate::messages::commits as msg;
use crate::paging::Pager;
use crate::pipeline::{pipeline_path, pipelines_of_ref, short_sha};
use crate::timeline::queue_and_run_time;
use crate::times::{duration, elapsed};
use crate::{Frame, Html, Past, links};
use askama::Template;
use domain::model::as_of::AsOf;
use domain::model::jobs::Job;
use domain::model::merge_requests::MergeRequest;
use domain::model::pipelines::{Pipeline, in_display_order};
use domain::model::repositories::Repository;
use domain::ports::CommitPipeline;

/// A pipeline with the newest attempts of its jobs; not all of them if there are many.
#[derive(Debug)]
pub struct CommitRow<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// Stage name and newest attempt of each job: failed jobs first, then in order of the stages.
    pub jobs: Vec<(&'a str, &'a Job)>,
    /// The number of jobs that are not shown.
    pub more_jobs: u32,
}

impl<'a> CommitRow<'a> {
    /// The row of a pipeline.
    pub fn of(found: &'a CommitPipeline) -> Self {
        let stages = in_display_order(&found.stages);
        let stage_index = |job: &Job| stages.iter().position(|stage| stage.id == job.stage_id);
        let mut jobs: Vec<&Job> = found.jobs.iter().collect();
        jobs.sort_by_key(|job| (!failed(job), stage_index(job), sort_rank(job), job.id));
        let jobs = jobs
            .into_iter()
            .map(|job| (stage_index(job).map_or("", |index| stages[index].name.as_str()), job));
        Self { pipeline: &found.pipeline, jobs: jobs.collect(), more_jobs: found.more }
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "commit.html")]
pub struct CommitPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository of the commit.
    pub repository: &'a Repository,
    /// The full commit id.
    pub sha: &'a str,
    /// The pipelines, newest first.
    pub rows: Vec<CommitRow<'a>>,
    /// The gates, one for each target branch that applies.
    pub gates: Vec<GateCard<'a>>,
    /// The merge requests of the commit.
    pub merge_requests: &'a [MergeRequest],
    /// Whether the repository has rules of gates.
    pub has_rules: bool,
    /// The target branch that is asked for; empty: those that apply.
    pub target: &'a str,
    /// The entity tag of the page.
    pub etag: &'a str,
    /// The result of the last action.
    pub notice: Option<Notice>,
    /// The links to the previous and the next page.
    pub pager: Pager,
    /// The earlier state that is shown; `None`: the present one.
    pub past: Option<Past<'a>>,
}

impl CommitPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn title(&self) -> String {
        let sha = short_sha(self.sha);
        format!("{} · {}", self.frame.format(msg::TITLE, sha), self.repository.path)
    }

    fn short_sha(&self) -> &str {
        short_sha(self.sha)
    }

    fn is_active(&self) -> bool {
        self.rows.iter().any(|row| !row.pipeline.status.is_finished())
            || self.gates.iter().any(GateCard::is_pending)
    }

    /// A page with a rejected form is not updated, so that the form keeps its values.
    fn is_rejected(&self) -> bool {
        self.gates.iter().any(GateCard::is_rejected)
    }

    fn summary(&self) -> String {
        let statuses = self.rows.iter().map(|row| self.frame.status(row.pipeline.status).to_owned());
        let gates = self.gates.iter().filter(|gate| gate.has_rules()).map(GateCard::summary);
        let parts: Vec<String> = gates.chain(statuses).collect();
        parts.join(self.frame.text(crate::messages::pipeline::COMMA))
    }

    fn path(&self, pipeline: &Pipeline) -> String {
        pipeline_path(self.repository, pipeline.id)
    }

    fn pipeline_address(&self, pipeline: &Pipeline) -> String {
        Past::pipeline_address(self.past.as_ref(), &self.path(pipeline))
    }

    fn commit_path(&self) -> String {
        format!("/repositories/{}/commits/{}", self.repository.id, self.sha)
    }

    fn json_address(&self) -> String {
        Past::address(self.past.as_ref(), &format!("{}.json", self.commit_path()), &[])
    }

    fn past_notice(&self) -> Option<Html> {
        let present = links::address(&self.commit_path(), &[("target", self.target)]);
        Some(self.past?.html(self.frame, &present))
    }

    fn ref_address(&self, pipeline: &Pipeline) -> String {
        pipelines_of_ref(self.repository, &pipeline.identity.git_ref)
    }

    fn elapsed(&self, pipeline: &Pipeline) -> String {
        elapsed(self.frame, pipeline.started_at, pipeline.finished_at).map(duration).unwrap_or_default()
    }

    fn run_time(&self, job: &Job) -> String {
        queue_and_run_time(&job.attempt, self.frame.now).1.map(duration).unwrap_or_default()
    }

    fn failed(&self, job: &Job) -> bool {
        failed(job)
    }
}
