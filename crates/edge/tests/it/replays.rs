//! Captured signed requests: who sends one again, as it is or changed without invalidating the signature, changes
//! nothing.

use crate::signatures::{AK, SK, Signed, message, server_with_key};
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};
use wire::signing::Algorithm;

/// Sends what was captured, to a target.
async fn send(
    server: &TestServer,
    method: &Method,
    target: &str,
    headers: &[(String, String)],
    body: &str,
) -> TestResponse {
    let asked = server.ask(method.clone(), target).from("10.0.0.9").body(body);
    headers.iter().fold(asked, |asked, (name, value)| asked.header(name, value)).send().await
}

fn detail(answer: &TestResponse) -> String {
    let json = answer.json();
    let text = json["detail"].as_str().or(json["error_msg"].as_str());
    text.unwrap_or_else(|| panic!("{json}")).to_owned()
}

#[tokio::test]
async fn a_signed_change_is_accepted_once_with_every_algorithm() {
    let server = server_with_key().await;
    let id = server.repository("acme/demo", "private").await;
    server.user("amy").await;
    let member = format!("/native/v1/repositories/{id}/members/amy");
    for algorithm in
        [Algorithm::SdkHmacSha256, Algorithm::SdkHmacSm3, Algorithm::SdkEcdsaP256Sha256, Algorithm::SdkSm2Sm3]
    {
        let grant = Signed {
            algorithm,
            method: Method::PUT,
            target: &member,
            body: r#"{"role":"manage"}"#,
            ..Signed::default()
        };
        let captured = grant.arriving(&server);
        let again = async || send(&server, &Method::PUT, &member, &captured, grant.body).await;
        assert_eq!(again().await.status, 204, "{algorithm:?}");
        assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
        let replayed = again().await;
        assert_eq!(replayed.status, 401, "{algorithm:?}");
        assert!(detail(&replayed).contains("used before"), "{}", detail(&replayed));
        // Another signature of the same text: some algorithms have several.
        assert_eq!(grant.send(&server).await.status, 401, "{algorithm:?}");
        // The same request, signed a second later.
        server.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(grant.send(&server).await.status, 204, "{algorithm:?}");
        assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
    }
    // Nobody is locked out by it.
    assert_eq!(Signed { from: "10.0.0.9", ..Signed::default() }.send(&server).await.status, 200);
}

