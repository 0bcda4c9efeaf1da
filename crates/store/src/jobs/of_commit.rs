//! The jobs of a commit: of each, by source, stage and name, the newest attempt. Of those of several pipelines, the one
//! whose status was reported last.

use super::find::{JobContext, with_pipelines};
use crate::lists::Conditions;
use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::id_list;
use crate::rows::types::status_number;
use crate::sql::{Columns as _, Flavor, FromRow, Reader, Sql, Value, corrupt, parameters, values};
use domain::model::attempts::read_recency;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::filters::{CommitJobFilter, FoundJob};
use domain::model::jobs::{Job, JobResult, LatestJob, LatestResults};
use domain::model::page::Page;
use domain::model::status::Status;
use domain::model::text;
use domain::ports::CommitJobs;
use domain::{Error, Result, Timestamp};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Most memory for the attempts that may count, in bytes.
const MEMORY_MAX: usize = 64 << 20;

/// The numbers of the matching jobs and a page of them. The caller runs it in one snapshot. One query reads all of
/// them, and gives the numbers and the ids of the page.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &CommitJobFilter,
    page: Option<Page>,
) -> Result<CommitJobs> {
    let only = match filter.pipeline {
        Some(id) => Some(id),
        None => only_pipeline(sql, repository, &filter.sha)?,
    };
    let (query, conditions) = matching(repository, filter, only);
    let page = page.map_or(0..0, |page| page.offset..page.offset.saturating_add(page.limit));
    let (mut found, mut ids, mut at) = (CommitJobs::default(), BTreeSet::new(), 0);
    let mut add = |(id, status, allow_failure): (JobId, Status, bool)| {
        match found.counts.iter_mut().find(|known| (known.0, known.1) == (status, allow_failure)) {
            Some((.., count)) => *count += 1,
            None => found.counts.push((status, allow_failure, 1)),
        }
        if page.contains(&at) {
            ids.insert(id.get().into());
        }
        at += 1;
    };
    if in_several(filter, only) {
        let mut latest = latest(sql, filter, &query, &conditions)?;
        latest.retain(|(_, status, _)| filter.statuses.is_empty() || filter.statuses.contains(status));
        latest.into_iter().for_each(&mut add);
    } else {
        sql.stream(&query, &parameters(conditions.values()), &mut |row| {
            add(FromRow::from_row(row, 0)?);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    found.jobs = with_ids(sql, repository, &ids)?;
    Ok(found)
}

/// Whether several pipelines can have a job of which one attempt counts.
const fn in_several(filter: &CommitJobFilter, only: Option<PipelineId>) -> bool {
    only.is_none() && !filter.all_attempts
}

/// The attempts of the jobs of a commit that count, ascending by id: of all jobs, or of those with one stage and name.
pub fn newest(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    named: Option<(&str, &str)>,
) -> Result<Vec<LatestJob>> {
    let named = named.map(|(stage, name)| (stage.to_owned(), name.to_owned())).into_iter().collect();
    let filter = CommitJobFilter { sha: sha.to_owned(), named, ..CommitJobFilter::default() };
    let (query, conditions) = matching(repository, &filter, None);
    Ok(results(sql, &filter, &query, &conditions)?.jobs(&filter.named))
}

/// Of the newest attempts of several pipelines, for each job the one whose status was reported last, descending by id.
fn latest(
    sql: &dyn Sql,
    filter: &CommitJobFilter,
    query: &str,
    conditions: &Conditions,
) -> Result<Vec<(JobId, Status, bool)>> {
    Ok(results(sql, filter, query, conditions)?.finish(&filter.named))
}

/// One row is in memory at a time, beside the attempts that may count.
fn results(
    sql: &dyn Sql,
    filter: &CommitJobFilter,
    query: &str,
    conditions: &Conditions,
) -> Result<LatestResults> {
    let mut latest = LatestResults::default();
    sql.stream(query, &parameters(conditions.values()), &mut |row| {
        let mut columns = Reader::new(row, 0);
        let attempt @ (_, status, _): (JobId, Status, bool) = columns.read()?;
        let pipeline: PipelineId = columns.read()?;
        let mut text = || columns.read_text()?.ok_or_else(|| corrupt("a job without a name"));
        let (source, stage, name) = (text()?, text()?, text()?);
        if !filter.may_name(stage, name) {
            return Ok(ControlFlow::Continue(()));
        }
        let created_at: Timestamp = columns.read()?;
        let (recency, name_ignores_case) = read_recency(columns.read_bytes()?, status, created_at)
            .ok_or_else(|| corrupt("the evidence of an attempt cannot be read"))?;
        latest.add(&JobResult { pipeline, source, stage, name, name_ignores_case, attempt, recency });
        check_memory(&latest)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(latest)
}

/// Refuses more different jobs than one read may hold.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn check_memory(latest: &LatestResults) -> Result<()> {
    match latest.memory_bytes() > MEMORY_MAX {
        true => Err(Error::Unavailable(format!(
            "the different jobs of a commit need more than {} MiB",
            MEMORY_MAX >> 20
        ))),
        false => Ok(()),
    }
}

/// The pipeline of a commit, if it has one only.
fn only_pipeline(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Option<PipelineId>> {
    let query = "SELECT id FROM pipelines INDEXED BY pipelines_by_identity
        WHERE repository_id = ?1 AND sha = ?2 LIMIT 2";
    let ids: Vec<PipelineId> = sql.all(query, values![repository, sha])?;
    Ok(<[PipelineId; 1]>::try_from(ids).ok().map(|[only]| only))
}

/// The attempts with these ids, descending by id.
fn with_ids(sql: &dyn Sql, repository: RepositoryId, ids: &BTreeSet<i64>) -> Result<Vec<FoundJob>> {
    let Some((values, query)) = page(sql.flavor(), repository, ids) else { return Ok(Vec::new()) };
    let rows: Vec<(Job, JobContext)> = sql.all(&query, &parameters(&values))?;
    with_pipelines(sql, repository, rows)
}

/// The query of the attempts of a page; `None`: there are none.
pub fn page(
    flavor: Flavor,
    repository: RepositoryId,
    ids: &BTreeSet<i64>,
) -> Option<(Vec<Value<'static>>, String)> {
    let (values, ids) = id_list(flavor, repository, ids)?;
    let query = format!(
        "SELECT {}, {} FROM jobs j WHERE j.repository_id = ?1 AND j.id IN ({ids}) ORDER BY j.id DESC",
        Job::COLUMNS,
        JobContext::COLUMNS,
    );
    Some((values, query))
}

/// The query of the matching attempts, descending by id: the id, the status and `allow_failure`. `only` is the only
/// pipeline that can have any. In several pipelines, those of the stages that the filter names, with every name that
/// may be the same without regard to case, with every status and in any order, each with its job and the evidence of
/// its status (see [`latest`]).
pub fn matching(
    repository: RepositoryId,
    filter: &CommitJobFilter,
    only: Option<PipelineId>,
) -> (String, Conditions) {
    let mut conditions = Conditions::default();
    conditions.and("p.repository_id =", repository);
    conditions.and("p.sha =", filter.sha.clone());
    if let Some(only) = only {
        conditions.and("p.id =", only);
    }
    if !filter.all_attempts {
        conditions.and_text("j.newest = 1");
    }
    conditions.and_text(&not_deleted("j"));
    let in_several = in_several(filter, only);
    let named: Vec<String> = filter
        .named
        .iter()
        .take(CommitJobFilter::NAMED_MAX)
        .map(|(stage, name)| {
            let stage = format!("s.name = {}", conditions.value(stage.clone()));
            if !in_several {
                return format!("{stage} AND j.name = {}", conditions.value(name.clone()));
            }
            // Another spelling may be the same job. Engines differ in what they take for one, but not in lengths.
            let lengths = text::lengths_ignoring_case(name);
            let [least, most] =
                [lengths.start(), lengths.end()].map(|length| conditions.value(*length as i64));
            format!("{stage} AND length(j.name) BETWEEN {least} AND {most}")
        })
        .collect();
    if !named.is_empty() {
        conditions.and_text(&format!("({})", named.join(" OR ")));
    }
    let of_attempts = conditions.text().to_owned();
    let (of_job, order) = match in_several {
        true => (", p.id, p.source, s.name, j.name, j.created_at, j.evidence", ""),
        false => ("", " ORDER BY j.id DESC"),
    };
    let stages = match in_several || !named.is_empty() {
        true => {
            " CROSS JOIN stages s ON s.repository_id = j.repository_id AND s.pipeline_id = j.pipeline_id
            AND s.id = j.stage_id"
        }
        false => "",
    };
    // In several pipelines, the attempts of the other statuses may be later ones.
    let statuses = if in_several { &[][..] } else { &filter.statuses };
    let statuses: Vec<String> =
        statuses.iter().map(|status| conditions.value(status_number(*status))).collect();
    let of_status = match statuses.is_empty() {
        true => String::new(),
        false => format!(" AND j.status IN ({})", statuses.join(", ")),
    };
    let query = format!(
        "SELECT j.id, j.status, j.allow_failure{of_job}
         FROM pipelines p INDEXED BY pipelines_by_identity
         CROSS JOIN jobs j ON j.repository_id = p.repository_id AND j.pipeline_id = p.id{stages}
         WHERE 1 = 1{of_attempts}{of_status}{order}"
    );
    (query, conditions)
}
