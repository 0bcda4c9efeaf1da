//! The load generator: keep-alive connections on one thread, requests made beforehand, answers read no further than they must be.

use super::JOBS;
use super::server::TOKEN;
use crate::Outcome;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What is sent.
#[derive(Clone)]
pub enum Sends {
    /// The same bytes each time.
    Same(Vec<u8>),
    /// A report of a new job each time, to this repository; every 20 jobs are a new pipeline.
    Reports(i64),
}

/// What a run came to.
pub struct Tally {
    /// Answers with a status of 2xx.
    pub good: u64,
    /// Other answers, and connections that broke.
    pub bad: u64,
    /// Good answers a second.
    pub rate: f64,
}

/// Keeps every connection busy for a time.
pub async fn run(address: SocketAddr, sends: &Sends, connections: usize, time: Duration) -> Outcome<Tally> {
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
        tasks.spawn(busy(stream, Maker::new(sends), until));
    }
    let (mut good, mut bad) = (0, 0);
    while let Some(done) = tasks.join_next().await {
        let (fine, wrong) = done.map_err(|e| e.to_string())?;
        good += fine;
        bad += wrong;
    }
    // Answers that came after the end are counted, so their time is too.
    let took = began.elapsed().as_secs_f64();
    Ok(Tally { good, bad, rate: good as f64 / took })
}

async fn busy(mut stream: TcpStream, mut maker: Maker, until: Instant) -> (u64, u64) {
    let (mut good, mut bad) = (0, 0);
    let mut buffer = vec![0; 64 * 1024];
    while Instant::now() < until {
        match exchange(&mut stream, maker.next(), &mut buffer).await {
            Ok(200..=299) => good += 1,
            Ok(_) => bad += 1,
            // The connection is of no more use; the others go on.
            Err(_) => return (good, bad + 1),
        }
    }
    (good, bad)
}

/// Sends a request and reads the whole answer; its status.
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
            return Err(odd("a head without end"));
        }
    }
}

/// Sends one request on a new connection; the head, and the body.
pub async fn once(address: SocketAddr, request: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    let mut buffer = vec![0; 1024 * 1024];
    exchange(&mut stream, request, &mut buffer).await?;
    let head = Head::read(&buffer)?.ok_or_else(|| odd("no head"))?;
    Ok((buffer[..head.length].to_vec(), buffer[head.length..head.length + head.body].to_vec()))
}

/// A request for [`once`] or [`Sends::Same`].
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
    /// `None`: not all of it is there yet.
    fn read(bytes: &[u8]) -> Result<Option<Self>> {
        let mut status = None;
        let mut body = None;
        let mut at = 0;
        while let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n') {
            let line = bytes[at..at + end].trim_ascii_end();
            at += end + 1;
            if line.is_empty() {
                let status = status.ok_or_else(|| odd("no status line"))?;
                let body = body.ok_or_else(|| odd("no Content-Length"))?;
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

fn odd(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// Makes the requests of one connection; reports by writing numbers into the bytes of the last one.
struct Maker {
    bytes: Vec<u8>,
    fields: Option<Fields>,
    count: u64,
}

/// Where the numbers of a report lie, and what sets this connection's apart from all others.
struct Fields {
    sha: usize,
    name: usize,
    build: usize,
    own: u64,
}

impl Maker {
    fn new(sends: &Sends) -> Self {
        match sends {
            Sends::Same(bytes) => Self { bytes: bytes.clone(), fields: None, count: 0 },
            Sends::Reports(repository) => {
                let body = format!(
                    r#"{{"sha":"{:040}","ref":"main","stage":"build","name":"job-{:016}","status":"success","third_build_id":"{:032}","target_url":"https://ci.example.com/job/1"}}"#,
                    0, 0, 0
                );
                let path = format!("/native/v1/repositories/{repository}/reports");
                let bytes = request("POST", &path, &body);
                let at = |mark: &[u8]| {
                    let found = bytes.windows(mark.len()).position(|window| window == mark);
                    found.map_or(0, |start| start + mark.len())
                };
                let fields = Fields {
                    sha: at(b"\"sha\":\""),
                    name: at(b"\"name\":\"job-"),
                    build: at(b"\"third_build_id\":\""),
                    own: unique(),
                };
                Self { bytes, fields: Some(fields), count: 0 }
            }
        }
    }

    fn next(&mut self) -> &[u8] {
        if let Some(Fields { sha, name, build, own }) = self.fields {
            let (pipeline, job) = (self.count / JOBS, self.count % JOBS);
            write_hex(&mut self.bytes[sha..sha + 16], own);
            write_hex(&mut self.bytes[sha + 24..sha + 40], pipeline);
            write_hex(&mut self.bytes[name..name + 16], job);
            write_hex(&mut self.bytes[build..build + 16], own);
            write_hex(&mut self.bytes[build + 16..build + 32], self.count);
            self.count += 1;
        }
        &self.bytes
    }
}

fn write_hex(place: &mut [u8], mut value: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}

/// A number that no other connection of this process has.
fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
