//! The clock of the rules that delete or end something: the trusted time of this process, continued between
//! two observations by a clock that never jumps.

use crate::model::trusted_time::{ClockChange, TrustedTime};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// The trusted time of this process.
#[derive(Debug, Default)]
pub struct TrustedClock(Mutex<Option<Observed>>);

#[derive(Debug)]
struct Observed {
    time: TrustedTime,
    /// The uptime at the last observation.
    at: SignedDuration,
    /// The uptime at the start or at the last jump.
    listening_since: SignedDuration,
    /// The uptime when the time was last saved.
    saved_at: Option<SignedDuration>,
}

impl TrustedClock {
    /// True before the first observation.
    pub(crate) fn is_new(&self) -> bool {
        self.lock().is_none()
    }

    /// Observes the wall clock. `stored` is the time that the store holds, for the first observation.
    pub(crate) fn observe(
        &self,
        stored: impl FnOnce() -> TrustedTime,
        wall: Timestamp,
        uptime: SignedDuration,
    ) -> (TrustedTime, Vec<ClockChange>) {
        let mut observed = self.lock();
        let changes = match observed.as_mut() {
            Some(observed) => {
                let changes = observed.time.observe(wall, Some(uptime.saturating_sub(observed.at)));
                observed.at = uptime;
                if changes.iter().any(|change| !matches!(change, ClockChange::Accepted { .. })) {
                    observed.listening_since = uptime;
                }
                changes
            }
            None => {
                let mut time = stored();
                let changes = time.observe(wall, None);
                *observed = Some(Observed { time, at: uptime, listening_since: uptime, saved_at: None });
                changes
            }
        };
        let time = observed.as_ref().map_or_else(|| TrustedTime::new(wall), |observed| observed.time.clone());
        (time, changes)
    }

    /// The trusted time. Before the first observation, the wall clock is trusted.
    pub(crate) fn now(&self, wall: Timestamp, uptime: SignedDuration) -> TrustedTime {
        self.lock().as_ref().map_or_else(
            || TrustedTime::new(wall),
            |observed| observed.time.after(uptime.saturating_sub(observed.at)),
        )
    }

    /// How long this process has received reports since its start or the last jump.
    pub(crate) fn listening_for(&self, uptime: SignedDuration) -> SignedDuration {
        self.lock()
            .as_ref()
            .map_or(SignedDuration::ZERO, |observed| uptime.saturating_sub(observed.listening_since))
    }

    /// Whether the time was not saved for `interval`.
    pub(crate) fn is_unsaved(&self, uptime: SignedDuration, interval: SignedDuration) -> bool {
        let saved_at = self.lock().as_ref().and_then(|observed| observed.saved_at);
        saved_at.is_none_or(|at| uptime.saturating_sub(at) >= interval)
    }

    /// The time was saved.
    pub(crate) fn set_saved(&self, uptime: SignedDuration) {
        if let Some(observed) = self.lock().as_mut() {
            observed.saved_at = Some(uptime);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Observed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
