//! The attempts that ended in a period: a stretch of the index by when they ended, and three steps for each.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, Value, places, values};
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::insights::{EndedAttempt, Period};
use domain::ports::{EndedAttempts, Insights};
use std::ops::ControlFlow;

/// When the first one ended that is too many, of the newest first.
pub const CUT: &str = "SELECT finished_at FROM jobs INDEXED BY jobs_by_end
    WHERE repository_id = ?1 AND finished_at >= ?2 AND finished_at <= ?3 ORDER BY finished_at DESC LIMIT 1 OFFSET ?4";
/// The attempts. Of one whose pipeline was taken away there is no commit. Asked for row by row, so that no engine reads whole tables to join.
pub const ENDED: &str = "SELECT j.name, j.status, j.newest, j.started_at, j.finished_at,
    (SELECT s.name FROM stages s WHERE s.repository_id = j.repository_id AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id),
    (SELECT p.sha FROM pipelines p WHERE p.repository_id = j.repository_id AND p.id = j.pipeline_id)
    FROM jobs j INDEXED BY jobs_by_end WHERE j.repository_id = ?1 AND j.finished_at >= ?2 AND j.finished_at <= ?3";

#[async_trait]
impl<E: Engine> Insights for SqlStore<E> {
    async fn ended_attempts(
        &self,
        repository: RepositoryId,
        period: Period,
        git_ref: Option<String>,
        most: u32,
    ) -> Result<EndedAttempts> {
        self.snapshot(move |sql| ended(sql, repository, period, git_ref, most)).await
    }
}

fn ended(
    sql: &dyn Sql,
    repository: RepositoryId,
    period: Period,
    git_ref: Option<String>,
    most: u32,
) -> Result<EndedAttempts> {
    let (since, until) = (period.since.as_millisecond(), period.until.as_millisecond());
    let cut = values![repository.get(), since, until, most];
    let cut: Option<i64> = sql.first(CUT, cut, |row| row.get(0))?;
    // All that ended in the same moment as the one too many are left out with it: what is looked at does not hang on an order among equals.
    let since = cut.map_or(since, |at| at.saturating_add(1));
    let mut statement = ENDED.to_owned();
    let mut values: Vec<Value<'_>> = vec![repository.get().into(), since.into(), until.into()];
    if let Some(git_ref) = git_ref {
        statement += " AND j.ref = ?4";
        values.push(git_ref.into());
    }
    let mut attempts = Vec::new();
    sql.each(&statement, &places(&values), &mut |row| {
        attempts.extend(read(row)?);
        Ok(ControlFlow::Continue(()))
    })?;
    let cut_before = cut.map(|_| rows::time(since)).transpose()?;
    Ok(EndedAttempts { attempts, cut_before })
}

fn read(row: &dyn Row) -> Result<Option<EndedAttempt>> {
    let Some(sha) = row.get(6)? else { return Ok(None) };
    Ok(Some(EndedAttempt {
        stage: row.get::<Option<String>>(5)?.unwrap_or_default(),
        name: row.get(0)?,
        sha,
        status: rows::status(&row.get::<String>(1)?)?,
        newest: row.get(2)?,
        started_at: rows::optional_time(row.get(3)?)?,
        finished_at: rows::time(row.get(4)?)?,
    }))
}
