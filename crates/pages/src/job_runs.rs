//! The page of one job across pipelines: how often it passes, how long it takes, on which commits it did both, and
//! its attempts.

use crate::insights::{duration_text, percent};
use crate::layout::fill_placeholders;
use crate::links::address;
use crate::messages::{insights, job_runs as msg, jobs};
use crate::paging::Pager;
use crate::pipeline::{pipeline_path, short_sha};
use crate::timeline::queue_and_run_time;
use crate::{Frame, Html, escape};
use askama::Template;
use domain::SignedDuration;
use domain::model::job_runs::{
    ATTEMPTS_MAX, FLAKY_COMMITS_MAX, JobAttempt, JobRunsFilter, JobSummary, NAMED_MAX,
};
use domain::model::jobs::filters::FoundJob;
use domain::model::repositories::Repository;
use domain::model::status::Status;
use std::fmt::Write as _;

/// Most bars of the chart: those of the newest runs.
const BARS_MAX: usize = 60;
/// The chart has the width of this many bars, so that few bars are not wide.
const BARS_MIN: usize = 20;
/// Width of a bar with its gap, in units of the view box.
const BAR_WIDTH: usize = 10;
/// Height of the chart, in units of the view box.
const HEIGHT: i128 = 100;

/// The filter of the list of attempts.
#[derive(Debug, Clone)]
pub struct JobRunsFilters {
    /// The job, and the ref.
    pub job: JobRunsFilter,
    /// Statuses; empty for all.
    pub statuses: Vec<Status>,
    /// The last attempt of the previous page; `None` on the first page.
    pub before: Option<i32>,
    /// The page size, if it is in the address; else empty.
    pub limit: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "job_runs.html")]
pub struct JobRunsPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// The filter.
    pub filters: &'a JobRunsFilters,
    /// The summary of all statuses.
    pub summary: &'a JobSummary,
    /// The attempts of this page, newest first.
    pub attempts: &'a [FoundJob],
    /// The `before` of the next page.
    pub next: Option<i32>,
    /// The entity tag of the response.
    pub etag: &'a str,
}

/// The page of a job across pipelines. The ref and the source are empty for all. A page of one source shows since when
/// the job fails, because the jobs of two sources are two jobs.
pub(crate) fn job_runs_address(
    repository: &Repository,
    stage: &str,
    name: &str,
    git_ref: &str,
    source: &str,
) -> String {
    let path = format!("/repositories/{}/jobs", repository.id);
    address(&path, &[("stage", stage), ("name", name), ("ref", git_ref), ("source", source)])
}

