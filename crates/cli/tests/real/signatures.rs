//! `explain-signature`, with the real binary as server and as command line.

use crate::command::{failure, json_output, run_in, stdout};
use crate::http::Connection;
use crate::server::Server;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use wire::signing::{Algorithm, SdkDate, SignedRequest, sign};

/// A signed raw request for the host ci.example.com.
fn signed_request(access: &str, secret: &str, target: &str) -> String {
    let request = SignedRequest {
        method: "GET",
        target: target.as_bytes(),
        headers: &[("host", b"ci.example.com")],
        body: b"",
    };
    let date = SdkDate::from_unix_seconds(stagepost_client::system_clock());
    let signature = sign(Algorithm::SdkHmacSha256, access, secret.as_bytes(), &request, date).unwrap();
    format!(
        "GET {target} HTTP/1.1\r\nHost: ci.example.com\r\nX-Sdk-Date: {}\r\nAuthorization: {}\r\n\r\n",
        signature.x_sdk_date, signature.authorization
    )
}

/// Sends a raw request and returns the beginning of the status line.
fn send(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    String::from_utf8_lossy(&status).into_owned()
}

/// The output for a request on stdin.
fn explain(data: &Path, captured: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .current_dir(data)
        .args(["--lang", "en", "explain-signature", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(captured.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{captured}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn changes_by_a_proxy_are_explained() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    let key = json_output(data, "key add admin");
    let (access, secret) = (key["access"].as_str().unwrap(), key["secret"].as_str().unwrap());
    let last = format!("explain-signature --last --access-key {access}");
    assert!(stdout(data, &last).contains("no rejected signatures of"));

    let sent = signed_request(access, secret, "/v4/user/repositories?limit=5");
    assert_eq!(send(&server, &sent), "HTTP/1.1 200");
    let arrived = sent.replace("Host: ci.example.com", "Host: 127.0.0.1:9").replace("limit=5", "limit=5&x=1");
    assert_eq!(send(&server, &arrived), "HTTP/1.1 401");

    let text = explain(data, &sent);
    assert!(text.contains("• The signature matches the canonical request of the sender"), "{text}");
    assert!(
        text.contains("  2 /v4/user/repositories/\n  3 ▶ server limit=5&x=1\n  3 ▶ sender limit=5\n"),
        "{text}"
    );
    assert!(text.contains("  4   server host:127.0.0.1:9\n  4   sender host:ci.example.com\n"), "{text}");
    assert!(text.contains("String to sign:\n    SDK-HMAC-SHA256\n"), "{text}");
    let text = stdout(data, &last);
    assert!(text.contains(" from 127.0.0.1, request id "), "{text}");
    // A single change is found without the sent request.
    assert_eq!(
        send(&server, &sent.replace("Host: ci.example.com", "Host: ci.example.com:443")),
        "HTTP/1.1 401"
    );
    assert!(stdout(data, &last).contains("The header host was signed as 'ci.example.com'"));
    let all = json_output(data, &format!("{last} --all"));
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(all[0]["findings"][0]["code"], "header");
    let chinese = String::from_utf8(run_in("zh", data, &last).stdout).unwrap();
    assert!(chinese.contains("规范请求：") && chinese.contains("在传输中被修改"), "{chinese}");

    let metrics = Connection::open(server.address()).request("GET", "/metrics", "").unwrap().body;
    assert!(metrics.contains("stagepost_signatures_refused_total{reason=\"signature\"} 2\n"), "{metrics}");
    let unknown = stdout(data, "explain-signature --last --access-key AKOFNOBODY");
    assert!(unknown.contains("no rejected signatures of AKOFNOBODY"), "{unknown}");
    let (code, message) = failure(data, "explain-signature no-such-file");
    assert!(code == Some(1) && message.contains("no-such-file"), "{message}");
    std::fs::write(data.join("response"), "HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (code, message) = failure(data, "explain-signature response");
    assert!(code == Some(1) && message.contains("no HTTP request"), "{message}");
}
