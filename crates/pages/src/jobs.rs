//! The page of one attempt of a job: its facts, its details, the other attempts, the reports, and
//! the durations of previous runs.

use crate::assets::favicon;
use crate::durations::{RunDuration, durations, format_seconds, median};
use crate::job_runs::job_runs_address;
use crate::messages::jobs as msg;
use crate::messages::pipeline;
use crate::pipeline::{pipeline_path, pipelines_of_ref, short_sha};
use crate::timeline::queue_and_run_time;
use crate::times::{absolute, duration};
use crate::{Frame, Html, links};
use askama::Template;
use domain::Timestamp;
use domain::model::as_of::AsOf;
use domain::model::credentials::ReportCredential;
use domain::model::details::Details;
use domain::model::history::HistoryEntry;
use domain::model::jobs::Job;
use domain::model::jobs::filters::FoundJob;
use domain::model::reports::Effect;
use domain::model::repositories::Repository;
use domain::model::status::Status;

/// A report with the explanation of its effect.
#[derive(Debug)]
pub struct HistoryRow {
    /// The report.
    pub entry: HistoryEntry,
    /// The explanation of the effect.
    pub explanation: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "job.html")]
pub struct JobPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// The attempt.
    pub found: &'a FoundJob,
    /// All attempts of the job in the pipeline, newest first.
    pub attempts: &'a [FoundJob],
    /// The reports of this page of the history, in order of arrival.
    pub history: Vec<HistoryRow>,
    /// Whether this is not the first page of the history.
    pub is_later_page: bool,
    /// The id of the report after which the next page of the history starts.
    pub next: Option<i64>,
    /// The details of the attempt.
    pub details: &'a Details,
    /// The stored details cannot be read.
    pub has_damaged_details: bool,
    /// Previous runs of the job, newest first.
    pub previous_runs: &'a [FoundJob],
    /// Whether the user may close jobs.
    pub can_close: bool,
    /// The entity tag of the response.
    pub etag: &'a str,
}

/// The statuses that an operator can choose for a job that its build system does not end. The first is the default.
const CLOSE_STATUSES: [Status; 4] = [Status::Canceled, Status::Failed, Status::TimedOut, Status::Success];

