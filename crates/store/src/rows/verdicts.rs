//! Recorded verdicts of gates, and which commits are to be evaluated.

mod body;

use super::forwarded_states;
use super::types::minute;
use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, corrupt, table, values};
use domain::model::gates::{RECORDS_MAX, RecordedVerdict, Verdict};
use domain::model::ids::RepositoryId;
use domain::ports::{DueGate, EvaluatedGate, RecordRange};
use domain::{Result, SignedDuration, Timestamp};

/// The least time between two evaluations of a commit.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// A pause that is longer was planned by a clock that was ahead.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(2);
/// Most pipelines, and most announcements, whose commits a change of the rules or of the default branch marks.
const MARKED_MAX: u32 = 2_000;

table! {
    /// Commits of repositories with rules of a gate.
    GATE_EVALUATIONS "gate_evaluations";
    key repository_id: Int, sha: Text;
    fixed first_at: Int, changed_at: Int, changes: Int, evaluated: Int, not_before: Int, wait_until: Int,
        recorded_time: Int, removed_changes: Int;
}

table! {
    /// A commit that changed is to be evaluated.
    CHANGED_GATES "gate_evaluations", upsert;
    key repository_id: Int, sha: Text;
    replaced changed_at: Int;
    added changes: Int;
    least first_at: Int;
    row ChangedGateValues;
}

table! {
    /// Recorded verdicts, numbered for each commit and target.
    GATE_VERDICTS "gate_verdicts";
    key repository_id: Int, sha: Text, target: Text, number: Int;
    fixed recorded_at: Int, last_report: Int, verdict: Text, version: Int, rules_version: Int, body: Blob;
    row VerdictValues;
}

columns! {
    RecordedVerdict from "v": number, target, recorded_at, last_report, verdict: String, version, rules_version,
        body: Vec<u8>
    => {
        let (results, next_due) = body::read_results(&body)?;
        Self {
            number,
            target,
            at: recorded_at,
            last_report,
            verdict: Verdict::parse(&verdict).ok_or_else(|| corrupt(&verdict))?,
            version,
            rules_version,
            results,
            next_due,
        }
    }
}

columns! {
    DueGate from "g": repository_id, sha, changes
    => Self { repository: repository_id, sha, changes }
}

/// The facts in the row of a commit.
#[derive(Default)]
pub struct EvaluationRow {
    /// The first fact that was known when the commit was marked or evaluated.
    pub first_at: Option<Timestamp>,
    /// The number of marks at the last evaluation.
    pub evaluated: i64,
    /// The trusted time of the last evaluation.
    pub recorded_time: Option<Timestamp>,
    /// The changes of deleted pipelines.
    pub removed_changes: i64,
}

columns! {
    EvaluationRow from "g": first_at, evaluated, recorded_time, removed_changes
    => Self { first_at, evaluated, recorded_time, removed_changes }
}

impl<'a> ChangedGateValues<'a> {
    /// A commit that changed last at this time, with the number of changes since it was written. `first_at`: the time
    /// of the first of them, if it is a report.
    pub fn due(
        repository: RepositoryId,
        sha: &'a str,
        first_at: Option<Timestamp>,
        (at, changes): (Timestamp, i64),
    ) -> Self {
        Self {
            repository_id: repository.into(),
            sha: sha.into(),
            changed_at: at.into(),
            changes: changes.into(),
            first_at: first_at.map_or(Value::Null, Value::from),
        }
    }
}

/// Whether a repository has rules, or had some.
pub fn has_rules(sql: &dyn Sql, repository: RepositoryId) -> Result<bool> {
    sql.exists("SELECT 1 FROM gate_rules WHERE repository_id = ?1 LIMIT 1", values![repository])
}

/// Marks a commit.
pub fn mark(sql: &dyn Sql, repository: RepositoryId, sha: &str, at: Timestamp) -> Result<()> {
    sql.insert(&CHANGED_GATES, ChangedGateValues::due(repository, sha, None, (at, 1)))
}

