//! Shutdown: running requests finish, idle connections are closed, endless responses are aborted.

use std::{io, time::Duration};

use edge::http::listen::{Drained, Limits, bind};
use tokio::{net::TcpStream, time::timeout};

use crate::support::{LONG, Server};

#[tokio::test]
async fn a_running_request_is_finished_and_new_connections_are_refused() {
    let mut server = Server::start(Limits::default()).await;
    let (mut running, mut idle, mut begun) =
        (server.connect().await, server.connect().await, server.connect().await);
    assert_eq!(idle.get("/").await.status(), "200");
    running.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.gate.begun.acquire().await.unwrap().forget();
    begun.send("G").await;

    server.stop();
    assert_eq!(idle.rest().await, b"", "nothing to wait for");
    let refused = async {
        while let Ok(stream) = TcpStream::connect(server.addr).await {
            drop(stream);
        }
    };
    timeout(LONG, refused).await.expect("still accepting");
    assert_eq!(begun.rest().await, b"", "an incomplete request is not waited for");

    server.gate.open.add_permits(1);
    let answer = running.read_response().await;
    assert_eq!((answer.status(), answer.text()), ("200", "done"));
    assert!(answer.head.contains("\r\nConnection: close\r\n"), "{}", answer.head);
    assert_eq!(running.rest().await, b"");
    let addr = server.addr;
    assert_eq!(server.end().await.cut, 0);
    bind(addr).await.expect("the port is free again");
}

#[tokio::test]
async fn an_incomplete_header_does_not_delay_the_end() {
    let limits = Limits {
        header_timeout: LONG * 10,
        incomplete_drain: Duration::from_millis(200),
        drain: LONG * 10,
        ..Limits::default()
    };
    let mut server = Server::start(limits).await;
    let mut served = server.connect().await;
    assert_eq!(served.get("/").await.status(), "200");
    served.send("GET / HTTP/1.1\r\nhost").await;
    let mut first = server.connect().await;
    first.send("GET / HTTP/1.1\r\nhost: x\r\n").await;
    server.stop();
    assert_eq!(first.rest().await, b"");
    assert_eq!(served.rest().await, b"");
    assert_eq!(server.end().await.cut, 0);
}

#[tokio::test]
async fn what_does_not_end_is_cut() {
    let mut server = Server::start(Limits { drain: Duration::from_millis(200), ..Limits::default() }).await;
    let mut client = server.connect().await;
    client.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.gate.begun.acquire().await.unwrap().forget();
    server.stop();
    assert_eq!(client.rest().await, b"");
    assert_eq!(server.end().await, Drained { accepted: 1, open: 1, cut: 1 });
}

#[tokio::test]
async fn with_nothing_open_it_ends_at_once() {
    let server = Server::start(Limits { drain: LONG * 10, ..Limits::default() }).await;
    assert_eq!(server.end().await, Drained { accepted: 0, open: 0, cut: 0 });
}

#[tokio::test]
async fn an_address_in_use_is_an_error_not_a_panic() {
    let server = Server::start(Limits::default()).await;
    assert_eq!(bind(server.addr).await.unwrap_err().kind(), io::ErrorKind::AddrInUse);
}
