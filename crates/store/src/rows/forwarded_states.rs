//! Forwarded states.

use crate::lists::Conditions;
use crate::sql::{Columns as _, Sql, Value, columns, corrupt, parameters, table, values};
use domain::model::deliveries::DeliveryAttempt;
use domain::model::deliveries::shares::Candidate;
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{ForgeStatus, ForwardedState, Progress, StateKey, StateResult, Target};
use domain::model::ids::{DestinationId, JobId, RepositoryId};
use domain::model::pipelines::PipelineIdentity;
use domain::ports::StateFilter;
use domain::{Result, SignedDuration, Timestamp};

/// The least time between two attempts about the state of a pipeline, which most reports of its jobs change.
const PIPELINE_PAUSE: SignedDuration = SignedDuration::from_secs(1);

table! {
    /// Forwarded states.
    FORWARDED_STATES "forwarded_states";
    key id: Int;
    fixed destination_id: Int, sha: Text, context: Text, target: Text, source: Text, stage: Text, name: Text,
        changed_at: Int, progress: Text, reason: Text, next_at: Int, attempts: Int, not_before: Int, changes: Int,
        claims: Int, claimed_until: Int, sent_state: Text, sent_description: Text, sent_url: Text, sent_at: Int,
        remote_id: Text, last_at: Int, last_status: Int, last_response: Text, last_error: Text, job_id: Int;
}

table! {
    /// A state that changed is due; a claim of it stays.
    CHANGED_STATES "forwarded_states", upsert;
    key destination_id: Int, sha: Text, context: Text;
    fixed target: Text, source: Text, stage: Text, name: Text;
    replaced changed_at: Int, progress: Text, reason: Text, next_at: Int, attempts: Int, job_id: Int;
    added changes: Int;
    row ChangedStateValues;
}

columns! {
    ForwardedState: id, destination_id, sha, target: String, source: String, stage: Option<String>,
        name: Option<String>, changed_at, progress: String, reason: Option<String>, next_at: Timestamp,
        attempts, claimed_until: i64, sent_state: Option<String>, sent_description: Option<String>, sent_url,
        sent_at: Option<Timestamp>, remote_id, last_at: Option<Timestamp>, last_status, last_response, last_error
    => Self {
        id,
        destination_id,
        key: StateKey {
            sha,
            target: match (target.as_str(), stage, name) {
                ("pipeline", ..) => Target::Pipeline { source },
                ("job", Some(stage), Some(name)) => Target::Job { source, stage, name },
                ("gate", _, Some(branch)) => Target::Gate { branch },
                ("test", ..) => Target::Test,
                _ => return Err(corrupt(&target)),
            },
        },
        progress: {
            let claimed_until = Timestamp::from_millisecond(claimed_until).map_err(corrupt)?;
            Progress::parse(&progress, reason.as_deref(), next_at.max(claimed_until))
                .ok_or_else(|| corrupt(progress))?
        },
        attempts,
        changed_at,
        sent: sent_state.zip(sent_at).map(|(state, at)| {
            (ForgeStatus { state, description: sent_description.unwrap_or_default(), url: sent_url }, at)
        }),
        remote_id,
        last: last_at.map(|at| DeliveryAttempt {
            at,
            status: last_status,
            response_body: last_response,
            error: last_error,
        }),
    }
}

/// A state, and the attempt that changed it last, if that is known.
pub type StateRow = (ForwardedState, Option<JobId>);

/// A claimed row, with the number of the claim, and how often the state had changed.
pub struct ClaimedRow {
    pub state: ForwardedState,
    pub job: Option<JobId>,
    pub claim: i64,
    pub changes: i64,
}

