//! HTTP/2 with prior knowledge, in hand-made frames. Header fields are plain literals, so that no HPACK
//! encoder is needed.

use std::time::Duration;

use edge::http::listen::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{LONG, Raw, Server};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;
/// `:status: 200` is entry 8 of the static table.
const OK: u8 = 0x88;

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

struct Client(TcpStream);

impl Client {
    async fn connect(server: &Server) -> Self {
        let Raw(mut stream) = server.connect().await;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        let mut client = Self(stream);
        client.send(SETTINGS, 0, 0, &[]).await;
        client
    }

    async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        // The server may have closed the connection already; the tests check the frames that it sent before.
        let _ = self.0.write_all(&frame).await;
    }

    async fn get(&mut self, stream: u32, path: &str, more: &[(&str, &str)]) {
        let mut block = Vec::new();
        let fixed = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", path)];
        for (name, value) in fixed.iter().chain(more) {
            block.push(0);
            for text in [name, value] {
                push_length(&mut block, text.len());
                block.extend(text.as_bytes());
            }
        }
        let mut chunks = block.chunks(16_384).enumerate().peekable();
        while let Some((at, chunk)) = chunks.next() {
            let end = if chunks.peek().is_none() { END_HEADERS } else { 0 };
            let (kind, flags) = if at == 0 { (HEADERS, END_STREAM | end) } else { (CONTINUATION, end) };
            self.send(kind, flags, stream, chunk).await;
        }
    }

    /// The next frame other than control frames; `None` when the connection is closed.
    async fn next(&mut self) -> Option<Frame> {
        timeout(LONG, self.read()).await.expect("silence")
    }

    async fn read(&mut self) -> Option<Frame> {
        loop {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).await.ok()?;
            let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
            self.0.read_exact(&mut payload).await.ok()?;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            let frame = Frame { kind: head[3], flags: head[4], stream, payload };
            match frame.kind {
                SETTINGS if frame.flags & ACK == 0 => self.send(SETTINGS, ACK, 0, &[]).await,
                PING if frame.flags & ACK == 0 => self.send(PING, ACK, 0, &frame.payload).await,
                HEADERS | DATA | RESET | GOAWAY => return Some(frame),
                _ => {}
            }
        }
    }

    /// The body of a 200 on this stream.
    async fn body(&mut self, stream: u32) -> String {
        let mut body = Vec::new();
        loop {
            let frame = self.next().await.expect("closed");
            assert_eq!(frame.stream, stream, "kind {}", frame.kind);
            match frame.kind {
                HEADERS => assert!(frame.payload.contains(&OK), "not 200: {:?}", frame.payload),
                DATA => body.extend(frame.payload),
                other => panic!("frame of kind {other}"),
            }
            if frame.flags & END_STREAM != 0 {
                return String::from_utf8(body).unwrap();
            }
        }
    }
}

/// HPACK's integer with a prefix of 7 bits (RFC 7541, 5.1).
fn push_length(block: &mut Vec<u8>, length: usize) {
    if length < 127 {
        block.push(u8::try_from(length).unwrap());
        return;
    }
    block.push(127);
    let mut rest = length - 127;
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap());
}

#[tokio::test]
async fn the_longest_token_of_the_documentation_is_read() {
    let server = Server::start(Limits::default()).await;
    let mut client = Client::connect(&server).await;
    client.get(1, "/token", &[("x-auth-token", &"t".repeat(100_000))]).await;
    assert_eq!(client.body(1).await, "100000");
    client.get(3, "/", &[]).await;
    assert_eq!(client.body(3).await, "ok");
}

#[tokio::test]
async fn a_header_list_over_the_limit_reaches_no_handler() {
    let server = Server::start(Limits::default()).await;
    for size in [170 * 1024, 1 << 20] {
        let mut client = Client::connect(&server).await;
        client.get(1, "/token", &[("x-auth-token", &"t".repeat(size))]).await;
        while let Some(frame) = client.next().await {
            match frame.kind {
                HEADERS => {
                    assert!(!frame.payload.contains(&OK), "{size} bytes were taken");
                    break;
                }
                DATA => panic!("{size} bytes were taken"),
                _ => {}
            }
        }
    }
    server.assert_serves().await;
}

#[tokio::test]
async fn more_than_100_lines_reach_no_handler() {
    let server = Server::start(Limits::default()).await;
    let mut client = Client::connect(&server).await;
    let names: Vec<String> = (0..101).map(|n| format!("h{n}")).collect();
    let lines: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    client.get(1, "/", &lines).await;
    let frame = client.next().await.unwrap();
    assert_eq!((frame.kind, frame.payload.contains(&OK)), (HEADERS, false));
    client.get(3, "/", &lines[..100]).await;
    assert_eq!(client.body(3).await, "ok");
}

#[tokio::test]
async fn a_panic_resets_its_stream_and_nothing_else() {
    let server = Server::start(Limits::default()).await;
    let mut client = Client::connect(&server).await;
    client.get(1, "/panic", &[]).await;
    let frame = client.next().await.unwrap();
    assert_eq!((frame.kind, frame.stream), (RESET, 1));
    client.get(3, "/", &[]).await;
    assert_eq!(client.body(3).await, "ok");
}

#[tokio::test]
async fn an_idle_connection_is_told_and_closed() {
    let idle = Duration::from_millis(300);
    let limits = Limits { idle_timeout: idle, h2_ping_interval: idle / 10, ..Limits::default() };
    let server = Server::start(limits).await;
    let mut client = Client::connect(&server).await;
    client.get(1, "/slow", &[]).await;
    server.gate.begun.acquire().await.unwrap().forget();
    tokio::time::sleep(idle * 2).await;
    server.gate.open.add_permits(1);
    assert_eq!(client.body(1).await, "done", "a running request is not idleness");
    // Responding to pings does not count as activity.
    assert_eq!(client.next().await.unwrap().kind, GOAWAY);
    while client.next().await.is_some() {}
}

#[tokio::test]
async fn preface_and_no_request_is_closed() {
    let limits = Limits { header_timeout: Duration::from_millis(300), ..Limits::default() };
    let server = Server::start(limits).await;
    let mut client = Client::connect(&server).await;
    while client.next().await.is_some() {}
}

#[tokio::test]
async fn shutdown_finishes_running_streams() {
    let mut server = Server::start(Limits::default()).await;
    let mut client = Client::connect(&server).await;
    client.get(1, "/slow", &[]).await;
    server.gate.begun.acquire().await.unwrap().forget();
    server.stop();
    assert_eq!(client.next().await.unwrap().kind, GOAWAY);
    server.gate.open.add_permits(1);
    let mut got = Vec::new();
    while let Some(frame) = client.next().await {
        if frame.kind == DATA {
            got.extend(frame.payload);
        }
    }
    assert_eq!(got, b"done");
    assert_eq!(server.end().await.cut, 0);
}
