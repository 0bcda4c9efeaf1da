//! Text that is not UTF-8 is refused in every place, and never replaced, because two names would become one.

use http::Method;
use serde_json::json;
use testkit::{TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
/// Two names in GBK.
const NAMES: [&[u8]; 2] = [b"\xb1\xe0\xd2\xeb", b"\xb2\xe2\xca\xd4"];

fn encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

async fn nothing_is_left(server: &TestServer, id: i64) {
    let left = server.get(&format!("/native/v1/repositories/{id}/pipelines")).await.json();
    assert_eq!(left["pipelines"], json!([]));
}

#[tokio::test]
async fn a_report_of_gitlab_is_refused_in_every_form() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let path = format!("/api/v4/projects/{id}/statuses/{SHA}");
    for name in NAMES {
        let form = [b"state=failed&ref=main&name=", name].concat();
        let json = [b"{\"state\":\"failed\",\"name\":\"", name, b"\"}"].concat();
        let part = [
            b"--b\r\nContent-Disposition: form-data; name=\"state\"\r\n\r\nfailed\r\n--b\r\nContent-Disposition: form-data; name=\"name\"\r\nContent-Type: text/plain; charset=gbk\r\n\r\n",
            name,
            b"\r\n--b--\r\n",
        ]
        .concat();
        let url_encoded = format!("state=failed&ref=main&name={}", encoded(name));
        let of_query = format!("{path}?state=failed&name={}", encoded(name));
        const FORM: &str = "application/x-www-form-urlencoded";
        for (target, kind, body, text) in [
            (&path, FORM, form, "name is invalid: it is not valid UTF-8"),
            (&path, FORM, url_encoded.into_bytes(), "name is invalid: it is not valid UTF-8"),
            (&path, "multipart/form-data; boundary=b", part, "name is invalid: it is not valid UTF-8"),
            (&path, "application/json", json, "message body does not match declared format"),
            (&of_query, FORM, Vec::new(), "name is invalid: it is not valid UTF-8"),
        ] {
            let answer =
                server.gitlab(Method::POST, target).header("content-type", kind).body(body).send().await;
            let error = answer.json()["error"].as_str().unwrap_or_default().to_owned();
            assert!(answer.status == 400 && error.starts_with(text), "{kind}: {answer:?}");
        }
    }
    nothing_is_left(&server, id).await;
}

#[tokio::test]
async fn a_native_report_is_refused_in_every_form() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let path = format!("/native/v1/repositories/{id}/reports");
    let report = [
        b"{\"sha\":\"",
        SHA.as_bytes(),
        b"\",\"ref\":\"x\",\"status\":\"failed\",\"name\":\"",
        NAMES[0],
        b"\"}",
    ]
    .concat();
    let answer = server.root(Method::POST, &path).body(report.clone()).send().await;
    assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some("body")));
    let lines = server.root(Method::POST, &path).header("content-type", "application/x-ndjson").body(report);
    assert_eq!(lines.send().await.json()["code"], 400);
    nothing_is_left(&server, id).await;
}

/// The refusal of a parameter by name, in the body of each dialect.
fn names(answer: &TestResponse, field: &str) -> bool {
    answer.status == 400 && String::from_utf8_lossy(&answer.body).contains(field)
}

#[tokio::test]
async fn paths_and_queries_are_refused_in_every_dialect() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "public").await;
    // Invalid bytes, a character in more bytes than it needs, half of a pair, and NUL.
    for value in ["%B1%E0", "%C0%AF", "%ED%A0%80", "a%00b"] {
        for (target, field) in [
            (format!("/native/v1/repositories/{id}/pipelines?ref={value}"), "ref"),
            (format!("/native/v1/users/{value}/keys"), "user"),
            (format!("/native/v1/repositories/{value}"), "repository_id"),
            (format!("/v4/repositories/{id}/pipelines/1/jobs?limit={value}"), "limit"),
            (format!("/api/v4/projects/{value}"), "project"),
            (format!("/api/v4/projects/{id}/pipelines?ref={value}"), "ref"),
            (format!("/api/v4/projects/{id}/repository/commits/{value}"), "sha"),
            (format!("/v3/projects?name={value}"), "name"),
            (format!("/repositories/{id}/pipelines?ref={value}"), "ref"),
        ] {
            let request = match target.starts_with("/api/") {
                true => server.gitlab(Method::GET, &target),
                false => server.root(Method::GET, &target),
            };
            let answer = request.send().await;
            assert!(names(&answer, field), "{target}: {answer:?}");
        }
        // An anonymous client gets no other information.
        let answer =
            server.ask(Method::GET, &format!("/native/v1/repositories/{id}/members?x={value}")).send().await;
        assert_eq!(answer.status, 401);
    }
    // A `%` that encodes nothing is a character, as in browsers.
    for value in ["100%", "%zz", "%4", "%E4%BB%BB"] {
        let answer = server.get(&format!("/native/v1/repositories/{id}/pipelines?ref={value}")).await;
        assert_eq!(answer.status, 200, "{value}: {answer:?}");
    }
}

#[tokio::test]
async fn forms_of_pages_are_refused() {
    let server = TestServer::start().await;
    for body in [&b"user=%B1&password=x"[..], b"user=\xb1&password=x", b"user=a%00&password=x"] {
        let answer = server.ask(Method::POST, "/sign-in").body(body).send().await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    let cookie = server.ask(Method::GET, "/account").header("cookie", "stagepost=%B1%E0").send().await;
    assert!(matches!(cookie.status, 303 | 401), "{cookie:?}");
}

#[tokio::test]
async fn headers_are_refused() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let gbk = http::HeaderValue::from_bytes(NAMES[0]).unwrap();
    let path = format!("/native/v1/repositories/{id}/reports");
    let body = format!(r#"{{"sha":"{SHA}","ref":"x","name":"y","status":"failed"}}"#);
    let request = server.root(Method::POST, &path).header_value("idempotency-key", gbk.clone()).body(body);
    let answer = request.send().await;
    assert!(names(&answer, "Idempotency-Key"), "{answer:?}");
    let events = format!("/native/v1/events?repository={id}");
    let answer = server.root(Method::GET, &events).header_value("last-event-id", gbk).send().await;
    assert!(names(&answer, "Last-Event-ID"), "{answer:?}");
    nothing_is_left(&server, id).await;
}

#[tokio::test]
async fn a_byte_order_mark_is_not_a_part_of_the_text() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let report = format!(r#"{{"sha":"{SHA}","ref":"x","name":"任务","status":"success"}}"#);
    let marked = format!("\u{feff}{report}");
    let native = format!("/native/v1/repositories/{id}/reports");
    assert_eq!(server.root(Method::POST, &native).body(marked.clone()).send().await.status, 201);
    let lines =
        server.root(Method::POST, &native).header("content-type", "application/x-ndjson").body(marked);
    assert_eq!(lines.send().await.json()["code"], 201);
    let gitlab = format!("/api/v4/projects/{id}/statuses/{SHA}");
    for (kind, body) in [
        ("application/json", "\u{feff}{\"state\":\"success\",\"name\":\"a\"}"),
        ("application/x-www-form-urlencoded", "\u{feff}state=success&name=b"),
    ] {
        let answer =
            server.gitlab(Method::POST, &gitlab).header("content-type", kind).body(body).send().await;
        assert_eq!(answer.status, 201, "{kind}: {answer:?}");
    }
    let token = "\u{feff}{\"auth\":{}}";
    let answer = server.ask(Method::POST, "/v3/auth/tokens").body(token).send().await;
    assert!(names(&answer, "auth.identity"), "{answer:?}");
}
