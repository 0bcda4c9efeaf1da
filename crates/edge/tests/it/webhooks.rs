//! Webhooks through the API: access, refused values, and the messages for a receiver.

use crate::report;
use domain::SignedDuration;
use domain::actions::deliveries;
use domain::model::deliveries::{ClaimedDelivery, Outcome};
use domain::ports::Clock as _;
use edge::{SignedMessage, signed_message};
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;
use wire::webhooks::verify;

async fn start() -> (TestServer, i64, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    (server, id, format!("/native/v1/repositories/{id}/webhooks"))
}

async fn add(server: &TestServer, target: &str, events: Value) -> Value {
    let new = json!({"url": "https://hooks.example.com/x", "events": events});
    let made = server.post(target, new).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

/// The deliveries that are due now, as they would be sent.
async fn due(server: &TestServer) -> Vec<(ClaimedDelivery, SignedMessage)> {
    let claimed = deliveries::claim(&server.app, 0).await.unwrap();
    let now = server.clock.now();
    claimed.into_iter().map(|claimed| (claimed.clone(), signed_message(&claimed, now).unwrap())).collect()
}

async fn record(
    server: &TestServer,
    (claimed, signed): &(ClaimedDelivery, SignedMessage),
    status: u16,
    answer: &str,
) {
    let outcome = Outcome::Responded { status, body: answer.into(), retry_after: None };
    deliveries::record_result(&server.app, claimed, signed.body.clone(), outcome).await.unwrap();
}

fn checks(server: &TestServer, secret: &Value, signed: &SignedMessage) -> bool {
    let (now, at) = (server.clock.now().as_second(), signed.timestamp.to_string());
    let secret = secret.as_str().unwrap();
    verify(secret, &signed.id, &at, &signed.signature, signed.body.as_bytes(), now).is_ok()
}

#[tokio::test]
async fn a_secret_is_shown_when_it_is_made_and_never_again() {
    let (server, _, target) = start().await;
    let made = add(&server, &target, json!(["job", "pipeline"])).await;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    assert_eq!(made["events"], json!(["pipeline", "job"]));
    let one = format!("{target}/{}", made["id"]);
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("secret");
    assert_eq!(server.get(&one).await.json(), shown);
    assert_eq!(server.get(&target).await.json(), json!({"webhooks": [shown]}));

    let again = server.root(Method::POST, &format!("{one}/secret")).send().await;
    assert_eq!(again.status, 200);
    let again = again.json();
    assert_ne!(again["secret"], made["secret"]);
    assert_eq!(again["old_secret_until"], "2026-11-25T00:00:00.000Z");
    let own = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    let brought = server.post(&format!("{one}/secret"), json!({"secret": own})).await;
    assert_eq!(brought.json()["secret"], own);

    let patch = |body: Value| server.root(Method::PATCH, &one).json(&body).send();
    let changed =
        patch(json!({"url": "http://x.example/", "events": ["job"], "description": "chat"})).await.json();
    assert_eq!(
        (&changed["url"], &changed["events"], &changed["description"], changed.get("secret")),
        (&json!("http://x.example/"), &json!(["job"]), &json!("chat"), None)
    );
    let off = patch(json!({"disabled": true})).await.json();
    assert_eq!((&off["disabled_why"], &off["description"]), (&json!("manual"), &json!("chat")));
    assert_eq!(server.post(&format!("{one}/test"), json!({})).await.error(), (400, "CH.00401999".into()));
    assert_eq!(patch(json!({"disabled": false, "description": ""})).await.json()["disabled_at"], json!(null));
    assert_eq!(server.get(&one).await.json()["description"], json!(null));

    assert_eq!(server.root(Method::DELETE, &one).send().await.status, 204);
    for (method, path) in [
        (Method::GET, ""),
        (Method::DELETE, ""),
        (Method::POST, "/secret"),
        (Method::POST, "/test"),
        (Method::GET, "/deliveries"),
        (Method::GET, "/deliveries/msg_0"),
        (Method::POST, "/deliveries/msg_0/redeliver"),
    ] {
        let answer = server.root(method.clone(), &format!("{one}{path}")).send().await;
        assert_eq!(answer.error(), (404, "CH.000404".into()), "{method} {path}");
    }
}

#[tokio::test]
async fn bad_webhooks_are_named_and_change_nothing() {
    let (server, _, target) = start().await;
    let url = "https://hooks.example.com/";
    let made = add(&server, &target, json!(["job"])).await;
    let one = format!("{target}/{}", made["id"]);
    for (field, body) in [
        ("webhook", json!([])),
        ("url", json!({})),
        ("url", json!({"url": 7})),
        ("url", json!({"url": ""})),
        ("url", json!({"url": "ftp://hooks.example.com/"})),
        ("url", json!({"url": "https://user@hooks.example.com/"})),
        ("url", json!({"url": "http://127.0.0.1:8080/"})),
        ("url", json!({"url": "http://[::ffff:10.0.0.1]/"})),
        ("url", json!({"url": "http://0x7f.1/"})),
        ("events", json!({"url": url, "events": []})),
        ("events", json!({"url": url, "events": "job"})),
        ("events", json!({"url": url, "events": ["job", 7]})),
        ("events", json!({"url": url, "events": ["jobs"]})),
        ("description", json!({"url": url, "description": "a\nb"})),
        ("description", json!({"url": url, "description": "x".repeat(256)})),
        ("secret", json!({"url": url, "secret": "hush"})),
        ("secret", json!({"url": url, "secret": "whsec_AAAA"})),
        ("secret", json!({"url": url, "secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY?"})),
    ] {
        let answer = server.post(&target, body.clone()).await;
        let got = (answer.error(), answer.json()["field"].as_str().map(str::to_owned));
        assert_eq!(got, ((400, "CH.00401999".into()), Some(field.to_owned())), "{body}");
    }
    for (field, body) in [
        ("url", json!({"url": "http://localhost:99999/"})),
        ("url", json!({"url": "http://192.168.0.1/"})),
        ("events", json!({"events": []})),
        ("disabled", json!({"disabled": "yes"})),
    ] {
        let answer = server.root(Method::PATCH, &one).json(&body).send().await;
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(field)), "{body}");
    }
    let answer = server.get(&format!("{target}/0")).await;
    assert_eq!((answer.status, &answer.json()["field"]), (400, &json!("webhook_id")));
    assert_eq!(server.get(&target).await.json()["webhooks"].as_array().unwrap().len(), 1);
    let private = server.post(&target, json!({"url": "http://10.0.0.1/"})).await.json();
    assert!(private["detail"].as_str().unwrap().contains("--webhook-allow"), "{private}");
}

