//! The dialect of Bitbucket Server as its clients see it: both APIs, capabilities, credentials and invalid input.

use http::Method;
use serde_json::{Value, json};
use testkit::{TestRequest, TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const OLD: &str = "/rest/build-status/1.0/commits";
/// The time of the server in the tests: 2026-11-24T00:00:00Z.
const NOW: i64 = 1_795_478_400_000;

fn builds() -> String {
    format!("/rest/api/latest/projects/ACME/repos/Demo/commits/{SHA}/builds")
}

/// A server with a repository, its id, and a token that is limited to it.
async fn server() -> (TestServer, i64, String) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let only = server.token("root", json!({"name": "ci", "scope": "report", "repositories": [id]})).await;
    (server, id, only)
}

fn ask<'a>(server: &'a TestServer, token: &str, method: Method, target: &str) -> TestRequest<'a> {
    server.ask(method, target).header("authorization", &format!("Bearer {token}"))
}

async fn get(server: &TestServer, token: &str, target: &str) -> TestResponse {
    ask(server, token, Method::GET, target).send().await
}

async fn post(server: &TestServer, token: &str, fields: Value) -> TestResponse {
    ask(server, token, Method::POST, &builds()).json(&fields).send().await
}

#[tokio::test]
async fn jenkins_finds_out_which_api_to_use_without_a_credential() {
    let (server, ..) = server().await;
    let capabilities = server.ask(Method::GET, "/rest/capabilities").send().await.json();
    assert_eq!(capabilities["application"], "stash");
    let url = capabilities["capabilities"]["build"].as_str().unwrap();
    let target = url.strip_prefix("http://localhost").unwrap();
    let of_builds = server.ask(Method::GET, target).send().await.json();
    assert_eq!(of_builds, json!({"buildStatus": ["richBuildStatus", "cancelledStatus"]}));
}