#[tokio::test]
async fn every_changing_call_is_covered_and_no_reading_one() {
    let server = server_with_key().await;
    let id = server.repository("acme/demo", "private").await;
    let base = format!("/native/v1/repositories/{id}");
    let calls = [
        (Method::POST, "/native/v1/users/root/tokens".to_owned(), r#"{"name":"ci","scope":"full"}"#),
        (Method::POST, "/native/v1/users/root/keys".to_owned(), "{}"),
        (Method::POST, "/native/v1/users".to_owned(), r#"{"name":"amy","password":"password-of-amy"}"#),
        (Method::PATCH, "/native/v1/users/amy".to_owned(), r#"{"disabled":true}"#),
        (Method::PATCH, base.clone(), r#"{"archived":false}"#),
        (Method::PUT, format!("{base}/policies"), "{}"),
        (Method::POST, format!("{base}/prune"), ""),
        (Method::POST, "/account/tokens".to_owned(), "name=x&scope=read&life=never"),
        (Method::POST, "/native/v1/repositories".to_owned(), r#"{"path":"acme/two"}"#),
        // Refused calls use up their signature too: a replay might succeed later.
        (Method::PUT, format!("{base}/members/nobody"), r#"{"role":"read"}"#),
        (Method::DELETE, "/native/v1/keys/AKUNKNOWN01".to_owned(), ""),
    ];
    for (method, target, body) in calls {
        let call = Signed { method: method.clone(), target: &target, body, ..Signed::default() };
        let captured = call.arriving(&server);
        let first = send(&server, &method, &target, &captured, body).await;
        assert_ne!(first.status, 401, "{method} {target}");
        let again = send(&server, &method, &target, &captured, body).await;
        // A page redirects to its sign-in form.
        assert!([401, 303].contains(&again.status), "{method} {target}: {again:?}");
    }
    let tokens = server.get("/native/v1/users/root/tokens").await.json();
    let named = |name: &str| {
        tokens["tokens"].as_array().unwrap().iter().filter(|token| token["name"] == name).count()
    };
    assert_eq!((named("ci"), named("x")), (1, 1));
    for target in ["/v4/user/repositories?limit=1&offset=0", "/native/v1/whoami", "/native/v1/repositories"] {
        let call = Signed { target, ..Signed::default() };
        let captured = call.arriving(&server);
        for _ in 0..3 {
            assert_eq!(send(&server, &Method::GET, target, &captured, "").await.status, 200, "{target}");
        }
    }
}

#[tokio::test]
async fn a_repeated_report_gets_the_first_receipt() {
    let server = server_with_key().await;
    let id = server.repository("acme/demo", "private").await;
    let reports = format!("/native/v1/repositories/{id}/reports");
    let one =
        r#"{"sha":"1c46c505c84853887efe2ea9ea02a1333bae2237","ref":"dev","name":"x","status":"running"}"#;
    let two = format!("[{one},{}]", one.replace("running", "success"));
    for (body, keys) in [(one, false), (two.as_str(), false), (one, true)] {
        server.clock.advance(SignedDuration::from_secs(1));
        let call = Signed {
            method: Method::POST,
            target: &reports,
            headers: if keys { vec![("idempotency-key", "k1")] } else { Vec::new() },
            body,
            ..Signed::default()
        };
        let captured = call.arriving(&server);
        let first = send(&server, &Method::POST, &reports, &captured, body).await;
        assert!([200, 201].contains(&first.status), "{first:?}");
        // Something changes in between.
        let closing = json!({"stage": "s", "name": "other", "status": "failed"});
        crate::report(&server, id, closing).await;
        let again = send(&server, &Method::POST, &reports, &captured, body).await;
        assert_eq!((again.status, again.json()), (first.status, without_reason(&first, &again)), "{body}");
        // Its client, or an attacker, may leave out what is not signed.
        let added: Vec<_> =
            captured.iter().cloned().chain([("idempotency-key".into(), "k2".into())]).collect();
        if !keys {
            let changed = send(&server, &Method::POST, &reports, &added, body).await;
            assert_eq!(changed.json(), again.json(), "{body}");
        }
    }
    let jobs = server.get(&format!("/native/v1/repositories/{id}/jobs?name=x")).await.json();
    let mut reports = 0;
    for job in jobs["jobs"].as_array().unwrap() {
        let path = format!("/native/v1/repositories/{id}/jobs/{}/history", job["id"]);
        reports += server.get(&path).await.json()["history"].as_array().unwrap().len();
    }
    assert_eq!(reports, 4, "one, two and one: {jobs}");
}

/// A stored receipt has no reason; everything else is the same.
fn without_reason(first: &TestResponse, again: &TestResponse) -> Value {
    fn copy(first: &Value, again: &Value) -> Value {
        match (first, again) {
            (Value::Object(first), Value::Object(again)) => first
                .iter()
                .map(|(key, value)| match key.as_str() {
                    "reason" | "message" | "explanation" => (key.clone(), again[key].clone()),
                    _ => (key.clone(), copy(value, again.get(key).unwrap_or(&Value::Null))),
                })
                .collect(),
            (Value::Array(first), Value::Array(again)) => {
                first.iter().zip(again).map(|(first, again)| copy(first, again)).collect()
            }
            _ => first.clone(),
        }
    }
    copy(&first.json(), &again.json())
}

/// The signature of a body that is not covered, or of no body, must not be enough to change something.
#[tokio::test]
async fn the_body_of_a_change_is_signed() {
    let server = server_with_key().await;
    let unsigned =
        [("content-type", "application/octet-stream"), ("x-sdk-content-sha256", "UNSIGNED-PAYLOAD")];
    let keys = "/native/v1/users/root/keys";
    let call = |body| Signed {
        method: Method::POST,
        target: keys,
        headers: unsigned.to_vec(),
        body,
        ..Signed::default()
    };
    let captured = call(r#"{"description":"x"}"#).arriving(&server);
    for body in ["", r#"{"description":"x"}"#, "{}"] {
        let answer = send(&server, &Method::POST, keys, &captured, body).await;
        assert_eq!(answer.status, 401, "{body}");
        assert!(detail(&answer).contains("the payload must be signed"), "{}", detail(&answer));
    }
    assert_eq!(call("").send(&server).await.status, 401);
    assert_eq!(server.get(keys).await.json()["keys"].as_array().unwrap().len(), 1, "no key is made");
    let read = Signed { headers: unsigned.to_vec(), ..Signed::default() };
    assert_eq!(read.send(&server).await.status, 200, "reading needs no body");
}

#[tokio::test]
async fn a_query_means_what_is_signed() {
    let server = server_with_key().await;
    let id = server.repository("acme/demo", "private").await;
    for name in ["c++", "c  ", "c tools"] {
        crate::report(&server, id, json!({"name": name, "third_build_id": name})).await;
    }
    let found = async |signed: &str, sent: &str| {
        let target = |name: &str| format!("/native/v1/repositories/{id}/jobs?name={name}");
        let call = target(signed);
        let captured = Signed { target: &call, ..Signed::default() }.arriving(&server);
        let answer = send(&server, &Method::GET, &target(sent), &captured, "").await;
        (answer.status == 200).then(|| answer.json()["jobs"].as_array().unwrap().len())
    };
    // A plus sign and a space have their own signatures, however they are spelled.
    assert_eq!(found("c%2B%2B", "c%2B%2B").await, Some(1));
    assert_eq!(found("c%20tools", "c%20tools").await, Some(1));
    assert_eq!(found("c%20tools", "c+tools").await, Some(1), "the same meaning");
    assert_eq!(found("c%2B%2B", "c++").await, None);
    assert_eq!(found("c%20%20", "c%2B%2B").await, None);
}

#[tokio::test]
async fn the_path_of_a_change_has_no_encoded_slash() {
    let server = server_with_key().await;
    server.user("amy").await;
    let call = |target, body| Signed { method: Method::PATCH, target, body, ..Signed::default() };
    let answer = call("/native/v1/users/amy%2Fx", "{}").send(&server).await;
    assert!(answer.status == 401 && detail(&answer).contains("%2F"), "{answer:?}");
    let plain = call("/native/v1/users/amy/x", "{}").arriving(&server);
    for target in ["/native/v1/users/amy%2fx", "/native/v1/users/amy%2Fx"] {
        let answer = send(&server, &Method::PATCH, target, &plain, "{}").await;
        assert_eq!(answer.status, 401, "it has the signature of another route: {target}");
    }
    assert_eq!(call("/native/v1/users/amy", "{}").send(&server).await.status, 200);
}

/// The signature of another key, and of a wrong secret, uses nothing up.
#[tokio::test]
async fn only_a_valid_signature_is_used_up() {
    let server = server_with_key().await;
    let keys = "/native/v1/users/root/keys";
    let call = Signed { method: Method::POST, target: keys, body: "{}", ..Signed::default() };
    let captured = call.arriving(&server);
    let mut forged = captured.clone();
    crate::signatures::replace(&mut forged, "authorization", |value| {
        let (start, _) = value.rsplit_once('=').unwrap();
        format!("{start}={}", "0".repeat(64))
    });
    let wrong = Signed { secret: "SKanother0000000000", from: "10.0.0.9", ..Signed::default() };
    assert_eq!(wrong.send(&server).await.status, 401);
    assert_eq!(send(&server, &Method::POST, keys, &forged, "{}").await.status, 401);
    assert_eq!(send(&server, &Method::POST, keys, &captured, "{}").await.status, 201);
    assert!(message(&wrong.send(&server).await).contains("signature fail"));
    assert_ne!((AK, SK), ("", ""));
}
