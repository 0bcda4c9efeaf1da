//! Used signatures.

use crate::error::Result;
use async_trait::async_trait;

/// Remembers the signatures of requests that change something, so that a captured request cannot be sent again.
/// Reports store theirs with [`ReportBatch::signature`](super::ReportBatch::signature) in their own commit.
#[async_trait]
pub trait Signatures: Send + Sync {
    /// Uses up the signature with this digest. False when it was used before, on this node or another one, also
    /// before a restart. It is kept at least as long as its request is accepted, whatever the wall clock
    /// does meanwhile.
    ///
    /// # Errors
    /// [`Error::Overloaded`](crate::Error::Overloaded), [`Error::Unavailable`](crate::Error::Unavailable).
    async fn use_signature(&self, digest: [u8; 32]) -> Result<bool>;
}
