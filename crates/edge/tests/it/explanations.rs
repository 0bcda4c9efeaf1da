//! The explanation of a refused signature for the owner of the access key.

use crate::signatures::{AK, LIST, Signed, message, replace, server_with_key};
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;
use wire::signing::Algorithm;

/// The findings' codes of the newest failure of a key, as its owner sees them.
async fn last(server: &TestServer, access: &str) -> (Value, Vec<String>) {
    let listed = server.get(&format!("/native/v1/keys/{access}/signature-failures")).await.json();
    let newest = listed["failures"][0].clone();
    let codes = newest["findings"].as_array().unwrap().iter();
    let codes = codes.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    (newest, codes)
}

#[tokio::test]
async fn the_owner_learns_why() {
    let server = server_with_key().await;
    let refused = Signed { changed: |h| replace(h, "host", |_| "127.0.0.1".into()), ..Signed::default() };
    let answer = refused.send(&server).await;
    let (failure, codes) = last(&server, AK).await;
    assert_eq!(codes, ["header"]);
    assert_eq!(failure["received"]["request_id"], answer.header("x-request-id"));
    assert_eq!(failure["received"]["from"], "10.0.0.1");
    assert_eq!(failure["request"], format!("GET {LIST}"));
    let said = failure["canonical_request"].as_str().unwrap().replace('\n', "|");
    assert!(message(&answer).ends_with(&said), "{said}");
    assert!(failure["string_to_sign"].as_str().unwrap().starts_with("SDK-HMAC-SHA256\n20261124T000000Z\n"));
    assert!(failure["findings"][0]["text"].as_str().unwrap().contains("127.0.0.1:8080"));

    for (signed, expected) in [
        (Signed { ahead: -3_600, ..Signed::default() }, &["clock_off", "fits"][..]),
        (Signed { secret: "SKwrong", ..Signed::default() }, &["unexplained"]),
        (Signed { access: "AKNOBODY00000000000", ..Signed::default() }, &["key_unknown"]),
    ] {
        signed.send(&server).await;
        assert_eq!(last(&server, signed.access).await.1, expected);
    }
    let (clock, _) = last(&server, AK).await;
    let english = |text: &Value| text.as_str().unwrap().is_ascii();
    assert!(!english(&clock["findings"][0]["text"]), "Chinese by default");
    let listed = server
        .root(Method::GET, &format!("/native/v1/keys/{AK}/signature-failures"))
        .header("accept-language", "en")
        .send()
        .await
        .json();
    assert_eq!(listed["failures"].as_array().unwrap().len(), 3);
    assert!(english(&listed["failures"][0]["findings"][0]["text"]));
    assert!(
        listed["failures"][1]["findings"][0]["text"].as_str().unwrap().contains("about 60 minutes behind")
    );
    // At most the requested number.
    let ask = async |limit: &str| {
        server.get(&format!("/native/v1/keys/{AK}/signature-failures?limit={limit}")).await
    };
    assert_eq!(ask("1").await.json()["failures"], json!([last(&server, AK).await.0]));
    for limit in ["0", "33", "x"] {
        let answer = ask(limit).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some("limit")), "{limit}");
    }
    // The lock is reported as well.
    for _ in 0..6 {
        Signed { secret: "SKwrong", ..Signed::default() }.send(&server).await;
    }
    assert_eq!(last(&server, AK).await.1, ["locked", "unexplained"]);
}

