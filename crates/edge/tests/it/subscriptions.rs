//! Subscriptions: each user sees and changes the own ones only, and of repositories that the user may read.

use crate::report;
use domain::SignedDuration;
use domain::actions::deliveries;
use domain::actions::notifications::{Decision, decide};
use domain::model::deliveries::Outcome;
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

/// The titles of the feed of a token, newest first.
async fn titles(server: &TestServer, token: &str) -> Vec<String> {
    let target = format!("/account/subscriptions.atom?language=en&token={token}");
    let feed = server.ask(Method::GET, &target).send().await;
    assert_eq!((feed.status, feed.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    let xml = String::from_utf8(feed.body).unwrap();
    assert!(!xml.contains(token) && !xml.contains(KEY), "{xml}");
    let entries = xml.split("<entry>").skip(1);
    entries.map(|entry| entry.split(['>', '<']).nth(6).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn messages_and_the_feed_follow_the_author_and_the_right_to_read() {
    let (server, id, [amy, _]) = start().await;
    let reader = server.token("amy", json!({"name": "reader", "scope": "feeds"})).await;
    assert_eq!(titles(&server, &reader).await, [""; 0]);
    let made = subscribe(&server, &amy, json!({"author": "amy"})).await.json();
    failed(&server, id, 'a', json!({"trigger_user": "amy"})).await;
    failed(&server, id, 'b', json!({"trigger_user": "bob"})).await;
    let mut decisions = Vec::new();
    for claimed in deliveries::claim(&server.app, 0).await.unwrap() {
        decisions.push(matches!(decide(&server.app, &claimed).await.unwrap(), Decision::Notify(_)));
    }
    assert_eq!(decisions, [true, false]);
    let of_amy = ["acme/demo #1 Failed (main)"];
    assert_eq!(titles(&server, &reader).await, of_amy);
    let one = format!("{ALL}/{}", made["id"]);
    let switch = async |disabled: bool| {
        let change = server.ask(Method::PATCH, &one).token(&amy).json(&json!({"disabled": disabled}));
        change.send().await
    };
    assert_eq!(switch(true).await.status, 200);
    assert_eq!(titles(&server, &reader).await, [""; 0], "disabled");
    assert_eq!(switch(false).await.status, 200);
    assert_eq!(titles(&server, &reader).await, of_amy);
    let open = server.repository("acme/open", "public").await;
    let other = server.token("amy", json!({"name": "r", "scope": "feeds", "repositories": [open]})).await;
    assert_eq!(titles(&server, &other).await, [""; 0], "a token for another repository");

    let member = format!("/native/v1/repositories/{id}/members/amy");
    assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
    assert_eq!(titles(&server, &reader).await, [""; 0], "the right to read was taken");
    let listed = of(&server, &amy).await;
    assert_eq!((&listed[0]["repository"], listed.len()), (&Value::Null, 1), "it can still be deleted");
    assert_eq!(switch(true).await.status, 200);
    let refused = switch(false).await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("disabled")), "no access");
    let back = server.root(Method::PUT, &member).json(&json!({"role": "read"})).send().await;
    assert_eq!((back.status, switch(false).await.status), (204, 200));
    assert_eq!(titles(&server, &reader).await, of_amy);
}

fn unit(build: &str, status: &str) -> Value {
    json!({"stage": "test", "name": "unit", "third_build_id": build, "status": status})
}

#[tokio::test]
async fn the_feed_has_fixed_pipelines_and_the_jobs_of_the_patterns() {
    let (server, id, [amy, bob]) = start().await;
    assert_eq!(subscribe(&server, &amy, json!({})).await.status, 201);
    let of_jobs = json!({"events": ["job"], "jobs": ["test/*"], "refs": ["main"]});
    assert_eq!(subscribe(&server, &bob, of_jobs).await.status, 201);
    let reader = async |user: &str| server.token(user, json!({"name": "r", "scope": "feeds"})).await;
    let (amy, bob) = (reader("amy").await, reader("bob").await);
    let next = || server.clock.advance(SignedDuration::from_secs(60));
    failed(&server, id, 'a', unit("1", "failed")).await;
    failed(&server, id, 'a', json!({"stage": "lint", "name": "style", "third_build_id": "2"})).await;
    failed(&server, id, 'b', json!({"ref": "dev", "stage": "test", "third_build_id": "3"})).await;
    assert_eq!(titles(&server, &bob).await, ["acme/demo #1 test / unit Failed (main)"]);
    let target = format!("/account/subscriptions.atom?token={amy}");
    let before = server.ask(Method::GET, &target).send().await;
    next();
    let again = server.ask(Method::GET, &target).header("if-none-match", before.header("etag"));
    assert_eq!(again.send().await.status, 304);

    // A retry fixes the job, and a retry of the other one the pipeline.
    failed(&server, id, 'a', unit("4", "success")).await;
    next();
    let style = json!({"stage": "lint", "name": "style", "third_build_id": "5", "status": "success"});
    failed(&server, id, 'a', style).await;
    let fixed = "acme/demo #1 test / unit Success (main)";
    assert_eq!(titles(&server, &bob).await, [fixed, "acme/demo #1 test / unit Failed (main)"]);
    assert_eq!(
        titles(&server, &amy).await,
        ["acme/demo #1 Success (main)", "acme/demo #2 Failed (dev)"],
        "one entry of each pipeline"
    );
    // A success after a success is no news.
    next();
    failed(&server, id, 'c', unit("6", "success")).await;
    assert_eq!((titles(&server, &amy).await.len(), titles(&server, &bob).await.len()), (2, 2));
    for (query, field) in [("limit=51", "limit"), ("language=fr", "language")] {
        let refused = server.get(&format!("/account/subscriptions.atom?{query}")).await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!(field)), "{query}");
    }
    let chinese = server.ask(Method::GET, &format!("{target}&language=zh&limit=1")).send().await;
    let chinese = String::from_utf8(chinese.body).unwrap();
    assert!(chinese.contains("<title>Stagepost：amy 的订阅</title>"), "{chinese}");
    assert_eq!(chinese.matches("<entry>").count(), 1);
}

