//! The GitLab dialect as its clients see it: credentials, reports and reads.

use http::Method;
use serde_json::{Value, json};
use testkit::{TestResponse, TestServer};

pub const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const STATES: [&str; 6] = ["pending", "running", "success", "failed", "canceled", "skipped"];

/// `GET` in the project, by the administrator.
pub async fn get(server: &TestServer, target: &str) -> TestResponse {
    server.gitlab(Method::GET, &format!("/api/v4/projects/acme%2Fdemo{target}")).send().await
}

/// Reports on [`SHA`].
pub async fn post(server: &TestServer, fields: Value) -> TestResponse {
    post_on(server, SHA, fields).await
}

/// Reports on a commit.
pub async fn post_on(server: &TestServer, sha: &str, fields: Value) -> TestResponse {
    let target = format!("/api/v4/projects/acme%2Fdemo/statuses/{sha}");
    server.gitlab(Method::POST, &target).json(&fields).send().await
}

/// The ids of the listed items.
pub fn ids(answer: &TestResponse) -> Vec<i64> {
    let items = answer.json();
    let items = items.as_array().unwrap_or_else(|| panic!("{answer:?}"));
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

/// A server with the repository `acme/demo`, and its id.
pub async fn server() -> (TestServer, i64) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    (server, id)
}

#[tokio::test]
async fn clients_find_out_who_they_are_and_whom_they_ask() {
    let (server, _) = server().await;
    for target in ["/api/v4", "/api/v4/", "/api/v4/?"] {
        let root = server.ask(Method::GET, target).send().await;
        assert_eq!((root.status, root.json()), (200, json!({"api": "v4"})), "{target}");
    }
    assert_eq!(server.ask(Method::GET, "/api/v4/version").send().await.status, 401);
    let version = server.gitlab(Method::GET, "/api/v4/version").send().await.json();
    let parts: Vec<&str> = version["version"].as_str().unwrap().split('-').collect();
    assert_eq!(parts[0].split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{version}");
    let user = server.gitlab(Method::GET, "/api/v4/user?").send().await;
    assert!(user.header("content-type").starts_with("application/json"));
    let root = user.json();
    for (name, value) in [
        ("id", json!(1)),
        ("username", json!("root")),
        ("state", json!("active")),
        ("avatar_url", json!(null)),
        ("web_url", json!("http://localhost/root")),
        ("created_at", json!("2026-11-24T00:00:00.000Z")),
        ("is_admin", json!(true)),
        ("email", json!("")),
        ("identities", json!([])),
        ("can_create_project", json!(true)),
    ] {
        assert_eq!(root[name], value, "{name}");
    }
    let ci = server.user("ci").await;
    let ci = server.ask(Method::GET, "/api/v4/user").private_token(&ci).send().await.json();
    assert_eq!((&ci["name"], ci.get("is_admin")), (&json!("ci"), None), "administrators only");
}

#[tokio::test]
async fn every_credential_of_gitlabs_clients_signs_in() {
    let (server, _) = server().await;
    let ci = server.user("ci").await;
    let ask = |target: &str| server.ask(Method::GET, target);
    for asked in [
        ask("/api/v4/user").private_token(&ci),
        ask("/api/v4/user").header("authorization", &format!("Bearer {ci}")),
        ask("/api/v4/user").header("authorization", &format!("token {ci}")),
        ask(&format!("/api/v4/user?private_token={ci}")),
        ask(&format!("/api/v4/user?access_token={ci}")),
        ask(&format!("/api/v4/user?private_token={ci}")).private_token(&ci),
    ] {
        let answer = asked.send().await;
        assert_eq!((answer.status, &answer.json()["username"]), (200, &json!("ci")), "{answer:?}");
    }
    let unauthorized = json!({"message": "401 Unauthorized"});
    for asked in [
        ask("/api/v4/user"),
        ask("/api/v4/user?private_token="),
        ask("/api/v4/user?private_token=wrong"),
        ask("/api/v4/user").private_token("wrong"),
        ask("/api/v4/user").header("job-token", &ci),
        ask(&format!("/api/v4/user?job_token={ci}")),
        ask("/api/v4/user").header("x-auth-token", &ci),
        ask("/api/v4/user").header("authorization", "Basic cm9vdDpyb290"),
    ] {
        let answer = asked.send().await;
        assert_eq!((answer.status, answer.json()), (401, unauthorized.clone()), "{answer:?}");
    }
    let two = ask("/api/v4/user?access_token=another").private_token(&ci).send().await;
    assert_eq!(two.status, 400);
    assert!(two.json()["message"].as_str().unwrap().starts_with("400 Bad request"));
    for target in ["/native/v1/whoami", "/v4/user/repositories"] {
        let elsewhere = ask(&format!("{target}?private_token={ci}")).send().await;
        assert_eq!(elsewhere.status, 401, "only this dialect reads the query: {target}");
    }
}

#[tokio::test]
async fn a_status_comes_back_as_gitlab_shows_it() {
    let (server, _) = server().await;
    let fields = json!({"state": "success", "ref": "main", "name": "build", "coverage": 98.29, "description": "编译",
        "target_url": "https://ci.example/1", "unknown": {"a": []}});
    let answer = post(&server, fields).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.header("content-type").starts_with("application/json"));
    let wanted = json!({"id": 1, "sha": SHA, "ref": "main", "status": "success", "name": "build",
        "target_url": "https://ci.example/1", "description": "编译", "created_at": "2026-11-24T00:00:00.000Z",
        "started_at": null, "finished_at": "2026-11-24T00:00:00.000Z", "allow_failure": false, "coverage": 98.29,
        "pipeline_id": 1, "author": {"id": 1, "username": "root", "name": "root", "state": "active", "locked": false,
        "avatar_url": null, "web_url": "http://localhost/root"}});
    assert_eq!(answer.json(), wanted);
    assert_eq!(get(&server, &format!("/repository/commits/{SHA}/statuses")).await.json(), json!([wanted]));
    let failed = post(&server, json!({"state": "failed", "name": "lint"})).await.json();
    assert_eq!(failed["failure_reason"], "api_failure");
}

