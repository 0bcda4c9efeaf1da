//! IAM: sessions for passwords, and exactly one project for any region.

use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

async fn sign_in(server: &TestServer, user: &str, password: &str, scope: Value) -> TestResponse {
    let body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "domain": {"name": "stagepost"}, "name": user, "password": password}}}, "scope": scope}});
    server.ask(Method::POST, "/v3/auth/tokens").json(&body).send().await
}

#[tokio::test]
async fn a_password_gives_a_session_of_a_day() {
    let server = TestServer::start().await;
    let made = sign_in(&server, "root", "root-password", json!({"project": {"name": "cn-north-4"}})).await;
    let session = made.header("x-subject-token").to_owned();
    assert_eq!(made.status, 201, "{made:?}");
    assert!(!session.is_empty() && session.len() < 512);
    let token = &made.json()["token"];
    assert_eq!(token["expires_at"], "2026-11-25T00:00:00.000000Z");
    assert_eq!((&token["project"]["name"], &token["user"]["name"]), (&json!("cn-north-4"), &json!("root")));
    let used = server.ask(Method::GET, "/v4/user/repositories").token(&session).send().await;
    assert_eq!(used.status, 200);
    let seen = server
        .ask(Method::GET, "/v3/auth/tokens")
        .token(&session)
        .header("x-subject-token", &session)
        .send()
        .await;
    assert_eq!(
        (seen.status, seen.header("x-subject-token"), &seen.json()["token"]),
        (200, session.as_str(), token)
    );
    let unknown = server.root(Method::GET, "/v3/auth/tokens").header("x-subject-token", "x").send().await;
    assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (404, &json!(404)));
    server.clock.advance(domain::SignedDuration::from_hours(24));
    assert_eq!(server.ask(Method::GET, "/v4/user/repositories").token(&session).send().await.status, 401);
    let domain = sign_in(&server, "root", "root-password", json!({"domain": {"name": "x"}})).await;
    assert_eq!(
        (&domain.json()["token"]["domain"]["name"], domain.json()["token"].get("project")),
        (&json!("stagepost"), None)
    );
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_name_are_the_same() {
    let server = TestServer::start().await;
    let wrong = sign_in(&server, "root", "root-passwore", json!({})).await;
    let unknown = sign_in(&server, "nobody", "root-password", json!({})).await;
    assert_eq!((wrong.status, &wrong.body), (401, &unknown.body));
    assert_eq!(wrong.json()["error"]["title"], "Unauthorized");
    let huge = sign_in(&server, "root", &"x".repeat(100_000), json!({})).await;
    assert_eq!(huge.status, 401);
}

#[tokio::test]
async fn bodies_that_are_no_request_are_400() {
    let server = TestServer::start().await;
    for body in [
        "",
        "[]",
        "{",
        "{\"auth\":1}",
        "{}",
        "{\"auth\":{\"identity\":{\"methods\":[\"totp\"]}}}",
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"]}}}",
    ] {
        let answer = server.ask(Method::POST, "/v3/auth/tokens").body(body).send().await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(400)), "{body}");
    }
}

#[tokio::test]
async fn any_region_is_exactly_one_project() {
    let server = TestServer::start().await;
    let mut ids = std::collections::HashSet::new();
    for region in ["cn-north-4", "local-1", "%E5%8C%97%E4%BA%AC"] {
        let body = server.get(&format!("/v3/projects?name={region}")).await.json();
        let projects = body["projects"].as_array().unwrap();
        assert_eq!(projects.len(), 1);
        let id = projects[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 32);
        assert_eq!(
            server.get(&format!("/v3/projects?name={region}")).await.json()["projects"][0]["id"],
            id.as_str()
        );
        ids.insert(id);
    }
    assert_eq!(ids.len(), 3);
    assert_eq!(server.get("/v3/auth/domains").await.json()["domains"][0]["name"], "stagepost");
    assert_eq!(server.ask(Method::GET, "/v3/projects?name=x").send().await.status, 401);
}
