//! Jobs and the stages they are in: rows in and out, and the page of a list, which is one range scan.

pub mod find;

use crate::engine::{Engine, SqlStore};
use crate::history;
use crate::pipelines::{among, load_pipeline};
use crate::rows;
use crate::sql::{Row, Sql, Value, places, row, values};
use async_trait::async_trait;
use domain::model::attempts::{Attempt, Evidence};
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::Job;
use domain::model::jobs::filters::{JobDetails, JobFilter, JobOrder};
use domain::model::page::{ListPage, Page, Window};
use domain::model::pipelines::{PipelineState, Stage};
use domain::ports::{JobList, Jobs};
use domain::{Result, Timestamp};
use std::collections::{BTreeSet, HashMap};

#[async_trait]
impl<E: Engine> Jobs for SqlStore<E> {
    async fn jobs(&self, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>> {
        self.snapshot(move |sql| list(sql, repository, id, page)).await
    }

    async fn stages(
        &self,
        repository: RepositoryId,
        pipelines: &[PipelineId],
    ) -> Result<HashMap<PipelineId, Vec<Stage>>> {
        let ids: BTreeSet<i64> = pipelines.iter().map(|id| i64::from(id.get())).collect();
        self.read(move |sql| stages_of(sql, repository, &ids)).await
    }

    async fn job(&self, repository: RepositoryId, id: JobId) -> Result<Option<JobDetails>> {
        self.snapshot(move |sql| find::one(sql, repository, id.get())).await
    }

    async fn find_jobs(
        &self,
        repository: RepositoryId,
        filter: JobFilter,
        window: Window<JobOrder>,
    ) -> Result<ListPage<JobDetails>> {
        self.snapshot(move |sql| find::find(sql, repository, &filter, window)).await
    }

    async fn count_jobs(&self, repository: RepositoryId, filter: JobFilter) -> Result<u64> {
        self.snapshot(move |sql| find::count(sql, repository, &filter)).await
    }

    async fn history(
        &self,
        repository: RepositoryId,
        id: JobId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<HistoryEntry>> {
        self.read(move |sql| history::load(sql, repository, id, after, limit)).await
    }
}

fn list(sql: &dyn Sql, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>> {
    let Some(pipeline) = load_pipeline(sql, repository, id)? else { return Ok(None) };
    if page.offset >= pipeline.job_count {
        return Ok(Some(JobList { pipeline, stages: Vec::new(), jobs: Vec::new() }));
    }
    let stages = load_stages(sql, repository, id)?;
    let jobs = load_jobs(sql, repository, id, page.offset, page.limit)?;
    Ok(Some(JobList { pipeline, stages, jobs }))
}

/// In the order that [`read_stage`] reads.
pub const STAGE_COLUMNS: &str = "id, name, sort_id, sort_said, status";

/// Reads a stage from the first columns.
pub fn read_stage(row: &dyn Row) -> Result<Stage> {
    Ok(Stage {
        id: rows::stage_id(row.get(0)?)?,
        name: row.get(1)?,
        sort_id: row.get(2)?,
        sort_id_reported: row.get(3)?,
        status: rows::status(&row.get::<String>(4)?)?,
    })
}

pub fn load_stages(sql: &dyn Sql, repository: RepositoryId, id: PipelineId) -> Result<Vec<Stage>> {
    let statement = format!(
        "SELECT {STAGE_COLUMNS} FROM stages WHERE repository_id = ?1 AND pipeline_id = ?2 ORDER BY id"
    );
    sql.all(&statement, values![repository.get(), id.get()], read_stage)
}

/// The stages of pipelines, as they are shown.
fn stages_of(
    sql: &dyn Sql,
    repository: RepositoryId,
    ids: &BTreeSet<i64>,
) -> Result<HashMap<PipelineId, Vec<Stage>>> {
    let mut found: HashMap<PipelineId, Vec<Stage>> = HashMap::new();
    let Some((values, of_these)) = among(repository, ids) else { return Ok(found) };
    let statement = format!(
        "SELECT {STAGE_COLUMNS}, pipeline_id FROM stages WHERE repository_id = ?1 AND pipeline_id IN ({of_these})
         ORDER BY sort_id, id"
    );
    let both = |row: &dyn Row| Ok((rows::pipeline_id(row.get(5)?)?, read_stage(row)?));
    for (pipeline, stage) in sql.all(&statement, &places(&values), both)? {
        found.entry(pipeline).or_default().push(stage);
    }
    Ok(found)
}

/// In the order that [`read_job`] reads.
pub const COLUMNS: &str = "j.id, j.stage_id, j.name, j.number, j.newest, j.status, j.third_build_id, j.target_url, j.description,
                       j.coverage, j.allow_failure, j.created_at, j.updated_at, j.started_at, j.finished_at, j.evidence";

/// Reads an attempt from the first columns.
pub fn read_job(row: &dyn Row) -> Result<Job> {
    let evidence: Vec<u8> = row.get(15)?;
    let corrupt = || rows::corrupt(format!("evidence of job {:?}", row.get::<i64>(0)));
    Ok(Job {
        id: rows::job_id(row.get(0)?)?,
        stage_id: rows::stage_id(row.get(1)?)?,
        name: row.get(2)?,
        attempt_number: row.get(3)?,
        newest: row.get(4)?,
        updated_at: rows::time(row.get(12)?)?,
        attempt: Attempt {
            status: rows::status(&row.get::<String>(5)?)?,
            third_build_id: row.get(6)?,
            target_url: row.get(7)?,
            description: row.get(8)?,
            coverage: row.get(9)?,
            allow_failure: row.get(10)?,
            created_at: rows::time(row.get(11)?)?,
            started_at: rows::optional_time(row.get(13)?)?,
            finished_at: rows::optional_time(row.get(14)?)?,
            evidence: Evidence::from_bytes(&evidence).ok_or_else(corrupt)?,
        },
    })
}

pub fn load_jobs(
    sql: &dyn Sql,
    repository: RepositoryId,
    id: PipelineId,
    offset: u32,
    limit: u32,
) -> Result<Vec<Job>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id = ?2 ORDER BY j.id LIMIT ?4 OFFSET ?3"
    );
    sql.all(&statement, values![repository.get(), id.get(), offset, limit], read_job)
}

/// The newest attempts of a pipeline's jobs: those first that ended badly and may not, then those that may, then by id. All of its attempts are looked at.
pub fn load_newest_jobs(
    sql: &dyn Sql,
    repository: RepositoryId,
    id: PipelineId,
    limit: u32,
) -> Result<Vec<Job>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id = ?2 AND j.newest = 1
         ORDER BY CASE WHEN j.status NOT IN ('failed', 'timedout') THEN 2 ELSE j.allow_failure END, j.id LIMIT ?3"
    );
    sql.all(&statement, values![repository.get(), id.get(), limit], read_job)
}

