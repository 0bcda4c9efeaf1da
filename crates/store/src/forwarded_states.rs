//! Forwarded states. The commit of an event writes which of them changed; one sender at a time claims a state, reads
//! what it is, and records the result of its attempt.

mod overview;
pub mod wanted;

use self::wanted::wanted;
use crate::engine::{Engine, SqlStore};
use crate::rows::forwarded_states::{ClaimedRow, StateRow};
use crate::rows::{destinations, forwarded_states};
use crate::sql::Sql;
use crate::unapplied::ReadScope;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use async_trait::async_trait;
use domain::model::audit::{Action, Change};
use domain::model::deliveries::shares::{Candidate, ClaimLimits, share};
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{
    ClaimedState, DestinationHealth, ForwardedState, Progress, StateKey, StateResult, Target,
};
use domain::model::ids::{DestinationId, RepositoryId};
use domain::ports::{DestinationOverview, ForwardedStates, ListedState, StateFilter};
use domain::{Result, Timestamp};
use futures_util::stream::{self, StreamExt as _};
use std::collections::BTreeSet;
use std::time::Duration;

/// The number of rows that one step changes or deletes.
const STEP: u32 = 1_000;
/// The number of claimed states that are read at once.
const READS_MAX: usize = 4;
/// How long claimed states are read.
const READS_TIME: Duration = Duration::from_secs(6);

#[async_trait]
impl<E: Engine> ForwardedStates for SqlStore<E> {
    async fn add_forwarded_state(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        key: StateKey,
        now: Timestamp,
    ) -> Result<Option<ForwardedState>> {
        let add = move |unit: &mut UnitOfWork| {
            if !destinations::exists(unit.sql(), repository, destination)? {
                return Ok(None);
            }
            // The state may be among the pending rows of this group.
            unit.flush()?;
            unit.notify_states();
            if let Some(to) = destinations::find(unit.sql(), destination)? {
                unit.audit(&Change::done(Action::DestinationSend, &to));
            }
            forwarded_states::add(unit.sql(), destination, &key, now)
        };
        self.write_locked(repository, add).await
    }

    async fn forwarded_states(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        filter: StateFilter,
    ) -> Result<Vec<ListedState>> {
        let list = move |sql: &dyn Sql| {
            let Some(to) =
                destinations::find(sql, destination)?.filter(|found| found.repository_id == repository)
            else {
                return Ok(Vec::new());
            };
            let found = forwarded_states::page(sql, destination, &filter)?;
            found.into_iter().map(|row| listed(sql, &to, row, filter.id.is_some())).collect()
        };
        self.scan(Some(repository), list).await
    }

    async fn destination_overviews(&self, repository: RepositoryId) -> Result<Vec<DestinationOverview>> {
        let list = move |sql: &dyn Sql| {
            let all = destinations::load(sql, repository)?;
            all.into_iter().map(|destination| overview::overview(sql, destination)).collect()
        };
        self.scan(Some(repository), list).await
    }

    async fn retry_forwarded_states(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        let retry = move |unit: &mut UnitOfWork| {
            let to = destinations::find(unit.sql(), destination)?;
            if let Some(to) = to.filter(|to| to.repository_id == repository) {
                unit.audit(&Change::done(Action::DestinationSend, &to));
            }
            Ok(())
        };
        // Before the steps, of which each is a commit: an interrupted retry is recorded too.
        self.write_locked(repository, retry).await?;
        self.make_due(repository, destination, now).await
    }

    async fn claim_forwarded_states(
        &self,
        now: Timestamp,
        until: Timestamp,
        limits: ClaimLimits,
    ) -> Result<Vec<ClaimedState>> {
        // Most of the time nothing is due: a read first spares the writer.
        let read = move |sql: &dyn Sql| Ok((destinations::resetting(sql)?, shared(sql, now, limits)?));
        let (resetting, shares) = self.read(ReadScope::Deliveries, read).await?;
        for (repository, destination) in resetting {
            // A server stopped in the midst of it, or is at it.
            self.reset_step(repository, destination, now).await?;
        }
        if shares.is_empty() {
            return Ok(Vec::new());
        }
        let locked: BTreeSet<_> = shares.iter().map(|(to, _)| to.recipient.repository_id).collect();
        let hints =
            PrefetchHints { repositories: locked.iter().copied().collect(), ..PrefetchHints::default() };
        let write = move |unit: &mut UnitOfWork| {
            // The states may be among the pending rows of this group.
            unit.flush()?;
            claim(unit.sql(), (now, until), limits, &locked)
        };
        let claimed = self.write_pipelines(Load::one(Flow::Deliveries), hints, write).await?;
        // The tables have the reports that the claimed rows are about. A later report changes its row again.
        let read = |(destination, row)| self.read_claimed(destination, row);
        let read = stream::iter(claimed.into_iter().map(read)).buffer_unordered(READS_MAX);
        // The others are claimed again when their claims have expired.
        let read = read.take_until(tokio::time::sleep(READS_TIME));
        let mut read: Vec<_> = read.filter_map(std::future::ready).collect().await;
        read.sort_unstable_by_key(|claimed: &ClaimedState| claimed.state.id);
        Ok(read)
    }