#[tokio::test]
async fn a_user_sees_the_deliveries_of_a_subscription_without_its_secrets() {
    let (server, id, [amy, bob]) = start().await;
    let made = subscribe(&server, &amy, json!({})).await.json();
    failed(&server, id, 'a', json!({})).await;
    let claimed = deliveries::claim(&server.app, 0).await.unwrap().remove(0);
    let body = format!("seen by {KEY}");
    let outcome = Outcome::Responded { status: 500, body: body.clone(), retry_after: None };
    deliveries::record_result(&server.app, &claimed, body, outcome).await.unwrap();
    let all = format!("{ALL}/{}/deliveries", made["id"]);
    let list = server.ask(Method::GET, &all).token(&amy).send().await.json();
    let one = &list["deliveries"][0];
    assert_eq!((&one["type"], &one["state"]), (&json!("pipeline.failed"), &json!("pending")));
    assert_eq!((&one["last_status"], &one["last_answer"]), (&json!(500), &Value::Null));
    assert!(one["next_at"].is_string() && list["next_before"].is_null(), "{list}");
    assert!(!list.to_string().contains(KEY), "{list}");
    assert_eq!(server.ask(Method::GET, &all).token(&bob).send().await.status, 404, "of another user");
    assert_eq!(server.get(&all).await.status, 404, "of another user");

    let page = format!("/account/subscriptions/{}", made["id"]);
    let text = async || {
        let shown = server.ask(Method::GET, &page).token(&amy).header("accept-language", "en").send().await;
        assert_eq!(shown.status, 200, "{shown:?}");
        String::from_utf8(shown.body).unwrap()
    };
    let html = text().await;
    for part in ["pipeline.failed", "HTTP 500", "next attempt: ", "chat.example.com"] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains(KEY), "{html}");
    let disabled = server.ask(Method::POST, &format!("{page}/switch")).token(&amy).body("disabled=true");
    assert_eq!(disabled.send().await.status, 303);
    let html = text().await;
    assert!(html.contains("HTTP 500") && !html.contains("next attempt: "), "{html}");
    let member = format!("/native/v1/repositories/{id}/members/amy");
    assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
    assert_eq!(server.ask(Method::GET, &all).token(&amy).send().await.status, 404);
    let html = text().await;
    assert!(!html.contains("pipeline.failed") && html.contains("may not read"), "{html}");
}

