//! The statuses of a commit: the attempts of its jobs in all its pipelines, and the state that follows from the
//! newest ones.

use super::paging::Paging;
use crate::routes::{Context, WithRole};
use domain::Timestamp;
use domain::actions::access::{Granted, Reads, RequiredRole};
use domain::actions::{commits, jobs, pipelines};
use domain::error::{Error, Result};
use domain::model::details::Details;
pub use domain::model::jobs::combined::CombinedState;
use domain::model::jobs::filters::{CommitJobFilter, FoundJob, JobFilter, JobOrder};
use domain::model::pipelines::filters::PipelineFilter;
use domain::ports::{App, CommitJobs};

/// The jobs of a commit. A job of several pipelines counts once, with the result that was reported last.
#[derive(Debug)]
pub struct Combined {
    /// The state that follows from all of them.
    pub state: CombinedState,
    /// Their number.
    pub total: u64,
    /// The attempts of the page, newest first.
    pub page: Vec<FoundJob>,
}

/// All attempts of the jobs of a commit in all its pipelines, by its full id.
pub fn all_attempts(sha: String) -> JobFilter {
    JobFilter { sha: Some(sha), ..JobFilter::default() }
}

/// All jobs of a commit, by its full id.
pub fn all_jobs(sha: String) -> CommitJobFilter {
    CommitJobFilter { sha, ..CommitJobFilter::default() }
}

/// The error of a request that names no commit.
pub const NO_COMMIT: Error = Error::NotFound { noun: "commit" };

/// The full id of the commit that a read names: an id, a branch or tag, also as `heads/x` and `tags/x`, or the
/// prefix of an id.
///
/// # Errors
/// [`NO_COMMIT`]; [`Error::Unavailable`].
pub async fn commit(app: &App, by: &Granted<Reads>, named: &str) -> Result<String> {
    let full =
        ["heads/", "tags/"].iter().any(|kind| named.starts_with(kind)).then(|| format!("refs/{named}"));
    commits::resolve_or_ref(app, by, full.as_deref().unwrap_or(named)).await?.ok_or(NO_COMMIT)
}

/// The attempts of a page, in this direction by id, and the number of all.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn page(
    app: &App,
    by: &Granted<Reads>,
    filter: JobFilter,
    paging: &Paging<'_>,
    descending: bool,
) -> Result<(Vec<FoundJob>, u64)> {
    let find = jobs::find(app, by, filter.clone(), paging.window(JobOrder, descending));
    paging.read_page(find, jobs::count(app, by, filter)).await
}

/// The state of a commit, by its full id, and a page of its jobs. One read gives both: results of several could
/// together be a success that the commit never had.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn combined(app: &App, by: &Granted<Reads>, sha: &str, paging: &Paging<'_>) -> Result<Combined> {
    let CommitJobs { counts, jobs } =
        jobs::of_commit(app, by, all_jobs(sha.to_owned()), Some(paging.page())).await?;
    let total = counts.iter().map(|(.., count)| count).sum();
    Ok(Combined { state: CombinedState::new(&counts), total, page: jobs })
}

/// The details of an attempt. Most have none.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn details_of<N: RequiredRole>(app: &App, by: &Granted<N>, found: &FoundJob) -> Result<Details> {
    let job = &found.job;
    let details = match job.attempt.has_details() {
        true => jobs::details_of(app, by, found.pipeline.id, &[job.id]).await?.remove(&job.id),
        false => None,
    };
    Ok(details.unwrap_or_default())
}

/// The full id of the commit that a request reads, and when it became known. Every full commit id exists, because the
/// server hosts no git.
///
/// # Errors
/// As [`commit`].
pub async fn shown_commit(ctx: &Context<WithRole<Reads>>) -> Result<(String, Timestamp)> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let sha = commit(app, by, ctx.request.param("sha")).await?;
    let since = known_since(app, by, &sha).await?;
    Ok((sha, since))
}

/// When a commit, by its full id, became known: the first report of its oldest pipeline, or now. Later pipelines do not
/// change it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn known_since(app: &App, by: &Granted<Reads>, sha: &str) -> Result<Timestamp> {
    let filter = PipelineFilter { sha: Some(sha.to_owned()), ..PipelineFilter::default() };
    let oldest = pipelines::oldest(app, by, filter).await?;
    Ok(oldest.map_or_else(|| app.clock.now(), |pipeline| pipeline.created_at))
}
