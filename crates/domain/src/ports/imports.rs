//! Writing imported pipelines.

use crate::error::Result;
use crate::model::credentials::ReportCredential;
use crate::model::ids::UserId;
use crate::model::imports::ImportedPipeline;
use async_trait::async_trait;
use jiff::Timestamp;

/// Writes imported pipelines.
#[async_trait]
pub trait Imports: Send + Sync {
    /// Writes a pipeline of another system, with a report for each attempt, sent by `reporter` with `credential`.
    /// False, and nothing changes, when a pipeline with its id or
    /// identity exists.
    ///
    /// # Errors
    /// As [`Reports::record`](super::Reports::record), and [`Error::Invalid`](crate::Error::Invalid) on the
    /// invalid field, such as the id of a job that is in use.
    async fn import_pipeline(
        &self,
        imported: ImportedPipeline,
        reporter: UserId,
        credential: Option<ReportCredential>,
        now: Timestamp,
    ) -> Result<bool>;
}
