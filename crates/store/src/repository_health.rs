//! Repositories with the latest pipelines of their default branches: three queries in one snapshot, however many
//! repositories there are.

use crate::engine::{Engine, SqlStore};
use crate::repositories::find;
use crate::sql::{Columns as _, Sql, Value, columns, parameters};
use async_trait::async_trait;
use domain::Result;
use domain::model::access::Caller;
use domain::model::ids::RepositoryId;
use domain::model::page::{Page, PageWithTotal};
use domain::model::repositories::{Repository, RepositoryFilter, RepositoryOverview};
use domain::model::repository_health::{
    BranchHealth, BranchPipeline, FoundRepositories, RECENT, UNFINISHED_MAX,
};
use domain::model::roles::Role;
use domain::ports::RepositoryHealths;
use std::collections::HashMap;

/// A pipeline of a repository.
struct Recent {
    repository: RepositoryId,
    pipeline: BranchPipeline,
}

columns! {
    Recent from "p": repository = "p.repository_id", id, sha, status, created_at, started_at, finished_at, version
    => Self { repository, pipeline: BranchPipeline { id, sha, status, created_at, started_at, finished_at, version } }
}

#[async_trait]
impl<E: Engine> RepositoryHealths for SqlStore<E> {
    async fn repository_health(
        &self,
        viewer: &Caller,
        filter: RepositoryFilter,
        page: Page,
        ranked_max: u32,
    ) -> Result<FoundRepositories> {
        let viewer = viewer.clone();
        self.scan(None, move |sql| read(sql, &viewer, &filter, page, ranked_max)).await
    }
}

fn read(
    sql: &dyn Sql,
    viewer: &Caller,
    filter: &RepositoryFilter,
    page: Page,
    ranked_max: u32,
) -> Result<FoundRepositories> {
    let all = Page { offset: 0, limit: ranked_max };
    let PageWithTotal { mut items, total } = find::list(sql, viewer, filter, all)?;
    if total > u64::from(ranked_max) {
        items = find::list(sql, viewer, filter, page)?.items;
    }
    let ids: Vec<RepositoryId> = items.iter().map(|(repository, _)| repository.id).collect();
    let (mut branches, running) = (recent(sql, &ids)?, running_elsewhere(sql, &ids)?);
    let overview = |(repository, role): (Repository, Role)| {
        let pipelines = branches.remove(&repository.id).unwrap_or_default();
        let running_elsewhere = running.get(&repository.id).copied().unwrap_or_default();
        RepositoryOverview { repository, role, branch: BranchHealth { pipelines }, running_elsewhere }
    };
    Ok(FoundRepositories { repositories: items.into_iter().map(overview).collect(), total })
}

/// The ids as parameters. There are few different numbers of them, so that the engines cache few statements.
fn padded(ids: &[RepositoryId]) -> Option<Vec<Value<'static>>> {
    let last = *ids.last()?;
    let mut values: Vec<Value<'static>> = ids.iter().map(|id| (*id).into()).collect();
    values.resize(values.len().next_power_of_two(), last.into());
    Some(values)
}

/// The newest pipelines of the default branches, newest first.
fn recent(sql: &dyn Sql, ids: &[RepositoryId]) -> Result<HashMap<RepositoryId, Vec<BranchPipeline>>> {
    let mut found: HashMap<RepositoryId, Vec<BranchPipeline>> = HashMap::new();
    let Some(mut values) = padded(ids) else { return Ok(found) };
    let query = recent_query(values.len());
    values.insert(0, (i64::from(RECENT) - 1).into());
    let rows: Vec<Recent> = sql.all(&query, &parameters(&values))?;
    for Recent { repository, pipeline } in rows {
        found.entry(repository).or_default().push(pipeline);
    }
    Ok(found)
}

/// The query of [`recent`]: for each repository, the range of the index by ref from its oldest wanted pipeline on.
/// ?1 is the number of pipelines after the oldest one.
pub fn recent_query(repositories: usize) -> String {
    format!(
        "SELECT {} FROM repositories r CROSS JOIN pipelines p INDEXED BY pipelines_by_ref
         ON p.repository_id = r.id AND p.ref = r.default_branch AND p.id >= coalesce(
            (SELECT n.id FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = r.id
            AND n.ref = r.default_branch
             ORDER BY n.id DESC LIMIT 1 OFFSET ?1), 0)
         WHERE r.id IN ({}) ORDER BY r.id, p.id DESC",
        Recent::COLUMNS,
        list(2, repositories)
    )
}

/// The numbers of unfinished pipelines of other refs than the default branch, among at most [`UNFINISHED_MAX`]
/// unfinished ones.
fn running_elsewhere(sql: &dyn Sql, ids: &[RepositoryId]) -> Result<HashMap<RepositoryId, u64>> {
    let Some(values) = padded(ids) else { return Ok(HashMap::new()) };
    let rows: Vec<(RepositoryId, i64)> = sql.all(&running_query(values.len()), &parameters(&values))?;
    Ok(rows.into_iter().map(|(id, count)| (id, u64::try_from(count).unwrap_or_default())).collect())
}

/// The query of [`running_elsewhere`]: for each repository, a bounded part of the index by status.
pub fn running_query(repositories: usize) -> String {
    format!(
        "SELECT r.id, (SELECT count(*) FROM (SELECT p.ref FROM pipelines p INDEXED BY pipelines_by_status
            WHERE p.repository_id = r.id AND p.status IN ('pending', 'running') LIMIT {UNFINISHED_MAX}) whole
            WHERE whole.ref <> r.default_branch)
         FROM repositories r WHERE r.id IN ({})",
        list(1, repositories)
    )
}

fn list(first: usize, count: usize) -> String {
    let parameters: Vec<String> = (first..first + count).map(|at| format!("?{at}")).collect();
    parameters.join(", ")
}
