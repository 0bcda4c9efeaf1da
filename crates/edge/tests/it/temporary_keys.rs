//! Temporary access keys: their creation with a token, their rights and their expiry.

use crate::signatures::Signed;
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

const TARGET: &str = "/v3.0/OS-CREDENTIAL/securitytokens";

async fn session(server: &TestServer, user: &str, password: &str) -> String {
    let body = json!({"auth": {"identity": {"methods": ["password"],
        "password": {"user": {"name": user, "password": password}}}}});
    let answer = server.ask(Method::POST, "/v3/auth/tokens").json(&body).send().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("x-subject-token").to_owned()
}

fn request_body(token: Value) -> Value {
    json!({"auth": {"identity": {"methods": ["token"], "token": token}}})
}

async fn make(server: &TestServer, token: &str, seconds: i64) -> Value {
    let body = request_body(json!({"duration_seconds": seconds}));
    let answer = server.ask(Method::POST, TARGET).token(token).json(&body).send().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["credential"].clone()
}

async fn list(server: &TestServer, credential: &Value, security_token: Option<&str>) -> TestResponse {
    signed(server, credential, security_token, Method::GET, "/v4/user/repositories").await
}

async fn signed(
    server: &TestServer,
    credential: &Value,
    security_token: Option<&str>,
    method: Method,
    target: &str,
) -> TestResponse {
    let (access, secret) = (credential["access"].as_str().unwrap(), credential["secret"].as_str().unwrap());
    let headers = security_token.map(|token| ("x-security-token", token)).into_iter().collect();
    Signed { access, secret, headers, method, target, ..Signed::default() }.send(server).await
}

