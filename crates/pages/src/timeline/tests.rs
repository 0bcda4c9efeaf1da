//! What the timeline shows of each kind of job, and that nothing of it can be more than text.

use super::*;
use crate::columns::columns;
use crate::samples::{EVIL, at, run, said};
use domain::model::pipelines::PipelineState;
use domain::model::reports::ReportInput;

fn drawn(run: &PipelineState, now: i64) -> String {
    let frame = Frame { now: at(now), ..crate::layout::tests::frame() };
    timeline(&frame, &columns(run)).to_string()
}

/// The bars of the job with this id, as `class x width`.
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
fn a_job_waits_and_then_runs() {
    let run = run([
        (0, said("build/compile:pending")),
        (10, said("build/compile:running")),
        (50, said("build/compile:success")),
        (50, said("test/unit:pending")),
        (60, said("test/unit:running")),
        (60, said("test/slow:pending")),
    ]);
    let svg = drawn(&run, 100);
    assert_eq!(bars(&svg, 1), ["queue 0.00% 10.00%", "run 10.00% 40.00%"]);
    assert_eq!(bars(&svg, 2), ["queue 50.00% 10.00%", "run 60.00% 40.00%"], "still running: up to now");
    assert_eq!(bars(&svg, 3), ["queue 60.00% 40.00%"], "still waiting: up to now");
    assert!(svg.contains("<title>build / compile, queued 0:10, ran 0:40</title>"), "{svg}");
    assert!(svg.contains("3 jobs in 1:40; unit ran longest: 0:40"), "{svg}");
}

#[test]
fn what_took_no_time_or_began_nowhere_can_be_seen() {
    let run = run([
        (0, said("a/long:running")),
        (0, said("a/skipped:skipped")),
        (100, said("a/late:success")),
        (100, said("a/long:success")),
    ]);
    let svg = drawn(&run, 500);
    assert_eq!(bars(&svg, 1), ["run 0.00% 100.00%"], "reported running at once: it did not wait");
    assert_eq!(bars(&svg, 2), ["queue 0.00% 0.25%"]);
    assert_eq!(bars(&svg, 3), ["queue 99.75% 0.25%"], "inside the picture");
}

#[test]
fn earlier_attempts_stand_in_the_row_of_their_job() {
    let try_ = |line, id: &str| ReportInput { third_build_id: Some(id.into()), ..said(line) };
    let run = run([
        (0, try_("a/flaky:running", "1")),
        (20, try_("a/flaky:failed", "1")),
        (40, try_("a/flaky:running", "2")),
        (100, try_("a/flaky:success", "2")),
    ]);
    let svg = drawn(&run, 100);
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
fn the_axis_has_few_round_marks() {
    for seconds in [1, 7, 59, 61, 3_599, 86_400, 40 * 86_400, 4_000 * 86_400] {
        let run = run([(0, said("a/a:running")), (seconds, said("a/a:success"))]);
        let marks = drawn(&run, seconds).matches("<line ").count();
        assert!((2..=7).contains(&marks), "{seconds} s: {marks}");
    }
    let run = run([(0, said("a/a:running")), (720, said("a/a:success"))]);
    let svg = drawn(&run, 720);
    for label in [">0:00<", ">5:00<", ">10:00<"] {
        assert!(svg.contains(label), "{label} in {svg}");
    }
}

#[test]
fn names_stay_text_and_styles_stay_outside() {
    let evil = ReportInput {
        stage: Some(EVIL.into()),
        name: Some(format!("{EVIL}</svg><script>alert(1)</script>")),
        status: Some("failed".into()),
        ..ReportInput::default()
    };
    let svg = drawn(&run([(0, evil)]), 10);
    assert!(!svg.contains("<img") && !svg.contains("<script"), "{svg}");
    assert!(!svg.contains("style="));
    assert!(svg.contains("&lt;script"));
}

#[test]
fn a_thousand_jobs_are_thin_and_more_are_counted() {
    let jobs = (0..2_100).map(|n| (n, said(&format!("s/job-{n}:success"))));
    let svg = drawn(&run(jobs), 3_000);
    assert_eq!(svg.matches("data-key").count(), 2_000);
    assert!(svg.contains("100 more are not drawn"));
    assert!(!svg.contains("<li "), "no names at this size");
    assert!(svg.len() < 500_000, "{}", svg.len());
    assert_eq!(drawn(&run([]), 1), "");
}
