//! Event streams that are followed across the ends of the server: every event arrives once, in order and
//! without gaps, and the server has the same events afterwards.

use super::Stopped;
use crate::server::TOKEN;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a stream without data looks for the end of the cycle.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The timeout of the first event of a stream.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The follower of a repository.
pub struct Follower {
    repository: &'static str,
    /// A digest of each received event; the first one has the number 1.
    digests: Vec<u64>,
}

/// An event of the stream.
struct Event {
    name: String,
    id: usize,
    data: String,
}

impl Follower {
    pub fn new(repository: &'static str) -> Self {
        Self { repository, digests: Vec::new() }
    }

    /// The number of the last received event.
    pub fn last(&self) -> usize {
        self.digests.len()
    }

    /// Receives events until the server ends, or until the end of the cycle if that is another server.
    ///
    /// # Errors
    /// An event is missing or comes twice; the connection is lost before the end of the cycle.
    pub fn follow(&mut self, address: SocketAddr, ending: &AtomicBool) -> Result<(), Stopped> {
        let mut stream = Stream::open(address, self.repository, self.last(), POLL_INTERVAL)?;
        while let Some(event) = stream.next(ending)? {
            self.receive(&event)?;
        }
        Ok(())
    }

    fn receive(&mut self, event: &Event) -> Result<(), Stopped> {
        let (repository, last) = (self.repository, self.last());
        match event.name.as_str() {
            "ready" | "ping" if event.id == last => {}
            "job" | "pipeline_imported" | "pipeline_gone" if event.id == last + 1 => {
                self.digests.push(digest(&event.data));
            }
            name => {
                let id = event.id;
                return Err(Stopped::wrong(format!(
                    "repository {repository}: {name} {id} comes after {last}"
                )));
            }
        }
        Ok(())
    }

    /// Reads all events of the repository from the first one, compares them with those that were received,
    /// and passes them to `check`. Returns their number.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare(&self, address: SocketAddr, mut check: impl FnMut(&Value)) -> Result<usize, Stopped> {
        let never = AtomicBool::new(false);
        let last = Stream::newest(address, self.repository)?;
        if last < self.last() {
            return Err(Stopped::wrong(format!("event {} was received, the server has {last}", self.last())));
        }
        let mut stream = Stream::open(address, self.repository, 0, TIMEOUT)?;
        let mut again = Self::new(self.repository);
        while again.last() < last {
            let Some(event) = stream.next(&never)? else { continue };
            again.receive(&event)?;
            check(&serde_json::from_str(&event.data).unwrap_or_default());
        }
        match self.digests.iter().zip(&again.digests).position(|(received, now)| received != now) {
            Some(at) => {
                Err(Stopped::wrong(format!("event {} of {} is another one now", at + 1, self.repository)))
            }
            None => Ok(last),
        }
    }
}

fn digest(data: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    hasher.finish()
}

/// A stream of events.
struct Stream {
    lines: BufReader<TcpStream>,
    /// The beginning of a line that has not arrived completely.
    line: Vec<u8>,
}

impl Stream {
    fn open(address: SocketAddr, repository: &str, after: usize, wait: Duration) -> Result<Self, Stopped> {
        Ok(Self::request(address, repository, &format!("Last-Event-ID: {after}\r\n"), wait)?)
    }

    /// The number of the last event.
    fn newest(address: SocketAddr, repository: &str) -> Result<usize, Stopped> {
        let first = Self::request(address, repository, "", TIMEOUT)?.next(&AtomicBool::new(false))?;
        Ok(first.map_or(0, |event| event.id))
    }

    fn request(
        address: SocketAddr,
        repository: &str,
        headers: &str,
        wait: Duration,
    ) -> std::io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(wait))?;
        let path = format!("/native/v1/events?repository={repository}");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: crash.test\r\nX-Auth-Token: {TOKEN}\r\n{headers}\r\n");
        stream.write_all(request.as_bytes())?;
        Ok(Self { lines: BufReader::new(stream), line: Vec::new() })
    }

    /// The next event; `None` at the end of the cycle. Lines that end with CR belong to the header or to the
    /// chunked encoding.
    fn next(&mut self, ending: &AtomicBool) -> std::io::Result<Option<Event>> {
        let mut event = Event { name: String::new(), id: 0, data: String::new() };
        loop {
            match self.lines.read_until(b'\n', &mut self.line) {
                Ok(_) if !self.line.ends_with(b"\n") => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if ending.load(Ordering::SeqCst) {
                        return Ok(None);
                    }
                    continue;
                }
                Err(e) => return Err(e),
            }
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            if line.starts_with("HTTP/1.1 ") && !line.starts_with("HTTP/1.1 200") {
                return Err(std::io::Error::other(line));
            }
            match line.split_once(": ") {
                _ if line.ends_with("\r\n") => {}
                Some(("event", name)) => name.trim_end().clone_into(&mut event.name),
                Some(("id", id)) => event.id = id.trim_end().parse().map_err(std::io::Error::other)?,
                Some(("data", data)) => data.trim_end().clone_into(&mut event.data),
                _ if line == "\n" && !event.name.is_empty() => return Ok(Some(event)),
                _ => {}
            }
        }
    }
}
