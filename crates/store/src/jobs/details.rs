//! The details of attempts: those of their latest reports, reduced by the domain.

use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::details::{self, Digest};
use crate::rows::id_list;
use crate::sql::{Columns as _, Sql, parameters};
use domain::Result;
use domain::model::details::{Details, DetailsReducer, NeededDetails, TitleAndTests};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::Job;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// The required parts of the title and the test counts of these attempts. Most attempts have it in the details of their
/// latest report, so these are read for all, and earlier ones only for those that miss something. One content is in
/// memory at a time.
pub fn load_titles_and_tests(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipelines: &BTreeMap<PipelineId, BTreeSet<i64>>,
    needed: NeededDetails,
) -> Result<HashMap<JobId, TitleAndTests>> {
    let mut found = HashMap::new();
    for (pipeline, ids) in pipelines {
        let jobs = with_details(sql, repository, *pipeline, ids)?;
        let mut open: Vec<OpenAttempt<'_>> = jobs.iter().map(OpenAttempt::new).collect();
        while read_next(sql, (repository, *pipeline), &mut open)? {
            for attempt in open.extract_if(.., |attempt| attempt.details.has(needed)) {
                found.insert(attempt.id, attempt.details);
            }
        }
        let rest = open.into_iter().filter(|attempt| !attempt.details.is_empty());
        found.extend(rest.map(|attempt| (attempt.id, attempt.details)));
    }
    Ok(found)
}

/// An attempt whose latest details do not have all that is needed.
struct OpenAttempt<'a> {
    id: JobId,
    /// The digests that are not read yet, the latest first.
    unread: Box<dyn Iterator<Item = Digest> + 'a>,
    details: TitleAndTests,
}

impl<'a> OpenAttempt<'a> {
    fn new(job: &'a Job) -> Self {
        let unread = Box::new(job.attempt.latest_details());
        Self { id: job.id, unread, details: TitleAndTests::default() }
    }
}

/// Reads the next details of each of these attempts of a pipeline; false if none of them has any.
fn read_next(
    sql: &dyn Sql,
    (repository, pipeline): (RepositoryId, PipelineId),
    open: &mut [OpenAttempt<'_>],
) -> Result<bool> {
    let mut next: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for (at, attempt) in open.iter_mut().enumerate() {
        attempt.unread.next().into_iter().for_each(|digest| next.entry(digest).or_default().push(at));
    }
    let digests: Vec<Digest> = next.keys().copied().collect();
    let attempts: Vec<Vec<usize>> = next.into_values().collect();
    details::each_title_and_tests(sql, repository, pipeline, &digests, &mut |position, details| {
        for at in &attempts[position] {
            open[*at].details.add_earlier(details.clone());
        }
    })?;
    Ok(!digests.is_empty())
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
