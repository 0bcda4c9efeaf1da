//! Forwarded states. The transaction that records a report also writes which states it changes; what the state is, is
//! read when it is claimed.

use crate::error::Result;
use crate::model::deliveries::shares::ClaimLimits;
use crate::model::destinations::Destination;
use crate::model::forwarded_states::{ClaimedState, ForwardedState, StateKey, StateResult, WantedState};
use crate::model::ids::{DestinationId, RepositoryId};
use async_trait::async_trait;
use jiff::Timestamp;

/// Which states of a destination are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateFilter {
    /// Only the one with this id.
    pub id: Option<i64>,
    /// Only those with a smaller id.
    pub before: Option<i64>,
    /// Only those of this commit.
    pub sha: Option<String>,
    /// Only those with this progress: one of [`Progress::NAMES`](crate::model::forwarded_states::Progress::NAMES).
    pub progress: Option<&'static str>,
    /// The greatest number of states.
    pub limit: u32,
}

/// A state as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedState {
    /// The state.
    pub state: ForwardedState,
    /// The context at the forge.
    pub context: String,
    /// The expected state at the forge; `None`: there is none, it is a test, or a list has it and it is sent.
    pub wanted: Option<WantedState>,
}

/// A destination with the states that show whether it works.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationOverview {
    /// The destination.
    pub destination: Destination,
    /// The state that was sent last. It may have changed since.
    pub sent: Option<ListedState>,
    /// A pending state and a stopped one, if there are such: of the newest ones, the first that has a reason.
    pub unsent: Vec<ListedState>,
    /// When the next attempt is due; `None`: no state is pending.
    pub next_at: Option<Timestamp>,
}

/// Forwarded states.
#[async_trait]
pub trait ForwardedStates: Send + Sync {
    /// Adds a state that is due immediately, or makes it due. `None`: the repository has no such destination.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn add_forwarded_state(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        key: StateKey,
        now: Timestamp,
    ) -> Result<Option<ForwardedState>>;
    /// States of a destination, newest first. It shows every acknowledged report.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn forwarded_states(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        filter: StateFilter,
    ) -> Result<Vec<ListedState>>;
    /// The destinations of a repository, oldest first, each with a few states, as of one moment.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn destination_overviews(&self, repository: RepositoryId) -> Result<Vec<DestinationOverview>>;
    /// Makes the states of a destination due, in steps, and counts their attempts from 1 again. One with an attempt in
    /// progress is attempted once more after it. Returns how many were not sent. `None`: the repository has no such
    /// destination.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable); earlier steps stay committed.
    async fn retry_forwarded_states(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        now: Timestamp,
    ) -> Result<Option<u64>>;
    /// Claims states that are due at `now`, of destinations that are enabled and not paused, and counts their
    /// attempts. No other call claims them before `until`. The expected content of each is read after the claim; a
    /// state that cannot be read is not returned, and claimed again later.
    /// [`share`](crate::model::deliveries::shares::share) decides how many of each destination.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn claim_forwarded_states(
        &self,
        now: Timestamp,
        until: Timestamp,
        limits: ClaimLimits,
    ) -> Result<Vec<ClaimedState>>;
    /// Saves the result of an attempt. A state that changed since the claim remains due. When a destination works
    /// again, everything that waits for it becomes due. False, and nothing is saved, when the state was claimed again
    /// or deleted since the claim, or the destination is another project now.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn record_forwarded_state(&self, result: StateResult) -> Result<bool>;
    /// Waits until this process commits a state that is due immediately. It may return early. States of other
    /// processes are found by polling.
    async fn wait_for_forwarded_state(&self);
    /// Makes states due at `now`, and ends pauses of destinations, that would be due or end only after `latest`.
    /// Returns how many; after 0 there are no more.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn bring_forward_states(&self, latest: Timestamp, now: Timestamp) -> Result<u64>;
    /// Deletes some of the states whose destination is deleted. Returns how many.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn delete_orphaned_states(&self) -> Result<u64>;
}
