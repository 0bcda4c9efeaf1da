//! Commits. They are known only from their pipelines.

use super::access::{Granted, Reads, RequiredRole};
use super::pipelines;
use crate::error::Result;
use crate::model::ids::PipelineId;
use crate::model::page::ListPage;
use crate::model::pipelines::filters::PipelineFilter;
use crate::model::{refs, text};
use crate::ports::{App, CommitPipeline};

/// Least number of digits of an abbreviated commit id, as in git.
const ABBREVIATION_MIN: usize = 4;

/// The full id of the commit in a request. A full id is returned as it is, whether the commit has pipelines
/// or not. An abbreviated id is resolved when exactly one commit with pipelines has this prefix.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn resolve<N: RequiredRole>(app: &App, by: &Granted<N>, named: &str) -> Result<Option<String>> {
    if let Ok(sha) = text::sha("sha", named) {
        return Ok(Some(sha));
    }
    if !(ABBREVIATION_MIN..64).contains(&named.len()) || !named.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let known = app.store.commits(by.repository().id, &named.to_ascii_lowercase(), 2).await?;
    Ok(<[String; 1]>::try_from(known).ok().map(|[sha]| sha))
}

/// Like [`resolve`]; a branch, or else a tag, is resolved to the commit of its newest pipeline. Its name may look like
/// an abbreviated id (`2024`, `feed`), so it comes before that.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn resolve_or_ref(app: &App, by: &Granted<Reads>, named: &str) -> Result<Option<String>> {
    if let Ok(sha) = text::sha("sha", named) {
        return Ok(Some(sha));
    }
    for git_ref in refs::named(named) {
        let of_ref = PipelineFilter { git_ref: Some(git_ref), ..PipelineFilter::default() };
        if let Some(newest) = pipelines::newest(app, by, of_ref).await? {
            return Ok(Some(newest.identity.sha.clone()));
        }
    }
    resolve(app, by, named).await
}

/// Pipelines per page of [`pipelines_of_commit`].
pub const PIPELINES_MAX: u32 = 20;
/// Most attempts per pipeline in [`pipelines_of_commit`].
pub const JOBS_MAX: u32 = 50;

/// A page of the pipelines of a commit, by its full id, newest first, each with its newest attempts. `before`
/// is the `next` of the previous page.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn pipelines_of_commit<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    sha: &str,
    before: Option<PipelineId>,
) -> Result<ListPage<CommitPipeline>> {
    app.store.commit_pipelines(by.repository().id, sha, before, PIPELINES_MAX, JOBS_MAX).await
}
