//! Merge requests: their branches, their head and its pipeline; and the flag that a repository has a
//! pipeline.

use crate::report;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

async fn put_merge_request(server: &TestServer, repository: i64, iid: &str, body: Value) -> TestResponse {
    let target = format!("/native/v1/repositories/{repository}/merge-requests/{iid}");
    server.root(Method::PUT, &target).json(&body).send().await
}

fn head(sha: &str) -> Value {
    json!({"source_branch": "feature", "target_branch": "main", "head_sha": sha})
}

fn head_of(repository: i64) -> String {
    format!("/v4/repositories/{repository}/merge-requests/7/actual-head-pipeline")
}

/// Reports on the ref of merge request 7.
async fn own(server: &TestServer, repository: i64, mut fields: Value) -> TestResponse {
    fields["ref"] = "refs/merge-requests/7/head".into();
    report(server, repository, fields).await
}

#[tokio::test]
async fn a_pipeline_of_a_head_has_every_key_of_the_reference() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    own(
        &server,
        id,
        json!({"sha": A, "stage": "test", "stage_order": 2, "name": "unit", "status": "pending"}),
    )
    .await;
    own(
        &server,
        id,
        json!({"sha": A, "stage": "构建", "stage_order": 1, "name": "compile", "status": "success", "trigger_user": "li",
            "web_url": "https://ci.example.com/1", "started_at": "2026-11-24T07:59:00+08:00",
            "finished_at": "2026-11-24T07:59:30+08:00"}),
    )
    .await;
    let answer = server.get(&head_of(id)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
    assert_eq!(
        answer.json(),
        json!({"is_valid": true, "data": {
            "id": 1, "web_url": "https://ci.example.com/1", "sha": A, "ref": "refs/merge-requests/7/head", "status": "running",
            "created_at": "2026-11-24T07:59:00.000+08:00", "updated_at": "2026-11-24T08:00:00.000+08:00",
            "started_at": "2026-11-24T07:59:00.000+08:00", "finished_at": null,
            "repository_id": id, "is_invalid": false, "type": "MERGE REQUEST", "is_latest": true, "trigger_user": "li",
            "all_job_finished": false,
            "stages": [
                {"id": 2, "repository_id": id, "pipeline_id": 1, "name": "构建", "sort_id": 1, "status": "success"},
                {"id": 1, "repository_id": id, "pipeline_id": 1, "name": "test", "sort_id": 2, "status": "pending"}]}})
    );
    own(&server, id, json!({"sha": A, "stage": "test", "name": "unit", "status": "failed"})).await;
    let ended = server.get(&head_of(id)).await.json();
    let data = &ended["data"];
    assert_eq!((&data["status"], &data["all_job_finished"]), (&json!("failed"), &json!(true)));
    assert!(
        data["finished_at"].is_string() && data["stages"][1]["status"] == "failed",
        "an acknowledged report is seen"
    );
}

#[tokio::test]
async fn the_answer_follows_the_head() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let shown = async || {
        let answer = server.get(&head_of(id)).await.json();
        let data = &answer["data"];
        (data["id"].as_i64(), data["is_invalid"].as_bool(), answer["is_valid"].as_bool().unwrap())
    };
    assert_eq!(put_merge_request(&server, id, "7", head(A)).await.status, 200);
    assert_eq!(server.get(&head_of(id)).await.json(), json!({"data": null, "is_valid": false}));
    own(&server, id, json!({"sha": A, "status": "success"})).await;
    assert_eq!(shown().await, (Some(1), Some(false), true));
    put_merge_request(&server, id, "7", head(B)).await;
    assert_eq!(shown().await, (Some(1), Some(true), false), "pushed, and nothing has begun to build it");
    own(&server, id, json!({"sha": B, "status": "pending"})).await;
    assert_eq!(shown().await, (Some(2), Some(false), true));
    // A late end of a build of the old commit does not change the head.
    own(&server, id, json!({"sha": A, "status": "failed"})).await;
    assert_eq!(shown().await, (Some(2), Some(false), true));
}