#[tokio::test]
async fn a_message_tells_what_happened_and_is_signed() {
    let (server, id, target) = start().await;
    let made = add(&server, &target, json!(["pipeline", "job"])).await;
    report(&server, id, json!({"third_build_id": "b-1", "target_url": "https://ci.example.com/1"})).await;
    report(&server, id, json!({"third_build_id": "b-1", "status": "success"})).await;
    let due = due(&server).await;
    let kinds: Vec<&str> = due.iter().map(|(claimed, _)| claimed.kind.as_str()).collect();
    assert_eq!(kinds, ["pipeline.running", "job.running", "pipeline.success", "job.success"]);
    for (_, signed) in &due {
        assert!(checks(&server, &made["secret"], signed), "{signed:?}");
    }
    let pipeline = json!({"id": 1, "version": 2, "sha": "1c46c505c84853887efe2ea9ea02a1333bae2237", "ref": "dev",
        "source": "external", "pipeline_key": null, "web_url": null, "status": "success", "previous_status": "running",
        "job_count": 1});
    let job = json!({"id": 1, "stage": "external", "name": "build", "attempt": 1, "status": "success",
        "previous_status": "running", "third_build_id": "b-1", "target_url": "https://ci.example.com/1"});
    let body = |at: usize| serde_json::from_str::<Value>(&due[at].1.body).unwrap();
    let repository = json!({"id": id, "path": "acme/demo"});
    let (event, timestamp) = (2, "2026-11-24T00:00:00.000Z");
    assert_eq!(
        body(2),
        json!({"type": "pipeline.success", "timestamp": timestamp,
            "data": {"repository": repository, "event": event, "pipeline": pipeline}})
    );
    assert_eq!(
        body(3),
        json!({"type": "job.success", "timestamp": timestamp,
            "data": {"repository": repository, "event": event, "pipeline": pipeline, "job": job}})
    );
    assert_eq!(body(0)["data"]["pipeline"]["previous_status"], json!(null));

    record(&server, &due[3], 500, "<b>boom</b>").await;
    record(&server, &due[2], 204, "").await;
    let log = format!("{target}/{}/deliveries", made["id"]);
    let listed = server.get(&format!("{log}?limit=2")).await.json();
    assert_eq!(listed["next_before"], listed["deliveries"][1]["id"]);
    let failed = &listed["deliveries"][0];
    assert_eq!(
        (&failed["state"], &failed["last_status"], &failed["last_answer"], &failed["attempts"]),
        (&json!("pending"), &json!(500), &json!("<b>boom</b>"), &json!(1))
    );
    assert_eq!(failed.get("body"), None);
    let whole = server.get(&format!("{log}/{}", failed["id"].as_str().unwrap())).await.json();
    assert_eq!(whole["body"], due[3].1.body.as_str());
    let rest = server.get(&format!("{log}?before={}", listed["next_before"].as_str().unwrap())).await.json();
    assert_eq!((rest["deliveries"].as_array().unwrap().len(), &rest["next_before"]), (2, &json!(null)));
}