impl<'a> ChangedStateValues<'a> {
    /// A state that changed last at this time, with the number of its changes since it was written, and the attempt
    /// that changed it last.
    pub fn due(
        destination: DestinationId,
        sha: &'a str,
        context: &'a str,
        target: &'a Target,
        (at, changes): (Timestamp, i64),
        job: Option<JobId>,
    ) -> Self {
        let (stage, name) = match target {
            Target::Job { stage, name, .. } => (stage.as_str().into(), name.as_str().into()),
            Target::Gate { branch } => (Value::Null, branch.as_str().into()),
            Target::Pipeline { .. } | Target::Test => (Value::Null, Value::Null),
        };
        Self {
            destination_id: destination.into(),
            sha: sha.into(),
            context: context.into(),
            target: target.kind().into(),
            source: target.source().into(),
            stage,
            name,
            changed_at: at.into(),
            progress: "pending".into(),
            reason: Value::Null,
            next_at: at.into(),
            attempts: 0.into(),
            job_id: job.map_or(Value::Null, Value::from),
            changes: changes.into(),
        }
    }
}

/// Writes that a state changed, and returns it.
pub fn add(
    sql: &dyn Sql,
    destination: DestinationId,
    key: &StateKey,
    now: Timestamp,
) -> Result<Option<ForwardedState>> {
    let context = key.target.context();
    let row = ChangedStateValues::due(destination, &key.sha, &context, &key.target, (now, 1), None);
    sql.insert(&CHANGED_STATES, row)?;
    let query = format!(
        "SELECT {} FROM forwarded_states WHERE destination_id = ?1 AND sha = ?2 AND context = ?3",
        ForwardedState::COLUMNS
    );
    sql.first(&query, values![destination, key.sha, context])
}

/// States of a destination, newest first.
pub fn page(sql: &dyn Sql, destination: DestinationId, filter: &StateFilter) -> Result<Vec<StateRow>> {
    let (query, conditions) = page_query(destination, filter);
    sql.all(&query, &parameters(conditions.values()))
}

/// The query of [`page`].
pub fn page_query(destination: DestinationId, filter: &StateFilter) -> (String, Conditions) {
    let mut conditions = Conditions::default();
    conditions.and("destination_id =", destination);
    if let Some(id) = filter.id {
        conditions.and("id =", id);
    }
    if let Some(before) = filter.before {
        conditions.and("id <", before);
    }
    if let Some(sha) = &filter.sha {
        conditions.and("sha =", sha.clone());
    }
    if let Some(progress) = filter.progress {
        // Not a parameter, so that the partial indexes serve it.
        conditions.and_text(&format!("progress = '{progress}'"));
    }
    let limit = conditions.value(filter.limit);
    let query = format!(
        "SELECT {}, job_id FROM forwarded_states WHERE 1 = 1{} ORDER BY id DESC LIMIT {limit}",
        ForwardedState::COLUMNS,
        conditions.text()
    );
    (query, conditions)
}

/// The state that a destination was sent last.
pub fn last_sent(sql: &dyn Sql, destination: DestinationId) -> Result<Option<StateRow>> {
    let query = format!(
        "SELECT {}, job_id FROM forwarded_states WHERE destination_id = ?1 AND sent_at IS NOT NULL
         ORDER BY sent_at DESC, id DESC LIMIT 1",
        ForwardedState::COLUMNS
    );
    sql.first(&query, values![destination])
}

/// When the next attempt of a destination is due; `None`: no state is pending.
pub fn next_at(sql: &dyn Sql, destination: DestinationId) -> Result<Option<Timestamp>> {
    let query =
        "SELECT min(next_at) FROM forwarded_states WHERE destination_id = ?1 AND progress = 'pending'";
    sql.one(query, values![destination])
}

/// The query of [`span`].
pub const SPAN: &str = "SELECT count(CASE WHEN progress <> 'sent' AND target <> 'test' THEN 1 END), max(id)
    FROM (SELECT id, progress, target FROM forwarded_states WHERE destination_id = ?1 AND id > ?2
        ORDER BY id LIMIT ?3) few";

/// The states of a destination with ids after `after`, at most `limit`: the number of those that are not sent, and the
/// greatest id. The caller makes all of them due.
pub fn span(sql: &dyn Sql, destination: DestinationId, after: i64, limit: u32) -> Result<(u64, Option<i64>)> {
    let (count, last): (i64, Option<i64>) = sql.one(SPAN, values![destination, after, limit])?;
    Ok((u64::try_from(count).unwrap_or_default(), last))
}

