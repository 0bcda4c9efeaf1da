//! The page of one pipeline: what failed, its stages with their jobs, and when all that was.

use crate::assets::favicon;
use crate::columns::{Attempts, Column, columns, failed};
use crate::timeline::{jobs, timeline, waited_and_ran};
use crate::times::{absolute, duration, lasted};
use crate::words::pipeline as w;
use crate::{Frame, Html, links};
use askama::Template;
use domain::model::ids::PipelineId;
use domain::model::jobs::Job;
use domain::model::pipelines::Run;
use domain::model::repositories::Repository;
use domain::model::status::Status;

/// Failed jobs that are named at the top.
const NAMED: usize = 5;
/// Most jobs of one stage that are shown.
const JOBS_MAX: usize = 1_000;
/// Most jobs in the table under the timeline.
const TABLE_MAX: usize = 200;

/// The page.
#[derive(Debug, Template)]
#[template(path = "pipeline.html")]
pub struct PipelinePage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Whose it is.
    pub repository: &'a Repository,
    /// The pipeline.
    pub run: &'a Run,
    /// The one before it.
    pub older: Option<PipelineId>,
    /// The one after it.
    pub newer: Option<PipelineId>,
    /// What its answer is known by.
    pub etag: &'a str,
    columns: Vec<Column<'a>>,
}

impl<'a> PipelinePage<'a> {
    /// The page of `run`, with the pipelines before and after it.
    pub fn new(
        frame: &'a Frame,
        repository: &'a Repository,
        run: &'a Run,
        (older, newer): (Option<PipelineId>, Option<PipelineId>),
        etag: &'a str,
    ) -> Self {
        Self { frame, repository, run, older, newer, etag, columns: columns(run) }
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn title(&self) -> String {
        let title = self.frame.fill(w::TITLE, self.run.pipeline.id);
        format!("{} {title} · {}", self.frame.status(self.run.pipeline.status), self.repository.path)
    }

    fn path(&self) -> String {
        path(self.repository, self.run.pipeline.id)
    }

    fn ref_address(&self) -> String {
        let path = format!("/repositories/{}/pipelines", self.repository.id);
        links::address(&path, &[("ref", &self.run.pipeline.identity.git_ref)])
    }

    fn api_call(&self) -> String {
        let id = self.run.pipeline.id;
        format!("/explorer/ListPipelineJobs?repository_id={}&pipeline_id={id}", self.repository.id)
    }

    fn newest(&self) -> impl Iterator<Item = (&Column<'a>, &Attempts<'a>)> {
        self.columns.iter().flat_map(|column| column.jobs.iter().map(move |job| (column, job)))
    }

    /// What failed, in one line; `None`: nothing did.
    fn verdict(&self) -> Option<Verdict<'a>> {
        let all = self.newest().count();
        let failed: Vec<_> = self.newest().filter(|(_, job)| failed(job.newest)).collect();
        if failed.is_empty() {
            return None;
        }
        let said = self.frame.fill2(w::FAILED_OF, failed.len(), all);
        let more = failed.len().saturating_sub(NAMED);
        let named =
            failed.into_iter().take(NAMED).map(|(column, job)| (column.stage.name.as_str(), job.newest));
        Some(Verdict { said, named: named.collect(), more })
    }

    /// How many jobs stand how: `1 failed, 3 running`.
    fn summary(&self) -> String {
        let counts = Status::ALL.into_iter().filter_map(|status| {
            let count = self.newest().filter(|(_, job)| job.newest.attempt.status == status).count();
            (count > 0).then(|| self.frame.fill2(w::COUNTED, count, self.frame.status(status)))
        });
        counts.collect::<Vec<_>>().join(self.frame.say(w::COMMA))
    }

    fn is_active(&self) -> bool {
        !self.run.pipeline.status.is_finished()
    }

    fn timeline(&self) -> Html {
        timeline(self.frame, &self.columns)
    }

    fn has_table(&self) -> bool {
        self.newest().nth(TABLE_MAX).is_none()
    }

    fn icon(&self) -> &'static str {
        favicon(self.run.pipeline.status)
    }

    fn began(&self, job: &Job) -> String {
        absolute(job.attempt.created_at, self.frame.zone)
    }

    fn failed(&self, job: &Job) -> bool {
        failed(job)
    }

    fn jobs(&self, count: usize) -> String {
        jobs(self.frame, count)
    }

    fn sha(&self) -> &str {
        short(&self.run.pipeline.identity.sha)
    }

    fn waited(&self, job: &Job) -> String {
        waited_and_ran(&job.attempt, self.frame.now).0.map(duration).unwrap_or_default()
    }

    fn ran(&self, job: &Job) -> String {
        waited_and_ran(&job.attempt, self.frame.now).1.map(duration).unwrap_or_default()
    }

    /// From when a running attempt counts, for the script.
    fn since(&self, job: &Job) -> Option<String> {
        let attempt = &job.attempt;
        let at = attempt.started_at.unwrap_or(attempt.created_at);
        (attempt.status == Status::Running).then(|| format!("{at:.3}"))
    }

    fn duration(&self) -> String {
        let pipeline = &self.run.pipeline;
        lasted(self.frame, pipeline.started_at, pipeline.finished_at).map(duration).unwrap_or_default()
    }

    fn earlier(&self, job: &Attempts<'_>) -> String {
        let count = job.older.len();
        self.frame.fill(if count == 1 { w::EARLIER_ONE } else { w::EARLIER }, count)
    }
}

/// What failed.
struct Verdict<'a> {
    said: String,
    named: Vec<(&'a str, &'a Job)>,
    more: usize,
}

impl<'a> Column<'a> {
    /// The jobs that are shown.
    fn shown(&self) -> &[Attempts<'a>] {
        &self.jobs[..self.jobs.len().min(JOBS_MAX)]
    }

    fn hidden(&self) -> usize {
        self.jobs.len() - self.shown().len()
    }
}

/// The address of a pipeline.
pub(crate) fn path(repository: &Repository, id: PipelineId) -> String {
    format!("/repositories/{}/pipelines/{id}", repository.id)
}

/// The beginning of a commit id that people use.
pub(crate) fn short(sha: &str) -> &str {
    sha.get(..8).unwrap_or(sha)
}

#[cfg(test)]
mod tests;
