//! Jobs across pipelines: which index drives a list, and the page itself. The one place that knows which filter costs what.

use super::{COLUMNS, read_job};
use crate::lists::{self, Conditions, FEW, Stream};
use crate::pipelines::load_pipelines;
use crate::rows;
use crate::sql::{Flavor, Row, Sql, places, values};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::jobs::Job;
use domain::model::jobs::filters::{JobDetails, JobFilter, JobOrder, Reporter};
use domain::model::page::{ListPage, Start, Window};
use domain::model::pipelines::Pipeline;
use domain::model::status::Status;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The index that gives the ids of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    Pipeline,
    Build,
    Sha,
    Name,
    Status,
    Ref,
    All,
}

/// A page of the attempts that fit.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    window: Window<JobOrder>,
) -> Result<ListPage<JobDetails>> {
    let driver = driver(sql, repository, filter)?;
    // A page by offset counts only what fits, so the stream decides all; else each row is asked.
    let in_stream = matches!(window.start, Start::Offset(_));
    let stream = stream(repository, filter, driver, in_stream);
    let found = match sql.flavor() {
        Flavor::Sqlite => row_by_row(sql, repository, filter, window, driver, stream)?,
        Flavor::Postgres => joined(sql, repository, filter, window, driver, stream)?,
    };
    Ok(ListPage { items: around(sql, repository, found.items)?, next: found.next })
}

/// The rows of a page, each asked for by itself: a question costs next to nothing.
fn row_by_row(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    window: Window<JobOrder>,
    driver: Driver,
    stream: Stream,
) -> Result<ListPage<(Job, Around)>> {
    let mut rest = Conditions::default();
    let [r, p, j] = [i64::from(repository.get()), 0, 0].map(|v| rest.value(v));
    let mut joins = String::new();
    if matches!(window.start, Start::After(_)) {
        joins = narrow(&mut rest, filter, driver);
    }
    let statement = select(&format!(
        "{joins} WHERE j.repository_id = {r} AND j.pipeline_id = {p} AND j.id = {j}{}",
        rest.text()
    ));
    let mut values = rest.values().to_vec();
    lists::page(sql, stream, window, |row| {
        values[1] = row.get::<i64>(0)?.into();
        values[2] = row.get::<i64>(1)?.into();
        sql.first(&statement, &places(&values), whole)
    })
}

/// The rows of a page, asked for all at once.
fn joined(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    window: Window<JobOrder>,
    driver: Driver,
    stream: Stream,
) -> Result<ListPage<(Job, Around)>> {
    let in_stream = matches!(window.start, Start::Offset(_));
    let rest = |conditions: &mut Conditions| {
        if in_stream { String::new() } else { narrow(conditions, filter, driver) }
    };
    let repo = repository.get();
    let statement = |ids: &str, joins: String, rest: &str| {
        select(&format!(
            " CROSS JOIN ({ids}) s ON j.repository_id = {repo} AND j.pipeline_id = s.pipeline_id AND j.id = s.id{joins} WHERE 1 = 1{rest}"
        ))
    };
    lists::joined(sql, stream, &window, rest, statement, |row| Ok((row.get(0)?, whole(row)?)))
}

/// How many fit.
pub fn count(sql: &dyn Sql, repository: RepositoryId, filter: &JobFilter) -> Result<u64> {
    if (JobFilter { statuses: Vec::new(), ..filter.clone() }) == JobFilter::default() {
        return kept_count(sql, repository, &filter.statuses);
    }
    let driver = driver(sql, repository, filter)?;
    lists::count(sql, &stream(repository, filter, driver, true))
}

/// One attempt.
pub fn one(sql: &dyn Sql, repository: RepositoryId, id: i32) -> Result<Option<JobDetails>> {
    let statement = select(" WHERE j.repository_id = ?1 AND j.id = ?2");
    let found = sql.all(&statement, values![repository.get(), id], whole)?;
    Ok(around(sql, repository, found)?.pop())
}

