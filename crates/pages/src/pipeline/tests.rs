//! Tests of the board, of paging and of escaping.

use super::*;
use crate::samples::{EVIL, at, pipeline, report, repository};
use domain::model::reports::ReportInput;
use std::sync::Arc;

fn page(state: &PipelineState, now: i64) -> String {
    page_of(state, now, None)
}

fn page_of(state: &PipelineState, now: i64, selection: Option<StageSelection>) -> String {
    let frame = Frame { now: at(now), ..crate::layout::tests::frame() };
    let pipelines = (PipelineId::new(5).ok(), PipelineId::new(7).ok());
    PipelinePage::new(&frame, &repository(), state, pipelines, "v1", selection).html()
}

fn position(html: &str, text: &str) -> usize {
    html.find(text).unwrap_or_else(|| panic!("{text} is not in {html}"))
}

#[test]
fn failed_jobs_are_listed_with_links() {
    let state = pipeline([
        (0, report("build/compile:success")),
        (1, report("test/unit:failed")),
        (2, report("test/lint:timedout")),
        (3, report("test/ok:success")),
        (4, ReportInput { allow_failure: Some(true), ..report("test/optional:failed") }),
    ]);
    let html = page(&state, 9);
    let verdict = &html[position(&html, "id=\"verdict\"")..];
    let verdict = &verdict[..position(verdict, "</div>")];
    assert!(verdict.contains("2 of 5 jobs failed or timed out: "), "{verdict}");
    for (id, text) in [(2, "test / unit"), (3, "test / lint")] {
        let link = format!("<li><a href=\"/repositories/1/pipelines/6/jobs/{id}\">{text}</a>");
        assert!(verdict.contains(&link), "{verdict}");
    }
    assert!(!verdict.contains("optional"));
    // Jobs that are allowed to fail are counted separately, as in the summary.
    position(&html, "1 Failed, 1 Failed (allowed to fail), 1 Timed out");
    assert_eq!(html.matches("data-failed").count(), 2);
    assert!(html.contains("failed.") && html.contains(r#"rel="icon""#), "the favicon of its status");
}

#[test]
fn without_failed_jobs_there_is_no_summary() {
    assert!(!page(&pipeline([(0, report("a/b:success"))]), 9).contains("id=\"verdict\""));
}

#[test]
fn at_most_five_failed_jobs_are_named() {
    let state = pipeline((0..9).map(|n| (n, report(&format!("test/case-{n}:failed")))));
    let html = page(&state, 9);
    let verdict = &html[position(&html, "id=\"verdict\"")..];
    let verdict = &verdict[..position(verdict, "</div>")];
    assert_eq!(verdict.matches("case-").count(), 5, "{verdict}");
    assert!(verdict.contains("<a href=\"/repositories/1/pipelines/6?failed=1\">and 4 more</a>"), "{verdict}");
}

#[test]
fn a_failed_job_has_its_description_and_its_log() {
    let failed = ReportInput {
        description: Some("3 tests failed".into()),
        target_url: Some("https://ci.example.com/7".into()),
        ..report("test/unit:failed")
    };
    let html = page(&pipeline([(0, failed)]), 9);
    let verdict = &html[position(&html, "id=\"verdict\"")..];
    let verdict = &verdict[..position(verdict, "</div>")];
    assert!(verdict.contains("The job failed: ") && verdict.contains("3 tests failed"), "{verdict}");
    assert!(verdict.contains("href=\"https://ci.example.com/7\""), "{verdict}");
    assert!(page(&pipeline([(0, report("a/b:timedout"))]), 9).contains("The job timed out: "));
}

#[test]
fn a_filter_shows_only_matching_jobs_and_stays_in_links() {
    let status = |n| if n % 100 == 0 { "failed" } else { "success" };
    let state = pipeline((0..900).map(|n| (n, report(&format!("s{}/job-{n}:{}", n % 2, status(n))))));
    let show = |failed, q: &str| {
        let frame = Frame { now: at(2_000), ..crate::layout::tests::frame() };
        let repository = repository();
        let page = PipelinePage::new(&frame, &repository, &state, (None, None), "v1", None);
        page.filtered(JobsFilter { failed, q: q.into() }).html()
    };
    let failed = show(true, "");
    assert_eq!((rows(&failed), failed.matches("data-key=\"bar-").count()), (9, 9));
    assert!(
        failed.contains("name=\"failed\" value=\"1\" checked") && failed.contains("9 of 900 jobs failed")
    );
    assert_eq!(rows(&show(true, "JOB-80")), 1);
    let many = show(false, "job-");
    assert!(many.contains("?q=job-&#38;stage=1\">350 more</a>"), "{many}");
    assert!(show(false, "<none>").contains("No matching jobs"));
}

#[test]
fn the_board_opens_at_the_first_stage_that_failed_or_runs() {
    let state =
        pipeline([(0, report("a/ok:success")), (1, report("b/slow:running")), (2, report("c/bad:failed"))]);
    let html = page(&state, 9);
    assert_eq!(html.matches(" data-first").count(), 1);
    assert!(html.contains(r#"id="stage-2" data-first"#), "{html}");
}

#[test]
fn failed_jobs_are_first_and_earlier_attempts_are_collapsed() {
    let attempt = |text, id: &str| ReportInput { third_build_id: Some(id.into()), ..report(text) };
    let state = pipeline([
        (0, report("test/alpha:success")),
        (1, attempt("test/beta:failed", "1")),
        (2, attempt("test/beta:failed", "2")),
        (3, report("test/gamma:running")),
    ]);
    let html = page(&state, 9);
    let (alpha, beta, gamma) = (
        position(&html, r#"<li id="job-1">"#),
        position(&html, r#"<li id="job-3">"#),
        position(&html, r#"<li id="job-4">"#),
    );
    assert!(beta < gamma && gamma < alpha);
    let older = position(&html, "1 earlier attempt");
    assert!(
        beta < older && older < position(&html, r#"<li id="job-2">"#),
        "the first attempt is under the second"
    );
    assert!(html.contains("data-active"), "a job is running");
    assert!(html.contains(r#"data-running-since="2026-"#));
}

#[test]
fn the_page_links_to_its_neighbours_and_to_the_api_call() {
    let html = page(&pipeline([(0, report("a/b:success"))]), 9);
    for part in [
        r#"data-older href="/repositories/1/pipelines/5""#,
        r#"data-newer href="/repositories/1/pipelines/7""#,
        r#"href="/explorer/ListPipelineJobs?repository_id=1&amp;pipeline_id=6""#,
        r#"href="/repositories/1/pipelines/6.json""#,
        r#"href="/repositories/1/pipelines/6/jobs/1""#,
        r#"href="/repositories/1/commits/1c46c505c84853887efe2ea9ea02a1333bae2237""#,
    ] {
        assert!(
            html.contains(part) || html.contains(&part.replace("&amp;", "&#38;")),
            "{part} is not in {html}"
        );
    }
}

#[test]
fn external_texts_are_escaped() {
    let evil = |stage: &str| ReportInput {
        stage: Some(stage.into()),
        name: Some(EVIL.into()),
        status: Some("failed".into()),
        description: Some(EVIL.into()),
        trigger_user: Some(EVIL.into()),
        target_url: Some("https://ci/?\"><script>alert(1)</script>".into()),
        ..ReportInput::default()
    };
    let mut state = pipeline([(0, evil(EVIL))]);
    Arc::make_mut(&mut state.pipeline.identity).git_ref = EVIL.into();
    Arc::make_mut(&mut state.pipeline.identity).key = EVIL.into();
    Arc::make_mut(&mut state.pipeline.identity).source = EVIL.into();
    // A store may contain values that an older version accepted.
    state.pipeline.web_url = Some("javascript:alert(1)".into());
    let html = page(&state, 9);
    assert!(!html.contains("<img") && !html.contains("<script>"), "{html}");
    assert!(!html.contains("javascript:"), "{html}");
    assert!(!html.contains(" onerror=\"") && !html.contains("style="), "{html}");
    Arc::make_mut(&mut state.jobs[0]).attempt.target_url = Some("javascript:alert(1)".into());
    assert!(!page(&state, 9).contains("javascript:"));
}

fn rows(html: &str) -> usize {
    html.matches("<li id=\"job-").count()
}

#[test]
fn two_hundred_jobs_are_all_on_the_board() {
    let html =
        page(&pipeline((0..200).map(|n| (n, report(&format!("stage-{}/job-{n}:success", n % 2))))), 2_000);
    assert_eq!(rows(&html), 200);
    assert!(!html.contains("?stage="));
}

#[test]
fn with_more_jobs_each_stage_shows_its_first_jobs_and_a_link() {
    let status = |n| if n == 1_098 { "failed" } else { "success" };
    let state = pipeline((0..1_100).map(|n| (n, report(&format!("stage-{}/job-{n}:{}", n % 2, status(n))))));
    let html = page(&state, 2_000);
    assert_eq!(rows(&html), 200);
    let first = position(&html, "id=\"stage-1\"");
    assert!(html[first..].find("job-1098</a>") < html[first..].find("job-0</a>"), "failed jobs are first");
    assert!(
        html.contains("550 jobs") && html.contains(">450 more</a>"),
        "each stage shows its number of jobs"
    );
    assert!(html.contains(r#"<a href="/repositories/1/pipelines/6?stage=1">"#));
    assert_eq!(html.matches("data-key=\"bar-").count(), 1_100, "the timeline has all jobs");
    assert!(html.len() < 500_000, "{}", html.len());
}

#[test]
fn a_selected_stage_is_paged_and_has_its_own_timeline() {
    let state = pipeline((0..450).map(|n| (n, report(&format!("stage-{}/job-{n}:success", n % 2)))));
    let stage = state.stages[1].id;
    let (first, last) = (StageSelection { stage, offset: 0 }, StageSelection { stage, offset: 200 });
    let html = page_of(&state, 2_000, Some(first));
    assert_eq!((rows(&html), html.matches("data-key=\"bar-").count()), (200, 225));
    assert!(
        html.contains("225 jobs") && html.contains("450 Success"),
        "the summary is that of the whole pipeline"
    );
    assert!(html.contains("?stage=2&#38;offset=200") && html.contains("All stages"), "{html}");
    let html = page_of(&state, 2_000, Some(last));
    assert_eq!(rows(&html), 25);
    assert!(html.contains(r#"rel="prev""#) && !html.contains(r#"rel="next""#));
    assert_eq!(rows(&page_of(&state, 2_000, Some(StageSelection { stage, offset: 900 }))), 0);
    let none = Some(StageSelection { stage: StageId::new(9).unwrap(), offset: 0 });
    assert_eq!(page_of(&state, 2_000, none), page(&state, 2_000), "a stage that does not exist");
}
