//! The settings pages of a repository: every form does the same as the API and shows errors at their fields.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::json;
use testkit::{ROOT, TestResponse, TestServer};

async fn post(server: &TestServer, path: &str, form: &str) -> TestResponse {
    let asked = server.ask(Method::POST, path).token(ROOT).header("accept-language", "en");
    asked.body(form).send().await
}

async fn page(server: &TestServer, path: &str) -> TestResponse {
    let asked = server.ask(Method::GET, path).token(ROOT).header("accept-language", "en");
    asked.header("accept", "text/html").send().await
}

fn text(answer: &TestResponse) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

async fn start() -> (TestServer, i64, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    (server, id, format!("/repositories/{id}/settings"))
}

/// The error text of a refused form at a field.
fn wrong(answer: &TestResponse, form: &str, field: &str) -> String {
    let html = text(answer);
    assert_eq!(answer.status, 400, "{html}");
    let at = html.find(&format!("id=\"wrong-{form}-{field}\"")).unwrap_or_else(|| panic!("{field}: {html}"));
    html[at..].split("</span>").next().unwrap().to_owned()
}

#[tokio::test]
async fn a_repository_is_changed_and_what_is_refused_stays_in_its_field() {
    let (server, id, settings) = start().await;
    let form = "description=Hello+%3Cb%3E&default_branch=trunk&visibility=internal&archived=true";
    let changed = post(&server, &settings, form).await;
    assert_eq!(changed.header("location"), format!("{settings}?notice=saved"));
    let now = server.get(&format!("/native/v1/repositories/{id}")).await.json();
    assert_eq!(
        (&now["description"], &now["default_branch"], &now["visibility"], &now["archived"]),
        (&json!("Hello <b>"), &json!("trunk"), &json!("internal"), &json!(true))
    );
    let shown = text(&page(&server, &settings).await);
    assert!(shown.contains("value=\"trunk\"") && !shown.contains("<b>"), "{shown}");
    let refused = post(&server, &settings, "description=kept&default_branch=&visibility=private").await;
    assert!(wrong(&refused, "general", "default_branch").contains("must not be empty"));
    assert!(text(&refused).contains("value=\"kept\""));
    let json = page(&server, &format!("{settings}.json")).await.json();
    assert_eq!(
        (&json["repository"]["path"], &json["members"][0]["user"]),
        (&json!("acme/demo"), &json!("root"))
    );
}

#[tokio::test]
async fn members_come_change_and_go() {
    let (server, id, settings) = start().await;
    server.user("amy").await;
    let set = format!("{settings}/members");
    assert!(
        wrong(&post(&server, &set, "user=nobody&role=read").await, "member", "user")
            .contains("does not exist")
    );
    assert!(wrong(&post(&server, &set, "user=amy&role=owner").await, "member", "role").contains("one of"));
    assert_eq!(post(&server, &set, "user=+amy+&role=report").await.status, 303);
    let members = server.get(&format!("/native/v1/repositories/{id}/members")).await.json();
    assert_eq!(members["members"][0], json!({"user": "amy", "role": "report"}));
    assert!(text(&page(&server, &set).await).contains("If you remove amy"));
    assert_eq!(post(&server, &format!("{set}/amy/remove"), "").await.status, 303);
    assert_eq!(post(&server, &format!("{set}/amy/remove"), "").await.status, 404);
}

#[tokio::test]
async fn policies_are_written_as_people_do() {
    let (server, id, settings) = start().await;
    let set = format!("{settings}/policies");
    let form = "silence_limit=2h&stage_limits=deploy+%3D+6h%0D%0Amanual+%3D+off&keep_for=90d&keep_per_ref=10";
    assert_eq!(post(&server, &set, form).await.status, 303);
    let now = server.get(&format!("/native/v1/repositories/{id}/policies")).await.json();
    let want = json!({"silence_limit": 7200, "stage_limits": {"deploy": 21600, "manual": null},
        "keep_for": 7776000, "keep_per_ref": 10});
    assert_eq!(now, want);
    for (form, field, why) in [
        ("silence_limit=2y", "silence_limit", "a duration such as 90d, 1w or 1h30m"),
        ("silence_limit=-5h", "silence_limit", "from 1s to 3650d"),
        ("silence_limit=0", "silence_limit", "from 1s to 3650d"),
        ("stage_limits=deploy", "stage_limits", "a duration such as 90d, 1w or 1h30m"),
        ("stage_limits=deploy%3D0s", "stage_limits", "from 1s"),
        ("keep_for=20000d", "keep_for", "from 1s"),
        ("keep_for=90", "keep_for", "write 90d for days or 90s for seconds"),
        ("keep_per_ref=0", "keep_per_ref", "between"),
        ("keep_per_ref=x", "keep_per_ref", "integer"),
    ] {
        let said = wrong(&post(&server, &set, form).await, "policies", field);
        assert!(said.contains(why), "{form}: {said}");
    }
    assert_eq!(
        server.get(&format!("/native/v1/repositories/{id}/policies")).await.json(),
        want,
        "nothing of it"
    );
}

