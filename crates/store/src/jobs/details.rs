//! The details of attempts: those of all their reports, reduced by the domain.

use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::{self, reports};
use crate::sql::{Columns as _, Sql, corrupt, parameters};
use domain::Result;
use domain::model::details::{Details, DetailsReducer};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::Job;
use domain::model::reports::Arrival;
use std::collections::{BTreeSet, HashMap};

/// The details of these attempts of a pipeline. An attempt without details is not in the map.
pub fn load(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    ids: &BTreeSet<i64>,
) -> Result<HashMap<JobId, Details>> {
    let ids = with_details(sql, repository, pipeline, ids)?;
    let reports = reports::with_details(sql, repository, &ids)?;
    let digests =
        reports.iter().filter_map(|report| report.entry.state.details.as_ref().map(|key| key.digest));
    let contents = rows::details::load(sql, repository, pipeline, &digests.collect())?;
    let mut reducers: HashMap<JobId, DetailsReducer> = HashMap::new();
    for report in &reports {
        let entry = &report.entry;
        let key = entry.state.details.as_ref().ok_or_else(|| corrupt("a report without details"))?;
        let content = contents.get(&key.digest).ok_or_else(|| corrupt("a report without its details"))?;
        let arrival = Arrival { received_at: entry.received_at, seq: entry.report_id };
        reducers.entry(report.job_id).or_default().add(&entry.state, arrival, content);
    }
    Ok(reducers.into_iter().map(|(job, reducer)| (job, reducer.finish())).collect())
}

/// Those of the attempts that have details. Most have none, and their reports are not read.
fn with_details(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    ids: &BTreeSet<i64>,
) -> Result<BTreeSet<i64>> {
    let Some((mut values, list)) = rows::id_list(repository, ids) else { return Ok(BTreeSet::new()) };
    values.push(pipeline.into());
    let query = format!(
        "SELECT {} FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id = ?{} AND j.id IN ({list}) AND {}",
        Job::COLUMNS,
        values.len(),
        not_deleted("j")
    );
    let jobs: Vec<Job> = sql.all(&query, &parameters(&values))?;
    Ok(jobs.into_iter().filter(|job| job.attempt.has_details()).map(|job| job.id.get().into()).collect())
}
