//! Chat webhooks: their URLs are credentials, and people are told about news only, while the maker may read.

use crate::report;
use domain::actions::deliveries;
use domain::actions::notifications::{Decision, decide};
use domain::model::deliveries::{ClaimedDelivery, Outcome};
use domain::ports::Clock as _;
use edge::outgoing_message;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

const KEY: &str = "k3y-of-the-chat";
const PUBLIC: &str = "https://ci.example.com";

async fn start() -> (TestServer, i64, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    (server, id, format!("/native/v1/repositories/{id}/webhooks"))
}

fn chat(format: &str) -> Value {
    json!({"url": format!("https://chat.example.com/send?key={KEY}"), "format": format, "language": "en",
        "events": ["pipeline", "job", "gate"]})
}

fn with(mut value: Value, field: &str, to: Value) -> Value {
    value[field] = to;
    value
}

async fn due(server: &TestServer) -> Vec<ClaimedDelivery> {
    deliveries::claim(&server.app, 0).await.unwrap()
}

/// What would be sent now: the texts of the messages. Records that they were accepted, and deletes what is no news.
async fn sent(server: &TestServer) -> Vec<String> {
    let mut texts = Vec::new();
    for claimed in due(server).await {
        let notification = match decide(&server.app, &claimed).await.unwrap() {
            Decision::Send => None,
            Decision::Notify(notification) => Some(notification),
            Decision::Discard => {
                deliveries::discard(&server.app, &claimed).await.unwrap();
                continue;
            }
            Decision::Refuse => panic!("{claimed:?}"),
        };
        let now = server.clock.now();
        let message = outgoing_message(&claimed, notification.as_deref(), Some(PUBLIC), now).unwrap();
        let body: Value = serde_json::from_str(&message.body).unwrap();
        texts.push(body["text"]["content"].as_str().unwrap_or(&message.body).to_owned());
        let outcome = Outcome::Responded { status: 200, body: "{}".into(), retry_after: None };
        deliveries::record_result(&server.app, &claimed, message.stored, outcome).await.unwrap();
    }
    texts
}

