//! Writing what ran elsewhere.

use crate::error::Result;
use crate::model::ids::UserId;
use crate::model::imports::ImportedPipeline;
use async_trait::async_trait;
use jiff::Timestamp;

/// Writing what ran elsewhere.
#[async_trait]
pub trait Imports: Send + Sync {
    /// Writes a pipeline that ran elsewhere. `false` when one of its id or identity is already there; nothing is changed then.
    ///
    /// # Errors
    /// As [`Reports::record`](super::Reports::record), and [`Error::Invalid`](crate::Error::Invalid) naming what cannot be taken, such as a job id in use.
    async fn import_pipeline(
        &self,
        imported: ImportedPipeline,
        reporter: UserId,
        now: Timestamp,
    ) -> Result<bool>;
}
