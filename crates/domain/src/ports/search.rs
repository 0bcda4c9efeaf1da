//! Searching in repositories.

use crate::error::Result;
use crate::model::ids::RepositoryId;
use crate::model::search::{FoundRows, SearchLimits, SearchTerms};
use async_trait::async_trait;

/// Searches in repositories.
#[async_trait]
pub trait Search: Send + Sync {
    /// What the terms find in these repositories only, each list with at most `limits.hits` items: of refs and jobs the
    /// best matches, and among equal ones those of the first repositories; of others any. The rows that the call reads
    /// are bounded by the number of repositories and by `limits`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn search(
        &self,
        repositories: &[RepositoryId],
        terms: SearchTerms,
        limits: SearchLimits,
    ) -> Result<FoundRows>;
}
