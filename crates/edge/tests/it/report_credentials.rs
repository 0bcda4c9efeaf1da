//! The credential of every report in the history, for every dialect and every kind of credential.

use crate::github::base64;
use crate::signatures::{AK, SK, Signed};
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const KEYS: &str = "/v3.0/OS-CREDENTIAL/securitytokens";

/// What a report is posted to, and its fields.
fn reports(id: i64) -> [(&'static str, String, Value); 6] {
    let native = json!({"sha": SHA, "ref": "dev", "name": "native", "status": "running"});
    let build = json!({"key": "bitbucket", "state": "INPROGRESS", "url": "https://ci.example/7"});
    let check = json!({"name": "check", "head_sha": SHA, "status": "in_progress"});
    [
        ("native", format!("/native/v1/repositories/{id}/reports"), native),
        (
            "gitlab",
            format!("/api/v4/projects/{id}/statuses/{SHA}"),
            json!({"state": "running", "name": "gitlab"}),
        ),
        (
            "github",
            format!("/api/v3/repos/acme/demo/statuses/{SHA}"),
            json!({"state": "pending", "context": "github"}),
        ),
        ("github", "/api/v3/repos/acme/demo/check-runs".into(), check),
        (
            "gitea",
            format!("/api/v1/repos/acme/demo/statuses/{SHA}"),
            json!({"state": "pending", "context": "gitea"}),
        ),
        ("bitbucket", format!("/rest/api/latest/projects/ACME/repos/demo/commits/{SHA}/builds"), build),
    ]
}

/// The job that was reported last, and the last entry of its history: its dialect and its credential.
async fn last(server: &TestServer, id: i64) -> (Value, Value) {
    let base = format!("/native/v1/repositories/{id}/jobs");
    let jobs = server.get(&format!("{base}?limit=100")).await.json();
    let mut entries = Vec::new();
    for job in jobs["jobs"].as_array().unwrap() {
        let history = server.get(&format!("{base}/{}/history", job["id"])).await.json();
        entries.extend(history["history"].as_array().unwrap().iter().cloned());
    }
    let entry = entries.into_iter().max_by_key(|entry| entry["report_id"].as_i64()).unwrap();
    (entry["dialect"].clone(), entry["credential"].clone())
}

async fn session(server: &TestServer) -> String {
    let body = json!({"auth": {"identity": {"methods": ["password"],
        "password": {"user": {"name": "root", "password": "root-password"}}}}});
    let answer = server.ask(Method::POST, "/v3/auth/tokens").json(&body).send().await;
    answer.header("x-subject-token").to_owned()
}

#[tokio::test]
async fn every_report_says_with_which_credential_it_was_sent() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let made = server
        .post(
            "/native/v1/users/root/tokens",
            json!({"name": "deploy", "scope": "report", "repositories": [id]}),
        )
        .await
        .json();
    let (token, token_id) = (made["token"].as_str().unwrap().to_owned(), made["id"].as_i64().unwrap());
    server
        .post("/native/v1/users/root/keys", json!({"access": AK, "secret": SK, "description": "Jenkins"}))
        .await;
    let session = session(&server).await;
    let by_token = json!({"kind": "token", "id": token_id.to_string(), "name": "deploy"});
    let by_session = json!({"kind": "session", "id": null, "name": null});
    // What the dialects accept, by the header.
    let (bearer, word) = (format!("Bearer {token}"), format!("token {token}"));
    let basic = format!("Basic {}", base64(&format!("ci:{token}")));
    let of_session = format!("Bearer {session}");
    let headers: [(&str, &str, &[&str], &Value); 7] = [
        ("x-auth-token", &token, &["native", "github", "gitea", "bitbucket"], &by_token),
        ("private-token", &token, &["native", "gitlab"], &by_token),
        ("authorization", &bearer, &["native", "gitlab", "github", "gitea", "bitbucket"], &by_token),
        ("authorization", &word, &["github", "gitea"], &by_token),
        ("authorization", &basic, &["github", "gitea", "bitbucket"], &by_token),
        ("x-auth-token", &session, &["native", "github", "gitea", "bitbucket"], &by_session),
        ("authorization", &of_session, &["native", "gitlab", "github", "gitea", "bitbucket"], &by_session),
    ];
    let mut sent = 0;
    for (header, value, dialects, credential) in headers {
        for (dialect, target, fields) in reports(id).into_iter().filter(|one| dialects.contains(&one.0)) {
            let asked = server.ask(Method::POST, &target).header(header, value).json(&fields);
            let answer: TestResponse = asked.send().await;
            assert!((200..300).contains(&answer.status), "{dialect} {header}: {answer:?}");
            assert_eq!(last(&server, id).await, (dialect.into(), credential.clone()), "{header} {target}");
            sent += 1;
        }
    }
    assert_eq!(sent, 31);

    let (_, target, fields) = &reports(id)[0];
    let body = fields.to_string();
    let signed = Signed { method: Method::POST, target, body: &body, ..Signed::default() };
    assert_eq!(signed.send(&server).await.status, 201);
    let by_key = json!({"kind": "access_key", "id": AK, "name": "Jenkins"});
    assert_eq!(last(&server, id).await, ("native".into(), by_key));

    let body_of_key =
        json!({"auth": {"identity": {"methods": ["token"], "token": {"duration_seconds": 900}}}});
    let made = server.ask(Method::POST, KEYS).token(&session).json(&body_of_key).send().await.json();
    let text = |field: &str| made["credential"][field].as_str().unwrap();
    let headers = vec![("x-security-token", text("securitytoken"))];
    let (access, secret) = (text("access"), text("secret"));
    let signed = Signed { access, secret, headers, ..signed };
    assert_eq!(signed.send(&server).await.status, 201);
    let temporary = json!({"kind": "temporary_key", "id": null, "name": null});
    assert_eq!(last(&server, id).await, ("native".into(), temporary));

    // An operator is named by the same fields.
    let closing = json!({"job_id": 1, "reason": "branch is gone"});
    let target = format!("/native/v1/repositories/{id}/closings");
    let asked = server.ask(Method::POST, &target).token(&session).json(&closing);
    assert_eq!(asked.send().await.status, 200);
    assert_eq!(last(&server, id).await, ("native".into(), by_session));
}

