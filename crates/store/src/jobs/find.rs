//! Lists of jobs across pipelines: the choice of the index that drives a list, and its pages.

use crate::lists::{self, Conditions, SORT_MAX, Stream};
use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::jobs::ref_digest;
use crate::rows::pipelines;
use crate::rows::types::status_number;
use crate::sql::{Columns as _, Flavor, Sql, ToValue, columns, corrupt, parameters, values};
use domain::model::ids::{JobId, PipelineId, RepositoryId, UserId};
use domain::model::jobs::Job;
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder, Reporter};
use domain::model::page::{ListPage, Start, Window};
use domain::model::pipelines::Pipeline;
use domain::model::status::Status;
use domain::{Result, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The driver of a list: the index that gives its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    Pipeline,
    Build,
    Sha,
    Name,
    /// The index does not have the attempts that succeeded, which are most.
    Status,
    Ref,
    All,
}

/// The condition of the index by status.
const INDEXED_STATUS: &str = "j.status <> 1";

/// Whether one index gives the page: it is a lookup. Other pages may read many rows.
pub fn is_lookup(filter: &JobFilter, window: &Window<JobOrder>) -> bool {
    let none = JobFilter::default;
    let statuses = if is_indexed(&filter.statuses) { filter.statuses.clone() } else { Vec::new() };
    let by_one_index = [
        none(),
        JobFilter { pipeline: filter.pipeline, ..none() },
        JobFilter { statuses: statuses.clone(), ..none() },
        JobFilter { git_ref: filter.git_ref.clone(), ..none() },
        JobFilter { name: filter.name.clone(), ..none() },
        JobFilter { third_build_id: filter.third_build_id.clone(), ..none() },
    ];
    lists::is_near(window) && by_one_index.contains(filter)
}

/// Whether the index by status has all attempts of these statuses.
fn is_indexed(statuses: &[Status]) -> bool {
    !statuses.is_empty() && !statuses.contains(&Status::Success)
}

/// Whether every write updates the count of these attempts.
pub fn is_stored(filter: &JobFilter) -> bool {
    JobFilter { statuses: Vec::new(), ..filter.clone() } == JobFilter::default()
}

/// A page of the matching attempts.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    window: Window<JobOrder>,
) -> Result<ListPage<FoundJob>> {
    let driver = driver(sql, repository, filter)?;
    // The offset of a page counts matching rows only, so its stream covers the whole filter. Otherwise the
    // rest is checked for each row.
    let in_stream = matches!(window.start, Start::Offset(_));
    let stream = stream(repository, filter, driver, in_stream);
    let page = match sql.flavor() {
        Flavor::Sqlite => row_by_row(sql, repository, filter, window, driver, stream)?,
        Flavor::Postgres => joined(sql, repository, filter, window, driver, stream)?,
    };
    Ok(ListPage { items: with_pipelines(sql, repository, page.items)?, next: page.next })
}

/// The rows of a page, with one query for each: on SQLite a query costs very little.
fn row_by_row(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    window: Window<JobOrder>,
    driver: Driver,
    stream: Stream,
) -> Result<ListPage<(Job, JobContext)>> {
    let mut rest = Conditions::default();
    let [repo, pipeline, job] = [i64::from(repository.get()), 0, 0].map(|value| rest.value(value));
    let mut joins = String::new();
    if matches!(window.start, Start::After(_)) {
        joins = narrow(&mut rest, filter, driver);
    }
    let query = select(&format!(
        "{joins} WHERE j.repository_id = {repo} AND j.pipeline_id = {pipeline} AND j.id = {job}{}",
        rest.text()
    ));
    let mut values = rest.values().to_vec();
    lists::page(sql, stream, window, |id, pipeline: PipelineId| {
        values[1] = pipeline.into();
        values[2] = id.into();
        sql.first(&query, &parameters(&values))
    })
}

