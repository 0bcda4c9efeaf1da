//! Insights: the attempts that ended in a period, from a range of the index by end, with three lookups for
//! each.

use crate::engine::{Engine, SqlStore};
use crate::rows::jobs::ref_digest;
use crate::sql::{Columns as _, Sql, Value, columns, parameters, values};
use async_trait::async_trait;
use domain::Result;
use domain::Timestamp;
use domain::model::ids::RepositoryId;
use domain::model::insights::{EndedAttempt, Period};
use domain::ports::{EndedAttempts, Insights};

/// When the attempt ended that is the first beyond the limit ?4, counted from the last one.
pub const CUT: &str = "SELECT finished_at FROM jobs INDEXED BY jobs_by_end
    WHERE repository_id = ?1 AND finished_at >= ?2 AND finished_at <= ?3 ORDER BY finished_at DESC LIMIT 1 OFFSET ?4";

/// The condition that an attempt is of the ref ?5, whose digest is ?4.
const OF_REF: &str = " AND j.ref_digest = ?4 AND (SELECT p.ref FROM pipelines p
    WHERE p.repository_id = j.repository_id AND p.id = j.pipeline_id) = ?5";

/// `None` for an attempt of a deleted pipeline, whose commit is no longer stored.
struct EndedRow(Option<EndedAttempt>);

// Subqueries instead of joins, so that no engine scans a whole table.
columns! {
    EndedRow from "j": name, status, newest, started_at = "j.created_at + j.started_after", finished_at,
        stage: Option<String> = "(SELECT s.name FROM stages s
             WHERE s.repository_id = j.repository_id AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id)",
        sha: Option<String> = "(SELECT p.sha FROM pipelines p WHERE p.repository_id = j.repository_id
            AND p.id = j.pipeline_id)",
        source: Option<String> = "(SELECT p.source FROM pipelines p WHERE p.repository_id = j.repository_id
            AND p.id = j.pipeline_id)"
    => Self(sha.zip(source).map(|(sha, source)| {
        let stage = stage.unwrap_or_default();
        EndedAttempt { stage, name, sha, source, status, newest, started_at, finished_at }
    }))
}

#[async_trait]
impl<E: Engine> Insights for SqlStore<E> {
    async fn ended_attempts(
        &self,
        repository: RepositoryId,
        period: Period,
        git_ref: Option<String>,
        most: u32,
    ) -> Result<EndedAttempts> {
        self.scan(Some(repository), move |sql| ended(sql, repository, period, git_ref, most)).await
    }
}

/// The query of the attempts of a repository, ?1, that ended from ?2 to ?3, and of one ref, ?5
/// with the digest ?4, if `by_ref`.
pub fn ended_query(by_ref: bool) -> String {
    format!(
        "SELECT {} FROM jobs j INDEXED BY jobs_by_end
         WHERE j.repository_id = ?1 AND j.finished_at >= ?2 AND j.finished_at <= ?3{}",
        EndedRow::COLUMNS,
        if by_ref { OF_REF } else { "" }
    )
}

fn ended(
    sql: &dyn Sql,
    repository: RepositoryId,
    period: Period,
    git_ref: Option<String>,
    most: u32,
) -> Result<EndedAttempts> {
    let cut: Option<i64> = sql.first(CUT, values![repository, period.since, period.until, most])?;
    // All that ended in the same millisecond are left out together, so the result does not depend on an order
    // among equals.
    let since = cut.map_or(period.since.as_millisecond(), |at| at.saturating_add(1));
    let mut values: Vec<Value<'_>> = vec![repository.into(), since.into(), period.until.into()];
    let query = ended_query(git_ref.is_some());
    if let Some(git_ref) = git_ref {
        values.extend([ref_digest(&git_ref).into(), git_ref.into()]);
    }
    let rows: Vec<EndedRow> = sql.all(&query, &parameters(&values))?;
    let attempts = rows.into_iter().filter_map(|row| row.0).collect();
    let cut_before =
        cut.map(|_| Timestamp::from_millisecond(since)).transpose().map_err(crate::sql::corrupt)?;
    Ok(EndedAttempts { attempts, cut_before })
}
