//! Pipelines.

pub mod find;
pub mod refs;

use crate::engine::{Engine, SqlStore};
use crate::rows::{jobs, pipelines, stages};
use crate::sql::Sql;
use crate::unapplied::ReadScope;
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::{ListPage, Page, PageWithTotal, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder, RefFilter};
use domain::model::pipelines::{Pipeline, PipelineState};
use domain::ports::{CommitPipeline, Pipelines};

#[async_trait]
impl<E: Engine> Pipelines for SqlStore<E> {
    async fn pipeline(&self, repository: RepositoryId, id: PipelineId) -> Result<Option<Pipeline>> {
        self.lookup(ReadScope::Pipeline(repository, id), move |sql| pipelines::load(sql, repository, id))
            .await
    }

    async fn find_pipelines(
        &self,
        repository: RepositoryId,
        filter: PipelineFilter,
        window: Window<PipelineOrder>,
    ) -> Result<ListPage<Pipeline>> {
        let is_lookup = find::is_lookup(&filter, &window);
        let read = move |sql: &dyn Sql| find::find(sql, repository, &filter, window);
        self.lookup_or_scan(is_lookup, repository, read).await
    }

    async fn count_pipelines(&self, repository: RepositoryId, filter: PipelineFilter) -> Result<u64> {
        let is_stored = find::is_stored(&filter);
        let read = move |sql: &dyn Sql| find::count(sql, repository, &filter);
        self.lookup_or_scan(is_stored, repository, read).await
    }

    async fn commits(&self, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>> {
        let prefix = prefix.to_owned();
        self.read(ReadScope::Repository(repository), move |sql| {
            find::commits(sql, repository, &prefix, limit)
        })
        .await
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
            let page = find::find(sql, repository, &filter, window)?;
            let with_jobs = |pipeline: Pipeline| with_jobs(sql, pipeline, limit_of_jobs);
            let items = page.items.into_iter().map(with_jobs).collect::<Result<_>>()?;
            Ok(ListPage { items, next: page.next })
        };
        self.snapshot(ReadScope::Repository(repository), read).await
    }

    async fn refs(
        &self,
        repository: RepositoryId,
        filter: RefFilter,
        page: Page,
    ) -> Result<PageWithTotal<Pipeline>> {
        self.scan(Some(repository), move |sql| refs::list(sql, repository, &filter, page)).await
    }

    async fn pipeline_state(
        &self,
        repository: RepositoryId,
        id: PipelineId,
    ) -> Result<Option<PipelineState>> {
        self.snapshot(ReadScope::Pipeline(repository, id), move |sql| {
            pipelines::load_state(sql, repository, id)
        })
        .await
    }
}

/// A pipeline with its stages and at most `limit` of its jobs.
fn with_jobs(sql: &dyn Sql, pipeline: Pipeline, limit: u32) -> Result<CommitPipeline> {
    let (repository, id) = (pipeline.repository_id, pipeline.id);
    let stages = stages::load(sql, repository, id)?;
    let jobs = jobs::load_newest(sql, repository, id, limit)?;
    let loaded = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
    let all = if loaded < limit { loaded } else { jobs::count_newest(sql, repository, id)? };
    Ok(CommitPipeline { pipeline, stages, jobs, more: all.saturating_sub(loaded) })
}