/// The rows of a page, with one query.
fn joined(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    window: Window<JobOrder>,
    driver: Driver,
    stream: Stream,
) -> Result<ListPage<(Job, JobContext)>> {
    let in_stream = matches!(window.start, Start::Offset(_));
    let rest = |conditions: &mut Conditions| {
        if in_stream { String::new() } else { narrow(conditions, filter, driver) }
    };
    let query = |ids: &str, joins: String, rest: &str| {
        select(&format!(
            " CROSS JOIN ({ids}) s ON j.repository_id = {repository} AND j.pipeline_id = s.pipeline_id
                AND j.id = s.id{joins} WHERE 1 = 1{rest}"
        ))
    };
    lists::joined(sql, stream, &window, rest, query, |(job, _): &(Job, JobContext)| job.id.get())
}

/// The number of matching attempts.
pub fn count(sql: &dyn Sql, repository: RepositoryId, filter: &JobFilter) -> Result<u64> {
    if is_stored(filter) {
        return stored_count(sql, repository, &filter.statuses);
    }
    if let Some(git_ref) = &filter.git_ref
        && *filter == (JobFilter { git_ref: filter.git_ref.clone(), ..JobFilter::default() })
    {
        let query =
            "SELECT CAST(coalesce(sum(job_count), 0) AS BIGINT) FROM pipelines INDEXED BY pipelines_by_ref
            WHERE repository_id = ?1 AND ref = ?2";
        let count: i64 = sql.one(query, values![repository, git_ref])?;
        return Ok(count.unsigned_abs());
    }
    let driver = driver(sql, repository, filter)?;
    lists::count(sql, &stream(repository, filter, driver, true))
}

/// One attempt.
pub fn one(sql: &dyn Sql, repository: RepositoryId, id: JobId) -> Result<Option<FoundJob>> {
    let query = select(" WHERE j.repository_id = ?1 AND j.id = ?2");
    let found = sql.all(&query, values![repository, id])?;
    Ok(with_pipelines(sql, repository, found)?.pop())
}

/// The ids of the list, each with its pipeline. With `whole`, it covers the whole filter.
pub fn stream(repository: RepositoryId, filter: &JobFilter, driver: Driver, whole: bool) -> Stream {
    let mut conditions = Conditions::default();
    let repo = conditions.value(repository);
    let text = |conditions: &mut Conditions, value: &Option<String>| conditions.value(value.clone());
    let (from, wheres) = match driver {
        Driver::Pipeline => {
            let pipeline = conditions.value(filter.pipeline);
            ("jobs j", vec![format!("j.pipeline_id = {pipeline}")])
        }
        Driver::Build => {
            let build = text(&mut conditions, &filter.third_build_id);
            ("jobs j INDEXED BY jobs_by_build", vec![format!("j.third_build_id = {build}")])
        }
        Driver::Sha => ("", vec![conditions.sha_is("p.sha", filter.sha.as_deref().unwrap_or_default())]),
        Driver::Name => {
            let name = text(&mut conditions, &filter.name);
            ("jobs j INDEXED BY jobs_by_name", vec![format!("j.name = {name}")])
        }
        Driver::Ref => {
            let digest = conditions.value(filter.git_ref.as_deref().map(ref_digest));
            ("jobs j INDEXED BY jobs_by_ref", vec![format!("j.ref_digest = {digest}")])
        }
        Driver::Status => {
            let statuses = filter.statuses.iter();
            // The planners use the index only beside its own condition.
            let condition = |s: &Status| {
                format!("j.status = {} AND {INDEXED_STATUS}", conditions.value(status_number(*s)))
            };
            ("jobs j INDEXED BY jobs_by_status", statuses.map(condition).collect())
        }
        Driver::All => ("jobs j INDEXED BY jobs_by_id", vec!["1 = 1".to_owned()]),
    };
    let joins = if whole { narrow(&mut conditions, filter, driver) } else { String::new() };
    let part = |condition: &String| {
        let tables = match driver {
            // The pipelines of the commit first, then their jobs: few enough to sort.
            Driver::Sha => "pipelines p INDEXED BY pipelines_by_identity CROSS JOIN jobs j
                ON j.repository_id = p.repository_id AND j.pipeline_id = p.id"
                .to_owned(),
            _ => format!("{from}{joins}"),
        };
        let owner = if driver == Driver::Sha { "p" } else { "j" };
        format!(
            "SELECT j.id AS id, j.pipeline_id FROM {tables} WHERE {owner}.repository_id = {repo}
                AND {condition} AND {}",
            not_deleted("j")
        )
    };
    Stream { parts: wheres.iter().map(part).collect(), id: "j.id", conditions, order: "id {direction}" }
}

