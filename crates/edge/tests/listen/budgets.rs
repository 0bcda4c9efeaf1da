//! The memory budgets of connections: headers that are incomplete, and responses that the client does not read.

use std::time::Duration;

use edge::http::budget::BudgetLimit;
use edge::http::listen::Limits;

use crate::support::{LONG, Server};

#[tokio::test]
async fn long_headers_share_a_budget() {
    let limits = Limits {
        head_budget: BudgetLimit { total: 150 << 10, per_address: 0, one_may_exceed: false },
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let (start, token) = ("GET /token HTTP/1.1\r\nhost: x\r\nx-auth-token: ", "t".repeat(100_000));
    let mut first = server.connect().await;
    first.send(&format!("{start}{token}")).await;
    // One of the two finds the budget exhausted, whichever arrives last; then it is free for the other.
    let mut second = server.connect().await;
    second.send(&format!("{start}{token}")).await;
    let (refused, mut other) = tokio::select! {
        answer = first.read_response() => (answer, second),
        answer = second.read_response() => (answer, first),
    };
    assert_eq!(refused.status(), "503");
    assert!(refused.head.contains("\r\nRetry-After: 1\r\n"), "{}", refused.head);
    other.send("\r\n\r\n").await;
    assert_eq!(other.read_response().await.text(), "100000");
    assert_eq!(other.get("/").await.status(), "200", "short headers need no budget");
    drop(other);
    loop {
        // The server notices the end of the connection a moment later.
        let mut third = server.connect().await;
        third.send(&format!("{start}{token}\r\n\r\n")).await;
        if third.read_response().await.status() == "200" {
            break;
        }
    }
}

#[tokio::test]
async fn a_response_beyond_the_budget_is_refused_and_returns_nothing() {
    let limits = Limits {
        stranger_response_budget: BudgetLimit { total: 150 << 10, per_address: 0, one_may_exceed: false },
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let mut client = server.connect().await;
    let answer = client.get("/big").await;
    assert_eq!((answer.status(), answer.text()), ("503", ""));
    assert!(answer.head.contains("\r\nRetry-After: 1\r\n"), "{}", answer.head);
    for _ in 0..5 {
        // 100 KiB each: what was read is free again.
        assert_eq!(client.get("/page").await.body.len(), 100 << 10);
    }
}

#[tokio::test]
async fn the_budget_of_an_address_is_that_of_the_client_behind_a_proxy() {
    let limits = Limits {
        stranger_response_budget: BudgetLimit {
            total: 200 << 20,
            per_address: 50 << 10,
            one_may_exceed: false,
        },
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let mut client = server.connect().await;
    client.send("GET /page HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 192.0.2.1\r\n\r\n").await;
    assert_eq!(client.read_response().await.status(), "503");
    client.send("GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 192.0.2.1\r\n\r\n").await;
    assert_eq!(client.read_response().await.status(), "200", "a short response");
    assert_eq!(client.get("/page").await.status(), "200", "a proxy that names nobody shares its address");
}

#[tokio::test]
async fn strangers_leave_the_budget_of_known_callers() {
    let none = BudgetLimit { total: 1, per_address: 1, one_may_exceed: false };
    let server = Server::start(Limits { stranger_response_budget: none, ..Limits::default() }).await;
    let mut client = server.connect().await;
    assert_eq!(client.get("/page").await.status(), "503");
    assert_eq!(client.get("/known").await.body.len(), 100 << 10);
}

#[tokio::test]
async fn one_response_at_a_time_may_be_greater_than_the_budget() {
    let small = BudgetLimit { total: 50 << 10, per_address: 50 << 10, one_may_exceed: true };
    let server = Server::start(Limits { response_budget: small, ..Limits::default() }).await;
    let mut client = server.connect().await;
    for _ in 0..3 {
        assert_eq!(client.get("/known").await.body.len(), 100 << 10);
    }
}

#[tokio::test]
async fn a_response_greater_than_the_budget_has_a_deadline() {
    let small = BudgetLimit { total: 50 << 10, per_address: 50 << 10, one_may_exceed: true };
    // There is one connection: the next client is served if and only if the first one is closed.
    let limits = Limits {
        response_budget: small,
        large_response_timeout: Duration::from_millis(300),
        stall_timeout: LONG * 10,
        connections: 1,
        ..Limits::default()
    };
    let server = Server::start(limits).await;
    let mut slow = server.connect().await;
    slow.send("GET /known-big HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut next = server.connect().await;
    assert_eq!(next.get("/known").await.body.len(), 100 << 10, "the place is free");
    assert_eq!(next.get("/").await.status(), "200", "what was read has no deadline");
    assert!(slow.rest().await.len() < 64 << 20);
}

#[test]
fn the_limits_are_those_of_the_documentation() {
    let limits = Limits::default();
    let document = include_str!("../../../../docs/operating/limits.md");
    for row in [
        "| connections | 20,000 (`--connections`) | new ones wait |",
        "| connections from one address | 512 | closed |",
        "| time for reading a response that is larger than the part `responses` of the [memory](#memory) | 5 min | closed |",
        "| HTTP/2 body bytes before they are read | 64 KiB per request, 256 KiB per connection | the client waits |",
    ] {
        assert!(document.contains(row), "{row}");
    }
    assert_eq!((limits.connections, limits.connections_per_address), (20_000, 512));
    assert_eq!(limits.large_response_timeout, Duration::from_secs(300));
    assert_eq!((limits.h2_stream_window, limits.h2_connection_window), (64 << 10, 256 << 10));
}