#[tokio::test]
async fn deleting_lists_first_and_wants_a_tick() {
    let (server, id, settings) = start().await;
    for n in 0..3 {
        let fields =
            json!({"status": "success", "pipeline_key": n.to_string(), "third_build_id": n.to_string()});
        report(&server, id, fields).await;
        server.clock.advance(SignedDuration::from_mins(1));
    }
    let prune = format!("{settings}/prune");
    assert!(text(&page(&server, &prune).await).contains("No pipelines to delete"));
    post(&server, &format!("{settings}/policies"), "keep_per_ref=1").await;
    let shown = text(&page(&server, &prune).await);
    assert!(shown.contains("2 pipelines will be deleted") && shown.contains("pipelines/1\""), "{shown}");
    assert_eq!(page(&server, &format!("{prune}.json")).await.json()["would_go"].as_array().unwrap().len(), 2);
    let unticked = post(&server, &prune, "").await;
    assert!(unticked.status == 400 && text(&unticked).contains("Select the checkbox to confirm."));
    let total = async || {
        server.get(&format!("/native/v1/repositories/{id}/pipelines?total=true")).await.json()["total"]
            .clone()
    };
    assert_eq!(total().await, 3);
    let gone = post(&server, &prune, "confirm=true").await;
    assert!(gone.status == 200 && text(&gone).contains("Deleted 2 pipelines and 2 jobs"), "{}", text(&gone));
    assert_eq!(total().await, 1);
}

#[tokio::test]
async fn a_webhook_is_added_tested_switched_given_a_secret_and_removed() {
    let (server, id, settings) = start().await;
    let add = format!("{settings}/webhooks");
    let refused = post(&server, &add, "url=https%3A%2F%2F127.0.0.1%2F&description=kept&events=job").await;
    assert!(wrong(&refused, "webhook", "url").contains("neither public"));
    assert!(text(&refused).contains("value=\"kept\""));
    assert!(
        wrong(&post(&server, &add, "url=https%3A%2F%2Fexample.com%2F").await, "webhook", "events")
            .contains("required")
    );
    let made = post(&server, &add, "url=https%3A%2F%2Fexample.com%2Fhook&events=pipeline&events=job").await;
    assert!(made.status == 200 && text(&made).contains("<code>whsec_"), "{}", text(&made));
    assert_eq!(made.header("content-encoding"), "");
    let listed = server.get(&format!("/native/v1/repositories/{id}/webhooks")).await.json();
    let webhook = &listed["webhooks"][0];
    assert_eq!(webhook["events"], json!(["pipeline", "job"]));
    let path = format!("{add}/{}", webhook["id"]);
    assert_eq!(
        post(&server, &format!("{path}/test"), "").await.header("location"),
        format!("{path}?notice=sent")
    );
    let shown = page(&server, &path).await;
    assert!(text(&shown).contains("webhook.test") && !text(&shown).contains("whsec_"), "{}", text(&shown));
    let json = page(&server, &format!("{path}.json")).await.json();
    let delivery = json["deliveries"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(post(&server, &format!("{path}/deliveries/{delivery}/redeliver"), "").await.status, 303);
    assert_eq!(post(&server, &format!("{path}/deliveries/msg_0/redeliver"), "").await.status, 404);
    assert!(
        wrong(&post(&server, &path, "url=ftp%3A%2F%2Fx&events=job").await, "change", "url").contains("http")
    );
    assert_eq!(post(&server, &path, "url=https%3A%2F%2Fexample.org%2F&events=job").await.status, 303);
    assert_eq!(post(&server, &format!("{path}/switch"), "disabled=true").await.status, 303);
    let now = server.get(&format!("/native/v1{}", path.replace("/settings", ""))).await.json();
    assert_eq!((&now["url"], &now["disabled_why"]), (&json!("https://example.org/"), &json!("manual")));
    assert_eq!(post(&server, &format!("{path}/test"), "").await.status, 400, "it is off");
    assert!(text(&post(&server, &format!("{path}/secret"), "").await).contains("whsec_"));
    assert_eq!(post(&server, &format!("{path}/delete"), "").await.status, 303);
    assert_eq!(page(&server, &path).await.status, 404);
}

#[tokio::test]
async fn settings_are_for_who_manages() {
    let (server, id, settings) = start().await;
    let amy = server.user("amy").await;
    let member = server.root(Method::PUT, &format!("/native/v1/repositories/{id}/members/amy"));
    member.json(&json!({"role": "report"})).send().await;
    for path in [settings.clone(), format!("{settings}/prune")] {
        assert_eq!(server.ask(Method::GET, &path).token(&amy).send().await.status, 403, "{path}");
    }
    let form =
        server.ask(Method::POST, &format!("{settings}/members")).token(&amy).body("user=amy&role=manage");
    assert_eq!(form.send().await.status, 403);
}

#[tokio::test]
async fn a_client_that_wants_json_gets_the_reason_of_a_refused_form() {
    let (server, id, settings) = start().await;
    for (path, form, field) in [
        (settings.clone(), "default_branch=&visibility=private", "default_branch"),
        (format!("{settings}/members"), "user=root&role=owner", "role"),
        (format!("{settings}/policies"), "keep_per_ref=0", "keep_per_ref"),
        (format!("{settings}/prune"), "", "confirm"),
        (format!("{settings}/webhooks"), "url=ftp%3A%2F%2Fx&events=job", "url"),
        ("/account/tokens".into(), "name=&scope=read&life=7", "name"),
        ("/administration/users".into(), "name=bob&password=short", "password"),
    ] {
        let asked = server.ask(Method::POST, &path).token(ROOT).header("accept", "application/json");
        let refused = asked.body(form).send().await;
        assert_eq!(
            (refused.status, refused.header("content-type")),
            (400, "application/problem+json"),
            "{path}"
        );
        assert_eq!(refused.json()["field"], field, "{path}: {}", refused.json());
    }
    assert_eq!(
        server.get(&format!("/native/v1/repositories/{id}/webhooks")).await.json()["webhooks"],
        json!([])
    );
}
