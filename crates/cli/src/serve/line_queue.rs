//! Lines that wait for a thread, which writes them, so that a full disk, a closed pipe or a pipe that nobody reads
//! neither ends nor delays the server. Lines that cannot be written are lost and counted.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes of lines that wait for the thread; further lines are lost.
const WAITING_MAX: usize = 4 << 20;
/// How long the end of the process waits for them.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
/// The metric of lost lines.
const LOST: &str = "stagepost_log_lines_lost_total";

/// The lines.
#[derive(Default)]
pub struct LineQueue {
    state: Mutex<State>,
    filled: Condvar,
    emptied: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    /// Bytes of all lines, including the one that is being written.
    bytes: usize,
}

/// Registers the metric, so that the first lost line is visible.
pub fn register_metric() {
    metrics::counter!(LOST).increment(0);
}

/// Counts a line that could not be written.
pub fn count_lost() {
    metrics::counter!(LOST).increment(1);
}

impl LineQueue {
    /// Adds a line for the thread. False: too many lines wait.
    pub fn push(&self, line: Vec<u8>) -> bool {
        let mut state = self.lock();
        if state.bytes + line.len() > WAITING_MAX {
            return false;
        }
        state.bytes += line.len();
        state.lines.push_back(line);
        self.filled.notify_one();
        true
    }

    /// Writes all lines, for ever.
    pub fn write_all(&self, mut write: impl FnMut(&[u8]) -> io::Result<()>) {
        loop {
            let line = self.next();
            if write(&line).is_err() {
                count_lost();
            }
            self.lock().bytes -= line.len();
            self.emptied.notify_all();
        }
    }

    /// Waits until all lines are written, for at most a second.
    pub fn flush(&self) {
        let waiting = |state: &mut State| state.bytes > 0;
        drop(self.emptied.wait_timeout_while(self.lock(), FLUSH_TIMEOUT, waiting));
    }

    fn next(&self) -> Vec<u8> {
        let mut state = self.lock();
        loop {
            if let Some(line) = state.lines.pop_front() {
                return line;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Poisoning is ignored, because no holder leaves the lines inconsistent.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_wait_are_limited() {
        let queue = LineQueue::default();
        let line = vec![b'x'; WAITING_MAX / 4];
        assert!((0..4).all(|_| queue.push(line.clone())));
        assert!(!queue.push(vec![b'x']), "full");
        assert_eq!(queue.next(), line);
    }
}
