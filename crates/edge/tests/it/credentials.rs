//! Permissions: tokens, roles and scopes. Other users get no information.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::json;
use testkit::TestServer;

#[tokio::test]
async fn a_stranger_learns_nothing() {
    let server = TestServer::start().await;
    let id = server.repository("acme/secret", "private").await;
    report(&server, id, json!({})).await;
    let stranger = server.user("stranger").await;
    let there = server
        .ask(Method::GET, &format!("/v4/repositories/{id}/pipelines/1/jobs"))
        .token(&stranger)
        .send()
        .await;
    let not_there =
        server.ask(Method::GET, "/v4/repositories/99/pipelines/1/jobs").token(&stranger).send().await;
    assert_eq!(there.error(), (404, "CH.00402000".into()));
    assert_eq!(there.body, not_there.body);
    assert_eq!(
        server.ask(Method::GET, "/v4/user/repositories").token(&stranger).send().await.json(),
        json!([])
    );
}

#[tokio::test]
async fn without_a_good_credential_401_comes_before_everything() {
    let server = TestServer::start().await;
    for target in [
        "/v4/repositories/abc/pipelines/0/jobs?limit=x",
        "/v4/repositories/99/pipelines/1/jobs",
        "/v4/user/repositories",
    ] {
        for token in [None, Some("wrong"), Some("")] {
            let asked = server.ask(Method::GET, target);
            let answer = match token {
                Some(token) => asked.token(token),
                None => asked,
            };
            assert_eq!(answer.send().await.error(), (401, "CH.00000002".into()), "{target} {token:?}");
        }
    }
    let long = "x".repeat(100_000);
    assert_eq!(server.ask(Method::GET, "/v4/user/repositories").token(&long).send().await.status, 401);
    let two = server.root(Method::GET, "/v4/user/repositories").token("another").send().await;
    assert_eq!(two.error(), (400, "CH.00401999".into()), "more than one credential is refused");
    let body = server
        .ask(Method::POST, "/native/v1/repositories/1/reports")
        .token("wrong")
        .body("{broken")
        .send()
        .await;
    assert_eq!(body.status, 401);
}

#[tokio::test]
async fn roles_and_scopes_are_kept() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({})).await;
    let reader = server.user("reader").await;
    let member = |role: &'static str| {
        let asked = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/reader"));
        asked.json(&json!({"role": role})).send()
    };
    let read = |token: String| {
        let asked = server.ask(Method::GET, &format!("/v4/repositories/{id}/pipelines/1/jobs")).token(&token);
        async move { asked.send().await.status }
    };
    let write = |token: String| {
        let fields = json!({"sha": "1c46c505c84853887efe2ea9ea02a1333bae2237", "ref": "dev", "name": "x", "status": "running"});
        let asked = server
            .ask(Method::POST, &format!("/native/v1/repositories/{id}/reports"))
            .token(&token)
            .json(&fields);
        async move { asked.send().await.status }
    };
    assert_eq!((read(reader.clone()).await, write(reader.clone()).await), (404, 404));
    assert_eq!(member("read").await.status, 204);
    // The change applies immediately, although the previous response was cached.
    assert_eq!((read(reader.clone()).await, write(reader.clone()).await), (200, 403));
    assert_eq!(member("report").await.status, 204);
    assert_eq!((read(reader.clone()).await, write(reader.clone()).await), (200, 201));
    let narrow = server.token("reader", json!({"name": "n", "scope": "read"})).await;
    assert_eq!((read(narrow.clone()).await, write(narrow.clone()).await), (200, 403));
    let other = server.repository("acme/other", "private").await;
    let elsewhere =
        server.token("reader", json!({"name": "n", "scope": "full", "repositories": [other]})).await;
    assert_eq!((read(elsewhere.clone()).await, write(elsewhere.clone()).await), (404, 404));
    // An administrator's token with a narrow scope has no administrator rights.
    let narrow = server.token("root", json!({"name": "n", "scope": "report"})).await;
    assert_eq!((read(narrow.clone()).await, write(narrow.clone()).await), (200, 201));
    assert_eq!(server.ask(Method::GET, "/native/v1/users").token(&narrow).send().await.status, 403);
    let begotten = server
        .ask(Method::POST, "/native/v1/users/root/tokens")
        .token(&narrow)
        .json(&json!({"name": "wider", "scope": "full"}));
    assert_eq!(begotten.send().await.status, 403, "a narrow token makes no wider one");
}