/// Marks the commits that changed last, and not before `since`, because the rules or the default branch changed.
pub fn mark_recent(sql: &dyn Sql, repository: RepositoryId, now: Timestamp, since: Timestamp) -> Result<()> {
    let insert = "INSERT INTO gate_evaluations (repository_id, sha, changed_at, changes)
        SELECT CAST(?1 AS BIGINT), marked.sha, CAST(?2 AS BIGINT), 1 FROM (
            SELECT p.sha FROM (SELECT sha FROM pipelines INDEXED BY pipelines_by_update
                WHERE repository_id = ?1 AND updated_at >= ?3 AND updated_minute >= ?5
                ORDER BY updated_minute DESC, updated_at DESC, id DESC LIMIT ?4) p
            UNION SELECT e.sha FROM (SELECT sha FROM gate_expectations
                WHERE repository_id = ?1 AND announced_at >= ?3 ORDER BY announced_at DESC LIMIT ?4) e) marked
        WHERE 1 = 1 ON CONFLICT (repository_id, sha) DO UPDATE
        SET changed_at = excluded.changed_at, changes = gate_evaluations.changes + 1";
    sql.execute(insert, values![repository, now, since, MARKED_MAX, minute(since)]).map(drop)
}

/// Marks a commit of which a pipeline is deleted, and keeps what the pipeline adds to the facts: when the commit was
/// first known, and the number of its changes.
pub fn keep_deleted(
    sql: &dyn Sql,
    (repository, sha): (RepositoryId, &str),
    first_at: Option<Timestamp>,
    changes: i64,
    now: Timestamp,
) -> Result<()> {
    mark(sql, repository, sha, now)?;
    let update = "UPDATE gate_evaluations SET removed_changes = removed_changes + ?3,
            first_at = CASE WHEN first_at <= CAST(?4 AS BIGINT) THEN first_at ELSE coalesce(?4, first_at) END
        WHERE repository_id = ?1 AND sha = ?2";
    sql.execute(update, values![repository, sha, changes, first_at]).map(drop)
}

/// At most `limit` commits to evaluate of each kind: those that changed first, those that changed last, and those with
/// a period that ends until `wall`.
pub fn due(sql: &dyn Sql, now: Timestamp, wall: Timestamp, limit: u32) -> Result<Vec<DueGate>> {
    let ahead = now.checked_add(PAUSE_MAX).unwrap_or(now);
    let mut found: Vec<DueGate> = Vec::new();
    // With the newest, a change of the rules does not delay new reports; with the oldest, new reports do not delay it
    // without end.
    for order in ["ASC", "DESC"] {
        let query = format!(
            "SELECT {} FROM gate_evaluations g WHERE g.changes > g.evaluated
                AND (g.not_before <= ?1 OR g.not_before > ?2) ORDER BY g.changed_at {order} LIMIT ?3",
            DueGate::COLUMNS
        );
        found.extend(sql.all::<DueGate>(&query, values![now, ahead, limit])?);
    }
    let query = format!(
        "SELECT {} FROM gate_evaluations g WHERE g.wait_until <= ?1 AND (g.not_before <= ?2 OR g.not_before > ?3)
         ORDER BY g.wait_until LIMIT ?4",
        DueGate::COLUMNS
    );
    found.extend(sql.all::<DueGate>(&query, values![wall, now, ahead, limit])?);
    found.sort_unstable_by(|a, b| (a.repository, &a.sha).cmp(&(b.repository, &b.sha)));
    found.dedup_by(|a, b| (a.repository, &a.sha) == (b.repository, &b.sha));
    Ok(found)
}

