//! `--audit-log`: the entries of the audit log as JSON lines, to a file or to stdout, after their commits. A thread
//! writes them, so that no request waits for the disk. Lines that cannot be written are counted, and are only in the
//! store.

use super::file_error;
use super::line_file::{self, LineFile};
use domain::model::audit::Entry;
use domain::ports::AuditSink;
use edge::audit_line;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Most commits whose entries wait to be written.
const WAITING_MAX: usize = 1_000;
/// How long the stop of the server waits for what is not written yet.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Only the server reads it.
const MODE: u32 = 0o600;

/// The destination of the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditLogTarget {
    /// Standard output.
    Stdout,
    /// A file, which is appended to.
    File(PathBuf),
}

enum Message {
    Entries(Vec<Entry>),
    Reopen,
    End,
}

/// The thread that writes.
pub struct AuditLog {
    messages: SyncSender<Message>,
    thread: JoinHandle<()>,
    reopen: Arc<AtomicBool>,
}

/// Makes the thread open its file again.
#[derive(Clone)]
pub struct Reopen {
    messages: SyncSender<Message>,
    is_requested: Arc<AtomicBool>,
}

impl Reopen {
    /// Opens the file again before the next line, for a program that has renamed it.
    pub fn request(&self) {
        self.is_requested.store(true, Ordering::Release);
        // With a full queue, the next line that is written opens the file.
        let _ = self.messages.try_send(Message::Reopen);
    }
}

impl AuditLog {
    /// Opens the target and starts the thread.
    ///
    /// # Errors
    /// A message in one line.
    pub fn start(target: AuditLogTarget) -> Result<Self, String> {
        metrics::describe_counter!(
            "stagepost_audit_log_lines_total",
            "Entries of the audit log for --audit-log, by result: written or lost"
        );
        for result in ["written", "lost"] {
            counter(result).increment(0);
        }
        let reopen = Arc::new(AtomicBool::new(false));
        let mut output = Output::new(target, Arc::clone(&reopen));
        if let (Err(error), Some(file)) = (output.open(), &output.file) {
            return Err(file_error(file.path(), &error));
        }
        let (messages, received) = sync_channel(WAITING_MAX);
        let thread = std::thread::Builder::new().name("stagepost-audit".into());
        let thread = thread.spawn(move || output.run(&received)).map_err(|e| e.to_string())?;
        Ok(Self { messages, thread, reopen })
    }

    /// Takes the entries of the store.
    pub fn sink(&self) -> AuditSink {
        let messages = self.messages.clone();
        Arc::new(move |entries: Vec<Entry>| {
            let count = entries.len() as u64;
            if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
                messages.try_send(Message::Entries(entries))
            {
                counter("lost").increment(count);
            }
        })
    }

    /// Opens the file again on request.
    pub fn reopen(&self) -> Reopen {
        Reopen { messages: self.messages.clone(), is_requested: Arc::clone(&self.reopen) }
    }

    /// Writes what waits and ends the thread, for at most five seconds.
    pub fn stop(self) {
        let started = Instant::now();
        let mut end = Message::End;
        while let Err(TrySendError::Full(returned)) = self.messages.try_send(end) {
            if started.elapsed() > STOP_TIMEOUT {
                return;
            }
            end = returned;
            std::thread::sleep(Duration::from_millis(10));
        }
        while !self.thread.is_finished() && started.elapsed() < STOP_TIMEOUT {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn counter(result: &'static str) -> metrics::Counter {
    metrics::counter!("stagepost_audit_log_lines_total", "result" => result)
}

struct Output {
    /// `None`: stdout.
    file: Option<LineFile>,
    /// The last line on stdout is incomplete.
    is_cut: bool,
    is_failing: bool,
    /// The file is to be opened again before the next line.
    reopen: Arc<AtomicBool>,
}

impl Output {
    fn new(target: AuditLogTarget, reopen: Arc<AtomicBool>) -> Self {
        let file = match target {
            AuditLogTarget::Stdout => None,
            AuditLogTarget::File(path) => Some(LineFile::new(path, MODE)),
        };
        Self { file, is_cut: false, is_failing: false, reopen }
    }

    fn open(&mut self) -> io::Result<()> {
        // The former file stays in use if the new one cannot be opened.
        self.file.as_mut().map_or(Ok(()), LineFile::open)
    }

    fn run(mut self, messages: &Receiver<Message>) {
        while let Ok(message) = messages.recv() {
            match message {
                Message::Entries(entries) => entries.iter().for_each(|entry| self.add(entry)),
                Message::Reopen => self.open_if_requested(),
                Message::End => return,
            }
        }
    }

    fn open_if_requested(&mut self) {
        if !self.reopen.swap(false, Ordering::AcqRel) {
            return;
        }
        match self.open() {
            Ok(()) => tracing::info!("SIGHUP: the file of the audit log was opened again"),
            Err(error) => tracing::error!(%error, "SIGHUP: cannot open the file of the audit log"),
        }
    }

    /// Writes a line. One that cannot be written is counted, and the server goes on.
    fn add(&mut self, entry: &Entry) {
        self.open_if_requested();
        let written = audit_line(entry).map_err(io::Error::other).and_then(|line| self.write(&line));
        match written {
            Ok(()) => {
                counter("written").increment(1);
                if std::mem::take(&mut self.is_failing) {
                    tracing::info!("the audit log is written again");
                }
            }
            Err(error) => {
                counter("lost").increment(1);
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(%error, "the audit log cannot be written; its entries are in the store only");
                }
            }
        }
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\n");
        match &mut self.file {
            Some(file) => file.append(line.as_bytes()),
            None => {
                let mut stdout = io::stdout();
                line_file::write_line(&mut stdout, &mut self.is_cut, line.as_bytes())?;
                stdout.flush()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_loses_lines_and_goes_on() {
        let mut output = Output::new(AuditLogTarget::File("/dev/full".into()), Arc::default());
        output.open().unwrap();
        assert_eq!(output.write("one").unwrap_err().kind(), io::ErrorKind::StorageFull);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit.log");
        let mut output = Output::new(AuditLogTarget::File(path.clone()), Arc::default());
        output.write("two").unwrap();
        output.write("three").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two\nthree\n");
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
