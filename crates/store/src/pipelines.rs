//! Pipelines: rows in and out.

pub mod find;

use crate::engine::{Engine, SqlStore};
use crate::jobs::{count_newest_jobs, load_jobs, load_newest_jobs, load_stages};
use crate::rows;
use crate::sql::{Row, Sql, Value, places, row, values};
use async_trait::async_trait;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::{ListPage, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::pipelines::{Pipeline, PipelineIdentity, PipelineState};
use domain::ports::{CommitPipeline, Pipelines};
use domain::{Result, Timestamp};
use std::collections::{BTreeSet, HashMap};

pub const COLUMNS: &str =
    "id, sha, ref, source, key, status, web_url, trigger_user, created_at, updated_at, started_at,
                       finished_at, job_count, version";

#[async_trait]
impl<E: Engine> Pipelines for SqlStore<E> {
    async fn pipeline(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>> {
        self.read(move |sql| load_pipeline(sql, repository, id)).await
    }

    async fn find_pipelines(
        &self,
        repository: RepositoryId,
        filter: PipelineFilter,
        window: Window<PipelineOrder>,
    ) -> Result<ListPage<Pipeline>> {
        self.snapshot(move |sql| find::find(sql, repository, &filter, window)).await
    }

    async fn count_pipelines(&self, repository: RepositoryId, filter: PipelineFilter) -> Result<u64> {
        self.snapshot(move |sql| find::count(sql, repository, &filter)).await
    }

    async fn commits(&self, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>> {
        let prefix = prefix.to_owned();
        self.read(move |sql| find::commits(sql, repository, &prefix, limit)).await
    }

    async fn commit_pipelines(
        &self,
        repository: RepositoryId,
        sha: &str,
        before: Option<PipelineId>,
        limit: u32,
        limit_of_jobs: u32,
    ) -> Result<ListPage<CommitPipeline>> {
        let filter = PipelineFilter { sha: Some(sha.to_owned()), ..PipelineFilter::default() };
        let start = Start::After(before.map(PipelineId::get));
        let window = Window { order: PipelineOrder::Id, descending: true, start, limit };
        let read = move |sql: &dyn Sql| {
            let found = find::find(sql, repository, &filter, window)?;
            let run = |pipeline: Pipeline| {
                let stages = load_stages(sql, repository, pipeline.id)?;
                let jobs = load_newest_jobs(sql, repository, pipeline.id, limit_of_jobs)?;
                let known = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
                let all = if known < limit_of_jobs {
                    known
                } else {
                    count_newest_jobs(sql, repository, pipeline.id)?
                };
                Ok(CommitPipeline { pipeline, stages, jobs, more: all.saturating_sub(known) })
            };
            let items = found.items.into_iter().map(run).collect::<Result<_>>()?;
            Ok(ListPage { items, next: found.next })
        };
        self.snapshot(read).await
    }

    async fn last_pipelines(
        &self,
        repositories: &[RepositoryId],
        each: u32,
    ) -> Result<HashMap<RepositoryId, Vec<Pipeline>>> {
        let repositories = repositories.to_vec();
        self.read(move |sql| find::last(sql, &repositories, each)).await
    }

    async fn pipeline_state(
        &self,
        repository: RepositoryId,
        id: PipelineId,
    ) -> Result<Option<PipelineState>> {
        self.snapshot(move |sql| load_state(sql, repository, id)).await
    }
}

/// Reads a pipeline of `repository_id` from the first columns, which are [`COLUMNS`].
pub fn read(row: &dyn Row, repository_id: RepositoryId) -> Result<Pipeline> {
    Ok(Pipeline {
        id: rows::pipeline_id(row.get(0)?)?,
        repository_id,
        identity: PipelineIdentity {
            sha: row.get(1)?,
            git_ref: row.get(2)?,
            source: row.get(3)?,
            key: row.get(4)?,
        },
        status: rows::status(&row.get::<String>(5)?)?,
        web_url: row.get(6)?,
        trigger_user: row.get(7)?,
        created_at: rows::time(row.get(8)?)?,
        updated_at: rows::time(row.get(9)?)?,
        started_at: rows::optional_time(row.get(10)?)?,
        finished_at: rows::optional_time(row.get(11)?)?,
        job_count: row.get(12)?,
        version: row.get(13)?,
    })
}

pub fn load_pipeline(sql: &dyn Sql, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>> {
    let query = format!("SELECT {COLUMNS} FROM pipelines WHERE repository_id = ?1 AND id = ?2");
    sql.first(&query, values![repository.get(), id.get()], |row| read(row, repository))
}

/// Those of these pipelines that are there.
pub fn load_pipelines(sql: &dyn Sql, repository: RepositoryId, ids: &BTreeSet<i64>) -> Result<Vec<Pipeline>> {
    let Some((values, of_these)) = among(repository, ids) else { return Ok(Vec::new()) };
    let query = format!("SELECT {COLUMNS} FROM pipelines WHERE repository_id = ?1 AND id IN ({of_these})");
    sql.all(&query, &places(&values), |row| read(row, repository))
}

/// The values and places of a question about these: the first is the repository, the others go in `IN (...)`. `None` of none.
pub fn among(repository: RepositoryId, ids: &BTreeSet<i64>) -> Option<(Vec<Value<'static>>, String)> {
    let mut values: Vec<Value<'static>> = ids.iter().map(|id| Value::Int(*id)).collect();
    let last = values.last().cloned()?;
    // Few lengths, so that the engines keep few statements.
    values.resize(values.len().next_power_of_two(), last);
    let of_these: Vec<String> = (1..=values.len()).map(|at| format!("?{}", at + 1)).collect();
    values.insert(0, repository.get().into());
    Some((values, of_these.join(", ")))
}

pub fn load_state(sql: &dyn Sql, repository: RepositoryId, id: PipelineId) -> Result<Option<PipelineState>> {
    let Some(pipeline) = load_pipeline(sql, repository, id)? else { return Ok(None) };
    let stages = load_stages(sql, repository, id)?;
    let jobs = load_jobs(sql, repository, id, 0, u32::MAX)?;
    Ok(Some(PipelineState::load(pipeline, stages, jobs)))
}

/// The row of a pipeline, for its table.
pub fn row(p: &Pipeline) -> Vec<Value<'_>> {
    row![
        p.repository_id.get(),
        p.id.get(),
        &p.identity.sha,
        &p.identity.git_ref,
        &p.identity.source,
        &p.identity.key,
        p.status.as_str(),
        &p.web_url,
        &p.trigger_user,
        p.created_at.as_millisecond(),
        p.updated_at.as_millisecond(),
        p.started_at.map(Timestamp::as_millisecond),
        p.finished_at.map(Timestamp::as_millisecond),
        p.job_count,
        p.version,
    ]
}
