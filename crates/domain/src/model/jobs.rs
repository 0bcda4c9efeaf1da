//! A job: one named unit in a stage. Each try is an attempt with an id of its own; which attempt a report means is decided here.

pub mod filters;

use super::attempts::Attempt;
use super::ids::{JobId, StageId};
use super::reports::ReportedState;
use super::status::Rank;
use jiff::Timestamp;

/// One attempt of a job, as the lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Unique in the repository.
    pub id: JobId,
    /// The stage it is in.
    pub stage_id: StageId,
    /// Its name, unique in its stage but for attempts.
    pub name: String,
    /// Which try, from 1, in order of arrival.
    pub attempt_number: i32,
    /// The attempt that counts; the others are retried.
    pub newest: bool,
    /// When the record last changed, by our clock.
    pub updated_at: Timestamp,
    /// How it stands.
    pub attempt: Attempt,
}

/// Which attempt a report belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptMatch {
    /// To the one at this place in the list.
    To(usize),
    /// To a new one.
    New,
}

/// Finds the attempt a report means among the attempts of its job, which come in order of their numbers (design, data rule 6).
///
/// With `third_build_id` the id decides. Without one, a `target_url` that an attempt has carried means that attempt, also a late word of
/// an old one. Under another url a finished job reported pending or running, or a running one reported running, is a new try; a finished
/// job may also begin again under none. Everything else is about the newest.
pub fn match_attempt(attempts: &[&Job], said: &ReportedState) -> AttemptMatch {
    let Some(newest) = attempts.iter().position(|job| job.newest) else { return AttemptMatch::New };
    let current = &attempts[newest].attempt;
    if let Some(build) = &said.third_build_id {
        if let Some(known) =
            attempts.iter().position(|job| job.attempt.third_build_id.as_ref() == Some(build))
        {
            return AttemptMatch::To(known);
        }
        // Reported without an id at first: the same try learns its id, unless it is over.
        let adopts = current.third_build_id.is_none() && !current.status.is_finished();
        return if adopts { AttemptMatch::To(newest) } else { AttemptMatch::New };
    }
    // The newest first: a build system may use one url for all its tries.
    let carried = said.target_url.as_ref().and_then(|url| {
        let carries = |at: &usize| attempts[*at].attempt.has_target_url(url);
        Some(newest).filter(carries).or_else(|| (0..attempts.len()).rev().find(carries))
    });
    if let Some(at) = carried {
        return AttemptMatch::To(at);
    }
    let begins = match (current.status.rank(), said.status.rank()) {
        (Rank::Finished, Rank::Pending | Rank::Running) => !current.is_older(said),
        (Rank::Running, Rank::Running) => said.target_url.is_some(),
        _ => false,
    };
    if begins { AttemptMatch::New } else { AttemptMatch::To(newest) }
}

/// Which of a job's attempts counts: the one that began last by the reporters' times where two attempts both have one,
/// else the one that arrived last.
pub fn newest(attempts: &[&Job]) -> Option<usize> {
    (0..attempts.len()).reduce(|current, next| {
        match (attempts[current].attempt.effective_start(), attempts[next].attempt.effective_start()) {
            (Some(current_begun), Some(next_begun)) if next_begun < current_begun => current,
            _ => next,
        }
    })
}
