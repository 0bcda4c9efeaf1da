//! The dialect of Gitea as its clients see it: reports, reads, pages, credentials and invalid input.

use http::Method;
use serde_json::{Value, json};
use testkit::{TestRequest, TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const REPO: &str = "/api/v1/repos/acme/demo";

async fn server() -> (TestServer, i64) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    (server, id)
}

/// A request of the administrator.
fn ask<'a>(server: &'a TestServer, method: Method, target: &str) -> TestRequest<'a> {
    server.ask(method, target).header("authorization", &format!("token {}", testkit::ROOT))
}

async fn get(server: &TestServer, target: &str) -> TestResponse {
    ask(server, Method::GET, &format!("{REPO}{target}")).send().await
}

async fn post(server: &TestServer, fields: Value) -> TestResponse {
    ask(server, Method::POST, &format!("{REPO}/statuses/{SHA}")).json(&fields).send().await
}

fn texts(answer: &Value, field: &str) -> Vec<String> {
    let items = answer.as_array().unwrap().iter();
    items.map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn clients_find_out_whom_they_ask_before_they_have_a_token() {
    let (server, _) = server().await;
    let version = server.ask(Method::GET, "/api/v1/version").send().await;
    assert_eq!(version.status, 200);
    let version = version.json()["version"].as_str().unwrap().to_owned();
    let (number, metadata) = version.split_once('+').unwrap();
    assert_eq!(number.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{version}");
    assert!(metadata.starts_with("stagepost-"), "{version}");
    let user = ask(&server, Method::GET, "/api/v1/user").send().await.json();
    for (name, value) in [("id", json!(1)), ("login", json!("root")), ("is_admin", json!(true))] {
        assert_eq!(user[name], value, "{name}");
    }
    assert_eq!(user["created"], "2026-11-24T00:00:00Z");
}

#[tokio::test]
async fn a_status_comes_back_as_gitea_shows_it() {
    let (server, _) = server().await;
    let fields = json!({"state": "success", "context": " ci/build ", "description": "编译",
        "target_url": "https://ci.example/1"});
    let answer = post(&server, fields).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let status = answer.json();
    for (name, value) in [
        ("id", json!(1)),
        // The state of an item is called `status`.
        ("status", json!("success")),
        ("context", json!("ci/build")),
        ("description", json!("编译")),
        ("target_url", json!("https://ci.example/1")),
        ("url", json!(format!("http://localhost{REPO}/statuses/{SHA}"))),
        ("created_at", json!("2026-11-24T00:00:00Z")),
    ] {
        assert_eq!(status[name], value, "{name}");
    }
    assert_eq!((status.get("state"), &status["creator"]["login"]), (None, &json!("root")));
    for list in [format!("/statuses/{SHA}"), format!("/commits/{SHA}/statuses")] {
        let listed = get(&server, &list).await;
        assert_eq!((listed.json(), listed.header("x-total-count")), (json!([status]), "1"), "{list}");
    }
    let combined = get(&server, &format!("/commits/{SHA}/status")).await.json();
    assert_eq!((&combined["state"], &combined["statuses"]), (&json!("success"), &json!([status])));
    assert_eq!((&combined["sha"], &combined["total_count"]), (&json!(SHA), &json!(1)));
    let repository = get(&server, "").await.json();
    assert_eq!(
        (&repository["full_name"], &repository["owner"]["login"]),
        (&json!("acme/demo"), &json!("acme"))
    );
    assert_eq!(repository["permissions"], json!({"admin": true, "push": true, "pull": true}));
    let commit = get(&server, &format!("/git/commits/{SHA}")).await.json();
    assert_eq!((&commit["sha"], &commit["created"]), (&json!(SHA), &json!("2026-11-24T00:00:00Z")));
}

#[tokio::test]
async fn every_state_reads_back_as_it_was_reported() {
    let (server, id) = server().await;
    let combined = async || get(&server, &format!("/commits/{SHA}/status")).await.json();
    let none = combined().await;
    assert_eq!((&none["state"], &none["total_count"]), (&json!("pending"), &json!(0)), "a whole object");
    for (state, of_commit, status) in [
        ("success", "success", "success"),
        ("warning", "success", "failed"),
        ("skipped", "success", "skipped"),
        ("pending", "pending", "pending"),
        ("error", "failure", "failed"),
        ("failure", "failure", "failed"),
    ] {
        let answer = post(&server, json!({"state": state, "context": state})).await.json();
        assert_eq!((&answer["status"], &combined().await["state"]), (&json!(state), &json!(of_commit)));
        let job = server.get(&format!("/native/v1/repositories/{id}/jobs/{}", answer["id"])).await.json();
        assert_eq!(job["status"], status, "{state}");
        let only = get(&server, &format!("/statuses/{SHA}?state={state}")).await;
        assert_eq!(
            (texts(&only.json(), "context"), only.header("x-total-count")),
            (vec![state.to_owned()], "1")
        );
    }
    for state in ["", "bogus", "running"] {
        assert_eq!(get(&server, &format!("/statuses/{SHA}?state={state}")).await.status, 422, "{state:?}");
    }
    // Contexts that differ in case are two jobs.
    post(&server, json!({"state": "success", "context": "SUCCESS"})).await;
    assert_eq!(combined().await["total_count"], 7);
}

#[tokio::test]
async fn a_rebuild_is_a_new_status_and_a_warning_ends_with_its_attempt() {
    let (server, _) = server().await;
    for (state, build, shown, of_commit) in [
        ("pending", 1, "pending", "pending"),
        ("warning", 1, "warning", "success"),
        ("pending", 1, "warning", "success"),
        ("failure", 1, "failure", "failure"),
        ("pending", 2, "pending", "pending"),
        ("success", 2, "success", "success"),
    ] {
        let fields = json!({"state": state, "target_url": format!("https://ci.example/{build}")});
        let status = post(&server, fields).await.json();
        assert_eq!(
            (&status["status"], &status["context"]),
            (&json!(shown), &json!("default")),
            "{state} {build}"
        );
        let combined = get(&server, &format!("/commits/{SHA}/status")).await.json();
        assert_eq!(combined["state"], of_commit, "{state} {build}");
    }
    let all = get(&server, &format!("/statuses/{SHA}")).await.json();
    assert_eq!(texts(&all, "status"), ["success", "failure"]);
}

#[tokio::test]
async fn pages_have_a_total_and_links() {
    let (server, _) = server().await;
    for n in 0..150 {
        let state = if n % 3 == 0 { "error" } else { "failure" };
        let answer = post(&server, json!({"state": state, "context": format!("job-{n}")})).await;
        assert_eq!(answer.status, 201);
    }
    let list = format!("/commits/{SHA}/statuses");
    let page = async |query: &str| {
        let answer = get(&server, &format!("{list}{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        let items = answer.json();
        let ids: Vec<i64> = items.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
        (ids, answer.header("x-total-count").to_owned(), answer.header("link").to_owned())
    };
    let (ids, total, link) = page("").await;
    assert_eq!((ids.len(), ids[0], total.as_str()), (30, 150, "150"));
    let url = format!("http://localhost{REPO}{list}");
    assert_eq!(link, format!("<{url}?limit=30&page=2>; rel=\"next\", <{url}?limit=30&page=5>; rel=\"last\""));
    let (ids, _, link) = page("?sort=oldest&limit=100&page=2").await;
    assert_eq!((ids.len(), ids[0], ids[49]), (50, 101, 150));
    assert!(link.starts_with(&format!("<{url}?sort=oldest&limit=100&page=1>; rel=\"prev\"")), "{link}");
    for (sort, first) in
        [("recentupdate", 150), ("leastupdate", 1), ("leastindex", 150), ("highestindex", 1), ("", 150)]
    {
        assert_eq!(page(&format!("?sort={sort}")).await.0[0], first, "{sort}");
    }
    for query in ["?page=0", "?page=x", "?limit=0"] {
        assert_eq!(page(query).await.0.len(), 30, "{query}");
    }
    // The states that the status of a job does not tell are counted too.
    let (ids, total, link) = page("?state=error&limit=20&page=3").await;
    assert_eq!((ids.len(), ids[9], total.as_str()), (10, 1, "50"));
    assert!(!link.contains("next"), "{link}");
    assert_eq!(get(&server, &format!("{list}?sort=bogus")).await.status, 422);
}

#[tokio::test]
async fn a_branch_may_have_its_slashes_unencoded() {
    let (server, _) = server().await;
    let on = |named: &str| ask(&server, Method::POST, &format!("{REPO}/statuses/{named}?ref=feature%2Fx"));
    for context in ["a", "b"] {
        assert_eq!(on(SHA).json(&json!({"state": "failure", "context": context})).send().await.status, 201);
    }
    for branch in ["feature/x", "feature%2Fx", "refs/heads/feature/x", "feature//x/"] {
        let combined = get(&server, &format!("/commits/{branch}/status")).await.json();
        assert_eq!((&combined["sha"], &combined["state"]), (&json!(SHA), &json!("failure")), "{branch}");
        for list in [format!("/commits/{branch}/statuses?limit=1"), format!("/statuses/{branch}?limit=1")] {
            let page = get(&server, &list).await;
            assert_eq!(
                (texts(&page.json(), "context"), page.header("x-total-count")),
                (vec!["b".into()], "2")
            );
            let next = format!("<http://localhost{REPO}{list}&page=2>; rel=\"next\"");
            assert!(page.header("link").starts_with(&next), "{}", page.header("link"));
        }
        let commit = get(&server, &format!("/git/commits/{branch}")).await.json();
        assert_eq!(commit["sha"], SHA, "{branch}");
    }
    let refused = on("feature/x").json(&json!({"state": "success"})).send().await;
    assert_eq!((refused.status, &refused.json()["message"]), (422, &json!("[sha]: is not a full commit id")));
    for absent in ["/commits/feature/y/status", "/commits/x/y/z", "/pulls/feature/x"] {
        let answer = get(&server, absent).await;
        assert_eq!(
            (answer.status, &answer.json()["message"]),
            (404, &json!("The target couldn't be found."))
        );
    }
}

#[tokio::test]
async fn every_credential_of_giteas_clients_signs_in_and_no_link_repeats_it() {
    let (server, _) = server().await;
    for n in 0..2 {
        post(&server, json!({"state": "success", "context": format!("job-{n}")})).await;
    }
    let root = testkit::ROOT;
    let target = |query: &str| format!("{REPO}/statuses/{SHA}?limit=1{query}");
    let ask = |query: &str| server.ask(Method::GET, &target(query));
    for asked in [
        ask("").header("authorization", &format!("token {root}")),
        ask("").header("authorization", &format!("Bearer {root}")),
        ask(&format!("&token={root}")),
        ask(&format!("&access_token={root}")),
        ask(&format!("&token={root}")).header("authorization", &format!("token {root}")),
    ] {
        let answer = asked.send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let link = answer.header("link");
        assert!(link.contains("next") && !link.contains("token"), "{link}");
    }
    for (asked, message) in [
        (ask(""), "token is required"),
        (ask("&token="), "token is required"),
        (ask("&token=wrong"), "invalid username, password or token"),
        (ask(&format!("&private_token={root}")), "token is required"),
        (ask("").header("authorization", "token wrong"), "invalid username, password or token"),
    ] {
        let answer = asked.send().await;
        assert_eq!((answer.status, &answer.json()["message"]), (401, &json!(message)));
        assert!(answer.json()["url"].as_str().unwrap().starts_with("http://localhost/"));
    }
    let two = ask("&token=another").header("authorization", &format!("token {root}")).send().await;
    assert_eq!(two.status, 400);
}

#[tokio::test]
async fn bad_requests_get_giteas_statuses_and_leave_nothing() {
    let (server, id) = server().await;
    for (fields, message) in [
        (json!({}), "[state]: is required"),
        (
            json!({"state": "bogus"}),
            "[state]: must be one of pending, success, error, failure, warning, skipped",
        ),
        (json!({"state": 7}), "[state]: is not of type string"),
        (
            json!({"state": "success", "context": "x".repeat(10_240)}),
            "[context]: is too long (maximum is 255 characters)",
        ),
        (json!({"state": "success", "context": "a\u{7}"}), "[context]: must not contain control characters"),
    ] {
        let answer = post(&server, fields.clone()).await;
        assert_eq!((answer.status, &answer.json()["message"]), (422, &json!(message)), "{fields}");
    }
    for body in [&b"{"[..], b"{\"state\":\"\xff\"}", b""] {
        let asked = ask(&server, Method::POST, &format!("{REPO}/statuses/{SHA}")).body(body.to_vec());
        assert_eq!(asked.send().await.status, 400, "{body:?}");
    }
    let branch =
        ask(&server, Method::POST, &format!("{REPO}/statuses/main")).json(&json!({"state": "success"}));
    assert_eq!(branch.send().await.json()["message"], "[sha]: is not a full commit id");
    for target in ["/api/v1/repos/acme/absent", "/api/v1/orgs/acme", "/api/v1"] {
        let answer = ask(&server, Method::GET, target).send().await;
        assert_eq!(
            (answer.status, &answer.json()["message"]),
            (404, &json!("The target couldn't be found."))
        );
    }
    let stranger = server.user("stranger").await;
    let unseen = server.ask(Method::GET, REPO).token(&stranger).send().await;
    let absent = server.ask(Method::GET, "/api/v1/repos/acme/absent").token(&stranger).send().await;
    assert_eq!((unseen.status, unseen.json()), (404, absent.json()));
    let pipelines = server.get(&format!("/native/v1/repositories/{id}/pipelines")).await.json();
    assert_eq!(pipelines["pipelines"], json!([]));
    // A description is displayed only: it is cut, and only a body that is too large as a whole is refused.
    for (length, status) in [(1 << 20, 413), ((1 << 20) - 64, 201)] {
        let fields = json!({"state": "success", "context": "long", "description": "x".repeat(length)});
        let answer = post(&server, fields).await;
        assert_eq!(answer.status, status, "{length}");
        assert_eq!(answer.header("x-stagepost-adjusted").is_empty(), status == 413);
    }
    // A form, as `curl --data` sends it.
    let form = ask(&server, Method::POST, &format!("{REPO}/statuses/{SHA}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("state=success&context=ci%2Fform");
    assert_eq!(form.send().await.json()["context"], "ci/form");
}
