//! Destinations.

use crate::error::Result;
use crate::model::destinations::{Destination, DestinationChange};
use crate::model::ids::{DestinationId, RepositoryId};
use crate::model::webhooks::networks::Networks;
use async_trait::async_trait;
use jiff::Timestamp;

/// Reads and writes destinations.
#[async_trait]
pub trait Destinations: Send + Sync {
    /// Saves a destination. The store assigns its `id`.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with [`TooMany`](crate::error::Problem::TooMany) on `destinations`
    /// when its repository has [`DESTINATIONS_MAX`](crate::model::destinations::DESTINATIONS_MAX).
    async fn create_destination(&self, destination: Destination) -> Result<Destination>;
    /// The destinations of a repository, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn destinations(&self, repository: RepositoryId) -> Result<Vec<Destination>>;
    /// Changes a destination, and then makes its states due that are not sent; all of them, if it was disabled. For
    /// another project or forge, the same write deletes the records of sent states. `None`: the repository has no such
    /// destination.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid); then nothing has changed.
    async fn change_destination(
        &self,
        repository: RepositoryId,
        id: DestinationId,
        change: DestinationChange,
        allowed: Networks,
        now: Timestamp,
    ) -> Result<Option<Destination>>;
    /// Deletes a destination. Its states are deleted later. False when there was none.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_destination(&self, repository: RepositoryId, id: DestinationId) -> Result<bool>;
}
