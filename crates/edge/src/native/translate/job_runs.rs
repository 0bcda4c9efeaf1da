//! A job across pipelines as the native API represents it.

use super::insights::{milliseconds, outcomes};
use super::{found_job, time};
use crate::http::time_text::TimeText;
use domain::model::job_runs::{FlakyCommit, JobAttempt, JobRunsFilter, JobSummary};
use domain::model::jobs::filters::FoundJob;
use domain::model::page::ListPage;
use wire::native::job_runs as native;

pub fn job_runs<'a>(
    filter: &JobRunsFilter,
    summary: &JobSummary,
    page: &'a ListPage<FoundJob>,
) -> native::JobRuns<&'a str, TimeText> {
    native::JobRuns {
        stage: filter.stage.clone(),
        name: filter.name.clone(),
        git_ref: filter.git_ref.clone(),
        source: filter.source.clone(),
        total: outcomes(&summary.outcomes),
        truncated: summary.truncated,
        retried: summary.retried,
        median_ms: summary.median.map(milliseconds),
        p95_ms: summary.p95.map(milliseconds),
        last_passed: summary.last_passed.as_ref().map(run),
        failing_since: summary.failing_since.as_ref().map(run),
        flaky_count: summary.flaky_count,
        flaky_commits: summary.flaky_commits.iter().map(flaky_commit).collect(),
        jobs: page.items.iter().map(found_job).collect(),
        next_before: page.next,
    }
}

fn run(attempt: &JobAttempt) -> native::JobRun {
    native::JobRun {
        job_id: attempt.id.get(),
        pipeline_id: attempt.pipeline.get(),
        sha: attempt.sha.clone(),
        git_ref: attempt.git_ref.clone(),
        source: attempt.source.clone(),
        status: attempt.status.as_str().to_owned(),
        finished_at: attempt.finished_at.map(time),
    }
}

fn flaky_commit(commit: &FlakyCommit) -> native::FlakyCommit {
    native::FlakyCommit {
        sha: commit.sha.clone(),
        success: commit.passed,
        failed: commit.failed,
        last_passed: run(&commit.last_passed),
        last_failed: run(&commit.last_failed),
    }
}
