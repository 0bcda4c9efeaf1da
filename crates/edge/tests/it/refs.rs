//! `refs/heads/x` and `x` are one ref in every interface; a tag is `refs/tags/x`.

use crate::gitlab::{SHA, get, post};
use crate::report;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

#[tokio::test]
async fn reports_of_every_dialect_meet_on_one_ref() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for (n, git_ref) in ["dev", "refs/heads/dev"].into_iter().enumerate() {
        let native = report(&server, id, json!({"ref": git_ref, "name": format!("native {n}")})).await;
        assert_eq!(native.json()["pipeline_id"], 1, "{native:?}");
        let gitlab = post(&server, json!({"state": "success", "ref": git_ref, "name": "build"})).await.json();
        assert_eq!((&gitlab["pipeline_id"], &gitlab["ref"]), (&json!(1), &json!("dev")), "{gitlab}");
        let fields = json!({"ref": git_ref, "pipeline_id": 1});
        assert_eq!(report(&server, id, fields).await.status, 201, "{git_ref}");
    }
    // Tags and other refs are separate refs.
    for (n, git_ref) in ["refs/tags/dev", "refs/pull/1/head", "refs/merge-requests/7/head"].iter().enumerate()
    {
        let receipt = report(&server, id, json!({"ref": git_ref})).await.json();
        assert_eq!(receipt["pipeline_id"], n + 2, "{git_ref}");
    }
    let tags = get(&server, "/pipelines?scope=tags").await.json();
    assert_eq!((tags.as_array().unwrap().len(), &tags[0]["ref"]), (1, &json!("refs/tags/dev")));
    assert_eq!(get(&server, "/pipelines/2").await.json()["tag"], true);
}

#[tokio::test]
async fn every_filter_takes_both_names_of_a_branch() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "public").await;
    let done = json!({"ref": "refs/heads/dev", "status": "success", "finished_at": "2026-11-23T00:00:00Z"});
    report(&server, id, done).await;
    report(&server, id, json!({"ref": "main", "name": "other"})).await;
    let native = format!("/native/v1/repositories/{id}");
    for git_ref in ["dev", "refs/heads/dev", "refs%2Fheads%2Fdev"] {
        let json = async |target: String| server.get(&target).await.json();
        let pipelines = json(format!("{native}/pipelines?ref={git_ref}&total=true")).await;
        assert_eq!((&pipelines["total"], &pipelines["pipelines"][0]["ref"]), (&json!(1), &json!("dev")));
        assert_eq!(json(format!("{native}/pipelines?q={git_ref}")).await["pipelines"][0]["id"], 1);
        assert_eq!(json(format!("{native}/jobs?ref={git_ref}&total=true")).await["total"], 1);
        let insights = json(format!("{native}/insights?ref={git_ref}")).await;
        assert_eq!(insights["jobs"].as_array().unwrap().len(), 1, "{insights}");
        for (target, ids) in [
            (format!("/pipelines?ref={git_ref}"), json!([1])),
            (format!("/repository/commits/{SHA}/statuses?ref={git_ref}"), json!([1])),
            (format!("/repository/commits/{SHA}/statuses?ref={git_ref}&order_by=pipeline_id"), json!([1])),
        ] {
            let found = get(&server, &target).await.json();
            let found: Vec<Value> = found.as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
            assert_eq!(json!(found), ids, "{target}");
        }
        assert_eq!(get(&server, &format!("/pipelines/latest?ref={git_ref}")).await.json()["id"], 1);
        let badge = server.get(&format!("/repositories/{id}/badge.svg?ref={git_ref}")).await;
        let badge = String::from_utf8(badge.body.clone()).unwrap();
        assert!(badge.contains("dev") && !badge.contains("refs/heads"), "{badge}");
        let page = server.get(&format!("/repositories/{id}/pipelines.json?ref={git_ref}")).await.json();
        assert_eq!(page["pipelines"][0]["id"], 1, "{page}");
    }
    let of_branch = get(&server, "/repository/commits/refs%2Fheads%2Fdev/statuses").await;
    assert_eq!((of_branch.status, of_branch.header("x-total")), (200, "2"), "the commit of the branch");
}

#[tokio::test]
async fn settings_and_merge_requests_take_both_names_of_a_branch() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let patch = server.root(Method::PATCH, &format!("/native/v1/repositories/{id}"));
    let changed = patch.json(&json!({"default_branch": "refs/heads/trunk"})).send().await;
    assert_eq!(changed.json()["default_branch"], "trunk", "{changed:?}");
    let new = json!({"path": "acme/new", "default_branch": "refs/heads/trunk"});
    assert_eq!(server.post("/native/v1/repositories", new).await.json()["default_branch"], "trunk");
    // A report without ref, on the default branch.
    let status = post(&server, json!({"state": "success"})).await.json();
    assert_eq!(status["ref"], "trunk");
    report(&server, id, json!({"ref": "feature", "name": "x"})).await;
    let update =
        json!({"source_branch": "refs/heads/feature", "target_branch": "refs/heads/trunk", "head_sha": SHA});
    let put = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/merge-requests/7"));
    let merge_request = put.json(&update).send().await.json();
    assert_eq!(
        (
            &merge_request["source_branch"],
            &merge_request["target_branch"],
            &merge_request["head_pipeline"]["id"]
        ),
        (&json!("feature"), &json!("trunk"), &json!(2)),
        "{merge_request}"
    );
}
