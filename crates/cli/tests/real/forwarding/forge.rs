//! A forge that records the requests and responds as the test says.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A request that the forge has handled.
#[derive(Debug, Clone)]
pub struct Handled {
    /// Method and path.
    pub line: String,
    headers: Vec<(String, String)>,
    /// The body; null of a `GET`.
    pub body: Value,
    /// The number in the status of the response.
    pub status: u16,
}

impl Handled {
    /// The value of a header; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map_or("", |(_, value)| value.as_str())
    }

    /// The text of a field of the body.
    pub fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }
}

/// A response, after `HTTP/1.1 `, without its length.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: &'static str,
    pub body: &'static str,
    pub delay: Duration,
}

impl Answer {
    pub fn new(status: u16) -> Self {
        Self { status, headers: "", body: "", delay: Duration::ZERO }
    }
}

/// The forge.
pub struct Forge {
    pub address: SocketAddr,
    handled: Arc<Mutex<Vec<Handled>>>,
}

impl Forge {
    /// `respond` gets the number of requests that were received before, and the request.
    pub fn start(respond: impl Fn(usize, &Handled) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handled = Arc::new(Mutex::new(Vec::new()));
        let (respond, all) = (Arc::new(respond), Arc::clone(&handled));
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let (respond, all) = (Arc::clone(&respond), Arc::clone(&all));
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream);
                    let Some(mut request) = read(&mut stream) else { return };
                    let answer = respond(n, &request);
                    std::thread::sleep(answer.delay);
                    request.status = answer.status;
                    all.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                    // Fails if the server was killed.
                    let _ = write!(
                        stream.get_mut(),
                        "HTTP/1.1 {} X\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                        answer.status,
                        answer.headers,
                        answer.body.len(),
                        answer.body
                    );
                });
            }
        });
        Self { address, handled }
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of requests that were handled.
    pub fn count(&self) -> usize {
        self.handled.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The requests that were handled, in this order.
    pub fn handled(&self) -> Vec<Handled> {
        self.handled.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Handled> {
    let mut line = || -> Option<String> {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        Some(line.strip_suffix("\r\n")?.to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let first = first.strip_suffix(" HTTP/1.1")?.to_owned();
    let mut request = Handled { line: first, headers, body: Value::Null, status: 0 };
    let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    request.body = serde_json::from_slice(&body).unwrap_or_default();
    Some(request)
}