#[tokio::test]
async fn parameters_come_from_wherever_clients_put_them() {
    let (server, _) = server().await;
    let form = "application/x-www-form-urlencoded";
    let multipart = "multipart/form-data; boundary=XX";
    let part = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts = part("state", "failed") + &part("name", "编译") + &part("coverage", "80.5") + "--XX--\r\n";
    for (kind, body, query, wanted) in [
        ("application/json", r#"{"state":"success"}"#, "", ("success", "default", json!(null))),
        (
            "application/json; charset=utf-8",
            r#"{"state":"success","context":"c"}"#,
            "",
            ("success", "c", json!(null)),
        ),
        (
            "application/json",
            r#"{"state":"success","name":"n","context":"c"}"#,
            "",
            ("success", "n", json!(null)),
        ),
        (
            "application/json",
            r#"{"state":"success","name":null,"coverage":"80.5"}"#,
            "name=q",
            ("success", "q", json!(80.5)),
        ),
        (
            "application/json",
            r#"{"state":"success","name":7,"coverage":80}"#,
            "",
            ("success", "7", json!(80.0)),
        ),
        (
            "application/json",
            r#"{"state":"success","name":true}"#,
            "state=failed",
            ("success", "true", json!(null)),
        ),
        ("application/json", "", "state=failed&name=n+1", ("failed", "n 1", json!(null))),
        (form, "state=running&name=%E7%BC%96&coverage=80.5", "", ("running", "编", json!(80.5))),
        (form, "state=running&name=", "name=q&state=failed", ("running", "q", json!(null))),
        ("", "state=canceled&coverage=0", "context=x", ("canceled", "x", json!(0.0))),
        ("", "", "state=skipped&context=&name=&coverage=", ("skipped", "default", json!(null))),
        (multipart, &parts, "name=q&target_url=http://a", ("failed", "编译", json!(80.5))),
    ] {
        let (server, _) = self::server().await;
        let mut asked =
            server.gitlab(Method::POST, &format!("/api/v4/projects/acme%2Fdemo/statuses/{SHA}?{query}"));
        if !kind.is_empty() {
            asked = asked.header("content-type", kind);
        }
        let answer = asked.body(body).send().await;
        assert_eq!(answer.status, 201, "{kind} {body} {query}: {answer:?}");
        let status = answer.json();
        let read = (
            status["status"].as_str().unwrap(),
            status["name"].as_str().unwrap(),
            status["coverage"].clone(),
        );
        assert_eq!(read, wanted, "{kind} {body} {query}");
    }
    // With the token in this place as well, as the oldest clients send it.
    let token = server.token("root", json!({"name": "t", "scope": "report"})).await;
    let target = format!("/api/v4/projects/acme%2Fdemo/statuses/{SHA}?private_token={token}&state=success");
    assert_eq!(server.ask(Method::POST, &target).send().await.status, 201);
}

#[tokio::test]
async fn whatever_follows_whatever_is_taken() {
    let (server, _) = server().await;
    let finished = |state: &str| !["pending", "running"].contains(&state);
    for url in [None, Some("http://ci.example/1")] {
        for first in STATES {
            for second in STATES {
                let name = format!("{first} {second} {url:?}");
                let send = |state| {
                    let mut fields = json!({"state": state, "name": name, "ref": "main"});
                    if let Some(url) = url {
                        fields["target_url"] = url.into();
                    }
                    post(&server, fields)
                };
                let (one, two) = (send(first).await, send(second).await);
                assert_eq!((one.status, two.status), (201, 201), "{name}");
                let (one, two) = (one.json(), two.json());
                assert_eq!(one["status"], first);
                let (state, new) = match (finished(first), finished(second)) {
                    // A new attempt; with the URL of the older attempt it is a late report of that attempt.
                    (true, false) if url.is_none() => (second, true),
                    (true, false) => (first, false),
                    (false, false) if first == "running" => (first, false),
                    _ => (second, false),
                };
                assert_eq!((two["status"].as_str(), two["id"] != one["id"]), (Some(state), new), "{name}");
                assert_eq!(send(second).await.json()["id"], two["id"], "and again: {name}");
            }
        }
    }
    assert_eq!(get(&server, "/pipelines").await.header("x-total"), "1");
}

#[tokio::test]
async fn a_repeat_refreshes_what_it_says() {
    let (server, _) = server().await;
    for (state, description) in [
        ("pending", "queued"),
        ("pending", "still"),
        ("running", "10%"),
        ("running", "60%"),
        ("success", "done"),
    ] {
        let status = post(&server, json!({"state": state, "description": description})).await.json();
        assert_eq!((&status["id"], &status["description"]), (&json!(1), &json!(description)));
    }
    let kept = post(&server, json!({"state": "success"})).await.json();
    assert_eq!(kept["description"], "done", "what is not said stays");
}

#[tokio::test]
async fn a_retry_is_a_second_attempt() {
    let (server, _) = server().await;
    let send = |state: &str, url: &str| post(&server, json!({"state": state, "target_url": url}));
    send("running", "http://ci.example/1").await;
    assert_eq!(send("failed", "http://ci.example/1").await.json()["id"], 1);
    let retry = send("pending", "http://ci.example/2").await.json();
    assert_eq!(
        (&retry["id"], &retry["pipeline_id"], &retry["status"]),
        (&json!(2), &json!(1), &json!("pending"))
    );
    assert_eq!(ids(&get(&server, "/pipelines/1/jobs").await), [2]);
    assert_eq!(ids(&get(&server, "/pipelines/1/jobs?include_retried=True").await), [2, 1]);
    assert_eq!(ids(&get(&server, "/jobs").await), [2, 1]);
    assert_eq!(ids(&get(&server, &format!("/repository/commits/{SHA}/statuses")).await), [2]);
    assert_eq!(ids(&get(&server, &format!("/repository/commits/{SHA}/statuses?all=true")).await), [1, 2]);
    // A build that runs on another worker with another URL.
    assert_eq!(send("running", "http://ci.example/2").await.json()["id"], 2);
    let late = send("running", "http://ci.example/1").await.json();
    assert_eq!((&late["id"], &late["status"]), (&json!(1), &json!("failed")), "a late word of the first");
    assert_eq!(send("running", "http://ci.example/3").await.json()["id"], 3);
}

#[tokio::test]
async fn reports_without_ref_find_their_pipeline() {
    let (server, id) = server().await;
    let first = post(&server, json!({"state": "running", "name": "a"})).await.json();
    assert_eq!((&first["ref"], &first["pipeline_id"]), (&json!("main"), &json!(1)), "the default branch");
    let on_dev = post(&server, json!({"state": "running", "name": "b", "ref": "dev"})).await.json();
    assert_eq!(on_dev["pipeline_id"], 2);
    for (name, pipeline, git_ref) in [("a", 1, "main"), ("b", 2, "dev"), ("c", 2, "dev")] {
        let joined = post(&server, json!({"state": "success", "name": name})).await.json();
        assert_eq!((&joined["pipeline_id"], &joined["ref"]), (&json!(pipeline), &json!(git_ref)), "{name}");
    }
    let chosen = post(&server, json!({"state": "success", "name": "d", "pipeline_id": 1})).await.json();
    assert_eq!((&chosen["pipeline_id"], &chosen["ref"]), (&json!(1), &json!("main")));
    let chosen =
        post(&server, json!({"state": "success", "name": "d", "pipeline_id": "2", "ref": "dev"})).await;
    assert_eq!(chosen.json()["pipeline_id"], 2);
    // A pipeline reported by another dialect is used too; one with another source only by its id.
    let other = "ab".repeat(20);
    for (git_ref, source) in [("dev", "external"), ("night", "cron")] {
        let native =
            json!({"sha": other, "ref": git_ref, "source": source, "name": "n", "status": "running"});
        server.post(&format!("/native/v1/repositories/{id}/reports"), native).await;
    }
    let joined = post_on(&server, &other, json!({"state": "success", "name": "x"})).await.json();
    assert_eq!((&joined["pipeline_id"], &joined["ref"]), (&json!(3), &json!("dev")));
    let joined =
        post_on(&server, &other, json!({"state": "success", "name": "x", "pipeline_id": 4})).await.json();
    assert_eq!((&joined["pipeline_id"], &joined["ref"]), (&json!(4), &json!("night")));
}

#[tokio::test]
async fn reports_at_once_meet_in_one_pipeline() {
    let (server, _) = server().await;
    let send = |name: &'static str, git_ref: Option<&str>| {
        post(&server, json!({"state": "running", "name": name, "ref": git_ref}))
    };
    let answers = tokio::join!(
        send("a", Some("main")),
        send("b", None),
        send("a", Some("main")),
        send("c", Some("main")),
        send("b", None),
    );
    for answer in [answers.0, answers.1, answers.2, answers.3, answers.4] {
        assert_eq!((answer.status, &answer.json()["pipeline_id"]), (201, &json!(1)), "{answer:?}");
    }
    assert_eq!(ids(&get(&server, "/pipelines/1/jobs?include_retried=true").await), [3, 2, 1]);
}

