//! Jobs: every attempt of every job is a row. Its status is a number, two of its times are differences to
//! `created_at` in milliseconds, and its ref is a digest, because the pipeline has the ref.

use super::types::status_number;
use crate::sql::{Columns as _, Reader, Row, Sql, ToValue as _, Value, columns, corrupt, table, values};
use domain::model::attempts::{Attempt, Evidence};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::{Job, ListedJob};
use domain::model::pipelines::Pipeline;
use domain::model::status::Status;
use domain::{Result, Timestamp};
use std::sync::LazyLock;

table! {
    /// Jobs.
    JOBS "jobs", upsert;
    key repository_id: Int, pipeline_id: Int, id: Int;
    fixed stage_id: Int, name: Text, attempt_number: Int, ref_digest: Int;
    replaced newest: Int, status: Int, third_build_id: Text, target_url: Text, description: Text,
        coverage: Real, allow_failure: Int, created_at: Int, updated_after: Int, started_after: Int,
        finished_at: Int, evidence: Blob;
    row JobValues;
}

columns! {
    Job from "j": id, stage_id, name, attempt_number, newest, status, third_build_id, target_url: Option<String>,
        description, coverage, allow_failure, created_at: Timestamp, updated_at = "j.created_at + j.updated_after",
        started_at = "j.created_at + j.started_after", finished_at, evidence: Vec<u8>
    => Self {
        id,
        stage_id,
        name,
        attempt_number,
        newest,
        updated_at,
        attempt: Attempt {
            status,
            third_build_id,
            evidence: Evidence::from_bytes(&evidence, created_at, target_url.as_deref())
                .ok_or_else(|| corrupt("the evidence of an attempt cannot be read"))?,
            target_url,
            description,
            coverage,
            allow_failure,
            created_at,
            started_at,
            finished_at,
        },
    }
}

/// The digest of a ref: FNV-1a, 32 bits. Few refs share one, so what it finds is compared with the ref itself.
pub fn ref_digest(git_ref: &str) -> i64 {
    let digest =
        git_ref.bytes().fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    digest.cast_signed().into()
}

/// The difference of a time to `created_at`.
pub fn after(created_at: Timestamp, at: Timestamp) -> Value<'static> {
    (at.as_millisecond() - created_at.as_millisecond()).into()
}

impl<'a> JobValues<'a> {
    pub fn new(pipeline: &'a Pipeline, job: &'a Job) -> Self {
        let attempt = &job.attempt;
        Self {
            repository_id: pipeline.repository_id.to_value(),
            pipeline_id: pipeline.id.to_value(),
            id: job.id.to_value(),
            stage_id: job.stage_id.to_value(),
            name: job.name.to_value(),
            attempt_number: job.attempt_number.to_value(),
            ref_digest: ref_digest(&pipeline.identity.git_ref).into(),
            newest: job.newest.to_value(),
            status: status_number(attempt.status).into(),
            third_build_id: attempt.third_build_id.to_value(),
            target_url: attempt.target_url.to_value(),
            description: attempt.description.to_value(),
            coverage: attempt.coverage.to_value(),
            allow_failure: attempt.allow_failure.to_value(),
            created_at: attempt.created_at.to_value(),
            updated_after: after(attempt.created_at, job.updated_at),
            started_after: attempt.started_at.map_or(Value::Null, |at| after(attempt.created_at, at)),
            finished_at: attempt.finished_at.to_value(),
            evidence: attempt.evidence.to_bytes(attempt.created_at, attempt.target_url.as_deref()).into(),
        }
    }
}

/// The attempts of a pipeline in order of id, for [`listed`]. The values are the repository, the pipeline, the offset
/// and the limit.
pub static LISTED: LazyLock<String> = LazyLock::new(|| {
    let condition = "j.repository_id = ?1 AND j.pipeline_id = ?2 ORDER BY j.id LIMIT ?4 OFFSET ?3";
    format!("SELECT {LISTED_COLUMNS} FROM jobs j WHERE {condition}")
});

