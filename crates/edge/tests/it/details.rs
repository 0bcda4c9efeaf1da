//! Details of jobs in the native API and on the page: the content of a report besides the status.

use crate::report;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

async fn details(server: &TestServer, repository: i64, job: i64) -> Value {
    let answer = server.get(&format!("/native/v1/repositories/{repository}/jobs/{job}/details")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn annotation(line: i64) -> Value {
    json!({"path": "src/main.rs", "start_line": line, "level": "warning", "message": "unused"})
}

#[tokio::test]
async fn details_of_several_reports_are_those_of_the_job() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let send = async |status: &str, details: Value| {
        let fields = json!({"status": status, "third_build_id": "1", "details": details});
        let answer = report(&server, id, fields).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    };
    let created = send("running", json!({})).await;
    assert_eq!(details(&server, id, 1).await, json!({}));
    let first = json!({"title": "half", "summary": "# 一", "annotations": [annotation(9), annotation(2)]});
    assert_eq!(send("running", first.clone()).await["changed"], json!(["details"]));
    let repeated = send("running", first).await;
    assert_eq!((&repeated["effect"], &repeated["changed"]), (&json!("repeated"), &json!([])));
    let last = json!({
        "title": "done",
        "text": "*t*",
        "annotations": [annotation(2), {
            "path": "a.rs", "start_line": 1, "end_line": 1, "start_column": 2, "end_column": 5, "level": "failure",
            "title": "T", "message": "m\nn", "raw_details": "r",
        }],
        "tests": {"failed": 1, "passed": 20},
    });
    send("failed", last).await;
    let with_end = |mut annotation: Value| {
        annotation["end_line"] = annotation["start_line"].clone();
        annotation
    };
    let expected = json!({
        "title": "done",
        "summary": "# 一",
        "text": "*t*",
        "annotations": [
            {
                "path": "a.rs", "start_line": 1, "end_line": 1, "start_column": 2, "end_column": 5, "level": "failure",
                "title": "T", "message": "m\nn", "raw_details": "r",
            },
            with_end(annotation(2)),
            with_end(annotation(9)),
        ],
        "tests": {"failed": 1, "passed": 20, "skipped": 0},
    });
    assert_eq!(details(&server, id, 1).await, expected);
    // What was returned can be sent again, and is the same.
    assert_eq!(send("failed", expected.clone()).await["changed"], json!(["details"]));
    assert_eq!(details(&server, id, 1).await, expected);

    let history = server.get(&format!("/native/v1/repositories/{id}/jobs/1/history")).await.json();
    let entries = history["history"].as_array().unwrap();
    let given: Vec<&Value> = entries.iter().map(|entry| &entry["details"]["annotations"]).collect();
    assert_eq!(given, [&json!(null), &json!(2), &json!(2), &json!(2), &json!(3)]);
    assert_eq!(entries[1]["details"]["digest"], entries[2]["details"]["digest"]);
    assert_eq!(created["job_id"], 1);
    let job = server.get(&format!("/native/v1/repositories/{id}/jobs/1")).await.json();
    assert_eq!(job["details"], json!(null), "not in other resources");
    let missing = server.get(&format!("/native/v1/repositories/{id}/jobs/2/details")).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_bad_annotation_is_an_error_and_nothing_is_written() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let path = "details.annotations[1].path";
    for (field, bad) in [
        (path, json!({"path": "../x"})),
        (path, json!({"path": "/etc/passwd"})),
        (path, json!({"path": "a\u{0}b"})),
        (path, json!({"path": null})),
        (path, json!({"path": "x".repeat(1_025)})),
        ("details.annotations[1].level", json!({"level": "error"})),
        ("details.annotations[1].start_line", json!({"start_line": null})),
        ("details.annotations[1].message", json!({"message": null})),
    ] {
        let mut second = annotation(1);
        second.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        let fields = json!({"details": {"annotations": [annotation(1), second]}});
        let answer = report(&server, id, fields).await;
        assert_eq!(answer.status, 400, "{bad}: {answer:?}");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.contains(field), "{bad}: {text}");
    }
    // A value of another type, too.
    for bad in [json!([7]), json!([{"path": 7}]), json!([{"path": "a", "start_line": "x"}])] {
        let answer = report(&server, id, json!({"details": {"annotations": bad}})).await;
        assert_eq!(answer.status, 400, "{bad}: {answer:?}");
    }
    let jobs = server.get(&format!("/native/v1/repositories/{id}/jobs")).await.json();
    assert_eq!(jobs["jobs"], json!([]), "no report was accepted");
}

#[tokio::test]
async fn what_is_only_displayed_is_adjusted() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let truncated = json!([{"field": "details", "change": "truncated"}]);
    let dropped = json!([{"field": "details", "change": "dropped"}]);
    for (n, (given, kept, adjusted)) in [
        (json!("text"), json!({}), dropped.clone()),
        (json!({"summary": 7, "title": "t"}), json!({"title": "t"}), dropped.clone()),
        (
            json!({"tests": {"failed": "many", "passed": 3}}),
            json!({"tests": {"failed": 0, "passed": 3, "skipped": 0}}),
            dropped,
        ),
        (
            json!({"text": "务".repeat(65_536)}),
            json!({"text": format!("{}…", "务".repeat(65_534))}),
            truncated,
        ),
        (
            json!({"title": "a\nb", "tests": {"failed": -4}}),
            json!({"title": "a b", "tests": {"failed": 0, "passed": 0, "skipped": 0}}),
            json!([{"field": "details", "change": "sanitized"}, {"field": "details", "change": "clamped"}]),
        ),
        (json!({"other": 1}), json!({}), json!(null)),
        (json!(null), json!({}), json!(null)),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = report(&server, id, json!({"name": n.to_string(), "details": given})).await;
        assert_eq!(answer.status, 201, "{n}: {answer:?}");
        let receipt = answer.json();
        assert_eq!(receipt["adjusted"], adjusted, "{n}");
        assert_eq!(details(&server, id, receipt["job_id"].as_i64().unwrap()).await, kept, "{n}");
    }
    let large = json!({"details": {"text": "x".repeat(1 << 20)}});
    assert_eq!(report(&server, id, large).await.status, 413);
}

#[tokio::test]
async fn the_page_shows_details_in_both_languages_without_html_of_strangers() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "public").await;
    let evil = "a <script>alert(1)</script> [a](javascript:alert(1)) ![i](https://x/i.png) **bold**";
    let fields = json!({"status": "failed", "details": {
        "title": evil,
        "summary": evil,
        "text": "# Heading\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "annotations": [{"path": "src/main.rs", "start_line": 7, "level": "failure", "message": evil}],
        "tests": {"failed": 1},
    }});
    assert_eq!(report(&server, id, fields).await.status, 201);
    for (language, texts) in [("en", ["Annotations", "Failed tests"]), ("zh-CN", ["标注", "失败的测试"])]
    {
        let page = server.root(Method::GET, &format!("/repositories/{id}/pipelines/1/jobs/1"));
        let page = page.header("accept-language", language).send().await;
        assert_eq!(page.status, 200);
        let html = String::from_utf8_lossy(&page.body).into_owned();
        for bad in ["<script>alert", "href=\"javascript:", "<img"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        for part in
            texts.iter().chain(&["<strong>bold</strong>", "<h3>Heading</h3>", "<td>2</td>", "src/main.rs"])
        {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }
}
