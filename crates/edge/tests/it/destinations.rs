//! Destinations through the API: the token, refused values, and the states.

use crate::report;
use domain::actions::forwarded_states;
use domain::model::forwarded_states::{ForgeOutcome, ForgeResponse};
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

async fn start() -> (TestServer, i64, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    (server, id, format!("/native/v1/repositories/{id}/destinations"))
}

fn new() -> Value {
    json!({"kind": "gitlab", "url": "https://gitlab.example.com/", "project": "acme/team/demo", "token": "s3cret"})
}

async fn add(server: &TestServer, target: &str) -> Value {
    let made = server.post(target, new()).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

/// Records that the forge responded with this status to everything that is due.
async fn respond(server: &TestServer, status: u16) -> usize {
    let claimed = forwarded_states::claim(&server.app, 0).await.unwrap();
    for claimed in &claimed {
        let response = ForgeResponse { status, body: "said".into(), ..ForgeResponse::default() };
        let (sent, outcome) = (claimed.forge_status(false, None), ForgeOutcome::Responded(response));
        forwarded_states::record_result(&server.app, claimed, sent, outcome).await.unwrap();
    }
    claimed.len()
}

#[tokio::test]
async fn a_token_is_never_shown_and_a_new_url_needs_it() {
    let (server, _, target) = start().await;
    let made = add(&server, &target).await;
    assert_eq!((&made["url"], &made["choice"]), (&json!("https://gitlab.example.com"), &json!("pipeline")));
    let one = format!("{target}/{}", made["id"]);
    assert_eq!(server.get(&one).await.json(), made);
    assert_eq!(server.get(&target).await.json()["destinations"], json!([made]));
    let change = async |body: Value| server.root(Method::PATCH, &one).json(&body).send().await;
    let refused = change(json!({"url": "https://other.example.com", "enabled": false})).await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("token")));
    for (body, field) in [
        (json!({"url": "http://10.0.0.1/"}), "url"),
        (json!({"project": "acme"}), "project"),
        (json!({"choice": "all"}), "choice"),
        (json!({"token": "a b"}), "token"),
        (json!({"jobs": ["a/b"], "choice": "pipeline"}), "jobs"),
    ] {
        let refused = change(body.clone()).await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!(field)), "{body}");
    }
    assert_eq!(server.get(&one).await.json(), made, "a refused change changes nothing");
    let changed = change(json!({
        "url": "https://other.example.com", "token": "n3w", "jobs": ["build/*"], "except_sources": ["nightly"]
    }));
    let changed = changed.await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let changed = changed.json();
    assert_eq!((&changed["choice"], &changed["jobs"]), (&json!("jobs"), &json!(["build/*"])));
    for text in [changed, server.get(&target).await.json()] {
        assert!(!text.to_string().contains("s3cret") && !text.to_string().contains("n3w"), "{text}");
    }
    assert_eq!(server.root(Method::DELETE, &one).send().await.status, 204);
    assert_eq!(server.get(&one).await.status, 404);
}

#[tokio::test]
async fn states_show_what_is_wanted_and_why_it_is_not_there() {
    let (server, id, target) = start().await;
    let one = format!("{target}/{}", add(&server, &target).await["id"]);
    let running = json!({"sha": SHA, "ref": "dev", "stage": "build", "name": "x", "status": "running"});
    report(&server, id, running).await;
    let states = async |query: &str| {
        let found = server.get(&format!("{one}/states{query}")).await;
        assert_eq!(found.status, 200, "{found:?}");
        found.json()["states"].as_array().unwrap().clone()
    };
    let found = states("").await.pop().unwrap();
    assert_eq!((&found["progress"], &found["wanted_status"]), (&json!("pending"), &json!("running")));
    assert_eq!((&found["sha"], &found["context"]), (&json!(SHA), &json!("stagepost/external")));
    assert_eq!(respond(&server, 404).await, 1);
    let found = states("?progress=stopped").await.pop().unwrap();
    assert_eq!((&found["reason"], &found["last_response"]), (&json!("refused"), &json!("said")));
    assert_eq!((&found["sent_state"], &found["next_at"]), (&Value::Null, &Value::Null));
    assert_eq!(states(&format!("?sha={SHA}&limit=1")).await.len(), 1);
    assert_eq!(states(&format!("?before={}", found["id"])).await, Vec::<Value>::new());
    let wrong = server.get(&format!("{one}/states?progress=x")).await;
    assert_eq!((wrong.status, &wrong.json()["field"]), (400, &json!("progress")));

    let retried = server.post(&format!("{one}/retry"), json!({})).await;
    assert_eq!((retried.status, retried.json()), (202, json!({"retried": 1})));
    assert_eq!(respond(&server, 201).await, 1);
    let shown = server.get(&format!("{one}/states/{}", found["id"])).await.json();
    assert_eq!((&shown["progress"], &shown["sent_state"]), (&json!("sent"), &json!("running")));
    assert_eq!(server.get(&format!("{one}/states/999")).await.status, 404);

    let tested = server.post(&format!("{one}/test"), json!({})).await;
    assert_eq!((tested.status, &tested.json()["target"]), (202, &json!("test")));
    let disabled = server.root(Method::PATCH, &one).json(&json!({"enabled": false})).send().await;
    assert_eq!(disabled.status, 200);
    for call in ["test", "retry"] {
        assert_eq!(server.post(&format!("{one}/{call}"), json!({})).await.status, 400, "{call}");
    }
    let other = server.repository("acme/other", "private").await;
    let elsewhere = one.replace(&format!("/{id}/"), &format!("/{other}/"));
    assert_eq!(server.get(&format!("{elsewhere}/states")).await.status, 404);
}

#[tokio::test]
async fn a_destination_is_not_tested_while_its_forge_limits_the_rate() {
    let (server, id, target) = start().await;
    let one = format!("{target}/{}", add(&server, &target).await["id"]);
    report(&server, id, json!({"sha": SHA, "ref": "dev", "name": "x", "status": "running"})).await;
    assert_eq!(respond(&server, 429).await, 1);
    let refused = server.post(&format!("{one}/test"), json!({})).await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("destination_id")), "{refused:?}");
    assert!(server.get(&one).await.json()["paused_until"].is_string());
    let changed = server.root(Method::PATCH, &one).json(&json!({"token": "n3w"})).send().await;
    assert_eq!(changed.status, 200);
    assert_eq!(server.post(&format!("{one}/test"), json!({})).await.status, 202, "a change ends the pause");
}
