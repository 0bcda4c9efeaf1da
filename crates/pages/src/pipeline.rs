//! The page of a pipeline: the failed jobs, the stages with their jobs, and the timeline.

use crate::assets::favicon;
use crate::columns::{Column, JobAttempts, columns, failed};
use crate::messages::pipeline as msg;
use crate::paging::Pager;
use crate::timeline::{ROWS_MAX, job_count, queue_and_run_time, timeline};
use crate::times::{absolute, duration, elapsed};
use crate::{Frame, Html, Past, links};
use askama::Template;
use domain::model::as_of::AsOf;
use domain::model::ids::{PipelineId, StageId};
use domain::model::jobs::Job;
use domain::model::pipelines::{PipelineState, Stage};
use domain::model::repositories::Repository;
use domain::model::status::Status;

pub use filter::JobsFilter;

/// Maximum number of failed jobs that are named at the top of the page.
const FAILED_NAMES_MAX: usize = 5;
/// Maximum number of jobs on the board, and on the page of a single stage. With more jobs, each stage shows
/// its first jobs and links to its own page.
const BOARD_JOBS_MAX: usize = 200;
/// Minimum number of jobs that each stage shows.
const STAGE_JOBS_MIN: usize = 10;
/// Up to this number of jobs, the page offers no search.
const UNFILTERED_MAX: usize = 10;
/// Maximum number of jobs in the table under the timeline.
const TABLE_JOBS_MAX: usize = 200;

/// The page.
#[derive(Debug, Template)]
#[template(path = "pipeline.html")]
pub struct PipelinePage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// The pipeline with its stages and jobs.
    pub state: &'a PipelineState,
    /// The next older pipeline.
    pub older: Option<PipelineId>,
    /// The next newer pipeline.
    pub newer: Option<PipelineId>,
    /// The entity tag of the response.
    pub etag: &'a str,
    /// The earlier state that is shown; `None`: the present one.
    pub past: Option<Past<'a>>,
    /// The changes compared with earlier pipelines ([`ChangesSection`](crate::ChangesSection)).
    pub changes: Html,
    /// All stages with all jobs.
    stages: Vec<Column<'a>>,
    /// Which jobs are shown.
    filter: JobsFilter,
    /// The stages with jobs that are shown, if a filter is set.
    matching: Option<Vec<Column<'a>>>,
    /// The single stage to show, if one is selected.
    selection: Option<StageSelection>,
}

/// The selection of a single stage, with paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageSelection {
    /// The stage.
    pub stage: StageId,
    /// The number of jobs on the previous pages.
    pub offset: usize,
}

/// A stage with the jobs that are shown.
struct StageView<'p, 'a> {
    stage: &'a Stage,
    /// The number of all jobs of the stage.
    job_count: usize,
    jobs: &'p [JobAttempts<'a>],
    /// The number of jobs that are not shown. For a selected stage, the pager links to them.
    hidden: usize,
}

impl<'a> PipelinePage<'a> {
    /// The page of a pipeline with its older and newer neighbour. A selected stage that does not exist is
    /// ignored.
    pub fn new(
        frame: &'a Frame,
        repository: &'a Repository,
        state: &'a PipelineState,
        (older, newer): (Option<PipelineId>, Option<PipelineId>),
        etag: &'a str,
        selection: Option<StageSelection>,
    ) -> Self {
        let stages = columns(state);
        let selection =
            selection.filter(|selection| stages.iter().any(|column| column.stage.id == selection.stage));
        Self {
            frame,
            repository,
            state,
            older,
            newer,
            etag,
            past: None,
            changes: Html::default(),
            stages,
            filter: JobsFilter::default(),
            matching: None,
            selection,
        }
    }

    /// The page with only some of the jobs.
    pub fn filtered(self, filter: JobsFilter) -> Self {
        if filter.is_empty() {
            return self;
        }
        let mut stages = columns(self.state);
        for column in &mut stages {
            column.jobs.retain(|job| filter.matches(job.newest));
        }
        stages.retain(|column| !column.jobs.is_empty());
        Self { filter, matching: Some(stages), ..self }
    }

    /// The page of an earlier state.
    pub fn of_past(self, past: Past<'a>) -> Self {
        Self { past: Some(past), ..self }
    }

    /// The page with the section about changes.
    pub fn with_changes(self, changes: Html) -> Self {
        Self { changes, ..self }
    }

    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn past_notice(&self) -> Option<Html> {
        Some(self.past?.html(self.frame, &self.path()))
    }

    /// The address of the page, with the moment of an earlier state.
    fn address(&self, parameters: &[(&str, &str)]) -> String {
        Past::address(self.past.as_ref(), &self.path(), parameters)
    }

    /// The same with the filter.
    fn filtered_address(&self, parameters: &[(&str, &str)]) -> String {
        let failed = if self.filter.failed { "1" } else { "" };
        let filter = [(JobsFilter::Q, self.filter.q.as_str()), (JobsFilter::FAILED, failed)];
        self.address(&[&filter, parameters].concat())
    }

