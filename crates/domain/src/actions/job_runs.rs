//! Reading one job across pipelines.

use super::access::{Granted, Reads};
use crate::error::Result;
use crate::model::job_runs::{ATTEMPTS_MAX, JobRunsFilter, JobSummary};
use crate::ports::App;

/// Summarizes the newest attempts of a job, at most [`ATTEMPTS_MAX`].
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn summarize(app: &App, by: &Granted<Reads>, filter: JobRunsFilter) -> Result<JobSummary> {
    let of_one_ref = filter.git_ref.is_some();
    let found = app.store.job_attempts(by.repository().id, filter.normalized(), ATTEMPTS_MAX).await?;
    Ok(JobSummary::of(found, of_one_ref))
}