#[tokio::test]
async fn a_branchs_pipeline_of_the_head_is_the_merge_requests_too() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({"sha": A, "ref": "feature"})).await;
    report(&server, id, json!({"sha": A, "ref": "elsewhere"})).await;
    assert_eq!(server.get(&head_of(id)).await.status, 404, "a branch alone makes no merge request");
    put_merge_request(&server, id, "7", head(A)).await;
    let shown = server.get(&head_of(id)).await.json();
    assert_eq!((&shown["data"]["id"], &shown["data"]["ref"]), (&json!(1), &json!("feature")));
    assert_eq!((&shown["data"]["type"], &shown["is_valid"]), (&json!("MERGE REQUEST"), &json!(true)));
    own(&server, id, json!({"sha": A})).await;
    assert_eq!(server.get(&head_of(id)).await.json()["data"]["id"], 3, "its own goes before");
    // GitLab's reporters send the ref, too.
    let gitlab = format!("/api/v4/projects/acme%2Fdemo/statuses/{B}");
    let body = json!({"state": "success", "name": "lint", "ref": "refs/merge-requests/7/head"});
    assert_eq!(server.gitlab(Method::POST, &gitlab).json(&body).send().await.status, 201);
    assert_eq!(server.get(&head_of(id)).await.json()["data"]["sha"], B);
}

#[tokio::test]
async fn a_merge_request_is_shown_as_it_was_said() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let target = format!("/native/v1/repositories/{id}/merge-requests/7");
    let first = put_merge_request(&server, id, "7", head(&A.to_uppercase())).await;
    let shown = json!({"iid": 7, "source_branch": "feature", "target_branch": "main", "head_sha": A,
        "updated_at": "2026-11-24T00:00:00.000Z", "head_pipeline": null});
    assert_eq!((first.status, first.json()), (200, shown.clone()));
    server.clock.advance(domain::SignedDuration::from_secs(60));
    assert_eq!(
        put_merge_request(&server, id, "7", head(A)).await.json(),
        shown,
        "the same again changes nothing"
    );
    own(&server, id, json!({"sha": A, "status": "failed"})).await;
    let with = server.get(&target).await.json();
    assert_eq!(with["head_pipeline"], json!({"id": 1, "status": "failed"}));
    let moved = put_merge_request(&server, id, "7", head(B)).await.json();
    assert_eq!((&moved["head_sha"], &moved["head_pipeline"]), (&json!(B), &json!(null)));
    assert_eq!(moved["updated_at"], "2026-11-24T00:01:00.000Z");
    report(&server, id, json!({"ref": "refs/merge-requests/10/head"})).await;
    let list = async |query: &str| {
        server.get(&format!("/native/v1/repositories/{id}/merge-requests{query}")).await.json()
    };
    let all = list("").await;
    assert_eq!((&all["merge_requests"][1], &all["next_before"]), (&moved, &json!(null)));
    let reported = &all["merge_requests"][0];
    assert_eq!((&reported["iid"], &reported["source_branch"]), (&json!(10), &json!(null)));
    let page = list("?limit=1").await;
    assert_eq!((&page["merge_requests"][0]["iid"], &page["next_before"]), (&json!(10), &json!(10)));
    let rest = list("?limit=1&before=10").await;
    assert_eq!((&rest["merge_requests"][0]["iid"], &rest["next_before"]), (&json!(7), &json!(null)));
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let native = format!("/native/v1/repositories/{id}/merge-requests");
    for target in [head_of(id), format!("{native}/7")] {
        let answer = server.get(&target).await;
        assert_eq!(answer.error(), (404, "CH.000404".into()), "{target}");
        let english = server.root(Method::GET, &target).header("x-language", "en-us").send().await.json();
        let (chinese, english) = match target.starts_with("/v4") {
            true => (answer.json()["error_msg"].clone(), english["error_msg"].clone()),
            false => (answer.json()["detail"].clone(), english["detail"].clone()),
        };
        assert_eq!((chinese, english), (json!("MR信息未找到"), json!("No such merge request")));
    }
    for iid in ["0", "-1", "2147483648", "abc", "7.0"] {
        let flat = server.get(&head_of(id).replace("/7/", &format!("/{iid}/"))).await;
        assert_eq!(flat.error(), (400, "CH.00401999".into()), "{iid}");
        assert!(flat.json()["error_msg"].as_str().unwrap().starts_with("'merge_request_iid': "), "{flat:?}");
        for answer in
            [server.get(&format!("{native}/{iid}")).await, put_merge_request(&server, id, iid, head(A)).await]
        {
            assert_eq!((answer.status, &answer.json()["field"]), (400, &json!("merge_request_iid")), "{iid}");
        }
    }
    for (field, body) in [
        ("source_branch", json!({"target_branch": "main", "head_sha": A})),
        ("source_branch", json!({"source_branch": 7, "target_branch": "main", "head_sha": A})),
        ("target_branch", json!({"source_branch": "feature", "target_branch": " ", "head_sha": A})),
        ("head_sha", json!({"source_branch": "feature", "target_branch": "main", "head_sha": "abc1234"})),
        ("head_sha", json!({"source_branch": "feature", "target_branch": "main", "head_sha": null})),
        ("merge_request", json!([])),
    ] {
        let answer = put_merge_request(&server, id, "7", body.clone()).await;
        assert_eq!(
            (answer.error(), &answer.json()["field"]),
            ((400, "CH.00401999".into()), &json!(field)),
            "{body}"
        );
    }
    for (query, field) in [("?before=0", "before"), ("?before=x", "before"), ("?limit=101", "limit")] {
        assert_eq!(server.get(&format!("{native}{query}")).await.json()["field"], field, "{query}");
    }
    assert_eq!(server.get(&head_of(id)).await.status, 404, "what is refused leaves nothing behind");
}

