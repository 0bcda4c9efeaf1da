//! Merge requests: setting the head, and reading them.

use super::access::{Granted, Reads, Reporting, RequiredRole, SignedIn};
use super::gates;
use crate::error::{Error, Result};
use crate::model::gates::Verdict;
use crate::model::ids::MergeRequestIid;
use crate::model::merge_requests::filters::MergeRequestFilter;
use crate::model::merge_requests::{
    CandidatePipeline, CommitOverview, MergeRequest, MergeRequestDetails, MergeRequestHistory,
    MergeRequestInput, heads_over_time, ref_for,
};
use crate::model::page::{ListPage, Page, PageWithTotal, Start, Window};
use crate::model::pipelines::Pipeline;
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::repositories::{Repository, RepositoryFilter};
use crate::model::text;
use crate::ports::{App, Idempotency, IdempotentRequest};
use std::cmp::Reverse;

/// Sets the head and the branches of a merge request; the first call creates it. A repeat with the same
/// `idempotency` changes nothing.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field; [`Error::KeyReused`].
pub async fn set(
    app: &App,
    by: &Granted<Reporting>,
    iid: MergeRequestIid,
    input: MergeRequestInput,
    idempotency: Option<Idempotency>,
) -> Result<MergeRequest> {
    if let Some(idempotency) = &idempotency {
        text::single_line("Idempotency-Key", &idempotency.key, text::NAME_MAX)?;
    }
    let request = idempotency.map(|idempotency| IdempotentRequest { by: by.caller().user.id, idempotency });
    app.store.set_merge_request(by.repository().id, iid, input.check()?, request, app.clock.now()).await
}

/// A merge request with its pipeline.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    iid: MergeRequestIid,
) -> Result<MergeRequestDetails> {
    let found = app.store.merge_request(by.repository().id, iid).await?;
    found.ok_or(Error::NotFound { noun: "merge request" })
}

/// Most pipelines on the ref of a merge request, and on its source branch, that [`history`] reads.
const PIPELINES_MAX: u32 = 50;

/// A merge request with its heads over time.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn history<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    iid: MergeRequestIid,
) -> Result<MergeRequestHistory> {
    let merge_request = show(app, by, iid).await?.merge_request;
    let updates = app.store.merge_request_updates(by.repository().id, iid).await?;
    let mut pipelines = newest_of_ref(app, by, ref_for(iid)).await?;
    let mut is_complete = is_all(&pipelines);
    let candidate = |pipeline: &Pipeline| CandidatePipeline {
        id: pipeline.id,
        sha: pipeline.identity.sha.clone(),
        own_ref: true,
    };
    let on_ref: Vec<_> = pipelines.iter().map(|found| (candidate(found), found.created_at)).collect();
    if let Some((source, _)) = &merge_request.branches {
        let is_head =
            |pipeline: &Pipeline| updates.iter().any(|update| update.head.head_sha == pipeline.identity.sha);
        let on_branch = newest_of_ref(app, by, source.clone()).await?;
        is_complete &= is_all(&on_branch);
        pipelines.extend(on_branch.into_iter().filter(is_head));
    }
    pipelines.sort_by_key(|pipeline| Reverse(pipeline.id));
    let heads = heads_over_time(&updates, &on_ref);
    Ok(MergeRequestHistory { merge_request, heads, pipelines, is_complete })
}

/// Whether [`newest_of_ref`] found all pipelines of the ref.
const fn is_all(newest: &[Pipeline]) -> bool {
    newest.len() < PIPELINES_MAX as usize
}

/// The newest pipelines of a ref, newest first.
async fn newest_of_ref<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    git_ref: String,
) -> Result<Vec<Pipeline>> {
    let of_ref = PipelineFilter { git_ref: Some(git_ref), ..PipelineFilter::default() }.normalized();
    let order = PipelineOrder::Id;
    let newest = Window { order, descending: true, start: Start::Offset(0), limit: PIPELINES_MAX };
    Ok(app.store.find_pipelines(by.repository().id, of_ref, newest).await?.items)
}

/// At most `limit` merge requests of a repository with iids less than `before`, greatest iid first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(
    app: &App,
    by: &Granted<Reads>,
    before: Option<MergeRequestIid>,
    limit: u32,
) -> Result<ListPage<MergeRequest>> {
    app.store.merge_requests(by.repository().id, before, limit).await
}

/// A page of the merge requests of a commit, by its full id, greatest iid first: those with a pipeline of the commit on
/// their ref, and those that had the commit as their head.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_commit<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    sha: &str,
    page: Page,
) -> Result<PageWithTotal<MergeRequest>> {
    app.store.merge_requests_of_commit(by.repository().id, sha, page).await
}

/// The pipelines and merge requests of a commit, by its full id.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn commit_overview(app: &App, by: &Granted<Reads>, sha: &str) -> Result<CommitOverview> {
    app.store.commit_overview(by.repository().id, sha).await
}

/// A page of the merge requests of a repository that match; without `page` only their number.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(
    app: &App,
    by: &Granted<Reads>,
    filter: MergeRequestFilter,
    page: Option<Page>,
) -> Result<PageWithTotal<MergeRequest>> {
    app.store.find_merge_requests(by.repository().id, filter.normalized(), page).await
}

/// A page of the merge requests that match, of all repositories that match and that the caller may see; without
/// `page` only their number.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find_visible(
    app: &App,
    by: &SignedIn,
    repositories: RepositoryFilter,
    filter: MergeRequestFilter,
    page: Option<Page>,
) -> Result<PageWithTotal<(Repository, MergeRequest)>> {
    app.store.visible_merge_requests(by.caller(), repositories, filter.normalized(), page).await
}

/// Whether a merge request may be merged, as far as the results of its head decide it: by the gate of its target
/// branch, or without a rule for that by [`results_allow_merge`](crate::model::merge_requests::results_allow_merge).
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unavailable`].
pub async fn may_merge(app: &App, by: &Granted<Reads>, iid: MergeRequestIid) -> Result<bool> {
    let found = app.store.merge_request_results(by.repository().id, iid).await?;
    let found = found.ok_or(Error::NotFound { noun: "merge request" })?;
    if let Some((_, target)) = &found.merge_request.branches
        && let Some(verdict) = gates::verdict(app, by, &found.merge_request.head_sha, target).await?
    {
        return Ok(verdict == Verdict::Passed);
    }
    Ok(found.allow_merge())
}
