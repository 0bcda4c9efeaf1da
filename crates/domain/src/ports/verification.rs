//! Reading a whole store, to compare it with what its reports make. Nothing is written, and a server may be at work on it.

use crate::error::Result;
use crate::model::ids::{PipelineId, RepositoryId};
use crate::model::pipelines::{Counters, PipelineState};
use crate::model::verification::{Difference, StoredReport};
use async_trait::async_trait;

/// Reading a whole store.
#[async_trait]
pub trait Verification: Send + Sync {
    /// The repositories, each with how many pipelines it has.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), as all reads.
    async fn pipeline_counts(&self) -> Result<Vec<(RepositoryId, u64)>>;
    /// The next pipelines in order of id, after the one with this id (0: from the beginning), each with how many attempts it says to have.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn pipelines_after(
        &self,
        repository: RepositoryId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(PipelineId, u32)>>;
    /// The pipelines with ids in this range, both ends in it, with all their reports in order of arrival; all as of one moment.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable); [`Error::Internal`](crate::Error::Internal) for rows that no version of this
    /// program wrote.
    async fn pipelines_with_reports(
        &self,
        repository: RepositoryId,
        from: PipelineId,
        to: PipelineId,
    ) -> Result<Vec<(PipelineState, Vec<StoredReport>)>>;
    /// The last ids given out in a repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn counters(&self, repository: RepositoryId) -> Result<Option<Counters>>;
    /// What is counted and is not there, and what is there and belongs to nothing; all as of one moment, a bounded number of each.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn check_counts(&self, repository: RepositoryId) -> Result<Vec<Difference>>;
    /// What the engine finds damaged in its own files, where it can tell, in its words.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn engine_damage(&self) -> Result<Vec<String>>;
}
