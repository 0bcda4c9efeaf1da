//! Searching in repositories.

use crate::error::Result;
use crate::model::ids::RepositoryId;
use crate::model::search::{FoundRows, SearchTerms};
use async_trait::async_trait;

/// Searches in repositories.
#[async_trait]
pub trait Search: Send + Sync {
    /// What the terms find in these repositories only, each list with at most `limit` items. Which ones are found of
    /// more is not defined. The rows that the call reads are bounded by the number of repositories and `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn search(
        &self,
        repositories: &[RepositoryId],
        terms: SearchTerms,
        limit: u32,
    ) -> Result<FoundRows>;
}