/// The statement of [`retry`].
pub const RETRY: &str =
    "UPDATE forwarded_states SET progress = 'pending', reason = NULL, next_at = ?2, not_before = 0,
        attempts = 0, changes = changes + 1
    WHERE destination_id = ?1 AND id > ?3 AND id <= ?4 AND target <> 'test'";

/// Makes the states of a destination due whose ids are after the first and not after the second. The result of an
/// attempt in progress does not end that.
pub fn retry(
    sql: &dyn Sql,
    destination: DestinationId,
    (after, last): (i64, i64),
    now: Timestamp,
) -> Result<()> {
    sql.execute(RETRY, values![destination, now, after, last]).map(drop)
}

/// The statement of [`forget_sent`].
pub const FORGET_SENT: &str = "UPDATE forwarded_states SET progress = 'pending', reason = NULL, next_at = ?2,
        not_before = 0, attempts = 0, changes = changes + 1, sent_state = NULL, sent_description = NULL,
        sent_url = NULL, sent_at = NULL, remote_id = NULL, last_at = NULL, last_status = NULL, last_response = NULL,
        last_error = NULL
    WHERE destination_id = ?1 AND id > ?3 AND id <= ?4 AND target <> 'test'";

/// Forgets what the forge of a destination has about the states whose ids are after the first and not after the second,
/// and makes them due: it is another one now.
pub fn forget_sent(
    sql: &dyn Sql,
    destination: DestinationId,
    (after, last): (i64, i64),
    now: Timestamp,
) -> Result<()> {
    sql.execute(FORGET_SENT, values![destination, now, after, last]).map(drop)
}

/// The destinations with due states, of which at most `due_max` are counted, or with attempts in progress; those with
/// the longest waiting state first.
pub fn candidates(sql: &dyn Sql, now: Timestamp, due_max: u32) -> Result<Vec<Candidate<Destination>>> {
    let rows: Vec<(Destination, String, u32, u32)> = sql.all(&candidates_query(), values![now, due_max])?;
    let candidate = |(recipient, path, due, in_progress): (Destination, _, _, _)| {
        let is_paused = recipient.paused_until.is_some_and(|until| until > now);
        Candidate { recipient, path, due: if is_paused { 0 } else { due }, in_progress }
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// The query of [`candidates`].
pub fn candidates_query() -> String {
    format!(
        "SELECT {}, w.path, (SELECT count(*) FROM (SELECT 1 FROM forwarded_states d WHERE d.destination_id = w.id
                 AND d.progress = 'pending' AND d.next_at <= ?1 AND d.not_before <= ?1
                 AND d.claimed_until <= ?1 AND w.reset_after IS NULL LIMIT ?2) few) AS due,
             w.busy FROM (
             SELECT w.*, r.path AS path,
                 (SELECT min(d.next_at) FROM forwarded_states d WHERE d.destination_id = w.id
                 AND d.progress = 'pending') AS first,
                 (SELECT count(*) FROM forwarded_states d WHERE d.destination_id = w.id
                 AND d.claimed_until > ?1 AND d.claimed_until > 0) AS busy
             FROM destinations w JOIN repositories r ON r.id = w.repository_id) w
         WHERE (w.enabled = 1 AND w.first <= ?1) OR w.busy > 0 ORDER BY w.first, w.id",
        Destination::COLUMNS
    )
}

