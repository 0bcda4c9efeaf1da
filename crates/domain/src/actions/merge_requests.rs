//! Merge requests: setting the head, and reading them.

use super::access::{Granted, Reads, Reporting, SignedIn};
use super::gates;
use crate::error::{Error, Result};
use crate::model::gates::Verdict;
use crate::model::ids::MergeRequestIid;
use crate::model::merge_requests::filters::MergeRequestFilter;
use crate::model::merge_requests::{CommitOverview, MergeRequest, MergeRequestDetails, MergeRequestInput};
use crate::model::page::{ListPage, Page, PageWithTotal};
use crate::model::repositories::{Repository, RepositoryFilter};
use crate::model::text;
use crate::ports::{App, Idempotency, IdempotentRequest};

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
pub async fn show(app: &App, by: &Granted<Reads>, iid: MergeRequestIid) -> Result<MergeRequestDetails> {
    let found = app.store.merge_request(by.repository().id, iid).await?;
    found.ok_or(Error::NotFound { noun: "merge request" })
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
pub async fn of_commit(
    app: &App,
    by: &Granted<Reads>,
    sha: &str,
    page: Page,
) -> Result<PageWithTotal<MergeRequest>> {
    app.store.merge_requests_of_commit(by.repository().id, sha, page).await
}

/// What is known of a commit, by its full id.
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
