//! Recorded verdicts of gates.

use crate::engine::{Engine, SqlStore};
use crate::gates::facts;
use crate::merge_requests;
use crate::rows::{gates, verdicts};
use crate::sql::{Sql, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Result};
use domain::model::events::{Change, Event};
use domain::model::gates::{RecordedVerdict, TargetHints};
use domain::model::ids::RepositoryId;
use domain::ports::{DueGate, EvaluatedGate, GateHints, RecordRange, Verdicts};
use std::collections::BTreeSet;

#[async_trait]
impl<E: Engine> Verdicts for SqlStore<E> {
    async fn recorded_verdicts(
        &self,
        repository: RepositoryId,
        sha: &str,
        target: &str,
        range: RecordRange,
        limit: u32,
    ) -> Result<Vec<RecordedVerdict>> {
        let (sha, target) = (sha.to_owned(), target.to_owned());
        // No report changes the table.
        self.read(ReadScope::Accounts, move |sql| {
            verdicts::page(sql, repository, (&sha, &target), range, limit)
        })
        .await
    }

    async fn due_gates(&self, now: Timestamp, wall: Timestamp, limit: u32) -> Result<Vec<DueGate>> {
        self.snapshot(ReadScope::Deliveries, move |sql| verdicts::due(sql, now, wall, limit)).await
    }

    async fn gate_hints(&self, repository: RepositoryId, sha: &str) -> Result<GateHints> {
        let sha = sha.to_owned();
        self.scan(Some(repository), move |sql| hints(sql, repository, &sha)).await
    }

    async fn record_verdicts(&self, evaluated: Vec<EvaluatedGate>) -> Result<usize> {
        // As a report, it locks the repositories first: two nodes record one after the other.
        let repositories: BTreeSet<_> = evaluated.iter().map(|evaluated| evaluated.gate.repository).collect();
        let prefetch =
            PrefetchHints { repositories: repositories.into_iter().collect(), ..PrefetchHints::default() };
        let load = Load { rows: evaluated.len(), ..Load::one(Flow::Deliveries) };
        let write = move |unit: &mut UnitOfWork| {
            // A mark may be among the pending rows of this group.
            unit.flush()?;
            evaluated.iter().map(|evaluated| record(unit, evaluated)).sum()
        };
        self.write_pipelines(load, prefetch, write).await
    }

    async fn defer_gate(&self, gate: DueGate, until: Timestamp) -> Result<()> {
        let prefetch = PrefetchHints::for_repository(gate.repository);
        let write = move |unit: &mut UnitOfWork| {
            unit.flush()?;
            verdicts::defer(unit.sql(), &gate, until)
        };
        self.write_pipelines(Load::one(Flow::Deliveries), prefetch, write).await
    }

    async fn wait_for_gate(&self) {
        self.0.notifier().wait_for_gate().await;
    }
}

fn hints(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<GateHints> {
    let default = "SELECT default_branch FROM repositories WHERE id = ?1";
    let default_branch: Option<String> = sql.first(default, values![repository])?;
    let default_branch = default_branch.ok_or(Error::RepositoryNotFound)?;
    Ok(GateHints {
        hints: TargetHints {
            merge_requests: merge_requests::targets_of_head(sql, repository, sha)?,
            refs: gates::refs(sql, repository, sha)?,
            default_branch,
        },
        known: verdicts::targets(sql, repository, sha)?,
        rules: gates::rules(sql, repository, None)?,
        first_at: facts::first_at(sql, repository, sha)?,
    })
}

fn record(unit: &mut UnitOfWork, evaluated: &EvaluatedGate) -> Result<usize> {
    let DueGate { repository, ref sha, changes } = evaluated.gate;
    let Some(mut counters) = unit.counters(repository)? else { return Ok(0) };
    let row = verdicts::evaluation_row(unit.sql(), repository, sha)?;
    let Some(row) = row.filter(|row| row.evaluated <= changes) else { return Ok(0) };
    let mut recorded = 0;
    for verdict in &evaluated.verdicts {
        let last = verdicts::last(unit.sql(), repository, sha, &verdict.target)?;
        let Some(verdict) = verdict.clone().following(last.as_ref()) else { continue };
        verdicts::insert(unit.sql(), repository, sha, &verdict)?;
        counters.event += 1;
        let change = Change::Verdict(verdict.snapshot(sha, last.as_ref()));
        unit.add_event(Event { repository_id: repository, number: counters.event, at: verdict.at, change })?;
        recorded += 1;
    }
    let first_at = row.first_at.into_iter().chain(evaluated.first_at).min();
    verdicts::set_evaluated(unit.sql(), evaluated, first_at)?;
    if recorded > 0 {
        // This is no report: the time of the last report of the repository stays.
        unit.set_counters(repository, counters, Timestamp::UNIX_EPOCH);
    }
    Ok(recorded)
}
