//! Tests of the page that compares two pipelines.

use super::*;
use crate::insights::tests::repository;
use crate::layout::tests::frame;
use domain::model::comparisons::{compare, jobs_of};
use domain::model::status::Status;

fn state(jobs: &[&str], id: i64) -> domain::model::pipelines::PipelineState {
    let reports = (1..).zip(jobs).map(|(second, line)| (second, crate::samples::report(line)));
    let mut state = crate::samples::pipeline(reports);
    state.pipeline.id = PipelineId::new(id).unwrap();
    state
}

#[test]
fn the_section_names_the_last_green_pipeline_and_what_fails_since_when() {
    let (green, old) = (state(&["test/a:success"], 3), state(&["test/a:success", "test/b:failed"], 5));
    let head = state(&["test/a:failed", "test/b:failed", "test/<c>:success"], 6);
    let earlier = [(old.pipeline.id, jobs_of(&old)), (green.pipeline.id, jobs_of(&green))];
    let mut changes = Changes::of_jobs(head.pipeline.id, &jobs_of(&head), &earlier, true);
    changes.last_green = Some(green.pipeline.clone());
    changes.failing_since = Some(old.pipeline.clone());
    changes.previous = Some(old.pipeline.clone());
    let (frame, repository) = (frame(), repository());
    let section = ChangesSection {
        frame: &frame,
        repository: &repository,
        pipeline: &head.pipeline,
        changes: &changes,
    };
    let html = section.html().to_string();
    for part in [
        "id=\"last-green\" href=\"/repositories/7/pipelines/3\">#3</a>",
        "id=\"failing-since\" href=\"/repositories/7/pipelines/5\">#5</a>",
        "/repositories/7/compare/3...6",
        "/repositories/7/compare/5...6",
        "<b>new</b>",
        ">since #5</a>",
        "/repositories/7/jobs?stage=test&#38;name=a&#38;ref=dev&#38;source=external\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(html.find("test / a<").unwrap() < html.find("test / b<").unwrap(), "new failures first: {html}");
    let never = Changes { last_green: None, ..changes.clone() };
    let html = ChangesSection { changes: &never, ..section }.html().to_string();
    assert!(html.contains("No earlier pipeline was successful"), "{html}");
    let none = Changes::default();
    let section =
        ChangesSection { frame: &frame, repository: &repository, pipeline: &head.pipeline, changes: &none };
    assert_eq!(section.html(), Html::default(), "the first pipeline has no section");
}

#[test]
fn the_page_lists_jobs_with_their_result_in_both_pipelines() {
    let base = state(&["test/a:success", "test/b:failed", "test/gone:success"], 3);
    let head = state(&["test/a:timedout", "test/b:success", "test/<new>:success"], 6);
    let comparison = compare(&jobs_of(&base), &jobs_of(&head), &[]);
    let (frame, repository) = (frame(), repository());
    let page = ComparisonPage {
        frame: &frame,
        repository: &repository,
        base: &base.pipeline,
        head: &head.pipeline,
        comparison: &comparison,
    };
    let html = page.html();
    for part in ["id=\"newly-failed\"", "id=\"fixed\"", "id=\"added\"", "id=\"removed\"", "no such job"] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(html.contains(frame.status(Status::TimedOut)) && !html.contains("<new>"), "{html}");
    assert!(!html.contains("id=\"still-failed\"") && html.contains("/compare/6...3"), "{html}");
    let same = compare(&jobs_of(&base), &jobs_of(&base), &[]);
    let page = ComparisonPage { comparison: &same, ..page };
    assert!(page.html().contains("id=\"still-failed\""), "b fails in both");
    let (passed, canceled) = (state(&["test/a:success"], 3), state(&["test/a:canceled"], 6));
    let other = compare(&jobs_of(&passed), &jobs_of(&canceled), &[]);
    let html = ComparisonPage { comparison: &other, ..page }.html();
    assert!(html.contains("Other changes") && !html.contains("The pipelines do not differ"), "{html}");
}
