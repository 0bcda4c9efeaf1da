//! What the store has and what waits in it, for metrics: from counts that every write updates, and from indexes of what
//! is due.

use crate::sql::{Sql, values};
use domain::model::status::Status;
use domain::model::storage::{BACKLOG_COUNTED_MAX, Backlog, JobCount, StoreFigures};
use domain::{Result, Timestamp};

/// The repositories with the most attempts.
const LARGEST: &str = "SELECT repository_id FROM job_counts GROUP BY repository_id ORDER BY sum(count) DESC, repository_id LIMIT ?1";

/// The query of a backlog: its rows with the time when each is due, which is an index.
fn backlog_query(due: &str, rows: &str) -> String {
    format!("SELECT count(*), min(due) FROM (SELECT {due} AS due FROM {rows} LIMIT ?1) few")
}

/// Reads the figures, with at most `repositories` repositories by name.
pub fn load(sql: &dyn Sql, repositories: u32) -> Result<StoreFigures> {
    let backlog = |due: &str, rows: &str| -> Result<Backlog> {
        let (items, due_since): (i64, Option<Timestamp>) =
            sql.one(&backlog_query(due, rows), values![BACKLOG_COUNTED_MAX])?;
        Ok(Backlog { items: number(items), due_since })
    };
    Ok(StoreFigures {
        repositories: number(sql.one("SELECT count(*) FROM repositories", values![])?),
        jobs: jobs(sql, repositories)?,
        webhooks: backlog(
            "d.next_at",
            "deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.state = 'pending' AND w.disabled_at IS NULL",
        )?,
        forwarding: backlog(
            "f.next_at",
            "forwarded_states f JOIN destinations w ON w.id = f.destination_id
             WHERE f.progress = 'pending' AND w.enabled = 1",
        )?,
        verdicts: backlog("changed_at", "gate_evaluations WHERE changes > evaluated")?,
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