/// The ids of the list. With `whole` all of the filter is decided in it.
pub fn stream(repository: RepositoryId, filter: &JobFilter, driver: Driver, whole: bool) -> Stream {
    let mut conditions = Conditions::default();
    let repo = conditions.value(repository.get());
    let text = |conditions: &mut Conditions, value: &Option<String>| conditions.value(value.clone());
    let (from, wheres) = match driver {
        Driver::Pipeline => {
            let pipeline = conditions.value(filter.pipeline.map(PipelineId::get));
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
            let git_ref = text(&mut conditions, &filter.git_ref);
            ("jobs j INDEXED BY jobs_by_ref", vec![format!("j.ref = {git_ref}")])
        }
        Driver::Status => {
            let words = filter.statuses.iter();
            let wheres =
                words.map(|s| format!("j.status = {}", conditions.value(s.as_str().to_owned()))).collect();
            ("jobs j INDEXED BY jobs_by_status", wheres)
        }
        Driver::All => ("jobs j INDEXED BY jobs_by_id", vec!["1 = 1".to_owned()]),
    };
    let joins = if whole { narrow(&mut conditions, filter, driver) } else { String::new() };
    let part = |condition: &String| {
        let tables = match driver {
            // Its pipelines first, then their jobs: few, so they may be sorted.
            Driver::Sha => "pipelines p INDEXED BY pipelines_by_identity CROSS JOIN jobs j ON j.repository_id = p.repository_id AND j.pipeline_id = p.id".to_owned(),
            _ => format!("{from}{joins}"),
        };
        let owner = if driver == Driver::Sha { "p" } else { "j" };
        format!(
            "SELECT j.pipeline_id, j.id AS id FROM {tables} WHERE {owner}.repository_id = {repo} AND {condition} AND NOT EXISTS \
             (SELECT 1 FROM leavings l WHERE l.repository_id = j.repository_id AND l.pipeline_id = j.pipeline_id)"
        )
    };
    Stream { parts: wheres.iter().map(part).collect(), id: "j.id", conditions, width: 2, order: "id {way}" }
}

/// What the driver does not decide, as conditions; and the joins they need.
fn narrow(rest: &mut Conditions, filter: &JobFilter, driver: Driver) -> String {
    if driver != Driver::Status {
        rest.and_one_of("j.status", filter.statuses.iter().map(|s| s.as_str()));
    }
    if let Some(pipeline) = filter.pipeline.filter(|_| driver != Driver::Pipeline) {
        rest.and("j.pipeline_id =", pipeline.get());
    }
    if let Some(newest) = filter.newest {
        rest.and("j.newest =", newest);
    }
    for (of, column, value) in [
        (Driver::Build, "j.third_build_id =", &filter.third_build_id),
        (Driver::Name, "j.name =", &filter.name),
        (Driver::Ref, "j.ref =", &filter.git_ref),
    ] {
        if let Some(value) = value.as_ref().filter(|_| driver != of) {
            rest.and(column, value.clone());
        }
    }
    if let Some(stage) = &filter.stage {
        let name = "(SELECT s.name FROM stages s WHERE s.repository_id = j.repository_id AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id) =";
        rest.and(name, stage.clone());
    }
    rest.and_in("j.created_at", filter.created);
    rest.and_in("j.updated_at", filter.updated);
    if let Some(text) = &filter.text {
        let fits = rest.contains(&["j.name", "j.description"], text);
        rest.and_text(&format!("({fits})"));
    }
    let mut of_pipeline = false;
    if let Some(sha) = filter.sha.as_ref().filter(|_| driver != Driver::Sha) {
        rest.and_sha("p.sha", sha);
        of_pipeline = true;
    }
    if let Some(source) = &filter.source {
        rest.and("p.source =", source.clone());
        of_pipeline = true;
    }
    // The driver by commit has the pipeline in hand when it decides all; a single row never has.
    if of_pipeline {
        " CROSS JOIN pipelines p ON p.repository_id = j.repository_id AND p.id = j.pipeline_id".to_owned()
    } else {
        String::new()
    }
}

/// The index with the fewest rows for this filter.
pub fn driver(sql: &dyn Sql, repository: RepositoryId, filter: &JobFilter) -> Result<Driver> {
    if filter.pipeline.is_some() {
        return Ok(Driver::Pipeline);
    }
    let rows = |driver, most| rows(sql, repository, filter, driver, most);
    let mut candidates = Vec::new();
    let given = [
        (Driver::Build, filter.third_build_id.is_some()),
        (Driver::Sha, filter.sha.is_some()),
        (Driver::Name, filter.name.is_some()),
        (Driver::Status, !filter.statuses.is_empty()),
        (Driver::Ref, filter.git_ref.is_some()),
    ];
    for (driver, _) in given.into_iter().filter(|(_, given)| *given) {
        // The jobs of commits are sorted, so they must be few; a whole id has what it has.
        let whole = filter.sha.as_ref().is_some_and(|sha| sha.len() >= 40);
        if driver != Driver::Sha || whole || rows(driver, FEW)? < FEW {
            candidates.push(driver);
        }
    }
    Ok(lists::fewest(&candidates, rows)?.unwrap_or(Driver::All))
}

