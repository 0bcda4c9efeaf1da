//! When used signatures may be forgotten.
//!
//! A signature is valid from 15 minutes before to 15 minutes after its own time, so a request is refused for its
//! age half an hour after its use at the latest. The wall clock cannot tell when that is: after a jump it would
//! delete signatures that become valid again when the clock is corrected. Ids grow with every use, so an id that
//! was the last one half an hour ago by the clock of this process, which only advances, is old enough.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a signature is kept at least: the window of 30 minutes, and a minute for the commits of other
/// nodes.
pub const REMEMBERED: Duration = Duration::from_secs(31 * 60);
/// How often the last id is read.
pub const INTERVAL: Duration = Duration::from_secs(60);
/// Rows that one commit deletes beyond twice the rows that it adds.
const DELETED_MIN: i64 = 100;

/// The last ids of the past half hour.
#[derive(Debug, Default)]
pub struct SignatureMemory {
    /// The last id at a time, oldest first.
    seen: VecDeque<(Instant, i64)>,
    /// The id up to which rows are old enough.
    old: i64,
}

impl SignatureMemory {
    /// Whether the last id is to be read and passed to [`SignatureMemory::note`].
    pub fn is_due(&self, now: Instant) -> bool {
        self.seen.back().is_none_or(|(at, _)| now.duration_since(*at) >= INTERVAL)
    }

    /// The last id in the store at this time.
    pub fn note(&mut self, now: Instant, last: i64) {
        self.seen.push_back((now, last));
    }

    /// The greatest id that may be deleted.
    pub fn old_until(&mut self, now: Instant) -> i64 {
        while let Some((at, id)) = self.seen.front()
            && now.duration_since(*at) >= REMEMBERED
        {
            self.old = *id;
            self.seen.pop_front();
        }
        self.old
    }

    /// How many rows a commit with this many new ones deletes: more than it adds, so that the table shrinks to
    /// the signatures of half an hour, and few enough for one commit.
    pub fn deletions(added: usize) -> i64 {
        i64::try_from(added).unwrap_or(i64::MAX / 4) * 2 + DELETED_MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_old_half_an_hour_after_it_was_the_last_one() {
        let (mut memory, start) = (SignatureMemory::default(), Instant::now());
        let minute = |n: u64| start + Duration::from_secs(60 * n);
        for n in 0..40 {
            assert!(memory.is_due(minute(n)));
            memory.note(minute(n), 100 + i64::try_from(n).unwrap());
            assert!(!memory.is_due(minute(n) + Duration::from_secs(59)));
            let old = memory.old_until(minute(n));
            assert_eq!(old, if n < 31 { 0 } else { 100 + i64::try_from(n).unwrap() - 31 });
        }
        assert!(memory.seen.len() <= 31, "bounded");
    }

    /// A server that is started again does not know how old the rows are.
    #[test]
    fn nothing_is_old_after_a_start() {
        let (mut memory, start) = (SignatureMemory::default(), Instant::now());
        memory.note(start, 7_000);
        assert_eq!(memory.old_until(start + REMEMBERED - Duration::from_millis(1)), 0);
        assert_eq!(memory.old_until(start + REMEMBERED), 7_000);
    }

    #[test]
    fn more_rows_are_deleted_than_added() {
        for added in [0, 1, 512, 10_000] {
            assert!(SignatureMemory::deletions(added) > i64::try_from(added).unwrap());
        }
        assert_eq!(SignatureMemory::deletions(512), 1_124);
    }
}
