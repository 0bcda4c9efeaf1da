//! Reading the jobs of a pipeline.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::ids::PipelineId;
use crate::model::page::Page;
use crate::model::pipelines::Run;
use crate::ports::{App, JobList};

/// Every attempt of every job, ascending by id, one page of them.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn list(app: &App, by: &Granted<Reads>, id: PipelineId, page: Page) -> Result<JobList> {
    app.store.jobs(by.repository().id, id, page).await?.ok_or(Error::PipelineNotFound)
}

/// The pipeline whole, of which the newest attempts are shown.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn latest(app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<Run> {
    app.store.run(by.repository().id, id).await?.ok_or(Error::PipelineNotFound)
}
