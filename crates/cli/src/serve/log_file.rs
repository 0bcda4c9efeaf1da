//! `--log-file`: the log in a file. A thread writes it, opens it again at SIGHUP and after it was renamed, and writes
//! to stderr while the file cannot be opened or written.

use super::line_file::LineFile;
use super::line_queue::{self, LineQueue};
use super::stderr;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The group may read it, as programs that collect logs do.
const MODE: u32 = 0o640;

static LINES: OnceLock<Lines> = OnceLock::new();

#[derive(Default)]
struct Lines {
    queue: LineQueue,
    /// The file is to be opened again before the next line.
    reopen: AtomicBool,
}

/// Starts the thread. It opens the file for the first line.
///
/// # Errors
/// The system cannot start a thread.
pub fn start(path: PathBuf) -> io::Result<()> {
    let lines = LINES.get_or_init(Lines::default);
    let mut log = LogFile::new(path);
    std::thread::Builder::new().name("log-file".into()).spawn(move || {
        lines.queue.write_all(|line| {
            log.write(line, lines.reopen.swap(false, Ordering::AcqRel));
            Ok(())
        });
    })?;
    Ok(())
}

/// Opens the file again, for a program that has renamed it.
pub fn reopen() {
    if let Some(lines) = LINES.get() {
        lines.reopen.store(true, Ordering::Release);
        // With a full queue, the next line opens the file.
        lines.queue.push(Vec::new());
    }
}

/// Waits until all lines are written, for at most a second.
pub fn flush() {
    if let Some(lines) = LINES.get() {
        lines.queue.flush();
    }
}

/// The writer of the log: the file, or stderr without one. It never fails.
pub struct Log;

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match LINES.get() {
            Some(lines) if lines.queue.push(line.to_vec()) => {}
            Some(_) => line_queue::count_lost(),
            None => stderr::write(line.to_vec()),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct LogFile {
    file: LineFile,
    /// The last line went to stderr.
    is_failing: bool,
}

impl LogFile {
    fn new(path: PathBuf) -> Self {
        Self { file: LineFile::new(path, MODE), is_failing: false }
    }

    /// Writes a line to the file, or to stderr. An empty one only opens the file.
    fn write(&mut self, line: &[u8], reopen: bool) {
        let is_former = self.file.is_open() && (reopen || self.file.is_renamed());
        if is_former {
            self.file.close();
        }
        match self.file.append(line) {
            // Opening alone does not show that there is space.
            Ok(()) if !line.is_empty() && std::mem::take(&mut self.is_failing) => {
                tracing::info!("the log file is written again");
            }
            Ok(()) if is_former => tracing::info!("the log file was opened again"),
            Ok(()) => {}
            Err(error) => {
                if !line.is_empty() {
                    stderr::write(line.to_vec());
                }
                if !std::mem::replace(&mut self.is_failing, true) {
                    let path = self.file.path().display();
                    tracing::error!(%path, %error, "cannot write the log file; the log goes to stderr");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_opened_is_tried_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut log = LogFile::new(path.clone());
        log.write(b"one\n", false);
        assert!(!log.is_failing);
        std::fs::rename(&path, directory.path().join("log.1")).unwrap();
        std::fs::create_dir(&path).unwrap();
        log.write(b"two\n", true);
        assert!(log.is_failing);
        std::fs::remove_dir(&path).unwrap();
        log.write(b"", true);
        assert!(log.is_failing, "no line is written yet");
        log.write(b"three\n", false);
        assert!(!log.is_failing);
        assert_eq!(std::fs::read_to_string(directory.path().join("log.1")).unwrap(), "one\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three\n");
    }

    #[test]
    fn a_request_opens_the_file_without_a_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut log = LogFile::new(path.clone());
        log.write(b"one\n", false);
        std::fs::rename(&path, directory.path().join("log.1")).unwrap();
        log.write(b"", true);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    }
}
