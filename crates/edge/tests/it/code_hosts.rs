//! Invalid and hostile input, in every dialect of a code host.

use http::Method;
use serde_json::{Value, json};
use testkit::{TestRequest, TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// How a dialect takes a report.
struct Host {
    target: String,
    /// A report, without texts.
    report: Value,
    /// The fields of a link and of a text of one line.
    link: &'static str,
    text: &'static str,
    /// The text of an error.
    error: &'static str,
}

fn hosts() -> Vec<Host> {
    let status = |target: String| Host {
        target,
        report: json!({"state": "success", "context": "status"}),
        link: "target_url",
        text: "description",
        error: "/message",
    };
    let build = |target: String, key: &str| Host {
        target,
        report: json!({"state": "SUCCESSFUL", "key": key}),
        link: "url",
        text: "description",
        error: "/errors/0/message",
    };
    vec![
        status(format!("/repos/acme/demo/statuses/{SHA}")),
        Host {
            report: json!({"name": "check", "head_sha": SHA, "conclusion": "success"}),
            link: "details_url",
            text: "ignored",
            ..status("/api/v3/repos/acme/demo/check-runs".to_owned())
        },
        Host {
            report: json!({"state": "success", "context": "gitea"}),
            ..status(format!("/api/v1/repos/acme/demo/statuses/{SHA}"))
        },
        build(format!("/rest/build-status/1.0/commits/{SHA}"), "old"),
        build(format!("/rest/api/latest/projects/ACME/repos/demo/commits/{SHA}/builds"), "new"),
    ]
}

/// A server with a repository, its id, and a token that is limited to it.
async fn server() -> (TestServer, i64, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let only = server.token("root", json!({"name": "ci", "scope": "report", "repositories": [id]})).await;
    (server, id, only)
}

fn ask<'a>(server: &'a TestServer, token: &str, method: Method, target: &str) -> TestRequest<'a> {
    server.ask(method, target).header("authorization", &format!("Bearer {token}"))
}

fn with(host: &Host, more: &Value) -> Value {
    let mut report = host.report.clone();
    report.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    report
}

/// Says that the dialect refused a request in its own form.
fn assert_refused(host: &Host, status: u16, answer: &TestResponse) {
    assert_eq!(answer.status, status, "{}: {answer:?}", host.target);
    let body = answer.json();
    assert!(body.pointer(host.error).is_some_and(Value::is_string), "{}: {body}", host.target);
}

#[tokio::test]
async fn two_credentials_and_a_text_of_a_mebibyte_leave_nothing() {
    let (server, id, token) = server().await;
    let markdown = format!("# Heading\n\n{}", "*x* ".repeat(1 << 18));
    for host in hosts() {
        let post = || ask(&server, &token, Method::POST, &host.target);
        let two = post().token("another").json(&host.report).send().await;
        assert_refused(&host, 400, &two);
        let output = json!({"title": "t", "summary": markdown, "text": markdown});
        for large in [json!({host.text: markdown}), json!({"output": output})] {
            assert_refused(&host, 413, &post().json(&with(&host, &large)).send().await);
        }
    }
    let pipelines = server.get(&format!("/native/v1/repositories/{id}/pipelines")).await.json();
    assert_eq!(pipelines["pipelines"], json!([]));
}

#[tokio::test]
async fn scripts_in_texts_and_links_are_never_part_of_a_page() {
    let (server, id, token) = server().await;
    let evil = "a <script>alert(1)</script> [a](javascript:alert(1)) <img src=x onerror=alert(1)> **bold**";
    for host in hosts() {
        let annotation = json!({"path": "<script>alert(1)</script>", "start_line": 1, "end_line": 1,
            "annotation_level": "failure", "title": evil, "message": evil, "raw_details": evil});
        let output = json!({"title": evil, "summary": evil, "text": evil, "annotations": [annotation]});
        let more = json!({host.link: "javascript:alert(1)", host.text: evil, "output": output, "name": evil});
        let mut report = with(&host, &more);
        if host.text == "ignored" {
            report["name"] = "check".into();
        }
        let answer = ask(&server, &token, Method::POST, &host.target).json(&report).send().await;
        assert!([201, 204].contains(&answer.status), "{}: {answer:?}", host.target);
        assert!(answer.header("x-stagepost-adjusted").contains("target_url=dropped"), "{answer:?}");
    }
    let jobs = server.get(&format!("/native/v1/repositories/{id}/pipelines/1/jobs")).await.json();
    assert_eq!(jobs["total"], 5, "{jobs}");
    for job in jobs["jobs"].as_array().unwrap() {
        assert_eq!(job["target_url"], Value::Null, "{job}");
        let target = format!("/repositories/{id}/pipelines/1/jobs/{}", job["id"]);
        let page = server.root(Method::GET, &target).send().await;
        let html = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!(page.status, 200, "{html}");
        assert!(html.contains("alert(1)"), "the text is shown: {html}");
        for bad in ["<script>alert", "href=\"javascript:", "<img src=x", "onerror=\""] {
            assert!(!html.contains(bad), "{bad} of {} in {html}", job["name"]);
        }
    }
}

#[tokio::test]
async fn page_zero_of_a_list_is_the_first_one() {
    let (server, _, token) = server().await;
    for host in hosts() {
        let annotation = json!({"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice",
            "message": "m"});
        let output = json!({"title": "t", "summary": "s", "annotations": [annotation]});
        let report = with(&host, &json!({"output": output}));
        let answer = ask(&server, &token, Method::POST, &host.target).json(&report).send().await;
        assert!([201, 204].contains(&answer.status), "{}: {answer:?}", host.target);
    }
    let github = "/api/v3/repos/acme/demo";
    let run =
        ask(&server, &token, Method::GET, &format!("{github}/commits/{SHA}/check-runs?check_name=check"));
    let run = run.send().await.json()["check_runs"][0]["id"].clone();
    for (list, page, size) in [
        (format!("{github}/commits/{SHA}/statuses"), "page", "per_page"),
        (format!("{github}/statuses/{SHA}"), "page", "per_page"),
        (format!("{github}/commits/{SHA}/status"), "page", "per_page"),
        (format!("{github}/commits/{SHA}/check-runs"), "page", "per_page"),
        (format!("{github}/commits/{SHA}/check-suites"), "page", "per_page"),
        (format!("{github}/check-runs/{run}/annotations"), "page", "per_page"),
        (format!("/api/v1/repos/acme/demo/statuses/{SHA}"), "page", "limit"),
        (format!("/api/v1/repos/acme/demo/commits/{SHA}/statuses"), "page", "limit"),
        (format!("/api/v1/repos/acme/demo/commits/{SHA}/status"), "page", "limit"),
        (format!("/rest/build-status/1.0/commits/{SHA}"), "start", "limit"),
    ] {
        let get = async |query: &str| {
            let answer = ask(&server, &token, Method::GET, &format!("{list}{query}")).send().await;
            assert_eq!(answer.status, 200, "{list}{query}: {answer:?}");
            answer.json()
        };
        let first = get("").await;
        for query in [format!("?{page}=0"), format!("?{page}=-1"), format!("?{size}=0"), format!("?{page}=x")]
        {
            assert_eq!(get(&query).await, first, "{list}{query}");
        }
    }
}
