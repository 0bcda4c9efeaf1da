//! Reading the history of an attempt.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::history::HistoryEntry;
use crate::model::ids::JobId;
use crate::ports::App;

/// At most `limit` reports of an attempt with numbers greater than `after`, in order of arrival.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    by: &Granted<Reads>,
    job: JobId,
    after: i64,
    limit: u32,
) -> Result<Vec<HistoryEntry>> {
    let repository = by.repository().id;
    let entries = app.store.history(repository, job, after, limit).await?;
    // Every attempt has a report, so an empty page is the end of a history, or the job does not exist.
    if entries.is_empty() && app.store.job(repository, job).await?.is_none() {
        return Err(Error::NotFound { noun: "job" });
    }
    Ok(entries)
}