/// How many jobs a pipeline has. All of its attempts are looked at.
pub fn count_newest_jobs(sql: &dyn Sql, repository: RepositoryId, id: PipelineId) -> Result<u32> {
    let statement = "SELECT COUNT(*) FROM jobs WHERE repository_id = ?1 AND pipeline_id = ?2 AND newest = 1";
    let count = sql.first(statement, values![repository.get(), id.get()], |row| row.get::<i64>(0))?;
    Ok(count.map_or(0, |count| u32::try_from(count).unwrap_or(u32::MAX)))
}

/// The row of a stage, for its table.
pub fn stage_row(run: &PipelineState, at: usize) -> Option<Vec<Value<'_>>> {
    let (pipeline, stage) = (&run.pipeline, run.stages.get(at)?);
    Some(row![
        pipeline.repository_id.get(),
        pipeline.id.get(),
        stage.id.get(),
        &stage.name,
        stage.sort_id,
        stage.sort_id_reported,
        stage.status.as_str(),
    ])
}

/// The row of an attempt, for its table.
pub fn row(run: &PipelineState, at: usize) -> Option<Vec<Value<'_>>> {
    let (pipeline, job) = (&run.pipeline, run.jobs.get(at)?);
    let attempt = &job.attempt;
    Some(row![
        pipeline.repository_id.get(),
        pipeline.id.get(),
        job.id.get(),
        job.stage_id.get(),
        &job.name,
        job.attempt_number,
        job.newest,
        attempt.status.as_str(),
        &attempt.third_build_id,
        &attempt.target_url,
        &attempt.description,
        attempt.coverage,
        attempt.allow_failure,
        attempt.created_at.as_millisecond(),
        job.updated_at.as_millisecond(),
        attempt.started_at.map(Timestamp::as_millisecond),
        attempt.finished_at.map(Timestamp::as_millisecond),
        attempt.evidence.to_bytes(),
        &pipeline.identity.git_ref,
    ])
}