#[tokio::test]
async fn a_subscription_for_the_feed_sends_nothing() {
    let (server, id, [amy, _]) = start().await;
    let new = json!({"repository": "acme/demo", "format": "feed", "refs": ["main"]});
    let made = server.ask(Method::POST, ALL).token(&amy).json(&new).send().await;
    assert_eq!((made.status, &made.json()["url"]), (201, &Value::Null), "{made:?}");
    let one = format!("{ALL}/{}", made.json()["id"]);
    failed(&server, id, 'a', json!({})).await;
    assert_eq!(deliveries::claim(&server.app, 0).await.unwrap(), []);
    let reader = server.token("amy", json!({"name": "r", "scope": "feeds"})).await;
    assert_eq!(titles(&server, &reader).await, ["acme/demo #1 Failed (main)"]);
    for (method, path, field) in
        [(Method::POST, format!("{one}/test"), "subscription_id"), (Method::PATCH, one.clone(), "url")]
    {
        let change = json!({"url": "https://chat.example.com/x"});
        let refused = server.ask(method, &path).token(&amy).json(&change).send().await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!(field)), "{path}");
    }
    let form = "repository=acme%2Fdemo&format=feed&url=&events=job&jobs=test%2F*";
    let by_form = server.ask(Method::POST, "/account/subscriptions").token(&amy).body(form).send().await;
    assert_eq!((by_form.status, of(&server, &amy).await.len()), (303, 2), "{by_form:?}");
    let page = server.ask(Method::GET, "/account/subscriptions").token(&amy).header("accept-language", "en");
    let html = String::from_utf8(page.send().await.body).unwrap();
    assert!(html.contains("Atom feed only") && html.contains("/account/subscriptions.atom?token="), "{html}");
    for url in ["", "https://chat.example.com/x"] {
        let webhook = json!({"url": url, "format": "feed", "events": ["gate"]});
        let refused = server.post(&format!("/native/v1/repositories/{id}/webhooks"), webhook).await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("format")), "{url}");
    }
    // The feed has no entry about a gate.
    let gates = json!({"repository": "acme/demo", "format": "feed", "events": ["gate"]});
    for (method, path) in [(Method::POST, ALL), (Method::PATCH, one.as_str())] {
        let body = if method == Method::POST { gates.clone() } else { json!({"events": ["gate"]}) };
        let refused = server.ask(method, path).token(&amy).json(&body).send().await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("events")), "{path}");
    }
}

#[tokio::test]
async fn other_failures_do_not_hide_what_a_user_subscribed_to() {
    let (server, id, [amy, bob]) = start().await;
    assert_eq!(subscribe(&server, &amy, json!({"events": ["job"], "author": "amy"})).await.status, 201);
    assert_eq!(subscribe(&server, &bob, json!({})).await.status, 201);
    let reader = async |user: &str| server.token(user, json!({"name": "r", "scope": "feeds"})).await;
    let (amy, bob) = (reader("amy").await, reader("bob").await);
    let mut first = unit("1", "failed");
    first["trigger_user"] = json!("amy");
    failed(&server, id, 'a', first).await;
    server.clock.advance(SignedDuration::from_secs(60));
    failed(&server, id, 'a', unit("2", "success")).await;
    // More pipelines than are read to find fixes by a retry, each with an attempt that may fail.
    for (n, commit) in "bcdef012345".chars().enumerate() {
        server.clock.advance(SignedDuration::from_secs(60));
        let style = json!({"stage": "lint", "name": "style", "third_build_id": format!("l{n}"),
            "allow_failure": true, "trigger_user": "bob"});
        failed(&server, id, commit, style).await;
        failed(&server, id, commit, unit(&format!("u{n}"), "success")).await;
    }
    assert_eq!(titles(&server, &bob).await, ["acme/demo #1 Success (main)"]);
    // As many jobs as are read.
    for n in 0..20 {
        let other = json!({"stage": "test", "name": format!("n{n}"), "third_build_id": format!("n{n}"),
            "trigger_user": "bob"});
        failed(&server, id, '6', other).await;
    }
    let of_amy = ["acme/demo #1 test / unit Success (main)", "acme/demo #1 test / unit Failed (main)"];
    assert_eq!(titles(&server, &amy).await, of_amy);
}
