//! Reading and deleting events.

use crate::error::Result;
use crate::model::events::Event;
use crate::model::ids::RepositoryId;
use async_trait::async_trait;

/// A page of the events of a repository.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// The events, in order of their numbers, without gaps.
    pub events: Vec<Event>,
    /// The number of the oldest stored event, or `last` + 1 when none is stored; a later number if all events
    /// before that were read. A reader that has not read every event before it has missed events.
    pub oldest: i64,
    /// The number of the last committed event; 0: there was none.
    pub last: i64,
}

/// Reads and deletes events. The transaction of a change also writes its events.
#[async_trait]
pub trait Events: Send + Sync {
    /// At most `limit` events with numbers greater than `after`, read in one snapshot. After an event was
    /// read, no event with a smaller number appears.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn events(&self, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage>;
    /// Waits until the number of the last event may be greater than `after`: not at all when it is, else
    /// until at most a second after a commit of any node. It may return early. Dropping the future loses no
    /// event.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn wait_for_event(&self, repository: RepositoryId, after: i64) -> Result<()>;
    /// Deletes some of the events recorded before `before`, oldest first, but never the last event of a
    /// repository. Events of one second are deleted together. `now` is the trusted time: an event recorded after
    /// it, by a clock that was ahead, is deleted with the events that follow it. Returns how many.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable), [`Error::Overloaded`](crate::Error::Overloaded).
    async fn delete_old_events(&self, before: jiff::Timestamp, now: jiff::Timestamp) -> Result<u64>;
}