#[tokio::test]
async fn a_build_status_is_accepted_without_a_body_and_reads_back() {
    let (server, id, token) = server().await;
    let started = json!({"key": "ci/build", "state": "INPROGRESS", "url": "https://ci.example/7", "name": "Build",
        "description": null, "buildNumber": "7", "duration": null, "lastUpdated": NOW - 60_000,
        "ref": "refs/heads/feature/x", "parent": null, "testResults": {"failed": 0, "successful": 3, "skipped": 1}});
    let answer = post(&server, &token, started.clone()).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
    let ended = json!({"key": "ci/build", "state": "FAILED", "url": "https://ci.example/7", "buildNumber": 7,
        "description": "3 失败", "lastUpdated": NOW - 1_000, "duration": 59_000, "ref": "refs/heads/feature/x"});
    // In the wrong order, and repeated: the reporter's clock decides.
    for fields in [ended.clone(), started, ended] {
        assert_eq!(post(&server, &token, fields).await.status, 204);
    }
    let build = get(&server, &token, &format!("{}?key=ci%2Fbuild", builds())).await.json();
    for (name, value) in [
        ("key", json!("ci/build")),
        ("name", json!("Build")),
        ("state", json!("FAILED")),
        ("url", json!("https://ci.example/7")),
        ("description", json!("3 失败")),
        ("buildNumber", json!("7")),
        ("ref", json!("refs/heads/feature/x")),
        ("duration", json!(59_000)),
        ("createdDate", json!(NOW - 60_000)),
        // Of the report that has them.
        ("testResults", json!({"failed": 0, "successful": 3, "skipped": 1})),
    ] {
        assert_eq!(build[name], value, "{name}: {build}");
    }
    let jobs = server.get(&format!("/native/v1/repositories/{id}/pipelines/1/jobs")).await.json();
    assert_eq!(jobs["total"], 1);
    let job = &jobs["jobs"][0];
    assert_eq!((&job["status"], &job["third_build_id"]), (&json!("failed"), &json!("7")));
    assert_eq!(job["started_at"], "2026-11-23T23:59:00.000Z");
    let details =
        server.get(&format!("/native/v1/repositories/{id}/jobs/{}/details", job["id"])).await.json();
    assert_eq!(details, json!({"title": "Build", "tests": {"failed": 0, "passed": 3, "skipped": 1}}));
    let list = get(&server, &token, &format!("{OLD}/{SHA}")).await.json();
    assert_eq!(list["values"], json!([build]), "a list has the same");
    // Another build number is a new attempt.
    post(
        &server,
        &token,
        json!({"key": "ci/build", "state": "SUCCESSFUL", "buildNumber": "8", "lastUpdated": NOW}),
    )
    .await;
    let build = get(&server, &token, &format!("{}?key=ci%2Fbuild", builds())).await.json();
    assert_eq!((&build["state"], &build["buildNumber"]), (&json!("SUCCESSFUL"), &json!("8")));
    assert_eq!(build["name"], "ci/build", "no name was reported");
    let missing = get(&server, &token, &format!("{}?key=absent", builds())).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn every_state_is_counted_and_the_old_api_has_no_word_for_canceled() {
    let (server, _, token) = server().await;
    for (state, shown, in_old) in [
        ("SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"),
        ("FAILED", "FAILED", "FAILED"),
        ("INPROGRESS", "INPROGRESS", "INPROGRESS"),
        ("CANCELLED", "CANCELLED", "FAILED"),
        ("UNKNOWN", "INPROGRESS", "INPROGRESS"),
    ] {
        assert_eq!(post(&server, &token, json!({"key": state, "state": state})).await.status, 204);
        let build = get(&server, &token, &format!("{}?key={state}", builds())).await.json();
        assert_eq!(build["state"], shown, "{state}");
        let old = get(&server, &token, &format!("{OLD}/{SHA}")).await.json();
        assert_eq!((&old["values"][0]["key"], &old["values"][0]["state"]), (&json!(state), &json!(in_old)));
    }
    let stats = get(&server, &token, &format!("{OLD}/stats/{SHA}")).await.json();
    let expected = json!({"successful": 1, "inProgress": 2, "failed": 1, "cancelled": 1, "unknown": 0});
    assert_eq!(stats, expected);
}

#[tokio::test]
async fn a_key_of_two_pipelines_is_that_of_the_newer_one() {
    let (server, _, token) = server().await;
    for (git_ref, state) in [("feature", "FAILED"), ("main", "SUCCESSFUL")] {
        let fields = json!({"key": "build", "state": state, "ref": format!("refs/heads/{git_ref}")});
        assert_eq!(post(&server, &token, fields).await.status, 204);
    }
    // A new attempt in the older pipeline has the greatest id.
    let again =
        json!({"key": "build", "state": "INPROGRESS", "buildNumber": "2", "ref": "refs/heads/feature"});
    post(&server, &token, again).await;
    let build = get(&server, &token, &format!("{}?key=build", builds())).await.json();
    assert_eq!((&build["state"], &build["ref"]), (&json!("SUCCESSFUL"), &json!("refs/heads/main")));
    let stats = get(&server, &token, &format!("{OLD}/stats/{SHA}")).await.json();
    let expected = json!({"successful": 1, "inProgress": 0, "failed": 0, "cancelled": 0, "unknown": 0});
    assert_eq!(stats, expected);
    let list = get(&server, &token, &format!("{OLD}/{SHA}")).await.json();
    assert_eq!((&list["size"], &list["values"][0]["state"]), (&json!(1), &json!("SUCCESSFUL")));
}

#[tokio::test]
async fn a_key_may_name_a_stage_and_has_few_candidates() {
    let (server, id, token) = server().await;
    let show = async |key: &str| get(&server, &token, &format!("{}?key={key}", builds())).await;
    for (stage, name) in [("test", "b"), ("test/a", "b"), ("test", "x/b")] {
        crate::report(&server, id, json!({"sha": SHA, "stage": stage, "name": name, "status": "failed"}))
            .await;
        let build = show(&format!("{stage}/{name}")).await.json();
        assert_eq!((&build["key"], &build["state"]), (&json!(format!("{stage}/{name}")), &json!("FAILED")));
    }
    // The same context in the stage of code hosts has precedence.
    post(&server, &token, json!({"key": "test/b", "state": "SUCCESSFUL"})).await;
    assert_eq!(show("test/b").await.json()["state"], "SUCCESSFUL");
    assert_eq!(show("b").await.status, 404, "the stage is part of the key");
    assert_eq!(show(&"/".repeat(511)).await.status, 404);
    assert_eq!(show(&"a/".repeat(255)).await.status, 404);
    for key in ["x".repeat(512), "/".repeat(20_000), "%20".into(), "a%07".into(), String::new()] {
        let answer = show(&key).await;
        assert_eq!(
            (answer.status, &answer.json()["errors"][0]["context"]),
            (400, &json!("key")),
            "{key:.20}"
        );
    }
}

#[tokio::test]
async fn the_old_api_is_for_tokens_of_exactly_one_repository() {
    let (server, id, only) = server().await;
    let other = server.repository("acme/other", "private").await;
    let fields = json!({"key": "build", "state": "INPROGRESS", "url": "https://ci.example/1"});
    let target = format!("{OLD}/{SHA}");
    let absent = format!("/rest/api/latest/projects/acme/repos/absent/commits/{SHA}/builds");
    let not_found = ask(&server, testkit::ROOT, Method::POST, &absent).json(&fields).send().await;
    assert_eq!(not_found.status, 404);
    let both = json!({"name": "both", "scope": "report", "repositories": [id, other]});
    let both = server.token("root", both).await;
    let all = server.token("root", json!({"name": "all", "scope": "full"})).await;
    let stranger = server.user("stranger").await;
    for token in [both.as_str(), &all, testkit::ROOT, &stranger] {
        for method in [Method::POST, Method::GET] {
            let answer = ask(&server, token, method, &target).json(&fields).send().await;
            assert_eq!((answer.status, answer.json()), (404, not_found.json()), "always the same");
        }
    }
    for version in ["1.0", "latest"] {
        let target = format!("/rest/build-status/{version}/commits/{SHA}");
        let answer = ask(&server, &only, Method::POST, &target).json(&fields).send().await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
    }
    let reading = json!({"name": "r", "scope": "read", "repositories": [id]});
    let reading = server.token("root", reading).await;
    assert_eq!(ask(&server, &reading, Method::POST, &target).json(&fields).send().await.status, 403);
    assert_eq!(get(&server, &reading, &target).await.json()["size"], 1);
    assert_eq!(server.ask(Method::GET, &target).send().await.status, 401);
}

#[tokio::test]
async fn pages_go_on_at_their_next_start() {
    let (server, _, token) = server().await;
    for n in 0..150 {
        let answer = post(&server, &token, json!({"key": format!("job-{n}"), "state": "SUCCESSFUL"})).await;
        assert_eq!(answer.status, 204);
    }
    let page = async |query: &str| get(&server, &token, &format!("{OLD}/{SHA}{query}")).await.json();
    let first = page("").await;
    assert_eq!(
        (&first["size"], &first["limit"], &first["nextPageStart"]),
        (&json!(25), &json!(25), &json!(25))
    );
    assert_eq!((&first["isLastPage"], &first["values"][0]["key"]), (&json!(false), &json!("job-149")));
    let last = page("?limit=1000&start=100").await;
    assert_eq!((&last["size"], &last["limit"], &last["start"]), (&json!(50), &json!(100), &json!(100)));
    assert_eq!((&last["isLastPage"], &last["nextPageStart"]), (&json!(true), &json!(null)));
    assert_eq!(last["values"][49]["key"], "job-0");
    for query in ["?start=150", "?start=4294967295&limit=100"] {
        let none = page(query).await;
        assert_eq!((&none["size"], &none["isLastPage"]), (&json!(0), &json!(true)), "{query}");
    }
    assert_eq!(page("?start=x&limit=0").await["size"], 25);
}

#[tokio::test]
async fn a_project_and_its_repository_have_no_case() {
    let (server, _, token) = server().await;
    let all = server.token("root", json!({"name": "all", "scope": "report"})).await;
    post(&server, &token, json!({"key": "build", "state": "FAILED"})).await;
    for (project, slug) in [("acme", "demo"), ("ACME", "DEMO"), ("~Acme", "demo")] {
        let target = format!("/rest/api/1.0/projects/{project}/repos/{slug}/commits/{SHA}/builds?key=build");
        assert_eq!(get(&server, &all, &target).await.json()["state"], "FAILED", "{target}");
    }
    // Two that differ in case only: the one in lower case, and without it neither.
    server.repository("Acme/Tool", "private").await;
    let tool = format!("/rest/api/1.0/projects/acme/repos/tool/commits/{SHA}/builds");
    let send =
        || ask(&server, &all, Method::POST, &tool).json(&json!({"key": "k", "state": "FAILED"})).send();
    assert_eq!(send().await.status, 204);
    server.repository("ACME/tool", "private").await;
    assert_eq!(send().await.status, 404);
    let lower = server.repository("acme/tool", "private").await;
    assert_eq!(send().await.status, 204);
    let pipelines = server.get(&format!("/native/v1/repositories/{lower}/pipelines")).await.json();
    assert_eq!(pipelines["pipelines"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_requests_name_their_field_and_leave_nothing() {
    let (server, id, token) = server().await;
    let ok = json!({"key": "build", "state": "FAILED", "url": "https://ci.example/1"});
    for (fields, field) in [
        (json!({}), "state"),
        (json!({"state": "FAILED"}), "key"),
        (json!({"state": "failed", "key": "k"}), "state"),
        (json!({"state": "bogus", "key": "k"}), "state"),
        (json!({"state": 1, "key": "k"}), "state"),
        (json!({"state": "FAILED", "key": ["k"]}), "key"),
        (json!({"state": "FAILED", "key": "x".repeat(10_240)}), "key"),
        (json!({"state": "FAILED", "key": "a\u{1b}[2J"}), "key"),
        (json!({"state": "FAILED", "key": "k", "buildNumber": "x".repeat(256)}), "buildNumber"),
        (json!({"state": "FAILED", "key": "k", "ref": "a\nb"}), "ref"),
    ] {
        let answer = post(&server, &token, fields.clone()).await;
        let error = answer.json()["errors"][0].clone();
        assert_eq!((answer.status, &error["context"]), (400, &json!(field)), "{fields}: {error}");
        assert!(error["message"].as_str().unwrap().starts_with(field) && error["exceptionName"].is_null());
    }
    for body in [&b""[..], b"{", b"{\"key\":\"\xff\"}", b"[]"] {
        let answer = ask(&server, &token, Method::POST, &builds()).body(body.to_vec()).send().await;
        assert_eq!(answer.status, 400, "{body:?}");
    }
    let branch = ask(&server, &token, Method::POST, &builds().replace(SHA, "main")).json(&ok).send().await;
    assert_eq!((branch.status, &branch.json()["errors"][0]["context"]), (400, &json!("commitId")));
    assert_eq!(get(&server, &token, &builds()).await.status, 400, "no key");
    for (asked, status) in [
        (server.ask(Method::POST, &builds()), 401),
        (server.ask(Method::POST, &builds()).header("authorization", "Bearer wrong"), 401),
        (ask(&server, &token, Method::POST, &builds()).token("another"), 400),
        (ask(&server, &token, Method::GET, "/rest/api/latest/projects"), 404),
    ] {
        let answer = asked.json(&ok).send().await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.json()["errors"][0]["message"].is_string());
    }
    let large = json!({"key": "k", "state": "FAILED", "description": "x".repeat(1 << 20)});
    assert_eq!(post(&server, &token, large).await.status, 413);
    let pipelines = server.get(&format!("/native/v1/repositories/{id}/pipelines")).await.json();
    assert_eq!(pipelines["pipelines"], json!([]));
}

#[tokio::test]
async fn a_build_status_is_kept_when_it_is_deleted() {
    let (server, _, token) = server().await;
    post(&server, &token, json!({"key": "build", "state": "FAILED"})).await;
    let target = format!("{}?key=build", builds());
    let refused = ask(&server, &token, Method::DELETE, &target).send().await;
    assert_eq!((refused.status, refused.header("allow")), (405, "POST,GET,HEAD"));
    assert_eq!(refused.json()["errors"][0]["message"], "Build statuses are kept and cannot be deleted.");
    assert_eq!(get(&server, &token, &target).await.json()["state"], "FAILED");
}

#[tokio::test]
async fn a_displayed_field_never_costs_the_report() {
    let (server, _, token) = server().await;
    for (fields, adjusted) in [
        (json!({"url": "no link"}), "target_url=dropped"),
        (json!({"url": ["no"]}), "target_url=dropped"),
        (json!({"description": "x".repeat(2_000)}), "description=truncated"),
        (json!({"lastUpdated": "yesterday"}), "occurred_at=dropped"),
        (json!({"lastUpdated": i64::MAX}), "occurred_at=dropped"),
        (json!({"lastUpdated": NOW, "duration": "long"}), "started_at=dropped"),
        (json!({"lastUpdated": 0, "duration": i64::MAX}), ""),
        (json!({"testResults": "3 of 4"}), "details=dropped"),
        (json!({"testResults": {"failed": "all", "successful": 3}}), "details=dropped"),
        (json!({"testResults": {"failed": -1}}), "details=clamped"),
        (json!({"testResults": {}}), ""),
        (json!({"name": ["no"], "parent": ["no"]}), "details=dropped"),
        (json!({"name": "x".repeat(300)}), "details=truncated"),
        (json!({"name": "k", "parent": "plan"}), ""),
    ] {
        let mut report = fields.clone();
        (report["key"], report["state"]) = ("k".into(), "SUCCESSFUL".into());
        let answer = post(&server, &token, report).await;
        assert_eq!((answer.status, answer.header("x-stagepost-adjusted")), (204, adjusted), "{fields}");
    }
}
