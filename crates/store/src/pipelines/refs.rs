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
    let full = RefFilter::FULL;
    // `0` is the character after `/`.
    let end = |prefix: &str| format!("{}0", &prefix[..prefix.len() - 1]);
    let name = match filter.kind {
        RefKind::Tag => {
            let tags = RefKind::TAGS;
            conditions.and_text(&format!("ref >= '{tags}' AND ref < '{}'", end(tags)));
            format!("lower(substr(ref, {}))", tags.len() + 1)
        }
        RefKind::Branch => {
            conditions.and_text(&format!("(ref < '{full}' OR ref >= '{}')", end(full)));
            "lower(ref)".to_owned()
        }
    };
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
    let page = |column: &str| format!(" ORDER BY {column} {direction} LIMIT {limit} OFFSET {offset}");
    // By name, a page needs the pipelines of its own refs only.
    let (of_refs, of_pipelines) = match filter.order {
        RefOrder::Name => (page("ref"), format!(" ORDER BY p.ref {direction}")),
        RefOrder::NewestPipeline => (String::new(), page("p.id")),
    };
    format!(
        "SELECT {} FROM (SELECT DISTINCT ref FROM pipeline_counts WHERE count > 0{}{of_refs}) c \
         CROSS JOIN pipelines p ON p.repository_id = {repository} AND p.id = \
         (SELECT max(n.id) FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = {repository} \
         AND n.ref = c.ref){of_pipelines}",
        Pipeline::COLUMNS,
        conditions.text()
    )
}
