//! The headers of the GitLab dialect are those of GitLab, to the letter: clients compare them as a whole.

use crate::gitlab::{SHA, get, post, server};
use http::Method;
use serde_json::json;
use sha2::{Digest as _, Sha256};

#[tokio::test]
async fn every_response_is_json_without_a_charset() {
    let (server, id) = server().await;
    post(&server, json!({"state": "success", "name": "build"})).await;
    let root = format!("/api/v4/projects/{id}");
    for (method, target, body, status) in [
        (Method::GET, "/api/v4/version".to_owned(), "", 200),
        (Method::GET, "/api/v4/user".to_owned(), "", 200),
        (Method::GET, root.clone(), "", 200),
        (Method::GET, format!("{root}/pipelines"), "", 200),
        (Method::GET, format!("{root}/pipelines/1/jobs"), "", 200),
        (Method::GET, format!("{root}/repository/commits/{SHA}"), "", 200),
        (Method::POST, format!("{root}/statuses/{SHA}"), r#"{"state":"failed"}"#, 201),
        (Method::POST, format!("{root}/statuses/{SHA}"), r#"{"state":"x"}"#, 400),
        (Method::POST, format!("{root}/statuses/{SHA}"), "{", 400),
        (Method::GET, format!("{root}/pipelines/7"), "", 404),
        (Method::GET, "/api/v4/projects/none".to_owned(), "", 404),
        (Method::GET, "/api/v4/nothing".to_owned(), "", 404),
    ] {
        let request = server.gitlab(method.clone(), &target).header("content-type", "application/json");
        let answer = request.body(body).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (status, "application/json"), "{target}");
        let (cache, tagged) = match status {
            200 | 201 => ("max-age=0, private, must-revalidate", true),
            _ => ("no-cache", false),
        };
        assert_eq!(answer.header("cache-control"), cache, "{target}");
        // The tag of Rack::ETag: half of the digest of the body.
        let tag = format!("W/\"{}\"", domain::model::ids::hex(&Sha256::digest(&answer.body)[..16]));
        assert_eq!(answer.header("etag"), if tagged { &tag } else { "" }, "{target}");
        assert_eq!(answer.header("vary").split(", ").next(), Some("Origin"), "{target}");
    }
    let nobody = server.ask(Method::GET, "/api/v4/user").send().await;
    assert_eq!((nobody.status, nobody.header("content-type")), (401, "application/json"));
    // Other dialects keep their own media types.
    let native = server.get("/native/v1/repositories").await;
    assert_eq!(native.header("content-type"), "application/json;charset=UTF-8");
}

#[tokio::test]
async fn an_unchanged_answer_is_304_and_a_changed_one_is_not() {
    let (server, id) = server().await;
    post(&server, json!({"state": "running", "name": "build"})).await;
    let target = format!("/api/v4/projects/{id}/pipelines/1/jobs");
    let first = get(&server, "/pipelines/1/jobs").await;
    let tag = first.header("etag").to_owned();
    let again =
        async |tag: &str| server.gitlab(Method::GET, &target).header("if-none-match", tag).send().await;
    let same = again(&tag).await;
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, &*tag));
    assert_eq!((same.header("x-total"), same.header("content-type")), ("1", ""));
    assert_eq!(again("W/\"other\"").await.status, 200);
    post(&server, json!({"state": "success", "name": "build"})).await;
    let changed = again(&tag).await;
    assert_eq!((changed.status, &changed.json()[0]["status"]), (200, &json!("success")));
}
