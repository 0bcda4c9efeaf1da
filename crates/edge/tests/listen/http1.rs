//! HTTP/1.1 on the wire, and the responses that hyper creates itself.

use edge::http::listen::Limits;

use crate::support::Server;

#[tokio::test]
async fn header_names_are_spelled_as_the_java_sdk_looks_them_up() {
    let server = Server::start(Limits::default()).await;
    let answer = server.connect().await.get("/").await;
    for line in [
        "\r\nX-Total: 3\r\n",
        "\r\nX-Request-Id: 3\r\n",
        "\r\nX-Subject-Token: 3\r\n",
        "\r\nContent-Length: 2\r\n",
    ] {
        assert!(answer.head.contains(line), "{line:?} in {}", answer.head);
    }
}

#[tokio::test]
async fn the_longest_token_of_the_documentation_is_read() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.connect().await;
    client
        .send(&format!("GET /token HTTP/1.1\r\nhost: x\r\nX-Auth-Token: {}\r\n\r\n", "t".repeat(100_000)))
        .await;
    assert_eq!(client.read_response().await.text(), "100000");
    assert_eq!(client.get("/").await.status(), "200", "and the connection goes on");
}

#[tokio::test]
async fn handlers_learn_who_asks() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.connect().await;
    let expected = format!("{} false", client.0.local_addr().unwrap());
    assert_eq!(client.get("/peer").await.text(), expected);
}

#[tokio::test]
async fn requests_sent_at_once_are_answered_in_order() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.connect().await;
    client.send(&"GET /peer HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(10)).await;
    for _ in 0..10 {
        assert!(client.read_response().await.text().ends_with("false"));
        assert_eq!(client.read_response().await.text(), "ok");
    }
}

#[tokio::test]
async fn hyper_answers_what_it_cannot_read() {
    let server = Server::start(Limits::default()).await;
    let lines = |count: usize| (0..count).map(|n| format!("h{n}: v\r\n")).collect::<String>();
    let cases = [
        ("no request line", "hello\r\n\r\n".to_owned(), "400"),
        ("no such version", "GET / HTTP/9.9\r\n\r\n".to_owned(), "400"),
        ("a space in a name", "GET / HTTP/1.1\r\nho st: x\r\n\r\n".to_owned(), "400"),
        (
            "two lengths",
            "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_owned(),
            "400",
        ),
        ("101 lines", format!("GET / HTTP/1.1\r\n{}\r\n", lines(101)), "431"),
        ("256 KiB", format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "v".repeat(256 * 1024)), "431"),
        ("a target of 66,000 bytes", format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(66_000)), "414"),
    ];
    for (what, request, status) in cases {
        let mut client = server.connect().await;
        // The response may arrive, and the connection close, before everything is sent.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut client.0, request.as_bytes()).await;
        let answer = client.read_response().await;
        assert_eq!((answer.status(), answer.text()), (status, ""), "{what}");
        assert_eq!(client.rest().await, b"", "{what}");
    }
    let mut client = server.connect().await;
    client.send(&format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", lines(99))).await;
    assert_eq!(client.read_response().await.status(), "200", "100 lines");
}

#[tokio::test]
async fn a_panic_ends_its_connection_and_nothing_else() {
    let server = Server::start(Limits::default()).await;
    let (mut other, mut client) = (server.connect().await, server.connect().await);
    assert_eq!(other.get("/").await.status(), "200");
    client.send("GET /panic HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(client.rest().await, b"");
    assert_eq!(other.get("/").await.status(), "200");
    server.assert_serves().await;
    assert_eq!(server.end().await.cut, 0);
}
