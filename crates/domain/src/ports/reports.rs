//! Writing reports.

use crate::error::Result;
use crate::model::credentials::ReportCredential;
use crate::model::ids::{RepositoryId, UserId};
use crate::model::job_closings::JobClosing;
use crate::model::jobs::filters::FoundJob;
use crate::model::reports::{Receipt, Report};
use async_trait::async_trait;
use jiff::Timestamp;

/// The key of a request that may be repeated safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The key that the caller chose for the request.
    pub key: String,
    /// The SHA-256 digest of the request body.
    pub digest: [u8; 32],
}

/// Reports of one caller to one repository, which are written together.
#[derive(Debug, Clone)]
pub struct ReportBatch {
    /// The repository.
    pub repository_id: RepositoryId,
    /// The user who reports.
    pub reporter: UserId,
    /// The credential of the request; `None`: none, or unknown in the journal of an older version.
    pub credential: Option<ReportCredential>,
    /// The protocol of the request, for the history: `native`, `gitlab`, `import`.
    pub dialect: &'static str,
    /// The time of receipt.
    pub received_at: Timestamp,
    /// The reports, in order.
    pub reports: Vec<Report>,
    /// The key of the request. A repeat returns the receipts of the first request.
    pub idempotency: Option<Idempotency>,
    /// The digest of the signature of a signed request. A repeat returns the receipts of the first request.
    pub signature: Option<[u8; 32]>,
}

/// The results of a batch, one for each report, in order. A refused report changed nothing.
pub type Receipts = Vec<Result<Receipt>>;

/// Writes reports.
#[async_trait]
pub trait Reports: Send + Sync {
    /// Writes a batch. When this returns `Ok`, the accepted reports survive a loss of power, and every later
    /// read sees them. Concurrent first reports of one identity create one pipeline and one job. A refused
    /// report changes nothing.
    ///
    /// # Errors
    /// [`Error::KeyReused`](crate::Error::KeyReused); [`Error::Overloaded`](crate::Error::Overloaded), when
    /// nothing was written; [`Error::Unavailable`](crate::Error::Unavailable), when it is unknown whether the
    /// batch was written; [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn record(&self, batch: ReportBatch) -> Result<Receipts>;
    /// As [`Reports::record`] of a batch with one report, with the attempt as it is after the report. `None`: the
    /// store would have to read it.
    ///
    /// # Errors
    /// As [`Reports::record`].
    async fn record_and_show(&self, batch: ReportBatch) -> Result<(Receipts, Option<FoundJob>)>;
    /// Ends attempts that no build system ended, in one commit, as durable as [`Reports::record`]. The
    /// results are in the order of `closings`: `None` when nothing changed, because a report was received
    /// after [`JobClosing::inactive_since`] or the attempt is finished;
    /// [`Error::NotFound`](crate::Error::NotFound) when there is no such attempt.
    ///
    /// # Errors
    /// As [`Reports::record`].
    async fn close_jobs(&self, closings: Vec<JobClosing>) -> Result<Vec<Result<Option<Receipt>>>>;
}