#[tokio::test]
async fn a_narrow_token_is_told_which_its_own_affairs_take() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    server.user("ci").await;
    server.post("/native/v1/users/ci/keys", json!({"access": "AKOFCI0001"})).await;
    server.post("/native/v1/users/root/keys", json!({"access": "AKOFROOT01"})).await;
    let narrow = server.token("ci", json!({"name": "n", "scope": "report"})).await;
    let limited = server.token("ci", json!({"name": "n", "scope": "full", "repositories": [id]})).await;
    let ask = async |method: Method, target: &str, token: &str| {
        let asked = server.ask(method, target).token(token).header("accept-language", "en");
        let answer = asked.json(&json!({"name": "wider"})).send().await;
        (answer.status, answer.json()["detail"].as_str().unwrap().to_owned())
    };
    let too_narrow = "The scope of this token is too narrow: this call requires full.".to_owned();
    let own = [
        (Method::GET, "/native/v1/users/ci/tokens"),
        (Method::POST, "/native/v1/users/ci/tokens"),
        (Method::DELETE, "/native/v1/users/ci/tokens/1"),
        (Method::GET, "/native/v1/users/ci/keys"),
        (Method::POST, "/native/v1/users/ci/keys"),
        (Method::DELETE, "/native/v1/keys/AKOFCI0001"),
    ];
    for (method, target) in own {
        assert_eq!(
            ask(method.clone(), target, &narrow).await,
            (403, too_narrow.clone()),
            "{method} {target}"
        );
        // A wider scope would not allow it either.
        assert_eq!(ask(method, target, &limited).await, (403, "Forbidden".into()), "{target}");
    }
    for token in [&narrow, &limited] {
        let other = ask(Method::GET, "/native/v1/users/root/tokens", token).await;
        assert_eq!(other, (403, "Forbidden".into()));
        for key in ["AKOFROOT01", "AKOFNOBODY1"] {
            let answer = ask(Method::DELETE, &format!("/native/v1/keys/{key}"), token).await;
            assert_eq!(answer, (404, "No such access key".into()), "{key}");
        }
    }
}

#[tokio::test]
async fn tokens_end() {
    let server = TestServer::start().await;
    let asked = |token: &str| server.ask(Method::GET, "/native/v1/whoami").token(token).send();
    let short = server.token("root", json!({"name": "short", "expires_at": "2026-11-24T01:00:00Z"})).await;
    assert_eq!(asked(&short).await.status, 200);
    server.clock.advance(SignedDuration::from_mins(61));
    assert_eq!(asked(&short).await.status, 401);
    let user = server.user("ci").await;
    assert_eq!(asked(&user).await.status, 200);
    server.root(Method::PATCH, "/native/v1/users/ci").json(&json!({"disabled": true})).send().await;
    assert_eq!(asked(&user).await.status, 401, "at once");
    let listed = server.get("/native/v1/users/root/tokens").await.json();
    let id = listed["tokens"][0]["id"].as_i64().unwrap();
    assert_eq!(
        server.root(Method::DELETE, &format!("/native/v1/users/root/tokens/{id}")).send().await.status,
        204
    );
    assert_eq!(server.get("/native/v1/whoami").await.status, 401, "that was the one in use");
}

#[tokio::test]
async fn signatures_sign_in_and_tell_nothing_of_keys() {
    let server = TestServer::start().await;
    let made = server
        .post(
            "/native/v1/users/root/keys",
            json!({"access": "AKEXAMPLE0000000001", "secret": "SKexample000000000000000000000000000000001"}),
        )
        .await;
    assert_eq!(made.status, 201);
    let now = domain::ports::Clock::now(&*server.clock).as_second();
    let signed = |ak: &'static str, sk: &'static str, seconds: i64| {
        let target = "/v4/user/repositories?limit=1&offset=0";
        let headers: [wire::signing::Header<'_>; 1] = [("host", b"127.0.0.1:8080")];
        let request = wire::signing::SignedRequest {
            method: "GET",
            target: target.as_bytes(),
            headers: &headers,
            body: b"",
        };
        let date = wire::signing::SdkDate::from_unix_seconds(seconds);
        let signature =
            wire::signing::sign(wire::signing::Algorithm::SdkHmacSha256, ak, sk.as_bytes(), &request, date)
                .unwrap();
        let asked = server.ask(Method::GET, target).header("host", "127.0.0.1:8080");
        asked
            .header("x-sdk-date", &signature.x_sdk_date)
            .header("authorization", &signature.authorization)
            .send()
    };
    const SK: &str = "SKexample000000000000000000000000000000001";
    assert_eq!(signed("AKEXAMPLE0000000001", SK, now).await.status, 200);
    assert_eq!(signed("AKEXAMPLE0000000001", SK, now - 900).await.status, 200);
    let late = signed("AKEXAMPLE0000000001", SK, now - 901).await;
    assert_eq!(late.error(), (401, "APIGW.0301".into()));
    assert!(
        late.json()["error_msg"]
            .as_str()
            .unwrap()
            .contains("signature expired, signature time:20261123T234459Z,server time:20261124T000000Z")
    );
    let wrong = signed("AKEXAMPLE0000000001", "SKexample000000000000000000000000000000002", now).await;
    let unknown = signed("AKEXAMPLE0000000002", SK, now).await;
    let message = |answer: &testkit::TestResponse| answer.json()["error_msg"].as_str().unwrap().to_owned();
    assert!(message(&wrong).contains("verify aksk signature fail,canonicalRequest:GET|/v4/user/repositories/|limit=1&offset=0|host:127.0.0.1:8080|"), "{wrong:?}");
    assert_eq!((wrong.error(), message(&wrong)), (unknown.error(), message(&unknown)));
    assert_eq!(wrong.json()["request_id"], wrong.header("x-request-id"));
}
