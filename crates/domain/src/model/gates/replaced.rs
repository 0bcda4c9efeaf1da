//! The announcements that a later complete list replaced. Some are kept for the past of the gate.

use super::facts::{ANNOUNCED_JOBS_MAX, Expectation};
use crate::model::ids::UserId;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// Most replaced announcements of a user that are kept for a commit, for the past of its gate. They have at most
/// [`ANNOUNCED_JOBS_MAX`] jobs.
pub const REPLACED_MAX: usize = 20;

/// An announcement with its number in the commit.
pub type Numbered = (i64, Expectation);

/// The announcements of a commit, with their numbers and in this order: those that hold, and those that a later
/// complete list replaced.
pub fn split_replaced(announcements: Vec<Numbered>) -> (Vec<Numbered>, Vec<Numbered>) {
    let mut last_complete = HashMap::new();
    for (number, expectation) in announcements.iter().filter(|(_, expectation)| expectation.complete) {
        last_complete.insert(expectation.reporter(), *number);
    }
    let holds = |(number, expectation): &&Numbered| {
        last_complete.get(&expectation.reporter()).is_none_or(|last| number >= last)
    };
    let holding: HashSet<i64> = announcements.iter().filter(holds).map(|(number, _)| *number).collect();
    announcements.into_iter().partition(|(number, _)| holding.contains(number))
}

/// The numbers of the oldest replaced announcements of a user that are not kept any more.
pub fn surplus_replaced(replaced: &[Numbered], by: Option<UserId>) -> Vec<i64> {
    let of_user = replaced.iter().rev().filter(|(_, expectation)| expectation.by == by);
    let (mut lists, mut jobs) = (0, 0);
    let surplus = of_user.filter(|(_, expectation)| {
        lists += 1;
        jobs += expectation.jobs.len();
        lists > REPLACED_MAX || jobs > ANNOUNCED_JOBS_MAX
    });
    surplus.map(|(number, _)| *number).collect()
}

/// Since when every announcement is kept, of all kept ones in order of their numbers; `None`: none was deleted.
pub fn announcements_kept_since(announcements: &[Numbered]) -> Option<Timestamp> {
    let mut reporters = HashSet::new();
    // The first that is kept of a reporter replaced the deleted ones before it.
    let first = announcements.iter().filter(|(_, expectation)| reporters.insert(expectation.reporter()));
    first.filter(|(_, first)| first.first_at < first.at).map(|(_, first)| first.at).max()
}
