//! The limit of connections.

use std::{net::SocketAddr, time::Duration};

use edge::http::listen::{Limits, bind, serve};
use tokio::time::timeout;

use crate::support::{LONG, Server};

#[tokio::test]
async fn connections_over_the_cap_wait_for_one_to_end() {
    let server = Server::start(Limits { connections: 2, ..Limits::default() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert_eq!(first.get("/").await.status(), "200");
    assert_eq!(second.get("/").await.status(), "200");
    let mut third = server.connect().await;
    third.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let early = timeout(Duration::from_millis(200), third.0.readable()).await;
    assert!(early.is_err(), "served over the cap");
    assert_eq!(second.get("/").await.status(), "200");
    drop(first);
    assert_eq!(third.read_response().await.status(), "200");
    let drained = server.end().await;
    assert_eq!((drained.accepted, drained.open, drained.cut), (3, 2, 0));
}

#[tokio::test]
async fn the_cap_spans_listeners_and_none_starves() {
    let addr = SocketAddr::from(([127, 0, 0, 1], 0));
    let (one, two) = (bind(addr).await.unwrap(), bind(addr).await.unwrap());
    let addrs = [one.local_addr().unwrap(), two.local_addr().unwrap()];
    let router = axum::Router::new().fallback(|| async { "ok" });
    let limits = Limits { connections: 1, ..Limits::default() };
    let task = tokio::spawn(serve(vec![one, two], router, limits, std::future::pending()));
    for addr in addrs.into_iter().cycle().take(6) {
        let mut client = crate::support::Raw(tokio::net::TcpStream::connect(addr).await.unwrap());
        assert_eq!(client.get("/").await.status(), "200");
    }
    task.abort();
}

#[tokio::test]
async fn one_address_has_its_share_and_gets_it_back() {
    let limits = Limits { connections_per_address: 2, exempt_loopback: false, ..Limits::default() };
    let server = Server::start(limits).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert_eq!(first.get("/").await.status(), "200");
    assert_eq!(second.get("/").await.status(), "200");
    assert_eq!(server.connect().await.rest().await, b"", "the third is closed");
    assert_eq!(first.get("/").await.status(), "200", "the others live");
    drop(second);
    // The server notices the end of the second connection a moment later.
    let served = async {
        loop {
            let mut client = server.connect().await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut client.0, b"GET / HTTP/1.0\r\n\r\n").await;
            if client.rest().await.starts_with(b"HTTP/1.0 200") {
                break;
            }
        }
    };
    timeout(LONG, served).await.expect("its share came back");
}

#[tokio::test]
async fn loopback_is_exempt_by_default() {
    let server = Server::start(Limits { connections_per_address: 1, ..Limits::default() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert_eq!(first.get("/").await.status(), "200");
    assert_eq!(second.get("/").await.status(), "200");
}
