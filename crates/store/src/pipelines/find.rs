//! Pipelines of a repository: which index drives a list, and the page itself.

use super::{COLUMNS, read};
use crate::lists::{self, Conditions, FEW, Stream};
use crate::rows;
use crate::sql::{Flavor, Row, Sql, Value, places};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::page::{ListPage, Start, TimeRange, Window};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder, RefKind};
use domain::model::status::Status;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// What gives the ids of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    Sha,
    Status,
    Ref,
    /// The newest of each ref.
    Newest,
    All,
    /// By when they last changed: to count, not in order of id.
    Updated,
    /// Another order than by id; SQLite chooses.
    Ordered,
}

/// Who started a pipeline, as far as is known. CROSS JOIN keeps SQLite to this order: jobs of the pipeline, then their reports.
const STARTED_BY: &str = "coalesce(p.trigger_user, (SELECT u.name FROM jobs j CROSS JOIN reports r ON r.repository_id = j.repository_id
                          AND r.job_id = j.id CROSS JOIN users u ON u.id = r.reporter
                          WHERE j.repository_id = p.repository_id AND j.pipeline_id = p.id ORDER BY j.id, r.seq LIMIT 1)) =";

/// A page of the pipelines that fit.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &PipelineFilter,
    window: Window<PipelineOrder>,
) -> Result<ListPage<Pipeline>> {
    let driver = driver(sql, repository, filter, window.order)?;
    let in_stream = matches!(window.start, Start::Offset(_));
    let stream = stream(repository, filter, driver, window.order, in_stream);
    let one = |row: &dyn Row| read(row, repository);
    match sql.flavor() {
        Flavor::Sqlite => {
            let mut rest = Conditions::default();
            let [r, id] = [i64::from(repository.get()), 0].map(|v| rest.value(v));
            if !in_stream {
                narrow(&mut rest, filter, driver);
            }
            let rest_text = rest.text();
            let statement = format!(
                "SELECT {COLUMNS} FROM pipelines p WHERE p.repository_id = {r} AND p.id = {id}{rest_text}"
            );
            let mut values = rest.values().to_vec();
            let id_at = stream.width - 1;
            lists::page(sql, stream, window, |row| {
                values[1] = row.get::<i64>(id_at)?.into();
                sql.first(&statement, &places(&values), one)
            })
        }
        Flavor::Postgres => {
            let rest = |conditions: &mut Conditions| {
                if !in_stream {
                    narrow(conditions, filter, driver);
                }
            };
            let repo = repository.get();
            let columns: Vec<String> =
                COLUMNS.split(',').map(|column| format!("p.{}", column.trim())).collect();
            let columns = columns.join(", ");
            let statement = |ids: &str, (): (), rest: &str| {
                format!(
                    "SELECT {columns} FROM ({ids}) s CROSS JOIN pipelines p ON p.repository_id = {repo} AND p.id = s.id WHERE 1 = 1{rest}"
                )
            };
            lists::joined(sql, stream, &window, rest, statement, |row| Ok((row.get(0)?, one(row)?)))
        }
    }
}

/// How many fit.
pub fn count(sql: &dyn Sql, repository: RepositoryId, filter: &PipelineFilter) -> Result<u64> {
    let plain = PipelineFilter { statuses: Vec::new(), git_ref: None, ..filter.clone() };
    if plain == PipelineFilter::default() {
        return kept_count(sql, repository, filter.git_ref.as_deref(), &filter.statuses);
    }
    let driver = match driver(sql, repository, filter, PipelineOrder::Id)? {
        Driver::All if filter.updated != TimeRange::default() => Driver::Updated,
        driver => driver,
    };
    lists::count(sql, &stream(repository, filter, driver, PipelineOrder::Id, true))
}

/// The commits whose ids begin so.
pub fn commits(sql: &dyn Sql, repository: RepositoryId, prefix: &str, limit: u32) -> Result<Vec<String>> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository.get());
    let range = conditions.sha_is("sha", prefix);
    let limit = conditions.value(limit);
    let query = format!(
        "SELECT DISTINCT sha FROM pipelines INDEXED BY pipelines_by_identity WHERE {range}{} ORDER BY sha LIMIT {limit}",
        conditions.text()
    );
    sql.all(&query, &places(conditions.values()), |row| row.get(0))
}

