//! Reading insights: rates and durations of the jobs of a repository.

use super::access::{Granted, Reads};
use crate::error::Result;
use crate::model::insights::{ATTEMPTS_MAX, InsightFilter, Insights, Period};
use crate::model::refs;
use crate::ports::App;

/// Computes the insights of the attempts that ended within the period, at most [`ATTEMPTS_MAX`] of them.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn read_insights(app: &App, by: &Granted<Reads>, filter: InsightFilter) -> Result<Insights> {
    let period = Period::last(filter.days, app.clock.now());
    let git_ref = refs::filter(filter.git_ref);
    let ended = app.store.ended_attempts(by.repository().id, period, git_ref, ATTEMPTS_MAX).await?;
    Ok(Insights::compute(period, ended.cut_before, ended.attempts, filter.order))
}
