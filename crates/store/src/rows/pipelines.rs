//! Pipelines.

use super::{id_list, jobs, stages};
use crate::sql::{Columns as _, Sql, ToValue as _, columns, parameters, table, values};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::{LabelTimes, Pipeline, PipelineIdentity, PipelineState};
use std::collections::BTreeSet;
use std::sync::LazyLock;

table! {
    /// Pipelines.
    PIPELINES "pipelines", upsert;
    key repository_id: Int, id: Int;
    fixed sha: Text, git_ref "ref": Text, source: Text, key: Text;
    replaced status: Text, web_url: Text, trigger_user: Text, created_at: Int, updated_at: Int,
        started_at: Int, finished_at: Int, job_count: Int, version: Int, web_url_at: Int,
        trigger_user_at: Int;
    row PipelineValues;
}

columns! {
    Pipeline from "p": repository_id, id, sha, git_ref = "p.ref", source, key, status, web_url, trigger_user,
        created_at, updated_at, started_at, finished_at, job_count, version, web_url_at, trigger_user_at
    => Self {
        id,
        repository_id,
        identity: PipelineIdentity { sha, git_ref, source, key }.into(),
        status,
        web_url,
        trigger_user,
        label_times: LabelTimes { web_url: web_url_at, trigger_user: trigger_user_at },
        created_at,
        updated_at,
        started_at,
        finished_at,
        job_count,
        version,
    }
}

impl<'a> From<&'a Pipeline> for PipelineValues<'a> {
    fn from(pipeline: &'a Pipeline) -> Self {
        Self {
            repository_id: pipeline.repository_id.to_value(),
            id: pipeline.id.to_value(),
            sha: pipeline.identity.sha.to_value(),
            git_ref: pipeline.identity.git_ref.to_value(),
            source: pipeline.identity.source.to_value(),
            key: pipeline.identity.key.to_value(),
            status: pipeline.status.to_value(),
            web_url: pipeline.web_url.to_value(),
            trigger_user: pipeline.trigger_user.to_value(),
            created_at: pipeline.created_at.to_value(),
            updated_at: pipeline.updated_at.to_value(),
            started_at: pipeline.started_at.to_value(),
            finished_at: pipeline.finished_at.to_value(),
            job_count: pipeline.job_count.to_value(),
            version: pipeline.version.to_value(),
            web_url_at: pipeline.label_times.web_url.to_value(),
            trigger_user_at: pipeline.label_times.trigger_user.to_value(),
        }
    }
}

/// The query of [`load`]; its values are the repository and the pipeline.
pub static LOAD: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {} FROM pipelines p WHERE p.repository_id = ?1 AND p.id = ?2", Pipeline::COLUMNS)
});

pub fn load(sql: &dyn Sql, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>> {
    sql.first(&LOAD, values![repository, id])
}

/// The pipelines with these ids, as far as they exist.
pub fn load_many(sql: &dyn Sql, repository: RepositoryId, ids: &BTreeSet<i64>) -> Result<Vec<Pipeline>> {
    let Some((values, ids)) = id_list(sql.flavor(), repository, ids) else { return Ok(Vec::new()) };
    let query = format!(
        "SELECT {} FROM pipelines p WHERE p.repository_id = ?1 AND p.id IN ({ids})",
        Pipeline::COLUMNS
    );
    sql.all(&query, &parameters(&values))
}

/// A pipeline with all its stages and attempts.
pub fn load_state(sql: &dyn Sql, repository: RepositoryId, id: PipelineId) -> Result<Option<PipelineState>> {
    let Some(pipeline) = load(sql, repository, id)? else { return Ok(None) };
    let stages = stages::load(sql, repository, id)?;
    let jobs = jobs::load(sql, repository, id, 0, u32::MAX)?;
    Ok(Some(PipelineState::load(pipeline, stages, jobs)))
}

/// The pipeline with this identity.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    identity: &PipelineIdentity,
) -> Result<Option<PipelineId>> {
    let query = "SELECT id FROM pipelines WHERE repository_id = ?1 AND sha = ?2 AND ref = ?3 AND source = ?4
        AND key = ?5";
    let PipelineIdentity { sha, git_ref, source, key } = identity;
    sql.first(query, values![repository, sha, git_ref, source, key])
}

/// The newest 100 pipelines of a commit and source without their own key, newest first.
pub fn of_commit(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    source: &str,
) -> Result<Vec<PipelineId>> {
    let query = "SELECT id FROM pipelines INDEXED BY pipelines_by_identity
                 WHERE repository_id = ?1 AND sha = ?2 AND source = ?3 AND key = '' ORDER BY id DESC LIMIT 100";
    sql.all(query, values![repository, sha, source])
}
