//! The statuses of a commit: the attempts of its jobs in all its pipelines, and the state that follows from the
//! newest ones.

use super::paging::Paging;
use domain::actions::access::{Granted, Reads};
use domain::actions::{commits, jobs};
use domain::error::{Error, Result};
use domain::model::jobs::filters::{JobDetails, JobFilter, JobOrder};
use domain::model::page::{LIMIT_MAX, Start, Window};
use domain::model::status::Status;
use domain::ports::App;

/// The state of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CombinedState {
    /// A job failed that was not allowed to, was canceled or timed out.
    Failure,
    /// A job is not finished, or there is none.
    Pending,
    /// Every job succeeded, was skipped, or was allowed to fail.
    Success,
}

impl CombinedState {
    /// The name that GitHub and Gitea give it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Pending => "pending",
            Self::Success => "success",
        }
    }

    /// The state of a commit with so many jobs, of which so many failed that were not allowed to and so many are not
    /// finished.
    const fn new(total: u64, has_failed: bool, unfinished: u64) -> Self {
        match (has_failed, total, unfinished) {
            (true, ..) => Self::Failure,
            (false, 1.., 0) => Self::Success,
            _ => Self::Pending,
        }
    }
}

/// The state of a commit, and the number of its jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Combined {
    /// The state.
    pub state: CombinedState,
    /// The number of its jobs.
    pub total: u64,
}

/// The newest attempts of the jobs of a commit, by its full id; with `all` also the older ones.
pub fn of_commit(sha: &str, all: bool) -> JobFilter {
    JobFilter { sha: Some(sha.to_owned()), newest: (!all).then_some(true), ..JobFilter::default() }
}

/// The error of a request that names no commit.
pub const NO_COMMIT: Error = Error::NotFound { noun: "commit" };

/// The full id of the commit that a read names: an id or its prefix, or a branch or tag, also as `heads/x` and
/// `tags/x`.
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
) -> Result<(Vec<JobDetails>, u64)> {
    let find = jobs::find(app, by, filter.clone(), paging.window(descending));
    paging.read_page(find, jobs::count(app, by, filter)).await
}

/// The state of a commit.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn combined(app: &App, by: &Granted<Reads>, sha: &str) -> Result<Combined> {
    let with = |statuses: &[Status]| JobFilter { statuses: statuses.to_vec(), ..of_commit(sha, false) };
    let total = jobs::count(app, by, of_commit(sha, false)).await?;
    let has_failed =
        total > 0 && has_failed(app, by, with(&[Status::Failed, Status::TimedOut, Status::Canceled])).await?;
    let unfinished = match total {
        0 => 0,
        _ => jobs::count(app, by, with(&[Status::Pending, Status::Running])).await?,
    };
    Ok(Combined { state: CombinedState::new(total, has_failed, unfinished), total })
}

/// Whether one of these attempts was not allowed to fail.
async fn has_failed(app: &App, by: &Granted<Reads>, filter: JobFilter) -> Result<bool> {
    let limit = u32::try_from(LIMIT_MAX).unwrap_or(u32::MAX);
    let mut after = None;
    loop {
        let window = Window { order: JobOrder, descending: true, start: Start::After(after), limit };
        let page = jobs::find(app, by, filter.clone(), window).await?;
        if page.items.iter().any(|found| !found.job.attempt.allow_failure) {
            return Ok(true);
        }
        after = page.next;
        if after.is_none() {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_without_jobs_is_pending_and_a_failure_outweighs_what_is_not_finished() {
        for (total, has_failed, unfinished, state) in [
            (0, false, 0, CombinedState::Pending),
            (1, false, 0, CombinedState::Success),
            (3, false, 1, CombinedState::Pending),
            (3, true, 1, CombinedState::Failure),
            (3, true, 0, CombinedState::Failure),
        ] {
            assert_eq!(CombinedState::new(total, has_failed, unfinished), state);
        }
    }
}