    async fn record_forwarded_state(&self, result: StateResult) -> Result<bool> {
        let hints = PrefetchHints::for_repository(result.destination.repository_id);
        let record = move |unit: &mut UnitOfWork| record_result(unit, &result);
        self.write_pipelines(Load::one(Flow::Deliveries), hints, record).await
    }

    async fn wait_for_forwarded_state(&self) {
        self.0.notifier().wait_for_state().await;
    }

    async fn bring_forward_states(&self, latest: Timestamp, now: Timestamp) -> Result<u64> {
        if !self.read(ReadScope::Deliveries, move |sql| forwarded_states::any_after(sql, latest)).await? {
            return Ok(0);
        }
        let bring = move |unit: &mut UnitOfWork| {
            unit.notify_states();
            let pauses = destinations::end_pauses(unit.sql(), latest)?;
            Ok(pauses + forwarded_states::bring_forward(unit.sql(), latest, now, STEP)?)
        };
        self.write_step(STEP, bring).await
    }

    async fn delete_orphaned_states(&self) -> Result<u64> {
        // A read first, as above.
        if !self.read(ReadScope::Deliveries, forwarded_states::any_orphan).await? {
            return Ok(0);
        }
        self.write_step(STEP, |unit| forwarded_states::delete_orphans(unit.sql(), STEP)).await
    }
}

impl<E: Engine> SqlStore<E> {
    /// A small write to the webhooks, destinations or states of a repository. As a report, it locks the repository
    /// first: no two transactions wait for each other, and none records reports without what this one adds.
    pub(crate) async fn write_locked<T: Send + 'static>(
        &self,
        repository: RepositoryId,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let hints = PrefetchHints::for_repository(repository);
        self.write_pipelines(Load::one(Flow::Repository(repository)), hints, write).await
    }

    /// Makes all states of a destination due, in steps. Returns how many were not sent; `None`: the repository has no
    /// such destination.
    pub(crate) async fn make_due(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        let (mut total, mut after) = (0, 0);
        loop {
            let step = move |unit: &mut UnitOfWork| {
                if !destinations::exists(unit.sql(), repository, destination)? {
                    return Ok(None);
                }
                unit.flush()?;
                let (count, last) = forwarded_states::span(unit.sql(), destination, after, STEP)?;
                if let Some(last) = last {
                    forwarded_states::retry(unit.sql(), destination, (after, last), now)?;
                    unit.notify_states();
                }
                Ok(Some((count, last)))
            };
            let Some((count, last)) = self.write_locked(repository, step).await? else { return Ok(None) };
            total += count;
            match last {
                Some(last) => after = last,
                None => return Ok(Some(total)),
            }
        }
    }

    /// Forgets what the forge of a destination has, in steps, if its project has changed.
    pub(crate) async fn reset(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        now: Timestamp,
    ) -> Result<()> {
        while self.reset_step(repository, destination, now).await? {}
        Ok(())
    }

    /// Forgets what the forge of a destination has about some states. Returns whether there may be more.
    async fn reset_step(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        now: Timestamp,
    ) -> Result<bool> {
        let step = move |unit: &mut UnitOfWork| {
            let Some(after) = destinations::reset_after(unit.sql(), destination)? else { return Ok(false) };
            // The states may be among the pending rows of this group.
            unit.flush()?;
            let (_, last) = forwarded_states::span(unit.sql(), destination, after, STEP)?;
            if let Some(last) = last {
                forwarded_states::forget_sent(unit.sql(), destination, (after, last), now)?;
            }
            destinations::set_reset_after(unit.sql(), destination, last)?;
            unit.notify_states();
            Ok(last.is_some())
        };
        self.write_locked(repository, step).await
    }

    /// Reads what the forge is to have about a claimed row. `None`: nothing; or it cannot be read, and the row is
    /// claimed again when the claim has expired.
    async fn read_claimed(&self, destination: Destination, row: ClaimedRow) -> Option<ClaimedState> {
        let (state, job) = (row.state.clone(), row.job);
        let is_test = state.key.target == Target::Test;
        let repository = destination.repository_id;
        let read = async {
            if is_test || !destination.selection.has(&state.key.target) {
                return Ok(None);
            }
            self.snapshot(ReadScope::Deliveries, move |sql| wanted(sql, repository, &state, job)).await
        };
        let wanted = match read.await {
            Ok(wanted) => wanted,
            Err(error) => {
                tracing::warn!(state = row.state.id, %error, "cannot read a forwarded state; trying again");
                return None;
            }
        };
        if wanted.is_none() && !is_test {
            let release = move |unit: &mut UnitOfWork| {
                unit.flush()?;
                forwarded_states::release(unit.sql(), &row)
            };
            let hints = PrefetchHints::for_repository(repository);
            if let Err(error) = self.write_pipelines(Load::one(Flow::Deliveries), hints, release).await {
                tracing::debug!(%error, "cannot end the claim of a forwarded state; it expires");
            }
            return None;
        }
        let ClaimedRow { state, claim, changes, .. } = row;
        Some(ClaimedState { state, claim, changes, destination, wanted })
    }
}

