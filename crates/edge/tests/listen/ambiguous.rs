//! Requests that two servers could read differently: 400, and nothing that follows them is answered.

use edge::http::listen::Limits;

use crate::support::{Raw, Server};

/// A request that would be answered if it were read.
const NEXT: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Requests with something unclear, which hyper alone would accept or which it refuses itself.
const REFUSED: &[(&str, &str)] = &[
    ("no host", "GET / HTTP/1.1\r\n\r\n"),
    ("two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),
    ("two hosts in one", "GET / HTTP/1.1\r\nHost: x, y\r\n\r\n"),
    ("an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    ("no host name", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    ("another host in the target", "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a user in the target", "GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    (
        "a length and chunks",
        "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "chunks and a length",
        "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    ),
    (
        "two equal lengths",
        "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
    ),
    ("two lengths in one", "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n"),
    ("a length with a sign", "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n"),
    (
        "chunked twice",
        "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "another coding",
        "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ),
    ("chunks in HTTP/1.0", "POST /length HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n"),
    ("LF alone", "GET / HTTP/1.1\nHost: x\n\n"),
    ("LF alone after a header", "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n"),
    ("LF alone at the end", "GET / HTTP/1.1\r\nHost: x\r\n\n"),
    ("CR alone", "GET / HTTP/1.1\r\nHost: x\r\nX: a\rContent-Length: 5\r\n\r\n"),
    ("a folded line", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n"),
    ("a space before the colon", "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n"),
    ("a space before the name", "GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
    ("NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"),
    ("a control character in a value", "GET / HTTP/1.1\r\nHost: x\r\nX: a\u{7f}b\r\n\r\n"),
    ("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a space in the target", "GET / x HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("another version", "GET / HTTP/1.2\r\nHost: x\r\n\r\n"),
    ("no version", "GET /\r\n\r\n"),
];

async fn statuses(client: &mut Raw<tokio::net::TcpStream>) -> Vec<String> {
    let text = String::from_utf8(client.rest().await).unwrap();
    let starts = text.split("HTTP/1.").skip(1);
    starts.map(|response| response.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_unclear_request_is_refused_and_ends_the_connection() {
    let server = Server::start(Limits::default()).await;
    for (what, request) in REFUSED {
        let mut client = server.connect().await;
        client.send(&format!("{request}{NEXT}")).await;
        assert_eq!(statuses(&mut client).await, ["400"], "{what}");
    }
    server.assert_serves().await;
}

#[tokio::test]
async fn it_is_refused_in_its_turn() {
    let server = Server::start(Limits::default()).await;
    for (what, request) in REFUSED {
        let mut client = server.connect().await;
        client.send(&format!("{NEXT}{NEXT}{request}{NEXT}")).await;
        assert_eq!(statuses(&mut client).await, ["200", "200", "400"], "{what}");
    }
}

#[tokio::test]
async fn it_is_refused_also_in_pieces() {
    let server = Server::start(Limits::default()).await;
    for (what, request) in REFUSED {
        let mut client = server.connect().await;
        for piece in request.as_bytes().chunks(5) {
            // The server may have responded already.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut client.0, piece).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(statuses(&mut client).await, ["400"], "{what}");
    }
}

#[tokio::test]
async fn a_chunk_that_is_unclear_ends_the_connection() {
    let server = Server::start(Limits::default()).await;
    for chunk in [
        "1\nx\n0\n\n",
        "1;a\nx\r\n0\r\n\r\n",
        "+1\r\nx\r\n0\r\n\r\n",
        "0x1\r\nx\r\n0\r\n\r\n",
        "10000000000000001\r\nx\r\n0\r\n\r\n",
        "1\r\nxyz0\r\n\r\n",
        "0\r\nX: a\nY: b\r\n\r\n",
    ] {
        let mut client = server.connect().await;
        client
            .send(&format!(
                "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{NEXT}"
            ))
            .await;
        let found = statuses(&mut client).await;
        assert!(found.len() <= 1 && found.iter().all(|status| status == "400"), "{chunk:?}: {found:?}");
    }
}

#[tokio::test]
async fn every_clear_request_is_answered_on_one_connection() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.connect().await;
    let chunked = "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n";
    for (request, body) in [
        (NEXT, "ok"),
        ("GET http://x/ HTTP/1.1\r\nHost: X:80\r\n\r\n", "ok"),
        ("\r\nGET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "ok"),
        ("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\na\nb\n\r\n\n", "7"),
        (&format!("{chunked}3;x=y\r\na\nb\r\n4\r\n\n\n\n\n\r\n0\r\nX: y\r\n\r\n"), "7"),
        (&format!("{chunked}0\r\n\r\n"), "0"),
        ("POST /length HTTP/1.1\r\nHost: x\r\n\r\n", "0"),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "ok"),
        ("GET /peer HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", ""),
    ] {
        client.send(request).await;
        let answer = client.read_response().await;
        assert_eq!(answer.status(), "200", "{request:?}");
        assert!(answer.text().contains(body), "{request:?}: {}", answer.text());
    }
}