impl JobRunsPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn name(&self) -> String {
        self.frame.sanitize(&self.filters.job.name)
    }

    fn stage(&self) -> String {
        self.frame.sanitize(&self.filters.job.stage)
    }

    fn git_ref(&self) -> &str {
        self.filters.job.git_ref.as_deref().unwrap_or_default()
    }

    fn source(&self) -> &str {
        self.filters.job.source.as_deref().unwrap_or_default()
    }

    fn path(&self) -> String {
        format!("/repositories/{}/jobs", self.repository.id)
    }

    fn address(&self, path: &str, git_ref: &str, source: &str, before: &str) -> String {
        let statuses: Vec<_> = self.filters.statuses.iter().map(|status| status.as_str()).collect();
        let query = [
            ("stage", self.filters.job.stage.as_str()),
            ("name", &self.filters.job.name),
            ("ref", git_ref),
            ("source", source),
            ("status", &statuses.join(",")),
            ("limit", &self.filters.limit),
            ("before", before),
        ];
        address(path, &query)
    }

    fn json_address(&self) -> String {
        let before = self.filters.before.map(|before| before.to_string()).unwrap_or_default();
        self.address(&format!("{}.json", self.path()), self.git_ref(), self.source(), &before)
    }

    /// The same list of one ref.
    fn ref_address(&self, git_ref: &str) -> String {
        self.address(&self.path(), git_ref, self.source(), "")
    }

    /// The same list of one source.
    fn source_address(&self, source: &str) -> String {
        self.address(&self.path(), self.git_ref(), source, "")
    }

    /// The page without filters.
    fn clear_address(&self) -> String {
        job_runs_address(self.repository, &self.filters.job.stage, &self.filters.job.name, "", "")
    }

    fn is_filtered(&self) -> bool {
        !self.filters.statuses.is_empty() || !self.git_ref().is_empty() || !self.source().is_empty()
    }

    /// Whether an attempt on the page is not finished.
    fn is_active(&self) -> bool {
        self.attempts.iter().any(|found| !found.job.attempt.status.is_finished())
    }

    /// The newest attempt, for announcements.
    fn newest_text(&self) -> String {
        let text = |run: &JobAttempt| {
            self.frame.format2(msg::NEWEST_TEXT, run.pipeline, self.frame.status(run.status))
        };
        self.summary.attempts.first().map(text).unwrap_or_default()
    }

    /// Whether the flaky commits are of several sources, which each have the job.
    fn has_sources(&self) -> bool {
        let mut commits = self.summary.flaky_commits.iter().map(|commit| &commit.last_passed.source);
        let first = commits.next();
        commits.any(|source| Some(source) != first)
    }

    fn grid_address(&self) -> String {
        let newest = self.summary.attempts.first().map_or("", |attempt| attempt.git_ref.as_str());
        let git_ref = if self.git_ref().is_empty() { newest } else { self.git_ref() };
        let query = [("ref", git_ref), ("source", self.source())];
        address(&format!("/repositories/{}/grid", self.repository.id), &query)
    }

    fn pager(&self) -> Html {
        let pager = Pager {
            before: self.filters.before.map(|_| self.ref_address(self.git_ref())),
            after: self
                .next
                .map(|next| self.address(&self.path(), self.git_ref(), self.source(), &next.to_string())),
            by_time: true,
        };
        pager.html(self.frame)
    }

    fn percent(&self) -> String {
        percent(&self.summary.outcomes)
    }

    fn duration_text(&self, duration: &Option<SignedDuration>) -> String {
        duration_text(*duration)
    }

    fn truncation_note(&self) -> Option<String> {
        if self.summary.is_unknown() {
            let text = match (self.git_ref().is_empty(), self.source().is_empty()) {
                (true, true) => msg::NONE_OF_STAGE,
                (false, true) => msg::NONE_OF_REF,
                (_, false) => msg::NONE_OF_FILTER,
            };
            return Some(self.frame.format2(text, self.name(), NAMED_MAX));
        }
        let count = self.summary.attempts.len().min(ATTEMPTS_MAX as usize);
        self.summary.truncated.then(|| self.frame.format(msg::TRUNCATED, count))
    }

    fn more_flaky(&self) -> Option<String> {
        let more = self.summary.flaky_count as usize > FLAKY_COMMITS_MAX;
        more.then(|| self.frame.format2(msg::MORE_FLAKY, FLAKY_COMMITS_MAX, self.summary.flaky_count))
    }

    fn attempt_path(&self, attempt: &JobAttempt) -> String {
        format!("{}/jobs/{}", pipeline_path(self.repository, attempt.pipeline), attempt.id)
    }

    fn found_path(&self, found: &FoundJob) -> String {
        format!("{}/jobs/{}", self.pipeline_path(found), found.job.id)
    }

    fn pipeline_path(&self, found: &FoundJob) -> String {
        pipeline_path(self.repository, found.pipeline.id)
    }

    fn short<'s>(&self, sha: &'s str) -> &'s str {
        short_sha(sha)
    }

    /// The start of the run time if the attempt is running, for the script.
    fn running_since(&self, found: &FoundJob) -> Option<String> {
        let attempt = &found.job.attempt;
        let at = attempt.started_at.unwrap_or(attempt.created_at);
        (attempt.status == Status::Running).then(|| format!("{at:.3}"))
    }

    fn run_time(&self, found: &FoundJob) -> String {
        duration_text(queue_and_run_time(&found.job.attempt, self.frame.now).1)
    }

    /// The newest runs with a known duration, oldest first.
    fn runs(&self) -> Vec<(&JobAttempt, SignedDuration)> {
        let runs = self.summary.attempts.iter().filter(|attempt| attempt.is_run());
        let known = runs.filter_map(|run| Some((run, run.duration()?.max(SignedDuration::ZERO))));
        let mut newest: Vec<_> = known.take(BARS_MAX).collect();
        newest.reverse();
        newest
    }

    /// The chart: a bar for each run, which links to the attempt. Empty without a run.
    fn chart(&self) -> Html {
        let runs = self.runs();
        let Some(longest) = runs.iter().map(|(_, duration)| *duration).max() else { return Html::default() };
        let most = longest.as_millis().max(1);
        let height = |duration: SignedDuration| (duration.as_millis() * (HEIGHT - 4) / most).clamp(2, HEIGHT);
        let median = self.summary.median.unwrap_or(longest);
        let passed = runs.iter().filter(|(run, _)| run.status == Status::Success).count();
        let text = fill_placeholders(
            self.frame.text(if runs.len() == 1 { msg::CHART_TEXT_ONE } else { msg::CHART_TEXT }),
            &[&runs.len(), &passed, &duration_text(Some(median)), &duration_text(Some(longest))],
        );
        let width = runs.len().max(BARS_MIN) * BAR_WIDTH;
        let mut svg = format!(
            r#"<svg class="bars" role="group" data-roving viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" width="100%" height="120" aria-label="{}">"#,
            escape(&text)
        );
        // As in the grid, the Tab key reaches every bar without scripts only.
        let tab = if self.frame.fragment { " tabindex=\"-1\"" } else { "" };
        for (at, (run, taken)) in runs.iter().enumerate() {
            let title = fill_placeholders(
                self.frame.text(msg::BAR_TEXT),
                &[&run.pipeline, &self.frame.status(run.status), &duration_text(Some(*taken))],
            );
            let (x, height, status) = (at * BAR_WIDTH, height(*taken), run.status.as_str());
            let href = escape(&format!("{}{}", self.frame.base, self.attempt_path(run)));
            // Writing into a string does not fail.
            let _ = write!(
                svg,
                r#"<a data-key="bar-{}"{tab} href="{href}" aria-label="{title}"><title>{title}</title><rect class="ground" x="{x}" y="0" width="{BAR_WIDTH}" height="{HEIGHT}"/><rect class="status-{status}" x="{}" y="{}" width="{}" height="{height}"/></a>"#,
                run.id,
                x + 1,
                HEIGHT - height,
                BAR_WIDTH - 2,
            );
        }
        let y = HEIGHT - height(median);
        let _ = write!(
            svg,
            r#"<line x1="0" x2="{width}" y1="{y}" y2="{y}" vector-effect="non-scaling-stroke"/></svg>"#
        );
        Html(svg)
    }

    fn median_text(&self) -> String {
        self.frame.format(msg::MEDIAN_LINE, duration_text(self.summary.median))
    }
}

#[cfg(test)]
mod tests;