/// The row of a commit; `None`: it was not marked since the repository has rules.
pub fn evaluation_row(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Option<EvaluationRow>> {
    let query = format!(
        "SELECT {} FROM gate_evaluations g WHERE g.repository_id = ?1 AND g.sha = ?2",
        EvaluationRow::COLUMNS
    );
    sql.first(&query, values![repository, sha])
}

/// Plans the next evaluation of a commit after this one.
pub fn set_evaluated(sql: &dyn Sql, evaluated: &EvaluatedGate, first_at: Option<Timestamp>) -> Result<()> {
    let not_before = evaluated.now.checked_add(PAUSE).unwrap_or(evaluated.now);
    let update =
        "UPDATE gate_evaluations SET evaluated = ?3, not_before = ?4, wait_until = ?5, first_at = ?6,
            recorded_time = CASE WHEN recorded_time > CAST(?7 AS BIGINT) THEN recorded_time ELSE ?7 END
        WHERE repository_id = ?1 AND sha = ?2";
    let gate = &evaluated.gate;
    let row = values![
        gate.repository,
        gate.sha,
        gate.changes,
        not_before,
        evaluated.next_due,
        first_at,
        evaluated.time
    ];
    sql.execute(update, row).map(drop)
}

/// Leaves a commit due, but not before `until`.
pub fn defer(sql: &dyn Sql, gate: &DueGate, until: Timestamp) -> Result<()> {
    let update = "UPDATE gate_evaluations SET not_before = ?3 WHERE repository_id = ?1 AND sha = ?2";
    sql.execute(update, values![gate.repository, gate.sha, until]).map(drop)
}

/// The records of a commit for a target in a range, the last number first: times of different clocks do not order them.
pub fn page(
    sql: &dyn Sql,
    repository: RepositoryId,
    (sha, target): (&str, &str),
    range: RecordRange,
    limit: u32,
) -> Result<Vec<RecordedVerdict>> {
    let RecordRange { until, until_report, before } = range;
    let query = format!(
        "SELECT {} FROM gate_verdicts v WHERE v.repository_id = ?1 AND v.sha = ?2 AND v.target = ?3
            AND (CAST(?4 AS BIGINT) IS NULL AND CAST(?5 AS BIGINT) IS NULL
                OR v.recorded_at <= CAST(?4 AS BIGINT) OR v.last_report <= CAST(?5 AS BIGINT))
            AND (CAST(?6 AS BIGINT) IS NULL OR v.number < CAST(?6 AS BIGINT))
         ORDER BY v.number DESC LIMIT ?7",
        RecordedVerdict::COLUMNS
    );
    sql.all(&query, values![repository, sha, target, until, until_report, before, limit])
}

/// The last record of a commit for a target.
pub fn last(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    target: &str,
) -> Result<Option<RecordedVerdict>> {
    let query = format!(
        "SELECT {} FROM gate_verdicts v WHERE v.repository_id = ?1 AND v.sha = ?2 AND v.target = ?3
         ORDER BY v.number DESC LIMIT 1",
        RecordedVerdict::COLUMNS
    );
    sql.first(&query, values![repository, sha, target])
}

/// The targets of the records and of the overrides of a commit.
pub fn targets(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Vec<String>> {
    // Reads one record of each target.
    let query = "WITH RECURSIVE t (target) AS (
            SELECT min(target) FROM gate_verdicts WHERE repository_id = ?1 AND sha = ?2
            UNION ALL SELECT (SELECT min(v.target) FROM gate_verdicts v
                WHERE v.repository_id = ?1 AND v.sha = ?2 AND v.target > t.target) FROM t WHERE t.target IS NOT NULL)
        SELECT target FROM t WHERE target IS NOT NULL
        UNION SELECT target FROM gate_overrides WHERE repository_id = ?1 AND sha = ?2";
    sql.all(query, values![repository, sha])
}

/// Inserts a record, and deletes those of its target that are not among the [`RECORDS_MAX`] newest.
pub fn insert(sql: &dyn Sql, repository: RepositoryId, sha: &str, record: &RecordedVerdict) -> Result<()> {
    let row = VerdictValues {
        repository_id: repository.into(),
        sha: sha.into(),
        target: record.target.to_value(),
        number: record.number.into(),
        recorded_at: record.at.to_value(),
        last_report: record.last_report.into(),
        verdict: record.verdict.as_str().into(),
        version: record.version.into(),
        rules_version: record.rules_version.into(),
        body: body::of_results(&record.results, record.next_due).into(),
    };
    sql.insert(&GATE_VERDICTS, row)?;
    let surplus = record.number - RECORDS_MAX;
    if surplus > 0 {
        let delete = "DELETE FROM gate_verdicts WHERE repository_id = ?1 AND sha = ?2 AND target = ?3 AND number <= ?4";
        sql.execute(delete, values![repository, sha, record.target, surplus])?;
    }
    Ok(())
}

/// Deletes the records of a commit, what is forwarded about them, and that it is to be evaluated.
pub fn delete_of_commit(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<()> {
    for delete in [
        "DELETE FROM gate_verdicts WHERE repository_id = ?1 AND sha = ?2",
        "DELETE FROM gate_evaluations WHERE repository_id = ?1 AND sha = ?2",
    ] {
        sql.execute(delete, values![repository, sha])?;
    }
    forwarded_states::delete_of_gate(sql, repository, sha)
}
