//! Lists of repositories: what a caller may see, in an order that an index has.

use crate::rows::repositories::FROM;
use crate::sql::{Columns as _, Flavor, Sql, Value, parameters, values};
use domain::Result;
use domain::model::access::Caller;
use domain::model::identities::PathPattern;
use domain::model::ids::UserId;
use domain::model::page::{Page, PageWithTotal};
use domain::model::repositories::{Repository, RepositoryFilter, RepositoryOrder};
use domain::model::roles::Role;

/// The condition that every user may see a repository `r`.
const NOT_PRIVATE: &str = "r.visibility IN ('internal', 'public')";
/// The greatest number of repositories that a list sorts. They are found in one pass over those that the viewer may
/// see. Of more, those of a page are soon found in the index that has the order.
const SORTED_MAX: usize = 1_000;

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
    let query = Query::new(sql.flavor(), viewer, filter);
    let values = parameters(&query.values);
    let few: Vec<i64> = sql.all(&query.first(), &values)?;
    let (total, found): (u64, Vec<(Repository, Option<Role>)>) = match few.len() {
        0 => (0, Vec::new()),
        count if count <= SORTED_MAX => {
            (count as u64, sql.all(&query.page_of_few(page), values![query.list_of(&few)])?)
        }
        _ => {
            let total: i64 = sql.one(&query.count(), &values)?;
            (u64::try_from(total).unwrap_or_default(), sql.all(&query.page(page), &values)?)
        }
    };
    let mut items = Vec::with_capacity(found.len());
    for (repository, member) in found {
        // The query has this rule in SQL; the rule itself decides.
        if let Some(role) = viewer.role_in(&repository, member) {
            items.push((repository, role));
        }
    }
    Ok(PageWithTotal { items, total })
}

/// The roles that groups give to a user.
fn user_rights(viewer: &Caller) -> impl Iterator<Item = &(PathPattern, Role)> {
    viewer.user.group_rights.iter().flat_map(|of| &of.rights.roles)
}

/// The statements of a list.
pub struct Query {
    flavor: Flavor,
    viewer: UserId,
    sees_all: bool,
    values: Vec<Value<'static>>,
    /// The conditions on `r`, except the right to see it and membership.
    conditions: Vec<String>,
    /// Only repositories of which the user is a member, or in which its groups have a role.
    membership: bool,
    /// The condition that a group of the user has a role in `r`, after an `OR`; empty without such groups, and if no
    /// statement needs it.
    or_group: String,
    /// The columns of the order, each with its direction.
    order: String,
    /// The tables, so that SQLite reads that of the order first.
    from: &'static str,
}

impl Query {
    pub fn new(flavor: Flavor, viewer: &Caller, filter: &RepositoryFilter) -> Self {
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
        if let Some(visibility) = filter.visibility {
            conditions.push(format!("r.visibility = '{}'", visibility.as_str()));
        }
        if let Some(search) = &filter.search {
            // Ignores the case of ASCII letters on every engine.
            let pattern =
                search.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let pattern = parameter(format!("%{pattern}%").into());
            let matches = |column: &str| match flavor {
                // `LIKE` ignores the case of ASCII letters.
                Flavor::Sqlite => format!("{column} LIKE {pattern} ESCAPE '\\'"),
                Flavor::Postgres => format!("lower({column}) LIKE {pattern} ESCAPE '\\'"),
            };
            conditions.push(format!("({} OR {})", matches("r.path"), matches("r.description")));
        }
        if filter.created {
            conditions.push(format!("r.creator_id = {}", user.get()));
        }
        let (sees_all, membership) = (viewer.user.is_administrator(), filter.membership);
        let mut or_group = String::new();
        // No engine accepts a parameter that its statement does not have.
        for (pattern, _) in user_rights(viewer).filter(|_| membership || !sees_all) {
            match pattern.prefix() {
                None => {
                    or_group += &format!(" OR r.path = {}", parameter(pattern.as_str().to_owned().into()))
                }
                Some("") => or_group += " OR 1 = 1",
                // `0` is the character after `/`.
                Some(prefix) => {
                    let end = format!("{}0", prefix.trim_end_matches('/'));
                    let (first, end) = (parameter(prefix.to_owned().into()), parameter(end.into()));
                    or_group += &format!(" OR (r.path >= {first} AND r.path < {end})");
                }
            }
        }
        let direction = if filter.descending { "DESC" } else { "ASC" };
        // As in the indexes of SQLite, whose last column is the id. One of PostgreSQL has the minute only.
        let order = match filter.order {
            RepositoryOrder::Id => format!("r.id {direction}"),
            RepositoryOrder::Name => format!("r.path {direction}"),
            RepositoryOrder::CreatedAt => format!("r.created_at {direction}, r.id {direction}"),
            RepositoryOrder::UpdatedAt => {
                format!("c.active_minute {direction}, c.active_at {direction}, c.repository_id {direction}")
            }
        };
        let from = match (filter.order, flavor) {
            (RepositoryOrder::UpdatedAt, Flavor::Sqlite) => {
                "counters c CROSS JOIN repositories r ON r.id = c.repository_id JOIN users u ON u.id = r.creator_id"
            }
            _ => FROM,
        };
        Self { flavor, viewer: user, sees_all, values, conditions, membership, or_group, order, from }
    }