/// Claims at most `limit` due states of a destination until `until`, those first that are due for the longest time.
pub fn claim(
    sql: &dyn Sql,
    destination: DestinationId,
    (now, until): (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<ClaimedRow>> {
    let rows: Vec<(ForwardedState, Option<JobId>, i64, i64)> =
        sql.all(&claim_statement(), values![destination, now, until, limit])?;
    let row = |(state, job, claim, changes)| ClaimedRow { state, job, claim, changes };
    let mut rows: Vec<_> = rows.into_iter().map(row).collect();
    rows.sort_unstable_by_key(|row| row.state.id);
    Ok(rows)
}

/// The statement of [`claim`].
pub fn claim_statement() -> String {
    // The condition is repeated outside the subquery: of two concurrent claims, the second checks it again
    // after the first.
    format!(
        "UPDATE forwarded_states SET claimed_until = ?3, attempts = attempts + 1, claims = claims + 1
         WHERE id IN (SELECT d.id FROM forwarded_states d WHERE d.destination_id = ?1 AND d.progress = 'pending'
             AND d.next_at <= ?2 AND d.not_before <= ?2 AND d.claimed_until <= ?2 ORDER BY d.next_at, d.id LIMIT ?4)
           AND progress = 'pending' AND next_at <= ?2 AND not_before <= ?2 AND claimed_until <= ?2
         RETURNING {}, job_id, claims, changes",
        ForwardedState::COLUMNS
    )
}

/// Ends a claim of a state of which nothing is to be sent, unless it changed since. A state that was never sent is
/// deleted.
pub fn release(sql: &dyn Sql, row: &ClaimedRow) -> Result<()> {
    let delete =
        "DELETE FROM forwarded_states WHERE id = ?1 AND claims = ?2 AND changes = ?3 AND sent_state IS NULL";
    sql.execute(delete, values![row.state.id, row.claim, row.changes])?;
    let update = "UPDATE forwarded_states SET claimed_until = 0,
            progress = CASE WHEN changes = ?3 THEN 'sent' ELSE progress END,
            reason = CASE WHEN changes = ?3 THEN NULL ELSE reason END
        WHERE id = ?1 AND claims = ?2";
    sql.execute(update, values![row.state.id, row.claim, row.changes]).map(drop)
}

/// Writes the result of an attempt, unless the state was claimed again since. A state that changed since stays due.
/// Returns whether it was written.
pub fn store_result(sql: &dyn Sql, result: &StateResult) -> Result<bool> {
    let update = "UPDATE forwarded_states SET claimed_until = 0, remote_id = ?7,
            not_before = CASE WHEN target = 'pipeline' THEN CAST(?8 AS BIGINT) ELSE 0 END,
            progress = CASE WHEN changes = ?3 THEN ?4 ELSE progress END,
            reason = CASE WHEN changes = ?3 THEN ?5 ELSE reason END,
            next_at = CASE WHEN changes = ?3 THEN ?6 ELSE next_at END
        WHERE id = ?1 AND claims = ?2 AND claimed_until > 0";
    let next_at = result.progress.next_at().unwrap_or(result.at);
    let row = values![
        result.id,
        result.claim,
        result.changes,
        result.progress.as_str(),
        result.progress.reason(),
        next_at,
        result.remote_id,
        result.at.checked_add(PIPELINE_PAUSE).unwrap_or(result.at),
    ];
    if sql.execute(update, row)? == 0 {
        return Ok(false);
    }
    if let Some(sent) = &result.sent {
        let update =
            "UPDATE forwarded_states SET sent_state = ?2, sent_description = ?3, sent_url = ?4, sent_at = ?5
            WHERE id = ?1";
        sql.execute(update, values![result.id, sent.state, sent.description, sent.url, result.at])?;
    }
    if let Some(last) = &result.last {
        let update =
            "UPDATE forwarded_states SET last_at = ?2, last_status = ?3, last_response = ?4, last_error = ?5
            WHERE id = ?1";
        sql.execute(update, values![result.id, last.at, last.status, last.response_body, last.error])?;
    }
    Ok(true)
}

/// Ends the claim of a state without a result.
pub fn end_claim(sql: &dyn Sql, id: i64, claim: i64) -> Result<()> {
    let update = "UPDATE forwarded_states SET claimed_until = 0 WHERE id = ?1 AND claims = ?2";
    sql.execute(update, values![id, claim]).map(drop)
}

/// Makes at most `limit` states due that wait because the forge was failing.
pub fn end_backoff(sql: &dyn Sql, destination: DestinationId, now: Timestamp, limit: u32) -> Result<u64> {
    let update = "UPDATE forwarded_states SET next_at = ?2 WHERE id IN (SELECT id FROM forwarded_states
        WHERE destination_id = ?1 AND progress = 'pending' AND reason = 'failing' AND next_at > ?2 LIMIT ?3)";
    sql.execute(update, values![destination, now, limit])
}

/// The query of [`any_after`].
pub const ANY_AFTER: &str =
    "SELECT 1 FROM forwarded_states WHERE progress = 'pending' AND (next_at > ?1 OR not_before > ?1)
    UNION ALL SELECT 1 FROM forwarded_states WHERE claimed_until > 0 AND claimed_until > ?1
    UNION ALL SELECT 1 FROM destinations WHERE paused_until > ?1 LIMIT 1";

/// Whether [`bring_forward`] would change any row.
pub fn any_after(sql: &dyn Sql, latest: Timestamp) -> Result<bool> {
    sql.exists(ANY_AFTER, values![latest])
}

/// Makes states due now that would be due after `latest`, and ends claims that would end then, of each at most `limit`;
/// returns their number.
pub fn bring_forward(sql: &dyn Sql, latest: Timestamp, now: Timestamp, limit: u32) -> Result<u64> {
    let due = "UPDATE forwarded_states SET next_at = ?2, not_before = 0 WHERE id IN (SELECT id FROM forwarded_states
        WHERE progress = 'pending' AND (next_at > ?1 OR not_before > ?1) LIMIT ?3)";
    let due = sql.execute(due, values![latest, now, limit])?;
    let claims = "UPDATE forwarded_states SET claimed_until = 0 WHERE id IN (SELECT id FROM forwarded_states
        WHERE claimed_until > 0 AND claimed_until > ?1 LIMIT ?2)";
    Ok(due + sql.execute(claims, values![latest, limit])?)
}

