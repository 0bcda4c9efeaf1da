//! Merge requests: setting the head, and reading them.

use super::access::{Granted, Reads, Reporting, SignedIn};
use super::{gates, jobs};
use crate::error::{Error, Result};
use crate::model::gates::Verdict;
use crate::model::ids::MergeRequestIid;
use crate::model::jobs::combined::CombinedState;
use crate::model::jobs::filters::CommitJobFilter;
use crate::model::merge_requests::filters::MergeRequestFilter;
use crate::model::merge_requests::{
    MergeRequest, MergeRequestDetails, MergeRequestInput, results_allow_merge,
};
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

/// Most merge requests of a commit.
const OF_COMMIT_MAX: u32 = 100;

/// The last merge requests of a commit, by its full id, at most 100, greatest iid first: those with a pipeline of the
/// commit on their ref, and those that had the commit as their head.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_commit(app: &App, by: &Granted<Reads>, sha: &str) -> Result<Vec<MergeRequest>> {
    app.store.merge_requests_of_commit(by.repository().id, sha, OF_COMMIT_MAX).await
}

/// A page of the merge requests of a repository that match.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(
    app: &App,
    by: &Granted<Reads>,
    filter: MergeRequestFilter,
    page: Page,
) -> Result<PageWithTotal<MergeRequest>> {
    app.store.find_merge_requests(by.repository().id, filter.normalized(), page).await
}

/// A page of the merge requests that match, of all repositories that match and that the caller may see.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find_visible(
    app: &App,
    by: &SignedIn,
    repositories: RepositoryFilter,
    filter: MergeRequestFilter,
    page: Page,
) -> Result<PageWithTotal<(Repository, MergeRequest)>> {
    app.store.visible_merge_requests(by.caller(), repositories, filter.normalized(), page).await
}

/// Whether a merge request may be merged, as far as the results of its head decide it: by the gate of its target
/// branch, or without a rule for that by [`results_allow_merge`].
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn may_merge(app: &App, by: &Granted<Reads>, merge_request: &MergeRequest) -> Result<bool> {
    if let Some((_, target)) = &merge_request.branches
        && let Some(verdict) = gates::verdict(app, by, &merge_request.head_sha, target).await?
    {
        return Ok(verdict == Verdict::Passed);
    }
    let of_head = CommitJobFilter { sha: merge_request.head_sha.clone(), ..CommitJobFilter::default() };
    let counts = jobs::of_commit(app, by, of_head, None).await?.counts;
    let head_pipeline = merge_request.head_pipeline().map(|pipeline| pipeline.status);
    Ok(results_allow_merge(head_pipeline, CombinedState::new(&counts)))
}