#[tokio::test]
async fn strangers_see_no_merge_request_and_readers_say_nothing_of_it() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    put_merge_request(&server, id, "7", head(A)).await;
    let native = format!("/native/v1/repositories/{id}/merge-requests");
    let (stranger, reader) = (server.user("stranger").await, server.user("reader").await);
    let member = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/reader"));
    assert_eq!(member.json(&json!({"role": "read"})).send().await.status, 204);
    for target in [head_of(id), format!("{native}/7"), native.clone()] {
        let answer = server.ask(Method::GET, &target).token(&stranger).send().await;
        assert_eq!(answer.error(), (404, "CH.00402000".into()), "{target}");
        assert_eq!(server.ask(Method::GET, &target).token(&reader).send().await.status, 200, "{target}");
        assert_eq!(server.ask(Method::GET, &target).send().await.error(), (401, "CH.00000002".into()));
    }
    let say = async |token: &str| {
        let asked = server.ask(Method::PUT, &format!("{native}/7")).token(token).json(&head(B));
        asked.send().await.error()
    };
    assert_eq!(say(&stranger).await, (404, "CH.00402000".into()));
    assert_eq!(say(&reader).await, (403, "CH.080403".into()));
    assert_eq!(server.get(&format!("{native}/7")).await.json()["head_sha"], A);
}

#[tokio::test]
async fn a_repository_is_noted_to_have_a_pipeline() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "internal").await;
    let has =
        async |id| server.get(&format!("/native/v1/repositories/{id}")).await.json()["has_pipeline"].clone();
    assert_eq!(has(id).await, false);
    let uuid = server.get(&format!("/native/v1/repositories/{id}")).await.json()["uuid"].clone();
    let target = format!("/v1/repositories/{}/pipeline", uuid.as_str().unwrap());
    let reader = server.user("reader").await;
    let refused = server.ask(Method::PUT, &target).token(&reader).send().await;
    assert_eq!((refused.error(), &refused.json()["status"]), ((403, "CH.080403".into()), &json!("failed")));
    assert_eq!(has(id).await, false);
    for _ in 0..2 {
        let done = server.root(Method::PUT, &target).send().await;
        assert_eq!((done.status, done.json()), (200, json!({"result": true, "status": "success"})));
        assert_eq!(has(id).await, true);
    }
    for (uuid, status, code) in [("0".repeat(32), 404, "CH.010117"), ("abc".to_owned(), 400, "CH.010001")] {
        let answer = server.root(Method::PUT, &format!("/v1/repositories/{uuid}/pipeline")).send().await;
        assert_eq!((answer.error(), &answer.json()["status"]), ((status, code.to_owned()), &json!("failed")));
    }
    // A repository with a report has a pipeline, also without `ShowHasPipeline`.
    let other = server.repository("acme/other", "private").await;
    report(&server, other, json!({})).await;
    assert_eq!(has(other).await, true);
}

#[tokio::test]
async fn a_webhook_that_comes_again_moves_no_head_back() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let put = async |iid: u8, key: &str, body: Value| {
        let target = format!("/native/v1/repositories/{id}/merge-requests/{iid}");
        server.root(Method::PUT, &target).header("idempotency-key", key).json(&body).send().await
    };
    assert_eq!(put(7, "delivery-1", head(A)).await.status, 200);
    assert_eq!(put(7, "delivery-2", head(B)).await.status, 200);
    let again = put(7, "delivery-1", head(A)).await;
    assert_eq!((again.status, again.json()["head_sha"].as_str()), (200, Some(B)));
    assert_eq!(put(7, "delivery-2", head(A)).await.status, 422, "another word");
    assert_eq!(put(8, "delivery-2", head(B)).await.status, 422, "of another merge request");
    let long = put(7, &"k".repeat(256), head(A)).await;
    assert_eq!((long.status, long.json()["field"].as_str()), (400, Some("Idempotency-Key")));
}
