//! Tests of the content of the page, and of escaping.

use super::*;
use crate::samples::{EVIL, at, pipeline, report, repository};
use domain::model::credentials::ReportCredential;
use domain::model::details::{Annotation, Level, TestCounts};
use domain::model::ids::UserId;
use domain::model::jobs::filters::Reporter;
use domain::model::pipelines::PipelineState;
use domain::model::reports::{FieldSet, Reason, ReportInput};
use std::sync::Arc;

fn found(state: &PipelineState, index: usize) -> FoundJob {
    FoundJob {
        job: Job::clone(&state.jobs[index]),
        pipeline: Arc::new(state.pipeline.clone()),
        stage: state.stages[0].name.clone(),
        reporter: Reporter { id: UserId::new(1).unwrap(), name: "ci-bot".into() }.into(),
        last_report_at: at(5),
    }
}

fn history_row(reporter: Option<&str>, effect: Effect) -> HistoryRow {
    let fields = ReportInput {
        sha: Some("1c46c505c84853887efe2ea9ea02a1333bae2237".into()),
        git_ref: Some("dev".into()),
        ..report("test/unit:running")
    };
    let entry = HistoryEntry {
        report_id: 7,
        reporter_id: reporter.map(|_| UserId::new(1).unwrap()),
        reporter: reporter.map(str::to_owned),
        credential: reporter.map(|_| ReportCredential::Token(17)),
        credential_name: reporter.map(|_| format!("deploy {EVIL}")),
        dialect: "native".into(),
        received_at: at(3),
        state: fields.check(at(9)).unwrap().state,
        effect,
        reason: Reason::Created,
        changed: FieldSet::STATUS,
        status_after: Some(Status::Success),
        closing_reason: None,
    };
    HistoryRow { entry, explanation: format!("because {EVIL}") }
}

fn page(state: &PipelineState, index: usize, previous_runs: &[FoundJob], history: Vec<HistoryRow>) -> String {
    page_with(state, index, previous_runs, history, Some(&Details::default()))
}

fn page_with(
    state: &PipelineState,
    index: usize,
    previous_runs: &[FoundJob],
    history: Vec<HistoryRow>,
    details: Option<&Details>,
) -> String {
    let frame = Frame { now: at(100), ..crate::layout::tests::frame() };
    let attempts: Vec<_> = (0..state.jobs.len()).rev().map(|index| found(state, index)).collect();
    let (repository, found) = (repository(), found(state, index));
    JobPage {
        frame: &frame,
        repository: &repository,
        found: &found,
        attempts: &attempts,
        history,
        is_later_page: false,
        next: Some(7),
        details: details.unwrap_or(&Details::default()),
        has_damaged_details: details.is_none(),
        previous_runs,
        can_close: true,
        etag: "v1",
    }
    .html()
}

fn two_attempts() -> PipelineState {
    let attempt = |text, id: &str| ReportInput { third_build_id: Some(id.into()), ..report(text) };
    pipeline([
        (0, attempt("test/unit:running", "b-1")),
        (10, attempt("test/unit:failed", "b-1")),
        (20, attempt("test/unit:running", "b-2")),
        (60, attempt("test/unit:success", "b-2")),
    ])
}

