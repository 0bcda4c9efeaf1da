//! Reading pipelines.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::ids::PipelineId;
use crate::model::page::{Found, Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::ports::App;

/// A page of the pipelines that fit.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(
    app: &App,
    by: &Granted<Reads>,
    filter: PipelineFilter,
    window: Window<PipelineOrder>,
) -> Result<Found<Pipeline>> {
    app.store.find_pipelines(by.repository().id, filter, window).await
}

/// How many pipelines fit.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count(app: &App, by: &Granted<Reads>, filter: PipelineFilter) -> Result<u64> {
    app.store.count_pipelines(by.repository().id, filter).await
}

/// The newest pipeline that fits.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn newest(app: &App, by: &Granted<Reads>, filter: PipelineFilter) -> Result<Option<Pipeline>> {
    let window = Window { order: PipelineOrder::Id, descending: true, start: Start::Offset(0), limit: 1 };
    Ok(find(app, by, filter, window).await?.items.pop())
}

/// One pipeline.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn show(app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<Pipeline> {
    app.store.pipeline(by.repository().id, id).await?.ok_or(Error::PipelineNotFound)
}
