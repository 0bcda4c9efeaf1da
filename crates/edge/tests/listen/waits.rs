//! Timeouts of connections: an incomplete header, no request, a response that the client does not read.

use std::time::{Duration, Instant};

use edge::http::budget::BudgetLimit;
use edge::http::listen::Limits;

use crate::support::{LONG, Raw, Server};

/// Long enough to be distinguished from an immediate end, short enough for a test.
const SHORT: Duration = Duration::from_millis(300);

/// One connection, whose client may leave a large response unread for a moment.
fn one_stalling() -> Limits {
    let whole = BudgetLimit { total: 64 << 20, per_address: 64 << 20, one_may_exceed: false };
    Limits { stall_timeout: SHORT, connections: 1, stranger_response_budget: whole, ..Limits::default() }
}

fn header_timeout() -> Limits {
    Limits { header_timeout: SHORT, idle_timeout: LONG * 10, ..Limits::default() }
}

#[tokio::test]
async fn a_header_never_finished_is_closed_while_others_are_served() {
    let server = Server::start(header_timeout()).await;
    let mut open = Vec::new();
    // The third is the beginning of the HTTP/2 preface: hyper's automatic builder alone would wait forever
    // for the rest.
    for begun in ["GET / HTTP/1.1\r\nhost: x\r\n", "", "PRI * HTTP/2", "\r\n"] {
        let since = Instant::now();
        let mut client = server.connect().await;
        client.send(begun).await;
        open.push((begun, since, client));
    }
    server.assert_serves().await;
    for (begun, since, mut client) in open {
        assert_eq!(client.rest().await, b"", "{begun:?}");
        assert!(since.elapsed() >= SHORT, "{begun:?}");
    }
    server.assert_serves().await;
}

#[tokio::test]
async fn sending_a_little_does_not_buy_time() {
    let server = Server::start(header_timeout()).await;
    let since = Instant::now();
    let Raw(stream) = server.connect().await;
    let (read, mut write) = stream.into_split();
    let drip = tokio::spawn(async move {
        while tokio::io::AsyncWriteExt::write_all(&mut write, b"a").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    });
    assert_eq!(Raw(tokio::io::join(read, tokio::io::sink())).rest().await, b"");
    drip.await.unwrap();
    assert!(since.elapsed() < LONG);
}

#[tokio::test]
async fn an_idle_connection_outlives_the_header_timeout_and_not_the_idle_timeout() {
    let limits = Limits { header_timeout: SHORT, idle_timeout: SHORT * 4, ..Limits::default() };
    let server = Server::start(limits).await;
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.status(), "200");
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(client.get("/").await.status(), "200", "idle for longer than a header may take");
    let since = Instant::now();
    assert_eq!(client.rest().await, b"");
    assert!(since.elapsed() >= SHORT * 3, "closed after {:?}", since.elapsed());
}

#[tokio::test]
async fn a_response_that_is_still_read_is_not_idle() {
    let limits = Limits { idle_timeout: SHORT, stall_timeout: LONG, ..one_stalling() };
    let server = Server::start(limits).await;
    let mut client = server.connect().await;
    client.send("GET /big HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(client.read_response().await.body.len(), 64 << 20);
    assert_eq!(client.get("/").await.status(), "200", "idle since the last byte");
}

#[tokio::test]
async fn the_second_header_has_its_time_too() {
    let server = Server::start(header_timeout()).await;
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.status(), "200");
    client.send("GET / HTT").await;
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn a_handler_may_take_longer_than_any_of_it() {
    let limits = Limits {
        header_timeout: SHORT / 3,
        idle_timeout: SHORT / 3,
        stall_timeout: SHORT / 3,
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let mut client = server.connect().await;
    client.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.gate.begun.acquire().await.unwrap().forget();
    tokio::time::sleep(SHORT).await;
    server.gate.open.add_permits(1);
    assert_eq!(client.read_response().await.text(), "done");
}

#[tokio::test]
async fn an_answer_nobody_takes_is_given_up() {
    // There is one slot: another client is served if and only if the first connection is closed.
    let server = Server::start(one_stalling()).await;
    let mut client = server.connect().await;
    client.send("GET /big HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.assert_serves().await;
    assert!(client.rest().await.len() < 64 << 20);
}

#[tokio::test]
async fn taking_a_little_does_not_keep_an_answer() {
    let server = Server::start(one_stalling()).await;
    let mut client = server.connect().await;
    client.send("GET /big HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let Raw(mut stream) = client;
    let drip = tokio::spawn(async move {
        let mut few = [0; 64];
        while tokio::io::AsyncReadExt::read(&mut stream, &mut few).await.is_ok_and(|read| read > 0) {
            tokio::time::sleep(SHORT / 10).await;
        }
    });
    // There is one slot.
    server.assert_serves().await;
    drip.abort();
}
