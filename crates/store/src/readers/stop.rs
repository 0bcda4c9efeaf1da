//! Stops a read when the future that waits for it is dropped: its client has disconnected.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const RUNNING: u8 = 0;
const STOPPED: u8 = 1;
const ENDED: u8 = 2;

/// The state of a read, shared by the thread that reads and the future that waits for it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Whether the read is to stop.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst) == STOPPED
    }

    /// Ends the read. Returns false if it was stopped before.
    pub fn end(&self) -> bool {
        self.0.swap(ENDED, Ordering::SeqCst) == RUNNING
    }

    /// Calls `stopped` when the guard is dropped while the read runs.
    pub fn when_dropped<F: FnOnce()>(&self, stopped: F) -> OnDrop<F> {
        OnDrop { stop: self.clone(), stopped: Some(stopped) }
    }
}

/// The guard of [`Stop::when_dropped`].
pub struct OnDrop<F: FnOnce()> {
    stop: Stop,
    stopped: Option<F>,
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        let stopped =
            self.stop.0.compare_exchange(RUNNING, STOPPED, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if let Some(call) = self.stopped.take().filter(|_| stopped) {
            call();
        }
    }
}
