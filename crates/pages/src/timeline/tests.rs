//! Tests of the bars, the axis and the size of the timeline, and of escaping.

use super::*;
use crate::columns::columns;
use crate::samples::{EVIL, at, pipeline, report};
use domain::model::pipelines::PipelineState;
use domain::model::reports::ReportInput;

fn draw(state: &PipelineState, now: i64) -> String {
    let frame = Frame { now: at(now), ..crate::layout::tests::frame() };
    timeline(&frame, &columns(state), &|stage| format!("/stages/{}", stage.id)).to_string()
}

/// The bars of the attempt with this id, as `class x width`.
fn bars(svg: &str, id: i32) -> Vec<String> {
    let from = svg.find(&format!("data-key=\"bar-{id}\"")).unwrap();
    let group = &svg[from..from + svg[from..].find("</g>").unwrap()];
    let value = |rect: &str, name: &str| {
        rect.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    let rects = group.split("<rect ").skip(1);
    rects.map(|r| [value(r, "class"), value(r, " x"), value(r, "width")].join(" ")).collect()
}

#[test]
fn a_job_is_queued_and_then_runs() {
    let state = pipeline([
        (0, report("build/compile:pending")),
        (10, report("build/compile:running")),
        (50, report("build/compile:success")),
        (50, report("test/unit:pending")),
        (60, report("test/unit:running")),
        (60, report("test/slow:pending")),
    ]);
    let svg = draw(&state, 100);
    assert_eq!(bars(&svg, 1), ["queue 0.00% 10.00%", "run 10.00% 40.00%"]);
    assert_eq!(bars(&svg, 2), ["queue 50.00% 10.00%", "run 60.00% 40.00%"], "still running: until now");
    assert_eq!(bars(&svg, 3), ["queue 60.00% 40.00%"], "still queued: until now");
    assert!(svg.contains("<title>build / compile, queued 0:10, ran 0:40</title>"), "{svg}");
    assert!(svg.contains("3 jobs in 1:40; the longest job is unit: 0:40"), "{svg}");
}

#[test]
fn a_job_without_duration_has_a_visible_bar() {
    let state = pipeline([
        (0, report("a/long:running")),
        (0, report("a/skipped:skipped")),
        (100, report("a/late:success")),
        (100, report("a/long:success")),
    ]);
    let svg = draw(&state, 500);
    assert_eq!(bars(&svg, 1), ["run 0.00% 100.00%"], "first reported as running: no queue time");
    assert_eq!(bars(&svg, 2), ["queue 0.00% 0.25%"]);
    assert_eq!(bars(&svg, 3), ["queue 99.75% 0.25%"], "inside the chart");
}

#[test]
fn earlier_attempts_are_in_the_row_of_their_job() {
    let attempt = |text, id: &str| ReportInput { third_build_id: Some(id.into()), ..report(text) };
    let state = pipeline([
        (0, attempt("a/flaky:running", "1")),
        (20, attempt("a/flaky:failed", "1")),
        (40, attempt("a/flaky:running", "2")),
        (100, attempt("a/flaky:success", "2")),
    ]);
    let svg = draw(&state, 100);
    assert!(
        svg.contains(
            r#"<g class="status-failed old" data-key="bar-1"><title>a / flaky (attempt 1), ran 0:20"#
        ),
        "{svg}"
    );
    assert!(
        svg.contains(r#"<g class="status-success" data-key="bar-2"><title>a / flaky (attempt 2), ran 1:00"#),
        "{svg}"
    );
    assert_eq!(svg.matches("<li class=\"status-success\"").count(), 1, "one row, one name");
}

#[test]
fn the_axis_has_few_round_ticks() {
    for seconds in [1, 7, 59, 61, 3_599, 86_400, 40 * 86_400, 4_000 * 86_400] {
        let state = pipeline([(0, report("a/a:running")), (seconds, report("a/a:success"))]);
        let ticks = draw(&state, seconds).matches("<line ").count();
        assert!((2..=7).contains(&ticks), "{seconds} s: {ticks}");
    }
    let state = pipeline([(0, report("a/a:running")), (720, report("a/a:success"))]);
    let svg = draw(&state, 720);
    for label in [">0:00<", ">5:00<", ">10:00<"] {
        assert!(svg.contains(label), "{label} in {svg}");
    }
}

#[test]
fn names_are_escaped_and_there_are_no_styles() {
    let evil = ReportInput {
        stage: Some(EVIL.into()),
        name: Some(format!("{EVIL}</svg><script>alert(1)</script>")),
        status: Some("failed".into()),
        ..ReportInput::default()
    };
    let svg = draw(&pipeline([(0, evil)]), 10);
    assert!(!svg.contains("<img") && !svg.contains("<script"), "{svg}");
    assert!(!svg.contains("style="));
    assert!(svg.contains("&lt;script"));
}

#[test]
fn above_a_hundred_jobs_each_stage_has_a_collapsed_chart() {
    let jobs = (0..101).map(|n| (n, report(&format!("s{}/job-{n}:success", n % 2))));
    let html = draw(&pipeline(jobs), 3_000);
    assert_eq!(html.matches("<details class=\"stage-times\"").count(), 2);
    assert!(!html.contains("<details open") && !html.contains(" open>"), "{html}");
    assert_eq!((html.matches("<svg role=").count(), html.matches("data-key=\"bar-").count()), (2, 101));
    assert_eq!(html.matches("<li ").count(), 101, "names");
    let few = draw(&pipeline((0..100).map(|n| (n, report(&format!("s/job-{n}:success"))))), 3_000);
    assert!(!few.contains("<details"));
}

#[test]
fn very_many_jobs_have_thin_rows_and_the_rest_is_counted_and_linked() {
    let jobs = (0..2_100).map(|n| (n, report(&format!("s/job-{n}:success"))));
    let html = draw(&pipeline(jobs), 3_000);
    assert_eq!(html.matches("data-key=\"bar-").count(), 2_000);
    assert!(html.contains("2100 jobs in ") && html.contains("; 100 jobs are not shown</p>"), "{html}");
    let start = html.find("100 more jobs are not shown here.").unwrap();
    assert!(html[start..].contains("<a href=\"/stages/1\">"));
    assert!(!html.contains("<li "), "no names at this size");
    assert!(html.len() < 500_000, "{}", html.len());
    assert_eq!(draw(&pipeline([]), 1), "");
}
