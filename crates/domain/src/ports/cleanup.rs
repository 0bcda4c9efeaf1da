//! Deleting expired credentials and old responses.

use crate::error::Result;
use async_trait::async_trait;
use jiff::Timestamp;

/// Which rows are deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiredRows {
    /// Sessions and sign-in links that expired before this time.
    pub expired_before: Timestamp,
    /// Temporary keys that expired before this time.
    pub keys_expired_before: Timestamp,
    /// Responses to requests with an idempotency key that were stored before this time.
    pub responses_before: Timestamp,
}

/// Deletes expired credentials and old responses.
#[async_trait]
pub trait Cleanup: Send + Sync {
    /// Deletes some of these rows. Returns how many; 0: there are none left.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), [`Error::Overloaded`](crate::Error::Overloaded).
    async fn delete_expired_rows(&self, rows: ExpiredRows) -> Result<u64>;
}
