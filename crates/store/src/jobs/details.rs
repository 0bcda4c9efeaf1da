//! The details of attempts: those of their latest reports, reduced by the domain.

use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::details::{self, Digest};
use crate::rows::id_list;
use crate::sql::{Columns as _, Sql, parameters};
use domain::Result;
use domain::model::details::{Details, DetailsReducer, TestCounts};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::Job;
use std::collections::{BTreeSet, HashMap};

/// The details of these attempts of a pipeline. An attempt without details is not in the map.
pub fn load(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    ids: &BTreeSet<i64>,
) -> Result<HashMap<JobId, Details>> {
    let mut found = HashMap::new();
    for job in with_details(sql, repository, pipeline, ids)? {
        let latest: Vec<Digest> = job.attempt.latest_details().collect();
        let mut reducer = DetailsReducer::default();
        details::each(sql, repository, pipeline, &latest, &mut |at, details| reducer.add(at, details))?;
        found.insert(job.id, reducer.finish());
    }
    Ok(found)
}

/// Details that are read at once for their counts of tests.
const PAGE: usize = 64;

/// The counts of tests of these attempts of a pipeline: for each those of its latest report that has them, as the
/// reducer decides. An attempt without them is not in the map.
pub fn load_test_counts(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    ids: &BTreeSet<i64>,
) -> Result<HashMap<JobId, TestCounts>> {
    let jobs = with_details(sql, repository, pipeline, ids)?;
    let all: BTreeSet<Digest> = jobs.iter().flat_map(|job| job.attempt.latest_details()).collect();
    let all: Vec<Digest> = all.into_iter().collect();
    let mut counts: HashMap<Digest, TestCounts> = HashMap::new();
    for page in all.chunks(PAGE) {
        details::each(sql, repository, pipeline, page, &mut |at, details| {
            counts.extend(page.get(at).copied().zip(details.tests));
        })?;
    }
    let of = |job: &Job| job.attempt.latest_details().find_map(|digest| counts.get(&digest).copied());
    Ok(jobs.iter().filter_map(|job| Some((job.id, of(job)?))).collect())
}

/// Those of the attempts that have details. Most have none.
fn with_details(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    ids: &BTreeSet<i64>,
) -> Result<Vec<Job>> {
    let Some((mut values, list)) = id_list(sql.flavor(), repository, ids) else { return Ok(Vec::new()) };
    values.push(pipeline.into());
    let query = format!(
        "SELECT {} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id = ?{} AND j.id IN ({list}) AND {}",
        Job::COLUMNS,
        values.len(),
        not_deleted("j")
    );
    let jobs: Vec<Job> = sql.all(&query, &parameters(&values))?;
    Ok(jobs.into_iter().filter(|job| job.attempt.has_details()).collect())
}