impl JobPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn job(&self) -> &Job {
        &self.found.job
    }

    fn title(&self) -> String {
        let job = self.job();
        let name = self.frame.sanitize(&job.name);
        format!("{} {name} #{} · {}", self.frame.status(job.attempt.status), job.id, self.repository.path)
    }

    fn icon(&self) -> &'static str {
        favicon(self.job().attempt.status)
    }

    fn pipeline_path(&self) -> String {
        pipeline_path(self.repository, self.found.pipeline.id)
    }

    fn path(&self, job: &Job) -> String {
        format!("{}/jobs/{}", self.pipeline_path(), job.id)
    }

    /// The job across pipelines of this ref and source.
    fn runs_address(&self) -> String {
        let identity = &self.found.pipeline.identity;
        let (git_ref, source) = (&identity.git_ref, &identity.source);
        job_runs_address(self.repository, &self.found.stage, &self.job().name, git_ref, source)
    }

    fn api_call(&self) -> String {
        let (repository, pipeline) = (self.repository.id, self.found.pipeline.id);
        format!("/explorer/ListPipelineJobs?repository_id={repository}&pipeline_id={pipeline}")
    }

    fn sha(&self) -> &str {
        short_sha(&self.found.pipeline.identity.sha)
    }

    fn is_active(&self) -> bool {
        !self.job().attempt.status.is_finished()
    }

    /// The start of the run time if the job is running, for the script.
    fn running_since(&self, job: &Job) -> Option<String> {
        let attempt = &job.attempt;
        let at = attempt.started_at.unwrap_or(attempt.created_at);
        (attempt.status == Status::Running).then(|| format!("{at:.3}"))
    }

    fn queue_time(&self, job: &Job) -> Option<String> {
        queue_and_run_time(&job.attempt, self.frame.now).0.map(duration)
    }

    fn run_time(&self, job: &Job) -> Option<String> {
        queue_and_run_time(&job.attempt, self.frame.now).1.map(duration)
    }

    /// A time with date and time zone.
    fn absolute_time(&self, at: &Timestamp) -> String {
        absolute(*at, &self.frame.zone)
    }

    fn ref_address(&self) -> String {
        pipelines_of_ref(self.repository, &self.found.pipeline.identity.git_ref)
    }

    /// The names of the fields that no report had.
    fn not_reported(&self) -> Option<String> {
        let attempt = &self.job().attempt;
        let fields = [
            (attempt.description.is_none(), msg::DESCRIPTION),
            (attempt.target_url.is_none(), msg::LINK),
            (attempt.started_at.is_none(), msg::STARTED),
            (attempt.finished_at.is_none(), msg::FINISHED),
            (attempt.third_build_id.is_none(), msg::BUILD_ID),
            (attempt.coverage.is_none(), msg::COVERAGE),
        ];
        let names = fields.iter().filter(|(absent, _)| *absent).map(|(_, name)| self.frame.text(*name));
        let names = names.collect::<Vec<_>>().join(self.frame.text(pipeline::COMMA));
        Some(names).filter(|names| !names.is_empty())
    }

    /// Whether the page offers to close the job: no build system ended it, and the attempt counts.
    fn may_close(&self) -> bool {
        self.can_close && self.is_active() && self.job().newest
    }

    fn is_current(&self, job: &Job) -> bool {
        job.id == self.job().id
    }

    /// Previous runs and this run if they are finished, oldest first.
    fn runs(&self) -> Vec<RunDuration> {
        let runs = self.previous_runs.iter().rev().chain([self.found]);
        let finished_runs = runs.filter_map(|found| {
            let attempt = &found.job.attempt;
            let (Some(started), Some(finished)) = (attempt.started_at, attempt.finished_at) else {
                return None;
            };
            let seconds = finished.duration_since(started).as_secs().max(0);
            Some(RunDuration { id: found.job.id.get(), status: attempt.status, seconds })
        });
        finished_runs.collect()
    }

    fn durations(&self) -> Html {
        durations(self.frame, &self.runs(), self.job().id.get())
    }

    /// How much longer or shorter this run is than the median of the previous runs.
    fn comparison(&self) -> Option<String> {
        let runs: Vec<_> = self.runs().into_iter().filter(|run| run.id != self.job().id.get()).collect();
        let median = median(&runs)?;
        let attempt = &self.job().attempt;
        let seconds = queue_and_run_time(attempt, self.frame.now).1?.as_secs();
        let text = if seconds > median { msg::LONGER } else { msg::SHORTER };
        // A run that is not finished may still become longer.
        let is_known = seconds > median || attempt.status.is_finished();
        (is_known && seconds != median)
            .then(|| self.frame.format(text, format_seconds((seconds - median).abs())))
    }

    fn credential(&self, credential: &ReportCredential) -> String {
        let text = match credential {
            ReportCredential::Password => msg::PASSWORD,
            ReportCredential::Session => msg::SESSION,
            ReportCredential::TemporaryKey => msg::TEMPORARY_KEY,
            ReportCredential::Token(_) => msg::TOKEN,
            ReportCredential::Key(_) => msg::ACCESS_KEY,
        };
        self.frame.format(text, credential.id().unwrap_or_default())
    }

    fn effect(&self, entry: &HistoryEntry) -> &'static str {
        let text = match entry.effect {
            Effect::Created => msg::EFFECT_CREATED,
            Effect::Changed => msg::EFFECT_CHANGED,
            Effect::Repeated => msg::EFFECT_REPEATED,
            Effect::Late => msg::EFFECT_LATE,
        };
        self.frame.text(text)
    }

    /// The pipeline as it was after a report.
    fn after_report(&self, entry: &HistoryEntry) -> String {
        let as_of = AsOf::Report(entry.report_id).to_string();
        links::address(&self.pipeline_path(), &[(AsOf::FIELD, &as_of)])
    }

    fn changed(&self, entry: &HistoryEntry) -> String {
        entry.changed.names().collect::<Vec<_>>().join(self.frame.text(pipeline::COMMA))
    }
}

mod details;
#[cfg(test)]
mod tests;
