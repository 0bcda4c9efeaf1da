//! Subscriptions: each user sees and changes the own ones only, and of repositories that the user may read.

use crate::report;
use domain::actions::access::by_verified_user;
use domain::actions::deliveries;
use domain::actions::notifications::{Decision, decide};
use domain::actions::subscriptions::results;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

const ALL: &str = "/native/v1/subscriptions";
const KEY: &str = "k3y-of-the-chat";

/// A repository of which `amy` and `bob` are members, and another one.
async fn start() -> (TestServer, i64, [String; 2]) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    server.repository("acme/hidden", "private").await;
    let mut tokens = Vec::new();
    for name in ["amy", "bob"] {
        tokens.push(server.user(name).await);
        let member = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/{name}"));
        assert_eq!(member.json(&json!({"role": "read"})).send().await.status, 204);
    }
    let [amy, bob] = <[String; 2]>::try_from(tokens).unwrap();
    (server, id, [amy, bob])
}

async fn subscribe(server: &TestServer, token: &str, more: Value) -> TestResponse {
    let url = format!("https://chat.example.com/{KEY}");
    let mut new = json!({"repository": "acme/demo", "url": url, "format": "slack"});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.ask(Method::POST, ALL).token(token).json(&new).send().await
}

async fn of(server: &TestServer, token: &str) -> Vec<Value> {
    let listed = server.ask(Method::GET, ALL).token(token).send().await;
    listed.json()["subscriptions"].as_array().unwrap().clone()
}

async fn failed(server: &TestServer, id: i64, commit: char, more: Value) {
    let mut fields = json!({"sha": commit.to_string().repeat(40), "ref": "main", "status": "failed"});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(report(server, id, fields).await.status, 201);
}

#[tokio::test]
async fn a_subscription_belongs_to_its_user_alone() {
    let (server, id, [amy, bob]) = start().await;
    let made = subscribe(&server, &amy, json!({"refs": ["main"], "author": "amy"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!(
        (&made["repository"], &made["url"]),
        (&json!("acme/demo"), &json!("https://chat.example.com/…"))
    );
    assert_eq!((&made["refs"], &made["author"]), (&json!(["main"]), &json!("amy")));
    assert_eq!(made["events"], json!(["pipeline"]));
    assert_eq!(of(&server, &amy).await, std::slice::from_ref(&made));
    assert_eq!(of(&server, &bob).await, [Value::Null; 0]);
    let one = format!("{ALL}/{}", made["id"]);
    for (method, path) in
        [(Method::DELETE, one.clone()), (Method::PATCH, one.clone()), (Method::POST, format!("{one}/test"))]
    {
        let refused = server.ask(method, &path).token(&bob).json(&json!({})).send().await;
        assert_eq!(refused.status, 404, "{path}");
    }
    // Those who manage the repository do not see it among its webhooks.
    let webhooks = format!("/native/v1/repositories/{id}/webhooks");
    assert_eq!(server.get(&webhooks).await.json()["webhooks"], json!([]));
    let as_webhook = format!("{webhooks}/{}", made["id"]);
    for (method, path) in [
        (Method::GET, as_webhook.clone()),
        (Method::DELETE, as_webhook.clone()),
        (Method::GET, format!("{as_webhook}/deliveries")),
        (Method::POST, format!("{as_webhook}/test")),
        (Method::POST, format!("{as_webhook}/secret")),
    ] {
        assert_eq!(
            server.root(method.clone(), &path).json(&json!({})).send().await.status,
            404,
            "{method} {path}"
        );
    }
    let patch = server.root(Method::PATCH, &as_webhook).json(&json!({"disabled": true})).send().await;
    assert_eq!(patch.status, 404);
    for _ in 0..3 {
        assert_eq!(server.ask(Method::POST, &format!("{one}/test")).token(&amy).send().await.status, 204);
    }
    let tests = deliveries::claim(&server.app, 0).await.unwrap();
    assert_eq!(tests.len(), 1, "while a test is pending, none is added");
    for place in ["/account/subscriptions", "/account/subscriptions.json", ALL] {
        let page = server.ask(Method::GET, place).token(&amy).send().await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert!(page.status == 200 && text.contains("chat.example.com") && !text.contains(KEY), "{text}");
    }
    let change = server.ask(Method::PATCH, &one).token(&amy);
    let changed =
        change.json(&json!({"disabled": true, "refs": ["dev"], "events": ["job"]})).send().await.json();
    assert_eq!((&changed["disabled_why"], &changed["refs"]), (&json!("manual"), &json!(["dev"])));
    assert_eq!((&changed["events"], &changed["author"]), (&json!(["job"]), &json!("amy")));
    assert_eq!(server.ask(Method::DELETE, &one).token(&amy).send().await.status, 204);
    assert_eq!(of(&server, &amy).await, [Value::Null; 0]);
}

#[tokio::test]
async fn only_readable_repositories_and_whole_credentials_are_subscribed() {
    let (server, id, [amy, _]) = start().await;
    let refused = async |more: Value| subscribe(&server, &amy, more).await.status;
    assert_eq!(refused(json!({"repository": "acme/hidden"})).await, 404);
    assert_eq!(refused(json!({"repository": "acme/none"})).await, 404);
    assert_eq!(refused(json!({"format": "signed"})).await, 400);
    assert_eq!(refused(json!({"events": []})).await, 400);
    assert_eq!(refused(json!({"repository": id.to_string()})).await, 201, "by id");
    for limits in [json!({"scope": "read"}), json!({"scope": "full", "repositories": [id]})] {
        let mut wanted = json!({"name": "t"});
        wanted.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        let limited = server.token("amy", wanted).await;
        assert_eq!(subscribe(&server, &limited, json!({})).await.status, 403, "{limits}");
    }
    for _ in 1..50 {
        assert_eq!(refused(json!({})).await, 201);
    }
    assert_eq!(refused(json!({})).await, 400, "too many");
}

#[tokio::test]
async fn messages_and_the_feed_follow_the_author_and_the_right_to_read() {
    let (server, id, [amy, _]) = start().await;
    assert_eq!(subscribe(&server, &amy, json!({"author": "amy"})).await.status, 201);
    failed(&server, id, 'a', json!({"trigger_user": "amy"})).await;
    failed(&server, id, 'b', json!({"trigger_user": "bob"})).await;
    let mut decisions = Vec::new();
    for claimed in deliveries::claim(&server.app, 0).await.unwrap() {
        decisions.push(matches!(decide(&server.app, &claimed).await.unwrap(), Decision::Notify(_)));
    }
    assert_eq!(decisions, [true, false]);
    let user = async || server.app.store.user_by_name("amy").await.unwrap().unwrap().0;
    let feed = async || {
        let found = results(&server.app, &by_verified_user(user().await), 20).await.unwrap();
        found.iter().map(|result| result.pipeline.id.get()).collect::<Vec<_>>()
    };
    assert_eq!(feed().await, [1]);
    let member = format!("/native/v1/repositories/{id}/members/amy");
    assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
    assert_eq!(feed().await, [0; 0]);
    let listed = of(&server, &amy).await;
    assert_eq!((&listed[0]["repository"], listed.len()), (&Value::Null, 1), "it can still be deleted");
}