    /// Counts what the list contains.
    pub fn count(&self) -> String {
        let counts = self.sets().map(|set| format!("(SELECT count(*) FROM repositories r {set})"));
        format!("SELECT {}", counts.collect::<Vec<_>>().join(" + "))
    }

    /// The values of the statements.
    pub fn values(&self) -> &[Value<'static>] {
        &self.values
    }

    /// The ids of the list, in no order.
    pub fn ids(&self) -> String {
        let sets = self.sets().map(|set| format!("SELECT r.id FROM repositories r {set}"));
        sets.collect::<Vec<_>>().join(" UNION ALL ")
    }

    /// The ids of the list, or some of them if they are more than [`SORTED_MAX`].
    pub fn first(&self) -> String {
        format!("SELECT id FROM ({}) f LIMIT {}", self.ids(), SORTED_MAX + 1)
    }

    /// One page of a list of many repositories, in the order of an index.
    pub fn page(&self, page: Page) -> String {
        let of_member = format!("(m.role IS NOT NULL{})", self.or_group);
        let is_visible = format!("({NOT_PRIVATE} OR {of_member})");
        let member = self.membership.then_some(of_member.as_str());
        let visible = (!self.sees_all).then_some(is_visible.as_str());
        self.rows(self.from, &self.all(member.into_iter().chain(visible)), page)
    }

    /// One page of the repositories of [`Self::list_of`], which is the parameter: the statement is prepared once.
    pub fn page_of_few(&self, page: Page) -> String {
        let is_listed = match self.flavor {
            Flavor::Sqlite => "WHERE r.id IN (SELECT value FROM json_each(?1))",
            Flavor::Postgres => "WHERE r.id = ANY(CAST(string_to_array(?1, ',') AS bigint[]))",
        };
        self.rows(FROM, is_listed, page)
    }

    /// The parameter of [`Self::page_of_few`].
    fn list_of(&self, ids: &[i64]) -> String {
        let ids = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        match self.flavor {
            Flavor::Sqlite => format!("[{ids}]"),
            Flavor::Postgres => ids,
        }
    }

    fn rows(&self, from: &str, condition: &str, page: Page) -> String {
        format!(
            "SELECT {}, m.role FROM {from} LEFT JOIN members m ON m.repository_id = r.id AND m.user_id = {}
             {condition} ORDER BY {} LIMIT {} OFFSET {}",
            Repository::COLUMNS,
            self.viewer.get(),
            self.order,
            page.limit,
            page.offset
        )
    }

    /// The conditions of sets without a common repository that make up the list. Each set has an index: what every
    /// user may see, and what the user may see as a member only.
    fn sets(&self) -> impl Iterator<Item = String> {
        let of_member = format!(
            "(r.id IN (SELECT repository_id FROM members WHERE user_id = {}){})",
            self.viewer.get(),
            self.or_group
        );
        let member = self.membership.then_some(of_member.as_str());
        let private = format!("NOT ({NOT_PRIVATE}) AND {of_member}");
        let sets = match self.sees_all {
            true => vec![self.all(member)],
            false => [NOT_PRIVATE, &private].map(|set| self.all(member.into_iter().chain([set]))).to_vec(),
        };
        sets.into_iter()
    }

    fn all<'a>(&'a self, further: impl IntoIterator<Item = &'a str>) -> String {
        let all: Vec<&str> = self.conditions.iter().map(String::as_str).chain(further).collect();
        if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) }
    }
}
