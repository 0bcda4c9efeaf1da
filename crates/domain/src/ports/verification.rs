//! Reading a whole store, to compare it with the result of its reports. It writes nothing, and a server may
//! use the store at the same time.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::pipelines::Counters;
use crate::model::verification::{Difference, PipelineRecord};
use async_trait::async_trait;

/// Reads a whole store.
#[async_trait]
pub trait Verification: Send + Sync {
    /// The repositories, each with the number of its pipelines.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), as all reads.
    async fn pipeline_counts(&self) -> Result<Vec<(RepositoryId, u64)>>;
    /// At most `limit` pipelines with ids greater than `after`, in order of id, each with its `job_count`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn pipelines_after(
        &self,
        repository: RepositoryId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(PipelineId, u32)>>;
    /// The pipelines with ids `from` to `to`, both included, in one snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable); [`Error::Internal`](crate::Error::Internal) for
    /// invalid rows.
    async fn pipelines_with_reports(
        &self,
        repository: RepositoryId,
        from: PipelineId,
        to: PipelineId,
    ) -> Result<Vec<PipelineRecord>>;
    /// The last ids that were assigned in a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn counters(&self, repository: RepositoryId) -> Result<Option<Counters>>;
    /// Counts that differ from the number of rows, and rows without a parent; in one snapshot, a bounded
    /// number of each.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn check_counts(&self, repository: RepositoryId) -> Result<Vec<Difference>>;
    /// The damage that the engine finds in its own files, in its own texts. Empty for an engine that cannot
    /// check them.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn engine_damage(&self) -> Result<Vec<String>>;
}