#[tokio::test]
async fn a_captured_request_is_set_beside_what_arrived() {
    let server = server_with_key().await;
    let explain = |body: Value| {
        let asked = server.root(Method::POST, "/native/v1/signature-explanations");
        asked.header("accept-language", "en").json(&body).send()
    };
    let sent = Signed::default();
    let captured = json!({"method": "GET", "target": LIST, "headers": sent.arriving(&server)});
    let codes = |answer: &Value| {
        let codes = answer["findings"].as_array().unwrap().iter();
        codes.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Never received: explained as given.
    let alone = explain(captured.clone()).await.json();
    assert_eq!(
        (codes(&alone), &alone["received"], &alone["difference"]),
        (vec!["fits".into()], &Value::Null, &Value::Null)
    );
    // The path was rewritten in transit in a way that no known change explains.
    let asked =
        server.ask(Method::GET, "/v4/user/repositories?limit=1&offset=0&trace=a&span=b").from("10.0.0.9");
    let arrived = sent.arriving(&server).iter().fold(asked, |asked, (name, value)| asked.header(name, value));
    assert_eq!(arrived.send().await.status, 401);
    let beside = explain(captured.clone()).await.json();
    assert_eq!(codes(&beside), ["signer_fits"]);
    assert_eq!(beside["received"]["from"], "10.0.0.9");
    assert_eq!(
        beside["difference"],
        json!({"line": 3, "part": "query", "signer": "limit=1&offset=0", "server": "limit=1&offset=0&span=b&trace=a"})
    );
    // The signer's canonical request in the gateway's format.
    let text = beside["signer_canonical_request"].as_str().unwrap().replace('\n', "|");
    let mut with_text = captured.clone();
    with_text["canonical_request"] = text.replace("GET|", "HEAD|").into();
    let explained = explain(with_text.clone()).await.json();
    assert_eq!(
        codes(&explained),
        ["signer_fits"],
        "the request as it went out fits: that text is not what was signed"
    );
    assert_eq!(explained["difference"]["part"], "query");
    // Signed with another secret, the signature does not match even the signer's canonical request.
    let wrong = Signed { secret: "SKwrong", ..Signed::default() };
    let captured_wrong = json!({"method": "GET", "target": LIST, "headers": wrong.arriving(&server), "canonical_request": text});
    assert_eq!(codes(&explain(captured_wrong).await.json()), ["signer_does_not_fit"]);
    // A captured request is also verified a day later.
    server.clock.advance(SignedDuration::from_hours(24));
    let other = Signed { target: "/v4/user/repositories", ahead: -86_400, ..Signed::default() };
    let old = explain(json!({"method": "GET", "target": other.target, "headers": other.arriving(&server)}))
        .await
        .json();
    assert_eq!(codes(&old), ["old", "fits"]);
    // A body that is not text is given by its hash.
    let id = server.repository("acme/demo", "private").await;
    let target = format!("/native/v1/repositories/{id}/reports");
    let post = Signed { method: Method::POST, target: &target, body: "[]", ..Signed::default() };
    let hash = Algorithm::SdkHmacSha256.hash_hex(b"[]");
    for body in [json!({"body": "[]"}), json!({"body_hash": hash})] {
        let mut captured = json!({"method": "POST", "target": target, "headers": post.arriving(&server)});
        captured.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        assert_eq!(codes(&explain(captured).await.json()), ["fits"], "{body}");
    }
    // A body that was not captured is taken from the received request; without it the key is not judged.
    let wrong = Signed { secret: "SKwrong", ..post };
    let long = |signed: &Signed<'_>| {
        let mut headers = signed.arriving(&server);
        headers.push(("Content-Length".into(), "2".into()));
        json!({"method": "POST", "target": target, "headers": headers})
    };
    assert_eq!(codes(&explain(long(&wrong)).await.json()), ["body_unknown"]);
    assert_eq!(wrong.send(&server).await.status, 401);
    assert_eq!(codes(&explain(long(&wrong)).await.json()), ["unexplained"]);
    // The error names an invalid field.
    for (field, body) in [
        ("method", json!({})),
        ("target", json!({"method": "GET"})),
        ("headers", json!({"method": "GET", "target": "/"})),
        ("headers.Authorization", json!({"method": "GET", "target": "/", "headers": []})),
        (
            "headers.Authorization",
            json!({"method": "GET", "target": "/", "headers": [["authorization", "Bearer x"]]}),
        ),
        ("body", json!({"method": 1})),
        ("headers", json!({"method": "GET", "target": "/", "headers": vec![("a", "b"); 201]})),
        (
            "headers",
            json!({"method": "GET", "target": LIST.to_owned() + &"&a=1".repeat(10_000), "headers": sent.arriving(&server)}),
        ),
        (
            "canonical_request",
            json!({"method": "GET", "target": LIST, "headers": sent.arriving(&server), "canonical_request": "x".repeat(300_000)}),
        ),
        (
            "body_hash",
            json!({"method": "GET", "target": LIST, "headers": sent.arriving(&server), "body_hash": "abc"}),
        ),
    ] {
        let answer = explain(body.clone()).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some(field)), "{body}");
    }
}