/// Reports the job of a commit of `main`.
async fn done(server: &TestServer, id: i64, commit: char, status: &str, more: Value) {
    let mut fields = json!({"sha": commit.to_string().repeat(40), "ref": "main", "stage": "test", "name": "unit",
        "status": status, "third_build_id": commit.to_string()});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = report(server, id, fields).await;
    assert!([200, 201].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn the_url_and_the_secret_of_a_chat_are_never_shown() {
    let (server, id, target) = start().await;
    let made = server.post(&target, with(chat("dingtalk"), "secret", json!("SECs3cret"))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!((&made["url"], &made["format"]), (&json!("https://chat.example.com/…"), &json!("dingtalk")));
    assert_eq!((&made["language"], &made["secret"]), (&json!("en"), &Value::Null));
    let one = format!("{target}/{}", made["id"]);
    let changed = server.root(Method::PATCH, &one);
    let change = json!({"url": format!("https://other.example.com/{KEY}"), "refs": ["main", "release/*"]});
    let changed = changed.json(&change).send().await.json();
    assert_eq!(
        (&changed["url"], &changed["refs"][1]),
        (&json!("https://other.example.com/…"), &json!("release/*"))
    );
    let secret = server.post(&format!("{one}/secret"), json!({"secret": "SECother"})).await;
    assert_eq!(secret.status, 200, "{secret:?}");
    assert_eq!(server.post(&format!("{one}/test"), json!({})).await.status, 202);
    let page = format!("/repositories/{id}/settings/webhooks");
    let places = [
        target.clone(),
        format!("{one}/deliveries"),
        "/native/v1/audit?limit=200".to_owned(),
        format!("{page}/{}", made["id"]),
        format!("{page}/{}.json", made["id"]),
        page,
        one,
    ];
    for place in &places {
        let shown = server.get(place).await;
        let shown = String::from_utf8_lossy(&shown.body);
        for hidden in [KEY, "SECs3cret", "SECother"] {
            assert!(!shown.contains(hidden), "{place}: {shown}");
        }
    }
}

#[tokio::test]
async fn invalid_chats_are_refused() {
    let (server, _, target) = start().await;
    for (new, field) in [
        (chat("irc"), "format"),
        (with(chat("slack"), "secret", json!("x")), "secret"),
        (with(chat("wecom"), "secret", json!("x")), "secret"),
        (with(chat("feishu"), "secret", json!("a\nb")), "secret"),
        (with(chat("feishu"), "language", json!("fr")), "language"),
        (with(chat("feishu"), "refs", json!(vec!["x"; 21])), "refs"),
        (with(chat("feishu"), "jobs", json!(["a\u{7}"])), "jobs"),
        (with(chat("feishu"), "url", json!("http://127.0.0.1/x")), "url"),
    ] {
        let refused = server.post(&target, new.clone()).await;
        assert_eq!(refused.status, 400, "{new}");
        let text = String::from_utf8_lossy(&refused.body).into_owned();
        assert!(text.contains(&format!("'{field}'")) || text.contains(field), "{text}");
        assert!(!text.contains(KEY), "{text}");
    }
    assert_eq!(server.get(&target).await.json()["webhooks"], json!([]));
    let made = server.post(&target, chat("slack")).await.json();
    let rotate = format!("{target}/{}/secret", made["id"]);
    for secret in [json!({}), json!({"secret": "x"})] {
        assert_eq!(server.post(&rotate, secret).await.status, 400);
    }
}

#[tokio::test]
async fn people_are_told_about_failures_and_fixes_only() {
    let (server, id, target) = start().await;
    let new = with(with(chat("wecom"), "events", json!(["pipeline"])), "refs", json!(["main"]));
    assert_eq!(server.post(&target, new).await.status, 201);
    done(&server, id, 'a', "running", json!({})).await;
    assert_eq!(sent(&server).await, [""; 0], "a start is no news");
    done(&server, id, 'a', "failed", json!({"trigger_user": "lin"})).await;
    let failed = sent(&server).await;
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(
        failed[0].starts_with("Pipeline failed: acme/demo #1\nBranch: main\nCommit: aaaaaaaa\n"),
        "{failed:?}"
    );
    assert!(failed[0].ends_with(&format!("{PUBLIC}/repositories/{id}/pipelines/1")), "{failed:?}");
    done(&server, id, 'b', "success", json!({"ref": "dev"})).await;
    assert_eq!(sent(&server).await, [""; 0], "another ref");
    done(&server, id, 'c', "success", json!({})).await;
    let fixed = sent(&server).await;
    assert!(fixed.len() == 1 && fixed[0].starts_with("Pipeline fixed: acme/demo #3\n"), "{fixed:?}");
    done(&server, id, 'd', "success", json!({})).await;
    assert_eq!(sent(&server).await, [""; 0], "it was green before");
    // A pipeline that failed succeeds after its job was retried.
    done(&server, id, 'e', "failed", json!({})).await;
    assert_eq!(sent(&server).await.len(), 1);
    done(&server, id, 'e', "success", json!({"third_build_id": "again"})).await;
    let fixed = sent(&server).await;
    assert!(fixed.len() == 1 && fixed[0].starts_with("Pipeline fixed: acme/demo #5\n"), "{fixed:?}");
    // A job that was retried before the others ended: the pipeline never failed.
    let lint = |build: &str| json!({"name": "lint", "third_build_id": build});
    done(&server, id, 'f', "running", lint("l")).await;
    done(&server, id, 'f', "failed", json!({})).await;
    done(&server, id, 'f', "success", json!({"third_build_id": "again"})).await;
    server.clock.advance(domain::SignedDuration::from_secs(60));
    done(&server, id, 'f', "success", lint("l")).await;
    assert_eq!(sent(&server).await, [""; 0]);
    let list = server.get(&target).await.json();
    let all = format!("{target}/{}/deliveries", list["webhooks"][0]["id"]);
    let listed = server.get(&all).await.json()["deliveries"].as_array().unwrap().len();
    assert_eq!(listed, 4, "what is no news is not in the list");
}

#[tokio::test]
async fn people_are_told_about_the_jobs_of_their_patterns() {
    let (server, id, target) = start().await;
    let new = with(with(chat("wecom"), "events", json!(["job"])), "jobs", json!(["test/*"]));
    assert_eq!(server.post(&target, new).await.status, 201);
    done(&server, id, 'a', "failed", json!({})).await;
    done(&server, id, 'a', "failed", json!({"stage": "lint", "third_build_id": "x"})).await;
    let failed = sent(&server).await;
    assert!(failed.len() == 1 && failed[0].starts_with("Job failed: acme/demo test / unit\n"), "{failed:?}");
    // A new attempt succeeds.
    done(&server, id, 'a', "success", json!({"third_build_id": "2"})).await;
    let fixed = sent(&server).await;
    assert!(fixed.len() == 1 && fixed[0].starts_with("Job fixed: acme/demo test / unit\n"), "{fixed:?}");
    done(&server, id, 'b', "success", json!({})).await;
    assert_eq!(sent(&server).await, [""; 0]);
}

#[tokio::test]
async fn nothing_is_sent_when_the_maker_may_not_read_the_repository() {
    let (server, id, target) = start().await;
    let maker = server.user("maker").await;
    let member = format!("/native/v1/repositories/{id}/members/maker");
    let set = server.root(Method::PUT, &member).json(&json!({"role": "manage"})).send().await;
    assert_eq!(set.status, 204);
    let made = server.ask(Method::POST, &target).token(&maker).json(&chat("slack")).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    done(&server, id, 'a', "failed", json!({})).await;
    assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
    let claimed = due(&server).await;
    assert!(!claimed.is_empty());
    for claimed in &claimed {
        assert_eq!(decide(&server.app, claimed).await.unwrap(), Decision::Refuse);
        deliveries::refuse(&server.app, claimed).await.unwrap();
    }
    let shown = server.get(&format!("{target}/{}", made.json()["id"])).await.json();
    assert_eq!(shown["disabled_why"], json!("no_access"));
    done(&server, id, 'b', "failed", json!({})).await;
    assert!(due(&server).await.is_empty(), "a disabled webhook receives nothing");

    // It is enabled again only for a user who may read the repository.
    assert_eq!(shown["owner"], json!("maker"));
    let one = format!("{target}/{}", made.json()["id"]);
    let change = async |change: Value| server.root(Method::PATCH, &one).json(&change).send().await;
    let refused = change(json!({"disabled": false})).await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("disabled")));
    for name in ["maker", "nobody"] {
        let refused = change(json!({"owner": name})).await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("owner")), "{name}");
    }
    let given = change(json!({"owner": "root"})).await.json();
    assert_eq!((&given["owner"], &given["disabled_why"]), (&json!("root"), &Value::Null), "{given}");
    done(&server, id, 'c', "failed", json!({})).await;
    assert_eq!(sent(&server).await.len(), 2, "by the rights of its new owner");
    let again = format!("{one}/deliveries/{}/redeliver", claimed[0].id);
    assert_eq!(server.post(&again, json!({})).await.status, 202);
    assert_eq!(sent(&server).await.len(), 1, "what was refused before");
}