/// The newest pipelines on the default branches of some repositories.
pub fn last(
    sql: &dyn Sql,
    repositories: &[RepositoryId],
    each: u32,
) -> Result<HashMap<RepositoryId, Vec<Pipeline>>> {
    let mut found: HashMap<RepositoryId, Vec<Pipeline>> = HashMap::new();
    let mut values: Vec<Value<'_>> = repositories.iter().map(|id| id.get().into()).collect();
    let Some(one) = values.last().cloned().filter(|_| each > 0) else { return Ok(found) };
    // Few lengths, so that the engines keep few statements.
    values.resize(values.len().next_power_of_two(), one);
    let statement = last_statement(values.len());
    values.insert(0, (i64::from(each) - 1).into());
    sql.each(&statement, &places(&values), &mut |row| {
        let pipeline = read(row, rows::repository_id(row.get(14)?)?)?;
        found.entry(pipeline.repository_id).or_default().push(pipeline);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// The statement of [`last`]: of each ref the stretch of its index from the last wanted one on.
pub fn last_statement(repositories: usize) -> String {
    let columns: Vec<String> = COLUMNS.split(',').map(|column| format!("p.{}", column.trim())).collect();
    let ids: Vec<String> = (0..repositories).map(|at| format!("?{}", at + 2)).collect();
    format!(
        "SELECT {}, r.id FROM repositories r CROSS JOIN pipelines p INDEXED BY pipelines_by_ref
         ON p.repository_id = r.id AND p.ref = r.default_branch AND p.id >= coalesce(
            (SELECT n.id FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = r.id AND n.ref = r.default_branch
             ORDER BY n.id DESC LIMIT 1 OFFSET ?1), 0)
         WHERE r.id IN ({}) ORDER BY r.id, p.id DESC",
        columns.join(", "),
        ids.join(", ")
    )
}

/// The ids of the list. With `whole` all of the filter is decided in it.
pub fn stream(
    repository: RepositoryId,
    filter: &PipelineFilter,
    driver: Driver,
    order: PipelineOrder,
    whole: bool,
) -> Stream {
    let mut conditions = Conditions::default();
    let repo = conditions.value(repository.get());
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
            let words = filter.statuses.iter();
            let wheres =
                words.map(|s| format!("p.status = {}", conditions.value(s.as_str().to_owned()))).collect();
            ("pipelines p INDEXED BY pipelines_by_status".to_owned(), wheres)
        }
        Driver::Newest => {
            // The counts know the refs; the greatest id of each is one step in the index.
            let of_kind = of_kind("ref", filter.newest_of_ref_kind.unwrap_or(RefKind::Branch));
            let refs = format!(
                "(SELECT DISTINCT ref FROM pipeline_counts WHERE repository_id = {repo} AND {of_kind}) c \
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
        _ if driver != Driver::Ordered => ("p.id AS id", "id {way}"),
        PipelineOrder::Id => ("p.id AS id", "id {way}"),
        PipelineOrder::Status => ("p.status AS word, p.id AS id", "word {way}, id {way}"),
        PipelineOrder::Ref => ("p.ref AS word, p.id AS id", "word {way}, id {way}"),
        PipelineOrder::UpdatedAt => ("p.updated_at AS word, p.id AS id", "word {way}, id {way}"),
    };
    let part = |condition: &String| {
        format!("SELECT {columns} FROM {from} WHERE p.repository_id = {repo} AND {condition}")
    };
    Stream {
        parts: wheres.iter().map(part).collect(),
        id: "p.id",
        conditions,
        width: columns.split(',').count(),
        order,
    }
}

/// What the driver does not decide, as conditions.
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
    if let Some(text) = &filter.text {
        let fits = rest.contains(&["p.ref", "p.key"], text);
        let begins = rest.sha_is("p.sha", &text.to_ascii_lowercase());
        rest.and_text(&format!("({fits} OR ({begins}))"));
    }
    if let Some(kind) = filter.newest_of_ref_kind.filter(|_| driver != Driver::Newest) {
        rest.and_text(&of_kind("p.ref", kind));
        rest.and_text("p.id = (SELECT max(n.id) FROM pipelines n WHERE n.repository_id = p.repository_id AND n.ref = p.ref)");
    }
}

/// The condition that a ref is of a kind ([`RefKind::of`]).
fn of_kind(column: &str, kind: RefKind) -> String {
    let is = if kind == RefKind::Tag { "=" } else { "<>" };
    format!("substr({column}, 1, {}) {is} '{}'", RefKind::TAGS.len(), RefKind::TAGS)
}

/// What gives the fewest rows for this filter.
pub fn driver(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &PipelineFilter,
    order: PipelineOrder,
) -> Result<Driver> {
    if order != PipelineOrder::Id {
        return Ok(Driver::Ordered);
    }
    let kept = |git_ref: Option<&str>, statuses: &[Status]| -> Result<u32> {
        Ok(u32::try_from(kept_count(sql, repository, git_ref, statuses)?).unwrap_or(u32::MAX))
    };
    let rows = |driver, most| match driver {
        Driver::Sha => lists::probe_sha(sql, repository, filter.sha.as_deref().unwrap_or_default(), most),
        Driver::Ref => Ok(kept(filter.git_ref.as_deref(), &[])?.min(most)),
        Driver::Status => Ok(kept(None, &filter.statuses)?.min(most)),
        Driver::Newest | Driver::All | Driver::Updated | Driver::Ordered => Ok(most),
    };
    let mut candidates = Vec::new();
    if filter.sha.as_ref().is_some_and(|sha| sha.len() >= 40)
        || filter.sha.is_some() && rows(Driver::Sha, FEW)? < FEW
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

/// The count that every write keeps.
fn kept_count(
    sql: &dyn Sql,
    repository: RepositoryId,
    git_ref: Option<&str>,
    statuses: &[Status],
) -> Result<u64> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository.get());
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
