//! Tests of the page of a grid.

use super::*;
use crate::insights::tests::repository;
use crate::layout::tests::frame;
use domain::SignedDuration;
use domain::model::grid::{GridAttempt, GridPipelines};
use domain::model::ids::{JobId, PipelineId};

/// The grid of two pipelines of one commit. In the newer one, a job fails.
fn sample() -> Grid {
    let report = crate::samples::report;
    let mut found = GridPipelines::default();
    for id in [9, 6] {
        let mut state =
            crate::samples::pipeline([(1, report("test/a<b&c:success")), (2, report("build/x:success"))]);
        state.pipeline.id = PipelineId::new(id).unwrap();
        for job in &state.jobs {
            let failed = id == 9 && job.name != "x";
            found.attempts.push(GridAttempt {
                pipeline: state.pipeline.id,
                id: JobId::new(i64::from(job.id.get()) + 10 * id).unwrap(),
                stage: job.stage_id,
                name: job.name.clone(),
                status: if failed { Status::Failed } else { Status::Success },
                allow_failure: false,
                newest: true,
                duration: Some(SignedDuration::from_secs(125)),
            });
        }
        found.stages.insert(state.pipeline.id, state.stages.clone());
        found.pipelines.push(state.pipeline);
    }
    Grid::arrange(GridPipelines { next: PipelineId::new(6).ok(), ..found })
}

fn page(grid: &Grid) -> String {
    page_in(&frame(), grid)
}

fn page_in(frame: &Frame, grid: &Grid) -> String {
    let (git_ref, source) = ("feat/a&b".to_owned(), None);
    let filter = GridFilter { git_ref, source, before: None, limit: 50, attempts_max: 1 };
    let repository = repository();
    let page =
        GridPage { frame, repository: &repository, can_manage: false, filter: &filter, grid, etag: "\"1\"" };
    page.html()
}

#[test]
fn a_cell_is_a_link_that_says_what_it_shows() {
    let html = page(&sample());
    let cell = "<td data-key=c9><a class=\"status-failed\" href=pipelines/9/jobs/91 title=\"Failed, 2:05\"></a></td>";
    assert!(html.contains(cell), "without scripts, the Tab key reaches the cells: {html}");
    assert!(html.contains("2 jobs, 2 pipelines, newest on the left"), "{html}");
    let fragment = page_in(&Frame { fragment: true, ..frame() }, &sample());
    assert!(
        fragment.contains("<a class=\"status-failed\" tabindex=-1 href=pipelines/9/jobs/91 "),
        "{fragment}"
    );
    assert!(html.contains("title=\"#9 · Success · 1c46c505 · "), "{html}");
    let (failing, steady) = (html.find("class=failing").unwrap(), html.find("class=steady").unwrap());
    assert!(failing < steady, "failing rows come first: {html}");
    assert!(
        html.contains("1 failing job") && html.contains("Both passed and failed on 1 commit\""),
        "{html}"
    );
}

#[test]
fn names_are_escaped_in_cells_and_addresses() {
    let html = page(&sample());
    assert!(
        html.contains(
            "href=\"/repositories/7/jobs?stage=test&amp;name=a%3Cb%26c&amp;ref=feat%2Fa%26b&amp;source=external\""
        ),
        "{html}"
    );
    assert!(html.contains(">a&lt;b&amp;c</a>") && !html.contains("a<b"), "{html}");
}

/// The page of a job says since when it fails if the job is of one source.
#[test]
fn a_row_leads_to_the_job_of_its_source() {
    let mut grid = sample();
    std::sync::Arc::make_mut(&mut grid.pipelines[1].identity).source = "jenkins".into();
    let addresses = |grid: &Grid| {
        let html = page(grid);
        ["source=external", "source=jenkins"].map(|source| html.matches(&format!("&amp;{source}\"")).count())
    };
    assert_eq!(addresses(&grid), [0, 0], "the jobs of two sources in one row");
    for stage in &mut grid.stages {
        for row in &mut stage.rows {
            row.cells[usize::from(row.name == "x")] = None;
        }
    }
    assert_eq!(addresses(&grid), [1, 1]);
}

#[test]
fn a_ref_without_pipelines_has_a_note() {
    let html = page(&Grid::default());
    assert!(html.contains("This ref has no pipelines") && !html.contains("<table"), "{html}");
    let html = page(&Grid { next: PipelineId::new(6).ok(), ..Grid::default() });
    assert!(
        html.contains("Older pages may have some") && !html.contains("This ref has no pipelines"),
        "{html}"
    );
    let mut one = sample();
    (one.pipelines, one.row_count) = (one.pipelines.split_off(1), 1);
    assert!(page(&one).contains("1 job, 1 pipeline, newest on the left"));
}
