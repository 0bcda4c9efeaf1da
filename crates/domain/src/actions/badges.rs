//! The status and the verdict of a ref, for badges.

use super::access::RefStatusAccess;
use super::gates;
use crate::error::Result;
use crate::model::gates::Verdict;
use crate::model::page::{Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::refs;
use crate::model::status::Status;
use crate::ports::App;

/// The status of the newest pipeline of a ref; `None`: the ref has no pipeline.
///
/// # Errors
/// [`crate::Error::Invalid`] on `ref`, [`crate::Error::Unavailable`].
pub async fn status(app: &App, by: &RefStatusAccess, git_ref: &str) -> Result<Option<Status>> {
    Ok(newest(app, by, git_ref).await?.map(|pipeline| pipeline.status))
}

/// The verdict of the commit of the newest pipeline of a ref, and the target branch that it is for: `target`, a branch
/// or a ref of a merge queue or merge request, else the ref itself. `None`: the ref has no pipeline.
///
/// # Errors
/// [`crate::Error::Invalid`] on `ref` or `target`, [`crate::Error::Unavailable`].
pub async fn verdict(
    app: &App,
    by: &RefStatusAccess,
    git_ref: &str,
    target: Option<&str>,
) -> Result<Option<(Verdict, String)>> {
    let Some(newest) = newest(app, by, git_ref).await? else { return Ok(None) };
    let target = target.unwrap_or(git_ref);
    Ok(Some(verdict_of_commit(app, by, &newest.identity.sha, Some(target)).await?))
}

/// The verdict of a commit, by its full id, and the target branch that it is for. `target`: as in
/// [`gates::show`].
///
/// # Errors
/// As [`gates::show`].
pub async fn verdict_of_commit(
    app: &App,
    by: &RefStatusAccess,
    sha: &str,
    target: Option<&str>,
) -> Result<(Verdict, String)> {
    let gate = gates::of_public_commit(app, by, sha, target).await?;
    Ok((gate.evaluation().verdict, gate.target))
}

async fn newest(app: &App, by: &RefStatusAccess, git_ref: &str) -> Result<Option<Pipeline>> {
    let git_ref = refs::check("ref", git_ref)?;
    let of_ref = PipelineFilter { git_ref: Some(git_ref), ..PipelineFilter::default() };
    let newest = Window { order: PipelineOrder::Id, descending: true, start: Start::Offset(0), limit: 1 };
    let newest_page = app.store.find_pipelines(by.repository().id, of_ref, newest).await?;
    Ok(newest_page.items.into_iter().next())
}
