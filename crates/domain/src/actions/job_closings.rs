//! Closing jobs that no build system ended: manually by an operator, or automatically by the watchdog.

use super::access::{Granted, Manages};
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::audit::Origin;
use crate::model::ids::{JobId, RepositoryId};
use crate::model::job_closings::JobClosing;
use crate::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use crate::model::page::{Start, TimeRange, Window};
use crate::model::policies::Policies;
use crate::model::reports::{Authority, Receipt};
use crate::model::status::Status;
use crate::model::text;
use crate::model::trusted_time::TrustedTime;
use crate::ports::{App, with_origin};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The statuses of an unfinished job.
const UNFINISHED: [Status; 2] = [Status::Pending, Status::Running];
/// Most jobs that are read or closed in one call.
pub const CLOSE_MAX: u32 = 100;
/// Least number of digits of an abbreviated commit id.
const SHA_MIN: usize = 7;

/// The jobs that an operator closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One attempt. For a finished attempt the report is stored, and an end of the build system stays.
    Job(JobId),
    /// Every unfinished job of a commit, by its full id or at least 7 digits of it: for commits that no
    /// longer exist.
    Commit(String),
}

/// Closes jobs for an operator: at most [`CLOSE_MAX`] of a commit. The caller repeats until no receipt is
/// returned.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field; [`Error::NotFound`].
pub async fn close(
    app: &App,
    by: &Granted<Manages>,
    dialect: &'static str,
    target: Target,
    status: Status,
    reason: Option<String>,
) -> Result<Vec<Receipt>> {
    if !status.is_finished() {
        return Err(Invalid::new("status", Problem::NotOneOf { allowed: Status::FINISHED_NAMES }).into());
    }
    let reason = reason.map(|text| text::single_line("reason", text, text::DESCRIPTION_MAX)).transpose()?;
    let repository_id = by.repository().id;
    let jobs = match target {
        Target::Job(id) => vec![id],
        Target::Commit(sha) => {
            if !(SHA_MIN..=64).contains(&sha.len()) || !sha.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(Invalid::new("sha", Problem::NotShaPrefix { min: SHA_MIN }).into());
            }
            let filter = JobFilter { sha: Some(sha.to_ascii_lowercase()), ..unfinished() };
            let (mut jobs, mut after) = (Vec::new(), None);
            // A page may be empty without being the last.
            loop {
                let page_of_jobs = app.store.find_jobs(repository_id, filter.clone(), page(after)).await?;
                jobs.extend(page_of_jobs.items.into_iter().map(|found| found.job.id));
                after = page_of_jobs.next;
                if after.is_none() || jobs.len() >= CLOSE_MAX as usize {
                    break;
                }
            }
            jobs.truncate(CLOSE_MAX as usize);
            jobs
        }
    };
    let closing = |job_id| JobClosing {
        repository_id,
        job_id,
        status,
        authority: Authority::Operator,
        closed_by: Some(by.caller().user.id),
        credential: by.report_credential(),
        dialect,
        reason: reason.clone(),
        closed_at: app.clock.now(),
        inactive_since: None,
    };
    let single = jobs.len() == 1;
    let mut receipts = Vec::with_capacity(jobs.len());
    for closed in app.store.close_jobs(jobs.into_iter().map(closing).collect()).await? {
        match closed {
            // One of several jobs may have been deleted meanwhile.
            Err(Error::NotFound { .. }) if !single => {}
            closed => receipts.extend(closed?),
        }
    }
    Ok(receipts)
}

/// Runs the watchdog once: every job without a report for longer than its inactivity timeout becomes
/// `timedout`. Returns the receipts, also when an error interrupted the run. The server calls it
/// periodically. `listening_for` is how long the server has received reports, without a jump of the clock: a
/// timeout does not begin before, because reports could not be received before.
pub async fn watch(app: &App, listening_for: SignedDuration) -> (Vec<(RepositoryId, Receipt)>, Result<()>) {
    let mut closed = Vec::new();
    let origin = Some(Arc::new(Origin::server(app.clock.now())));
    let ended = with_origin(origin, watch_all(app, listening_for, &mut closed)).await;
    (closed, ended)
}

async fn watch_all(
    app: &App,
    listening_for: SignedDuration,
    closed: &mut Vec<(RepositoryId, Receipt)>,
) -> Result<()> {
    for (repository, policies) in app.store.all_policies().await? {
        let Some(shortest) = policies.shortest_timeout() else { continue };
        let mut after = None;
        loop {
            let (now, time) = (app.clock.now(), app.trusted_time());
            // A job that changed recently had a report recently.
            let updated = TimeRange { since: None, until: Some(time.cutoff(shortest)) };
            let filter = JobFilter { updated, ..unfinished() };
            let page_of_jobs = app.store.find_jobs(repository, filter, page(after)).await?;
            let closings = page_of_jobs
                .items
                .iter()
                .filter_map(|job| timeout_closing(repository, &policies, job, (now, &time), listening_for))
                .collect();
            for result in app.store.close_jobs(closings).await? {
                match result {
                    // The job was deleted meanwhile.
                    Err(Error::NotFound { .. }) => {}
                    result => closed.extend(result?.map(|receipt| (repository, receipt))),
                }
            }
            after = page_of_jobs.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// The closing of a job without a report for longer than its inactivity timeout.
fn timeout_closing(
    repository: RepositoryId,
    policies: &Policies,
    found: &FoundJob,
    (now, time): (Timestamp, &TrustedTime),
    listening_for: SignedDuration,
) -> Option<JobClosing> {
    let timeout = policies.timeout_of_stage(&found.stage)?;
    let inactive_since = time.cutoff(timeout);
    (found.last_report_at < inactive_since && listening_for > timeout).then(|| JobClosing {
        repository_id: repository,
        job_id: found.job.id,
        status: Status::TimedOut,
        authority: Authority::Watchdog,
        closed_by: None,
        credential: None,
        dialect: "watchdog",
        reason: Some(format!("{timeout:#}")),
        closed_at: now,
        inactive_since: Some(inactive_since),
    })
}

fn unfinished() -> JobFilter {
    JobFilter { statuses: UNFINISHED.to_vec(), ..JobFilter::default() }
}

fn page(after: Option<i32>) -> Window<JobOrder> {
    Window { order: JobOrder, descending: false, start: Start::After(after), limit: CLOSE_MAX }
}
