//! The load generator: keep-alive connections on one thread, requests that are built in advance, and
//! responses of which no more is parsed than needed.

use crate::server::TOKEN;
use crate::{JOBS, Outcome};
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What the connections send.
#[derive(Clone)]
pub enum Load {
    /// The same bytes each time.
    Same(Vec<u8>),
    /// A report of a new job each time, to the repository with this id; [`JOBS`] jobs make a pipeline.
    Reports(i64),
}

/// The result of a run.
pub struct Tally {
    /// Responses with a status of 2xx.
    pub good: u64,
    /// Other responses, and connections that failed.
    pub bad: u64,
    /// Good responses per second.
    pub rate: f64,
}

/// Sends requests on every connection for a time, each after the response to the one before.
pub async fn run(address: SocketAddr, load: &Load, connections: usize, time: Duration) -> Outcome<Tally> {
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await.map_err(|e| format!("{address}: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        streams.push(stream);
    }
    let began = Instant::now();
    let until = began + time;
    let mut tasks = JoinSet::new();
    for stream in streams {
        tasks.spawn(busy(stream, Requests::new(load), until));
    }
    let (mut good, mut bad) = (0, 0);
    while let Some(done) = tasks.join_next().await {
        let (fine, wrong) = done.map_err(|e| e.to_string())?;
        good += fine;
        bad += wrong;
    }
    // Responses after the end are counted, so their time is counted as well.
    let took = began.elapsed().as_secs_f64();
    Ok(Tally { good, bad, rate: good as f64 / took })
}

async fn busy(mut stream: TcpStream, mut requests: Requests, until: Instant) -> (u64, u64) {
    let (mut good, mut bad) = (0, 0);
    let mut buffer = vec![0; 64 * 1024];
    while Instant::now() < until {
        match exchange(&mut stream, requests.next(), &mut buffer).await {
            Ok(200..=299) => good += 1,
            Ok(_) => bad += 1,
            // This connection ends; the others continue.
            Err(_) => return (good, bad + 1),
        }
    }
    (good, bad)
}

/// Sends a request, reads the whole response, and returns its status.
async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> Result<u16> {
    stream.write_all(request).await?;
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        filled += read;
        if let Some(head) = Head::read(&buffer[..filled])? {
            let whole = head.length + head.body;
            if whole > buffer.len() {
                buffer.resize(whole, 0);
            }
            if filled < whole {
                stream.read_exact(&mut buffer[filled..whole]).await?;
            }
            return Ok(head.status);
        }
        if filled == buffer.len() {
            return Err(invalid("a head without end"));
        }
    }
}

/// Sends one request on a new connection, and returns the head and the body of the response.
pub async fn once(address: SocketAddr, request: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    let mut buffer = vec![0; 1024 * 1024];
    exchange(&mut stream, request, &mut buffer).await?;
    let head = Head::read(&buffer)?.ok_or_else(|| invalid("no head"))?;
    Ok((buffer[..head.length].to_vec(), buffer[head.length..head.length + head.body].to_vec()))
}

/// A request for [`once`] or [`Load::Same`].
pub fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: stagepost.test\r\nX-Auth-Token: {TOKEN}\r\n");
    if method != "GET" {
        head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    (head + "\r\n" + body).into_bytes()
}

struct Head {
    status: u16,
    length: usize,
    body: usize,
}

impl Head {
    /// Parses a head; `None` while it is incomplete.
    fn read(bytes: &[u8]) -> Result<Option<Self>> {
        let mut status = None;
        let mut body = None;
        let mut at = 0;
        while let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n') {
            let line = bytes[at..at + end].trim_ascii_end();
            at += end + 1;
            if line.is_empty() {
                let status = status.ok_or_else(|| invalid("no status line"))?;
                let body = body.ok_or_else(|| invalid("no Content-Length"))?;
                return Ok(Some(Self { status, length: at, body }));
            }
            if status.is_none() {
                status = line.get(9..12).and_then(number);
            } else if let Some((name, value)) = line.split_at_checked("content-length:".len())
                && name.eq_ignore_ascii_case(b"content-length:")
            {
                body = number(value.trim_ascii());
            }
        }
        Ok(None)
    }
}

fn number<N: std::str::FromStr>(digits: &[u8]) -> Option<N> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn invalid(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// Builds the requests of one connection. A report is built by writing numbers into the bytes of the one
/// before.
struct Requests {
    bytes: Vec<u8>,
    fields: Option<Fields>,
    count: u64,
}

/// The offsets of the numbers in a report, and the number that only this connection uses.
struct Fields {
    sha: usize,
    name: usize,
    build: usize,
    connection: u64,
}

impl Requests {
    fn new(load: &Load) -> Self {
        match load {
            Load::Same(bytes) => Self { bytes: bytes.clone(), fields: None, count: 0 },
            Load::Reports(repository) => {
                let body = format!(
                    r#"{{"sha":"{:040}","ref":"main","stage":"build","name":"job-{:016}","status":"success","third_build_id":"{:032}","target_url":"https://ci.example.com/job/1"}}"#,
                    0, 0, 0
                );
                let path = format!("/native/v1/repositories/{repository}/reports");
                let bytes = request("POST", &path, &body);
                let end_of = |text: &[u8]| {
                    let found = bytes.windows(text.len()).position(|window| window == text);
                    found.map_or(0, |start| start + text.len())
                };
                let fields = Fields {
                    sha: end_of(b"\"sha\":\""),
                    name: end_of(b"\"name\":\"job-"),
                    build: end_of(b"\"third_build_id\":\""),
                    connection: unique(),
                };
                Self { bytes, fields: Some(fields), count: 0 }
            }
        }
    }

    fn next(&mut self) -> &[u8] {
        if let Some(Fields { sha, name, build, connection }) = self.fields {
            let (pipeline, job) = (self.count / JOBS, self.count % JOBS);
            write_hex(&mut self.bytes[sha..sha + 16], connection);
            write_hex(&mut self.bytes[sha + 24..sha + 40], pipeline);
            write_hex(&mut self.bytes[name..name + 16], job);
            write_hex(&mut self.bytes[build..build + 16], connection);
            write_hex(&mut self.bytes[build + 16..build + 32], self.count);
            self.count += 1;
        }
        &self.bytes
    }
}

fn write_hex(digits: &mut [u8], mut value: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}

/// A number that no other connection of this process uses.
fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
