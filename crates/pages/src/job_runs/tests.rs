//! Tests of the page of one job in all pipelines.

use super::*;
use crate::insights::tests::repository;
use crate::layout::tests::frame;
use domain::model::ids::{JobId, PipelineId};
use domain::model::job_runs::JobAttempts;

fn attempt(id: i64, sha: &str, status: Status, seconds: Option<i64>) -> JobAttempt {
    let end = frame().now - SignedDuration::from_mins(100 - id);
    JobAttempt {
        id: JobId::new(id).unwrap(),
        pipeline: PipelineId::new(id).unwrap(),
        sha: sha.into(),
        git_ref: "main".into(),
        source: "external".into(),
        status,
        newest: true,
        created_at: end,
        started_at: seconds.map(|seconds| end - SignedDuration::from_secs(seconds)),
        finished_at: Some(end),
    }
}

fn page(attempts: Vec<JobAttempt>) -> String {
    page_of(JobAttempts { attempts, truncated: false }, Some("main"))
}

fn page_of(attempts: JobAttempts, git_ref: Option<&str>) -> String {
    let summary = JobSummary::of(attempts, git_ref.is_some());
    let (stage, name) = ("测试/<b>".to_owned(), "unit \"x\" & ../y".to_owned());
    let (git_ref, source) = (git_ref.map(str::to_owned), None);
    let job = JobRunsFilter { stage, name, git_ref, source };
    let filters = JobRunsFilters { job, statuses: vec![Status::Failed], before: None, limit: String::new() };
    let (frame, repository) = (frame(), repository());
    let page = JobRunsPage {
        frame: &frame,
        repository: &repository,
        filters: &filters,
        summary: &summary,
        attempts: &[],
        next: Some(5),
        etag: "\"1\"",
    };
    page.html()
}

#[test]
fn the_numbers_and_the_chart_lead_to_attempts() {
    let html = page(vec![
        attempt(9, "aaaaaaaaaa", Status::Failed, Some(30)),
        attempt(8, "aaaaaaaaaa", Status::Success, Some(20)),
        attempt(7, "bbbbbbbbbb", Status::Success, None),
    ]);
    assert!(html.contains("66.6%") && html.contains(">0:20<") && html.contains("Failing since"), "{html}");
    let chart = "aria-label=\"Latest 2 runs, oldest first: 1 passed, median 0:20, longest 0:30\"";
    assert!(html.contains(chart), "{html}");
    let bar =
        "<a data-key=\"bar-9\" href=\"/repositories/7/pipelines/9/jobs/9\" aria-label=\"#9 Failed 0:30\">";
    assert!(html.contains(bar), "{html}");
    assert!(html.contains("1 passed, 1 failed") && html.contains("failed in #9"), "{html}");
}

#[test]
fn numbers_of_attempts_that_were_not_read_are_not_shown() {
    let truncated = |attempts| JobAttempts { attempts, truncated: true };
    let html = page_of(truncated(Vec::new()), Some("main"));
    assert!(
        html.contains("None of the latest 5000 attempts named unit") && html.contains("belongs to this ref"),
        "{html}"
    );
    assert!(!html.contains("id=\"numbers\"") && !html.contains("Only the latest"), "{html}");
    let html = page_of(truncated(Vec::new()), None);
    assert!(html.contains("is in this stage"), "{html}");

    let failed = || vec![attempt(9, "aaaaaaaaaa", Status::Failed, Some(30))];
    let html = page_of(truncated(failed()), Some("main"));
    assert!(html.contains(" or earlier</dd>") && html.contains("Latest 1 run: 0 passed"), "{html}");
    assert!(!page(failed()).contains("or earlier"));
    assert!(!page_of(truncated(failed()), None).contains("Failing since"), "refs are mixed");
}

#[test]
fn links_keep_the_filters_and_encode_names() {
    let html = page(Vec::new());
    let job = "stage=%E6%B5%8B%E8%AF%95%2F%3Cb%3E&#38;name=unit%20%22x%22%20%26%20..%2Fy";
    assert!(html.contains(&format!("jobs?{job}&#38;ref=main&#38;status=failed&#38;before=5")), "{html}");
    assert!(html.contains(&format!("jobs.json?{job}&#38;ref=main&#38;status=failed")), "{html}");
    assert!(html.contains("None of these runs passed"), "{html}");
    assert!(
        html.contains("No runs with a known duration") && !html.contains("<svg class=\"bars\""),
        "{html}"
    );
}