    /// The address of the jobs that failed.
    fn failed_address(&self) -> String {
        self.address(&[(JobsFilter::FAILED, "1")])
    }

    /// Whether the page offers a search.
    fn has_search(&self) -> bool {
        !self.filter.is_empty() || self.latest_attempts().count() > UNFILTERED_MAX
    }

    /// Name and value of the earlier state that is shown, for a form.
    fn as_of(&self) -> Option<(&'static str, String)> {
        self.past.map(|past| (AsOf::FIELD, past.as_of.to_string()))
    }

    /// The address of the page without a filter.
    fn unfiltered_address(&self) -> String {
        self.address(&[])
    }

    fn is_filtered(&self) -> bool {
        !self.filter.is_empty()
    }

    fn json_address(&self) -> String {
        Past::address(self.past.as_ref(), &format!("{}.json", self.path()), &[])
    }

    fn title(&self) -> String {
        let title = self.frame.format(msg::TITLE, self.state.pipeline.id);
        format!("{} {title} · {}", self.frame.status(self.state.pipeline.status), self.repository.path)
    }

    fn path(&self) -> String {
        pipeline_path(self.repository, self.state.pipeline.id)
    }

    fn ref_address(&self) -> String {
        pipelines_of_ref(self.repository, &self.state.pipeline.identity.git_ref)
    }

    fn api_call(&self) -> String {
        let id = self.state.pipeline.id;
        format!("/explorer/ListPipelineJobs?repository_id={}&pipeline_id={id}", self.repository.id)
    }

    fn latest_attempts(&self) -> impl Iterator<Item = (&Column<'a>, &JobAttempts<'a>)> {
        self.stages.iter().flat_map(|column| column.jobs.iter().map(move |job| (column, job)))
    }

    /// The stages on this page: all stages, or the selected stage.
    fn columns(&self) -> &[Column<'a>] {
        let all = self.matching.as_ref().unwrap_or(&self.stages);
        let Some(selection) = self.selection else { return all };
        let index = all.iter().position(|column| column.stage.id == selection.stage);
        index.map_or(&[], |index| &all[index..=index])
    }

    /// The first stage with a failed or running job. The board opens there.
    fn first_stage(&self) -> Option<StageId> {
        let needs_attention = |status: Status| status.is_bad() || status == Status::Running;
        let columns = self.columns().iter().filter(|column| needs_attention(column.stage.status));
        columns.map(|column| column.stage.id).next()
    }

    fn is_first(&self, stage: &Stage) -> bool {
        self.first_stage() == Some(stage.id)
    }

    /// The number of jobs in the stages of this page.
    fn job_count(&self) -> usize {
        self.columns().iter().map(|column| column.jobs.len()).sum()
    }

    fn board(&self) -> Vec<StageView<'_, 'a>> {
        let columns = self.columns();
        let (offset, limit) = match self.selection {
            Some(selection) => (selection.offset, BOARD_JOBS_MAX),
            None if self.job_count() <= BOARD_JOBS_MAX => (0, BOARD_JOBS_MAX),
            None => (0, (BOARD_JOBS_MAX / columns.len().max(1)).max(STAGE_JOBS_MIN)),
        };
        let shown = columns.iter().map(|column| {
            let jobs = column.jobs.get(offset..).unwrap_or_default();
            let jobs = &jobs[..jobs.len().min(limit)];
            let job_count = column.jobs.len();
            StageView { stage: column.stage, job_count, jobs, hidden: job_count - jobs.len() }
        });
        shown.collect()
    }

    fn all_stages_address(&self) -> String {
        self.filtered_address(&[])
    }

    /// The address of the page of a single stage.
    fn stage_address(&self, stage: &Stage) -> String {
        self.filtered_address(&[("stage", &stage.id.to_string())])
    }

    /// The pager of the selected stage.
    fn pager(&self) -> Html {
        let Some(selection) = self.selection else { return Html(String::new()) };
        let total = self.job_count();
        let address = |offset: usize| {
            self.filtered_address(&[("stage", &selection.stage.to_string()), ("offset", &offset.to_string())])
        };
        let after = selection.offset.saturating_add(BOARD_JOBS_MAX);
        let pager = Pager {
            before: (selection.offset > 0).then(|| address(selection.offset.saturating_sub(BOARD_JOBS_MAX))),
            after: (after < total).then(|| address(after)),
            by_time: false,
        };
        pager.html(self.frame)
    }

