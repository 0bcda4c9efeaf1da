//! HTTP/2 with prior knowledge, in hand-made frames. Header fields are plain literals, so that no HPACK
//! encoder is needed.

use std::time::Duration;

use edge::http::{budget::BudgetLimit, listen::Limits};
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

    /// Opens no window for responses.
    async fn close_windows(&mut self) {
        const INITIAL_WINDOW_SIZE: [u8; 2] = [0, 4];
        self.send(SETTINGS, 0, 0, &[&INITIAL_WINDOW_SIZE[..], &[0; 4]].concat()).await;
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
        self.ask(stream, "GET", path, more, END_STREAM).await;
    }

    async fn ask(&mut self, stream: u32, method: &str, path: &str, more: &[(&str, &str)], flags: u8) {
        let mut block = Vec::new();
        let fixed = [(":method", method), (":scheme", "http"), (":authority", "x"), (":path", path)];
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
            let (kind, flags) = if at == 0 { (HEADERS, flags | end) } else { (CONTINUATION, end) };
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

#[tokio::test]
async fn a_response_whose_window_stays_closed_ends_the_connection_after_the_others() {
    let wait = Duration::from_millis(300);
    let limits = Limits { stall_timeout: wait, header_timeout: LONG, ..Limits::default() };
    let server = Server::start(limits).await;
    let mut client = Client::connect(&server).await;
    client.get(1, "/slow", &[]).await;
    server.gate.begun.acquire().await.unwrap().forget();
    client.close_windows().await;
    client.get(3, "/page", &[]).await;
    let frame = client.next().await.unwrap();
    assert_eq!((frame.kind, frame.stream), (HEADERS, 3));
    assert_eq!(client.next().await.unwrap().kind, GOAWAY, "the peer is told");
    // The other request is still served.
    server.gate.open.add_permits(1);
    let frame = client.next().await.unwrap();
    assert_eq!((frame.kind, frame.stream), (HEADERS, 1));
}

#[tokio::test]
async fn a_response_that_is_never_read_is_given_up() {
    let wait = Duration::from_millis(200);
    let limits = Limits { stall_timeout: wait, header_timeout: wait, ..Limits::default() };
    let server = Server::start(limits).await;
    let mut client = Client::connect(&server).await;
    client.close_windows().await;
    for stream in [1, 3, 5] {
        client.get(stream, "/page", &[]).await;
    }
    // Pings are answered all the time.
    while client.next().await.is_some() {}
    server.assert_serves().await;
}

#[tokio::test]
async fn a_host_that_differs_from_the_authority_is_refused() {
    let server = Server::start(Limits::default()).await;
    let mut client = Client::connect(&server).await;
    // `:status: 400` is entry 12 of the static table.
    const BAD_REQUEST: u8 = 0x8c;
    for (stream, more) in [(1, &[("host", "y")][..]), (3, &[("host", "x"), ("host", "x")])] {
        client.get(stream, "/", more).await;
        let frame = client.next().await.unwrap();
        assert_eq!((frame.kind, frame.stream), (HEADERS, stream), "{more:?}");
        assert!(frame.payload.contains(&BAD_REQUEST), "{more:?}");
    }
    client.get(5, "/", &[("host", "x")]).await;
    assert_eq!(client.body(5).await, "ok");
    // h2 itself refuses what belongs to a connection of HTTP/1, and a length that the body does not have.
    for (stream, more) in [
        (7, ("connection", "close")),
        (9, ("transfer-encoding", "chunked")),
        (11, ("keep-alive", "1")),
        (13, ("content-length", "5")),
    ] {
        client.get(stream, "/", &[more]).await;
        let frame = client.next().await.unwrap();
        assert_eq!((frame.kind, frame.stream), (RESET, stream), "{more:?}");
    }
}

#[tokio::test]
async fn long_headers_of_waiting_requests_share_a_budget() {
    let limits = Limits {
        head_budget: BudgetLimit { total: 150 << 10, per_address: 0, one_may_exceed: false },
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let mut client = Client::connect(&server).await;
    let token = "t".repeat(100_000);
    client.get(1, "/slow", &[("x-auth-token", &token)]).await;
    server.gate.begun.acquire().await.unwrap().forget();
    client.get(3, "/token", &[("x-auth-token", &token)]).await;
    let frame = client.next().await.unwrap();
    assert_eq!((frame.kind, frame.stream, frame.payload.contains(&OK)), (HEADERS, 3, false));
    server.gate.open.add_permits(1);
    assert_eq!(client.body(1).await, "done");
    client.get(5, "/token", &[("x-auth-token", &token)]).await;
    assert_eq!(client.body(5).await, "100000");
}
