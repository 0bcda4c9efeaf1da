//! The thread on which lookups run: that of their request while they are quick, which saves two switches between
//! threads for each; on threads that may block for a while after several that were slow, because they waited for the
//! disk.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A lookup that takes longer is slow. One that finds its rows in memory takes some tens of microseconds.
const SLOW: Duration = Duration::from_millis(2);
/// How many quick lookups make up for a slow one, which the scheduler of a busy machine may have interrupted.
const QUICK_FOR_SLOW: u32 = 16;
/// So many slow ones that no quick ones make up for end the use of the threads of requests.
const SLOW_MAX: u32 = 4;
/// For how long.
const PAUSE: Duration = Duration::from_millis(200);

/// The pace of the recent lookups of a store.
#[derive(Debug)]
pub struct Pace {
    start: Instant,
    /// Quick lookups that are needed to make up for the slow ones.
    needed: AtomicU32,
    /// Until when lookups run on threads that may block, in microseconds since `start`.
    paused_until: AtomicU64,
}

impl Pace {
    /// Without a slow lookup so far.
    pub fn new(now: Instant) -> Self {
        Self { start: now, needed: AtomicU32::new(0), paused_until: AtomicU64::new(0) }
    }

    /// Whether a lookup may run on the thread of its request.
    pub fn is_quick(&self, now: Instant) -> bool {
        self.micros(now) >= self.paused_until.load(Ordering::Relaxed)
    }

    /// Records a lookup that ran on the thread of its request.
    pub fn record(&self, began: Instant, ended: Instant) {
        let needed = self.needed.load(Ordering::Relaxed);
        if ended.saturating_duration_since(began) <= SLOW {
            // Usually nothing is written, so that the cores do not wait for each other.
            if needed > 0 {
                self.needed.store(needed - 1, Ordering::Relaxed);
            }
        } else if needed + QUICK_FOR_SLOW < QUICK_FOR_SLOW * SLOW_MAX {
            self.needed.store(needed + QUICK_FOR_SLOW, Ordering::Relaxed);
        } else {
            self.needed.store(0, Ordering::Relaxed);
            self.paused_until.fetch_max(self.micros(ended + PAUSE), Ordering::Relaxed);
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.start).as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_lookups_move_the_next_ones_to_other_threads_for_a_while() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let pace = Pace::new(start);
        for _ in 0..3 {
            pace.record(at(10), at(20));
        }
        assert!(pace.is_quick(at(20)), "three slow ones");
        pace.record(at(20), at(30));
        assert!(!pace.is_quick(at(30)) && !pace.is_quick(at(229)));
        assert!(pace.is_quick(at(230)));
    }

    #[test]
    fn quick_lookups_make_up_for_slow_ones() {
        let start = Instant::now();
        let pace = Pace::new(start);
        for _ in 0..100 {
            pace.record(start, start + Duration::from_millis(10));
            for _ in 0..16 {
                pace.record(start, start + Duration::from_micros(50));
            }
        }
        assert!(pace.is_quick(start));
    }
}
