//! The jobs of a commit: of each, by source, stage and name, the newest attempt. Of those of several pipelines, the one
//! whose status was reported last.

use super::find::{JobContext, with_pipelines};
use crate::lists::Conditions;
use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::id_list;
use crate::rows::types::status_number;
use crate::sql::{Columns as _, FromRow, Reader, Sql, Value, corrupt, parameters, values};
use domain::model::attempts::{Evidence, Recency};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::Job;
use domain::model::jobs::filters::{CommitJobFilter, JobDetails};
use domain::model::page::Page;
use domain::model::status::Status;
use domain::ports::CommitJobs;
use domain::{Result, Timestamp};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

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
        let mut latest = latest(sql, &query, &conditions)?;
        latest.retain(|(_, status, _)| filter.statuses.is_empty() || filter.statuses.contains(status));
        latest.into_iter().for_each(&mut add);
    } else {
        sql.each(&query, &parameters(conditions.values()), &mut |row| {
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

/// The newest attempt of a job of a commit.
pub struct NewestJob {
    pub id: JobId,
    pub pipeline_id: PipelineId,
    pub source: String,
    pub stage: String,
    pub name: String,
    pub status: Status,
    pub allow_failure: bool,
}

/// The newest attempt of every job of a commit, ascending by id.
pub fn newest(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Vec<NewestJob>> {
    let filter = CommitJobFilter { sha: sha.to_owned(), ..CommitJobFilter::default() };
    let (query, conditions) = matching(repository, &filter, None);
    let mut jobs = latest_jobs(sql, &query, &conditions)?;
    jobs.sort_unstable_by_key(|job| job.id);
    Ok(jobs)
}

/// Of the newest attempts of several pipelines, for each job the one whose status was reported last, descending by id.
fn latest(sql: &dyn Sql, query: &str, conditions: &Conditions) -> Result<Vec<(JobId, Status, bool)>> {
    let latest = latest_jobs(sql, query, conditions)?.into_iter();
    let mut latest: Vec<_> = latest.map(|job| (job.id, job.status, job.allow_failure)).collect();
    latest.sort_unstable_by_key(|(id, ..)| Reverse(*id));
    Ok(latest)
}

/// As [`latest`], in no order.
fn latest_jobs(sql: &dyn Sql, query: &str, conditions: &Conditions) -> Result<Vec<NewestJob>> {
    let mut latest = HashMap::new();
    sql.each(query, &parameters(conditions.values()), &mut |row| {
        let mut columns = Reader::new(row, 0);
        let (id, status, allow_failure): (JobId, Status, bool) = columns.read()?;
        let of_job: (String, String, String) = columns.read()?;
        let (created_at, target_url): (Timestamp, Option<String>) = columns.read()?;
        let evidence: Vec<u8> = columns.read()?;
        let pipeline_id: PipelineId = columns.read()?;
        let evidence = Evidence::from_bytes(&evidence, created_at, target_url.as_deref())
            .ok_or_else(|| corrupt("the evidence of an attempt cannot be read"))?;
        let recency = (Recency::new(status, &evidence, created_at), id);
        let found = (recency, pipeline_id, status, allow_failure);
        let held = latest.entry(of_job).or_insert(found);
        if recency > held.0 {
            *held = found;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let job = |((source, stage, name), ((_, id), pipeline_id, status, allow_failure))| NewestJob {
        id,
        pipeline_id,
        source,
        stage,
        name,
        status,
        allow_failure,
    };
    Ok(latest.into_iter().map(job).collect())
}

/// The pipeline of a commit, if it has one only.
fn only_pipeline(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Option<PipelineId>> {
    let query = "SELECT id FROM pipelines INDEXED BY pipelines_by_identity
        WHERE repository_id = ?1 AND sha = ?2 LIMIT 2";
    let ids: Vec<PipelineId> = sql.all(query, values![repository, sha])?;
    Ok(<[PipelineId; 1]>::try_from(ids).ok().map(|[only]| only))
}

/// The attempts with these ids, descending by id.
fn with_ids(sql: &dyn Sql, repository: RepositoryId, ids: &BTreeSet<i64>) -> Result<Vec<JobDetails>> {
    let Some((values, query)) = page(repository, ids) else { return Ok(Vec::new()) };
    let rows: Vec<(Job, JobContext)> = sql.all(&query, &parameters(&values))?;
    with_pipelines(sql, repository, rows)
}

/// The query of the attempts of a page; `None`: there are none.
pub fn page(repository: RepositoryId, ids: &BTreeSet<i64>) -> Option<(Vec<Value<'static>>, String)> {
    let (values, ids) = id_list(repository, ids)?;
    let query = format!(
        "SELECT {}, {} FROM jobs j WHERE j.repository_id = ?1 AND j.id IN ({ids}) ORDER BY j.id DESC",
        Job::COLUMNS,
        JobContext::COLUMNS,
    );
    Some((values, query))
}

/// The query of the matching attempts, descending by id: the id, the status and `allow_failure`. `only` is the only
/// pipeline that can have any. In several pipelines, those of every status, each with its job and the time of its
/// status (see [`latest`]).
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
    let names: Vec<String> = filter
        .named
        .iter()
        .take(CommitJobFilter::NAMED_MAX)
        .map(|(stage, name)| {
            let [stage, name] = [stage, name].map(|text| conditions.value(text.clone()));
            format!("s.name = {stage} AND j.name = {name}")
        })
        .collect();
    if !names.is_empty() {
        conditions.and_text(&format!("({})", names.join(" OR ")));
    }
    let of_attempts = conditions.text().to_owned();
    let in_several = in_several(filter, only);
    let of_job = match in_several {
        true => ", p.source, s.name, j.name, j.created_at, j.target_url, j.evidence, j.pipeline_id",
        false => "",
    };
    let stages = match in_several || !names.is_empty() {
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
         WHERE 1 = 1{of_attempts}{of_status} ORDER BY j.id DESC"
    );
    (query, conditions)
}
