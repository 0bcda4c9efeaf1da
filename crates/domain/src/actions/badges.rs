//! The status and the verdict of a ref, for badges.

use super::access::RefStatusAccess;
use super::gates;
use crate::error::{Error, Result};
use crate::model::gates::Verdict;
use crate::model::page::{Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::status::Status;
use crate::model::{merge_requests, refs};
use crate::ports::App;

/// The status of the newest pipeline of a ref; `None`: the ref has no pipeline.
///
/// # Errors
/// [`crate::Error::Invalid`] on `ref`, [`crate::Error::Unavailable`].
pub async fn status(app: &App, by: &RefStatusAccess, git_ref: &str) -> Result<Option<Status>> {
    Ok(newest(app, by, git_ref).await?.map(|pipeline| pipeline.status))
}

/// The verdict of the commit of the newest pipeline of a ref, for `target`, as in [`verdict_of_commit`], else the ref
/// itself. `None`: the ref has no pipeline, or no target branch is known.
///
/// # Errors
/// [`crate::Error::Invalid`] on `ref` or `target`, [`crate::Error::Unavailable`].
pub async fn verdict(
    app: &App,
    by: &RefStatusAccess,
    git_ref: &str,
    target: Option<&str>,
) -> Result<Option<Verdict>> {
    let Some(newest) = newest(app, by, git_ref).await? else { return Ok(None) };
    let target = Some(target.unwrap_or(git_ref));
    let found = verdict_of_commit(app, by, &newest.identity.sha, target).await?;
    Ok(found.map(|(verdict, _)| verdict))
}

/// The verdict of a commit, by its full id, and the target branch. `target`: as in [`gates::show`]. A caller without a
/// role in the repository may not learn the target of a merge request or merge queue: for it, only a branch is a
/// target, and the default branch without `target`. `None`: no target branch is known, or there are several.
///
/// # Errors
/// [`crate::Error::Invalid`] on `sha` or `target`, [`crate::Error::Unavailable`].
pub async fn verdict_of_commit(
    app: &App,
    by: &RefStatusAccess,
    sha: &str,
    target: Option<&str>,
) -> Result<Option<(Verdict, String)>> {
    let target = target.map(|target| refs::check("target", target)).transpose()?;
    let gate = if by.has_role() {
        gates::of_public_commit(app, by, sha, target.as_deref()).await
    } else {
        let branch = target.as_deref().unwrap_or(&by.repository().default_branch);
        if !is_branch(branch) {
            return Ok(None);
        }
        gates::of_public_branch(app, by, sha, branch).await
    };
    match gate {
        Ok(gate) => Ok(Some((gate.evaluation().verdict, gate.target))),
        Err(Error::Invalid(invalid)) if invalid.field == "target" => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the name of a ref, as it is stored, is that of a branch.
fn is_branch(name: &str) -> bool {
    !name.starts_with("refs/") && merge_requests::iid_from_any_ref(name).is_none()
}

async fn newest(app: &App, by: &RefStatusAccess, git_ref: &str) -> Result<Option<Pipeline>> {
    let git_ref = refs::check("ref", git_ref)?;
    let of_ref = PipelineFilter { git_ref: Some(git_ref), ..PipelineFilter::default() };
    let newest = Window { order: PipelineOrder::Id, descending: true, start: Start::Offset(0), limit: 1 };
    let newest_page = app.store.find_pipelines(by.repository().id, of_ref, newest).await?;
    Ok(newest_page.items.into_iter().next())
}
