//! Reading pipelines.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::ids::PipelineId;
use crate::model::pipelines::Pipeline;
use crate::ports::{App, PipelineFilter};

/// Pipelines of the repository, newest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, by: &Granted<Reads>, filter: PipelineFilter) -> Result<Vec<Pipeline>> {
    app.store.pipelines(by.repository().id, filter).await
}

/// One pipeline.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn show(app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<Pipeline> {
    app.store.pipeline(by.repository().id, id).await?.ok_or(Error::PipelineNotFound)
}
