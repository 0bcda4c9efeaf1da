//! A job: a named unit of work in a stage. Each run of it is an attempt with its own id. Decides to which
//! attempt a report belongs, and which attempt is the newest.

pub mod combined;
pub mod filters;
mod latest;
mod listed;

pub use latest::{JobResult, LatestJob, LatestResults};
pub use listed::{ListedJob, ListedJobs};

use super::attempts::Attempt;
use super::ids::{JobId, StageId};
use super::reports::ReportedState;
use super::status::Rank;
use jiff::Timestamp;

/// One attempt of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Unique in the repository.
    pub id: JobId,
    /// The stage.
    pub stage_id: StageId,
    /// The name. All attempts of a job have the same name; it is unique in its stage otherwise.
    pub name: String,
    /// The number of the attempt among the attempts of its job, from 1, in order of arrival.
    pub attempt_number: i32,
    /// True for the newest attempt of the job, which its stage and pipeline count. The others were retried.
    pub newest: bool,
    /// The time of the last change, by the clock of the server.
    pub updated_at: Timestamp,
    /// The state of the attempt.
    pub attempt: Attempt,
}

/// The attempt that a report belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptMatch {
    /// The attempt at this index of the list.
    To(usize),
    /// A new attempt.
    New,
}

/// The attempts of a job, in order of their numbers.
pub trait Attempts<'a>: ExactSizeIterator<Item = &'a Job> + DoubleEndedIterator + Clone {}

impl<'a, I: ExactSizeIterator<Item = &'a Job> + DoubleEndedIterator + Clone> Attempts<'a> for I {}

/// Finds the attempt of a report among the attempts of its job.
///
/// A `third_build_id` identifies the attempt. Otherwise the report may name the attempt by its id; one that has
/// another `third_build_id` is not the one. Without both:
///
/// - A `target_url` that an attempt has had identifies that attempt, also an old one. It is the url as it was
///   sent: one that was cut or dropped identifies its attempt as well.
/// - With another url, a finished job that is reported pending or running, or a running job that is reported
///   running, has a new attempt. A finished job without any url may also start again.
/// - Every other report belongs to the newest attempt.
pub fn match_attempt<'a>(
    attempts: impl Attempts<'a>,
    named: Option<JobId>,
    reported: &ReportedState,
) -> AttemptMatch {
    let Some((newest, current)) = attempts.clone().enumerate().find(|(_, job)| job.newest) else {
        return AttemptMatch::New;
    };
    let current = &current.attempt;
    let build = reported.third_build_id.as_ref();
    let has_build = |job: &Job| job.attempt.third_build_id.as_ref() == build;
    if let Some(known) = build.and_then(|_| attempts.clone().position(has_build)) {
        return AttemptMatch::To(known);
    }
    let is_named = |(_, job): &(usize, &Job)| Some(job.id) == named;
    if let Some((at, job)) = named.and_then(|_| attempts.clone().enumerate().find(is_named))
        && (build.is_none() || job.attempt.third_build_id.is_none())
    {
        return AttemptMatch::To(at);
    }
    if build.is_some() {
        // The first reports had no id: the attempt gets the id, unless it is finished.
        let adopts = current.third_build_id.is_none() && !current.status.is_finished();
        return if adopts { AttemptMatch::To(newest) } else { AttemptMatch::New };
    }
    let url = reported.url_digest();
    if let Some(url) = url {
        // The newest attempt first: a build system may use one url for all attempts.
        let last = || attempts.clone().rposition(|job| job.attempt.has_url(url));
        if let Some(at) = Some(newest).filter(|_| current.has_url(url)).or_else(last) {
            return AttemptMatch::To(at);
        }
    }
    let starts_again = match (current.status.rank(), reported.status.rank()) {
        (Rank::Finished, Rank::Pending | Rank::Running) => !current.is_older(reported),
        (Rank::Running, Rank::Running) => url.is_some(),
        _ => false,
    };
    if starts_again { AttemptMatch::New } else { AttemptMatch::To(newest) }
}

/// The index of the newest attempt of a job: the one with the latest start by the times of the reporter when
/// two attempts have one, else the one that arrived last.
pub fn newest<'a>(attempts: impl Attempts<'a>) -> Option<usize> {
    newest_by_start(attempts.map(|job| job.attempt.effective_start()))
}

/// As [`newest`], of the starts of the attempts ([`Attempt::effective_start`]) in order of their numbers.
pub fn newest_by_start(starts: impl Iterator<Item = Option<Timestamp>>) -> Option<usize> {
    let later =
        |current: (usize, Option<Timestamp>), next: (usize, Option<Timestamp>)| match (current.1, next.1) {
            (Some(current_start), Some(next_start)) if next_start < current_start => current,
            _ => next,
        };
    starts.enumerate().reduce(later).map(|(index, _)| index)
}
