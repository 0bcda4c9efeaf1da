//! Reading pipelines.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::ids::{JobId, PipelineId, StageId};
use crate::model::jobs::Job;
use crate::model::page::{ListPage, Start, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::pipelines::{Pipeline, Stage};
use crate::ports::App;
use std::collections::HashMap;
use std::sync::Arc;

/// A page of the pipelines that match.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(
    app: &App,
    by: &Granted<Reads>,
    filter: PipelineFilter,
    window: Window<PipelineOrder>,
) -> Result<ListPage<Pipeline>> {
    app.store.find_pipelines(by.repository().id, filter.normalized(), window).await
}

/// The stages of these pipelines, in display order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn stages(
    app: &App,
    by: &Granted<Reads>,
    pipelines: &[Pipeline],
) -> Result<HashMap<PipelineId, Vec<Stage>>> {
    let ids: Vec<_> = pipelines.iter().map(|pipeline| pipeline.id).collect();
    app.store.stages(by.repository().id, &ids).await
}

/// The first newest attempt of a stage that failed or timed out; attempts without `allow_failure` come first.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn first_failed(
    app: &App,
    by: &Granted<Reads>,
    id: PipelineId,
    stage: StageId,
) -> Result<Option<JobId>> {
    let state = app.store.pipeline_state(by.repository().id, id).await?.ok_or(Error::PipelineNotFound)?;
    let failed = |job: &&Arc<Job>| job.stage_id == stage && job.newest && job.attempt.status.is_bad();
    // An attempt with `allow_failure` did not make the stage fail.
    let first = state.jobs.iter().filter(failed).min_by_key(|job| (job.attempt.allow_failure, job.id));
    Ok(first.map(|job| job.id))
}

/// The number of pipelines that match.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count(app: &App, by: &Granted<Reads>, filter: PipelineFilter) -> Result<u64> {
    app.store.count_pipelines(by.repository().id, filter.normalized()).await
}

/// The newest pipeline that matches.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn newest(app: &App, by: &Granted<Reads>, filter: PipelineFilter) -> Result<Option<Pipeline>> {
    first(app, by, filter, true).await
}

/// The oldest pipeline that matches.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn oldest(app: &App, by: &Granted<Reads>, filter: PipelineFilter) -> Result<Option<Pipeline>> {
    first(app, by, filter, false).await
}

/// The first pipeline that matches, in this direction by id.
async fn first(
    app: &App,
    by: &Granted<Reads>,
    filter: PipelineFilter,
    descending: bool,
) -> Result<Option<Pipeline>> {
    let window = Window { order: PipelineOrder::Id, descending, start: Start::Offset(0), limit: 1 };
    Ok(find(app, by, filter, window).await?.items.pop())
}

/// One pipeline.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn show(app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<Pipeline> {
    app.store.pipeline(by.repository().id, id).await?.ok_or(Error::PipelineNotFound)
}
