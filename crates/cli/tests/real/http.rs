//! The least HTTP that the test needs: one keep-alive connection, every byte of an answer read or none of it believed.

use crate::server::TOKEN;
use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Nothing here takes this long unless it hangs.
const HANGS: Duration = Duration::from_secs(60);

/// A whole answer.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// A keep-alive connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    credential: &'static str,
}

impl Connection {
    /// Connects to a server that is known to run.
    pub fn open(address: SocketAddr) -> Self {
        Self::try_open(address).unwrap_or_else(|e| panic!("{address}: {e}"))
    }

    /// Connects to a server that may be dying.
    pub fn try_open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(HANGS))?;
        stream.set_write_timeout(Some(HANGS))?;
        Ok(Self { stream: BufReader::new(stream), credential: "X-Auth-Token" })
    }

    /// Shows the token in this header instead of `X-Auth-Token`.
    pub fn with_credential(self, credential: &'static str) -> Self {
        Self { credential, ..self }
    }

    /// Sends a request and reads the whole answer.
    pub fn request(&mut self, method: &str, path: &str, body: &str) -> Result<Answer> {
        self.send(method, path, "", body)
    }

    /// `POST`s what is safe to repeat under this key.
    pub fn post_once(&mut self, path: &str, key: &str, body: &str) -> Result<Answer> {
        self.send("POST", path, &format!("Idempotency-Key: {key}\r\n"), body)
    }

    fn send(&mut self, method: &str, path: &str, more: &str, body: &str) -> Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: crash.test\r\n{}: {TOKEN}\r\nContent-Type: application/json\r\n\
             {more}Content-Length: {}\r\n\r\n{body}",
            self.credential,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let status = status
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| odd("status line", &status))?;
        let mut length = None;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| odd("header", &line))?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
        }
        let mut bytes = vec![0; length.ok_or_else(|| odd("headers", "without Content-Length"))?];
        self.stream.read_exact(&mut bytes)?;
        let body = String::from_utf8(bytes).map_err(|_| odd("body", "not UTF-8"))?;
        Ok(Answer { status, body })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let whole = line.strip_suffix("\r\n").ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        Ok(whole.to_owned())
    }
}

fn odd(what: &str, got: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{what}: {got}"))
}
