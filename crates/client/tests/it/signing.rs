//! The server's signature check accepts signed requests with any path, query and body.

use crate::stub::{ReceivedRequest, Stub, respond};
use stagepost_client::pipelines::PipelineFilter;
use stagepost_client::users::NewUser;
use stagepost_client::{Credentials, Method, RawBody};
use wire::signing::{Authorization, SignedRequest, request_date, verify};

const NOW: i64 = 1_795_462_270;

fn check(received: &ReceivedRequest, secret: &str) {
    let headers: Vec<(&str, &[u8])> =
        received.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = SignedRequest {
        method: &received.method,
        target: received.target.as_bytes(),
        headers: &headers,
        body: &received.body,
    };
    let authorization = Authorization::parse(received.header("authorization").unwrap().as_bytes()).unwrap();
    assert_eq!(authorization.access_key(), "AK1");
    assert!(authorization.signed_headers().any(|name| name == "host"));
    assert_eq!(request_date(&request).unwrap().unix_seconds(), NOW);
    assert!(verify(&authorization, &request, secret.as_bytes()).is_ok(), "{received:?}");
    assert!(verify(&authorization, &request, b"another").is_err());
}

#[tokio::test]
async fn the_server_accepts_what_the_client_signs() {
    let stub = Stub::start(|_, _| respond(404, "")).await;
    let credentials = Credentials::access_key("AK1", "SK1");
    let client = stub.builder().credentials(credentials).clock(|| NOW).build().unwrap();
    let filter = PipelineFilter {
        git_ref: Some("feature/a b+c&d=任务~*".into()),
        statuses: vec!["failed".into(), "timedout".into()],
        ..PipelineFilter::default()
    };
    client.list_pipelines(7, &filter, Some(3), 20).await.unwrap_err();
    client.create_user(&NewUser { name: "任务".into(), ..NewUser::default() }).await.unwrap_err();
    client.remove_member(7, "a/b c").await.unwrap_err();
    client.list_projects("cn-north-4").await.unwrap_err();
    let body = RawBody { content_type: "application/x-ndjson".into(), bytes: b"{}\n".to_vec() };
    client.raw(Method::POST, "/native/v1/import?x=%2F&y", Some(body)).await.unwrap();
    let requests = stub.requests();
    assert_eq!(requests.len(), 5);
    for request in &requests {
        check(request, "SK1");
        assert_eq!(request.header("x-auth-token"), None);
    }
    assert!(requests[0].target.contains("ref=feature%2Fa%20b%2Bc%26d%3D"), "{}", requests[0].target);
    assert_eq!(requests[2].target, "/native/v1/repositories/7/members/a%2Fb%20c");
    assert_eq!(requests[3].target, "/v3/projects?name=cn-north-4");
}
