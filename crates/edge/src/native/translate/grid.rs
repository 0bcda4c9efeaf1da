//! The grid as the native API represents it.

use super::insights::milliseconds;
use domain::model::grid::{Grid, GridCell, GridFilter, GridRow, GridStage};
use domain::model::ids::PipelineId;
use wire::native::grid as native;

pub fn grid(filter: &GridFilter, grid: &Grid) -> native::Grid {
    native::Grid {
        git_ref: filter.git_ref.clone(),
        pipelines: grid.pipelines.iter().map(super::pipeline).collect(),
        stages: grid.stages.iter().map(stage).collect(),
        job_count: grid.row_count,
        next_before: grid.next.map(PipelineId::get),
    }
}

fn stage(stage: &GridStage) -> native::GridStage {
    native::GridStage { name: stage.name.clone(), jobs: stage.rows.iter().map(job).collect() }
}

fn job(row: &GridRow) -> native::GridJob {
    native::GridJob {
        name: row.name.clone(),
        health: row.health.as_str().to_owned(),
        flaky_commits: row.flaky_commits,
        cells: row.cells.iter().map(|cell| cell.as_ref().map(of_cell)).collect(),
    }
}

fn of_cell(cell: &GridCell) -> native::GridCell {
    native::GridCell {
        job_id: cell.id.get(),
        status: cell.status.as_str().to_owned(),
        allow_failure: cell.allow_failure,
        attempts: cell.attempts,
        flaky: cell.flaky,
        duration_ms: cell.duration.map(milliseconds),
    }
}