/// The destinations that get slots, and how many.
fn shared(sql: &dyn Sql, now: Timestamp, limits: ClaimLimits) -> Result<Vec<(Candidate<Destination>, u32)>> {
    let candidates = forwarded_states::candidates(sql, now, limits.of_webhook)?;
    let shares = share(&candidates, limits);
    Ok(candidates.into_iter().zip(shares).filter(|(_, share)| *share > 0).collect())
}

/// Claims states of repositories that the transaction has locked.
fn claim(
    sql: &dyn Sql,
    times: (Timestamp, Timestamp),
    limits: ClaimLimits,
    locked: &BTreeSet<RepositoryId>,
) -> Result<Vec<(Destination, ClaimedRow)>> {
    let mut claimed = Vec::new();
    for (Candidate { recipient: destination, .. }, share) in shared(sql, times.0, limits)? {
        if !locked.contains(&destination.repository_id) {
            continue;
        }
        let rows = forwarded_states::claim(sql, destination.id, times, share)?;
        claimed.extend(rows.into_iter().map(|row| (destination.clone(), row)));
    }
    Ok(claimed)
}

fn record_result(unit: &mut UnitOfWork, result: &StateResult) -> Result<bool> {
    // A change of the state may be among the pending rows of this group.
    unit.flush()?;
    let sql = unit.sql();
    let destination = result.destination.id;
    let Some(now) = destinations::find(sql, destination)? else { return Ok(false) };
    if !now.is_same_project(&result.destination) {
        // The present project does not have what was sent. The change has made the state due.
        forwarded_states::end_claim(sql, result.id, result.claim)?;
        unit.notify_states();
        return Ok(false);
    }
    if !forwarded_states::store_result(sql, result)? {
        return Ok(false);
    }
    let is_current = now.token == result.destination.token;
    match result.health {
        _ if !is_current => {}
        DestinationHealth::Unknown => {}
        DestinationHealth::Good => {
            destinations::set_working(sql, destination)?;
            forwarded_states::end_backoff(sql, destination, result.at, STEP)?;
        }
        DestinationHealth::Failing => destinations::set_failing(sql, destination, result.at)?,
        DestinationHealth::PausedUntil(until) => destinations::pause(sql, destination, until)?,
    }
    // A state that changed meanwhile is due, and others may be.
    unit.notify_states();
    Ok(true)
}

/// A state of a destination as it is shown. `of_sent`: also what is wanted of a sent state.
fn listed(sql: &dyn Sql, to: &Destination, (state, job): StateRow, of_sent: bool) -> Result<ListedState> {
    // What is wanted may need all jobs of a commit, and the forge has what is sent.
    let is_shown = (of_sent || state.progress != Progress::Sent) && to.selection.has(&state.key.target);
    let wanted = if is_shown { wanted(sql, to.repository_id, &state, job)? } else { None };
    Ok(ListedState { context: state.key.target.context_at(to.kind), wanted, state })
}
