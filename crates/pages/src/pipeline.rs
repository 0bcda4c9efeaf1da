//! The page of one pipeline: what failed, its stages with their jobs, and when all that was.

use crate::assets::favicon;
use crate::columns::{Attempts, Column, columns, failed};
use crate::messages::pipeline as w;
use crate::paging::Pager;
use crate::timeline::{jobs, timeline, waited_and_ran};
use crate::times::{absolute, duration, lasted};
use crate::{Frame, Html, links};
use askama::Template;
use domain::model::ids::{PipelineId, StageId};
use domain::model::jobs::Job;
use domain::model::pipelines::{PipelineState, Stage};
use domain::model::repositories::Repository;
use domain::model::status::Status;

/// Failed jobs that are named at the top.
const NAMED: usize = 5;
/// Up to so many jobs stand on the board, all of them; of more every stage shows its first, and all on a page of its own.
const WHOLE_MAX: usize = 200;
/// So many of every stage at least.
const STAGE_LEAST: usize = 10;
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
    pub state: &'a PipelineState,
    /// The one before it.
    pub older: Option<PipelineId>,
    /// The one after it.
    pub newer: Option<PipelineId>,
    /// What its answer is known by.
    pub etag: &'a str,
    /// All stages, whole.
    all: Vec<Column<'a>>,
    /// The only stage that is shown.
    only: Option<Part>,
}

/// A stage by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The stage.
    pub stage: StageId,
    /// How many of its jobs come before those that are shown.
    pub offset: usize,
}

/// What is shown of a stage.
struct Shown<'p, 'a> {
    stage: &'a Stage,
    /// How many jobs it has.
    all: usize,
    jobs: &'p [Attempts<'a>],
    /// How many stand elsewhere; of the only stage its pager leads there.
    hidden: usize,
}

impl<'a> PipelinePage<'a> {
    /// The page of `run`, with the pipelines before and after it. A stage it has not got is no stage: all are shown.
    pub fn new(
        frame: &'a Frame,
        repository: &'a Repository,
        run: &'a PipelineState,
        (older, newer): (Option<PipelineId>, Option<PipelineId>),
        etag: &'a str,
        only: Option<Part>,
    ) -> Self {
        let all = columns(run);
        let only = only.filter(|part| all.iter().any(|column| column.stage.id == part.stage));
        Self { frame, repository, state: run, older, newer, etag, all, only }
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn title(&self) -> String {
        let title = self.frame.fill(w::TITLE, self.state.pipeline.id);
        format!("{} {title} · {}", self.frame.status(self.state.pipeline.status), self.repository.path)
    }

    fn path(&self) -> String {
        path(self.repository, self.state.pipeline.id)
    }

    fn ref_address(&self) -> String {
        let path = format!("/repositories/{}/pipelines", self.repository.id);
        links::address(&path, &[("ref", &self.state.pipeline.identity.git_ref)])
    }

    fn api_call(&self) -> String {
        let id = self.state.pipeline.id;
        format!("/explorer/ListPipelineJobs?repository_id={}&pipeline_id={id}", self.repository.id)
    }

    fn newest(&self) -> impl Iterator<Item = (&Column<'a>, &Attempts<'a>)> {
        self.all.iter().flat_map(|column| column.jobs.iter().map(move |job| (column, job)))
    }

    /// The stages that this page is about.
    fn columns(&self) -> &[Column<'a>] {
        let at = self.only.and_then(|part| self.all.iter().position(|column| column.stage.id == part.stage));
        at.map_or(&self.all, |at| &self.all[at..=at])
    }

    /// How many jobs they have.
    fn count(&self) -> usize {
        self.columns().iter().map(|column| column.jobs.len()).sum()
    }

    fn board(&self) -> Vec<Shown<'_, 'a>> {
        let columns = self.columns();
        let (from, most) = match self.only {
            Some(part) => (part.offset, WHOLE_MAX),
            None if self.count() <= WHOLE_MAX => (0, WHOLE_MAX),
            None => (0, (WHOLE_MAX / columns.len().max(1)).max(STAGE_LEAST)),
        };
        let shown = columns.iter().map(|column| {
            let jobs = column.jobs.get(from..).unwrap_or_default();
            let jobs = &jobs[..jobs.len().min(most)];
            let all = column.jobs.len();
            Shown { stage: column.stage, all, jobs, hidden: all - jobs.len() }
        });
        shown.collect()
    }

    /// The page of a stage by itself.
    fn stage_address(&self, stage: &Stage) -> String {
        format!("{}?stage={}", self.path(), stage.id)
    }

    /// The pages of the only stage.
    fn pager(&self) -> Html {
        let Some(part) = self.only else { return Html(String::new()) };
        let all = self.count();
        let at = |offset: usize| format!("{}?stage={}&offset={offset}", self.path(), part.stage);
        let after = part.offset.saturating_add(WHOLE_MAX);
        let pager = Pager {
            before: (part.offset > 0).then(|| at(part.offset.saturating_sub(WHOLE_MAX))),
            after: (after < all).then(|| at(after)),
            by_time: false,
        };
        pager.html(self.frame)
    }

    /// What failed, in one line; `None`: nothing did.
    fn verdict(&self) -> Option<Verdict<'a>> {
        let all = self.newest().count();
        let failed: Vec<_> = self.newest().filter(|(_, job)| failed(job.newest)).collect();
        if failed.is_empty() {
            return None;
        }
        let late = failed.iter().any(|(_, job)| job.newest.attempt.status == Status::TimedOut);
        let text = if late { w::FAILED_OR_LATE } else { w::FAILED_OF };
        let said = self.frame.fill2(text, failed.len(), all);
        let more = failed.len().saturating_sub(NAMED);
        let named =
            failed.into_iter().take(NAMED).map(|(column, job)| (column.stage.name.as_str(), job.newest));
        Some(Verdict { said, named: named.collect(), more })
    }

    /// How many jobs stand how: `1 failed, 3 running`.
    fn summary(&self) -> String {
        let each = Status::ALL.into_iter().flat_map(|status| [(status, false), (status, true)]);
        // Those that may fail are not among the failed ones at the top.
        let counts = each.filter_map(|(status, allowed)| {
            let here =
                |job: &Job| job.attempt.status == status && (status.is_bad() && !failed(job)) == allowed;
            let count = self.newest().filter(|(_, job)| here(job.newest)).count();
            let text = if allowed { w::COUNTED_ALLOWED } else { w::COUNTED };
            (count > 0).then(|| self.frame.fill2(text, count, self.frame.status(status)))
        });
        counts.collect::<Vec<_>>().join(self.frame.say(w::COMMA))
    }

    fn is_active(&self) -> bool {
        !self.state.pipeline.status.is_finished()
    }

    fn timeline(&self) -> Html {
        timeline(self.frame, self.columns())
    }

    fn has_table(&self) -> bool {
        self.count() <= TABLE_MAX
    }

    fn icon(&self) -> &'static str {
        favicon(self.state.pipeline.status)
    }

    fn began(&self, job: &Job) -> String {
        absolute(job.attempt.created_at, &self.frame.zone)
    }

    fn failed(&self, job: &Job) -> bool {
        failed(job)
    }

    fn jobs(&self, count: usize) -> String {
        jobs(self.frame, count)
    }

    fn sha(&self) -> &str {
        short(&self.state.pipeline.identity.sha)
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
        let pipeline = &self.state.pipeline;
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
