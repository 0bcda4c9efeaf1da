//! Lists of refs. The counts of pipelines by ref, which every write updates, give the names in order; the newest
//! pipeline of each is one index lookup.

use crate::lists::{Conditions, number};
use crate::sql::{Columns as _, Sql, parameters};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::page::{Page, PageWithTotal};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{NameSearch, RefFilter, RefKind, RefOrder};

/// A page of the newest pipelines of the refs.
pub fn list(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &RefFilter,
    page: Page,
) -> Result<PageWithTotal<Pipeline>> {
    let mut conditions = conditions(repository, filter);
    let count =
        format!("SELECT count(DISTINCT ref) FROM pipeline_counts WHERE count > 0{}", conditions.text());
    let total = number(sql, &count, &conditions)?;
    if u64::from(page.offset) >= total {
        return Ok(PageWithTotal { items: Vec::new(), total });
    }
    let query = page_query(&mut conditions, repository, filter, page);
    Ok(PageWithTotal { items: sql.all(&query, &parameters(conditions.values()))?, total })
}

/// The condition of the refs in the table of counts.
pub fn conditions(repository: RepositoryId, filter: &RefFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository);
    let is_tag = is_in("ref", RefKind::TAGS);
    let is_branch = format!("NOT {}", is_in("ref", RefFilter::FULL));
    let of_tag = format!("lower(substr(ref, {}))", RefKind::TAGS.len() + 1);
    let (is_of_kind, name) = match filter.kind {
        Some(RefKind::Tag) => (is_tag, of_tag),
        Some(RefKind::Branch) => (is_branch, "lower(ref)".to_owned()),
        None => (
            format!("({is_branch} OR {is_tag})"),
            format!("CASE WHEN {is_tag} THEN {of_tag} ELSE lower(ref) END"),
        ),
    };
    conditions.and_text(&is_of_kind);
    if let Some(sha) = &filter.sha {
        let sha = conditions.value(sha.clone());
        conditions.and_text(&format!(
            "ref IN (SELECT s.ref FROM pipelines s INDEXED BY pipelines_by_identity
                WHERE s.repository_id = {repository} AND s.sha = {sha})"
        ));
    }
    if let Some(NameSearch { text, at_start, at_end }) = &filter.name {
        let length = text.chars().count();
        let part = conditions.value(text.to_ascii_lowercase());
        conditions.and_text(&match (at_start, at_end) {
            (false, false) => format!("instr({name}, {part}) > 0"),
            (true, false) => format!("substr({name}, 1, {length}) = {part}"),
            (false, true) => format!("substr({name}, length({name}) - {length} + 1) = {part}"),
            (true, true) => format!("{name} = {part}"),
        });
    }
    conditions
}

/// The query of a page, whose values are those of the conditions.
pub fn page_query(
    conditions: &mut Conditions,
    repository: RepositoryId,
    filter: &RefFilter,
    page: Page,
) -> String {
    let direction = if filter.descending { "DESC" } else { "ASC" };
    let (limit, offset) = (conditions.value(page.limit), conditions.value(page.offset));
    let page = format!(" LIMIT {limit} OFFSET {offset}");
    // By name, a page needs the pipelines of its own refs only.
    let (of_refs, of_pipelines) = match filter.order {
        RefOrder::Name => {
            let by_name = |column: &str| order_by_name(column, filter.kind, direction);
            (format!("{}{page}", by_name("ref")), by_name("p.ref"))
        }
        RefOrder::NewestPipeline => (String::new(), format!(" ORDER BY p.id {direction}{page}")),
    };
    format!(
        "SELECT {} FROM (SELECT ref FROM pipeline_counts WHERE count > 0{} GROUP BY ref{of_refs}) c \
         CROSS JOIN pipelines p ON p.repository_id = {repository} AND p.id = \
         (SELECT max(n.id) FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = {repository} \
         AND n.ref = c.ref){of_pipelines}",
        Pipeline::COLUMNS,
        conditions.text()
    )
}

/// The order by name; of branches and tags, all branches come first.
fn order_by_name(column: &str, kind: Option<RefKind>, direction: &str) -> String {
    let by_kind = match kind {
        Some(_) => String::new(),
        None => format!("{} {direction}, ", is_in(column, RefKind::TAGS)),
    };
    format!(" ORDER BY {by_kind}{column} {direction}")
}

/// The condition that a ref has this prefix, which ends with `/`. `0` is the next character.
fn is_in(column: &str, prefix: &str) -> String {
    format!("({column} >= '{prefix}' AND {column} < '{}0')", &prefix[..prefix.len() - 1])
}
