//! Webhooks: what each call sends, and the verification of a message.

use crate::stub::{Stub, respond};
use serde_json::{Value, json};
use stagepost_client::webhooks::{NewSecret, NewWebhook, VerifyError, WebhookChange, verify};

fn webhook() -> Value {
    json!({"id": 3, "url": "https://x.example/", "events": ["job"], "description": null, "secret": "whsec_x",
        "old_secret_until": null, "disabled_at": null, "disabled_why": null, "failing_since": null, "created_at": "t"})
}

fn delivery(id: usize) -> Value {
    json!({"id": format!("msg_{id}"), "type": "job.success", "event": id, "created_at": "t", "state": "pending",
        "attempts": 0, "next_at": "t", "last_at": null, "last_status": null, "last_answer": null, "last_error": null})
}

#[tokio::test]
async fn each_call_has_its_path_and_sends_only_given_fields() {
    let stub = Stub::start(|_, request| match (request.method.as_str(), request.target.as_str()) {
        ("DELETE", _) => respond(204, ""),
        ("GET", "/native/v1/repositories/7/webhooks") => {
            respond(200, json!({"webhooks": [webhook()]}).to_string())
        }
        (_, target) if target.contains("/deliveries/") || target.ends_with("/test") => {
            respond(200, delivery(1).to_string())
        }
        _ => respond(200, webhook().to_string()),
    })
    .await;
    let client = stub.client();
    let new = NewWebhook { url: "https://x.example/".into(), ..NewWebhook::default() };
    assert_eq!(client.create_webhook(7, &new).await.unwrap().secret.as_deref(), Some("whsec_x"));
    assert_eq!(client.webhooks(7).await.unwrap()[0].id, 3);
    client.webhook(7, 3).await.unwrap();
    let change = WebhookChange { disabled: Some(true), ..WebhookChange::default() };
    client.change_webhook(7, 3, &change).await.unwrap();
    client.rotate_webhook_secret(7, 3, &NewSecret::default()).await.unwrap();
    client.test_webhook(7, 3).await.unwrap();
    client.delivery(7, 3, "msg_1").await.unwrap();
    client.redeliver(7, 3, "msg/1").await.unwrap();
    client.remove_webhook(7, 3).await.unwrap();
    let lines: Vec<String> = stub
        .requests()
        .iter()
        .map(|request| {
            let path = request.target.strip_prefix("/native/v1/repositories/7/webhooks").unwrap();
            format!("{} {path} {}", request.method, request.text()).trim_end().to_owned()
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"POST  {"url":"https://x.example/"}"#,
            "GET",
            "GET /3",
            r#"PATCH /3 {"disabled":true}"#,
            "POST /3/secret {}",
            "POST /3/test",
            "GET /3/deliveries/msg_1",
            "POST /3/deliveries/msg%2F1/redeliver",
            "DELETE /3",
        ]
    );
}

#[tokio::test]
async fn deliveries_are_paged_from_the_newest() {
    let stub = Stub::start(|_, request| {
        let before = request.target.split_once("before=msg_").map(|(_, rest)| rest.split('&').next());
        let from: usize = before.flatten().map_or(151, |n| n.parse().unwrap());
        let page: Vec<Value> = (from.saturating_sub(100).max(1)..from).rev().map(delivery).collect();
        let next = page.last().filter(|_| from > 101).map(|last| last["id"].clone());
        respond(200, json!({"deliveries": page, "next_before": next}).to_string())
    })
    .await;
    let all = stub.client().all_deliveries(7, 3, None).await.unwrap();
    assert_eq!((all.len(), all[149].id.as_str(), stub.requests().len()), (150, "msg_1", 2));
    assert_eq!(stub.client().all_deliveries(7, 3, Some(20)).await.unwrap().len(), 20);
    assert!(stub.requests()[2].target.ends_with("deliveries?limit=20"), "{:?}", stub.requests()[2].target);
}

#[test]
fn a_receiver_verifies_with_the_same_library() {
    let (secret, id, body) = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        br#"{"test": 2432232314}"#,
    );
    let (at, signature) = ("1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(verify(secret, id, at, signature, body, 1_614_265_331), Ok(()));
    assert_eq!(verify(secret, id, at, signature, b"{}", 1_614_265_331), Err(VerifyError::Signature));
}
