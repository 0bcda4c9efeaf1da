//! Invalid input: an error that names the field, no partial writes, never a 5xx.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::TestServer;

#[tokio::test]
async fn every_bad_report_names_its_field_and_leaves_nothing() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for (field, fields) in [
        ("sha", json!({"sha": "main"})),
        ("sha", json!({"sha": 5})),
        ("ref", json!({"ref": ""})),
        ("ref", json!({"ref": ["dev"]})),
        ("name", json!({"name": "x".repeat(10_240)})),
        ("name", json!({"name": "a\u{1b}[2Jb"})),
        ("status", json!({"status": "cancelled"})),
        ("status", json!({"status": true})),
        ("allow_failure", json!({"allow_failure": "yes"})),
        ("pipeline_id", json!({"pipeline_id": 0})),
        ("pipeline_id", json!({"pipeline_id": -1})),
        ("pipeline_id", json!({"pipeline_id": 18446744073709551615_u64})),
        ("pipeline_id", json!({"pipeline_id": "abc"})),
        ("third_build_id", json!({"third_build_id": 42})),
        ("source", json!({"source": "x".repeat(256)})),
        // An id out of range is named before other faults, however far out of range it is.
        ("pipeline_id", json!({"pipeline_id": 0, "sha": "main", "source": ""})),
        ("pipeline_id", json!({"pipeline_id": 2147483648_i64, "sha": "main", "source": ""})),
    ] {
        let answer = report(&server, id, fields.clone()).await;
        assert_eq!(
            (answer.error(), answer.json()["field"].as_str()),
            ((400, "CH.00401999".into()), Some(field)),
            "{fields}"
        );
    }
    assert_eq!(
        server.get(&format!("/native/v1/repositories/{id}/pipelines")).await.json()["pipelines"],
        json!([])
    );
}

#[tokio::test]
async fn bodies_that_are_too_much_or_nothing_are_refused() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let send = |body: Vec<u8>| {
        server.root(Method::POST, &format!("/native/v1/repositories/{id}/reports")).body(body).send()
    };
    assert_eq!(send(vec![b' '; 2 << 20]).await.error(), (413, "APIGW.0201".into()));
    for body in ["", "{", "nonsense", "\u{0}", "[[[[[", "null", "7", "\"x\"", "{\"a\":1}"] {
        let answer = send(body.into()).await;
        assert_eq!(answer.status, 400, "{body:?} {answer:?}");
    }
    assert_eq!(send(vec![0xff, 0xfe]).await.status, 400);
    assert_eq!(
        send([b"[".repeat(100_000), b"]".repeat(100_000)].concat()).await.status,
        400,
        "deep, and no overflow"
    );
    let many = format!("[{}]", vec!["1"; 400_000].join(","));
    let answer = send(many.into()).await;
    assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some("reports")));
    let million = format!("[{}]", vec!["1"; 1_000_000].join(","));
    assert_eq!(send(million.into()).await.status, 413);
    assert_eq!(send(b"[]".to_vec()).await.json(), json!([]));
}

#[tokio::test]
async fn ids_in_paths_are_checked_in_every_dialect() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for bad in ["0", "-1", "2147483648", "abc", "99999999999999999999", "%00", "1%2F2", "%ff"] {
        for (target, field) in [
            (format!("/v4/repositories/{bad}/pipelines/1/jobs"), "repository_id"),
            (format!("/v4/repositories/{id}/pipelines/{bad}/jobs"), "pipeline_id"),
            (format!("/v4/repositories/{id}/pipelines/{bad}/latest-jobs"), "pipeline_id"),
            (format!("/native/v1/repositories/{bad}/pipelines"), "repository_id"),
            (format!("/native/v1/repositories/{id}/pipelines/{bad}"), "pipeline_id"),
        ] {
            let answer = server.get(&target).await;
            assert_eq!(answer.error(), (400, "CH.00401999".into()), "{target}");
            let body = answer.json();
            let text = body["error_msg"].as_str().or(body["detail"].as_str()).unwrap();
            assert!(text.starts_with(&format!("'{field}': ")), "{target}: {text}");
        }
    }
}

/// A deterministic generator: the same random requests in every run.
struct Strange(u64);

impl Strange {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % below
    }
}

#[tokio::test]
async fn no_strange_request_is_a_fault_of_ours() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({})).await;
    let parts = [
        "v4",
        "v3",
        "v2",
        "v1",
        "native",
        "v1",
        "repositories",
        "projects",
        "user",
        "pipelines",
        "jobs",
        "latest-jobs",
        "auth",
        "tokens",
        "users",
        "root",
        "keys",
        "members",
        "reports",
        "import",
        "history",
        "closings",
        "policies",
        "prune",
        "1",
        "0",
        "abc",
        "%00",
        "%F0%9F%92%A9",
        "..",
        "%2e%2e",
        "a".repeat(300).leak(),
    ];
    let queries = [
        "",
        "?",
        "?limit=1",
        "?limit=%00",
        "?offset=99999999999",
        "?name=%ff",
        "?search=%25%27%22;--",
        "?sort=x",
        "?page_size=-5",
        "?sha=zz",
        "?status=none",
        "?since=%00&before=-1",
        "?total=true&q=%25_%27",
    ];
    let bodies = [
        "",
        "{}",
        "[]",
        "{\"name\":null}",
        "{\"name\":{\"a\":[]}}",
        "{\"path\":\"a/b\",\"id\":1}",
        "\u{7f}",
        "{\"auth\":{\"identity\":{}}}",
        "{\"dry_run\":true,\"after\":\"1.1.\"}",
        "{\"sha\":\"%%%%%%%%\",\"stage_limits\":{\"\":1}}",
    ];
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    let mut strange = Strange(7);
    for _ in 0..3_000 {
        let depth = 1 + strange.next(7);
        let path: String = (0..depth).map(|_| format!("/{}", parts[strange.next(parts.len())])).collect();
        let target = format!("{path}{}", queries[strange.next(queries.len())]);
        let method = methods[strange.next(methods.len())].clone();
        let answer =
            server.root(method.clone(), &target).body(bodies[strange.next(bodies.len())]).send().await;
        assert!(answer.status < 500, "{method} {target}: {answer:?}");
        assert!(!answer.header("x-request-id").is_empty(), "{method} {target}");
        if !answer.body.is_empty()
            && answer.header("content-type").contains("json")
            && !answer.header("content-type").contains("ndjson")
        {
            answer.json();
        }
    }
}
