//! Reading the grid of a ref.

use super::access::{Granted, Reads};
use super::pipelines;
use crate::error::Result;
use crate::model::grid::{ATTEMPTS_MAX, Grid, GridFilter};
use crate::model::ids::PipelineId;
use crate::model::page::{Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::refs;
use crate::ports::App;

/// The ref of a grid without a given one: the default branch, or the ref of the newest pipeline if the default
/// branch has none.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn default_ref(app: &App, by: &Granted<Reads>) -> Result<String> {
    let branch = by.repository().default_branch.clone();
    let of_branch = PipelineFilter { git_ref: Some(branch.clone()), ..PipelineFilter::default() };
    if pipelines::newest(app, by, of_branch).await?.is_some() {
        return Ok(branch);
    }
    let newest = pipelines::newest(app, by, PipelineFilter::default()).await?;
    Ok(newest.map_or(branch, |pipeline| pipeline.identity.git_ref.clone()))
}

/// The filter of a grid page with at most `limit` pipelines.
pub fn filter(git_ref: String, source: Option<String>, before: Option<PipelineId>, limit: u32) -> GridFilter {
    let git_ref = refs::filter(Some(git_ref)).unwrap_or_default();
    GridFilter { git_ref, source, before, limit, attempts_max: ATTEMPTS_MAX }
}

/// The pipelines of a grid, newest first, without their jobs: its entity tag follows from them.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn columns(app: &App, by: &Granted<Reads>, filter: &GridFilter) -> Result<Vec<Pipeline>> {
    let start = Start::After(filter.before.map(PipelineId::get));
    let window = Window { order: PipelineOrder::Id, descending: true, start, limit: filter.limit };
    let of_ref = PipelineFilter {
        git_ref: Some(filter.git_ref.clone()),
        source: filter.source.clone(),
        ..PipelineFilter::default()
    };
    Ok(pipelines::find(app, by, of_ref, window).await?.items)
}

/// The grid.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn read(app: &App, by: &Granted<Reads>, filter: GridFilter) -> Result<Grid> {
    Ok(Grid::arrange(app.store.grid_pipelines(by.repository().id, filter).await?))
}