const LISTED_COLUMNS: &str =
    "j.id, j.stage_id, j.name, j.attempt_number, j.newest, j.status, j.third_build_id,
    j.target_url, j.description, j.coverage, j.allow_failure, j.created_at, j.created_at + j.updated_after,
    j.created_at + j.started_after, j.finished_at";

/// Reads a row of [`LISTED`].
pub fn listed(row: &dyn Row) -> Result<ListedJob<'_>> {
    let mut columns = Reader::new(row, 0);
    Ok(ListedJob {
        id: columns.read()?,
        stage_id: columns.read()?,
        name: columns.read_text()?.unwrap_or_default(),
        attempt_number: columns.read()?,
        newest: columns.read()?,
        status: columns.read()?,
        third_build_id: columns.read_text()?,
        target_url: columns.read_text()?,
        description: columns.read_text()?,
        coverage: columns.read()?,
        allow_failure: columns.read()?,
        created_at: columns.read()?,
        updated_at: columns.read()?,
        started_at: columns.read()?,
        finished_at: columns.read()?,
    })
}

/// The attempts of a pipeline in order of id.
pub fn load(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    offset: u32,
    limit: u32,
) -> Result<Vec<Job>> {
    let query = format!(
        "SELECT {} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id = ?2 ORDER BY j.id LIMIT ?4 OFFSET ?3",
        Job::COLUMNS
    );
    sql.all(&query, values![repository, pipeline, offset, limit])
}

/// The newest attempts of a pipeline's jobs: first those that failed and may not fail, then those that failed
/// and may, then the others, each in order of id. Reads all attempts of the pipeline.
pub fn load_newest(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    limit: u32,
) -> Result<Vec<Job>> {
    let query = format!(
        "SELECT {} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id = ?2 AND j.newest = 1
         ORDER BY CASE WHEN j.status NOT IN ({}, {}) THEN 2 ELSE j.allow_failure END, j.id LIMIT ?3",
        Job::COLUMNS,
        status_number(Status::Failed),
        status_number(Status::TimedOut)
    );
    sql.all(&query, values![repository, pipeline, limit])
}

/// The number of jobs of a pipeline. Reads all attempts of the pipeline.
pub fn count_newest(sql: &dyn Sql, repository: RepositoryId, pipeline: PipelineId) -> Result<u32> {
    let query = "SELECT COUNT(*) FROM jobs WHERE repository_id = ?1 AND pipeline_id = ?2 AND newest = 1";
    let count: i64 = sql.one(query, values![repository, pipeline])?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The pipeline of an attempt.
pub fn pipeline_of(sql: &dyn Sql, repository: RepositoryId, id: JobId) -> Result<Option<PipelineId>> {
    let query = "SELECT pipeline_id FROM jobs WHERE repository_id = ?1 AND id = ?2";
    sql.first(query, values![repository, id])
}

/// Whether a pipeline has a job of this stage and name. The concatenation keeps the engines from the index by
/// name, which may hold very many rows, and so to the jobs of the pipeline.
pub const HAS_JOB: &str =
    "SELECT EXISTS (SELECT 1 FROM stages s CROSS JOIN jobs j ON j.repository_id = s.repository_id
    AND j.pipeline_id = s.pipeline_id AND j.stage_id = s.id AND j.name || '' = ?4
    WHERE s.repository_id = ?1 AND s.pipeline_id = ?2 AND s.name = ?3)";

/// The names of the jobs of a stage of a pipeline.
pub fn names(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    stage: &str,
) -> Result<Vec<String>> {
    let query = "SELECT DISTINCT j.name FROM stages s JOIN jobs j ON j.repository_id = s.repository_id
        AND j.pipeline_id = s.pipeline_id AND j.stage_id = s.id
        WHERE s.repository_id = ?1 AND s.pipeline_id = ?2 AND s.name = ?3";
    sql.all(query, values![repository, pipeline, stage])
}

/// As [`HAS_JOB`].
pub fn exists(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    stage: &str,
    name: &str,
) -> Result<bool> {
    sql.one(HAS_JOB, values![repository, pipeline, stage, name])
}
