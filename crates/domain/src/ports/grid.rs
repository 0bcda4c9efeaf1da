//! Reading the pipelines of a ref with their attempts.

use crate::error::Result;
use crate::model::grid::{GridFilter, GridPipelines};
use crate::model::ids::RepositoryId;
use async_trait::async_trait;

/// Reads the pipelines of a ref with their attempts.
#[async_trait]
pub trait Grids: Send + Sync {
    /// The newest pipelines that match, with all their attempts, in one snapshot: at most `limit`, with at most
    /// `attempts_max` attempts in total, but at least one pipeline.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn grid_pipelines(&self, repository: RepositoryId, filter: GridFilter) -> Result<GridPipelines>;
}