#[tokio::test]
async fn an_import_says_with_which_credential_it_was_sent() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let line = json!({"type": "pipeline", "repository_id": id, "sha": SHA, "ref": "dev",
        "created_at": "2025-05-17T11:02:25Z", "stages": [{"name": "build", "sort_id": 0,
        "jobs": [{"name": "x", "status": "success", "created_at": "2025-05-17T11:02:25Z"}]}]});
    let imported = server.root(Method::POST, "/native/v1/import").body(line.to_string()).send().await;
    assert_eq!(imported.json()["result"], "added", "{imported:?}");
    let (dialect, credential) = last(&server, id).await;
    assert_eq!(
        (dialect, &credential["kind"], &credential["name"]),
        ("import".into(), &json!("token"), &json!("tests"))
    );
}

#[tokio::test]
async fn a_deleted_token_is_still_named_by_its_id_and_no_secret_is_shown() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let reader = server.user("reader").await;
    let member = format!("/native/v1/repositories/{id}/members/reader");
    server.root(Method::PUT, &member).json(&json!({"role": "read"})).send().await;
    let target = "/native/v1/users/root/tokens";
    let made = server.post(target, json!({"name": "deploy", "scope": "report"})).await.json();
    let (token, token_id) = (made["token"].as_str().unwrap(), made["id"].as_i64().unwrap());
    let fields = json!({"sha": SHA, "ref": "dev", "name": "x", "status": "running"});
    let report = format!("/native/v1/repositories/{id}/reports");
    assert_eq!(server.ask(Method::POST, &report).token(token).json(&fields).send().await.status, 201);
    let history = async || {
        let target = format!("/native/v1/repositories/{id}/jobs/1/history");
        let answer = server.ask(Method::GET, &target).token(&reader).send().await;
        assert!(!String::from_utf8_lossy(&answer.body).contains(&token[..8]));
        answer.json()["history"][0]["credential"].clone()
    };
    // Who reads the history sees the name of the reporter, and that of the token.
    assert_eq!(history().await, json!({"kind": "token", "id": token_id.to_string(), "name": "deploy"}));
    let deleted = server.root(Method::DELETE, &format!("{target}/{token_id}")).send().await;
    assert_eq!(deleted.status, 204);
    assert_eq!(history().await, json!({"kind": "token", "id": token_id.to_string(), "name": null}));
    let next = server.post(target, json!({"name": "deploy", "scope": "report"})).await.json();
    assert!(next["id"].as_i64().unwrap() > token_id);
}