#[tokio::test]
async fn nobody_learns_of_anothers_key() {
    let server = server_with_key().await;
    let stranger = server.user("stranger").await;
    Signed { secret: "SKwrong", ..Signed::default() }.send(&server).await;
    Signed { access: "AKNOBODY00000000000", ..Signed::default() }.send(&server).await;
    let list = |access: &str, token: &str| {
        server.ask(Method::GET, &format!("/native/v1/keys/{access}/signature-failures")).token(token).send()
    };
    let explain = |access: &'static str, token: &str| {
        let signed = Signed { access, ..Signed::default() };
        let body = json!({"method": "GET", "target": LIST, "headers": signed.arriving(&server)});
        server.ask(Method::POST, "/native/v1/signature-explanations").token(token).json(&body).send()
    };
    let mut answers = Vec::new();
    for access in [AK, "AKNOBODY00000000000"] {
        answers.push(list(access, &stranger).await);
        answers.push(explain(access, &stranger).await);
    }
    for answer in &answers {
        assert_eq!(answer.error(), (404, "CH.000404".into()));
        assert_eq!(answer.json()["detail"], answers[0].json()["detail"]);
    }
    // The owner's token with a narrow scope is refused too, because it cannot manage the key.
    let narrow = server.token("root", json!({"name": "n", "scope": "report"})).await;
    assert_eq!(list(AK, &narrow).await.status, 403);
    let own = server.ask(Method::POST, "/native/v1/users/stranger/keys").token(&stranger);
    assert_eq!(own.json(&json!({"access": "AKOFSTRANGER"})).send().await.status, 201);
    Signed { access: "AKOFSTRANGER", ..Signed::default() }.send(&server).await;
    let listed = list("AKOFSTRANGER", &stranger).await.json();
    assert_eq!(listed["failures"][0]["findings"][0]["code"], "unexplained");
}

#[tokio::test]
async fn the_name_of_a_deleted_key_gives_nobody_else_its_signature_failures() {
    let server = server_with_key().await;
    let other = server.user("other").await;
    let wrong = || Signed { secret: "SKwrong", ..Signed::default() };
    assert_eq!(wrong().send(&server).await.status, 401);
    let gone = server.root(Method::DELETE, &format!("/native/v1/keys/{AK}")).send().await;
    assert_eq!(gone.status, 204);
    let own = server.ask(Method::POST, "/native/v1/users/other/keys").token(&other);
    let refused = own.json(&json!({"access": AK})).send().await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("access")), "{}", refused.json());
    let list = async |token: &str| {
        let target = format!("/native/v1/keys/{AK}/signature-failures");
        server.ask(Method::GET, &target).token(token).send().await
    };
    assert_eq!(list(&other).await.status, 404);
    let failures = list(testkit::ROOT).await.json();
    assert_eq!(failures["failures"].as_array().unwrap().len(), 1, "administrators see it: {failures}");
    let captured = json!({"method": "GET", "target": LIST, "headers": wrong().arriving(&server)});
    let asked = server.ask(Method::POST, "/native/v1/signature-explanations").token(&other);
    let explained = asked.json(&captured).send().await.json();
    assert_eq!(explained["received"], Value::Null, "{explained}");
}

#[tokio::test]
async fn of_one_that_was_just_refused_the_authorization_is_enough() {
    let server = server_with_key().await;
    let refused = Signed { secret: "SKwrong", ..Signed::default() };
    let ask = async |authorization: &str| {
        let asked = json!({ "headers": [["Authorization", authorization]] });
        let explained = server.root(Method::POST, "/native/v1/signature-explanations");
        explained.header("content-type", "application/json").body(asked.to_string()).send().await
    };
    let (_, authorization) = refused.arriving(&server).pop().unwrap();
    let before = ask(&authorization).await;
    assert_eq!((before.status, &before.json()["field"]), (400, &json!("method")), "it is not remembered");
    let answer = refused.send(&server).await;
    let explained = ask(&authorization).await.json();
    assert_eq!(explained["received"]["request_id"], answer.header("x-request-id"), "{explained}");
    assert_eq!(explained["request"], format!("GET {LIST}"));
    assert_eq!(explained["difference"], Value::Null, "there is nothing to compare with");
}
