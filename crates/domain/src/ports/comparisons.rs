//! Reading what a pipeline is compared with.

use crate::error::Result;
use crate::model::comparisons::RelatedPipelines;
use crate::model::ids::RepositoryId;
use crate::model::pipelines::Pipeline;
use async_trait::async_trait;

/// Reads the pipelines that a pipeline is compared with.
#[async_trait]
pub trait Comparisons: Send + Sync {
    /// The other pipelines of the ref and source of `head`, as of one moment. Each part is a range of the index by ref,
    /// which ends at the first match; only `older` has more than one pipeline, the newest `older_max`.
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
