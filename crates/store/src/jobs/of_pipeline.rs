//! A page of the attempts of one pipeline: one range of the primary key, whatever the filter. Several small queries,
//! which together cost less than a large one.

use super::find::{Driver, first_reporter, last_report_at, narrow};
use crate::lists::{Conditions, is_near};
use crate::rows::{pipelines, stages};
use crate::sql::{Columns as _, FromRow as _, Query, Sql, columns, corrupt, parameters, values};
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::jobs::Job;
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder, Reporter};
use domain::model::page::{ListPage, Start, Window};
use domain::model::pipelines::{Pipeline, Stage, stage_name};
use domain::{Result, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The data of an attempt in a list besides its row.
struct Reports {
    first_reporter: Option<i64>,
    last_at: Option<Timestamp>,
}

columns! {
    Reports from "j": first_reporter = first_reporter!(), last_at = last_report_at!()
    => Self { first_reporter, last_at }
}

/// Whether a page may be one of a single pipeline, near the start of its list.
pub fn may_serve(filter: &JobFilter, window: &Window<JobOrder>) -> bool {
    let of_commit = filter.sha.as_ref().is_some_and(|sha| matches!(sha.len(), 40 | 64));
    matches!(window.start, Start::Offset(_)) && is_near(window) && (filter.pipeline.is_some() || of_commit)
}

/// A page of the attempts that match, if they are those of one pipeline: of the one that the filter names, or of the
/// only one of its commit.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &JobFilter,
    window: Window<JobOrder>,
) -> Result<Option<ListPage<FoundJob>>> {
    let id = match (filter.pipeline, &filter.sha) {
        (Some(id), _) => id,
        (None, sha) => {
            let query = "SELECT id FROM pipelines INDEXED BY pipelines_by_identity
                WHERE repository_id = ?1 AND sha = ?2 LIMIT 2";
            let ids: Vec<PipelineId> = sql.all(query, values![repository, sha])?;
            let [only] = ids[..] else { return Ok(None) };
            only
        }
    };
    let mut page = ListPage { items: Vec::new(), next: None };
    let (mut pipeline, mut stages, mut found) = (None, Vec::new(), Vec::new());
    let key = values![repository, id];
    let (query, conditions) = query(repository, id, filter, window);
    let values = parameters(conditions.values());
    let queries: [Query<'_>; 3] = [(&pipelines::LOAD, key), (&stages::LOAD, key), (&query, &values)];
    sql.each_of(&queries, &mut |at, row| {
        match at {
            0 => pipeline = Some(Pipeline::from_row(row, 0)?),
            1 => stages.push(Stage::from_row(row, 0)?),
            _ => found.push(<(Job, Reports)>::from_row(row, 0)?),
        }
        Ok(())
    })?;
    // A pipeline that was deleted has no row, but may still have jobs.
    let Some(pipeline) = pipeline.map(Arc::new) else { return Ok(Some(page)) };
    let mut users = BTreeMap::new();
    page.items.reserve(found.len());
    for (job, reports) in found {
        let reporter = match reports.first_reporter {
            Some(id) => reporter(sql, &mut users, id)?,
            None => None,
        };
        page.items.push(FoundJob {
            stage: stage_name(&stages, job.stage_id).to_owned(),
            pipeline: Arc::clone(&pipeline),
            reporter,
            last_report_at: reports.last_at.unwrap_or(job.updated_at),
            job,
        });
    }
    Ok(Some(page))
}

/// The query of the attempts.
fn query(
    repository: RepositoryId,
    id: PipelineId,
    filter: &JobFilter,
    window: Window<JobOrder>,
) -> (String, Conditions) {
    let mut conditions = Conditions::default();
    conditions.and("j.repository_id =", repository);
    conditions.and("j.pipeline_id =", id);
    let joins = narrow(&mut conditions, filter, Driver::Pipeline);
    let offset = match window.start {
        Start::Offset(offset) => offset,
        Start::After(_) => 0,
    };
    let [limit, offset] = [window.limit, offset].map(|number| conditions.value(number));
    let query = format!(
        "SELECT {}, {} FROM jobs j{joins} WHERE 1 = 1{} ORDER BY j.id {} LIMIT {limit} OFFSET {offset}",
        Job::COLUMNS,
        Reports::COLUMNS,
        conditions.text(),
        if window.descending { "DESC" } else { "ASC" },
    );
    (query, conditions)
}

/// The user with this id; `None` if the user was deleted. Few users report the jobs of a page.
fn reporter(sql: &dyn Sql, known: &mut BTreeMap<i64, Option<Reporter>>, id: i64) -> Result<Option<Reporter>> {
    if let Some(reporter) = known.get(&id) {
        return Ok(reporter.clone());
    }
    let name = sql.first("SELECT name FROM users WHERE id = ?1", values![id])?;
    // No user has the id 0, which means Stagepost itself.
    let reporter = match name {
        Some(name) => Some(Reporter { id: UserId::new(id).map_err(corrupt)?, name }),
        None => None,
    };
    known.insert(id, reporter.clone());
    Ok(reporter)
}
