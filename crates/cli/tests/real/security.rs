//! The content of the log, and the state that survives a restart.

use crate::http::Connection;
use crate::server::{Server, Storage, Store, TOKEN};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use wire::signing::{Algorithm, SdkDate, SignedRequest, sign};

/// Sends a raw request and returns the response.
fn send(server: &Server, request: &str) -> String {
    send_to(server.address(), request)
}

fn send_to(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Waits for a line of the log with all these parts.
fn wait_for_line(server: &Server, parts: &[&str]) {
    let found = || {
        let log = server.log();
        log.lines().any(|line| parts.iter().all(|part| line.contains(part)))
    };
    let started = std::time::Instant::now();
    while !found() {
        assert!(started.elapsed().as_secs() < 60, "{parts:?} in {}", server.log());
        std::thread::yield_now();
    }
}

#[test]
fn given_secrets_are_not_printed_and_random_ones_are() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    wait_for_line(&server, &["listening on"]);
    let log = server.log();
    for secret in [TOKEN, "correct horse battery staple"] {
        assert!(!log.contains(secret), "{log}");
    }
    let stored = std::fs::read_to_string(data.path().join("admin.toml")).unwrap();
    let random =
        stored.lines().find_map(|line| line.strip_prefix("secret_key = ")).unwrap().trim_matches('"');
    assert!(log.contains(random) && stored.contains(TOKEN), "{log}");
}

#[test]
fn the_log_names_who_was_refused_and_who_changed_what() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    let get = |headers: &str| {
        send(
            &server,
            &format!("GET /native/v1/whoami HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n"),
        )
    };
    assert!(get("X-Forwarded-For: 203.0.113.9\r\nX-Auth-Token: wrong-and-s3cret\r\n").contains(" 401 "));
    wait_for_line(&server, &["a credential was refused", "203.0.113.9", "unknown or revoked"]);
    assert!(get("").contains(" 401 "));
    wait_for_line(&server, &["a credential was refused", "client=\"127.0.0.1\""]);
    let body = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"adm\u0007in","password":"p4ss-s3cret"}}}}}"#;
    let mut connection = Connection::open(server.address());
    assert_eq!(connection.request("POST", "/v3/auth/tokens", body).unwrap().status, 401);
    wait_for_line(&server, &["a credential was refused", "user=\"adm\\u{7}in\"", "password"]);
    let user = r#"{"name":"amy","password":"p4ss-s3cret-2"}"#;
    assert_eq!(connection.request("POST", "/native/v1/users", user).unwrap().status, 201);
    wait_for_line(
        &server,
        &[
            "an administrative change was made",
            "CreateUser",
            "user=\"admin\"",
            "token 1",
            "127.0.0.1",
            "name=amy",
        ],
    );
    let token = r#"{"name":"ci","scope":"read"}"#;
    let created = connection.request("POST", "/native/v1/users/amy/tokens", token).unwrap();
    wait_for_line(&server, &["CreateToken", "/native/v1/users/amy/tokens", "name=ci scope=read"]);
    let created: serde_json::Value = serde_json::from_str(&created.body).unwrap();
    let (token, id) = (created["token"].as_str().unwrap(), &created["id"]);
    let denied = send(
        &server,
        &format!(
            "GET /native/v1/users HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\r\n"
        ),
    );
    assert!(denied.contains(" 403 "), "{denied}");
    wait_for_line(&server, &["access was denied", "user=\"amy\"", &format!("token {id}")]);
    let log = server.log();
    assert!(!log.contains("s3cret") && !log.contains(token) && !log.contains(TOKEN), "{log}");
}

/// The addresses of feeds have a token, which neither the log at its most verbose nor a response repeats.
#[test]
fn the_token_in_the_address_of_a_feed_is_not_logged() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready_with(data.path(), &["--log", "debug"]);
    let mut connection = Connection::open(server.address());
    let wanted = r#"{"name":"reader","scope":"feeds"}"#;
    let created = connection.request("POST", "/native/v1/users/admin/tokens", wanted).unwrap();
    let created: serde_json::Value = serde_json::from_str(&created.body).unwrap();
    let (token, id) = (created["token"].as_str().unwrap(), &created["id"]);
    let get =
        |path: &str| send(&server, &format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    for path in ["/cctray.xml", "/feed.atom", "/account/subscriptions.atom", "/wall"] {
        let answer = get(&format!("{path}?token={token}"));
        assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains(token), "{answer}");
    }
    // Refused elsewhere, and refused after it was revoked.
    assert!(get(&format!("/native/v1/whoami?token={token}")).contains(" 401 "));
    let revoked = connection.request("DELETE", &format!("/native/v1/users/admin/tokens/{id}"), "").unwrap();
    assert_eq!(revoked.status, 204);
    assert!(get(&format!("/cctray.xml?token={token}&q=x")).contains(" 401 "));
    wait_for_line(&server, &["a credential was refused", "/cctray.xml", "unknown or revoked"]);
    let log = server.log();
    assert!(!log.contains(token) && !log.contains("spf_"), "{log}");
}

