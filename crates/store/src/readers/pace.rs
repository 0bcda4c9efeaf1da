//! Where lookups run: on the thread of their request while they are quick, which saves two switches between threads
//! for each; on threads that may block for a while after one that was slow, because it waited for the disk.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A lookup that takes longer is slow. One that finds its rows in memory takes some tens of microseconds.
const SLOW: Duration = Duration::from_millis(5);
/// How long lookups run on threads that may block, after a slow one.
const PAUSE: Duration = Duration::from_millis(200);

/// The pace of the recent lookups of a store.
#[derive(Debug)]
pub struct Pace {
    start: Instant,
    /// Until when lookups run on threads that may block, in microseconds since `start`.
    paused_until: AtomicU64,
}

impl Pace {
    /// Without a slow lookup so far.
    pub fn new(now: Instant) -> Self {
        Self { start: now, paused_until: AtomicU64::new(0) }
    }

    /// Whether a lookup may run on the thread of its request.
    pub fn is_quick(&self, now: Instant) -> bool {
        self.micros(now) >= self.paused_until.load(Ordering::Relaxed)
    }

    /// Records a lookup that ran on the thread of its request.
    pub fn record(&self, began: Instant, ended: Instant) {
        if ended.saturating_duration_since(began) > SLOW {
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
    fn a_slow_lookup_moves_the_next_ones_to_other_threads_for_a_while() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let pace = Pace::new(start);
        assert!(pace.is_quick(at(0)));
        pace.record(at(10), at(14));
        assert!(pace.is_quick(at(14)));
        pace.record(at(20), at(30));
        assert!(!pace.is_quick(at(30)) && !pace.is_quick(at(229)));
        assert!(pace.is_quick(at(230)));
        // An earlier one that ends later does not shorten the pause.
        pace.record(at(230), at(300));
        pace.record(at(200), at(210));
        assert!(!pace.is_quick(at(499)) && pace.is_quick(at(500)));
    }
}
