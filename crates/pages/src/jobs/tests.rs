//! What somebody learns of one attempt, and that nothing from outside becomes more than text.

use super::*;
use crate::samples::{EVIL, at, repository, run, said};
use domain::model::jobs::filters::Reporter;
use domain::model::pipelines::PipelineState;
use domain::model::reports::{FieldSet, Reason, ReportInput};
use std::sync::Arc;

fn found(run: &PipelineState, place: usize) -> JobDetails {
    JobDetails {
        job: run.jobs[place].clone(),
        pipeline: Arc::new(run.pipeline.clone()),
        stage: run.stages[0].name.clone(),
        reporter: Reporter { id: domain::model::ids::UserId::new(1).unwrap(), name: "ci-bot".into() }.into(),
        last_report_at: at(5),
    }
}

fn entry(reporter: Option<&str>, effect: Effect) -> HistoryRow {
    let fields = ReportInput {
        sha: Some("1c46c505c84853887efe2ea9ea02a1333bae2237".into()),
        git_ref: Some("dev".into()),
        ..said("test/unit:running")
    };
    let entry = HistoryEntry {
        report_id: 7,
        reporter: reporter.map(str::to_owned),
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

fn page(run: &PipelineState, place: usize, earlier: &[JobDetails], history: Vec<HistoryRow>) -> String {
    let frame = Frame { now: at(100), ..crate::layout::tests::frame() };
    let attempts: Vec<_> = (0..run.jobs.len()).rev().map(|place| found(run, place)).collect();
    let (repository, found) = (repository(), found(run, place));
    JobPage {
        frame: &frame,
        repository: &repository,
        found: &found,
        attempts: &attempts,
        history,
        later: false,
        next: Some(7),
        earlier,
        etag: "v1",
    }
    .html()
}

fn twice() -> PipelineState {
    let try_ = |line, id: &str| ReportInput { third_build_id: Some(id.into()), ..said(line) };
    run([
        (0, try_("test/unit:running", "b-1")),
        (10, try_("test/unit:failed", "b-1")),
        (20, try_("test/unit:running", "b-2")),
        (60, try_("test/unit:success", "b-2")),
    ])
}

#[test]
fn it_tells_all_of_the_attempt_and_of_the_others() {
    let html =
        page(&twice(), 1, &[], vec![entry(Some("ci-bot"), Effect::Late), entry(None, Effect::Changed)]);
    for part in [
        "<h1>unit</h1>",
        ">b-2<",
        "ci-bot",
        "Job #2 (attempt 2)",
        "jobs/1\">1</a>",
        "late",
        "?after=7#history",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(html.contains("<i>Stagepost</i>"), "the watchdog's word is ours");
    assert!(page(&twice(), 0, &[], vec![]).contains("retried"));
}

#[test]
fn it_is_measured_by_its_earlier_runs() {
    let run = twice();
    assert!(page(&run, 1, &[], vec![]).contains("There is nothing to compare with yet"));
    let html = page(&run, 1, &[found(&run, 0)], vec![]);
    assert!(
        html.contains(r#"<svg class="durations""#) && html.contains("The last 2 runs: median 0:40"),
        "{html}"
    );
    assert!(html.contains("0:30 longer than the median"));
}

#[test]
fn what_is_from_outside_stays_text() {
    let fields = ReportInput {
        stage: Some(EVIL.into()),
        name: Some(EVIL.into()),
        status: Some("failed".into()),
        description: Some(EVIL.into()),
        third_build_id: Some(EVIL.into()),
        target_url: Some("https://ci/?\"><script>alert(1)</script>".into()),
        ..ReportInput::default()
    };
    let mut run = run([(0, fields)]);
    run.pipeline.identity.git_ref = EVIL.into();
    let html = page(&run, 0, &[], vec![entry(Some(EVIL), Effect::Created)]);
    assert!(!html.contains("<img") && !html.contains("<script>") && !html.contains("style="), "{html}");
    assert!(html.contains("rel=\"noopener noreferrer nofollow\""));
    run.jobs[0].attempt.target_url = Some("javascript:alert(1)".into());
    let html = page(&run, 0, &[], vec![]);
    assert!(
        !html.contains("href=\"javascript:") && html.contains("javascript:alert(1)"),
        "shown, and no link"
    );
}
