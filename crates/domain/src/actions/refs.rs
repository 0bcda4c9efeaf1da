//! Branches and tags. They are known only from their pipelines.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::page::{Page, PageWithTotal};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, RefFilter, RefKind};
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
    newest(app, by, name.to_owned()).await?.ok_or(NO_BRANCH)
}

/// The newest pipeline of a tag, by its name without `refs/tags/`.
///
/// # Errors
/// [`Error::NotFound`]: the tag has no pipeline.
pub async fn tag(app: &App, by: &Granted<Reads>, name: &str) -> Result<Pipeline> {
    newest(app, by, format!("{}{name}", RefKind::TAGS)).await?.ok_or(Error::NotFound { noun: "tag" })
}

/// The newest pipeline of a ref.
async fn newest(app: &App, by: &Granted<Reads>, git_ref: String) -> Result<Option<Pipeline>> {
    let filter = PipelineFilter { git_ref: Some(git_ref), ..PipelineFilter::default() };
    super::pipelines::newest(app, by, filter).await
}
