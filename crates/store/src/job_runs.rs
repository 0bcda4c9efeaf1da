//! The attempts of one job across pipelines: a range of the index by name, newest first.

use crate::engine::{Engine, SqlStore};
use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::jobs::ref_digest;
use crate::sql::{Columns as _, Sql, Value, columns, parameters, values};
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::job_runs::{JobAttempt, JobAttempts, JobRunsFilter, NAMED_MAX};
use domain::ports::JobRuns;

/// The ref of the pipeline of an attempt.
macro_rules! git_ref {
    () => {
        "(SELECT p.ref FROM pipelines p WHERE p.repository_id = named.repository_id AND p.id = named.pipeline_id)"
    };
}

/// The source of the pipeline of an attempt.
macro_rules! source {
    () => {
        "(SELECT p.source FROM pipelines p WHERE p.repository_id = named.repository_id AND p.id = named.pipeline_id)"
    };
}

// Subqueries instead of joins, so that no engine scans a whole table.
columns! {
    JobAttempt from "named": id, pipeline = "named.pipeline_id", git_ref = git_ref!(), status, newest, created_at,
        sha = "(SELECT p.sha FROM pipelines p WHERE p.repository_id = named.repository_id
            AND p.id = named.pipeline_id)",
        source = source!(),
        started_at = "named.created_at + named.started_after", finished_at
    => Self { id, pipeline, sha, git_ref, source, status, newest, created_at, started_at, finished_at }
}

/// Whether a repository, ?1, has more attempts of a name, ?2, than ?3.
pub const HAS_MORE: &str = "SELECT 1 FROM jobs INDEXED BY jobs_by_name WHERE repository_id = ?1 AND name = ?2
    ORDER BY id DESC LIMIT 1 OFFSET ?3";

#[async_trait]
impl<E: Engine> JobRuns for SqlStore<E> {
    async fn job_attempts(
        &self,
        repository: RepositoryId,
        filter: JobRunsFilter,
        limit: u32,
    ) -> Result<JobAttempts> {
        self.scan(Some(repository), move |sql| read(sql, repository, &filter, limit)).await
    }
}

fn read(sql: &dyn Sql, repository: RepositoryId, filter: &JobRunsFilter, limit: u32) -> Result<JobAttempts> {
    let query = attempts_query(filter.git_ref.is_some(), filter.source.is_some());
    let mut values: Vec<Value<'_>> = vec![
        repository.into(),
        filter.name.as_str().into(),
        NAMED_MAX.into(),
        filter.stage.as_str().into(),
        limit.saturating_add(1).into(),
    ];
    if let Some(source) = &filter.source {
        values.push(source.as_str().into());
    }
    if let Some(git_ref) = &filter.git_ref {
        values.extend([ref_digest(git_ref).into(), git_ref.as_str().into()]);
    }
    let mut attempts: Vec<JobAttempt> = sql.all(&query, &parameters(&values))?;
    let limit = limit as usize;
    let truncated =
        attempts.len() > limit || sql.exists(HAS_MORE, values![repository, filter.name, NAMED_MAX])?;
    attempts.truncate(limit);
    Ok(JobAttempts { attempts, truncated })
}

/// The query of the newest attempts, at most ?5, in a stage, ?4, among the newest ?3 attempts with the name ?2 in the
/// repository ?1; and with the next values, of one source if `by_source`, and of one ref, its digest first, if `by_ref`.
pub fn attempts_query(by_ref: bool, by_source: bool) -> String {
    let of_source = if by_source { concat!(" AND ", source!(), " = ?6") } else { "" };
    let of_ref = match (by_ref, by_source) {
        (false, _) => "",
        (true, false) => concat!(" AND named.ref_digest = ?6 AND ", git_ref!(), " = ?7"),
        (true, true) => concat!(" AND named.ref_digest = ?7 AND ", git_ref!(), " = ?8"),
    };
    format!(
        "SELECT {} FROM (SELECT j.repository_id, j.pipeline_id, j.id, j.stage_id, j.ref_digest, j.status, j.newest,
            j.created_at, j.started_after, j.finished_at FROM jobs j INDEXED BY jobs_by_name
            WHERE j.repository_id = ?1 AND j.name = ?2 ORDER BY j.id DESC LIMIT ?3) named
         WHERE (SELECT s.name FROM stages s WHERE s.repository_id = named.repository_id
            AND s.pipeline_id = named.pipeline_id AND s.id = named.stage_id) = ?4{of_source}{of_ref} AND {}
         ORDER BY named.id DESC LIMIT ?5",
        JobAttempt::COLUMNS,
        not_deleted("named")
    )
}
