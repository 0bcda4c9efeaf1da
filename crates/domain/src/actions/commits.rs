//! Commits, known only by the pipelines that ran for them.

use super::access::{Granted, Reads, RequiredRole};
use crate::error::Result;
use crate::model::ids::PipelineId;
use crate::model::page::{ListPage, Start, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::text;
use crate::ports::{App, CommitPipeline};

/// Shortest beginning of a commit id that names a commit, as in git.
const SHORTEST: usize = 4;

/// The full id of the commit that a request names: a full id stands for itself, known or not; the beginning of one for the only commit
/// with pipelines that begins so.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn resolve<N: RequiredRole>(app: &App, by: &Granted<N>, named: &str) -> Result<Option<String>> {
    if let Ok(sha) = text::sha("sha", named) {
        return Ok(Some(sha));
    }
    if !(SHORTEST..64).contains(&named.len()) || !named.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let known = app.store.commits(by.repository().id, &named.to_ascii_lowercase(), 2).await?;
    Ok(<[String; 1]>::try_from(known).ok().map(|[sha]| sha))
}

/// Like [`resolve`], where a branch or tag stands for the commit of its newest pipeline.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn resolve_or_ref(app: &App, by: &Granted<Reads>, named: &str) -> Result<Option<String>> {
    if let Some(sha) = resolve(app, by, named).await? {
        return Ok(Some(sha));
    }
    let of_ref = PipelineFilter { git_ref: Some(named.to_owned()), ..PipelineFilter::default() };
    let newest = Window { order: PipelineOrder::Id, descending: true, start: Start::Offset(0), limit: 1 };
    let mut found = app.store.find_pipelines(by.repository().id, of_ref, newest).await?;
    Ok(found.items.pop().map(|pipeline| pipeline.identity.sha))
}

/// Pipelines of a commit that [`runs`] tells at once.
pub const PIPELINES_MAX: u32 = 20;
/// Attempts of each that it tells at most.
pub const JOBS_MAX: u32 = 50;

/// A page of the pipelines of a commit, newest first, each with its newest attempts. `before` is the last page's `next`; who knows no full id
/// asks [`resolve`] first.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn pipelines_of_commit(
    app: &App,
    by: &Granted<Reads>,
    sha: &str,
    before: Option<PipelineId>,
) -> Result<ListPage<CommitPipeline>> {
    app.store.commit_pipelines(by.repository().id, sha, before, PIPELINES_MAX, JOBS_MAX).await
}
