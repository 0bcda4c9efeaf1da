//! The seven statuses and the rule that makes one of many.

/// How a job, stage or pipeline stands: exactly the seven words of the CodeArts v4 API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Queued.
    Pending,
    /// At work.
    Running,
    /// Ended well.
    Success,
    /// Ended badly.
    Failed,
    /// Stopped by somebody.
    Canceled,
    /// Not needed, never ran.
    Skipped,
    /// Ended by a limit of time.
    TimedOut,
}

/// How far a status is: a later rank never gives way to an earlier one (design, data rule 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Not begun.
    Pending,
    /// Begun.
    Running,
    /// Ended.
    Finished,
}

impl Status {
    /// All seven, in the order the API lists them.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Success,
        Self::Failed,
        Self::Canceled,
        Self::Skipped,
        Self::TimedOut,
    ];

    /// The seven words, in the order of [`Status::ALL`].
    pub const NAMES: &'static [&'static str] =
        &["pending", "running", "success", "failed", "canceled", "skipped", "timedout"];

    /// The five words for an end.
    pub const FINISHED_NAMES: &'static [&'static str] = Self::NAMES.split_at(2).1;

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Reads one of the seven words, exactly.
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMES.iter().position(|w| *w == word).map(|at| Self::ALL[at])
    }

    /// How far this status is.
    pub const fn rank(self) -> Rank {
        match self {
            Self::Pending => Rank::Pending,
            Self::Running => Rank::Running,
            _ => Rank::Finished,
        }
    }

    /// True for the five statuses nothing follows.
    pub const fn is_finished(self) -> bool {
        matches!(self.rank(), Rank::Finished)
    }

    /// It failed, or did not end in time.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }

    /// Who wins when two reports of one attempt claim different ends and neither says when: the worse one, so that
    /// the answer is the same in whatever order they arrive, and nobody merges on a doubt.
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

/// Counts of newest attempts by what they weigh, from which a stage's and a pipeline's status follow without
/// looking at the jobs again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatusCounts {
    counts: [u32; 7],
    /// Failed, canceled or timed out, but allowed to.
    warnings: u32,
}

impl StatusCounts {
    fn slot(&mut self, status: Status, allow_failure: bool) -> &mut u32 {
        match status {
            Status::Failed | Status::Canceled | Status::TimedOut if allow_failure => &mut self.warnings,
            _ => &mut self.counts[status as usize],
        }
    }

    /// Counts one newest attempt in.
    pub fn add(&mut self, status: Status, allow_failure: bool) {
        *self.slot(status, allow_failure) += 1;
    }

    /// Counts one newest attempt out again.
    pub fn remove(&mut self, status: Status, allow_failure: bool) {
        let slot = self.slot(status, allow_failure);
        debug_assert!(*slot > 0, "a status is removed that was never added");
        *slot = slot.saturating_sub(1);
    }

    /// Counts in all that another tally counts.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.warnings += other.warnings;
    }

    /// The composite status: GitLab's rules (reporters fact 1.9) for our seven words, `timedout` counting as failed.
    /// Without any job it is `pending`.
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

    /// `!` before a word is `allow_failure`.
    fn composite(jobs: &str) -> Status {
        let mut tally = StatusCounts::default();
        for word in jobs.split_whitespace() {
            tally.add(Status::parse(word.trim_start_matches('!')).unwrap(), word.starts_with('!'));
        }
        tally.status()
    }

    #[test]
    fn words_round_trip_and_nothing_else_is_read() {
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
    fn a_tally_forgets_what_is_removed() {
        let mut tally = StatusCounts::default();
        tally.add(Failed, false);
        tally.add(Success, false);
        tally.remove(Failed, false);
        assert_eq!(tally.status(), Success);
        tally.add(Failed, true);
        tally.remove(Failed, true);
        tally.remove(Success, false);
        assert_eq!(tally, StatusCounts::default());
    }
}
