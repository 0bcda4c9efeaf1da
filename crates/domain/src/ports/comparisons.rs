//! Reading what a pipeline is compared with.

use crate::error::Result;
use crate::model::comparisons::RelatedPipelines;
use crate::model::ids::RepositoryId;
use crate::model::pipelines::Pipeline;
use async_trait::async_trait;

/// Reads the pipelines that a pipeline is compared with.
#[async_trait]
pub trait Comparisons: Send + Sync {
    /// The other pipelines of the ref and source of `head`, as of one moment; `older` has the newest `older_max`. A
    /// bounded number is read, however many pipelines the ref has: the neighbours are searched among the 20,000 nearest
    /// ones of the ref, as those of a page of a list.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn related_pipelines(
        &self,
        repository: RepositoryId,
        head: &Pipeline,
        older_max: u32,
    ) -> Result<RelatedPipelines>;
}
