//! Branches and tags. They are known only from their pipelines.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::page::{Page, PageWithTotal};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, RefFilter};
use crate::model::refs;
use crate::ports::App;

/// A page of the refs that have pipelines: the newest pipeline of each.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(
    app: &App,
    by: &Granted<Reads>,
    filter: RefFilter,
    page: Page,
) -> Result<PageWithTotal<Pipeline>> {
    app.store.refs(by.repository().id, filter, page).await
}

/// The newest pipeline of a branch.
///
/// # Errors
/// [`Error::NotFound`]: the branch has no pipeline.
pub async fn branch(app: &App, by: &Granted<Reads>, name: &str) -> Result<Pipeline> {
    const NO_BRANCH: Error = Error::NotFound { noun: "branch" };
    if refs::canonical(name).starts_with(RefFilter::FULL) {
        return Err(NO_BRANCH);
    }
    let filter = PipelineFilter { git_ref: Some(name.to_owned()), ..PipelineFilter::default() };
    super::pipelines::newest(app, by, filter).await?.ok_or(NO_BRANCH)
}
