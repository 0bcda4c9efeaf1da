//! Lines for stderr. A thread writes them, so that a full disk, a closed pipe or a pipe that nobody reads neither
//! ends nor delays the server. Lines that cannot be written are lost and counted.

use std::collections::VecDeque;
use std::fmt::Display;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Bytes of lines that wait for the thread; further lines are lost.
const WAITING_MAX: usize = 4 << 20;
/// How long the end of the process waits for them.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
/// The metric of lost lines.
const LOST: &str = "stagepost_log_lines_lost_total";

static QUEUE: OnceLock<Queue> = OnceLock::new();

#[derive(Default)]
struct Queue {
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

/// Starts the thread.
///
/// # Errors
/// The system cannot start a thread.
pub fn start() -> io::Result<()> {
    metrics::counter!(LOST).increment(0);
    let queue = QUEUE.get_or_init(Queue::default);
    std::thread::Builder::new().name("log".into()).spawn(|| queue.write_all(&mut io::stderr()))?;
    Ok(())
}

/// Writes a line. It never fails.
pub fn line(text: impl Display) {
    Stderr.write_line(format!("{text}\n").into_bytes());
}

/// Waits until all lines are written, for at most a second.
pub fn flush() {
    if let Some(queue) = QUEUE.get() {
        let state = queue.lock();
        let waiting = |state: &mut State| state.bytes > 0;
        drop(queue.emptied.wait_timeout_while(state, FLUSH_TIMEOUT, waiting));
    }
}

/// The writer of the log. It never fails.
pub struct Stderr;

impl Stderr {
    fn write_line(&self, line: Vec<u8>) {
        let written = match QUEUE.get() {
            Some(queue) => queue.push(line),
            None => io::stderr().write_all(&line).is_ok(),
        };
        if !written {
            metrics::counter!(LOST).increment(1);
        }
    }
}

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_line(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Queue {
    /// False: too many lines wait.
    fn push(&self, line: Vec<u8>) -> bool {
        let mut state = self.lock();
        if state.bytes + line.len() > WAITING_MAX {
            return false;
        }
        state.bytes += line.len();
        state.lines.push_back(line);
        self.filled.notify_one();
        true
    }

    fn write_all(&self, stderr: &mut impl Write) {
        loop {
            let line = self.next();
            if stderr.write_all(&line).is_err() {
                metrics::counter!(LOST).increment(1);
            }
            self.lock().bytes -= line.len();
            self.emptied.notify_all();
        }
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
        let queue = Queue::default();
        let line = vec![b'x'; WAITING_MAX / 4];
        assert!((0..4).all(|_| queue.push(line.clone())));
        assert!(!queue.push(vec![b'x']), "full");
        assert_eq!(queue.next(), line);
    }
}
