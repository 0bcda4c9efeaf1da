//! Repositories with the latest pipelines of their default branches, in one snapshot: a query for the list, and two for
//! some hundred repositories.

use crate::engine::{Engine, SqlStore};
use crate::repositories::find;
use crate::rows;
use crate::sql::{Columns as _, Sql, columns};
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
use std::collections::{BTreeSet, HashMap};

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
    let ids = items.iter().map(|(repository, _)| repository.id.get().into()).collect();
    let (mut branches, running) = (recent(sql, &ids)?, running_elsewhere(sql, &ids)?);
    let overview = |(repository, role): (Repository, Role)| {
        let pipelines = branches.remove(&repository.id).unwrap_or_default();
        let running_elsewhere = running.get(&repository.id).copied().unwrap_or_default();
        RepositoryOverview { repository, role, branch: BranchHealth { pipelines }, running_elsewhere }
    };
    Ok(FoundRepositories { repositories: items.into_iter().map(overview).collect(), total })
}

/// The newest pipelines of the default branches, newest first.
fn recent(sql: &dyn Sql, ids: &BTreeSet<i64>) -> Result<HashMap<RepositoryId, Vec<BranchPipeline>>> {
    let mut found: HashMap<RepositoryId, Vec<BranchPipeline>> = HashMap::new();
    for Recent { repository, pipeline } in rows::of_ids(sql, ids, recent_query)? {
        found.entry(repository).or_default().push(pipeline);
    }
    Ok(found)
}

/// The query of [`recent`]: for each repository of a list, the range of the index by ref from its oldest wanted
/// pipeline on.
pub fn recent_query(list: &str) -> String {
    format!(
        "SELECT {} FROM repositories r CROSS JOIN pipelines p INDEXED BY pipelines_by_ref
         ON p.repository_id = r.id AND p.ref = r.default_branch AND p.id >= coalesce(
            (SELECT n.id FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = r.id
            AND n.ref = r.default_branch
             ORDER BY n.id DESC LIMIT 1 OFFSET {}), 0)
         WHERE r.id IN ({list}) ORDER BY r.id, p.id DESC",
        Recent::COLUMNS,
        RECENT - 1
    )
}

/// The numbers of unfinished pipelines of other refs than the default branch, among at most [`UNFINISHED_MAX`]
/// unfinished ones.
fn running_elsewhere(sql: &dyn Sql, ids: &BTreeSet<i64>) -> Result<HashMap<RepositoryId, u64>> {
    let rows: Vec<(RepositoryId, i64)> = rows::of_ids(sql, ids, running_query)?;
    Ok(rows.into_iter().map(|(id, count)| (id, u64::try_from(count).unwrap_or_default())).collect())
}

/// The query of [`running_elsewhere`]: for each repository of a list, a bounded part of the index by status.
pub fn running_query(list: &str) -> String {
    format!(
        "SELECT r.id, (SELECT count(*) FROM (SELECT p.ref FROM pipelines p INDEXED BY pipelines_by_status
            WHERE p.repository_id = r.id AND p.status IN ('pending', 'running') LIMIT {UNFINISHED_MAX}) whole
            WHERE whole.ref <> r.default_branch)
         FROM repositories r WHERE r.id IN ({list})"
    )
}
