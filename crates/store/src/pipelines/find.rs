//! Lists of pipelines: the choice of the index that drives a list, and its pages.

use crate::lists::{self, Conditions, SORT_MAX, Stream};
use crate::rows::types::minute;
use crate::sql::{Columns as _, Flavor, Sql, parameters};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::page::{ListPage, Start, TimeRange, Window};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder, RefKind};
use domain::model::status::Status;

/// The driver of a list, which gives its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    Sha,
    Status,
    Ref,
    /// The newest of each ref.
    Newest,
    All,
    /// By the last change; only to count, because it is not in order of id.
    Updated,
    /// An order other than by id; the engine chooses the index.
    Ordered,
}

/// The user who started a pipeline, if known. CROSS JOIN forces SQLite's join order: the jobs of the
/// pipeline, then their reports.
const STARTED_BY: &str = "coalesce(p.trigger_user, (SELECT u.name FROM jobs j CROSS JOIN reports r
    ON r.repository_id = j.repository_id
                          AND r.job_id = j.id CROSS JOIN users u ON u.id = r.reporter
                          WHERE j.repository_id = p.repository_id AND j.pipeline_id = p.id
                          ORDER BY j.id, r.seq LIMIT 1)) =";

/// Whether one index gives the page: it is a lookup. Other pages may read many rows.
pub fn is_lookup(filter: &PipelineFilter, window: &Window<PipelineOrder>) -> bool {
    let none = PipelineFilter::default;
    let sha = filter.sha.clone().filter(|sha| sha.len() >= 40);
    let by_one_index = [
        none(),
        PipelineFilter { statuses: filter.statuses.clone(), ..none() },
        PipelineFilter { git_ref: filter.git_ref.clone(), ..none() },
        PipelineFilter { sha, ..none() },
    ];
    window.order == PipelineOrder::Id && lists::is_near(window) && by_one_index.contains(filter)
}

/// Whether every write updates the count of these pipelines.
pub fn is_stored(filter: &PipelineFilter) -> bool {
    PipelineFilter { statuses: Vec::new(), git_ref: None, ..filter.clone() } == PipelineFilter::default()
}

/// A page of the matching pipelines.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &PipelineFilter,
    window: Window<PipelineOrder>,
) -> Result<ListPage<Pipeline>> {
    let driver = driver(sql, repository, filter, window.order)?;
    let in_stream = matches!(window.start, Start::Offset(_));
    let stream = stream(repository, filter, driver, window.order, in_stream);
    match sql.flavor() {
        Flavor::Sqlite => {
            let mut rest = Conditions::default();
            let [repo, id] = [i64::from(repository.get()), 0].map(|value| rest.value(value));
            if !in_stream {
                narrow(&mut rest, filter, driver);
            }
            let query = format!(
                "SELECT {} FROM pipelines p WHERE p.repository_id = {repo} AND p.id = {id}{}",
                Pipeline::COLUMNS,
                rest.text()
            );
            let mut values = rest.values().to_vec();
            lists::page(sql, stream, window, |id, ()| {
                values[1] = id.into();
                sql.first(&query, &parameters(&values))
            })
        }
        Flavor::Postgres => {
            let rest = |conditions: &mut Conditions| {
                if !in_stream {
                    narrow(conditions, filter, driver);
                }
            };
            let query = |ids: &str, (): (), rest: &str| {
                format!(
                    "SELECT {} FROM ({ids}) s CROSS JOIN pipelines p ON p.repository_id = {repository}
                        AND p.id = s.id WHERE 1 = 1{rest}",
                    Pipeline::COLUMNS
                )
            };
            lists::joined(sql, stream, &window, rest, query, |pipeline: &Pipeline| pipeline.id.get())
        }
    }
}

/// The number of matching pipelines.
pub fn count(sql: &dyn Sql, repository: RepositoryId, filter: &PipelineFilter) -> Result<u64> {
    if is_stored(filter) {
        return stored_count(sql, repository, filter.git_ref.as_deref(), &filter.statuses);
    }
    let driver = match driver(sql, repository, filter, PipelineOrder::Id)? {
        Driver::All if filter.updated != TimeRange::default() => Driver::Updated,
        driver => driver,
    };
    lists::count(sql, &stream(repository, filter, driver, PipelineOrder::Id, true))
}

