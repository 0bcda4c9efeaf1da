//! Jobs, the stages they are in, and their history.

mod details;
pub mod find;
pub mod of_commit;
mod of_pipeline;

use crate::engine::{Engine, SqlStore};
use crate::rows::{jobs, pipelines, reports, stages};
use crate::sql::{FromRow as _, Query, Sql, values};
use crate::unapplied::ReadScope;
use async_trait::async_trait;
use domain::Result;
use domain::model::details::{Details, NeededDetails, TitleAndTests};
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::ListedJobs;
use domain::model::jobs::filters::{CommitJobFilter, FoundJob, JobFilter, JobOrder};
use domain::model::page::{ListPage, Page, Window};
use domain::model::pipelines::{Pipeline, Stage};
use domain::ports::{CommitJobs, JobList, Jobs};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[async_trait]
impl<E: Engine> Jobs for SqlStore<E> {
    async fn jobs(&self, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>> {
        self.lookups(ReadScope::Pipeline(repository, id), move |sql| list(sql, repository, id, page)).await
    }

    async fn stages(
        &self,
        repository: RepositoryId,
        pipelines: &[PipelineId],
    ) -> Result<HashMap<PipelineId, Vec<Stage>>> {
        let ids: BTreeSet<i64> = pipelines.iter().map(|id| i64::from(id.get())).collect();
        self.read(ReadScope::Repository(repository), move |sql| stages::load_many(sql, repository, &ids))
            .await
    }

    async fn job(&self, repository: RepositoryId, id: JobId) -> Result<Option<FoundJob>> {
        self.lookups(ReadScope::Repository(repository), move |sql| find::one(sql, repository, id)).await
    }

    async fn find_jobs(
        &self,
        repository: RepositoryId,
        filter: JobFilter,
        window: Window<JobOrder>,
    ) -> Result<ListPage<FoundJob>> {
        if of_pipeline::may_serve(&filter, &window) {
            let filter = filter.clone();
            let read = move |sql: &dyn Sql| of_pipeline::find(sql, repository, &filter, window);
            if let Some(page) = self.lookups(ReadScope::Repository(repository), read).await? {
                return Ok(page);
            }
        }
        let is_lookup = find::is_lookup(&filter, &window);
        let read = move |sql: &dyn Sql| find::find(sql, repository, &filter, window);
        self.lookup_or_scan(is_lookup, repository, read).await
    }

    async fn jobs_of_commit(
        &self,
        repository: RepositoryId,
        filter: CommitJobFilter,
        page: Option<Page>,
    ) -> Result<CommitJobs> {
        self.scan(Some(repository), move |sql| of_commit::find(sql, repository, &filter, page)).await
    }

    async fn count_jobs(&self, repository: RepositoryId, filter: JobFilter) -> Result<u64> {
        let is_stored = find::is_stored(&filter);
        let read = move |sql: &dyn Sql| find::count(sql, repository, &filter);
        self.lookup_or_scan(is_stored, repository, read).await
    }

    async fn history(
        &self,
        repository: RepositoryId,
        id: JobId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<HistoryEntry>> {
        self.read(ReadScope::Repository(repository), move |sql| {
            reports::history(sql, repository, id, after, limit)
        })
        .await
    }

    async fn details(
        &self,
        repository: RepositoryId,
        pipeline: PipelineId,
        jobs: &[JobId],
    ) -> Result<HashMap<JobId, Details>> {
        let ids: BTreeSet<i64> = jobs.iter().map(|id| i64::from(id.get())).collect();
        let scope = ReadScope::Pipeline(repository, pipeline);
        self.snapshot(scope, move |sql| details::load(sql, repository, pipeline, &ids)).await
    }

    async fn titles_and_tests(
        &self,
        repository: RepositoryId,
        jobs: &[(PipelineId, JobId)],
        needed: NeededDetails,
    ) -> Result<HashMap<JobId, TitleAndTests>> {
        let mut pipelines: BTreeMap<PipelineId, BTreeSet<i64>> = BTreeMap::new();
        for (pipeline, id) in jobs {
            pipelines.entry(*pipeline).or_default().insert(id.get().into());
        }
        let read = move |sql: &dyn Sql| details::load_titles_and_tests(sql, repository, &pipelines, needed);
        // The details of an attempt can be many.
        self.scan(Some(repository), read).await
    }
}

fn list(sql: &dyn Sql, repository: RepositoryId, id: PipelineId, page: Page) -> Result<Option<JobList>> {
    let key = values![repository, id];
    let limit = page.limit as usize;
    let page = values![repository, id, page.offset, page.limit];
    let (mut pipeline, mut stages, mut listed) = (None, Vec::new(), ListedJobs::with_capacity(limit));
    let queries: [Query<'_>; 3] = [(&pipelines::LOAD, key), (&stages::LOAD, key), (&jobs::LISTED, page)];
    sql.each_of(&queries, &mut |at, row| {
        match at {
            0 => pipeline = Some(Pipeline::from_row(row, 0)?),
            1 => stages.push(Stage::from_row(row, 0)?),
            _ => listed.push(jobs::listed(row)?),
        }
        Ok(())
    })?;
    // A pipeline that was deleted has no row, but may still have others.
    Ok(pipeline.map(|pipeline| JobList { pipeline, stages, jobs: listed }))
}
