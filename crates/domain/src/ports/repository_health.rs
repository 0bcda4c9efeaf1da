//! Reading repositories with the latest pipelines of their default branches.

use crate::error::Result;
use crate::model::access::Caller;
use crate::model::page::Page;
use crate::model::repositories::RepositoryFilter;
use crate::model::repository_health::FoundRepositories;
use async_trait::async_trait;

/// Reads repositories with the latest pipelines of their default branches.
#[async_trait]
pub trait RepositoryHealths: Send + Sync {
    /// The repositories that `viewer` may see, each with its newest pipelines on the default branch, at most
    /// [`RECENT`](crate::model::repository_health::RECENT), and the number of unfinished pipelines of other refs, in
    /// one snapshot. If more than `ranked_max` match, only those of `page`, in the order of `filter`; else all.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repository_health(
        &self,
        viewer: &Caller,
        filter: RepositoryFilter,
        page: Page,
        ranked_max: u32,
    ) -> Result<FoundRepositories>;
}
