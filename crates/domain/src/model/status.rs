//! The seven statuses, and the composite status of several jobs.

/// The status of a job, stage or pipeline: exactly the seven statuses of the CodeArts v4 API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Queued.
    Pending,
    /// In progress.
    Running,
    /// Succeeded.
    Success,
    /// Failed.
    Failed,
    /// Canceled by a user.
    Canceled,
    /// Skipped, never ran.
    Skipped,
    /// Ended by a timeout.
    TimedOut,
}

/// The progress of a status. The rank of an attempt never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Not started.
    Pending,
    /// Started.
    Running,
    /// Finished.
    Finished,
}

impl Status {
    /// All statuses, in the order of the API.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Success,
        Self::Failed,
        Self::Canceled,
        Self::Skipped,
        Self::TimedOut,
    ];

    /// The names, in the order of [`Status::ALL`].
    pub const NAMES: &'static [&'static str] =
        &["pending", "running", "success", "failed", "canceled", "skipped", "timedout"];

    /// The names of the five finished statuses.
    pub const FINISHED_NAMES: &'static [&'static str] = Self::NAMES.split_at(2).1;

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The status with exactly this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).map(|at| Self::ALL[at])
    }

    /// The rank of this status.
    pub const fn rank(self) -> Rank {
        match self {
            Self::Pending => Rank::Pending,
            Self::Running => Rank::Running,
            _ => Rank::Finished,
        }
    }

    /// True for the five final statuses.
    pub const fn is_finished(self) -> bool {
        matches!(self.rank(), Rank::Finished)
    }

    /// True for `failed` and `timedout`.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }

    /// True if a job with this status makes its pipeline fail: it failed or timed out, and may not fail.
    pub const fn fails_pipeline(self, allow_failure: bool) -> bool {
        self.is_bad() && !allow_failure
    }

    /// The severity. When two reports of one attempt give different ends and nothing else decides, the more
    /// severe one wins, so that the result is the same in any order of arrival, and an uncertain success is
    /// not shown as success.
    pub const fn severity(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Running => 1,
            Self::Skipped => 2,
            Self::Success => 3,
            Self::Canceled => 4,
            Self::TimedOut => 5,
            Self::Failed => 6,
        }
    }
}

/// The number of newest attempts by status. The composite status of a stage or pipeline follows from it
/// without reading the jobs again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatusCounts {
    counts: [u32; 7],
    /// Attempts that failed, were canceled or timed out with `allow_failure`.
    warnings: u32,
}

impl StatusCounts {
    fn count_mut(&mut self, status: Status, allow_failure: bool) -> &mut u32 {
        match status {
            Status::Failed | Status::Canceled | Status::TimedOut if allow_failure => &mut self.warnings,
            _ => &mut self.counts[status as usize],
        }
    }

    /// Adds one newest attempt.
    pub fn add(&mut self, status: Status, allow_failure: bool) {
        *self.count_mut(status, allow_failure) += 1;
    }

    /// Removes one newest attempt.
    pub fn remove(&mut self, status: Status, allow_failure: bool) {
        let count = self.count_mut(status, allow_failure);
        debug_assert!(*count > 0, "an attempt is removed that was never added");
        *count = count.saturating_sub(1);
    }

    /// Adds all attempts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.warnings += other.warnings;
    }

    /// The composite status by the rules of GitLab (reporters fact 1.9); `timedout` counts as failed. Without
    /// any attempt it is `pending`.
    pub fn status(&self) -> Status {
        let [pending, running, success, failed, canceled, skipped, timedout] = self.counts;
        let (failed, good) = (failed + timedout, success + self.warnings);
        let all = pending + running + good + failed + canceled + skipped;
        match all {
            0 => Status::Pending,
            _ if skipped == all => Status::Skipped,
            _ if good + skipped == all => Status::Success,
            _ if canceled + good + skipped == all => Status::Canceled,
            _ if pending + skipped + self.warnings == all => Status::Pending,
            _ if running + pending > 0 => Status::Running,
            _ => Status::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::*;

    /// The composite status of jobs; `!` before a status: `allow_failure`.
    fn composite(jobs: &str) -> Status {
        let mut counts = StatusCounts::default();
        for word in jobs.split_whitespace() {
            counts.add(Status::parse(word.trim_start_matches('!')).unwrap(), word.starts_with('!'));
        }
        counts.status()
    }

    #[test]
    fn names_round_trip_and_other_texts_are_refused() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        for other in ["", "Success", "cancelled", "timed_out", "created", " success"] {
            assert_eq!(Status::parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn composite_follows_the_table() {
        for (jobs, want) in [
            ("", Pending),
            ("skipped skipped", Skipped),
            ("success", Success),
            ("success skipped", Success),
            ("success !failed", Success),
            ("!failed", Success),
            ("!timedout !canceled skipped", Success),
            ("canceled success", Canceled),
            ("canceled skipped !failed", Canceled),
            ("pending pending", Pending),
            ("pending skipped", Pending),
            ("pending !failed", Pending),
            ("pending success", Running),
            ("pending failed", Running),
            ("pending canceled", Running),
            ("running failed", Running),
            ("running", Running),
            ("failed canceled", Failed),
            ("failed success", Failed),
            ("timedout", Failed),
            ("timedout success canceled", Failed),
            ("!running success", Running),
            ("!pending", Pending),
        ] {
            assert_eq!(composite(jobs), want, "{jobs}");
        }
    }

    #[test]
    fn removed_attempts_are_not_counted() {
        let mut counts = StatusCounts::default();
        counts.add(Failed, false);
        counts.add(Success, false);
        counts.remove(Failed, false);
        assert_eq!(counts.status(), Success);
        counts.add(Failed, true);
        counts.remove(Failed, true);
        counts.remove(Success, false);
        assert_eq!(counts, StatusCounts::default());
    }
}