/// Adds the conditions that the driver does not cover; returns the joins that they need.
pub(super) fn narrow(rest: &mut Conditions, filter: &JobFilter, driver: Driver) -> String {
    if driver != Driver::Status {
        rest.and_one_of("j.status", filter.statuses.iter().map(|s| status_number(*s)));
    }
    if let Some(pipeline) = filter.pipeline.filter(|_| driver != Driver::Pipeline) {
        rest.and("j.pipeline_id =", pipeline);
    }
    if let Some(newest) = filter.newest {
        rest.and("j.newest =", newest);
    }
    for (covered_by, column, value) in [
        (Driver::Build, "j.third_build_id =", &filter.third_build_id),
        (Driver::Name, "j.name =", &filter.name),
    ] {
        if let Some(value) = value.as_ref().filter(|_| driver != covered_by) {
            rest.and(column, value.clone());
        }
    }
    if let Some(stage) = &filter.stage {
        let name = "(SELECT s.name FROM stages s WHERE s.repository_id = j.repository_id
            AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id) =";
        rest.and(name, stage.clone());
    }
    rest.and_in("j.created_at", filter.created);
    rest.and_in("j.created_at + j.updated_after", filter.updated);
    if let Some(text) = &filter.text {
        let contains = rest.contains(&["j.name", "j.description"], text);
        rest.and_text(&format!("({contains})"));
    }
    let mut needs_pipeline = false;
    if let Some(git_ref) = &filter.git_ref {
        if driver != Driver::Ref {
            rest.and("j.ref_digest =", ref_digest(git_ref));
        }
        rest.and("p.ref =", git_ref.clone());
        needs_pipeline = true;
    }
    if let Some(sha) = filter.sha.as_ref().filter(|_| driver != Driver::Sha) {
        rest.and_sha("p.sha", sha);
        needs_pipeline = true;
    }
    if let Some(source) = &filter.source {
        rest.and("p.source =", source.clone());
        needs_pipeline = true;
    }
    // The stream of the driver by commit joins the pipelines itself and ignores this; the query of a single
    // row always needs it.
    if needs_pipeline {
        " CROSS JOIN pipelines p ON p.repository_id = j.repository_id AND p.id = j.pipeline_id".to_owned()
    } else {
        String::new()
    }
}

/// The driver with the fewest rows for this filter.
pub fn driver(sql: &dyn Sql, repository: RepositoryId, filter: &JobFilter) -> Result<Driver> {
    if filter.pipeline.is_some() {
        return Ok(Driver::Pipeline);
    }
    let rows = |driver, limit| rows(sql, repository, filter, driver, limit);
    let mut candidates = Vec::new();
    let given = [
        (Driver::Build, filter.third_build_id.is_some()),
        (Driver::Sha, filter.sha.is_some()),
        (Driver::Name, filter.name.is_some()),
        (Driver::Status, is_indexed(&filter.statuses)),
        (Driver::Ref, filter.git_ref.is_some()),
    ];
    for (driver, _) in given.into_iter().filter(|(_, given)| *given) {
        // The jobs of commits are sorted, so they must be few; those of a single commit are accepted.
        let whole = filter.sha.as_ref().is_some_and(|sha| sha.len() >= 40);
        if driver != Driver::Sha || whole || rows(driver, SORT_MAX)? < SORT_MAX {
            candidates.push(driver);
        }
    }
    Ok(lists::fewest(&candidates, rows)?.unwrap_or(Driver::All))
}