/// How many rows the driver has, as far as `most`; for commits their pipelines.
fn rows(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    driver: Driver,
    most: u32,
) -> Result<u32> {
    let repo = repository.get();
    let of = |index: &str, column: &str, value: &Option<String>| {
        let select =
            format!("SELECT 1 FROM jobs INDEXED BY {index} WHERE repository_id = ?1 AND {column} = ?2");
        lists::probe(sql, &select, values![repo, value], most)
    };
    match driver {
        Driver::Build => of("jobs_by_build", "third_build_id", &filter.third_build_id),
        Driver::Name => of("jobs_by_name", "name", &filter.name),
        Driver::Ref => of("jobs_by_ref", "ref", &filter.git_ref),
        Driver::Sha => lists::probe_sha(sql, repository, filter.sha.as_deref().unwrap_or_default(), most),
        Driver::Status => {
            let count = kept_count(sql, repository, &filter.statuses)?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX).min(most))
        }
        Driver::Pipeline | Driver::All => Ok(most),
    }
}

/// The count that every write keeps.
fn kept_count(sql: &dyn Sql, repository: RepositoryId, statuses: &[Status]) -> Result<u64> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository.get());
    conditions.and_one_of("status", statuses.iter().map(|s| s.as_str()));
    let query = format!(
        "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM job_counts WHERE 1 = 1{}",
        conditions.text()
    );
    lists::number(sql, &query, &conditions)
}

/// What is around an attempt: its pipeline, the name of its stage, who reported it first, and when it was last heard of.
type Around = (i64, Option<String>, Option<i64>, Option<String>, Option<i64>);

/// The columns of a job, then what is around it. `end` begins with joins or `WHERE`; the job is `j`.
fn select(end: &str) -> String {
    let first = "(SELECT r.reporter FROM reports r WHERE r.repository_id = j.repository_id AND r.job_id = j.id ORDER BY r.seq LIMIT 1)";
    format!(
        "SELECT {COLUMNS}, j.pipeline_id,
         (SELECT s.name FROM stages s WHERE s.repository_id = j.repository_id AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id),
         {first}, (SELECT u.name FROM users u WHERE u.id = {first}),
         (SELECT r.received_at FROM reports r WHERE r.repository_id = j.repository_id AND r.job_id = j.id AND r.authority = 'reporter'
             ORDER BY r.seq DESC LIMIT 1)
         FROM jobs j{end}"
    )
}

fn whole(row: &dyn Row) -> Result<(Job, Around)> {
    Ok((read_job(row)?, (row.get(16)?, row.get(17)?, row.get(18)?, row.get(19)?, row.get(20)?)))
}

fn around(sql: &dyn Sql, repository: RepositoryId, found: Vec<(Job, Around)>) -> Result<Vec<JobDetails>> {
    let ids: BTreeSet<i64> = found.iter().map(|(_, around)| around.0).collect();
    let pipelines: HashMap<i64, Arc<Pipeline>> = load_pipelines(sql, repository, &ids)?
        .into_iter()
        .map(|pipeline| (i64::from(pipeline.id.get()), Arc::new(pipeline)))
        .collect();
    let mut jobs = Vec::with_capacity(found.len());
    for (job, (pipeline, stage, reporter, name, heard_at)) in found {
        // Its pipeline was taken away, and it is about to follow.
        let Some(pipeline) = pipelines.get(&pipeline).cloned() else { continue };
        let heard_at = heard_at.map(rows::time).transpose()?.unwrap_or(job.updated_at);
        let reporter = match (reporter, name) {
            (Some(id), Some(name)) => Some(Reporter { id: UserId::new(id).map_err(rows::corrupt)?, name }),
            _ => None,
        };
        jobs.push(JobDetails {
            job,
            pipeline,
            stage: stage.unwrap_or_default(),
            reporter,
            last_report_at: heard_at,
        });
    }
    Ok(jobs)
}