#[tokio::test]
async fn texts_with_line_breaks_are_taken_on_one_line() {
    let (server, _) = server().await;
    let fields = json!({"state": "failed", "name": "build\n", "ref": "main\n", "description": "tests failed\n\tsee log\n",
        "target_url": "https://ci.example.com/1\n"});
    let status = post(&server, fields).await;
    assert_eq!(status.status, 201, "{status:?}");
    let status = status.json();
    assert_eq!(
        (&status["name"], &status["ref"], &status["description"], &status["target_url"]),
        (&json!("build"), &json!("main"), &json!("tests failed see log"), &json!("https://ci.example.com/1"))
    );
}

#[tokio::test]
async fn what_no_route_knows_is_told_so_with_a_slash_at_its_end_too() {
    let (server, _) = server().await;
    for (method, target) in [
        (Method::GET, "/api/v4/nothing"),
        (Method::GET, "/api/v4/nothing/"),
        (Method::GET, "/api/v4/projects/acme/demo/"),
        (Method::DELETE, "/api/v4/projects/acme%2Fdemo/"),
        (Method::DELETE, "/api/v4/projects/acme%2Fdemo"),
    ] {
        let answer = server.gitlab(method.clone(), target).send().await;
        assert_eq!(
            (answer.status, answer.json()),
            (404, json!({"error": "404 Not Found"})),
            "{method} {target}"
        );
        assert!(!answer.header("x-request-id").is_empty());
    }
    let native = server.root(Method::GET, "/native/v1/nothing/").send().await;
    assert_eq!(native.error(), (404, "APIGW.0101".into()));
}
