//! Recorded verdicts of gates: evaluating commits that were marked, or whose waits end, and the records of a commit.

use super::access::{Granted, Reads};
use super::gates;
use crate::error::{Error, Result};
use crate::model::gates::{RecordedVerdict, RuleSet, evaluate, recorded_targets};
use crate::model::text;
use crate::ports::{App, DueGate, EvaluatedGate, RecordRange};
use jiff::SignedDuration;

/// After this time, a gate that could not be evaluated is evaluated again.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// A page of the records of a commit.
#[derive(Debug, Clone)]
pub struct RecordedPage {
    /// The commit.
    pub sha: String,
    /// The target branch.
    pub target: String,
    /// The records, by number, the last first.
    pub records: Vec<RecordedVerdict>,
    /// The next page has the records before this number.
    pub next: Option<i64>,
}

/// The records of a commit, by its full id, at most `limit`. `target` as in [`gates::show`]; `range` without
/// `until_report`.
///
/// # Errors
/// As [`gates::show`].
pub async fn list(
    app: &App,
    by: &Granted<Reads>,
    sha: &str,
    target: Option<&str>,
    range: RecordRange,
    limit: u32,
) -> Result<RecordedPage> {
    let sha = text::sha("sha", sha)?;
    let repository = by.repository();
    let known = app.store.gate_record(repository.id, &sha, None).await?;
    let target = gates::target_of(app, repository, &known, &sha, target).await?;
    let mut records =
        app.store.recorded_verdicts(repository.id, &sha, &target, range, limit.saturating_add(1)).await?;
    let has_more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next = records.last().filter(|_| has_more).map(|last| last.number);
    Ok(RecordedPage { sha, target, records, next })
}

/// At most about `limit` commits whose gate is to be evaluated. The server calls it periodically, then
/// [`evaluated`] for each, and [`record_all`].
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn due(app: &App, limit: u32) -> Result<Vec<DueGate>> {
    app.store.due_gates(app.clock.now(), app.trusted_time().wall(), limit).await
}

/// Evaluates the gate of a commit for all its targets. One that cannot be evaluated is evaluated again after a minute.
///
/// # Errors
/// Those of the evaluation.
pub async fn evaluated(app: &App, gate: DueGate) -> Result<EvaluatedGate> {
    match for_all_targets(app, &gate).await {
        Err(error) => Err(defer(app, gate, error).await?),
        evaluated => evaluated,
    }
}

/// Records the verdicts that changed, in one write. Returns how many.
///
/// # Errors
/// As [`Verdicts::record_verdicts`](crate::ports::Verdicts::record_verdicts); all commits stay due.
pub async fn record_all(app: &App, evaluated: Vec<EvaluatedGate>) -> Result<usize> {
    app.store.record_verdicts(evaluated).await
}

/// Evaluates the gate of a commit, and records the verdicts that changed. Returns how many. A commit whose verdicts
/// cannot be recorded is evaluated again after a minute.
///
/// # Errors
/// As [`evaluated`] and [`record_all`].
pub async fn record(app: &App, gate: DueGate) -> Result<usize> {
    let evaluated = evaluated(app, gate.clone()).await?;
    match record_all(app, vec![evaluated]).await {
        Err(error) => Err(defer(app, gate, error).await?),
        recorded => recorded,
    }
}

/// Leaves a commit due after a minute; returns the error for which it is deferred.
async fn defer(app: &App, gate: DueGate, error: Error) -> Result<Error> {
    let now = app.clock.now();
    app.store.defer_gate(gate, now.checked_add(RETRY_AFTER).unwrap_or(now)).await?;
    Ok(error)
}

async fn for_all_targets(app: &App, gate: &DueGate) -> Result<EvaluatedGate> {
    let hints = app.store.gate_hints(gate.repository, &gate.sha).await?;
    let nothing = RuleSet::default();
    let set = hints.rules.as_ref().map_or(&nothing, |rules| &rules.set);
    // Before the facts: what has ended until then has ended for the record.
    let (now, time) = (app.clock.now(), app.trusted_time());
    let mut evaluated = EvaluatedGate {
        gate: gate.clone(),
        verdicts: Vec::new(),
        first_at: hints.first_at,
        next_due: None,
        time: time.certain(),
        now,
    };
    for target in recorded_targets(set, &hints.hints, hints.known) {
        let record = app.store.gate_record(gate.repository, &gate.sha, Some(&target)).await?;
        let evaluation = evaluate(record.rules.as_ref(), &target, &record.facts, &time);
        let rules_version = record.rules.as_ref().map_or(0, |rules| rules.version);
        let verdict =
            RecordedVerdict::of(&evaluation, &target, rules_version, record.last_report, evaluated.now);
        evaluated.next_due = evaluated.next_due.into_iter().chain(evaluation.next_due).min();
        evaluated.verdicts.push(verdict);
    }
    Ok(evaluated)
}
