//! Jobs that an operator closes.

use crate::report;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

#[tokio::test]
async fn one_job_is_ended_and_a_later_real_end_counts() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let target = format!("/native/v1/repositories/{id}/closings");
    report(&server, id, json!({"third_build_id": "b"})).await;
    let closed =
        server.post(&target, json!({"job_id": 1, "status": "skipped", "reason": "not needed"})).await;
    assert_eq!(
        (closed.status, closed.json()),
        (
            200,
            json!({"more": false, "closed": [{"report_id": 2, "pipeline_id": 1, "stage_id": 1, "job_id": 1, "attempt": 1,
                "effect": "changed", "changed": ["status", "finished_at"], "status": "skipped", "pipeline_status": "skipped"}]})
        )
    );
    let again = server.post(&target, json!({"job_id": 1})).await.json();
    assert_eq!(again["closed"][0]["status"], "canceled", "the default, and a later word of the same weight");
    let real = report(&server, id, json!({"third_build_id": "b", "status": "failed"})).await.json();
    assert_eq!((&real["effect"], &real["status"]), (&json!("changed"), &json!("failed")));
    let late = server.post(&target, json!({"job_id": 1})).await.json();
    assert_eq!(
        (&late["closed"][0]["effect"], &late["closed"][0]["status"]),
        (&json!("late"), &json!("failed"))
    );
    let none = server.post(&target, json!({"job_id": 2})).await;
    assert_eq!((none.error(), &none.json()["detail"]), ((404, "CH.000404".into()), &json!("任务不存在")));
}

#[tokio::test]
async fn the_unfinished_jobs_of_a_commit_end_a_hundred_at_a_time() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let running = |n: usize| json!({"sha": SHA, "ref": "dev", "name": format!("j{n}"), "status": "running"});
    let mut reports: Vec<Value> = (0..130).map(running).collect();
    reports.push(json!({"sha": SHA, "ref": "dev", "name": "done", "status": "success"}));
    reports.push(json!({"sha": "1c".repeat(20), "ref": "dev", "name": "other", "status": "running"}));
    server.post(&format!("/native/v1/repositories/{id}/reports"), json!(reports)).await;
    let close = async || {
        let body = json!({"sha": SHA[..7].to_uppercase()});
        let answer = server.post(&format!("/native/v1/repositories/{id}/closings"), body).await.json();
        (answer["closed"].as_array().unwrap().len(), answer["more"].as_bool().unwrap())
    };
    assert_eq!(close().await, (100, true));
    assert_eq!(close().await, (30, false));
    assert_eq!(close().await, (0, false));
    let left = server.get(&format!("/native/v1/repositories/{id}/jobs?status=running,success")).await.json();
    let names: Vec<&str> =
        left["jobs"].as_array().unwrap().iter().map(|j| j["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["other", "done"]);
}

#[tokio::test]
async fn bad_closings_are_named_and_close_nothing() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({})).await;
    for (field, body) in [
        ("closing", json!([])),
        ("job_id", json!({})),
        ("job_id", json!({"job_id": "1"})),
        ("job_id", json!({"job_id": 0})),
        ("job_id", json!({"job_id": 2147483648_i64})),
        ("sha", json!({"job_id": 1, "sha": SHA})),
        ("sha", json!({"sha": "1c46c5"})),
        ("sha", json!({"sha": "release"})),
        ("sha", json!({"sha": 7})),
        ("status", json!({"job_id": 1, "status": "running"})),
        ("status", json!({"job_id": 1, "status": "cancelled"})),
        ("status", json!({"job_id": 1, "status": true})),
        ("reason", json!({"job_id": 1, "reason": "a\u{7}b"})),
        ("reason", json!({"job_id": 1, "reason": " "})),
        ("reason", json!({"job_id": 1, "reason": "x".repeat(1025)})),
    ] {
        let answer = server.post(&format!("/native/v1/repositories/{id}/closings"), body.clone()).await;
        assert_eq!(
            (answer.error(), answer.json()["field"].as_str()),
            ((400, "CH.00401999".into()), Some(field)),
            "{body}"
        );
    }
    for (body, detail) in [
        (json!({}), "'job_id': Either it or 'sha' is required."),
        (
            json!({"sha": "1c46c5"}),
            "'sha': It must be a commit id, or at least 7 hexadecimal digits of its beginning.",
        ),
    ] {
        let asked = server.root(Method::POST, &format!("/native/v1/repositories/{id}/closings"));
        let answer = asked.header("accept-language", "en").json(&body).send().await;
        assert_eq!(answer.json()["detail"], detail);
    }
    assert_eq!(server.get(&format!("/native/v1/repositories/{id}/jobs/1")).await.json()["status"], "running");
}
