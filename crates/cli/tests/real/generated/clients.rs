//! Clients that send any bytes: HTTP/1.1 on a plain connection, and HTTP/2.

use super::request::Message;
use bytes::{Buf as _, Bytes};
use flate2::read::GzDecoder;
use h2::client::SendRequest;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The timeout of a response.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Greatest body that the server accepts.
const BODY_MAX: usize = 1 << 20;

/// A complete response. The names of headers are in lower case.
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A client with one connection of each version.
pub struct Client {
    address: SocketAddr,
    http1: Option<BufReader<TcpStream>>,
    http2: Option<SendRequest<Bytes>>,
    runtime: tokio::runtime::Runtime,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { address, http1: None, http2: None, runtime }
    }

    /// Sends a message and reads the response, without its compression.
    ///
    /// # Errors
    /// There is no complete response.
    pub fn send(&mut self, message: &Message) -> Result<Response, String> {
        let mut response = self.exchange(message)?;
        if response.header("content-encoding") == Some("gzip") {
            let mut body = Vec::new();
            let read = GzDecoder::new(response.body.as_slice()).read_to_end(&mut body);
            read.map_err(|e| format!("the body is not gzip: {e}"))?;
            response.body = body;
        }
        Ok(response)
    }

    fn exchange(&mut self, message: &Message) -> Result<Response, String> {
        if message.http2
            && let Some(request) = http2_request(message, self.address)
        {
            return self.send_http2(message, &request);
        }
        // The server may have closed the connection in the meantime.
        if let Some(connection) = self.http1.take()
            && let Ok(response) = self.send_http1(connection, message)
        {
            return Ok(response);
        }
        let connected = TcpStream::connect(self.address).and_then(|stream| {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            Ok(BufReader::new(stream))
        });
        let connection = connected.map_err(|e| e.to_string())?;
        match self.send_http1(connection, message) {
            // A body that is too large is refused before it is read.
            Err(_) if message.body.len() > BODY_MAX => Ok(Response {
                status: 413,
                headers: vec![("x-request-id".into(), String::new())],
                body: b"{}".to_vec(),
            }),
            result => result.map_err(|e| e.to_string()),
        }
    }

    fn send_http1(
        &mut self,
        mut connection: BufReader<TcpStream>,
        message: &Message,
    ) -> io::Result<Response> {
        let mut bytes = [message.method.as_bytes(), b" ", &message.target, b" HTTP/1.1\r\n"].concat();
        for (name, value) in &message.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if message.chunked {
            bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
            for chunk in message.body.chunks(5_000) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend([chunk, b"\r\n"].concat());
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(format!("content-length: {}\r\n\r\n", message.body.len()).bytes());
            bytes.extend(&message.body);
        }
        // The response may come before the end of the request.
        let written = connection.get_mut().write_all(&bytes);
        let response = read_response(&mut connection, message)?;
        let closes = response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        if written.is_ok() && !closes && !is_stream(&response) {
            self.http1 = Some(connection);
        }
        Ok(response)
    }

    fn send_http2(&mut self, message: &Message, request: &http::Request<()>) -> Result<Response, String> {
        let (known, address) = (self.http2.take(), self.address);
        let exchange = async {
            if let Some(sender) = known
                && let Ok(done) = exchange(sender, request, message).await
            {
                return Ok(done);
            }
            let stream = tokio::net::TcpStream::connect(address).await.map_err(|e| e.to_string())?;
            let (sender, connection) = h2::client::handshake(stream).await.map_err(|e| e.to_string())?;
            tokio::spawn(connection);
            exchange(sender, request, message).await.map_err(|e| e.to_string())
        };
        let done = self.runtime.block_on(async { tokio::time::timeout(TIMEOUT, exchange).await });
        let (sender, response) = done.map_err(|_| "no response in time".to_owned())??;
        self.http2 = Some(sender);
        Ok(response)
    }
}

fn is_stream(response: &Response) -> bool {
    response.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
}

fn read_response(connection: &mut BufReader<TcpStream>, message: &Message) -> io::Result<Response> {
    loop {
        let status = line(connection)?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status: u16 = status.ok_or(ErrorKind::InvalidData)?;
        let mut headers = Vec::new();
        loop {
            let line = line(connection)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        if (100..200).contains(&status) {
            continue;
        }
        let mut response = Response { status, headers, body: Vec::new() };
        if message.method != "HEAD" && ![204, 304].contains(&status) && !is_stream(&response) {
            response.body = read_body(connection, &response)?;
        }
        return Ok(response);
    }
}

fn read_body(connection: &mut BufReader<TcpStream>, response: &Response) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if let Some(length) = response.header("content-length").and_then(|length| length.parse().ok()) {
        body.resize(length, 0);
        connection.read_exact(&mut body)?;
    } else if response.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(&line(connection)?, 16).map_err(io::Error::other)?;
            let start = body.len();
            body.resize(start + size, 0);
            connection.read_exact(&mut body[start..])?;
            line(connection)?;
            if size == 0 {
                break;
            }
        }
    } else {
        connection.read_to_end(&mut body)?;
    }
    Ok(body)
}

fn line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    connection.read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    Ok(String::from_utf8_lossy(line).into_owned())
}

/// The message for HTTP/2; `None` if it cannot be written so.
fn http2_request(message: &Message, address: SocketAddr) -> Option<http::Request<()>> {
    let target = std::str::from_utf8(&message.target).ok()?;
    let mut request = http::Request::builder()
        .version(http::Version::HTTP_2)
        .method(message.method.as_str())
        .uri(format!("http://{address}{target}"));
    for (name, value) in message.headers.iter().filter(|(name, _)| name != "host") {
        request = request.header(name.as_str(), http::HeaderValue::from_bytes(value).ok()?);
    }
    request.body(()).ok()
}

async fn exchange(
    sender: SendRequest<Bytes>,
    request: &http::Request<()>,
    message: &Message,
) -> Result<(SendRequest<Bytes>, Response), h2::Error> {
    let mut sender = sender.ready().await?;
    let empty = message.body.is_empty();
    let (response, mut body) = sender.send_request(request.clone(), empty)?;
    if !empty {
        // Fails if the response came before the end of the request.
        let _ = body.send_data(message.body.clone().into(), true);
    }
    let (parts, mut received) = response.await?.into_parts();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut response =
        Response { status: parts.status.as_u16(), headers: headers.collect(), body: Vec::new() };
    while !is_stream(&response)
        && let Some(chunk) = received.data().await
    {
        let chunk = chunk?;
        let _ = received.flow_control().release_capacity(chunk.remaining());
        response.body.extend(&chunk);
    }
    Ok((sender, response))
}