#[tokio::test]
async fn a_message_sent_again_is_the_same_but_for_its_time() {
    let (server, id, target) = start().await;
    let made = add(&server, &target, json!(["pipeline"])).await;
    report(&server, id, json!({})).await;
    let first = due(&server).await.pop().unwrap();
    record(&server, &first, 200, "ok").await;
    server.clock.advance(SignedDuration::from_hours(1));
    assert!(due(&server).await.is_empty());
    let again = format!("{target}/{}/deliveries/{}/redeliver", made["id"], first.1.id);
    let answer = server.root(Method::POST, &again).send().await;
    assert_eq!((answer.status, &answer.json()["state"]), (202, &json!("pending")));
    let second = due(&server).await.pop().unwrap();
    assert_eq!((&second.1.id, &second.1.body), (&first.1.id, &first.1.body));
    assert_eq!(second.1.timestamp, first.1.timestamp + 3_600);
    assert!(checks(&server, &made["secret"], &second.1));
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let (server, _, target) = start().await;
    let old = add(&server, &target, json!(["pipeline"])).await;
    let one = format!("{target}/{}", old["id"]);
    let new = server.post(&format!("{one}/secret"), json!({})).await.json();
    let test = async || {
        assert_eq!(server.post(&format!("{one}/test"), json!({})).await.status, 202);
        let sent = due(&server).await.pop().unwrap();
        record(&server, &sent, 200, "").await;
        sent.1
    };
    let signed = test().await;
    assert_eq!(signed.signature.split(' ').count(), 2);
    assert!(checks(&server, &old["secret"], &signed) && checks(&server, &new["secret"], &signed));
    let body: Value = serde_json::from_str(&signed.body).unwrap();
    assert_eq!(
        (&body["type"], &body["data"]["repository"]["path"]),
        (&json!("webhook.test"), &json!("acme/demo"))
    );
    server.clock.advance(SignedDuration::from_hours(24));
    let signed = test().await;
    assert!(!checks(&server, &old["secret"], &signed) && checks(&server, &new["secret"], &signed));
}

#[tokio::test]
async fn only_who_manages_sees_webhooks() {
    let (server, id, target) = start().await;
    let made = add(&server, &target, json!(["job"])).await;
    let one = format!("{target}/{}", made["id"]);
    for role in ["read", "report", "manage"] {
        let token = server.user(role).await;
        let member = server
            .root(Method::PUT, &format!("/native/v1/repositories/{id}/members/{role}"))
            .json(&json!({"role": role}));
        assert_eq!(member.send().await.status, 204);
        for target in [&target, &one, &format!("{one}/deliveries")] {
            let answer = server.ask(Method::GET, target).token(&token).send().await;
            assert_eq!(answer.status, if role == "manage" { 200 } else { 403 }, "{role} {target}");
        }
    }
    let elsewhere = server.repository("acme/other", "private").await;
    let through = format!("/native/v1/repositories/{elsewhere}/webhooks/{}", made["id"]);
    assert_eq!(server.get(&through).await.status, 404, "through a repository it is not of");
    assert_eq!(server.root(Method::DELETE, &through).send().await.status, 404);
}
