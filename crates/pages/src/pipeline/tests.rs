//! What somebody sees of a pipeline first, and that nothing from outside becomes more than text.

use super::*;
use crate::samples::{EVIL, at, repository, run, said};
use domain::model::reports::ReportInput;

fn page(run: &PipelineState, now: i64) -> String {
    part(run, now, None)
}

fn part(run: &PipelineState, now: i64, only: Option<Part>) -> String {
    let frame = Frame { now: at(now), ..crate::layout::tests::frame() };
    let pipelines = (PipelineId::new(5).ok(), PipelineId::new(7).ok());
    PipelinePage::new(&frame, &repository(), run, pipelines, "v1", only).html()
}

fn place(html: &str, text: &str) -> usize {
    html.find(text).unwrap_or_else(|| panic!("{text} is not in {html}"))
}

#[test]
fn one_line_says_what_failed_and_leads_there() {
    let run = run([
        (0, said("build/compile:success")),
        (1, said("test/unit:failed")),
        (2, said("test/lint:timedout")),
        (3, said("test/ok:success")),
        (4, ReportInput { allow_failure: Some(true), ..said("test/optional:failed") }),
    ]);
    let html = page(&run, 9);
    let verdict = &html[place(&html, "id=\"verdict\"")..];
    let verdict = &verdict[..place(verdict, "</p>")];
    assert!(verdict.contains("2 of 5 jobs failed or timed out: "), "{verdict}");
    assert!(
        verdict.contains(r##"<a href="#job-2">test / unit</a>, <a href="#job-3">test / lint</a>"##),
        "{verdict}"
    );
    assert!(!verdict.contains("optional"));
    // What may fail is counted apart, so that both say the same.
    place(&html, "1 Failed, 1 Failed (may fail), 1 Timed out");
    assert_eq!(html.matches("data-failed").count(), 2);
    assert!(html.contains("failed.") && html.contains(r#"rel="icon""#), "its favicon is that of its status");
}

#[test]
fn where_nothing_failed_nothing_says_so() {
    assert!(!page(&run([(0, said("a/b:success"))]), 9).contains("id=\"verdict\""));
}

#[test]
fn many_failures_are_named_by_five() {
    let run = run((0..9).map(|n| (n, said(&format!("test/case-{n}:failed")))));
    let html = page(&run, 9);
    let verdict = &html[place(&html, "id=\"verdict\"")..];
    assert!(verdict[..place(verdict, "</p>")].ends_with("case-4</a> and 4 more"), "{}", &verdict[..600]);
}

#[test]
fn what_failed_stands_first_and_earlier_attempts_are_folded() {
    let again = |line, id: &str| ReportInput { third_build_id: Some(id.into()), ..said(line) };
    let run = run([
        (0, said("test/alpha:success")),
        (1, again("test/beta:failed", "1")),
        (2, again("test/beta:failed", "2")),
        (3, said("test/gamma:running")),
    ]);
    let html = page(&run, 9);
    let (alpha, beta, gamma) = (
        place(&html, r#"<li id="job-1">"#),
        place(&html, r#"<li id="job-3">"#),
        place(&html, r#"<li id="job-4">"#),
    );
    assert!(beta < gamma && gamma < alpha);
    let older = place(&html, "1 earlier attempt");
    assert!(
        beta < older && older < place(&html, r#"<li id="job-2">"#),
        "the first attempt is under the second"
    );
    assert!(html.contains("data-active"), "something runs");
    assert!(html.contains(r#"data-running-since="2026-"#));
}

#[test]
fn it_leads_to_its_neighbours_and_to_its_api_call() {
    let html = page(&run([(0, said("a/b:success"))]), 9);
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
fn what_is_from_outside_stays_text() {
    let evil = |stage: &str| ReportInput {
        stage: Some(stage.into()),
        name: Some(EVIL.into()),
        status: Some("failed".into()),
        description: Some(EVIL.into()),
        trigger_user: Some(EVIL.into()),
        target_url: Some("https://ci/?\"><script>alert(1)</script>".into()),
        ..ReportInput::default()
    };
    let mut run = run([(0, evil(EVIL))]);
    run.pipeline.identity.git_ref = EVIL.into();
    run.pipeline.identity.key = EVIL.into();
    run.pipeline.identity.source = EVIL.into();
    // A store may hold what an older version took.
    run.pipeline.web_url = Some("javascript:alert(1)".into());
    let html = page(&run, 9);
    assert!(!html.contains("<img") && !html.contains("<script>"), "{html}");
    assert!(!html.contains("javascript:"), "{html}");
    assert!(!html.contains(" onerror=\"") && !html.contains("style="), "{html}");
    run.jobs[0].attempt.target_url = Some("javascript:alert(1)".into());
    assert!(!page(&run, 9).contains("javascript:"));
}

fn rows(html: &str) -> usize {
    html.matches("<li id=\"job-").count()
}

#[test]
fn two_hundred_jobs_stand_on_the_board_whole() {
    let html = page(&run((0..200).map(|n| (n, said(&format!("stage-{}/job-{n}:success", n % 2))))), 2_000);
    assert_eq!(rows(&html), 200);
    assert!(!html.contains("?stage="));
}

#[test]
fn of_more_jobs_each_stage_shows_its_first_and_leads_to_all_of_it() {
    let status = |n| if n == 1_098 { "failed" } else { "success" };
    let run = run((0..1_100).map(|n| (n, said(&format!("stage-{}/job-{n}:{}", n % 2, status(n))))));
    let html = page(&run, 2_000);
    assert_eq!(rows(&html), 200);
    let first = place(&html, "id=\"stage-1\"");
    assert!(html[first..].find("job-1098</a>") < html[first..].find("job-0</a>"), "what failed stands first");
    assert!(html.contains("550 jobs") && html.contains(">450 more</a>"), "each stage says how many it has");
    assert!(html.contains(r#"<a href="/repositories/1/pipelines/6?stage=1">"#));
    assert_eq!(html.matches("data-key=\"bar-").count(), 1_100, "the timeline has them all");
    assert!(html.len() < 500_000, "{}", html.len());
}

#[test]
fn a_stage_by_itself_is_paged_and_has_its_own_timeline() {
    let run = run((0..450).map(|n| (n, said(&format!("stage-{}/job-{n}:success", n % 2)))));
    let stage = run.stages[1].id;
    let (first, last) = (Part { stage, offset: 0 }, Part { stage, offset: 200 });
    let html = part(&run, 2_000, Some(first));
    assert_eq!((rows(&html), html.matches("data-key=\"bar-").count()), (200, 225));
    assert!(html.contains("225 jobs") && html.contains("450 Success"), "what is said of the pipeline stays");
    assert!(html.contains("?stage=2&#38;offset=200") && html.contains("All stages"), "{html}");
    let html = part(&run, 2_000, Some(last));
    assert_eq!(rows(&html), 25);
    assert!(html.contains(r#"rel="prev""#) && !html.contains(r#"rel="next""#));
    assert_eq!(rows(&part(&run, 2_000, Some(Part { stage, offset: 900 }))), 0);
    let none = Some(Part { stage: StageId::new(9).unwrap(), offset: 0 });
    assert_eq!(part(&run, 2_000, none), page(&run, 2_000), "a stage that is not there");
}
