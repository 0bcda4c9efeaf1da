//! The store itself.

use crate::error::Result;
use async_trait::async_trait;

/// Facts about the store itself.
#[async_trait]
pub trait Health: Send + Sync {
    /// Reads, and learns whether writing works; what `/readyz` asks.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) saying what does not work.
    async fn check(&self) -> Result<()>;
    /// The value of a small note kept under a name, such as "the demo was loaded".
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn note(&self, name: &str) -> Result<Option<String>>;
    /// Keeps a small note.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_note(&self, name: &str, value: &str) -> Result<()>;
    /// Finishes what waits, puts everything in place and lets go of the data. Nothing may be asked afterwards.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn close(&self) -> Result<()>;
}
