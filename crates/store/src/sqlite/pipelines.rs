//! Pipelines: rows in and out.

pub mod find;

use super::desk::Dirty;
use super::jobs::{load_jobs, load_stages, write_jobs, write_stages};
use super::{Sqlite, failed, merge_requests};
use crate::rows;
use async_trait::async_trait;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::{Found, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::pipelines::{Pipeline, PipelineIdentity, Run};
use domain::ports::Pipelines;
use domain::{Result, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const COLUMNS: &str =
    "id, sha, ref, source, key, status, web_url, trigger_user, created_at, updated_at, started_at,
                       finished_at, job_count, version";

#[async_trait]
impl Pipelines for Sqlite {
    async fn pipeline(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>> {
        self.read(move |sql| load_pipeline(sql, repository, id)).await
    }

    async fn find_pipelines(
        &self,
        repository: RepositoryId,
        filter: PipelineFilter,
        window: Window<PipelineOrder>,
    ) -> Result<Found<Pipeline>> {
        self.read(move |sql| snapshot(sql, |sql| find::find(sql, repository, &filter, window))).await
    }

    async fn count_pipelines(&self, repository: RepositoryId, filter: PipelineFilter) -> Result<u64> {
        self.read(move |sql| snapshot(sql, |sql| find::count(sql, repository, &filter))).await
    }

    async fn commits(&self, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>> {
        let prefix = prefix.to_owned();
        self.read(move |sql| find::commits(sql, repository, &prefix, limit)).await
    }

    async fn run(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Run>> {
        self.read(move |sql| snapshot(sql, |sql| load_run(sql, repository, id))).await
    }
}

/// Reads several statements as of one moment.
pub fn snapshot<T>(sql: &Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let moment = sql.unchecked_transaction().map_err(failed)?;
    let result = read(sql);
    moment.finish().map_err(failed)?;
    result
}

/// A row before its words are understood.
struct Raw {
    id: i64,
    identity: PipelineIdentity,
    status: String,
    web_url: Option<String>,
    trigger_user: Option<String>,
    times: [i64; 2],
    optional_times: [Option<i64>; 2],
    job_count: u32,
    version: i64,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        identity: PipelineIdentity {
            sha: row.get(1)?,
            git_ref: row.get(2)?,
            source: row.get(3)?,
            key: row.get(4)?,
        },
        status: row.get(5)?,
        web_url: row.get(6)?,
        trigger_user: row.get(7)?,
        times: [row.get(8)?, row.get(9)?],
        optional_times: [row.get(10)?, row.get(11)?],
        job_count: row.get(12)?,
        version: row.get(13)?,
    })
}

impl Raw {
    fn understand(self, repository_id: RepositoryId) -> Result<Pipeline> {
        Ok(Pipeline {
            id: rows::pipeline_id(self.id)?,
            repository_id,
            identity: self.identity,
            status: rows::status(&self.status)?,
            web_url: self.web_url,
            trigger_user: self.trigger_user,
            created_at: rows::time(self.times[0])?,
            updated_at: rows::time(self.times[1])?,
            started_at: rows::optional_time(self.optional_times[0])?,
            finished_at: rows::optional_time(self.optional_times[1])?,
            job_count: self.job_count,
            version: self.version,
        })
    }
}

pub fn load_pipeline(sql: &Connection, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>> {
    sql.prepare_cached(&format!("SELECT {COLUMNS} FROM pipelines WHERE repository_id = ?1 AND id = ?2"))
        .and_then(|mut statement| statement.query_row([repository.get(), id.get()], raw).optional())
        .map_err(failed)?
        .map(|raw| raw.understand(repository))
        .transpose()
}

pub fn load_run(sql: &Connection, repository: RepositoryId, id: PipelineId) -> Result<Option<Run>> {
    let Some(pipeline) = load_pipeline(sql, repository, id)? else { return Ok(None) };
    let stages = load_stages(sql, repository, id)?;
    let jobs = load_jobs(sql, repository, id, 0, u32::MAX)?;
    Ok(Some(Run::load(pipeline, stages, jobs)))
}

/// Writes the rows of a run that changed.
pub fn write_run(sql: &Connection, run: &Run, dirty: &Dirty) -> Result<()> {
    let p = &run.pipeline;
    let statement = "INSERT INTO pipelines (repository_id, id, sha, ref, source, key, status, web_url, trigger_user, created_at,
                     updated_at, started_at, finished_at, job_count, version)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                     ON CONFLICT (repository_id, id) DO UPDATE SET status = excluded.status, web_url = excluded.web_url,
                     trigger_user = excluded.trigger_user, created_at = excluded.created_at, updated_at = excluded.updated_at,
                     started_at = excluded.started_at, finished_at = excluded.finished_at, job_count = excluded.job_count,
                     version = excluded.version";
    let row = params![
        p.repository_id.get(),
        p.id.get(),
        p.identity.sha,
        p.identity.git_ref,
        p.identity.source,
        p.identity.key,
        p.status.as_str(),
        p.web_url,
        p.trigger_user,
        p.created_at.as_millisecond(),
        p.updated_at.as_millisecond(),
        p.started_at.map(Timestamp::as_millisecond),
        p.finished_at.map(Timestamp::as_millisecond),
        p.job_count,
        p.version,
    ];
    sql.prepare_cached(statement).and_then(|mut s| s.execute(row)).map_err(failed)?;
    merge_requests::note(sql, p.repository_id, &p.identity.git_ref)?;
    write_stages(sql, run, dirty.stages.iter().copied())?;
    write_jobs(sql, run, dirty.jobs.iter().copied())
}
