//! The first page and the wall: the health of the repositories that the caller may read.

use crate::report;
use domain::SignedDuration;
use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

async fn page(server: &TestServer, target: &str) -> TestResponse {
    let asked = server.root(Method::GET, target).header("accept", "text/html");
    asked.header("accept-language", "en").send().await
}

fn text(answer: &TestResponse) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

/// Reports a job in a pipeline of its own.
async fn pipeline(server: &TestServer, id: i64, git_ref: &str, key: &str, status: &str) {
    let fields = json!({"ref": git_ref, "pipeline_key": key, "third_build_id": "1", "status": status});
    let sent = report(server, id, fields).await;
    assert!([200, 201].contains(&sent.status), "{sent:?}");
}

/// Three repositories: one fails and runs again, one passes, one has no pipelines.
async fn stocked() -> (TestServer, [i64; 3]) {
    let server = TestServer::start().await;
    let mut ids = [0; 3];
    for (id, path) in ids.iter_mut().zip(["acme/a", "acme/b", "acme/c"]) {
        *id = server.repository(path, "private").await;
    }
    pipeline(&server, ids[0], "main", "1", "success").await;
    pipeline(&server, ids[1], "main", "1", "failed").await;
    pipeline(&server, ids[1], "main", "2", "running").await;
    pipeline(&server, ids[1], "dev", "3", "running").await;
    (server, ids)
}

fn states(list: &Value) -> Vec<(&str, &str)> {
    let all = list["repositories"].as_array().unwrap().iter();
    all.map(|of| (of["path"].as_str().unwrap(), of["health"]["state"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn failing_repositories_come_first_with_what_runs() {
    let (server, [a, b, _]) = stocked().await;
    server.clock.advance(SignedDuration::from_secs(90));
    let list = server.get("/repositories.json").await.json();
    assert_eq!(states(&list), [("acme/b", "failing"), ("acme/a", "passing"), ("acme/c", "empty")]);
    let health = &list["repositories"][0]["health"];
    assert_eq!((&health["result"]["id"], &health["current"]["id"]), (&json!(1), &json!(2)));
    assert_eq!((&health["elapsed_ms"], &health["running_elsewhere"]), (&json!(90_000), &json!(1)));
    assert_eq!(list["counts"], json!({"failing": 1, "running": 0, "passing": 1, "unknown": 0, "empty": 1}));
    // The fields of the native list are the same.
    let native = server.get("/native/v1/repositories").await.json();
    let (ours, theirs) = (&list["repositories"][1], &native["repositories"][0]);
    for (name, value) in theirs.as_object().unwrap() {
        assert_eq!(&ours[name], value, "{name}");
    }
    let html = page(&server, "/repositories").await;
    let html = text(&html);
    let place = |id: i64| html.find(&format!("data-key=\"repository-{id}\"")).unwrap();
    assert!(place(b) < place(a), "{html}");
    assert!(html.contains("1 failing") && html.contains("data-running-since="), "{html}");

    let only = server.get("/repositories.json?health=passing,empty&limit=1").await.json();
    assert_eq!((states(&only), &only["total"]), (vec![("acme/a", "passing")], &json!(2)));
    let next = server.get("/repositories.json?health=passing&health=empty&limit=1&offset=1").await.json();
    assert_eq!(states(&next), [("acme/c", "empty")]);
    assert_eq!(states(&server.get("/repositories.json?q=ACME/B").await.json()), [("acme/b", "failing")]);
    let refused = server.get("/repositories.json?health=green").await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("health")));
    let paged = page(&server, "/repositories?limit=1&health=passing,empty").await;
    assert!(text(&paged).contains("health=passing%2Cempty&#38;limit=1&#38;offset=1"), "{}", text(&paged));
}

#[tokio::test]
async fn an_unchanged_first_page_is_not_sent_again() {
    let (server, [a, ..]) = stocked().await;
    let (target, other) = ("/repositories?q=acme/a", "/repositories?q=acme/b");
    let tag = async |target: &str| server.get(target).await.header("etag").to_owned();
    let (etag, of_running) = (tag(target).await, tag(other).await);
    let again = async |target: &str, etag: &str| {
        server.root(Method::GET, target).header("if-none-match", etag).send().await.status
    };
    assert_eq!(again(target, &etag).await, 304);
    server.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(again(target, &etag).await, 304);
    assert_eq!(again(other, &of_running).await, 200, "the progress of what runs");
    pipeline(&server, a, "dev", "9", "success").await;
    assert_eq!(again(target, &etag).await, 304, "another branch, finished");
    pipeline(&server, a, "main", "2", "failed").await;
    assert_eq!(again(target, &etag).await, 200);
}

#[tokio::test]
async fn nobody_sees_the_health_of_what_they_may_not_read() {
    let (server, [_, b, _]) = stocked().await;
    let guest = server.user("guest").await;
    let seen = async |target: &str| server.ask(Method::GET, target).token(&guest).send().await.json();
    for target in ["/repositories.json", "/wall.json"] {
        let list = seen(target).await;
        assert_eq!(
            (states(&list), &list["total"], &list["counts"]["failing"]),
            (vec![], &json!(0), &json!(0))
        );
    }
    let set = server.root(Method::PUT, &format!("/native/v1/repositories/{b}/members/guest"));
    assert_eq!(set.json(&json!({"role": "read"})).send().await.status, 204);
    for target in ["/repositories.json", "/wall.json"] {
        assert_eq!(states(&seen(target).await), [("acme/b", "failing")], "{target}");
    }
}

#[tokio::test]
async fn the_wall_has_large_words_and_no_navigation() {
    let (server, _) = stocked().await;
    let wall = page(&server, "/wall").await;
    let html = text(&wall);
    assert_eq!((wall.status, wall.header("referrer-policy")), (200, "no-referrer"));
    assert!(html.contains("<h1>1 failing</h1>") && html.contains("http-equiv=\"refresh\""), "{html}");
    assert!(!html.contains("class=\"top\""), "{html}");
    let few = page(&server, "/wall?limit=1&health=failing,passing").await;
    assert!(text(&few).contains("1 more") && !text(&few).contains("acme/c"), "{}", text(&few));
    let (mut few, wall) =
        (server.get("/repositories.json").await.json(), server.get("/wall.json").await.json());
    for of in few["repositories"].as_array_mut().unwrap() {
        // What no feed has, such as the clone URLs, is not on the wall, which a feed token opens.
        let fields = ["id", "path", "default_branch", "archived", "health"];
        of.as_object_mut().unwrap().retain(|name, _| fields.contains(&name.as_str()));
    }
    assert_eq!(wall, few);
    let refused = server.get("/wall.json?limit=0").await;
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("limit")));
}
