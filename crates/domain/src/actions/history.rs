//! Reading the history of an attempt.

use super::access::{Granted, Reads};
use crate::error::{Error, Result};
use crate::model::as_of::AsOf;
use crate::model::history::HistoryEntry;
use crate::model::ids::JobId;
use crate::ports::App;

/// At most `limit` reports of an attempt with numbers greater than `after`, in order of arrival. `as_of`: only
/// those that the state of its pipeline at this moment includes.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] on `as_of` for a report that is not of the pipeline.
pub async fn list(
    app: &App,
    by: &Granted<Reads>,
    job: JobId,
    after: i64,
    limit: u32,
    as_of: Option<AsOf>,
) -> Result<Vec<HistoryEntry>> {
    let repository = by.repository().id;
    let until = match as_of {
        None => i64::MAX,
        Some(as_of) => {
            let last = app.store.last_report_as_of(repository, job, as_of).await?;
            last.ok_or(Error::NotFound { noun: "job" })?
        }
    };
    let mut entries = app.store.history(repository, job, after, limit).await?;
    // Every attempt has a report, so an empty page is the end of a history, or the job does not exist.
    if entries.is_empty() && app.store.job(repository, job).await?.is_none() {
        return Err(Error::NotFound { noun: "job" });
    }
    entries.retain(|entry| entry.report_id <= until);
    Ok(entries)
}
