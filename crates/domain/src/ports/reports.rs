//! Writing reports.

use crate::error::Result;
use crate::model::ids::{RepositoryId, UserId};
use crate::model::job_closings::JobClosing;
use crate::model::reports::{Receipt, Report};
use async_trait::async_trait;
use jiff::Timestamp;

/// A request may be repeated safely under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The caller's word for the request.
    pub key: String,
    /// SHA-256 of the request's body.
    pub digest: [u8; 32],
}

/// Reports of one caller to one repository, to be written together.
#[derive(Debug, Clone)]
pub struct ReportBatch {
    /// Where.
    pub repository_id: RepositoryId,
    /// Who.
    pub reporter: UserId,
    /// The protocol it came in by, for the history: `native`, `gitlab`, `import`.
    pub dialect: &'static str,
    /// When it reached us.
    pub received_at: Timestamp,
    /// What was said, in order.
    pub reports: Vec<Report>,
    /// Makes a repeat of the request answer like the first.
    pub idempotency: Option<Idempotency>,
}

/// The answers to a batch, one for each report in its order; refused ones changed nothing.
pub type Receipts = Vec<Result<Receipt>>;

/// Writing reports.
#[async_trait]
pub trait Reports: Send + Sync {
    /// Writes a batch. When this returns `Ok`, what it accepted survives a loss of power, and every read that begins
    /// afterwards sees it. Racing first reports of one identity make one pipeline and one job. A refused report leaves
    /// nothing behind.
    ///
    /// # Errors
    /// [`Error::KeyReused`](crate::Error::KeyReused), [`Error::Overloaded`](crate::Error::Overloaded) (nothing written), [`Error::Unavailable`](crate::Error::Unavailable) (unknown whether written),
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound).
    async fn record(&self, batch: ReportBatch) -> Result<Receipts>;
    /// Ends attempts that no build system ends, durably as [`Reports::record`], all in one commit. Each is answered in its order:
    /// `None` when nothing was done, because it was heard of after [`Closing::unheard_since`] or is over; [`Error::NotFound`](crate::Error::NotFound) when there is no
    /// such attempt.
    ///
    /// # Errors
    /// As [`Reports::record`].
    async fn close_jobs(&self, closings: Vec<JobClosing>) -> Result<Vec<Result<Option<Receipt>>>>;
}
