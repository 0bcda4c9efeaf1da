//! The pages of destinations: the forms, the token, and what was sent and what waits.

use crate::report;
use domain::actions::forwarded_states;
use domain::model::forwarded_states::{ForgeOutcome, ForgeResponse};
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

const NEW: &str = "kind=gitlab&url=https%3A%2F%2Fgitlab.example.com%2F&project=acme%2Fteam&token=s3cret&choice=jobs\
                   &jobs=build%2F*%0D%0A*%2Flint&except_sources=nightly";

fn text(answer: &TestResponse) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

async fn page(server: &TestServer, path: &str) -> String {
    let asked = server.root(Method::GET, path).header("accept", "text/html");
    let shown = asked.header("accept-language", "en").send().await;
    assert_eq!(shown.status, 200, "{path}: {}", text(&shown));
    text(&shown).to_owned()
}

async fn submit(server: &TestServer, path: &str, form: &str) -> TestResponse {
    let asked = server.root(Method::POST, path).header("accept", "text/html");
    asked.header("accept-language", "en").body(form).send().await
}

/// Records that the forge responded with this status to everything that is due.
async fn respond(server: &TestServer, status: u16) {
    for claimed in &forwarded_states::claim(&server.app, 0).await.unwrap() {
        let response = ForgeResponse { status, body: "<said>".into(), ..ForgeResponse::default() };
        let (sent, outcome) = (claimed.forge_status(false, None), ForgeOutcome::Responded(response));
        forwarded_states::record_result(&server.app, claimed, sent, outcome).await.unwrap();
    }
}

#[tokio::test]
async fn a_destination_is_added_changed_paused_and_removed_with_forms() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let list = format!("/repositories/{id}/settings/destinations");
    assert!(page(&server, &list).await.contains("No destinations"));
    for (wrong, field) in
        [("url=", "url"), ("token=", "token"), ("kind=svn", "kind"), ("project=", "project")]
    {
        let name = wrong.split('=').next().unwrap();
        let kept = NEW.split('&').filter(|pair| !pair.starts_with(&format!("{name}=")));
        let form = kept.chain([wrong]).collect::<Vec<_>>().join("&");
        let refused = submit(&server, &list, &form).await;
        let html = text(&refused);
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(
            html.contains(&format!("id=\"wrong-destination-{field}\"")) && !html.contains("s3cret"),
            "{html}"
        );
        assert!(html.contains("build/*\n*/lint") || html.contains("build/*\r\n*/lint"), "{html}");
    }
    let made = submit(&server, &list, NEW).await;
    assert_eq!(made.status, 303, "{}", text(&made));
    let one = made.header("location").split('?').next().unwrap().to_owned();
    let native = format!("/native/v1{}", one.replace("/settings", ""));
    let shown = page(&server, &one).await;
    assert!(shown.contains("GitLab · acme/team") && !shown.contains("s3cret"), "{shown}");
    let known: Value = server.get(&native).await.json();
    assert_eq!(
        (&known["jobs"], &known["except_sources"]),
        (&json!(["build/*", "*/lint"]), &json!(["nightly"]))
    );
    // Patterns count only for jobs.
    let form = "url=https%3A%2F%2Fgitlab.example.com&project=acme%2Fteam&token=&choice=pipeline\
        &jobs=build%2F*&except_sources=";
    assert_eq!(submit(&server, &one, form).await.status, 303);
    let known: Value = server.get(&native).await.json();
    assert_eq!((&known["choice"], &known["except_sources"]), (&json!("pipeline"), &json!([])));
    let elsewhere = form.replace("gitlab.example", "other.example");
    let refused = submit(&server, &one, &elsewhere).await;
    assert!(
        refused.status == 400 && text(&refused).contains("id=\"wrong-change-token\""),
        "{}",
        text(&refused)
    );
    assert_eq!(submit(&server, &one, &elsewhere.replace("token=", "token=other")).await.status, 303);
    assert_eq!(submit(&server, &format!("{one}/switch"), "enabled=false").await.status, 303);
    assert!(page(&server, &one).await.contains("Disabled"));
    let refused = submit(&server, &format!("{one}/test"), "").await;
    assert!(refused.status == 400 && text(&refused).contains("id=\"wrong-actions-\""), "{}", text(&refused));
    assert_eq!(submit(&server, &format!("{one}/switch"), "enabled=true").await.status, 303);
    assert_eq!(submit(&server, &format!("{one}/delete"), "").await.status, 303);
    assert_eq!(submit(&server, &format!("{one}/delete"), "").await.status, 404);
}

#[tokio::test]
async fn the_pages_show_what_was_sent_what_waits_and_why() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let list = format!("/repositories/{id}/settings/destinations");
    let made = submit(&server, &list, &NEW.replace("choice=jobs", "choice=pipeline")).await;
    let one = made.header("location").split('?').next().unwrap().to_owned();
    let job = |sha: &str, status: &str| json!({"sha": sha.repeat(40), "ref": "main", "name": "unit", "status": status});
    report(&server, id, job("1", "success")).await;
    respond(&server, 201).await;
    report(&server, id, job("2", "failed")).await;
    respond(&server, 503).await;
    report(&server, id, job("3", "failed")).await;
    let shown = page(&server, &list).await;
    for part in [
        "stagepost/external",
        "success",
        "11111111",
        "the forge does not respond or returns errors",
        "next attempt: ",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let states = page(&server, &one).await;
    for part in ["Sent", "Pending", "503 &#60;said&#62;", "→ Failed", "failing since"] {
        assert!(states.contains(part), "{part} is not in {states}");
    }
    let waiting = page(&server, &format!("{one}?progress=pending")).await;
    assert!(!waiting.contains(&"1".repeat(40)) && waiting.contains(&"2".repeat(40)), "{waiting}");
    assert_eq!(submit(&server, &format!("{one}/retry"), "").await.status, 303);
    respond(&server, 403).await;
    assert!(page(&server, &one).await.contains("refused by the forge"));
    assert_eq!(submit(&server, &format!("{one}/test"), "").await.status, 303);
    respond(&server, 200).await;
    // A test sends no status, so the state that was sent last stays.
    let shown = page(&server, &list).await;
    assert!(shown.contains("success") && !shown.contains("nothing yet"), "{shown}");
    assert!(page(&server, &one).await.contains(">test</th>"));
}

#[tokio::test]
async fn a_page_of_destinations_is_reloaded_often_only_before_an_attempt() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let list = format!("/repositories/{id}/settings/destinations");
    let made = submit(&server, &list, &NEW.replace("choice=jobs", "choice=pipeline")).await;
    let one = made.header("location").split('?').next().unwrap().to_owned();
    let active = async || {
        let shown = [page(&server, &list).await, page(&server, &one).await];
        shown.map(|page| page.contains("data-active"))
    };
    assert_eq!(active().await, [false; 2], "nothing waits");
    report(&server, id, json!({"sha": "1".repeat(40), "ref": "main", "name": "unit", "status": "failed"}))
        .await;
    assert_eq!(active().await, [true; 2], "a state is due");
    assert_eq!(submit(&server, &format!("{one}/switch"), "enabled=false").await.status, 303);
    assert_eq!(active().await, [false; 2], "it is disabled");
    assert_eq!(submit(&server, &format!("{one}/switch"), "enabled=true").await.status, 303);
    assert_eq!(active().await, [true; 2]);
    for _ in 0..8 {
        respond(&server, 503).await;
        server.clock.advance(domain::SignedDuration::from_mins(30));
    }
    respond(&server, 503).await;
    assert_eq!(active().await, [false; 2], "the next attempt is far away");
}
