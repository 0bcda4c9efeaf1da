//! The state of the store itself.

use crate::error::Result;
use crate::model::integrity::IntegrityState;
use crate::model::storage::{FreeIds, StorageState, StoreFigures};
use async_trait::async_trait;
use jiff::Timestamp;

/// The failure that an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process only: the engine acknowledges before it syncs.
    Process,
    /// A loss of power: the write is on the disk of one machine.
    Local,
    /// The loss of that machine: the write is also on the disk of a second one.
    Quorum,
}

impl Durability {
    /// The name of the variant.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Local => "local",
            Self::Quorum => "quorum",
        }
    }
}

/// Checks, settings and shutdown of the store.
#[async_trait]
pub trait Health: Send + Sync {
    /// Reads, and checks that writing works; `/readyz` calls it.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) with the fault.
    async fn check(&self) -> Result<()>;
    /// The failure that a write acknowledged now survives.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn durability(&self) -> Result<Durability>;
    /// The value of an internal setting, such as whether the demo was loaded.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn setting(&self, name: &str) -> Result<Option<String>>;
    /// Saves an internal setting.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn set_setting(&self, name: &str, value: &str) -> Result<()>;
    /// The time of the clock of the database; `None` for a store inside this process.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn database_time(&self) -> Result<Option<Timestamp>>;
    /// The time when a report was last received or a repository created; `None`: there is no repository.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn last_activity_at(&self) -> Result<Option<Timestamp>>;
    /// The space that the store uses.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn storage(&self) -> Result<StorageState>;
    /// The contents and the backlog of the store, with at most `repositories` repositories by name.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn figures(&self, repositories: u32) -> Result<StoreFigures>;
    /// The state of the integrity check; `None` for an engine that has its own tools for it.
    fn integrity(&self) -> Option<IntegrityState>;
    /// Runs the next step of the integrity check, which takes some ten milliseconds. Returns false if no check
    /// is due. Once damage is found, the store refuses writes with [`Error::Damaged`](crate::Error::Damaged).
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable); the same step can be tried again.
    async fn check_integrity(&self, now: Timestamp) -> Result<bool>;
    /// The repositories with fewer than [`FREE_IDS_LOW`](crate::model::storage::FREE_IDS_LOW) ids of one kind, at
    /// most `limit`, in order of id.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn repositories_with_few_ids(&self, limit: u32) -> Result<Vec<FreeIds>>;
    /// Completes pending writes and closes the database. The store must not be used afterwards.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn close(&self) -> Result<()>;
}
