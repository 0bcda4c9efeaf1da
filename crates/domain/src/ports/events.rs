//! Reading events, and waiting for them.

use crate::error::Result;
use crate::model::events::Event;
use crate::model::ids::RepositoryId;
use async_trait::async_trait;

/// Some of a repository's events.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// In order of their numbers, without gaps.
    pub events: Vec<Event>,
    /// The number of the oldest event that is kept, or one more than `last` when none is: who has not seen all before it has missed some.
    pub oldest: i64,
    /// The number of the last one committed; 0: there was none.
    pub last: i64,
}

/// Reading events, and waiting for them. Every commit writes its events with it.
#[async_trait]
pub trait Events: Send + Sync {
    /// The events with numbers greater than `after`, at most `limit`, read in one snapshot. Once an event has been seen, no event
    /// with a smaller number appears.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn events(&self, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage>;
    /// Waits until the last event's number may be greater than `after`: at once where it is, else within a second after a commit by whatever
    /// node. May return early. Whoever stops waiting loses nothing.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn wait_for_event(&self, repository: RepositoryId, after: i64) -> Result<()>;
    /// Deletes some of the events recorded before `before`, the oldest first; the last one of a repository stays. Answers how many.
    ///
    /// # Errors
    /// As writes.
    async fn delete_old_events(&self, before: jiff::Timestamp) -> Result<u64>;
}