#[tokio::test]
async fn a_webhook_without_access_is_given_to_another_user_on_its_page() {
    let (server, id, target) = start().await;
    let maker = server.user("maker").await;
    let member = format!("/native/v1/repositories/{id}/members/maker");
    let set = async |role: &str| server.root(Method::PUT, &member).json(&json!({"role": role})).send().await;
    assert_eq!(set("manage").await.status, 204);
    let made = server.ask(Method::POST, &target).token(&maker).json(&chat("slack")).send().await;
    let page = format!("/repositories/{id}/settings/webhooks/{}", made.json()["id"]);
    assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
    done(&server, id, 'a', "failed", json!({})).await;
    for claimed in &due(&server).await {
        deliveries::refuse(&server.app, claimed).await.unwrap();
    }
    let ask = |method: Method, path: String| server.root(method, &path).header("accept-language", "en");
    let html = ask(Method::GET, page.clone()).send().await.body;
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("Disabled: its owner may not read the repository"), "{html}");
    assert!(html.contains("<option selected>maker</option>") && html.contains("<option>root</option>"));
    let enabled = ask(Method::POST, format!("{page}/switch")).body("disabled=false").send().await;
    let html = String::from_utf8(enabled.body).unwrap();
    assert!(enabled.status == 400 && html.contains("Restore this right"), "{html}");
    let refused = ask(Method::POST, format!("{page}/owner")).body("owner=maker").send().await;
    let html = String::from_utf8(refused.body).unwrap();
    assert!(refused.status == 400 && html.contains("No user of this name manages the repository"), "{html}");
    let given = ask(Method::POST, format!("{page}/owner")).body("owner=root").send().await;
    assert_eq!(given.status, 303);
    let shown = server.get(&format!("{target}/{}", made.json()["id"])).await.json();
    assert_eq!((&shown["owner"], &shown["disabled_at"]), (&json!("root"), &Value::Null));
}
