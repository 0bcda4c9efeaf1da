//! Forwarded states: listing them, testing a destination, trying again, and sending them from the server.

use super::access::{Granted, Manages};
use super::destinations::not_found;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::deliveries::DELAY_MAX;
use crate::model::deliveries::shares::ClaimLimits;
use crate::model::destinations::Destination;
use crate::model::forwarded_states::{
    ClaimedState, ForgeOutcome, ForgeStatus, ForwardedState, StateKey, StateResult, Target,
};
use crate::model::ids::DestinationId;
use crate::ports::{App, DestinationOverview, ListedState, StateFilter};
use jiff::SignedDuration;

/// The duration of a claim. A request ends before it, so no two requests about one state run at the same time.
pub const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// The longest time of an attempt.
pub const ATTEMPT_MAX: SignedDuration = SignedDuration::from_secs(10);
/// The shortest time of an attempt: with less, it does not start.
const ATTEMPT_MIN: SignedDuration = SignedDuration::from_secs(2);
/// The part of a claim after the end of a request. The forge may still work on a request that was given up.
const MARGIN: SignedDuration = SignedDuration::from_secs(4);

/// The time that an attempt may take which starts so long after its claim began; `None`: too little is left, and the
/// state is claimed again when the claim has expired.
pub fn attempt_time(since_claim: SignedDuration) -> Option<SignedDuration> {
    let remaining = LEASE.saturating_sub(MARGIN).saturating_sub(since_claim);
    (remaining >= ATTEMPT_MIN).then(|| remaining.min(ATTEMPT_MAX))
}

/// At most `limit` states of a destination with an id below `before`, newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    by: &Granted<Manages>,
    destination: DestinationId,
    filter: StateFilter,
) -> Result<Vec<ListedState>> {
    super::destinations::show(app, by, destination).await?;
    app.store.forwarded_states(by.repository().id, destination, filter).await
}

/// The destinations of a repository, oldest first, each with a few states. A response must not contain their tokens.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn overviews(app: &App, by: &Granted<Manages>) -> Result<Vec<DestinationOverview>> {
    app.store.destination_overviews(by.repository().id).await
}

/// One state.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(
    app: &App,
    by: &Granted<Manages>,
    destination: DestinationId,
    id: i64,
) -> Result<ListedState> {
    super::destinations::show(app, by, destination).await?;
    let filter = StateFilter { id: Some(id), limit: 1, ..StateFilter::default() };
    let found = app.store.forwarded_states(by.repository().id, destination, filter).await?.pop();
    found.ok_or(Error::NotFound { noun: "forwarded state" })
}

/// Tests whether the forge accepts the token: reads the project there, once. It sends no status.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`], or with [`Problem::Paused`] while the forge
/// limits the rate.
pub async fn test(app: &App, by: &Granted<Manages>, destination: DestinationId) -> Result<ForwardedState> {
    let paused_until = enabled(app, by, destination).await?.paused_until;
    if let Some(until) = paused_until.filter(|until| *until > app.clock.now()) {
        return Err(Invalid::new("destination_id", Problem::Paused { until }).into());
    }
    let key = StateKey { sha: String::new(), target: Target::Test };
    let added = app.store.add_forwarded_state(by.repository().id, destination, key, app.clock.now()).await?;
    added.ok_or_else(not_found)
}

/// Retries all stopped states, and makes all pending states due. Returns the number of states. The sent state
/// is compared with the present state again.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] with [`Problem::Disabled`].
pub async fn retry(app: &App, by: &Granted<Manages>, destination: DestinationId) -> Result<u64> {
    enabled(app, by, destination).await?;
    let retried = app.store.retry_forwarded_states(by.repository().id, destination, app.clock.now()).await?;
    retried.ok_or_else(not_found)
}

async fn enabled(app: &App, by: &Granted<Manages>, destination: DestinationId) -> Result<Destination> {
    let found = super::destinations::show(app, by, destination).await?;
    match found.enabled {
        true => Ok(found),
        false => Err(Invalid::new("destination_id", Problem::Disabled).into()),
    }
}

/// Claims due states for the duration of [`LEASE`]. `in_progress`: the number of attempts that the server makes now.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn claim(app: &App, in_progress: u32) -> Result<Vec<ClaimedState>> {
    let now = app.clock.now();
    let until = now.checked_add(LEASE).unwrap_or(now);
    app.store.claim_forwarded_states(now, until, ClaimLimits::of_server(in_progress)).await
}

/// Saves the result of an attempt that sent `status`.
///
/// # Errors
/// [`Error::Unavailable`]: the state is sent again after the claim expired.
pub async fn record_result(
    app: &App,
    claimed: &ClaimedState,
    status: Option<ForgeStatus>,
    outcome: ForgeOutcome,
) -> Result<StateResult> {
    let random = u32::from_ne_bytes(app.random()?);
    let result = claimed.result(status, outcome, app.clock.now(), &app.trusted_time(), random);
    app.store.record_forwarded_state(result.clone()).await?;
    Ok(result)
}

/// Makes states due, and ends pauses, that a wrong clock has planned later than any rule does. Returns how many. The
/// server calls it periodically.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn bring_forward(app: &App) -> Result<u64> {
    let now = app.clock.now();
    let latest = now.checked_add(DELAY_MAX).unwrap_or(now);
    let mut total = 0;
    loop {
        let brought = app.store.bring_forward_states(latest, now).await?;
        total += brought;
        if brought == 0 {
            return Ok(total);
        }
    }
}

/// Deletes the states of deleted destinations, in small steps. Returns how many.
///
/// # Errors
/// [`Error::Unavailable`]; earlier steps stay committed.
pub async fn delete_orphans(app: &App) -> Result<u64> {
    let mut total = 0;
    loop {
        let deleted = app.store.delete_orphaned_states().await?;
        total += deleted;
        if deleted == 0 {
            return Ok(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_ends_before_its_claim() {
        let time = |seconds| attempt_time(SignedDuration::from_secs(seconds)).map(|time| time.as_secs());
        assert_eq!([0, 6, 7, 14, 15, 99].map(time), [Some(10), Some(10), Some(9), Some(2), None, None]);
    }
}
