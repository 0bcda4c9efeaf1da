//! Policies, and the role that may set them.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::TestServer;

#[tokio::test]
async fn policies_are_set_all_together() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let target = format!("/native/v1/repositories/{id}/policies");
    let nothing = json!({"silence_limit": null, "stage_limits": {}, "keep_for": null, "keep_per_ref": null});
    assert_eq!(server.get(&target).await.json(), nothing);
    let put = async |body| server.root(Method::PUT, &target).json(&body).send().await;
    let whole = json!({"silence_limit": 7200, "stage_limits": {"deploy": 21600, "人工": null},
        "keep_for": 7776000, "keep_per_ref": 10});
    let answer = put(whole.clone()).await;
    assert_eq!((answer.status, answer.json()), (200, whole.clone()));
    assert_eq!(server.get(&target).await.json(), whole);
    let less = json!({"keep_per_ref": 1, "stage_limits": null, "unknown": 7});
    assert_eq!(put(less).await.json()["keep_per_ref"], 1);
    let left = server.get(&target).await.json();
    assert_eq!(
        (&left["silence_limit"], &left["stage_limits"]),
        (&json!(null), &json!({})),
        "what is absent is null"
    );
    put(json!({})).await;
    assert_eq!(server.get(&target).await.json(), nothing);
}

#[tokio::test]
async fn bad_policies_are_named_and_change_nothing() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let target = format!("/native/v1/repositories/{id}/policies");
    let put = async |body| server.root(Method::PUT, &target).json(&body).send().await;
    put(json!({"silence_limit": 60})).await;
    let many: serde_json::Map<_, _> = (0..101).map(|n| (format!("s{n}"), json!(60))).collect();
    for (field, body) in [
        ("policies", json!(null)),
        ("silence_limit", json!({"silence_limit": "2h"})),
        ("silence_limit", json!({"silence_limit": 0})),
        ("silence_limit", json!({"silence_limit": 1.5})),
        ("silence_limit", json!({"silence_limit": 18446744073709551615_u64})),
        ("keep_for", json!({"keep_for": -1})),
        ("keep_for", json!({"keep_for": true})),
        ("keep_per_ref", json!({"keep_per_ref": 0})),
        ("keep_per_ref", json!({"keep_per_ref": 4294967297_i64})),
        ("keep_per_ref", json!({"keep_per_ref": [1]})),
        ("stage_limits", json!({"stage_limits": [60]})),
        ("stage_limits", json!({"stage_limits": many})),
        ("stage_limits", json!({"stage_limits": {" ": 60}})),
        ("stage_limits.deploy", json!({"stage_limits": {"deploy": "6h"}})),
        ("stage_limits.deploy", json!({"stage_limits": {"deploy": 0}})),
    ] {
        let answer = put(body.clone()).await;
        assert_eq!(
            (answer.error(), answer.json()["field"].as_str()),
            ((400, "CH.00401999".into()), Some(field)),
            "{body}"
        );
    }
    let broken = server.root(Method::PUT, &target).body("{").send().await;
    assert_eq!(broken.json()["field"], "body");
    assert_eq!(server.get(&target).await.json()["silence_limit"], 60);
}

#[tokio::test]
async fn readers_look_and_managers_act() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({})).await;
    let base = format!("/native/v1/repositories/{id}");
    for role in ["read", "report", "manage"] {
        let token = server.user(role).await;
        let member = server.root(Method::PUT, &format!("{base}/members/{role}")).json(&json!({"role": role}));
        assert_eq!(member.send().await.status, 204);
        for path in ["pipelines", "jobs", "jobs/1", "jobs/1/history", "policies"] {
            let answer = server.ask(Method::GET, &format!("{base}/{path}")).token(&token).send().await;
            assert_eq!(answer.status, 200, "{role} {path}");
        }
        let narrow = server.token(role, json!({"name": "narrow", "scope": "report"})).await;
        for (method, path, body) in [
            (Method::PUT, "policies", json!({})),
            (Method::POST, "closings", json!({"job_id": 1})),
            (Method::POST, "prune", json!({"dry_run": true})),
            (Method::POST, "prune", json!({})),
        ] {
            let ask = async |token: &str| {
                let asked = server.ask(method.clone(), &format!("{base}/{path}")).token(token).json(&body);
                asked.send().await.status
            };
            assert_eq!(ask(&token).await, if role == "manage" { 200 } else { 403 }, "{role} {path}");
            assert_eq!(ask(&narrow).await, 403, "{role} {path}, with less of a token");
        }
    }
}
