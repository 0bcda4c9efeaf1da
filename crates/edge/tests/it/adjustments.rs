//! Fields of reports that are only displayed: no value of theirs costs the report, in any dialect. The
//! response says what was adjusted.

use crate::gitlab::{SHA, get, post};
use crate::report;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

/// The adjustments of a receipt, an entry of a history or a line of an import.
fn adjusted(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = value["adjusted"].as_array();
    list.into_iter().flatten().map(|a| format!("{}={}", text(&a["field"]), text(&a["change"]))).collect()
}

/// The header of the GitLab dialect with the same content.
fn in_header(answer: &TestResponse) -> Vec<String> {
    let header = answer.header("x-stagepost-adjusted");
    header.split(", ").filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

async fn job(server: &TestServer, repository: i64, id: &Value) -> Value {
    server.get(&format!("/native/v1/repositories/{repository}/jobs/{id}")).await.json()
}

async fn last_entry(server: &TestServer, repository: i64, id: &Value) -> Value {
    let history = server.get(&format!("/native/v1/repositories/{repository}/jobs/{id}/history")).await.json();
    history["history"].as_array().unwrap().last().unwrap().clone()
}

#[tokio::test]
async fn texts_and_links_are_accepted_alike_in_both_dialects() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let long = "长".repeat(1_024);
    let link = format!("https://ci.example/{}", "x".repeat(2_029));
    for (n, (fields, kept, changes)) in [
        (json!({"description": long}), json!({"description": long}), vec![]),
        (json!({"target_url": link}), json!({"target_url": link}), vec![]),
        (
            json!({"description": format!("{long}。")}),
            json!({"description": format!("{}…", "长".repeat(1_023))}),
            vec!["description=truncated"],
        ),
        (
            json!({"target_url": format!("{link}y")}),
            json!({"target_url": link}),
            vec!["target_url=truncated"],
        ),
        (
            json!({"description": "3 failed:\r\n\ta\n\u{1b}[31mb\u{1b}[0m", "target_url": " https://ci/1\n"}),
            json!({"description": "3 failed: a b", "target_url": "https://ci/1"}),
            vec!["description=sanitized"],
        ),
        (
            json!({"target_url": "javascript:alert(1)", "coverage": 100.1}),
            json!({"target_url": null, "coverage": 100.0}),
            vec!["target_url=dropped", "coverage=clamped"],
        ),
        (json!({"coverage": "80%"}), json!({"coverage": null}), vec!["coverage=dropped"]),
        (json!({"coverage": -3}), json!({"coverage": 0.0}), vec!["coverage=clamped"]),
        (
            json!({"target_url": [], "description": {"a": 1}}),
            json!({"target_url": null, "description": null}),
            vec!["target_url=dropped", "description=dropped"],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut native = fields.clone();
        native["name"] = json!(format!("native {n}"));
        native["status"] = json!("failed");
        let native = report(&server, id, native).await;
        assert_eq!(native.status, 201, "{fields}: {native:?}");
        let receipt = native.json();
        assert_eq!(adjusted(&receipt), changes, "{fields}");

        let mut gitlab = fields.clone();
        gitlab["name"] = json!(format!("gitlab {n}"));
        gitlab["state"] = json!("failed");
        let gitlab = post(&server, gitlab).await;
        assert_eq!(gitlab.status, 201, "{fields}: {gitlab:?}");
        assert_eq!(in_header(&gitlab), changes, "{fields}");

        for job_id in [&receipt["job_id"], &gitlab.json()["id"]] {
            let (job, entry) = (job(&server, id, job_id).await, last_entry(&server, id, job_id).await);
            for (field, value) in kept.as_object().unwrap() {
                assert_eq!((&job[field], &entry[field]), (value, value), "{fields}: {field}");
            }
            assert_eq!(job["status"], "failed");
            assert_eq!(adjusted(&entry), changes, "{fields}");
        }
    }
}

#[tokio::test]
async fn unusable_times_and_positions_do_not_cost_a_report() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let (early, late) = ("2026-11-23T10:00:00Z", "2026-11-23T10:00:05Z");
    for (n, (fields, started, finished, changes)) in [
        // Unset times are unknown, which is no adjustment.
        (json!({"started_at": "0001-01-01T00:00:00Z", "finished_at": late}), json!(null), late, vec![]),
        (json!({"started_at": "1970-01-01T00:00:00Z", "finished_at": late}), json!(null), late, vec![]),
        (
            json!({"started_at": "1970-01-01T08:00:00+08:00", "occurred_at": "0001-01-01T00:00:00Z",
            "finished_at": late}),
            json!(null),
            late,
            vec![],
        ),
        (
            json!({"started_at": late, "finished_at": early}),
            json!("2026-11-23T10:00:00.000Z"),
            early,
            vec!["started_at=clamped"],
        ),
        (
            json!({"started_at": "9999-01-01T00:00:00Z", "finished_at": late, "occurred_at": 5}),
            json!(null),
            late,
            vec!["occurred_at=dropped", "started_at=dropped"],
        ),
        (
            json!({"stage_order": 0, "finished_at": late, "web_url": "ci", "trigger_user": "a\nb"}),
            json!(null),
            late,
            vec!["stage_order=clamped", "web_url=dropped", "trigger_user=sanitized"],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut with_name = fields.clone();
        with_name["name"] = json!(format!("job {n}"));
        with_name["status"] = json!("success");
        let answer = report(&server, id, with_name).await;
        assert_eq!(answer.status, 201, "{fields}: {answer:?}");
        assert_eq!(adjusted(&answer.json()), changes, "{fields}");
        let job = job(&server, id, &answer.json()["job_id"]).await;
        let finished = finished.replace('Z', ".000Z");
        assert_eq!((&job["started_at"], &job["finished_at"]), (&started, &json!(finished)), "{fields}");
    }
    // A running job has no end, whatever the report says.
    let running = json!({"name": "running", "finished_at": "0001-01-01T00:00:00Z"});
    assert_eq!(adjusted(&report(&server, id, running).await.json()), Vec::<String>::new());
    let running = json!({"name": "running", "finished_at": late});
    assert_eq!(adjusted(&report(&server, id, running).await.json()), ["finished_at=dropped"]);
    // Insights do not count decades.
    let insights = server.get(&format!("/native/v1/repositories/{id}/insights?days=30")).await.json();
    for job in insights["jobs"].as_array().unwrap() {
        assert!(job["p95_ms"].as_i64().is_none_or(|ms| ms < 1_000_000), "{job}");
    }
}

#[tokio::test]
async fn links_that_are_equal_after_they_were_cut_name_two_attempts() {
    let server = TestServer::start().await;
    server.repository("acme/demo", "private").await;
    let url = format!("https://ci.example/{}", "x".repeat(3_000));
    for (first, second) in [(format!("{url}/1"), format!("{url}/2")), ("job/1".into(), "job/2".into())] {
        let name = first.len().to_string();
        let send = async |state: &str, url: &str| {
            let answer = post(&server, json!({"state": state, "name": name, "target_url": url})).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            answer.json()["id"].as_i64().unwrap()
        };
        let old = send("failed", &first).await;
        let new = send("running", &second).await;
        assert_ne!(old, new, "another link is another attempt");
        assert_eq!(send("pending", &first).await, old, "a late repeat belongs to its attempt");
        assert_eq!(send("success", &second).await, new);
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_adjustments() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let body = json!([
        {"sha": SHA, "ref": "dev", "name": "a", "status": "running", "description": "a\nb"},
        {"sha": SHA, "ref": "dev", "name": "b", "status": "running"},
    ]);
    let send = async || {
        let target = format!("/native/v1/repositories/{id}/reports");
        server.root(Method::POST, &target).header("idempotency-key", "k").json(&body).send().await.json()
    };
    let first = send().await;
    assert_eq!(adjusted(&first[0]["receipt"]), ["description=sanitized"]);
    assert_eq!(first[1]["receipt"].get("adjusted"), None);
    assert_eq!(send().await, first);
}

#[tokio::test]
async fn an_import_is_adjusted_like_a_report() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let line = json!({"type": "pipeline", "repository_id": id, "sha": SHA, "ref": "refs/heads/dev",
        "web_url": "nowhere", "created_at": "0001-01-01T00:00:00Z", "stages": [{"name": "build", "sort_id": 0,
        "jobs": [{"name": "a", "status": "success", "created_at": "1970-01-01T00:00:00Z",
            "started_at": "2025-05-17T11:02:25Z", "finished_at": "0001-01-01T00:00:00Z", "updated_at": "never",
            "description": "x".repeat(1_025), "coverage": "x"}]}]});
    let imported = server.root(Method::POST, "/native/v1/import").body(line.to_string()).send().await;
    let result: Value = serde_json::from_slice(&imported.body).unwrap();
    assert_eq!(result["result"], "added", "{result}");
    let changes = [
        "description=truncated",
        "coverage=dropped",
        "web_url=dropped",
        "updated_at=dropped",
        "sort_id=clamped",
    ];
    assert_eq!(adjusted(&result), changes);
    let job = job(&server, id, &json!(1)).await;
    assert_eq!((&job["created_at"], &job["ref"]), (&json!("2025-05-17T11:02:25.000Z"), &json!("dev")));
    assert_eq!((&job["finished_at"], &job["coverage"]), (&json!("2025-05-17T11:02:25.000Z"), &json!(null)));
    let again = server.root(Method::POST, "/native/v1/import").body(line.to_string()).send().await;
    assert_eq!(serde_json::from_slice::<Value>(&again.body).unwrap(), json!({"line": 1, "result": "known"}));
}

#[tokio::test]
async fn filters_ignore_unset_times() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({})).await;
    for zero in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
        let gitlab = get(&server, &format!("/pipelines?created_before={zero}&updated_after={zero}")).await;
        assert_eq!((gitlab.status, gitlab.header("x-total")), (200, "1"), "{zero}");
        let target = format!("/native/v1/repositories/{id}/pipelines?until={zero}&updated_since={zero}");
        assert_eq!(server.get(&target).await.json()["pipelines"].as_array().unwrap().len(), 1, "{zero}");
    }
}
