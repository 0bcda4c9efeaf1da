//! The store itself.

use crate::error::Result;
use async_trait::async_trait;

/// What a write survives that was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process only: the engine is set to acknowledge before it syncs.
    Process,
    /// A loss of power: it is on the disk of one machine.
    Local,
    /// The loss of that machine: it is on the disk of a second one too.
    Quorum,
}

impl Durability {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Local => "local",
            Self::Quorum => "quorum",
        }
    }
}

/// Facts about the store itself.
#[async_trait]
pub trait Health: Send + Sync {
    /// Reads, and learns whether writing works; what `/readyz` asks.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) saying what does not work.
    async fn check(&self) -> Result<()>;
    /// What a write survives that is acknowledged now.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn durability(&self) -> Result<Durability>;
    /// The value of a small note kept under a name, such as "the demo was loaded".
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn setting(&self, name: &str) -> Result<Option<String>>;
    /// Keeps a small note.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_setting(&self, name: &str, value: &str) -> Result<()>;
    /// Finishes what waits, puts everything in place and lets go of the data. Nothing may be asked afterwards.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn close(&self) -> Result<()>;
}
