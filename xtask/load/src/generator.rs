//! The load generator: keep-alive connections on one thread. It must cost less than the servers, so requests
//! are built in advance, of responses only what is needed is parsed, and a response costs two system calls and
//! a share of one.

use crate::Outcome;
use crate::histogram::Histogram;
use crate::http::Head;
use crate::process;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The longest wait for the last responses.
const LAST: Duration = Duration::from_secs(60);

/// The requests of one connection.
pub trait Requests {
    /// Builds the next request; false after the last one.
    fn advance(&mut self) -> bool;
    /// The request that was built last.
    fn bytes(&self) -> &[u8];
    /// The number of reports in it.
    fn reports(&self) -> u64 {
        0
    }
}

/// Creates the requests of each connection.
pub type Load = Box<dyn Fn() -> Box<dyn Requests>>;

/// The result of a run.
pub struct Tally {
    /// Responses with a status of 2xx.
    pub good: u64,
    /// Reports in their requests.
    pub reports: u64,
    /// Other responses, and connections that failed.
    pub bad: u64,
    /// The first error.
    pub error: Option<String>,
    /// From the first request to the last response.
    pub time: Duration,
    /// Processor time of the generator.
    pub processor: Duration,
    /// The times from request to response.
    pub latency: Histogram,
}

impl Tally {
    fn new() -> Self {
        Self {
            good: 0,
            reports: 0,
            bad: 0,
            error: None,
            time: Duration::ZERO,
            processor: Duration::ZERO,
            latency: Histogram::new(),
        }
    }

    fn failed(&mut self, error: String) {
        self.bad += 1;
        self.error.get_or_insert(error);
    }
}

/// Sends requests on every connection until the time has elapsed or none is left, each after the response to the
/// one before.
///
/// # Errors
/// When the server cannot be reached, or does not respond at the end.
pub fn run(address: SocketAddr, load: &Load, connections: usize, time: Option<Duration>) -> Outcome<Tally> {
    drive(address, load, connections, time).map_err(|e| format!("{address}: {e}"))
}

fn drive(address: SocketAddr, load: &Load, count: usize, time: Option<Duration>) -> Result<Tally> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(count);
    let mut connections = Vec::with_capacity(count);
    for at in 0..count {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        poll.registry().register(&mut stream, Token(at), Interest::READABLE | Interest::WRITABLE)?;
        connections.push(Connection::new(stream, load()));
    }
    let mut tally = Tally::new();
    let (processor, began) = (process::thread_time(), Instant::now());
    let until = time.map(|time| began + time);
    let mut open = 0;
    for connection in &mut connections {
        connection.begin(began, until, &mut tally);
        open += usize::from(!connection.ended);
    }
    while open > 0 {
        let wait = until.map(|until| until.saturating_duration_since(Instant::now()) + LAST).unwrap_or(LAST);
        poll.poll(&mut events, Some(wait))?;
        if events.is_empty() {
            return Err(Error::new(ErrorKind::TimedOut, format!("{open} requests have no response")));
        }
        for event in &events {
            let connection = &mut connections[event.token().0];
            if !connection.ended {
                connection.proceed(until, &mut tally);
                open -= usize::from(connection.ended);
            }
        }
    }
    // Responses after the end are counted, so their time is counted as well.
    tally.time = began.elapsed();
    tally.processor = process::thread_time().saturating_sub(processor);
    Ok(tally)
}

/// A connection with at most one request in progress.
struct Connection {
    stream: TcpStream,
    requests: Box<dyn Requests>,
    began: Instant,
    sent: usize,
    buffer: Vec<u8>,
    filled: usize,
    ended: bool,
}

impl Connection {
    fn new(stream: TcpStream, requests: Box<dyn Requests>) -> Self {
        let now = Instant::now();
        Self { stream, requests, began: now, sent: 0, buffer: vec![0; 16 * 1024], filled: 0, ended: false }
    }

    /// Sends the next request, unless the time has elapsed.
    fn begin(&mut self, now: Instant, until: Option<Instant>, tally: &mut Tally) {
        if until.is_some_and(|until| now >= until) || !self.requests.advance() {
            self.ended = true;
            return;
        }
        (self.began, self.sent, self.filled) = (now, 0, 0);
        if let Err(e) = self.send() {
            self.fail(&e, tally);
        }
    }

    /// Sends and reads what the socket takes and has. The system reports a socket once for each change, so this
    /// goes on until the socket has no more.
    fn proceed(&mut self, until: Option<Instant>, tally: &mut Tally) {
        match self.send().and_then(|()| self.receive()) {
            Ok(None) => {}
            Ok(Some(head)) => {
                let now = Instant::now();
                tally.latency.add(now - self.began);
                if (200..300).contains(&head.status) {
                    tally.good += 1;
                    tally.reports += self.requests.reports();
                } else {
                    tally.failed(String::from_utf8_lossy(&self.buffer[..self.filled]).into_owned());
                }
                self.begin(now, until, tally);
            }
            Err(e) => self.fail(&e, tally),
        }
    }

    /// This connection ends; the others continue.
    fn fail(&mut self, error: &Error, tally: &mut Tally) {
        tally.failed(error.to_string());
        self.ended = true;
    }

    fn send(&mut self) -> Result<()> {
        while self.sent < self.requests.bytes().len() {
            match self.stream.write(&self.requests.bytes()[self.sent..]) {
                Ok(written) => self.sent += written,
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Reads until the response is complete; `None` when the socket has no more yet.
    fn receive(&mut self) -> Result<Option<Head>> {
        loop {
            let free = self.buffer.len() - self.filled;
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    self.filled += read;
                    if let Some(head) = Head::read(&self.buffer[..self.filled])? {
                        let whole = head.length + head.body;
                        if self.filled >= whole {
                            return Ok(Some(head));
                        }
                        if whole > self.buffer.len() {
                            self.buffer.resize(whole, 0);
                        }
                    }
                    if read < free {
                        return Ok(None);
                    }
                    if self.filled == self.buffer.len() {
                        return Err(Error::new(ErrorKind::InvalidData, "a head without end"));
                    }
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}
