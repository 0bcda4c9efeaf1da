//! Jobs and the stages they are in: rows in and out, and the page of a list, which is one range scan.

pub mod find;

use crate::engine::{Engine, SqlStore};
use crate::history;
use crate::pipelines::load_pipeline;
use crate::rows;
use crate::sql::{Row, Sql, Value, row, values};
use async_trait::async_trait;
use domain::model::attempts::{Attempt, Evidence};
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::Job;
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use domain::model::page::{Found, Page, Window};
use domain::model::pipelines::{Run, Stage};
use domain::ports::{JobList, Jobs};
use domain::{Result, Timestamp};

#[async_trait]
impl<E: Engine> Jobs for SqlStore<E> {
    async fn jobs(&self, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>> {
        self.snapshot(move |sql| list(sql, repository, id, page)).await
    }

    async fn job(&self, repository: RepositoryId, id: JobId) -> Result<Option<FoundJob>> {
        self.snapshot(move |sql| find::one(sql, repository, id.get())).await
    }

    async fn find_jobs(
        &self,
        repository: RepositoryId,
        filter: JobFilter,
        window: Window<JobOrder>,
    ) -> Result<Found<FoundJob>> {
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

pub fn load_stages(sql: &dyn Sql, repository: RepositoryId, id: PipelineId) -> Result<Vec<Stage>> {
    let statement = "SELECT id, name, sort_id, sort_said, status FROM stages
                     WHERE repository_id = ?1 AND pipeline_id = ?2 ORDER BY id";
    type Raw = (i64, String, i32, bool, String);
    let raw = |row: &dyn Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
    let raws: Vec<Raw> = sql.all(statement, values![repository.get(), id.get()], raw)?;
    let understand = |(id, name, sort_id, sort_said, status): Raw| {
        Ok(Stage { id: rows::stage_id(id)?, name, sort_id, sort_said, status: rows::status(&status)? })
    };
    raws.into_iter().map(understand).collect()
}

/// In the order that `raw` reads.
const COLUMNS: &str = "j.id, j.stage_id, j.name, j.number, j.newest, j.status, j.third_build_id, j.target_url, j.description,
                       j.coverage, j.allow_failure, j.created_at, j.updated_at, j.started_at, j.finished_at, j.evidence";

/// A row before its words are understood.
struct Raw {
    ids: [i64; 2],
    name: String,
    number: i32,
    newest: bool,
    status: String,
    texts: [Option<String>; 3],
    coverage: Option<f64>,
    allow_failure: bool,
    times: [i64; 2],
    optional_times: [Option<i64>; 2],
    evidence: Vec<u8>,
}

fn raw(row: &dyn Row) -> Result<Raw> {
    Ok(Raw {
        ids: [row.get(0)?, row.get(1)?],
        name: row.get(2)?,
        number: row.get(3)?,
        newest: row.get(4)?,
        status: row.get(5)?,
        texts: [row.get(6)?, row.get(7)?, row.get(8)?],
        coverage: row.get(9)?,
        allow_failure: row.get(10)?,
        times: [row.get(11)?, row.get(12)?],
        optional_times: [row.get(13)?, row.get(14)?],
        evidence: row.get(15)?,
    })
}

impl Raw {
    fn understand(self) -> Result<Job> {
        let [third_build_id, target_url, description] = self.texts;
        let evidence = Evidence::from_bytes(&self.evidence);
        Ok(Job {
            id: rows::job_id(self.ids[0])?,
            stage_id: rows::stage_id(self.ids[1])?,
            name: self.name,
            number: self.number,
            newest: self.newest,
            updated_at: rows::time(self.times[1])?,
            attempt: Attempt {
                status: rows::status(&self.status)?,
                third_build_id,
                target_url,
                description,
                coverage: self.coverage,
                allow_failure: self.allow_failure,
                created_at: rows::time(self.times[0])?,
                started_at: rows::optional_time(self.optional_times[0])?,
                finished_at: rows::optional_time(self.optional_times[1])?,
                evidence: evidence
                    .ok_or_else(|| rows::corrupt(format!("evidence of job {}", self.ids[0])))?,
            },
        })
    }
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
    let raws: Vec<Raw> = sql.all(&statement, values![repository.get(), id.get(), offset, limit], raw)?;
    raws.into_iter().map(Raw::understand).collect()
}

/// The row of a stage, for its table.
pub fn stage_row(run: &Run, at: usize) -> Option<Vec<Value<'_>>> {
    let (pipeline, stage) = (&run.pipeline, run.stages.get(at)?);
    Some(row![
        pipeline.repository_id.get(),
        pipeline.id.get(),
        stage.id.get(),
        &stage.name,
        stage.sort_id,
        stage.sort_said,
        stage.status.as_str(),
    ])
}

/// The row of an attempt, for its table.
pub fn row(run: &Run, at: usize) -> Option<Vec<Value<'_>>> {
    let (pipeline, job) = (&run.pipeline, run.jobs.get(at)?);
    let attempt = &job.attempt;
    Some(row![
        pipeline.repository_id.get(),
        pipeline.id.get(),
        job.id.get(),
        job.stage_id.get(),
        &job.name,
        job.number,
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