    /// The failed jobs; `None` if no job failed.
    fn failure_summary(&self) -> Option<FailureSummary<'a>> {
        let total = self.latest_attempts().count();
        let failed: Vec<_> = self.latest_attempts().filter(|(_, job)| failed(job.newest)).collect();
        if failed.is_empty() {
            return None;
        }
        let any_timed_out = failed.iter().any(|(_, job)| job.newest.attempt.status == Status::TimedOut);
        let text = match (total, any_timed_out) {
            (1, true) => msg::JOB_TIMED_OUT,
            (1, false) => msg::JOB_FAILED,
            (_, true) => msg::FAILED_OR_TIMED_OUT_JOBS,
            (_, false) => msg::FAILED_JOBS,
        };
        let text = self.frame.format2(text, failed.len(), total);
        let more = failed.len().saturating_sub(FAILED_NAMES_MAX);
        let failed = failed.into_iter().take(FAILED_NAMES_MAX);
        let jobs = failed.map(|(column, job)| (column.stage.name.as_str(), job.newest)).collect();
        Some(FailureSummary { text, jobs, more })
    }

    /// The number of jobs by status: `1 Failed, 3 Running`. Jobs that are allowed to fail are counted
    /// separately, as in the summary of failed jobs.
    fn summary(&self) -> String {
        let each = Status::ALL.into_iter().flat_map(|status| [(status, false), (status, true)]);
        let counts = each.filter_map(|(status, allowed)| {
            let counts =
                |job: &Job| job.attempt.status == status && (status.is_bad() && !failed(job)) == allowed;
            let count = self.latest_attempts().filter(|(_, job)| counts(job.newest)).count();
            let text = if allowed { msg::ALLOWED_STATUS_COUNT } else { msg::STATUS_COUNT };
            (count > 0).then(|| self.frame.format2(text, count, self.frame.status(status)))
        });
        counts.collect::<Vec<_>>().join(self.frame.text(msg::COMMA))
    }

    fn is_active(&self) -> bool {
        !self.state.pipeline.status.is_finished()
    }

    fn timeline(&self) -> Html {
        let link = |stage: &Stage| self.stage_address(stage);
        match self.selection {
            // A page of a stage with very many jobs has the timeline of its own jobs.
            Some(_) if self.job_count() > ROWS_MAX => {
                let attempts =
                    |job: &JobAttempts<'a>| JobAttempts { newest: job.newest, older: job.older.clone() };
                let page = self
                    .board()
                    .into_iter()
                    .map(|view| Column { stage: view.stage, jobs: view.jobs.iter().map(attempts).collect() });
                timeline(self.frame, &page.collect::<Vec<_>>(), &link)
            }
            _ => timeline(self.frame, self.columns(), &link),
        }
    }

    fn has_table(&self) -> bool {
        self.job_count() <= TABLE_JOBS_MAX
    }

    fn icon(&self) -> &'static str {
        favicon(self.state.pipeline.status)
    }

    fn created_at(&self, job: &Job) -> String {
        absolute(job.attempt.created_at, &self.frame.zone)
    }

    fn failed(&self, job: &Job) -> bool {
        failed(job)
    }

    fn jobs(&self, count: usize) -> String {
        job_count(self.frame, count)
    }

    fn sha(&self) -> &str {
        short_sha(&self.state.pipeline.identity.sha)
    }

    fn queue_time(&self, job: &Job) -> String {
        queue_and_run_time(&job.attempt, self.frame.now).0.map(duration).unwrap_or_default()
    }

    fn run_time(&self, job: &Job) -> String {
        queue_and_run_time(&job.attempt, self.frame.now).1.map(duration).unwrap_or_default()
    }

    /// The start of the run time if the job is running, for the script.
    fn running_since(&self, job: &Job) -> Option<String> {
        let attempt = &job.attempt;
        let at = attempt.started_at.unwrap_or(attempt.created_at);
        (attempt.status == Status::Running && self.past.is_none()).then(|| format!("{at:.3}"))
    }

    fn duration(&self) -> String {
        let pipeline = &self.state.pipeline;
        elapsed(self.frame, pipeline.started_at, pipeline.finished_at).map(duration).unwrap_or_default()
    }

    fn earlier_attempts(&self, job: &JobAttempts<'_>) -> String {
        let count = job.older.len();
        self.frame.format(if count == 1 { msg::EARLIER_ONE } else { msg::EARLIER }, count)
    }
}

/// The failed jobs.
struct FailureSummary<'a> {
    text: String,
    /// Stage name and attempt of the first failed jobs.
    jobs: Vec<(&'a str, &'a Job)>,
    /// The number of failed jobs that are not named.
    more: usize,
}

/// The address of a pipeline.
pub(crate) fn pipeline_path(repository: &Repository, id: PipelineId) -> String {
    format!("/repositories/{}/pipelines/{id}", repository.id)
}

/// The address of the list of the pipelines of a ref.
pub(crate) fn pipelines_of_ref(repository: &Repository, git_ref: &str) -> String {
    links::address(&format!("/repositories/{}/pipelines", repository.id), &[("ref", git_ref)])
}

/// The first eight characters of a commit id.
pub(crate) fn short_sha(sha: &str) -> &str {
    sha.get(..8).unwrap_or(sha)
}

mod filter;
#[cfg(test)]
mod tests;