/// A flood of refused requests writes few lines.
#[test]
fn refusals_do_not_fill_the_log() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    for _ in 0..60 {
        let response = send(
            &server,
            "GET /native/v1/whoami HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: x\r\n\r\n",
        );
        assert!(response.contains(" 401 "), "{response}");
    }
    let metrics = send(&server, "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let suppressed =
        metrics.lines().find_map(|line| line.strip_prefix("stagepost_log_lines_suppressed_total "));
    assert!(suppressed.unwrap().parse::<u32>().unwrap() >= 30, "{suppressed:?}");
    assert!(server.log().matches("a credential was refused").count() <= 30);
}

/// One address guesses at many names. It is refused, and everything else works.
#[test]
fn made_up_names_keep_nobody_from_signing_in() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    let mut connection = Connection::open(server.address());
    for name in ["lin", "wang"] {
        let user = format!(r#"{{"name":"{name}","password":"right-password-1"}}"#);
        assert_eq!(connection.request("POST", "/native/v1/users", &user).unwrap().status, 201);
    }
    let address = server.address();
    let request = |from: &str, method: &str, path: &str, headers: &str, body: &str| {
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}");
        let request = format!("{head}X-Forwarded-For: {from}\r\nContent-Length: {length}\r\n\r\n{body}");
        send_to(address, &request)
    };
    let sign_in = |from: &str, name: &str, password: &str| {
        let user = format!(r#"{{"name":"{name}","password":"{password}"}}"#);
        let identity = format!(r#"{{"methods":["password"],"password":{{"user":{user}}}}}"#);
        let body = format!(r#"{{"auth":{{"identity":{identity}}}}}"#);
        request(from, "POST", "/v3/auth/tokens", "Content-Type: application/json\r\n", &body)
    };
    let guesser = "2001:db8::1";
    let form = "Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://a\r\n";
    let session = request(guesser, "POST", "/sign-in", form, "name=lin&password=right-password-1");
    let cookie = session.split("stagepost=").last().and_then(|rest| rest.split(';').next()).unwrap();
    assert!(cookie.starts_with("sps_"), "{session}");

    let is_refused = |response: &str| response.to_ascii_lowercase().contains("\r\nretry-after: ");
    let guesses = std::sync::atomic::AtomicU32::new(0);
    let checked = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    // A limit of the address is a limit of its IPv6 network.
                    let n = guesses.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let response = sign_in(&format!("2001:db8::{n:x}"), &format!("made-up-{n}"), "guess");
                    assert!(response.contains(" 401 "), "{response}");
                    if is_refused(&response) || n > 2_000 {
                        break;
                    }
                    checked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    let (checked, guesses) = (checked.into_inner(), guesses.into_inner());
    assert!(checked >= 200 && guesses < 2_000, "{checked} of {guesses} guesses were checked");

    // A guess may be free again meanwhile.
    assert!(
        (0..5).any(|_| is_refused(&sign_in(guesser, "wang", "guess"))),
        "a real name is one of the names"
    );
    for (from, name) in [("2001:db8:0:1::1", "wang"), ("203.0.113.9", "lin"), (guesser, "lin")] {
        let response = sign_in(from, name, "right-password-1");
        assert!(response.contains(" 201 "), "{name} from {from}: {response}");
    }
    let page = request(guesser, "GET", "/account", &format!("Cookie: stagepost={cookie}\r\n"), "");
    assert!(page.contains(" 200 ") && page.contains("lin"), "{page}");
    let by_token = request(guesser, "GET", "/native/v1/whoami", &format!("X-Auth-Token: {TOKEN}\r\n"), "");
    assert!(by_token.contains(" 200 "), "{by_token}");
}

/// A captured request that changes something is refused after a restart, too, and by the other nodes.
#[test]
fn a_used_signature_is_remembered_after_a_restart() {
    for store in [Store::Sqlite, Store::Postgres] {
        let storage = Storage::new(store);
        let mut server = storage.ready(0);
        let mut connection = Connection::open(server.address());
        let key = connection.request("POST", "/native/v1/users/admin/keys", "{}").unwrap().body;
        let key: serde_json::Value = serde_json::from_str(&key).unwrap();
        let (access, secret) = (key["access"].as_str().unwrap(), key["secret"].as_str().unwrap());
        let body = r#"{"name":"ci","scope":"full"}"#;
        let signed = SignedRequest {
            method: "POST",
            target: b"/native/v1/users/admin/tokens",
            headers: &[("host", b"ci.example.com")],
            body: body.as_bytes(),
        };
        let date = SdkDate::from_unix_seconds(stagepost_client::system_clock());
        let made = sign(Algorithm::SdkHmacSha256, access, secret.as_bytes(), &signed, date).unwrap();
        let captured = format!(
            "POST /native/v1/users/admin/tokens HTTP/1.1\r\nHost: ci.example.com\r\nConnection: close\r\n\
             X-Sdk-Date: {}\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n{body}",
            made.x_sdk_date,
            made.authorization,
            body.len()
        );
        assert!(send(&server, &captured).contains(" 201 "), "{store:?}");
        server.kill();
        let server = storage.ready(0);
        let replayed = send(&server, &captured);
        assert!(replayed.contains(" 401 ") && replayed.contains("used before"), "{store:?} {replayed}");
        if matches!(store, Store::Postgres) {
            let other = storage.ready(1);
            assert!(send(&other, &captured).contains(" 401 "), "another node");
        }
    }
}
