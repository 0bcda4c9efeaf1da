//! Deleted pipelines whose other rows still exist.

use crate::sql::{Sql, table, values};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};

table! {
    /// Deleted pipelines whose stages, jobs, reports and details are not all deleted yet.
    DELETED_PIPELINES "deleted_pipelines", upsert;
    key repository_id: Int, pipeline_id: Int;
    row DeletedPipelineValues;
}

/// The condition that the pipeline of a row of `table`, an alias, is not deleted.
pub fn not_deleted(table: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM deleted_pipelines d
             WHERE d.repository_id = {table}.repository_id AND d.pipeline_id = {table}.pipeline_id)"
    )
}

/// Whether rows of a deleted pipeline of this id still exist.
pub fn contains(sql: &dyn Sql, repository: RepositoryId, pipeline: PipelineId) -> Result<bool> {
    let query = "SELECT 1 FROM deleted_pipelines WHERE repository_id = ?1 AND pipeline_id = ?2";
    sql.exists(query, values![repository, pipeline])
}
