//! Reading the attempts that insights are computed from.

use crate::error::Result;
use crate::model::ids::RepositoryId;
use crate::model::insights::{EndedAttempt, Period};
use async_trait::async_trait;
use jiff::Timestamp;

/// Attempts that ended, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndedAttempts {
    /// The attempts.
    pub attempts: Vec<EndedAttempt>,
    /// There were too many attempts: those that ended before this time are missing.
    pub cut_before: Option<Timestamp>,
}

/// Reads the attempts that insights are computed from.
#[async_trait]
pub trait Insights: Send + Sync {
    /// The attempts that ended from `period.since` to `period.until`, both included, of all refs or of
    /// `git_ref`. The call reads at most the `limit` attempts of the whole repository that ended last.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn ended_attempts(
        &self,
        repository: RepositoryId,
        period: Period,
        git_ref: Option<String>,
        limit: u32,
    ) -> Result<EndedAttempts>;
}
