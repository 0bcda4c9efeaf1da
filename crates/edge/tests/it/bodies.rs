//! When a body is read, how much of it is held in memory, and what happens to the rest: over a socket.

use std::time::Duration;
use testkit::{ROOT, RunningServer, TestServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The timeout of every wait.
const LONG: Duration = Duration::from_secs(20);

/// Sends bytes on a new connection.
async fn send(server: &RunningServer, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// The head of a response.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(LONG, stream.read_u8()).await.expect("no response").unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn post(path: &str, headers: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n")
}

#[tokio::test]
async fn a_caller_who_is_refused_is_answered_before_the_body() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let reports = format!("/native/v1/repositories/{id}/reports");
    let running = server.listen(0).await;
    let old_signature = "X-Sdk-Date: 20200101T000000Z\r\nAuthorization: SDK-HMAC-SHA256 Access=AK, \
                         SignedHeaders=x-sdk-date, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n";
    for (path, headers, status) in [
        (reports.as_str(), "", "401"),
        (&reports, "X-Auth-Token: wrong\r\n", "401"),
        (&reports, old_signature, "401"),
        ("/native/v1/repositories/7/reports", &format!("X-Auth-Token: {ROOT}\r\n"), "404"),
        ("/native/v1/nothing", "", "404"),
        ("/livez", "", "404"),
    ] {
        let mut stream = send(&running, &post(path, headers, 100_000)).await;
        let head = head(&mut stream).await;
        assert_eq!(head.split(' ').nth(1), Some(status), "{path} {headers}: {head}");
    }
}

#[tokio::test]
async fn the_rest_of_a_refused_body_is_read_so_that_the_connection_goes_on() {
    let server = TestServer::start().await;
    let running = server.listen(0).await;
    let mut stream = send(&running, &post("/native/v1/repositories/7/reports", "", 900_000)).await;
    assert!(head(&mut stream).await.contains(" 401 "));
    stream.write_all(&vec![b'x'; 900_000]).await.unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    while !String::from_utf8_lossy(&rest).contains("\r\n\r\nok\n") {
        assert_ne!(timeout(LONG, stream.read_buf(&mut rest)).await.expect("no response").unwrap(), 0);
    }
}

#[tokio::test]
async fn a_body_without_a_known_sender_is_short() {
    let server = TestServer::start().await;
    for (path, form) in
        [("/v3/auth/tokens", "{}"), ("/v3.0/OS-CREDENTIAL/securitytokens", "{}"), ("/sign-in", "")]
    {
        let body = format!("{form}{}", " ".repeat(129 << 10));
        let answer = server.ask(http::Method::POST, path).body(body).send().await;
        assert_eq!(answer.status, 413, "{path}");
    }
}

/// More bodies of one address, without a known sender, than its part of the budget.
#[tokio::test]
async fn bodies_of_unknown_senders_share_a_budget_by_address() {
    let server = TestServer::start().await;
    let running = server.listen(0).await;
    let from = |address: &str| post("/v3/auth/tokens", &format!("X-Forwarded-For: {address}\r\n"), 128 << 10);
    let most = "x".repeat(127 << 10);
    let mut waiting = JoinSet::new();
    for _ in 0..80 {
        let mut stream = send(&running, &format!("{}{most}", from("192.0.2.1"))).await;
        waiting.spawn(async move { (head(&mut stream).await, stream) });
    }
    let (first, _) = waiting.join_next().await.unwrap().unwrap();
    assert!(first.contains(" 503 ") && first.contains("\r\nRetry-After: 1\r\n"), "{first}");
    let mut other = send(&running, &format!("{}{most}{}", from("192.0.2.2"), "x".repeat(1 << 10))).await;
    let answer = head(&mut other).await;
    assert!(answer.contains(" 400 "), "another address has its own budget: {answer}");
}

/// More bodies of one address, with a known sender, than its part of the budget.
#[tokio::test]
async fn bodies_of_known_senders_share_a_budget_by_address() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let running = server.listen(0).await;
    let path = format!("/native/v1/repositories/{id}/reports");
    let from = |address: &str, length: usize| {
        post(&path, &format!("X-Auth-Token: {ROOT}\r\nX-Forwarded-For: {address}\r\n"), length)
    };
    let most = "x".repeat((1 << 20) - 1);
    let mut waiting = JoinSet::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(("127.0.0.1", running.port)).await.unwrap();
        let request = format!("{}{most}", from("192.0.2.1", 1 << 20));
        waiting.spawn(async move {
            // A refused client may be disconnected while it sends.
            let _ = stream.write_all(request.as_bytes()).await;
            (head(&mut stream).await, stream)
        });
    }
    let (first, _) = waiting.join_next().await.unwrap().unwrap();
    assert!(first.contains(" 503 ") && first.contains("\r\nRetry-After: 1\r\n"), "{first}");
    let mut other = send(&running, &format!("{}{{}}", from("192.0.2.2", 2))).await;
    assert!(head(&mut other).await.contains(" 400 "), "another address has its own budget");
}

#[tokio::test]
async fn an_incomplete_body_does_not_delay_the_end() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let running = server.listen(0).await;
    let credential = format!("X-Auth-Token: {ROOT}\r\nExpect: 100-continue\r\n");
    let request = post(&format!("/native/v1/repositories/{id}/reports"), &credential, 1_000);
    let mut stream = send(&running, &request).await;
    // Now the body is being read.
    assert!(head(&mut stream).await.contains(" 100 "));
    stream.write_all(b"{").await.unwrap();
    let reading = tokio::spawn(async move { head(&mut stream).await });
    let drained = running.stop().await;
    assert_eq!((drained.open, drained.cut), (1, 0));
    let answer = reading.await.unwrap();
    assert!(answer.contains(" 503 ") && answer.contains("\r\nRetry-After: 1\r\n"), "{answer}");
}

#[tokio::test]
async fn a_complete_body_may_arrive_in_many_pieces() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let running = server.listen(0).await;
    let report =
        r#"{"sha":"1c46c505c84853887efe2ea9ea02a1333bae2237","ref":"dev","name":"b","status":"running"}"#;
    let path = format!("/native/v1/repositories/{id}/reports");
    let chunked = format!("X-Auth-Token: {ROOT}\r\nTransfer-Encoding: chunked\r\n");
    let mut stream = send(&running, &format!("POST {path} HTTP/1.1\r\nHost: x\r\n{chunked}\r\n")).await;
    for piece in report.as_bytes().chunks(7) {
        let chunk = format!("{:x}\r\n{}\r\n", piece.len(), std::str::from_utf8(piece).unwrap());
        stream.write_all(chunk.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    assert!(head(&mut stream).await.contains(" 201 "));
}
