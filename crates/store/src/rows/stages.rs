//! Stages.

use super::id_list;
use crate::sql::{Columns as _, Sql, ToValue as _, columns, parameters, table, values};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::{Pipeline, Stage};
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

table! {
    /// Stages.
    STAGES "stages", upsert;
    key repository_id: Int, pipeline_id: Int, id: Int;
    fixed name: Text;
    replaced sort_id: Int, sort_id_reported: Int, status: Text;
    row StageValues;
}

columns! {
    Stage from "s": id, name, sort_id, sort_id_reported, status
    => Self { id, name, sort_id, sort_id_reported, status }
}

impl<'a> StageValues<'a> {
    pub fn new(pipeline: &'a Pipeline, stage: &'a Stage) -> Self {
        Self {
            repository_id: pipeline.repository_id.to_value(),
            pipeline_id: pipeline.id.to_value(),
            id: stage.id.to_value(),
            name: stage.name.to_value(),
            sort_id: stage.sort_id.to_value(),
            sort_id_reported: stage.sort_id_reported.to_value(),
            status: stage.status.to_value(),
        }
    }
}

/// The query of [`load`]; its values are the repository and the pipeline.
pub static LOAD: LazyLock<String> = LazyLock::new(|| {
    let condition = "s.repository_id = ?1 AND s.pipeline_id = ?2 ORDER BY s.id";
    format!("SELECT {} FROM stages s WHERE {condition}", Stage::COLUMNS)
});

/// The stages of a pipeline in order of id.
pub fn load(sql: &dyn Sql, repository: RepositoryId, pipeline: PipelineId) -> Result<Vec<Stage>> {
    sql.all(&LOAD, values![repository, pipeline])
}

/// The stages of pipelines, in the order in which they are displayed.
pub fn load_many(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipelines: &BTreeSet<i64>,
) -> Result<HashMap<PipelineId, Vec<Stage>>> {
    let mut found: HashMap<PipelineId, Vec<Stage>> = HashMap::new();
    let Some((values, ids)) = id_list(sql.flavor(), repository, pipelines) else { return Ok(found) };
    let query = format!(
        "SELECT s.pipeline_id, {} FROM stages s WHERE s.repository_id = ?1 AND s.pipeline_id IN ({ids})
         ORDER BY s.sort_id, s.id",
        Stage::COLUMNS
    );
    for (pipeline, stage) in sql.all(&query, &parameters(&values))? {
        found.entry(pipeline).or_default().push(stage);
    }
    Ok(found)
}
