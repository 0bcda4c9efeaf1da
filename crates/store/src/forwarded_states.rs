//! Forwarded states. The commit of an event writes which of them changed; one sender at a time claims a state, reads
//! what it is, and records the result of its attempt.

use crate::engine::{Engine, SqlStore};
use crate::jobs::of_commit::{LatestAttempt, latest_attempts};
use crate::rows::forwarded_states::ClaimedRow;
use crate::rows::{destinations, forwarded_states, pipelines};
use crate::sql::{Columns as _, Sql, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use crate::writer::Flow;
use async_trait::async_trait;
use domain::model::deliveries::shares::{Candidate, ClaimLimits, share};
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{
    ClaimedState, CommitJob, DestinationHealth, ForwardedState, StateKey, StateResult, Target, WantedState,
    composite,
};
use domain::model::ids::{DestinationId, PipelineId, RepositoryId};
use domain::model::jobs::Job;
use domain::ports::{ForwardedStates, ListedState, StateFilter};
use domain::{Result, Timestamp};

/// The number of rows that one step of the deletion deletes.
const DELETE_STEP: u32 = 1_000;

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
            forwarded_states::add(unit.sql(), destination, &key, now)
        };
        self.write(Flow::Repository(repository), add).await
    }

    async fn forwarded_states(
        &self,
        repository: RepositoryId,
        destination: DestinationId,
        filter: StateFilter,
    ) -> Result<Vec<ListedState>> {
        let list = move |sql: &dyn Sql| {
            if !destinations::exists(sql, repository, destination)? {
                return Ok(Vec::new());
            }
            let found = forwarded_states::page(sql, destination, &filter)?;
            found
                .into_iter()
                .map(|state| Ok(ListedState { wanted: wanted(sql, repository, &state.key)?, state }))
                .collect()
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
            if !destinations::exists(unit.sql(), repository, destination)? {
                return Ok(None);
            }
            unit.flush()?;
            unit.notify_states();
            forwarded_states::retry(unit.sql(), destination, now).map(Some)
        };
        self.write(Flow::Repository(repository), retry).await
    }

    async fn claim_forwarded_states(
        &self,
        now: Timestamp,
        until: Timestamp,
        limits: ClaimLimits,
    ) -> Result<Vec<ClaimedState>> {
        // Most of the time nothing is due: a read first spares the writer.
        if self.read(ReadScope::Deliveries, move |sql| shared(sql, now, limits)).await?.is_empty() {
            return Ok(Vec::new());
        }
        let write = move |unit: &mut UnitOfWork| {
            // The states may be among the pending rows of this group.
            unit.flush()?;
            claim(unit.sql(), (now, until), limits)
        };
        let claimed = self.write(Flow::Deliveries, write).await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        // The tables have the reports that the claimed rows are about. A later report changes its row again.
        let read = move |sql: &dyn Sql| read_wanted(sql, claimed);
        let (claimed, nothing) = self.snapshot(ReadScope::Deliveries, read).await?;
        if !nothing.is_empty() {
            let release = move |unit: &mut UnitOfWork| {
                unit.flush()?;
                nothing.iter().try_for_each(|row| forwarded_states::release(unit.sql(), row))
            };
            self.write(Flow::Deliveries, release).await?;
        }
        Ok(claimed)
    }

    async fn record_forwarded_state(&self, result: StateResult) -> Result<bool> {
        self.write(Flow::Deliveries, move |unit| record_result(unit, &result)).await
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
            Ok(pauses + forwarded_states::bring_forward(unit.sql(), latest, now)?)
        };
        self.write_step(DELETE_STEP, bring).await
    }

    async fn delete_orphaned_states(&self) -> Result<u64> {
        // A read first, as above.
        if !self.read(ReadScope::Deliveries, forwarded_states::any_orphan).await? {
            return Ok(0);
        }
        self.write_step(DELETE_STEP, |unit| forwarded_states::delete_orphans(unit.sql(), DELETE_STEP)).await
    }
}

/// The destinations that get slots, and how many.
fn shared(sql: &dyn Sql, now: Timestamp, limits: ClaimLimits) -> Result<Vec<(Candidate<Destination>, u32)>> {
    let candidates = forwarded_states::candidates(sql, now, limits.of_webhook)?;
    let shares = share(&candidates, limits);
    Ok(candidates.into_iter().zip(shares).filter(|(_, share)| *share > 0).collect())
}

fn claim(
    sql: &dyn Sql,
    times: (Timestamp, Timestamp),
    limits: ClaimLimits,
) -> Result<Vec<(Destination, ClaimedRow)>> {
    let mut claimed = Vec::new();
    for (Candidate { recipient: destination, .. }, share) in shared(sql, times.0, limits)? {
        let rows = forwarded_states::claim(sql, destination.id, times, share)?;
        claimed.extend(rows.into_iter().map(|row| (destination.clone(), row)));
    }
    Ok(claimed)
}

