//! A minimal HTTP client with one keep-alive connection. An incomplete response is an error.

use crate::server::TOKEN;
use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The timeout of a read or write.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The header line of JSON.
pub const JSON: &str = "Content-Type: application/json\r\n";

/// A complete response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: String,
}

/// A keep-alive connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    credential: &'static str,
    token: String,
}

impl Connection {
    /// Connects to a running server.
    pub fn open(address: SocketAddr) -> Self {
        Self::try_open(address).unwrap_or_else(|e| panic!("{address}: {e}"))
    }

    /// Connects to a server that may have been killed.
    pub fn try_open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(Self { stream: BufReader::new(stream), credential: "X-Auth-Token", token: TOKEN.to_owned() })
    }

    /// Sends the token in this header instead of `X-Auth-Token`.
    pub fn with_credential(self, credential: &'static str) -> Self {
        Self { credential, ..self }
    }

    /// Sends this token instead of the administrator's.
    pub fn with_token(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }

    /// Sends a request with JSON and reads the complete response.
    pub fn request(&mut self, method: &str, path: &str, body: &str) -> Result<Response> {
        self.request_with(method, path, JSON, body)
    }

    /// Sends a POST request with an idempotency key.
    pub fn post_idempotent(&mut self, path: &str, key: &str, body: &str) -> Result<Response> {
        self.request_with("POST", path, &format!("{JSON}Idempotency-Key: {key}\r\n"), body)
    }

    /// Sends a request with these header lines, each with its end, and reads the complete response.
    pub fn request_with(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Result<Response> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: crash.test\r\n{}: {}\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            self.credential,
            self.token,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let status = status
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| invalid("status line", &status))?;
        let mut length = None;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| invalid("header", &line))?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
        }
        let length = if status == 204 { Some(0) } else { length };
        let mut bytes = vec![0; length.ok_or_else(|| invalid("headers", "no Content-Length"))?];
        self.stream.read_exact(&mut bytes)?;
        let body = String::from_utf8(bytes).map_err(|_| invalid("body", "not UTF-8"))?;
        Ok(Response { status, body })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let line = line.strip_suffix("\r\n").ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        Ok(line.to_owned())
    }
}

fn invalid(part: &str, value: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{part}: {value}"))
}
