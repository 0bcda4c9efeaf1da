//! Ending jobs that no build system ends: by an operator's hand, and by the watchdog.

use super::access::{Granted, Manages};
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::ids::{JobId, RepositoryId};
use crate::model::job_closings::JobClosing;
use crate::model::jobs::filters::{JobDetails, JobFilter, JobOrder};
use crate::model::page::{Start, TimeRange, Window};
use crate::model::policies::Policies;
use crate::model::reports::{Authority, Receipt};
use crate::model::status::Status;
use crate::model::text;
use crate::ports::App;
use jiff::{SignedDuration, Timestamp};

/// The statuses of a job that is not over.
const UNFINISHED: [Status; 2] = [Status::Pending, Status::Running];
/// Jobs looked at together, and closed in one call at most.
pub const CLOSE_MAX: u32 = 100;
/// The fewest digits of a commit id that several jobs may be closed by.
const SHA_MIN: usize = 7;

/// Which jobs an operator closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One attempt. Also one that is over: the report is kept, and what the build system said stands.
    Job(JobId),
    /// Every unfinished job of a commit, by its id or the beginning of it, at least 7 digits: for commits that no longer exist.
    Commit(String),
}

/// Closes jobs by hand. At most [`AT_ONCE`] of a commit; the caller repeats until nothing is left.
///
/// # Errors
/// [`Error::Invalid`] naming the field; [`Error::NotFound`].
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
    let reason = reason.map(|text| text::single_line("reason", &text, text::DESCRIPTION_MAX)).transpose()?;
    let repository_id = by.repository().id;
    let jobs = match target {
        Target::Job(id) => vec![id],
        Target::Commit(sha) => {
            if !(SHA_MIN..=64).contains(&sha.len()) || !sha.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(Invalid::new("sha", Problem::NotShaPrefix { min: SHA_MIN }).into());
            }
            let filter = JobFilter { sha: Some(sha.to_ascii_lowercase()), ..unfinished() };
            let (mut jobs, mut after) = (Vec::new(), None);
            // A page may be empty and not be the last.
            loop {
                let found = app.store.find_jobs(repository_id, filter.clone(), page(after)).await?;
                jobs.extend(found.items.into_iter().map(|found| found.job.id));
                after = found.next;
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
        dialect,
        reason: reason.clone(),
        closed_at: app.clock.now(),
        inactive_since: None,
    };
    let one = jobs.len() == 1;
    let mut receipts = Vec::with_capacity(jobs.len());
    for closed in app.store.close_jobs(jobs.into_iter().map(closing).collect()).await? {
        match closed {
            // Of several, one may have gone away in between.
            Err(Error::NotFound { .. }) if !one => {}
            closed => receipts.extend(closed?),
        }
    }
    Ok(receipts)
}

/// The watchdog's round: every job that was not heard of for longer than its limit becomes `timedout`. Says which, also when the round
/// broke off. A server calls it again and again; nobody else asks for it. `listening_since` is when it began to listen: who could not be
/// heard was not silent.
pub async fn watch(app: &App, listening_since: Timestamp) -> (Vec<(RepositoryId, Receipt)>, Result<()>) {
    let mut closed = Vec::new();
    let ended = watch_all(app, listening_since, &mut closed).await;
    (closed, ended)
}

async fn watch_all(
    app: &App,
    listening_since: Timestamp,
    closed: &mut Vec<(RepositoryId, Receipt)>,
) -> Result<()> {
    for (repository, policies) in app.store.all_policies().await? {
        let Some(shortest) = policies.shortest_timeout() else { continue };
        let mut after = None;
        loop {
            let now = app.clock.now();
            // What changed lately was heard of lately.
            let updated = TimeRange { since: None, until: Some(before(now, shortest)) };
            let filter = JobFilter { updated, ..unfinished() };
            let found = app.store.find_jobs(repository, filter, page(after)).await?;
            let silent = found
                .items
                .iter()
                .filter_map(|job| give_up(repository, &policies, job, now, listening_since))
                .collect();
            for answer in app.store.close_jobs(silent).await? {
                match answer {
                    // It went away in between.
                    Err(Error::NotFound { .. }) => {}
                    answer => closed.extend(answer?.map(|receipt| (repository, receipt))),
                }
            }
            after = found.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// The closing of a job that was not heard of for longer than its limit.
fn give_up(
    repository: RepositoryId,
    policies: &Policies,
    found: &JobDetails,
    now: Timestamp,
    listening_since: Timestamp,
) -> Option<JobClosing> {
    let limit = policies.timeout_of_stage(&found.stage)?;
    let unheard_since = before(now, limit);
    (found.last_report_at.max(listening_since) < unheard_since).then(|| JobClosing {
        repository_id: repository,
        job_id: found.job.id,
        status: Status::TimedOut,
        authority: Authority::Watchdog,
        closed_by: None,
        dialect: "watchdog",
        reason: Some(format!("{limit:#}")),
        closed_at: now,
        inactive_since: Some(unheard_since),
    })
}

fn before(now: Timestamp, limit: SignedDuration) -> Timestamp {
    now.checked_sub(limit).unwrap_or(Timestamp::MIN)
}

fn unfinished() -> JobFilter {
    JobFilter { statuses: UNFINISHED.to_vec(), ..JobFilter::default() }
}

fn page(after: Option<i32>) -> Window<JobOrder> {
    Window { order: JobOrder, descending: false, start: Start::After(after), limit: CLOSE_MAX }
}