#[tokio::test]
async fn a_temporary_key_signs_in_with_its_security_token_until_it_ends() {
    let server = TestServer::start().await;
    let token = session(&server, "root", "root-password").await;
    let body = request_body(json!({"id": token, "duration_seconds": 900}));
    let made = server.ask(Method::POST, TARGET).json(&body).send().await;
    assert_eq!(made.status, 201, "the token in the body will do");
    let credential = made.json()["credential"].clone();
    assert_eq!(credential["expires_at"], "2026-11-24T00:15:00.000000Z");
    let security_token = credential["securitytoken"].as_str().unwrap();
    assert_eq!(list(&server, &credential, Some(security_token)).await.status, 200);
    for other in [None, Some("spx_0"), Some("")] {
        let refused = list(&server, &credential, other).await;
        assert_eq!(refused.error(), (401, "APIGW.0301".into()), "{other:?}");
    }
    // The explanation for the owner distinguishes both cases.
    let access = credential["access"].as_str().unwrap();
    let told = server.get(&format!("/native/v1/keys/{access}/signature-failures")).await.json();
    let codes: Vec<_> =
        told["failures"].as_array().unwrap().iter().map(|f| &f["findings"][0]["code"]).collect();
    assert!(
        codes.contains(&&json!("security_token_wrong")) && codes.contains(&&json!("security_token_missing")),
        "{told}"
    );

    server.clock.advance(SignedDuration::from_secs(899));
    assert_eq!(list(&server, &credential, Some(security_token)).await.status, 200);
    server.clock.advance(SignedDuration::from_secs(1));
    let over = list(&server, &credential, Some(security_token)).await;
    assert_eq!(over.error(), (401, "APIGW.0301".into()));
    assert!(
        over.json()["error_msg"].as_str().unwrap().contains("token expires, expires_at:2026-11-24T00:15:00Z")
    );
    // Only a request after the expiry gets the error that the key has expired.
    let told = server.get(&format!("/native/v1/keys/{access}/signature-failures")).await.json();
    let codes: Vec<_> = told["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| failure["findings"].to_string().contains("key_expired"))
        .collect();
    assert_eq!(codes, [true, false, false, false], "{told}");
    // No list of keys contains it.
    assert_eq!(server.get("/native/v1/users/root/keys").await.json(), json!({"keys": []}));
}

#[tokio::test]
async fn it_does_no_more_than_the_token_it_came_from_and_ends_with_it() {
    let server = TestServer::start().await;
    let (here, elsewhere) = (
        server.repository("acme/here", "private").await,
        server.repository("acme/elsewhere", "private").await,
    );
    let narrow = server
        .token(
            "root",
            json!({"name": "n", "scope": "read", "repositories": [here],
        "expires_at": "2026-11-24T00:30:00Z"}),
        )
        .await;
    let credential = make(&server, &narrow, 86_400).await;
    assert_eq!(credential["expires_at"], "2026-11-24T00:30:00.000000Z", "no longer than the token");
    let security_token = credential["securitytoken"].as_str();
    let ask = |method, target: String| {
        let (server, credential) = (&server, &credential);
        async move { signed(server, credential, security_token, method, &target).await.status }
    };
    assert_eq!(ask(Method::GET, format!("/v4/repositories/{here}")).await, 200);
    assert_eq!(ask(Method::GET, format!("/v4/repositories/{elsewhere}")).await, 404);
    assert_eq!(ask(Method::POST, format!("/native/v1/repositories/{here}/reports")).await, 403);
    assert_eq!(ask(Method::GET, "/native/v1/users".into()).await, 403);
    let listed = server.get("/native/v1/users/root/tokens").await.json();
    let id =
        listed["tokens"].as_array().unwrap().iter().find(|token| token["name"] == "n").unwrap()["id"].clone();
    assert_eq!(
        server.root(Method::DELETE, &format!("/native/v1/users/root/tokens/{id}")).send().await.status,
        204
    );
    assert_eq!(ask(Method::GET, format!("/v4/repositories/{here}")).await, 401, "at once");

    server.user("ci").await;
    let credential = make(&server, &session(&server, "ci", "password-of-user").await, 900).await;
    let security_token = credential["securitytoken"].as_str();
    assert_eq!(list(&server, &credential, security_token).await.status, 200);
    let new = json!({"password": "another-password"});
    assert_eq!(server.root(Method::PATCH, "/native/v1/users/ci").json(&new).send().await.status, 200);
    assert_eq!(list(&server, &credential, security_token).await.status, 401, "with the password");
}

#[tokio::test]
async fn bad_requests_make_none() {
    let server = TestServer::start().await;
    let token = session(&server, "root", "root-password").await;
    let ask = |token: Option<&str>, body: Value| {
        let asked = server.ask(Method::POST, TARGET).header("x-language", "en-us").json(&body);
        match token {
            Some(token) => asked.token(token).send(),
            None => asked.send(),
        }
    };
    for body in [request_body(json!({})), request_body(json!({"id": "wrong"})), json!({"auth": 1}), json!([])]
    {
        assert_eq!(ask(None, body.clone()).await.status, 401, "{body}");
    }
    for (field, body) in [
        ("auth", json!({})),
        ("auth.identity", json!({"auth": {}})),
        ("auth.identity.methods", json!({"auth": {"identity": {}}})),
        ("auth.identity.methods", json!({"auth": {"identity": {"methods": ["password"]}}})),
        ("auth.identity.token.duration_seconds", request_body(json!({"duration_seconds": 899}))),
        ("auth.identity.token.duration_seconds", request_body(json!({"duration_seconds": 86_401}))),
        ("body", request_body(json!({"duration_seconds": "900"}))),
    ] {
        let answer = ask(Some(&token), body.clone()).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && message.contains(&format!("'{field}'")), "{body} {message}");
    }
    // A temporary key cannot create keys, temporary or not.
    let credential = make(&server, &token, 900).await;
    let by_key =
        signed(&server, &credential, credential["securitytoken"].as_str(), Method::POST, TARGET).await;
    assert_eq!(by_key.status, 401, "{by_key:?}");
    // It cannot create any other credential that outlives it, although its user is an administrator.
    for target in ["/native/v1/users/root/keys", "/native/v1/users"] {
        let security_token = credential["securitytoken"].as_str();
        let made = signed(&server, &credential, security_token, Method::POST, target).await;
        assert_eq!(made.status, 403, "{target}");
    }
}
