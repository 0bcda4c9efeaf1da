//! Tests of the grid of a ref.

use super::*;
use crate::model::ids::RepositoryId;
use crate::model::pipelines::{PipelineIdentity, PipelineState};

fn pipeline(id: i64, sha: &str) -> Pipeline {
    let identity = PipelineIdentity {
        sha: sha.into(),
        git_ref: "main".into(),
        source: "external".into(),
        key: id.to_string(),
    };
    let (id, repository) = (PipelineId::new(id).unwrap(), RepositoryId::new(1).unwrap());
    PipelineState::new(id, repository, identity, jiff::Timestamp::UNIX_EPOCH).pipeline
}

/// Pipelines with their jobs: `commit stage/name:status[?][!]...`, newest first, with the numbers 9, 8... `!` is a
/// retried attempt.
fn found(texts: &[&str]) -> GridPipelines {
    let mut found = GridPipelines::default();
    let mut next_job = 0;
    for (number, text) in (1..10).rev().zip(texts) {
        let mut words = text.split_whitespace();
        let pipeline = pipeline(number, words.next().unwrap());
        let mut stages: Vec<Stage> = Vec::new();
        for word in words {
            let (word, retried) = word.strip_suffix('!').map_or((word, false), |word| (word, true));
            let (word, allow_failure) = word.strip_suffix('?').map_or((word, false), |word| (word, true));
            let (job, status) = word.split_once(':').unwrap();
            let (stage, name) = job.split_once('/').unwrap();
            let stage =
                stages.iter().find(|known| known.name == stage).map(|stage| stage.id).unwrap_or_else(|| {
                    let id = StageId::new(number * 10 + i64::try_from(stages.len()).unwrap()).unwrap();
                    let status = Status::Success;
                    stages.push(Stage {
                        id,
                        name: stage.into(),
                        sort_id: 1,
                        sort_id_reported: false,
                        status,
                    });
                    id
                });
            next_job += 1;
            found.attempts.push(GridAttempt {
                pipeline: pipeline.id,
                id: JobId::new(next_job).unwrap(),
                stage,
                name: name.into(),
                status: Status::parse(status).unwrap(),
                allow_failure,
                newest: !retried,
                duration: None,
            });
        }
        found.stages.insert(pipeline.id, stages);
        found.pipelines.push(pipeline);
    }
    found
}

/// `stage: name=health cells; ...`, where a cell is the first letter of its status, `*` if it is flaky.
fn drawn(grid: &Grid) -> String {
    let cell = |cell: &Option<GridCell>| match cell {
        None => ".".to_owned(),
        Some(cell) => format!("{}{}", &cell.status.as_str()[..1], if cell.flaky { "*" } else { "" }),
    };
    let row = |row: &GridRow| {
        let cells: String = row.cells.iter().map(cell).collect();
        format!("{}={} {cells}", row.name, row.health.as_str())
    };
    let stage = |stage: &GridStage| {
        format!("{}: {}", stage.name, stage.rows.iter().map(row).collect::<Vec<_>>().join(", "))
    };
    grid.stages.iter().map(stage).collect::<Vec<_>>().join("; ")
}

#[test]
fn rows_are_grouped_by_stage_and_failing_ones_come_first() {
    for (texts, want) in [
        (
            &["a build/x:success test/u:success test/l:failed", "b build/x:success test/u:failed"][..],
            "test: l=failing f., u=unsteady sf; build: x=steady ss",
        ),
        (&["a build/x:success test/u:running", "b test/u:failed"], "test: u=failing rf; build: x=steady s."),
        (&["a test/u:failed?", "b test/u:success"], "test: u=steady fs"),
        (&["a test/u:failed!  test/u:success"], "test: u=unsteady s*"),
        (&["a test/u:success", "a test/u:failed"], "test: u=unsteady sf"),
        (&["a test/u:skipped", "b test/u:failed"], "test: u=failing sf"),
        (&["a test/u:canceled", "b test/u:timedout"], "test: u=failing ct"),
        (&["a test/u:canceled", "b test/u:success", "c test/u:failed"], "test: u=unsteady csf"),
        (&["a test/u:skipped"], "test: u=steady s"),
        (&["a test/u:success", "b build/x:success test/u:success"], "test: u=steady ss; build: x=steady .s"),
        (&["a test/u:pending"], "test: u=steady p"),
        (
            &["a test/j10:success test/j9x2:success test/j9:success test/j9x10:success test/j:success"],
            "test: j=steady s, j9=steady s, j9x2=steady s, j9x10=steady s, j10=steady s",
        ),
        (&["a"], ""),
        (&[], ""),
    ] {
        assert_eq!(drawn(&Grid::arrange(found(texts))), want, "{texts:?}");
    }
}

#[test]
fn a_cell_counts_attempts_and_a_row_counts_flaky_commits() {
    let grid = Grid::arrange(found(&[
        "a t/u:failed! t/u:success",
        "b t/u:success",
        "b t/u:timedout",
        "c t/u:success",
    ]));
    let row = &grid.stages[0].rows[0];
    assert_eq!(
        (row.flaky_commits, row.cells[0].unwrap().attempts, row.cells[1].unwrap().attempts),
        (2, 2, 1)
    );
}

/// Each source has its own commits.
#[test]
fn results_of_two_sources_do_not_make_a_commit_flaky() {
    let mut found = found(&["a t/u:success", "a t/u:failed"]);
    std::sync::Arc::make_mut(&mut found.pipelines[0].identity).source = "jenkins".into();
    assert_eq!(Grid::arrange(found).stages[0].rows[0].flaky_commits, 0);
}

#[test]
fn rows_beyond_the_limit_are_counted_and_left_out() {
    let jobs: Vec<String> = (0..ROWS_MAX + 7).map(|n| format!("build/{n}:success")).collect();
    let text = format!("a {} test/last:failed", jobs.join(" "));
    let grid = Grid::arrange(found(&[&text]));
    let shown: usize = grid.stages.iter().map(|stage| stage.rows.len()).sum();
    assert_eq!((grid.row_count, shown), (ROWS_MAX + 8, ROWS_MAX));
    assert_eq!(grid.stages[0].name, "test", "failing rows are not left out");

    // A failing row of the second stage has a place before the many others of the first one.
    let text = format!("a build/bad:failed {} test/last:failed", jobs.join(" "));
    let grid = Grid::arrange(found(&[&text]));
    let rows: Vec<_> = grid.stages.iter().map(|stage| stage.rows.len()).collect();
    assert_eq!((rows, grid.failing_count), (vec![ROWS_MAX - 1, 1], 2));
    let failed: Vec<String> = (0..ROWS_MAX + 7).map(|n| format!("build/{n}:failed")).collect();
    let grid = Grid::arrange(found(&[&format!("a {}", failed.join(" "))]));
    assert_eq!((grid.stages[0].rows.len(), grid.failing_count), (ROWS_MAX, ROWS_MAX + 7));
}