/// The number of rows of a driver, but at most `limit`; for commits the number of their pipelines.
fn rows(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    driver: Driver,
    limit: u32,
) -> Result<u32> {
    let count = |index: &str, column: &str, value: &dyn ToValue| {
        let select =
            format!("SELECT 1 FROM jobs INDEXED BY {index} WHERE repository_id = ?1 AND {column} = ?2");
        lists::count_up_to(sql, &select, values![repository, value], limit)
    };
    match driver {
        Driver::Build => count("jobs_by_build", "third_build_id", &filter.third_build_id),
        Driver::Name => count("jobs_by_name", "name", &filter.name),
        Driver::Ref => count("jobs_by_ref", "ref_digest", &filter.git_ref.as_deref().map(ref_digest)),
        Driver::Sha => lists::count_of_sha(sql, repository, filter.sha.as_deref().unwrap_or_default(), limit),
        Driver::Status => {
            let count = stored_count(sql, repository, &filter.statuses)?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX).min(limit))
        }
        Driver::Pipeline | Driver::All => Ok(limit),
    }
}

/// The number of jobs from the counts that every write updates.
fn stored_count(sql: &dyn Sql, repository: RepositoryId, statuses: &[Status]) -> Result<u64> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository);
    conditions.and_one_of("status", statuses.iter().map(|s| status_number(*s)));
    let query = format!(
        "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM job_counts WHERE 1 = 1{}",
        conditions.text()
    );
    lists::number(sql, &query, &conditions)
}

/// The data of an attempt in a list besides its row.
pub(super) struct JobContext {
    pipeline_id: PipelineId,
    stage: Option<String>,
    /// The first reporter.
    reporter_id: Option<i64>,
    reporter_name: Option<String>,
    /// When the last report of a build system was received.
    reported_at: Option<Timestamp>,
}

/// The user of the first report.
macro_rules! first_reporter {
    () => {
        "(SELECT r.reporter FROM reports r WHERE r.repository_id = j.repository_id AND r.job_id = j.id
            ORDER BY r.seq LIMIT 1)"
    };
}
pub(super) use first_reporter;

/// When the last report of a build system was received.
macro_rules! last_report_at {
    () => {
        "(SELECT r.received_at FROM reports r
             WHERE r.repository_id = j.repository_id AND r.job_id = j.id AND r.authority = 0
             ORDER BY r.seq DESC LIMIT 1)"
    };
}
pub(super) use last_report_at;

columns! {
    JobContext from "j": pipeline_id,
        stage = "(SELECT s.name FROM stages s WHERE s.repository_id = j.repository_id
            AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id)",
        reporter_id = first_reporter!(),
        reporter_name = concat!("(SELECT u.name FROM users u WHERE u.id = ", first_reporter!(), ")"),
        reported_at = last_report_at!()
    => Self { pipeline_id, stage, reporter_id, reporter_name, reported_at }
}

/// The query of jobs and their contexts. `end` begins with joins or `WHERE`; the job is `j`.
fn select(end: &str) -> String {
    format!("SELECT {}, {} FROM jobs j{end}", Job::COLUMNS, JobContext::COLUMNS)
}

pub(super) fn with_pipelines(
    sql: &dyn Sql,
    repository: RepositoryId,
    found: Vec<(Job, JobContext)>,
) -> Result<Vec<FoundJob>> {
    let ids: BTreeSet<i64> = found.iter().map(|(_, context)| context.pipeline_id.get().into()).collect();
    let pipelines: HashMap<PipelineId, Arc<Pipeline>> = pipelines::load_many(sql, repository, &ids)?
        .into_iter()
        .map(|pipeline| (pipeline.id, Arc::new(pipeline)))
        .collect();
    let mut jobs = Vec::with_capacity(found.len());
    for (job, context) in found {
        // The pipeline of a job is missing if it was deleted and the job is not yet.
        let Some(pipeline) = pipelines.get(&context.pipeline_id).cloned() else { continue };
        let last_report_at = context.reported_at.unwrap_or(job.updated_at);
        // No user has the id 0, which means Stagepost itself.
        let reporter = match (context.reporter_id, context.reporter_name) {
            (Some(id), Some(name)) => Some(Reporter { id: UserId::new(id).map_err(corrupt)?, name }),
            _ => None,
        };
        jobs.push(FoundJob {
            job,
            pipeline,
            stage: context.stage.unwrap_or_default(),
            reporter,
            last_report_at,
        });
    }
    Ok(jobs)
}
