//! What insights are made of.

use crate::error::Result;
use crate::model::ids::RepositoryId;
use crate::model::insights::{EndedAttempt, Period};
use async_trait::async_trait;
use jiff::Timestamp;

/// Attempts that ended, in no order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndedAttempts {
    /// The attempts.
    pub attempts: Vec<EndedAttempt>,
    /// There were too many: none that ended before this time are among them.
    pub cut_before: Option<Timestamp>,
}

/// What insights are made of.
#[async_trait]
pub trait Insights: Send + Sync {
    /// The attempts that ended from `period.since` to `period.until`, both included; of one ref, where one is named. At most the `most`
    /// newest of the whole repository are looked at, by when they ended.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn ended_attempts(
        &self,
        repository: RepositoryId,
        period: Period,
        git_ref: Option<String>,
        most: u32,
    ) -> Result<EndedAttempts>;
}
