//! The times that a pipeline has from its attempts. They are kept with each change, because a pipeline may have very
//! many attempts.

use crate::model::attempts::Attempt;
use crate::model::jobs::Job;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::sync::Arc;

/// The times of an attempt that its pipeline may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AttemptTimes {
    started_at: Option<Reverse<Timestamp>>,
    finished_at: Option<Timestamp>,
}

impl AttemptTimes {
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self { started_at: attempt.started_at.map(Reverse), finished_at: attempt.finished_at }
    }
}

/// The earliest and the latest times of the attempts of a pipeline.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    /// The earliest `created_at` of all attempts, which only becomes earlier.
    created_at: Option<Timestamp>,
    /// The earliest start of the newest attempts.
    started_at: Greatest<Reverse<Timestamp>>,
    /// The latest end of the newest attempts.
    finished_at: Greatest<Timestamp>,
}

impl Times {
    /// Adds the creation of an attempt, which is new or was changed.
    pub(super) fn add_creation(&mut self, attempt: &Attempt) {
        let earliest = self.created_at.map_or(attempt.created_at, |at| at.min(attempt.created_at));
        self.created_at = Some(earliest);
    }

    /// Adds an attempt that became the newest one of its job.
    pub(super) fn add(&mut self, times: AttemptTimes) {
        self.started_at.add(times.started_at);
        self.finished_at.add(times.finished_at);
    }

    /// Removes an attempt that is not the newest one of its job any more.
    pub(super) fn remove(&mut self, times: AttemptTimes) {
        self.started_at.remove(times.started_at);
        self.finished_at.remove(times.finished_at);
    }

    /// Replaces the times of a newest attempt.
    pub(super) fn replace(&mut self, before: AttemptTimes, after: AttemptTimes) {
        self.started_at.replace(before.started_at, after.started_at);
        self.finished_at.replace(before.finished_at, after.finished_at);
    }

    /// The earliest `created_at`.
    pub(super) fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }

    /// The earliest start of the newest attempts among `jobs`, which are all attempts.
    pub(super) fn started_at(&mut self, jobs: &[Arc<Job>]) -> Option<Timestamp> {
        let all = newest(jobs).map(|times| times.started_at);
        self.started_at.get(all).map(|Reverse(at)| at)
    }

    /// The latest end of the newest attempts among `jobs`, which are all attempts.
    pub(super) fn finished_at(&mut self, jobs: &[Arc<Job>]) -> Option<Timestamp> {
        self.finished_at.get(newest(jobs).map(|times| times.finished_at))
    }
}

fn newest(jobs: &[Arc<Job>]) -> impl Iterator<Item = AttemptTimes> {
    jobs.iter().filter(|job| job.newest).map(|job| AttemptTimes::of(&job.attempt))
}

/// The greatest of some values, of which `None` is the least.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Greatest<T> {
    Known(Option<T>),
    /// It was removed, so all values must be compared again.
    Unknown,
}

impl<T> Default for Greatest<T> {
    fn default() -> Self {
        Self::Known(None)
    }
}

impl<T: Ord + Copy> Greatest<T> {
    fn add(&mut self, value: Option<T>) {
        if let Self::Known(greatest) = self {
            *greatest = value.max(*greatest);
        }
    }

    fn remove(&mut self, value: Option<T>) {
        if value.is_some() && *self == Self::Known(value) {
            *self = Self::Unknown;
        }
    }

    fn replace(&mut self, before: Option<T>, after: Option<T>) {
        if after < before {
            self.remove(before);
        }
        self.add(after);
    }

    /// The greatest value; `all` are all values.
    fn get(&mut self, all: impl Iterator<Item = Option<T>>) -> Option<T> {
        match *self {
            Self::Known(greatest) => greatest,
            Self::Unknown => {
                let greatest = all.flatten().max();
                *self = Self::Known(greatest);
                greatest
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// After any changes it is the greatest value, and all values are compared only after the greatest one was
        /// lost.
        #[test]
        fn the_greatest_value_is_known(
            steps in proptest::collection::vec((0usize..5, proptest::option::of(0u8..6)), 1..40),
        ) {
            let mut values: [Option<u8>; 5] = [None; 5];
            let mut greatest = Greatest::default();
            for (at, value) in steps {
                let before = std::mem::replace(&mut values[at], value);
                let is_lost = before.is_some() && before == values.iter().copied().chain([before]).max().flatten()
                    && value < before;
                greatest.replace(before, value);
                let mut compared = false;
                let all = values.iter().copied().inspect(|_| compared = true);
                prop_assert_eq!(greatest.get(all), values.iter().copied().flatten().max());
                prop_assert_eq!(compared, is_lost);
            }
        }
    }
}
