//! A receiver of webhooks that records the messages.

use crate::server::Server;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};
use wire::webhooks::verify;

/// How long to wait for a message.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A received message.
#[derive(Debug, Clone)]
pub struct ReceivedMessage {
    /// Path and query.
    pub target: String,
    headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

impl ReceivedMessage {
    /// The value of a header; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        header.map_or("", |(_, value)| value.as_str())
    }

    /// The id of the message.
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether the signature is valid with this secret.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        #[expect(clippy::disallowed_methods, reason = "the real server uses the system clock")]
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let (at, signatures) = (self.header("webhook-timestamp"), self.header("webhook-signature"));
        verify(secret, self.id(), at, signatures, &self.body, now.try_into().unwrap()).is_ok()
    }
}

/// An HTTP server that records messages.
pub struct Receiver {
    pub address: SocketAddr,
    messages: mpsc::Receiver<ReceivedMessage>,
}

impl Receiver {
    /// `respond` gets the index of the message and returns the response after `HTTP/1.1 `; `None` for no
    /// response.
    pub fn start(respond: impl Fn(usize) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, messages) = mpsc::channel();
        std::thread::spawn(move || {
            let mut open_connections = Vec::new();
            for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let mut stream = BufReader::new(stream);
                let Some(message) = read(&mut stream) else { continue };
                if let Some(response) = respond(n) {
                    // Fails if the client has disconnected.
                    let _ = write!(stream.get_mut(), "HTTP/1.1 {response}");
                } else {
                    open_connections.push(stream);
                }
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { address, messages }
    }

    /// The URL for a webhook.
    pub fn url(&self) -> String {
        format!("http://{}/hook?x=1", self.address)
    }

    /// Waits for the next message.
    pub fn next(&self, server: &Server) -> ReceivedMessage {
        self.messages
            .recv_timeout(TIMEOUT)
            .unwrap_or_else(|_| panic!("no message received:\n{}", server.log()))
    }

    /// The messages that were received and not taken yet.
    pub fn take(&self) -> Vec<ReceivedMessage> {
        self.messages.try_iter().collect()
    }

    /// Waits until there is a message, at most this long.
    pub fn wait(&self, at_most: Duration) -> Option<ReceivedMessage> {
        self.messages.recv_timeout(at_most).ok()
    }

    /// Whether no further message was received.
    pub fn is_empty(&self) -> bool {
        self.messages.try_recv().is_err()
    }
}

/// The response that accepts a message.
pub const OK: &str = "200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine";

fn read(stream: &mut BufReader<TcpStream>) -> Option<ReceivedMessage> {
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
    assert!(first.starts_with("POST "), "{first}");
    let mut message =
        ReceivedMessage { target: first.split(' ').nth(1)?.to_owned(), headers, body: Vec::new() };
    message.body = vec![0; message.header("content-length").parse().ok()?];
    stream.read_exact(&mut message.body).ok()?;
    Some(message)
}
