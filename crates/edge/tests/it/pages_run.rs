//! The pages of a pipeline, a job and a commit, and the badge: content, access and entity tags.

use crate::report;
use http::Method;
use serde_json::json;
use testkit::{TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const EVIL: &str = "<img src=x onerror=\"alert(1)\">";

async fn page(server: &TestServer, target: &str) -> TestResponse {
    let asked = server.root(Method::GET, target).header("accept", "text/html");
    asked.header("accept-language", "en").send().await
}

fn text(answer: &TestResponse) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

#[tokio::test]
async fn a_pipeline_says_what_failed_and_where_it_is_in_time() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for (sha, n) in [("1".repeat(40), 1), (SHA.to_owned(), 2), ("3".repeat(40), 3)] {
        let made =
            report(&server, id, json!({"sha": sha, "stage": "test", "name": "unit", "status": "failed"}))
                .await;
        assert_eq!(made.json()["pipeline_id"], n);
    }
    report(&server, id, json!({"stage": "test", "name": "lint", "status": "success"})).await;
    let shown = page(&server, &format!("/repositories/{id}/pipelines/2")).await;
    let html = text(&shown);
    assert_eq!(shown.status, 200);
    for part in [
        "1 of 2 jobs failed: ",
        &format!("<a href=\"/repositories/{id}/pipelines/2/jobs/2\">test / unit</a>"),
        "<svg role=\"img\" aria-label=\"Timeline: ",
        &format!("data-older href=\"/repositories/{id}/pipelines/1\""),
        &format!("data-newer href=\"/repositories/{id}/pipelines/3\""),
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    let whole = server.get(&format!("/repositories/{id}/pipelines/2.json")).await.json();
    let native = server.get(&format!("/native/v1/repositories/{id}/pipelines/2")).await.json();
    assert_eq!(
        (&whole["sha"], &whole["version"], &whole["jobs"][0]["name"]),
        (&native["sha"], &native["version"], &json!("unit"))
    );
    // The dot of a stage links to its failed job.
    let stage = whole["jobs"][0]["stage_id"].as_i64().unwrap();
    let dot = page(&server, &format!("/repositories/{id}/pipelines/2/stages/{stage}")).await;
    assert_eq!(
        (dot.status, dot.header("location")),
        (303, &*format!("/repositories/{id}/pipelines/2/jobs/2"))
    );
    assert_eq!(page(&server, &format!("/repositories/{id}/pipelines/9")).await.status, 404);
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({"status": "success"})).await;
    for target in
        [format!("/repositories/{id}/pipelines/1"), format!("/repositories/{id}/pipelines/1/jobs/1")]
    {
        let look = |etag: String, language: &'static str| {
            let asked =
                server.root(Method::GET, &target).header("accept", "text/html").header("x-fragment", "1");
            asked.header("if-none-match", &etag).header("accept-language", language).send()
        };
        let first = look(String::new(), "en").await;
        let etag = first.header("etag").to_owned();
        assert!(first.status == 200 && !text(&first).contains("<html"), "{first:?}");
        let again = look(etag.clone(), "en").await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{target}");
        assert_eq!(look(etag.clone(), "zh").await.status, 200, "another language is another text");
        report(&server, id, json!({"name": target, "status": "running"})).await;
        assert_eq!(look(etag, "en").await.status, 200, "{target}: something changed");
    }
}

#[tokio::test]
async fn a_job_tells_its_attempts_and_every_report() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let unit = |build: &str, status: &str| {
        json!({"stage": "test", "name": "unit", "third_build_id": build, "status": status,
            "target_url": "https://ci.example.com/1"})
    };
    for (build, status) in [("b1", "failed"), ("b2", "running"), ("b2", "success"), ("b2", "pending")] {
        report(&server, id, unit(build, status)).await;
    }
    let path = format!("/repositories/{id}/pipelines/1/jobs/2");
    let shown = page(&server, &path).await;
    let html = text(&shown);
    for part in [
        "<h1>unit</h1>",
        "goes back, so the status stays success.",
        "effect-late",
        &format!("href=\"/repositories/{id}/pipelines/1/jobs/1\""),
        "href=\"https://ci.example.com/1\" rel=\"noopener noreferrer nofollow\"",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    let native = server.get(&format!("/native/v1/repositories/{id}/jobs/2")).await.json();
    assert_eq!(server.get(&format!("{path}.json")).await.json(), native);
    // The job belongs to this pipeline only.
    report(&server, id, json!({"sha": "2".repeat(40)})).await;
    assert_eq!(page(&server, &format!("/repositories/{id}/pipelines/2/jobs/2")).await.status, 404);
}

