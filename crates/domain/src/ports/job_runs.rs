//! Reading the attempts of one job across pipelines.

use crate::error::Result;
use crate::model::ids::RepositoryId;
use crate::model::job_runs::{JobAttempts, JobRunsFilter};
use async_trait::async_trait;

/// Reads the attempts of one job across pipelines.
#[async_trait]
pub trait JobRuns: Send + Sync {
    /// The newest attempts that match, at most `limit`. The call reads at most
    /// [`NAMED_MAX`](crate::model::job_runs::NAMED_MAX) attempts with the name of the job.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn job_attempts(
        &self,
        repository: RepositoryId,
        filter: JobRunsFilter,
        limit: u32,
    ) -> Result<JobAttempts>;
}
