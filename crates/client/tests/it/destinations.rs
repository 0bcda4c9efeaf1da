//! Destinations: what each call sends.

use crate::stub::{Stub, respond};
use serde_json::{Value, json};
use stagepost_client::destinations::{DestinationChange, NewDestination, StateFilter};

fn destination() -> Value {
    json!({"id": 3, "kind": "github", "url": "https://x.example", "project": "a/b", "choice": "pipeline", "jobs": [],
        "except_sources": [], "enabled": true, "failing_since": null, "paused_until": null, "created_at": "t"})
}

fn state(id: i64) -> Value {
    json!({"id": id, "sha": null, "context": "stagepost/ci", "target": "pipeline", "progress": "sent", "reason": null,
        "wanted_status": null, "sent_state": null, "sent_description": null, "sent_url": null, "sent_at": null,
        "changed_at": "t", "attempts": 1, "next_at": null, "last_at": null, "last_status": null,
        "last_response": null, "last_error": null})
}

#[tokio::test]
async fn each_call_has_its_path_and_sends_only_given_fields() {
    let stub = Stub::start(|_, request| match (request.method.as_str(), request.target.as_str()) {
        ("DELETE", _) => respond(204, ""),
        ("GET", "/native/v1/repositories/7/destinations") => {
            respond(200, json!({"destinations": [destination()]}).to_string())
        }
        (_, target) if target.ends_with("/retry") => respond(202, json!({"retried": 2}).to_string()),
        (_, target) if target.contains("before=5") => {
            respond(200, json!({"states": [state(4)], "next_before": null}).to_string())
        }
        (_, target) if target.contains("/states?") => {
            respond(200, json!({"states": [state(6), state(5)], "next_before": 5}).to_string())
        }
        (_, target) if target.contains("/states/") || target.ends_with("/test") => {
            respond(200, state(9).to_string())
        }
        _ => respond(200, destination().to_string()),
    })
    .await;
    let client = stub.client();
    let new = NewDestination {
        kind: "github".into(),
        url: "https://x.example".into(),
        project: "a/b".into(),
        token: "t".into(),
        ..NewDestination::default()
    };
    assert_eq!(client.create_destination(7, &new).await.unwrap().id, 3);
    assert_eq!(client.destinations(7).await.unwrap()[0].project, "a/b");
    client.destination(7, 3).await.unwrap();
    let change = DestinationChange { enabled: Some(false), ..DestinationChange::default() };
    client.change_destination(7, 3, &change).await.unwrap();
    client.test_destination(7, 3).await.unwrap();
    assert_eq!(client.retry_destination(7, 3).await.unwrap().retried, 2);
    client.forwarded_state(7, 3, 9).await.unwrap();
    let filter = StateFilter { sha: None, progress: Some("sent".into()) };
    let states = client.paged_forwarded_states(7, 3, filter).all().await.unwrap();
    assert_eq!(states.iter().map(|state| state.id).collect::<Vec<_>>(), [6, 5, 4]);
    client.remove_destination(7, 3).await.unwrap();
    let lines: Vec<String> = stub
        .requests()
        .iter()
        .map(|request| {
            let path = request.target.strip_prefix("/native/v1/repositories/7/destinations").unwrap();
            format!("{} {path} {}", request.method, request.text()).trim_end().to_owned()
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"POST  {"kind":"github","url":"https://x.example","project":"a/b","token":"t"}"#,
            "GET",
            "GET /3",
            r#"PATCH /3 {"enabled":false}"#,
            "POST /3/test",
            "POST /3/retry",
            "GET /3/states/9",
            "GET /3/states?progress=sent&limit=100",
            "GET /3/states?progress=sent&before=5&limit=100",
            "DELETE /3",
        ]
    );
}
