//! Merge requests: setting the head, and reading them.

use super::access::{Granted, Reads, Reporting};
use crate::error::{Error, Result};
use crate::model::ids::MergeRequestIid;
use crate::model::merge_requests::{MergeRequest, MergeRequestDetails, MergeRequestInput};
use crate::model::page::ListPage;
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
