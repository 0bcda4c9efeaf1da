//! The part of HTTP/1.1 that the measurement needs: bytes of requests, heads of responses, and single
//! requests.

use crate::Outcome;
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The value of `Host` in every request.
pub const HOST: &str = "stagepost.test";
/// The longest wait for a single response.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The bytes of a request with some headers; a body is JSON.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if method != "GET" {
        head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    (head + "\r\n" + body).into_bytes()
}

/// The values that are read from the head of a response.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The length of the head in bytes, with the empty line.
    pub length: usize,
    /// The length of the body in bytes.
    pub body: usize,
}

impl Head {
    /// Parses a head; `None` while it is incomplete.
    ///
    /// # Errors
    /// Without a status, or without a `Content-Length` unless the status is 204.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>> {
        let (mut status, mut body, mut at) = (None, None, 0);
        while let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n') {
            let line = bytes[at..at + end].trim_ascii_end();
            at += end + 1;
            if line.is_empty() {
                let status = status.ok_or_else(|| invalid("no status line"))?;
                // A 204 has no body (RFC 9110, section 15.3.5).
                let body = if status == 204 { Some(0) } else { body };
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

/// A whole response.
pub struct Response {
    /// The head, with the empty line.
    pub head: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The response, if its status is 2xx.
    ///
    /// # Errors
    /// With the response as text otherwise.
    pub fn success(self) -> Outcome<Self> {
        if self.head.get(9) == Some(&b'2') {
            return Ok(self);
        }
        let [head, body] = [&self.head, &self.body].map(|part| String::from_utf8_lossy(part));
        Err(format!("{}{body}", head.trim_start()))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Outcome<serde_json::Value> {
        serde_json::from_slice(&self.body).map_err(|e| format!("the response is not JSON: {e}"))
    }
}

/// Sends one request on a new connection.
///
/// # Errors
/// When the server does not respond.
pub fn once(address: SocketAddr, request: &[u8]) -> Outcome<Response> {
    exchange(address, request).map_err(|e| format!("{address}: {e}"))
}

fn exchange(address: SocketAddr, request: &[u8]) -> Result<Response> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(head) = Head::read(&bytes)?
            && bytes.len() >= head.length + head.body
        {
            let body = bytes[head.length..head.length + head.body].to_vec();
            bytes.truncate(head.length);
            return Ok(Response { head: bytes, body });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_complete_with_its_empty_line() {
        let bytes = b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\nX-Total: 20\r\n\r\nhello";
        let head = Head { status: 201, length: bytes.len() - 5, body: 5 };
        assert_eq!(Head::read(bytes).unwrap(), Some(head));
        assert_eq!(Head::read(&bytes[..30]).unwrap(), None);
        assert!(Head::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn a_request_has_a_length_only_with_a_body() {
        let get = request("GET", "/x", &[("PRIVATE-TOKEN", "t")], "");
        assert_eq!(get, b"GET /x HTTP/1.1\r\nHost: stagepost.test\r\nPRIVATE-TOKEN: t\r\n\r\n");
        let post = String::from_utf8(request("POST", "/x", &[], "{}")).unwrap();
        assert!(post.ends_with("Content-Length: 2\r\n\r\n{}"), "{post}");
    }
}