#[test]
fn the_page_shows_the_attempt_and_the_other_attempts() {
    let html = page(
        &two_attempts(),
        1,
        &[],
        vec![history_row(Some("ci-bot"), Effect::Late), history_row(None, Effect::Changed)],
    );
    for part in [
        "<h1>unit</h1>",
        ">b-2<",
        "ci-bot",
        "<span class=\"muted\">token 17 · deploy",
        "Job #2 (attempt 2)",
        "jobs/1\">1</a>",
        "late",
        "?after=7#history",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(html.contains("<i>Stagepost</i>"), "a report of the watchdog");
    assert!(page(&two_attempts(), 0, &[], vec![]).contains("retried"));
}

#[test]
fn a_run_is_compared_with_previous_runs() {
    let state = two_attempts();
    assert!(page(&state, 1, &[], vec![]).contains("A comparison requires at least two finished runs"));
    let html = page(&state, 1, &[found(&state, 0)], vec![]);
    assert!(
        html.contains(r#"<svg class="durations""#) && html.contains("Latest 2 runs: median 0:10"),
        "{html}"
    );
    assert!(html.contains("0:30 longer than the median"));
}

#[test]
fn external_texts_are_escaped() {
    let fields = ReportInput {
        stage: Some(EVIL.into()),
        name: Some(EVIL.into()),
        status: Some("failed".into()),
        description: Some(EVIL.into()),
        third_build_id: Some(EVIL.into()),
        target_url: Some("https://ci/?\"><script>alert(1)</script>".into()),
        ..ReportInput::default()
    };
    let mut state = pipeline([(0, fields)]);
    Arc::make_mut(&mut state.pipeline.identity).git_ref = EVIL.into();
    let html = page(&state, 0, &[], vec![history_row(Some(EVIL), Effect::Created)]);
    assert!(!html.contains("<img") && !html.contains("<script>") && !html.contains("style="), "{html}");
    assert!(html.contains("rel=\"noopener noreferrer nofollow\""));
    Arc::make_mut(&mut state.jobs[0]).attempt.target_url = Some("javascript:alert(1)".into());
    let html = page(&state, 0, &[], vec![]);
    assert!(
        !html.contains("href=\"javascript:") && html.contains("javascript:alert(1)"),
        "shown without a link"
    );
}

fn annotation(path: &str, start_line: i32, level: Level) -> Annotation {
    Annotation {
        path: path.into(),
        start_line,
        end_line: start_line,
        start_column: None,
        end_column: None,
        level,
        title: None,
        message: "unused".into(),
        raw_details: None,
    }
}

#[test]
fn details_are_shown_with_their_annotations_by_file() {
    let details = Details {
        title: Some("3 of 9 failed".into()),
        summary: Some("# Coverage\n\n[log](https://ci.example/1)".into()),
        text: Some("- [x] built".into()),
        tests: Some(TestCounts { failed: 3, passed: 5, skipped: 1 }),
        annotations: vec![
            Annotation { end_line: 9, ..annotation("src/a.rs", 7, Level::Failure) },
            Annotation { start_column: Some(2), ..annotation("src/a.rs", 8, Level::Warning) },
            Annotation {
                raw_details: Some("the\noutput".into()),
                ..annotation("src/b.rs", 1, Level::Notice)
            },
        ],
    };
    let html = page_with(&two_attempts(), 1, &[], vec![], Some(&details));
    for part in [
        ">3 of 9 failed</h2>",
        "Failed tests</dt><dd class=\"num\">3<",
        "<h3>Coverage</h3>",
        "rel=\"nofollow noopener noreferrer ugc\">log</a>",
        "☑ built",
        ">7–9<",
        ">8:2<",
        "<span>failure</span>",
        "<span>warning</span>",
        "<span>notice</span>",
        "<pre tabindex=\"0\">the\noutput</pre>",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert_eq!(html.matches(">src/a.rs<").count(), 1, "{html}");
    assert!(!page(&two_attempts(), 1, &[], vec![]).contains("id=\"summary\""), "no details");
}

#[test]
fn the_page_says_that_details_are_damaged() {
    let note = "The stored details are damaged and cannot be shown.";
    assert!(page_with(&two_attempts(), 1, &[], vec![], None).contains(note));
    assert!(!page(&two_attempts(), 1, &[], vec![]).contains(note));
}

#[test]
fn details_are_escaped_and_long_ones_are_cut() {
    let evil = Annotation {
        title: Some(EVIL.into()),
        message: format!("{EVIL}\u{202e}{}", "x".repeat(90_000)),
        raw_details: Some(EVIL.into()),
        ..annotation(EVIL, 1, Level::Failure)
    };
    let mut details = Details {
        title: Some(EVIL.into()),
        summary: Some(EVIL.into()),
        text: Some(EVIL.into()),
        annotations: vec![evil],
        tests: None,
    };
    let html = page_with(&two_attempts(), 1, &[], vec![], Some(&details));
    assert!(!html.contains("<img") && !html.contains("<script>") && !html.contains('\u{202e}'), "{html}");
    assert!(html.contains("x…") && html.len() < 64_000, "{}", html.len());
    details.annotations = (1..=9_999).map(|line| annotation("a", line, Level::Notice)).collect();
    let html = page_with(&two_attempts(), 1, &[], vec![], Some(&details));
    assert!(html.contains("Only the first 500 of 9999 are shown.") && html.len() < 400_000, "{}", html.len());
    assert!(html.contains("/jobs/2/details\">All as JSON</a>"));
    let long = Annotation { message: "&".repeat(60_000), ..annotation("a", 1, Level::Notice) };
    details.annotations = vec![Annotation { raw_details: Some("务".repeat(20_000)), ..long }; 400];
    let html = page_with(&two_attempts(), 1, &[], vec![], Some(&details));
    assert!(html.contains("Only the first 16 of 400 are shown.") && html.len() < 1 << 20, "{}", html.len());
}
