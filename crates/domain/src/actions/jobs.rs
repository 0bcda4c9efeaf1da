//! Reading jobs of a pipeline, and jobs of a repository across pipelines.

use super::access::{Granted, Reads, RequiredRole};
use crate::error::{Error, Result};
use crate::model::details::{Details, NeededDetails, TestCounts, TitleAndTests};
use crate::model::ids::{JobId, PipelineId};
use crate::model::jobs::Job;
use crate::model::jobs::filters::{CommitJobFilter, FoundJob, JobFilter, JobOrder};
use crate::model::page::{ListPage, Page, Start, Window};
use crate::model::pipelines::PipelineState;
use crate::model::status::Status;
use crate::ports::{App, CommitJobs, JobList};
use std::collections::HashMap;

/// A page of the attempts of all jobs of a pipeline, ascending by id.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn list(app: &App, by: &Granted<Reads>, id: PipelineId, page: Page) -> Result<JobList> {
    app.store.jobs(by.repository().id, id, page).await?.ok_or(Error::PipelineNotFound)
}

/// The pipeline with all its attempts, for a list of the newest attempts.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn latest(app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<PipelineState> {
    app.store.pipeline_state(by.repository().id, id).await?.ok_or(Error::PipelineNotFound)
}

/// One attempt.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show<N: RequiredRole>(app: &App, by: &Granted<N>, id: JobId) -> Result<FoundJob> {
    app.store.job(by.repository().id, id).await?.ok_or(Error::NotFound { noun: "job" })
}

/// The details of an attempt; empty if no report had any.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn details(app: &App, by: &Granted<Reads>, id: JobId) -> Result<Details> {
    let job = show(app, by, id).await?;
    Ok(details_of(app, by, job.pipeline.id, &[id]).await?.remove(&id).unwrap_or_default())
}

/// The details of these attempts of a pipeline; an attempt without details is not in the map.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn details_of<N: RequiredRole>(
    app: &App,
    by: &Granted<N>,
    pipeline: PipelineId,
    jobs: &[JobId],
) -> Result<HashMap<JobId, Details>> {
    app.store.details(by.repository().id, pipeline, jobs).await
}

/// Attempts of which one read returns the counts of tests.
const TEST_COUNTS_PAGE: usize = 500;

/// The counts of tests of the newest attempts of a pipeline that have them, ascending by id.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn test_counts<'a>(
    app: &App,
    by: &Granted<Reads>,
    state: &'a PipelineState,
) -> Result<Vec<(&'a Job, TestCounts)>> {
    let with_details: Vec<&Job> =
        state.jobs.iter().map(|job| &**job).filter(|job| job.newest && job.attempt.has_details()).collect();
    let mut all = Vec::new();
    for page in with_details.chunks(TEST_COUNTS_PAGE) {
        let ids: Vec<(PipelineId, JobId)> = page.iter().map(|job| (state.pipeline.id, job.id)).collect();
        let found = app.store.titles_and_tests(by.repository().id, &ids, NeededDetails::Tests).await?;
        all.extend(page.iter().filter_map(|job| Some((*job, found.get(&job.id)?.tests?))));
    }
    Ok(all)
}

/// The title and the counts of tests of these attempts. One read gives all; an attempt with neither is not in the map.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn titles_and_tests(
    app: &App,
    by: &Granted<Reads>,
    jobs: &[FoundJob],
) -> Result<HashMap<JobId, TitleAndTests>> {
    let with_details = jobs.iter().filter(|found| found.job.attempt.has_details());
    let ids: Vec<(PipelineId, JobId)> = with_details.map(|found| (found.pipeline.id, found.job.id)).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    app.store.titles_and_tests(by.repository().id, &ids, NeededDetails::TitleAndTests).await
}

/// A page of the attempts that match.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(
    app: &App,
    by: &Granted<Reads>,
    filter: JobFilter,
    window: Window<JobOrder>,
) -> Result<ListPage<FoundJob>> {
    app.store.find_jobs(by.repository().id, filter.normalized(), window).await
}

/// The number of attempts that match.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count(app: &App, by: &Granted<Reads>, filter: JobFilter) -> Result<u64> {
    app.store.count_jobs(by.repository().id, filter.normalized()).await
}

/// The jobs of a commit that match: the numbers of all, and a page; none without `page`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_commit(
    app: &App,
    by: &Granted<Reads>,
    filter: CommitJobFilter,
    page: Option<Page>,
) -> Result<CommitJobs> {
    app.store.jobs_of_commit(by.repository().id, filter, page).await
}

/// Most runs that [`previous_runs`] returns.
pub const PREVIOUS_RUNS_MAX: u32 = 30;

/// Earlier runs of the same job, by stage and name, newest first: those that succeeded, failed or timed out,
/// in all pipelines, or with `same_ref` only of the same ref. The store reads a bounded number of rows.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn previous_runs(
    app: &App,
    by: &Granted<Reads>,
    current: &FoundJob,
    same_ref: bool,
) -> Result<Vec<FoundJob>> {
    let filter = JobFilter {
        statuses: vec![Status::Success, Status::Failed, Status::TimedOut],
        stage: Some(current.stage.clone()),
        name: Some(current.job.name.clone()),
        git_ref: same_ref.then(|| current.pipeline.identity.git_ref.clone()),
        ..JobFilter::default()
    };
    let start = Start::After(Some(current.job.id.get()));
    let window = Window { order: JobOrder, descending: true, start, limit: PREVIOUS_RUNS_MAX };
    Ok(find(app, by, filter, window).await?.items)
}
