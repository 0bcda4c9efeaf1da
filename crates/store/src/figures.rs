//! The contents and the backlog of the store, for metrics: from counts that every write updates, and from indexes of
//! what is due.

use crate::sql::{Sql, values};
use domain::model::status::Status;
use domain::model::storage::{BACKLOG_COUNTED_MAX, Backlog, JobCount, StoreFigures};
use domain::{Result, Timestamp};

/// The repositories with the most attempts.
const LARGEST: &str = "SELECT repository_id FROM job_counts GROUP BY repository_id ORDER BY sum(count) DESC, repository_id LIMIT ?1";

/// The first time at which a delivery is due, for each webhook by its index.
const FIRST_DELIVERY: &str = "SELECT min(due) FROM (SELECT (SELECT min(d.next_at) FROM deliveries d
    WHERE d.webhook_id = w.id AND d.state = 'pending') AS due FROM webhooks w WHERE w.disabled_at IS NULL) firsts";
/// As [`FIRST_DELIVERY`], of each destination.
const FIRST_STATE: &str = "SELECT min(due) FROM (SELECT (SELECT min(f.next_at) FROM forwarded_states f
    WHERE f.destination_id = w.id AND f.progress = 'pending') AS due FROM destinations w WHERE w.enabled = 1) firsts";
const FIRST_EVALUATION: &str = "SELECT min(changed_at) FROM gate_evaluations WHERE changes > evaluated";

/// Reads the figures, with at most `repositories` repositories by name.
pub fn load(sql: &dyn Sql, repositories: u32) -> Result<StoreFigures> {
    let backlog = |first: &str, rows: &str| -> Result<Backlog> {
        let count = format!("SELECT count(*) FROM (SELECT 1 FROM {rows} LIMIT ?1) few");
        let items = number(sql.one(&count, values![BACKLOG_COUNTED_MAX])?);
        let due_since: Option<Timestamp> = sql.one(first, values![])?;
        Ok(Backlog { items, due_since })
    };
    Ok(StoreFigures {
        repositories: number(sql.one("SELECT count(*) FROM repositories", values![])?),
        jobs: jobs(sql, repositories)?,
        webhooks: backlog(
            FIRST_DELIVERY,
            "deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.state = 'pending' AND w.disabled_at IS NULL",
        )?,
        forwarding: backlog(
            FIRST_STATE,
            "forwarded_states f JOIN destinations w ON w.id = f.destination_id
             WHERE f.progress = 'pending' AND w.enabled = 1",
        )?,
        verdicts: backlog(FIRST_EVALUATION, "gate_evaluations WHERE changes > evaluated")?,
    })
}

/// The attempts by repository and status, and those of all other repositories by status.
fn jobs(sql: &dyn Sql, repositories: u32) -> Result<Vec<JobCount>> {
    let named = format!(
        "SELECT r.path, c.status, c.count FROM job_counts c JOIN repositories r ON r.id = c.repository_id
         WHERE c.repository_id IN (SELECT repository_id FROM ({LARGEST}) largest) ORDER BY r.path, c.status"
    );
    let others = format!(
        "SELECT c.status, CAST(sum(c.count) AS BIGINT) FROM job_counts c
         WHERE c.repository_id NOT IN (SELECT repository_id FROM ({LARGEST}) largest)
         GROUP BY c.status ORDER BY c.status"
    );
    let named: Vec<(String, Status, i64)> = sql.all(&named, values![repositories])?;
    let others: Vec<(Status, i64)> = sql.all(&others, values![repositories])?;
    let named = named.into_iter().map(|(path, status, count)| (Some(path), status, count));
    let others = others.into_iter().map(|(status, count)| (None, status, count));
    let count = |(repository, status, count)| JobCount { repository, status, count: number(count) };
    Ok(named.chain(others).map(count).collect())
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