/// The commits with this prefix.
pub fn commits(sql: &dyn Sql, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository);
    let range = conditions.sha_is("sha", prefix);
    let limit = conditions.value(limit);
    let query = format!(
        "SELECT DISTINCT sha FROM pipelines INDEXED BY pipelines_by_identity WHERE {range}{} ORDER BY sha
            LIMIT {limit}",
        conditions.text()
    );
    sql.all(&query, &parameters(conditions.values()))
}

/// The ids of the list. With `whole`, it covers the whole filter.
pub fn stream(
    repository: RepositoryId,
    filter: &PipelineFilter,
    driver: Driver,
    order: PipelineOrder,
    whole: bool,
) -> Stream {
    let mut conditions = Conditions::default();
    let repo = conditions.value(repository);
    let (from, wheres) = match driver {
        Driver::Sha => {
            let range = conditions.sha_is("p.sha", filter.sha.as_deref().unwrap_or_default());
            ("pipelines p INDEXED BY pipelines_by_identity".to_owned(), vec![range])
        }
        Driver::Ref => {
            let git_ref = conditions.value(filter.git_ref.clone());
            ("pipelines p INDEXED BY pipelines_by_ref".to_owned(), vec![format!("p.ref = {git_ref}")])
        }
        Driver::Status => {
            let statuses = filter.statuses.iter();
            let wheres = statuses.map(|s| format!("p.status = {}", conditions.value(s.as_str()))).collect();
            ("pipelines p INDEXED BY pipelines_by_status".to_owned(), wheres)
        }
        Driver::Newest => {
            // The refs come from the counts; the greatest id of each ref is one index lookup.
            let is_of_kind = is_of_kind("ref", filter.newest_of_ref_kind.unwrap_or(RefKind::Branch));
            let refs = format!(
                "(SELECT DISTINCT ref FROM pipeline_counts WHERE repository_id = {repo} AND {is_of_kind}) c \
                 CROSS JOIN pipelines p ON p.repository_id = {repo} AND p.id = \
                 (SELECT max(n.id) FROM pipelines n WHERE n.repository_id = {repo} AND n.ref = c.ref)"
            );
            (refs, vec!["1 = 1".to_owned()])
        }
        Driver::Updated => {
            ("pipelines p INDEXED BY pipelines_by_update".to_owned(), vec!["1 = 1".to_owned()])
        }
        Driver::All | Driver::Ordered => ("pipelines p".to_owned(), vec!["1 = 1".to_owned()]),
    };
    if whole {
        narrow(&mut conditions, filter, driver);
    }
    let (columns, order) = match order {
        _ if driver != Driver::Ordered => ("p.id AS id", "id {direction}"),
        PipelineOrder::Id => ("p.id AS id", "id {direction}"),
        PipelineOrder::Status => ("p.id AS id, p.status AS sort_key", "sort_key {direction}, id {direction}"),
        PipelineOrder::Ref => ("p.id AS id, p.ref AS sort_key", "sort_key {direction}, id {direction}"),
        PipelineOrder::UpdatedAt => {
            // The minute first, as in the index.
            let order = "minute {direction}, sort_key {direction}, id {direction}";
            ("p.id AS id, p.updated_minute AS minute, p.updated_at AS sort_key", order)
        }
    };
    let part = |condition: &String| {
        format!("SELECT {columns} FROM {from} WHERE p.repository_id = {repo} AND {condition}")
    };
    Stream { parts: wheres.iter().map(part).collect(), id: "p.id", conditions, order }
}