/// The statement of [`delete_of`].
pub const DELETE_OF: &str = "DELETE FROM forwarded_states
    WHERE destination_id IN (SELECT id FROM destinations WHERE repository_id = ?1) AND sha = ?2 AND source = ?3
    AND target <> 'gate'
    AND NOT EXISTS (SELECT 1 FROM pipelines p WHERE p.repository_id = ?1 AND p.sha = ?2 AND p.source = ?3)";

/// Deletes the states about a commit and source that has no pipeline any more.
pub fn delete_of(sql: &dyn Sql, repository: RepositoryId, deleted: &PipelineIdentity) -> Result<()> {
    sql.execute(DELETE_OF, values![repository, deleted.sha, deleted.source]).map(drop)
}

/// Deletes the states about the verdicts of a commit.
pub fn delete_of_gate(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<()> {
    let delete = "DELETE FROM forwarded_states
        WHERE destination_id IN (SELECT id FROM destinations WHERE repository_id = ?1) AND sha = ?2
        AND target = 'gate'";
    sql.execute(delete, values![repository, sha]).map(drop)
}

/// A destination with states that does not exist: looks at one row of each.
pub const ORPHANED: &str = "WITH RECURSIVE d (id) AS (SELECT min(destination_id) FROM forwarded_states
        UNION ALL SELECT (SELECT min(s.destination_id) FROM forwarded_states s WHERE s.destination_id > d.id)
        FROM d WHERE d.id IS NOT NULL)
    SELECT d.id FROM d WHERE d.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM destinations w WHERE w.id = d.id) LIMIT 1";

/// Whether [`delete_orphans`] would delete any row.
pub fn any_orphan(sql: &dyn Sql) -> Result<bool> {
    sql.exists(ORPHANED, values![])
}

/// Deletes at most `limit` states of a destination that does not exist; returns their number.
pub fn delete_orphans(sql: &dyn Sql, limit: u32) -> Result<u64> {
    let delete = format!(
        "DELETE FROM forwarded_states WHERE id IN (SELECT id FROM forwarded_states
         WHERE destination_id = ({ORPHANED}) ORDER BY id LIMIT ?1)"
    );
    sql.execute(&delete, values![limit])
}
