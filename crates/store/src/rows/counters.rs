//! Counters: the last ids assigned in each repository, and the numbers of jobs and pipelines by status.

use crate::sql::{Columns as _, Sql, columns, table, values};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::pipelines::Counters;

table! {
    /// The last ids assigned in each repository, and when it was last changed or received a report. Every
    /// repository has a row.
    COUNTERS "counters", upsert;
    key repository_id: Int;
    replaced pipeline: Int, stage: Int, job: Int, report: Int, event: Int, active_at: Int;
    row CounterValues;
}

columns! {
    Counters from "c": pipeline, stage, job, report, event
    => Self { pipeline, stage, job, report, event }
}

table! {
    /// The number of jobs of a repository by the number of their status.
    JOB_COUNTS "job_counts", upsert;
    key repository_id: Int, status: Int;
    added count: Int;
    row JobCountValues;
}

table! {
    /// The number of pipelines of a repository by ref and status.
    PIPELINE_COUNTS "pipeline_counts", upsert;
    key repository_id: Int, git_ref "ref": Text, status: Text;
    added count: Int;
    row PipelineCountValues;
}

/// The last ids assigned in a repository, and when it was last changed or received a report, in milliseconds
/// since 1970.
pub fn load(sql: &dyn Sql, repository: RepositoryId) -> Result<Option<(Counters, i64)>> {
    let query =
        format!("SELECT {}, c.active_at FROM counters c WHERE c.repository_id = ?1", Counters::COLUMNS);
    sql.first(&query, values![repository])
}

/// The number of the last event of a repository; 0 if it has none.
pub fn last_event(sql: &dyn Sql, repository: RepositoryId) -> Result<i64> {
    let query = "SELECT event FROM counters WHERE repository_id = ?1";
    Ok(sql.first(query, values![repository])?.unwrap_or_default())
}

/// The number of the last report of a repository; 0 if it has none.
pub fn last_report(sql: &dyn Sql, repository: RepositoryId) -> Result<i64> {
    let query = "SELECT report FROM counters WHERE repository_id = ?1";
    Ok(sql.first(query, values![repository])?.unwrap_or_default())
}

/// The repositories with an id of a pipeline, stage or job that is greater than `id`, at most `limit`, with the last
/// ids assigned.
pub fn beyond(sql: &dyn Sql, id: i32, limit: u32) -> Result<Vec<(RepositoryId, Counters)>> {
    let query = format!(
        "SELECT c.repository_id, {} FROM counters c WHERE c.pipeline > ?1 OR c.stage > ?1 OR c.job > ?1
         ORDER BY c.repository_id LIMIT ?2",
        Counters::COLUMNS
    );
    sql.all(&query, values![id, limit])
}
