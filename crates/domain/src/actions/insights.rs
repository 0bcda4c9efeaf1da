//! How the jobs of a repository did of late.

use super::access::{Granted, Reads};
use crate::error::Result;
use crate::model::insights::{ATTEMPTS_MAX, InsightFilter, Insights, Period};
use crate::ports::App;

/// Looks at the attempts that ended in the last days, at most [`ATTEMPTS_MAX`] of them.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn read_insights(app: &App, by: &Granted<Reads>, filter: InsightFilter) -> Result<Insights> {
    let period = Period::last(filter.days, app.clock.now());
    let found = app.store.ended_attempts(by.repository().id, period, filter.git_ref, ATTEMPTS_MAX).await?;
    Ok(Insights::compute(period, found.cut_before, found.attempts, filter.order))
}
