//! Recorded verdicts of gates: evaluating commits that were marked, or whose waits end, and the records of a commit.

use super::access::{Granted, Reads};
use super::gates;
use crate::error::Result;
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

/// At most about `limit` commits whose gate is to be evaluated. The server calls it periodically, and
/// [`record`] for each.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn due(app: &App, limit: u32) -> Result<Vec<DueGate>> {
    app.store.due_gates(app.clock.now(), app.trusted_time().certain(), limit).await
}

/// Evaluates the gate of a commit for all its targets, and records the verdicts that changed. Returns how many. A gate
/// that cannot be evaluated is evaluated again after a minute.
///
/// # Errors
/// Those of the evaluation.
pub async fn record(app: &App, gate: DueGate) -> Result<usize> {
    match evaluated(app, &gate).await {
        Ok(evaluated) => app.store.record_verdicts(evaluated).await,
        Err(error) => {
            let now = app.clock.now();
            app.store.defer_gate(gate, now.checked_add(RETRY_AFTER).unwrap_or(now)).await?;
            Err(error)
        }
    }
}

async fn evaluated(app: &App, gate: &DueGate) -> Result<EvaluatedGate> {
    let known = app.store.gate_record(gate.repository, &gate.sha, None).await?;
    let hints = app.store.gate_hints(gate.repository, &gate.sha).await?;
    let nothing = RuleSet::default();
    let set = known.rules.as_ref().map_or(&nothing, |rules| &rules.set);
    // Before the facts: what has ended until then has ended for the record.
    let (now, time) = (app.clock.now(), app.trusted_time());
    let mut evaluated = EvaluatedGate {
        gate: gate.clone(),
        verdicts: Vec::new(),
        first_at: known.facts.first_at,
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