#[tokio::test]
async fn a_commit_has_all_its_pipelines() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({"source": "jenkins", "name": "one"})).await;
    report(&server, id, json!({"source": "buildbot", "name": "two", "status": "failed"})).await;
    report(&server, id, json!({"sha": "2".repeat(40), "name": "three"})).await;
    let shown = page(&server, &format!("/repositories/{id}/commits/{SHA}")).await;
    let html = text(&shown);
    assert!(
        html.contains("external / one") && html.contains("external / two") && !html.contains("three"),
        "{html}"
    );
    let short = page(&server, &format!("/repositories/{id}/commits/1c46c5")).await;
    assert_eq!(
        (short.status, short.header("location")),
        (303, &*format!("/repositories/{id}/commits/{SHA}"))
    );
    let list = server.get(&format!("/repositories/{id}/commits/{SHA}.json")).await.json();
    let ids: Vec<_> = list["pipelines"].as_array().unwrap().iter().map(|p| p["id"].clone()).collect();
    assert_eq!(ids, [json!(2), json!(1)]);
    assert_eq!(page(&server, &format!("/repositories/{id}/commits/no-sha")).await.status, 404);
}

#[tokio::test]
async fn what_reporters_say_stays_text_on_every_page() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let evil = json!({"ref": EVIL, "stage": EVIL, "name": EVIL, "description": EVIL, "trigger_user": EVIL, "source": EVIL,
        "third_build_id": EVIL, "pipeline_key": EVIL, "status": "failed", "target_url": "https://ci/?\"><script>alert(1)</script>"});
    assert_eq!(report(&server, id, evil).await.status, 201);
    let script = json!({"name": "x", "target_url": "javascript:alert(1)"});
    assert_eq!(report(&server, id, script).await.json()["adjusted"][0]["change"], "dropped");
    let encoded = "%3Cimg%20src%3Dx%20onerror%3D%22alert(1)%22%3E";
    for target in [
        "pipelines".to_owned(),
        "pipelines/1".to_owned(),
        "pipelines/1/jobs/1".to_owned(),
        format!("commits/{SHA}"),
        format!("badge.svg?ref={encoded}"),
    ] {
        let shown = page(&server, &format!("/repositories/{id}/{target}")).await;
        assert_eq!(shown.status, 200, "{target}");
        let html = text(&shown);
        assert!(html.contains("&#60;img") || html.contains("&lt;img"), "{target}: {html}");
        assert!(
            !html.contains("<img") && !html.contains("<script>") && !html.contains("style="),
            "{target}: {html}"
        );
    }
}

#[tokio::test]
async fn a_badge_tells_only_who_may_know() {
    let server = TestServer::start().await;
    let mut badges: Vec<String> = Vec::new();
    for visibility in ["private", "internal", "public"] {
        let id = server.repository(&format!("acme/{visibility}"), visibility).await;
        report(&server, id, json!({"ref": "main", "status": "failed"})).await;
        badges.push(format!("/repositories/{id}/badge.svg"));
    }
    let amy = server.user("amy").await;
    // The badge of another branch would be wrong.
    let empty = page(&server, &format!("{}?ref=", badges[2])).await;
    assert_eq!(empty.status, 400);
    let status = |target: String, token: Option<String>| {
        let asked = server.ask(Method::GET, &target);
        let asked = if let Some(token) = &token { asked.token(token) } else { asked };
        let asked = asked.header("accept-language", "en").send();
        async move { asked.await.status }
    };
    for (badge, nobody, some) in [(&badges[0], 404, 404), (&badges[1], 404, 200), (&badges[2], 200, 200)] {
        assert_eq!(status(badge.clone(), None).await, nobody, "{badge}");
        assert_eq!(status(badge.clone(), Some("no-such-token".into())).await, nobody, "{badge}");
        assert_eq!(status(badge.clone(), Some(amy.clone())).await, some, "{badge}");
    }
    assert_eq!(status("/repositories/2147483647/badge.svg".into(), None).await, 404);
    let get = |query: &str, etag: &str| {
        let asked = server.root(Method::GET, &format!("{}{query}", badges[0]));
        asked.header("accept-language", "en").header("if-none-match", etag).send()
    };
    let badge = get("", "").await;
    assert!(text(&badge).contains(">Failed<"), "{}", text(&badge));
    assert_eq!(
        (badge.header("content-type"), badge.header("cache-control")),
        ("image/svg+xml; charset=utf-8", "private, no-cache")
    );
    let etag = badge.header("etag").to_owned();
    assert_eq!(get("", &etag).await.status, 304);
    assert!(text(&get("?ref=other", "").await).contains(">none<"));
    report(
        &server,
        badges[0].split('/').nth(2).unwrap().parse().unwrap(),
        json!({"ref": "main", "sha": "4".repeat(40)}),
    )
    .await;
    let moved = get("", &etag).await;
    assert!(moved.status == 200 && text(&moved).contains(">Running<"));
}

/// A session cookie gives the scripts of a page access to the events.
#[tokio::test]
async fn the_script_follows_events_by_the_cookie() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let form = server.ask(Method::POST, "/sign-in").header("host", "a").header("origin", "http://a");
    let signed_in = form.body("name=root&password=root-password").send().await;
    let lines = signed_in.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let cookie = lines.map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    let head = |cookie: &str| {
        let asked = server.ask(Method::HEAD, &format!("/native/v1/events?repository={id}"));
        asked.header("cookie", cookie).send()
    };
    assert_eq!(head(&cookie).await.status, 200);
    assert_eq!(head("stagepost=nobody").await.status, 401);
}
