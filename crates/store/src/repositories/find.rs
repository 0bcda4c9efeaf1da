//! Lists of repositories: what a caller may see, in an order that an index has.

use crate::rows::repositories::FROM;
use crate::sql::{Columns as _, Sql, Value, parameters};
use domain::Result;
use domain::model::access::Caller;
use domain::model::ids::UserId;
use domain::model::page::{Page, PageWithTotal};
use domain::model::repositories::{Repository, RepositoryFilter, RepositoryOrder};
use domain::model::roles::Role;

/// The repositories that every user may see.
const NOT_PRIVATE: &str = "SELECT id FROM repositories WHERE visibility IN ('internal', 'public')";
/// The condition that a repository `r` is not private, or that the user is its member `m`.
const IS_VISIBLE: &str = "(m.role IS NOT NULL OR r.visibility IN ('internal', 'public'))";
/// The greatest number of repositories that a list sorts.
const SORTED_MAX: u64 = 1_000;

/// The repositories of which the user is a member.
fn of_member(user: UserId) -> String {
    format!("SELECT repository_id FROM members WHERE user_id = {}", user.get())
}

/// The repositories that `viewer` may see, each with the role of `viewer`.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub fn list(
    sql: &dyn Sql,
    viewer: &Caller,
    filter: &RepositoryFilter,
    page: Page,
) -> Result<PageWithTotal<(Repository, Role)>> {
    let query = Query::new(viewer, filter);
    let total: i64 = sql.one(&query.count(), &parameters(&query.values))?;
    let total = u64::try_from(total).unwrap_or_default();
    let found: Vec<(Repository, Option<Role>)> =
        sql.all(&query.page(page, total), &parameters(&query.values))?;
    let mut items = Vec::with_capacity(found.len());
    for (repository, member) in found {
        // The query has this rule in SQL; the rule itself decides.
        if let Some(role) = viewer.role_in(&repository, member) {
            items.push((repository, role));
        }
    }
    Ok(PageWithTotal { items, total })
}

/// The statements of a list.
pub struct Query {
    viewer: UserId,
    sees_all: bool,
    values: Vec<Value<'static>>,
    /// The conditions on `r`, except the right to see it.
    conditions: Vec<String>,
    order: &'static str,
    direction: &'static str,
}

impl Query {
    pub fn new(viewer: &Caller, filter: &RepositoryFilter) -> Self {
        let user = viewer.user.id;
        let mut values: Vec<Value<'static>> = Vec::new();
        let mut parameter = |value: Value<'static>| {
            values.push(value);
            format!("?{}", values.len())
        };
        let mut conditions = Vec::new();
        if let Some(only) = &viewer.repositories {
            let ids: Vec<String> = only.iter().map(|id| id.get().to_string()).collect();
            conditions.push(format!("r.id IN ({})", ids.join(",")));
        }
        if let Some(project) = &filter.project_id {
            conditions.push(format!("r.project_id = {}", parameter(project.as_str().to_owned().into())));
        }
        if let Some(archived) = filter.archived {
            conditions.push(format!("r.archived = {}", i32::from(archived)));
        }
        if let Some(search) = &filter.search {
            // Ignores the case of ASCII letters on every engine.
            let pattern =
                search.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let pattern = parameter(format!("%{pattern}%").into());
            conditions.push(format!(
                "(lower(r.path) LIKE {pattern} ESCAPE '\\' OR lower(r.description) LIKE {pattern} ESCAPE '\\')"
            ));
        }
        if filter.membership {
            conditions.push(format!("r.id IN ({})", of_member(user)));
        }
        if filter.created {
            conditions.push(format!("r.creator_id = {}", user.get()));
        }
        let order = match filter.order {
            RepositoryOrder::Id => "r.id",
            RepositoryOrder::Name => "r.path",
            RepositoryOrder::CreatedAt => "r.created_at",
            RepositoryOrder::UpdatedAt => "c.active_at",
        };
        let direction = if filter.descending { "DESC" } else { "ASC" };
        Self { viewer: user, sees_all: viewer.user.admin, values, conditions, order, direction }
    }

    /// Counts what the list contains.
    pub fn count(&self) -> String {
        format!("SELECT count(*) FROM repositories r {}", self.condition(&self.in_set()))
    }

    /// One page of a list of `total` repositories. A few are loaded by id and sorted; among many, those of a
    /// page are soon found in the index that has the order.
    pub fn page(&self, page: Page, total: u64) -> String {
        let visible = if total <= SORTED_MAX { self.in_set() } else { IS_VISIBLE.to_owned() };
        let (order, direction, user) = (self.order, self.direction, self.viewer.get());
        format!(
            "SELECT {}, m.role FROM {FROM} LEFT JOIN members m ON m.repository_id = r.id AND m.user_id = {user}
             {} ORDER BY {order} {direction}, r.id {direction} LIMIT {} OFFSET {}",
            Repository::COLUMNS,
            self.condition(&visible),
            page.limit,
            page.offset
        )
    }

    fn in_set(&self) -> String {
        format!("r.id IN ({} UNION ALL {NOT_PRIVATE})", of_member(self.viewer))
    }

    fn condition(&self, visible: &str) -> String {
        let visible = (!self.sees_all).then_some(visible);
        let all: Vec<&str> = self.conditions.iter().map(String::as_str).chain(visible).collect();
        if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) }
    }
}
