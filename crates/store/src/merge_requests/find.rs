//! Lists of merge requests by filter. One pass over the merge requests of the list counts them and gives the ids of the
//! page; conditions are index lookups for each. The merge requests of the page are then loaded.

use super::load;
use crate::lists::{Conditions, number};
use crate::repositories::find::Query as RepositoryQuery;
use crate::rows::{members, repositories};
use crate::sql::{Sql, parameters};
use domain::Result;
use domain::model::access::Caller;
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::merge_requests::MergeRequest;
use domain::model::merge_requests::filters::{MergeRequestFilter, MergeRequestOrder};
use domain::model::page::{Page, PageWithTotal, TimeRange};
use domain::model::repositories::{Repository, RepositoryFilter, RepositoryKey};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The condition that a merge request `m` exists: its pipelines may be deleted.
const EXISTS: &str = "(EXISTS (SELECT 1 FROM merge_request_heads h WHERE h.repository_id = m.repository_id
    AND h.iid = m.iid) OR EXISTS (SELECT 1 FROM pipelines p INDEXED BY pipelines_by_ref
    WHERE p.repository_id = m.repository_id AND p.ref = 'refs/merge-requests/' || m.iid || '/head'))";

/// The start of the condition that the last reported head `h` of a merge request `m` has something.
const LAST_HEAD: &str = "EXISTS (SELECT 1 FROM merge_request_heads h WHERE h.repository_id = m.repository_id
    AND h.iid = m.iid AND h.number = (SELECT max(n.number) FROM merge_request_heads n
    WHERE n.repository_id = m.repository_id AND n.iid = m.iid)";

/// The greatest number of merge requests that a list sorts. Of more, those of a page are soon found in the index that
/// has the order.
pub const SORTED_MAX: u64 = 1_000;

/// The repositories of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One.
    Repository,
    /// Several.
    Visible,
}

/// A page of the merge requests of a repository.
pub fn in_repository(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &MergeRequestFilter,
    page: Option<Page>,
) -> Result<PageWithTotal<MergeRequest>> {
    let mut conditions = Conditions::default();
    conditions.and("m.repository_id =", repository);
    let (ids, total) = ids(sql, conditions, filter, Scope::Repository, page)?;
    let mut items = Vec::with_capacity(ids.len());
    for (_, iid) in ids {
        items.extend(load(sql, repository, iid)?);
    }
    Ok(PageWithTotal { items, total })
}

/// A page of the merge requests of the repositories that `viewer` may see.
pub fn visible(
    sql: &dyn Sql,
    viewer: &Caller,
    of: &RepositoryFilter,
    filter: &MergeRequestFilter,
    page: Option<Page>,
) -> Result<PageWithTotal<(Repository, MergeRequest)>> {
    let conditions = of_visible(&RepositoryQuery::new(sql.flavor(), viewer, of));
    let (ids, total) = ids(sql, conditions, filter, Scope::Visible, page)?;
    let mut known: HashMap<RepositoryId, Option<Repository>> = HashMap::new();
    let mut items = Vec::with_capacity(ids.len());
    for (id, iid) in ids {
        let repository = match known.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(readable(sql, viewer, id)?),
        };
        if let (Some(repository), Some(found)) = (&*repository, load(sql, id, iid)?) {
            items.push((repository.clone(), found));
        }
    }
    Ok(PageWithTotal { items, total })
}

/// The condition that the repository is one of a list of repositories.
pub fn of_visible(repositories: &RepositoryQuery) -> Conditions {
    let mut conditions = Conditions::default();
    for value in repositories.values() {
        conditions.value(value.clone());
    }
    conditions.and_text(&format!("m.repository_id IN ({})", repositories.ids()));
    conditions
}

/// A repository, if `viewer` may see it. The query of the list has this rule in SQL; the rule itself decides.
fn readable(sql: &dyn Sql, viewer: &Caller, id: RepositoryId) -> Result<Option<Repository>> {
    let repository = repositories::load(sql, &RepositoryKey::Id(id))?;
    let member = members::role(sql, id, viewer.user.id)?;
    Ok(repository.filter(|repository| viewer.role_in(repository, member).is_some()))
}

/// The ids of a page, and the number of all that match.
fn ids(
    sql: &dyn Sql,
    mut conditions: Conditions,
    filter: &MergeRequestFilter,
    scope: Scope,
    page: Option<Page>,
) -> Result<(Vec<(RepositoryId, MergeRequestIid)>, u64)> {
    narrow(&mut conditions, filter);
    let total = number(sql, &count_query(&conditions), &conditions)?;
    let Some(page) = page.filter(|page| u64::from(page.offset) < total) else {
        return Ok((Vec::new(), total));
    };
    let query = page_query(&mut conditions, filter, scope, total, page);
    Ok((sql.all(&query, &parameters(conditions.values()))?, total))
}

/// The query of the number of merge requests that match.
pub fn count_query(conditions: &Conditions) -> String {
    format!("SELECT count(*) FROM merge_requests m WHERE {EXISTS}{}", conditions.text())
}

/// The query of a page of a list of `total` merge requests. Its values are those of the conditions.
pub fn page_query(
    conditions: &mut Conditions,
    filter: &MergeRequestFilter,
    scope: Scope,
    total: u64,
    page: Page,
) -> String {
    let direction = if filter.descending { "DESC" } else { "ASC" };
    let (index, time) = match (filter.order, scope) {
        (MergeRequestOrder::CreatedAt, Scope::Repository) => ("", ""),
        (MergeRequestOrder::CreatedAt, Scope::Visible) => {
            (" INDEXED BY merge_requests_by_created_at", "m.created_at")
        }
        (MergeRequestOrder::UpdatedAt, _) => (" INDEXED BY merge_requests_by_updated_at", "m.updated_at"),
    };
    let (index, by_time) = match time {
        "" => ("", String::new()),
        _ if total > SORTED_MAX => (index, format!("{time} {direction}, ")),
        // An expression has no index: the few that match are found by their repositories.
        _ => ("", format!("+{time} {direction}, ")),
    };
    let (limit, offset) = (conditions.value(page.limit), conditions.value(page.offset));
    format!(
        "SELECT m.repository_id, m.iid FROM merge_requests m{index} WHERE {EXISTS}{}
            ORDER BY {by_time}m.repository_id {direction}, m.iid {direction} LIMIT {limit} OFFSET {offset}",
        conditions.text()
    )
}

/// Adds the conditions of the filter.
pub fn narrow(conditions: &mut Conditions, filter: &MergeRequestFilter) {
    if let Some(repository) = filter.repository {
        conditions.and("m.repository_id =", repository);
    }
    for (column, branch) in
        [("h.source_branch", &filter.source_branch), ("h.target_branch", &filter.target_branch)]
    {
        if let Some(branch) = branch {
            let branch = conditions.value(branch.clone());
            conditions.and_text(&format!("{LAST_HEAD} AND {column} = {branch})"));
        }
    }
    if let Some(text) = &filter.text {
        let contains = conditions.contains(&["h.source_branch", "h.target_branch"], text);
        conditions.and_text(&format!("{LAST_HEAD} AND ({contains}))"));
    }
    for (column, range) in [("m.created_at", filter.created), ("m.updated_at", filter.updated)] {
        if range != TimeRange::default() {
            conditions.and_in(column, range);
        }
    }
}
