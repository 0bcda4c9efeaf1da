//! Lines for stderr, written by a thread.

use super::line_queue::{self, LineQueue};
use std::fmt::Display;
use std::io::{self, Write as _};
use std::sync::OnceLock;

static QUEUE: OnceLock<LineQueue> = OnceLock::new();

/// Starts the thread.
///
/// # Errors
/// The system cannot start a thread.
pub fn start() -> io::Result<()> {
    line_queue::register_metric();
    let queue = QUEUE.get_or_init(LineQueue::default);
    let write = |line: &[u8]| io::stderr().write_all(line);
    std::thread::Builder::new().name("log".into()).spawn(move || queue.write_all(write))?;
    Ok(())
}

/// Writes a line. It never fails.
pub fn line(text: impl Display) {
    write(format!("{text}\n").into_bytes());
}

/// Writes a line that ends with a line feed. It never fails.
pub fn write(line: Vec<u8>) {
    let written = match QUEUE.get() {
        Some(queue) => queue.push(line),
        None => io::stderr().write_all(&line).is_ok(),
    };
    if !written {
        line_queue::count_lost();
    }
}

/// Waits until all lines are written, for at most a second.
pub fn flush() {
    if let Some(queue) = QUEUE.get() {
        queue.flush();
    }
}
