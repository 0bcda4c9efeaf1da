//! Reading jobs: those of a pipeline, and those of a repository across pipelines.

use super::access::{Granted, Reads, RequiredRole};
use crate::error::{Error, Result};
use crate::model::ids::{JobId, PipelineId};
use crate::model::jobs::filters::{JobDetails, JobFilter, JobOrder};
use crate::model::page::{ListPage, Page, Start, Window};
use crate::model::pipelines::PipelineState;
use crate::model::status::Status;
use crate::ports::{App, JobList};

/// Every attempt of every job, ascending by id, one page of them.
///
/// # Errors
/// [`Error::PipelineNotFound`].
pub async fn list(app: &App, by: &Granted<Reads>, id: PipelineId, page: Page) -> Result<JobList> {
    app.store.jobs(by.repository().id, id, page).await?.ok_or(Error::PipelineNotFound)
}

/// The pipeline whole, of which the newest attempts are shown.
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
pub async fn show<N: RequiredRole>(app: &App, by: &Granted<N>, id: JobId) -> Result<JobDetails> {
    app.store.job(by.repository().id, id).await?.ok_or(Error::NotFound { noun: "job" })
}

/// A page of the attempts that fit.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(
    app: &App,
    by: &Granted<Reads>,
    filter: JobFilter,
    window: Window<JobOrder>,
) -> Result<ListPage<JobDetails>> {
    app.store.find_jobs(by.repository().id, filter, window).await
}

/// How many attempts fit.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count(app: &App, by: &Granted<Reads>, filter: JobFilter) -> Result<u64> {
    app.store.count_jobs(by.repository().id, filter).await
}

/// Runs that [`earlier`] tells at most.
pub const PREVIOUS_RUNS_MAX: u32 = 30;

/// The runs of the same job, by stage and name, that began before this attempt, newest first: those that succeeded, failed or timed out, in
/// whatever pipeline; with `same_ref` only of its own ref. A store looks at a bounded number of rows.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn previous_runs(
    app: &App,
    by: &Granted<Reads>,
    than: &JobDetails,
    same_ref: bool,
) -> Result<Vec<JobDetails>> {
    let filter = JobFilter {
        statuses: vec![Status::Success, Status::Failed, Status::TimedOut],
        stage: Some(than.stage.clone()),
        name: Some(than.job.name.clone()),
        git_ref: same_ref.then(|| than.pipeline.identity.git_ref.clone()),
        ..JobFilter::default()
    };
    let start = Start::After(Some(than.job.id.get()));
    let window = Window { order: JobOrder, descending: true, start, limit: PREVIOUS_RUNS_MAX };
    Ok(find(app, by, filter, window).await?.items)
}