/// Adds the conditions that the driver does not cover.
fn narrow(rest: &mut Conditions, filter: &PipelineFilter, driver: Driver) {
    if driver != Driver::Status {
        rest.and_one_of("p.status", filter.statuses.iter().map(|s| s.as_str()));
    }
    if let Some(git_ref) = filter.git_ref.as_ref().filter(|_| driver != Driver::Ref) {
        rest.and("p.ref =", git_ref.clone());
    }
    if let Some(sha) = filter.sha.as_ref().filter(|_| driver != Driver::Sha) {
        rest.and_sha("p.sha", sha);
    }
    for (column, value) in
        [("p.source =", &filter.source), ("p.key =", &filter.key), (STARTED_BY, &filter.trigger_user)]
    {
        if let Some(value) = value {
            rest.and(column, value.clone());
        }
    }
    rest.and_in("p.created_at", filter.created);
    rest.and_in("p.updated_at", filter.updated);
    if let Some(since) = filter.updated.since {
        rest.and("p.updated_minute >=", minute(since));
    }
    if let Some(until) = filter.updated.until {
        rest.and("p.updated_minute <=", minute(until));
    }
    if let Some(text) = &filter.text {
        let contains = rest.contains(&["p.ref", "p.key"], text);
        let sha = rest.sha_is("p.sha", &text.to_ascii_lowercase());
        rest.and_text(&format!("({contains} OR ({sha}))"));
    }
    if !filter.jobs.is_empty() {
        // The concatenation: as in `HAS_JOB`.
        let named = filter.jobs.iter().map(|(stage, name)| {
            let [stage, name] = [stage, name].map(|text| rest.value(text.clone()));
            format!("s.name = {stage} AND j.name || '' = {name}")
        });
        let named = named.collect::<Vec<_>>().join(" OR ");
        rest.and_text(&format!(
            "EXISTS (SELECT 1 FROM stages s CROSS JOIN jobs j ON j.repository_id = s.repository_id
                AND j.pipeline_id = s.pipeline_id AND j.stage_id = s.id
             WHERE s.repository_id = p.repository_id AND s.pipeline_id = p.id AND ({named}))"
        ));
    }
    if let Some(kind) = filter.newest_of_ref_kind.filter(|_| driver != Driver::Newest) {
        rest.and_text(&is_of_kind("p.ref", kind));
        rest.and_text(
            "p.id = (SELECT max(n.id) FROM pipelines n WHERE n.repository_id = p.repository_id
            AND n.ref = p.ref)",
        );
    }
}

/// The condition that a ref is of a kind ([`RefKind::of`]).
fn is_of_kind(column: &str, kind: RefKind) -> String {
    let is = if kind == RefKind::Tag { "=" } else { "<>" };
    format!("substr({column}, 1, {}) {is} '{}'", RefKind::TAGS.len(), RefKind::TAGS)
}

/// The driver with the fewest rows for this filter.
pub fn driver(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &PipelineFilter,
    order: PipelineOrder,
) -> Result<Driver> {
    if order != PipelineOrder::Id {
        return Ok(Driver::Ordered);
    }
    let stored = |git_ref: Option<&str>, statuses: &[Status]| -> Result<u32> {
        Ok(u32::try_from(stored_count(sql, repository, git_ref, statuses)?).unwrap_or(u32::MAX))
    };
    let rows = |driver, limit| match driver {
        Driver::Sha => lists::count_of_sha(sql, repository, filter.sha.as_deref().unwrap_or_default(), limit),
        Driver::Ref => Ok(stored(filter.git_ref.as_deref(), &[])?.min(limit)),
        Driver::Status => Ok(stored(None, &filter.statuses)?.min(limit)),
        Driver::Newest | Driver::All | Driver::Updated | Driver::Ordered => Ok(limit),
    };
    let mut candidates = Vec::new();
    if filter.sha.as_ref().is_some_and(|sha| sha.len() >= 40)
        || filter.sha.is_some() && rows(Driver::Sha, SORT_MAX)? < SORT_MAX
    {
        candidates.push(Driver::Sha);
    }
    if filter.git_ref.is_some() {
        candidates.push(Driver::Ref);
    }
    if !filter.statuses.is_empty() {
        candidates.push(Driver::Status);
    }
    if filter.newest_of_ref_kind.is_some() && candidates.is_empty() {
        candidates.push(Driver::Newest);
    }
    Ok(lists::fewest(&candidates, rows)?.unwrap_or(Driver::All))
}

/// The number of pipelines from the counts that every write updates.
pub fn stored_count(
    sql: &dyn Sql,
    repository: RepositoryId,
    git_ref: Option<&str>,
    statuses: &[Status],
) -> Result<u64> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository);
    if let Some(git_ref) = git_ref {
        conditions.and("ref =", git_ref.to_owned());
    }
    conditions.and_one_of("status", statuses.iter().map(|s| s.as_str()));
    let query = format!(
        "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM pipeline_counts WHERE 1 = 1{}",
        conditions.text()
    );
    lists::number(sql, &query, &conditions)
}