/// Reads what each forge is to have. Also returns the rows of which nothing is to be sent.
fn read_wanted(
    sql: &dyn Sql,
    claimed: Vec<(Destination, ClaimedRow)>,
) -> Result<(Vec<ClaimedState>, Vec<ClaimedRow>)> {
    let (mut found, mut nothing) = (Vec::new(), Vec::new());
    for (destination, row) in claimed {
        let key = &row.state.key;
        let is_selected = destination.selection.has_source(key.target.source());
        let wanted = if is_selected { wanted(sql, destination.repository_id, key)? } else { None };
        if wanted.is_none() && key.target != Target::Test {
            nothing.push(row);
            continue;
        }
        let ClaimedRow { state, claim, changes } = row;
        found.push(ClaimedState { state, claim, changes, destination, wanted });
    }
    Ok((found, nothing))
}

/// What a forge is to have; `None`: nothing, or it is a test.
fn wanted(sql: &dyn Sql, repository: RepositoryId, key: &StateKey) -> Result<Option<WantedState>> {
    match &key.target {
        Target::Test => Ok(None),
        Target::Pipeline { source } => wanted_of_source(sql, repository, &key.sha, source),
        Target::Job { source, stage, name } => {
            let attempts = latest_attempts(sql, repository, &key.sha, Some((stage, name)))?;
            let is_exact =
                |found: &&LatestAttempt| (&found.source, &found.stage, &found.name) == (source, stage, name);
            // The newest attempt may have another spelling of the name.
            let of_source = || attempts.iter().find(|found| found.source == *source);
            let attempt = attempts.iter().find(is_exact).or_else(of_source);
            attempt.map_or(Ok(None), |attempt| wanted_of_attempt(sql, repository, attempt))
        }
    }
}

fn wanted_of_source(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    source: &str,
) -> Result<Option<WantedState>> {
    let attempts = latest_attempts(sql, repository, sha, None)?;
    let of_source = attempts.iter().filter(|attempt| attempt.source == source);
    let jobs = of_source.map(|LatestAttempt { name, status, allow_failure, .. }| CommitJob {
        name,
        status: *status,
        allow_failure: *allow_failure,
    });
    let Some(status) = composite(jobs) else { return Ok(None) };
    let query = "SELECT id, ref, web_url FROM pipelines INDEXED BY pipelines_by_identity
        WHERE repository_id = ?1 AND sha = ?2 AND source = ?3 ORDER BY id DESC LIMIT 1";
    let newest: Option<(PipelineId, String, Option<String>)> =
        sql.first(query, values![repository, sha, source])?;
    Ok(newest.map(|(pipeline, git_ref, url)| WantedState {
        status,
        description: None,
        url,
        git_ref,
        pipeline,
        job: None,
    }))
}

fn wanted_of_attempt(
    sql: &dyn Sql,
    repository: RepositoryId,
    attempt: &LatestAttempt,
) -> Result<Option<WantedState>> {
    let query = format!(
        "SELECT j.pipeline_id, {} FROM jobs j WHERE j.repository_id = ?1 AND j.id = ?2",
        Job::COLUMNS
    );
    let found: Option<(PipelineId, Job)> = sql.first(&query, values![repository, attempt.id])?;
    let Some((pipeline, job)) = found else { return Ok(None) };
    let Some(pipeline) = pipelines::load(sql, repository, pipeline)? else { return Ok(None) };
    Ok(Some(WantedState {
        status: job.attempt.status,
        description: job.attempt.description.clone(),
        url: job.attempt.target_url.clone(),
        git_ref: pipeline.identity.git_ref.clone(),
        pipeline: pipeline.id,
        job: Some(job.id),
    }))
}

fn record_result(unit: &mut UnitOfWork, result: &StateResult) -> Result<bool> {
    // A change of the state may be among the pending rows of this group.
    unit.flush()?;
    let sql = unit.sql();
    let stored = forwarded_states::store_result(sql, result)?;
    let destination = result.destination_id;
    match result.health {
        DestinationHealth::Unknown => {}
        DestinationHealth::Good if destinations::set_working(sql, destination)? => {
            forwarded_states::end_backoff(sql, destination, result.at)?;
        }
        DestinationHealth::Good => {}
        DestinationHealth::Failing => destinations::set_failing(sql, destination, result.at)?,
        DestinationHealth::PausedUntil(until) => destinations::pause(sql, destination, until)?,
    }
    // A state that changed meanwhile is due, and others may be.
    unit.notify_states();
    Ok(stored)
}
