//! The GitHub dialect as its clients see it: reports, reads, pages, credentials and invalid input.

mod check_changes;
mod check_refusals;
mod checks;
mod commits;

use http::Method;
use serde_json::{Value, json};
use testkit::{TestRequest, TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";
const REPO: &str = "/api/v3/repos/acme/demo";

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

/// The combined state, and the state of each context.
async fn combined(server: &TestServer) -> (String, Vec<(String, String)>) {
    let answer = get(server, &format!("/commits/{SHA}/status")).await.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let statuses = answer["statuses"].as_array().unwrap();
    let mut states: Vec<_> =
        statuses.iter().map(|one| (text(&one["context"]), text(&one["state"]))).collect();
    states.sort();
    (text(&answer["state"]), states)
}

#[tokio::test]
async fn a_status_comes_back_as_github_shows_it() {
    let (server, _) = server().await;
    for prefix in ["/api/v3", ""] {
        let target = format!("{prefix}/repos/acme/demo/statuses/{SHA}");
        let fields = json!({"state": "success", "context": "ci/build", "description": "编译",
            "target_url": "https://ci.example/1"});
        let answer = ask(&server, Method::POST, &target).json(&fields).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let url = format!("http://localhost{target}");
        assert_eq!(answer.header("location"), url);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        let status = answer.json();
        for (name, value) in [
            ("id", json!(1)),
            ("state", json!("success")),
            ("context", json!("ci/build")),
            ("description", json!("编译")),
            ("target_url", json!("https://ci.example/1")),
            ("url", json!(url)),
            ("created_at", json!("2026-11-24T00:00:00Z")),
            ("updated_at", json!("2026-11-24T00:00:00Z")),
        ] {
            assert_eq!(status[name], value, "{name}");
        }
        assert_eq!(status["creator"]["login"], "root");
        let repo = format!("{prefix}/repos/acme/demo");
        for list in [format!("{repo}/commits/{SHA}/statuses"), format!("{repo}/statuses/{SHA}")] {
            let listed = ask(&server, Method::GET, &list).send().await;
            assert_eq!((listed.json(), listed.header("link")), (json!([status]), ""), "{list}");
        }
        // Clients build the address of a status from that of the commit.
        let commit = ask(&server, Method::GET, &format!("{repo}/commits/{SHA}")).send().await.json();
        assert_eq!(commit["url"], format!("http://localhost{repo}/commits/{SHA}"));
        let combined = ask(&server, Method::GET, &format!("{repo}/commits/{SHA}/status")).send().await.json();
        assert_eq!(combined["commit_url"], commit["url"]);
        assert_eq!(combined["repository"]["url"], format!("http://localhost{repo}"));
        assert_eq!((&combined["state"], &combined["total_count"]), (&json!("success"), &json!(1)));
    }
}

#[tokio::test]
async fn one_context_goes_through_its_states_and_a_rebuild_is_a_new_status() {
    let (server, id) = server().await;
    assert_eq!(combined(&server).await, ("pending".into(), vec![]));
    let url = |build: u32| format!("https://ci.example/{build}");
    for (state, build, seen) in [
        ("pending", 1, "pending"),
        // Reported twice: queued and started.
        ("pending", 2, "pending"),
        ("failure", 2, "failure"),
        // A late one of the same build.
        ("pending", 2, "failure"),
        // The rebuild.
        ("pending", 3, "pending"),
        ("error", 3, "failure"),
        ("pending", 4, "pending"),
        ("success", 4, "success"),
    ] {
        let fields = json!({"state": state, "context": "build", "target_url": url(build)});
        let status = post(&server, fields).await.json();
        let own = if seen == "failure" && state == "pending" { "failure" } else { state };
        assert_eq!(status["state"], own, "{build}");
        assert_eq!(
            combined(&server).await,
            (seen.into(), vec![("build".into(), own.into())]),
            "{state} {build}"
        );
    }
    let all = get(&server, &format!("/commits/{SHA}/statuses")).await.json();
    let states: Vec<&str> =
        all.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["success", "error", "failure"], "newest first");
    // The other APIs show the same attempts.
    let jobs = server.get(&format!("/native/v1/repositories/{id}/pipelines/1/jobs")).await.json();
    let jobs: Vec<&str> =
        jobs["jobs"].as_array().unwrap().iter().map(|job| job["status"].as_str().unwrap()).collect();
    assert_eq!(jobs, ["failed", "failed", "success"]);
    // Without a link, a finished job starts again.
    post(&server, json!({"state": "failure"})).await;
    let again = post(&server, json!({"state": "pending"})).await.json();
    assert_eq!((&again["context"], &again["state"]), (&json!("default"), &json!("pending")));
}

#[tokio::test]
async fn contexts_that_differ_only_in_case_are_one_also_when_they_race() {
    let (server, id) = server().await;
    let in_case = |context: &str| post(&server, json!({"state": "pending", "context": context}));
    let mut answers = Vec::new();
    for _ in 0..5 {
        let (a, b) = (in_case("ci/Build"), in_case("CI/BUILD"));
        let (a, b, c, d) = tokio::join!(a, b, in_case("ci/build"), in_case("Ci/bUILD"));
        answers.extend([a, b, c, d]);
    }
    let contexts: Vec<Value> = answers.iter().map(|answer| answer.json()["context"].clone()).collect();
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.json()["id"] == 1), "{contexts:?}");
    assert!(contexts.iter().all(|context| *context == contexts[0]), "{contexts:?}");
    post(&server, json!({"state": "failure", "context": "CI/build"})).await;
    let (state, states) = combined(&server).await;
    assert_eq!((state.as_str(), states.len(), states[0].1.as_str()), ("failure", 1, "failure"));
    // A write other than a report applies the journal first.
    server.app.store.set_setting("demo", "x").await.unwrap();
    let jobs = server.get(&format!("/native/v1/repositories/{id}/pipelines/1/jobs")).await.json();
    assert_eq!(jobs["total"], 1);
}

#[tokio::test]
async fn pages_have_links_on_the_address_that_was_called() {
    let (server, _) = server().await;
    for n in 0..150 {
        let answer = post(&server, json!({"state": "success", "context": format!("job-{n}")})).await;
        assert_eq!(answer.status, 201);
    }
    let list = format!("/commits/{SHA}/statuses");
    let page = async |query: &str| {
        let answer = get(&server, &format!("{list}{query}")).await;
        let ids: Vec<i64> =
            answer.json().as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
        (ids, answer.header("link").to_owned())
    };
    let url = format!("http://localhost{REPO}{list}");
    let (ids, link) = page("").await;
    assert_eq!((ids.len(), ids[0]), (30, 150));
    assert_eq!(
        link,
        format!("<{url}?per_page=30&page=2>; rel=\"next\", <{url}?per_page=30&page=5>; rel=\"last\"")
    );
    let (ids, link) = page("?per_page=100&page=2").await;
    assert_eq!((ids.len(), ids[0], ids[49]), (50, 50, 1));
    assert_eq!(
        link,
        format!("<{url}?per_page=100&page=1>; rel=\"prev\", <{url}?per_page=100&page=1>; rel=\"first\"")
    );
    // As at GitHub, a page that is none is the first one, and a size over 100 is 100.
    for query in ["?page=0", "?page=-1", "?page=x", "?page=", "?per_page=0"] {
        let (ids, _) = page(query).await;
        assert_eq!((ids.len(), ids[0]), (30, 150), "{query}");
    }
    assert_eq!(page("?per_page=1000").await.0.len(), 100);
    for query in ["?page=6", "?page=99999999999", "?page=4294967296&per_page=100"] {
        let (ids, link) = page(query).await;
        assert!(ids.is_empty() && !link.contains("next"), "{query}: {link}");
    }
    let combined = get(&server, &format!("/commits/{SHA}/status?per_page=100")).await;
    assert_eq!(combined.json()["total_count"], 150);
    assert_eq!(combined.json()["statuses"].as_array().unwrap().len(), 100);
    assert!(combined.header("link").contains("rel=\"next\""));
}

#[tokio::test]
async fn every_credential_of_githubs_clients_signs_in_and_no_password_does() {
    let (server, _) = server().await;
    let ci = server.user("ci").await;
    let basic = |pair: &str| format!("Basic {}", base64(pair));
    let user = |value: &str| server.ask(Method::GET, "/api/v3/user").header("authorization", value);
    for value in [
        format!("token {ci}"),
        format!("Bearer {ci}"),
        basic(&format!("ci:{ci}")),
        basic(&format!("anybody:{ci}")),
        basic(&format!("{ci}:")),
        basic(&format!("{ci}:x-oauth-basic")),
    ] {
        let answer = user(&value).send().await;
        assert_eq!((answer.status, &answer.json()["login"]), (200, &json!("ci")), "{answer:?}");
    }
    for value in ["token wrong", "Bearer", "Basic", "Basic ?", &basic("root:root-password"), "Digest x"] {
        let answer = user(value).send().await;
        assert_eq!((answer.status, &answer.json()["message"]), (401, &json!("Bad credentials")), "{value}");
        assert_eq!(answer.header("www-authenticate"), "", "no dialog of a browser");
    }
    let nobody = server.ask(Method::GET, "/api/v3/user").send().await;
    assert_eq!((nobody.status, &nobody.json()["message"]), (401, &json!("Requires authentication")));
    let two = user(&format!("token {ci}")).token("another").send().await;
    assert_eq!(two.status, 400, "{two:?}");
    // Only in headers.
    for query in [format!("token={ci}"), format!("access_token={ci}")] {
        assert_eq!(server.ask(Method::GET, &format!("/api/v3/user?{query}")).send().await.status, 401);
    }
    let limits = user(&format!("token {ci}")).send().await;
    assert_eq!(limits.status, 200);
    let limits = ask(&server, Method::GET, "/api/v3/rate_limit").send().await.json();
    assert_eq!(limits["rate"]["remaining"], limits["resources"]["core"]["limit"]);
}

pub fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks(3)
        .flat_map(|chunk| {
            let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
            (0..4).map(move |at| match at <= chunk.len() {
                true => char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]),
                false => '=',
            })
        })
        .collect()
}

#[tokio::test]
async fn a_repository_that_one_may_not_see_is_not_found() {
    let (server, _) = server().await;
    let stranger = server.user("stranger").await;
    let not_found = server.ask(Method::GET, "/api/v3/repos/acme/absent").token(&stranger).send().await;
    assert_eq!((not_found.status, &not_found.json()["message"]), (404, &json!("Not Found")));
    for (method, target) in [
        (Method::GET, REPO.to_owned()),
        (Method::GET, format!("{REPO}/commits/{SHA}")),
        (Method::GET, "/repos/acme/demo".to_owned()),
        (Method::POST, format!("{REPO}/statuses/{SHA}")),
    ] {
        let answer = server.ask(method, &target).token(&stranger).json(&json!({})).send().await;
        assert_eq!((answer.status, answer.json()), (404, not_found.json()), "{target}");
    }
    for target in ["/api/v3", "/api/v3/orgs/acme", "/repos/acme", "/repos/acme/demo/pulls"] {
        let answer = ask(&server, Method::GET, target).send().await;
        assert_eq!((answer.status, &answer.json()["message"]), (404, &json!("Not Found")), "{target}");
    }
    let reader = server.token("root", json!({"name": "r", "scope": "read"})).await;
    let refused = server.ask(Method::POST, &format!("{REPO}/statuses/{SHA}")).token(&reader);
    let refused = refused.json(&json!({"state": "success"})).send().await;
    assert_eq!(refused.status, 403, "{refused:?}");
}

#[tokio::test]
async fn a_repository_below_a_group_has_one_segment_after_its_owner() {
    let (server, _) = server().await;
    server.repository("acme/group/tool", "private").await;
    for repo in ["group%2Ftool", "group%252Ftool"] {
        let answer = ask(&server, Method::GET, &format!("/api/v3/repos/acme/{repo}")).send().await;
        assert_eq!(answer.status, 200, "{repo}: {answer:?}");
        let repository = answer.json();
        assert_eq!(repository["full_name"], "acme/group/tool");
        assert_eq!(repository["url"], "http://localhost/api/v3/repos/acme/group%2Ftool");
        assert_eq!(repository["permissions"]["push"], true);
    }
    let target = format!("/repos/acme/group%2Ftool/statuses/{SHA}");
    let status = ask(&server, Method::POST, &target).json(&json!({"state": "success"})).send().await;
    assert_eq!(
        (status.status, status.header("location")),
        (201, format!("http://localhost{target}").as_str())
    );
}

#[tokio::test]
async fn jobs_of_other_reporters_are_statuses_too() {
    let (server, id) = server().await;
    for (fields, context, state, of_commit) in [
        (json!({"name": "a", "status": "running", "stage": "external"}), "a", "pending", "pending"),
        (json!({"name": "a", "status": "success", "stage": "external"}), "a", "success", "success"),
        (json!({"name": "b", "status": "skipped", "stage": "test"}), "test/b", "success", "success"),
        (json!({"name": "c", "status": "failed", "allow_failure": true}), "c", "failure", "success"),
        (json!({"name": "d", "status": "canceled"}), "d", "error", "failure"),
        (json!({"name": "e", "status": "timedout"}), "e", "failure", "failure"),
    ] {
        crate::report(&server, id, fields.clone()).await;
        let (of_all, states) = combined(&server).await;
        assert!(states.contains(&(context.into(), state.into())), "{fields}: {states:?}");
        assert_eq!(of_all, of_commit, "{fields}");
    }
}

/// GitHub knows the latest status of a context only. A failure in an older pipeline of the commit must not block it.
#[tokio::test]
async fn a_context_of_two_pipelines_of_a_commit_is_that_of_the_newer_one() {
    let (server, _) = server().await;
    let on = async |git_ref: &str, context: &str, state: &str| {
        let target = format!("{REPO}/statuses/{SHA}?ref={git_ref}");
        let fields = json!({"state": state, "context": context});
        let sent = ask(&server, Method::POST, &target).json(&fields).send().await;
        assert_eq!(sent.status, 201, "{sent:?}");
    };
    on("feature", "build", "failure").await;
    on("feature", "lint", "success").await;
    assert_eq!(combined(&server).await.0, "failure");
    on("main", "build", "success").await;
    let states = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect::<Vec<_>>()
    };
    let seen = combined(&server).await;
    assert_eq!(seen, ("success".into(), states(&[("build", "success"), ("lint", "success")])));
    let page = get(&server, &format!("/commits/{SHA}/status?per_page=1&page=2")).await.json();
    assert_eq!((&page["total_count"], page["statuses"].as_array().unwrap().len()), (&json!(2), 1));
    let all = get(&server, &format!("/commits/{SHA}/statuses")).await.json();
    assert_eq!(all.as_array().unwrap().len(), 3, "the list has every attempt");
}

/// Every response is of one moment: reads of several could be a success together that the commit never had.
#[tokio::test]
async fn the_state_of_a_commit_is_that_of_its_statuses_while_reports_arrive() {
    let (server, _) = server().await;
    let write = async |context: &'static str| {
        for (number, end) in ["failure", "success"].into_iter().cycle().take(120).enumerate() {
            for state in ["pending", end] {
                let url = format!("https://ci.example/{context}/{number}");
                let sent = json!({"state": state, "context": context, "target_url": url});
                assert_eq!(post(&server, sent).await.json()["state"], state);
            }
        }
    };
    let read = async {
        for _ in 0..150 {
            let (state, statuses) = combined(&server).await;
            let has = |wanted: &str| statuses.iter().any(|(_, state)| state == wanted);
            let expected = match () {
                () if has("failure") => "failure",
                () if has("pending") || statuses.is_empty() => "pending",
                () => "success",
            };
            assert_eq!(state, expected, "{statuses:?}");
        }
    };
    tokio::join!(write("a"), write("b"), read);
}

#[tokio::test]
async fn an_empty_text_is_absent_and_a_repeated_field_is_refused() {
    let (server, id) = server().await;
    let sent = json!({"state": "success", "context": "", "description": "", "target_url": " "});
    let answer = post(&server, sent).await;
    assert_eq!((answer.status, answer.header("x-stagepost-adjusted")), (201, ""), "{answer:?}");
    let status = answer.json();
    assert_eq!((&status["description"], &status["target_url"]), (&json!(null), &json!(null)));
    let form = |body: &'static str| {
        ask(&server, Method::POST, &format!("{REPO}/statuses/{SHA}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
    };
    for (body, field) in [
        ("state=success&state=failure&context=form", "state"),
        ("state=success&context=form&context=other", "context"),
        ("context=form&description=a&state=success&description=a", "description"),
    ] {
        let answer = form(body).await;
        let error = answer.json()["errors"][0].clone();
        assert_eq!((answer.status, &error["field"]), (422, &json!(field)), "{body}");
        assert_eq!(error["message"], format!("{field} is given twice"));
    }
    let jobs = server.get(&format!("/native/v1/repositories/{id}/pipelines/1/jobs")).await.json();
    assert_eq!(jobs["total"], 1);
    assert_eq!(form("state=success&context=form").await.json()["context"], "form");
}

#[tokio::test]
async fn every_bad_report_gets_githubs_words_and_leaves_nothing() {
    let (server, id) = server().await;
    let long = "x".repeat(10_240);
    for (fields, code, field, message) in [
        (json!({}), "missing_field", "state", "state is missing"),
        (json!({"state": null}), "missing_field", "state", "state is missing"),
        (json!({"state": "bogus"}), "custom", "state", "state is not included in the list"),
        (json!({"state": "running"}), "custom", "state", "state is not included in the list"),
        (json!({"state": "Success"}), "custom", "state", "state is not included in the list"),
        (json!({"state": 7}), "invalid", "state", "state is not of type string"),
        (json!({"state": "success", "context": {}}), "invalid", "context", "context is not of type string"),
        (
            json!({"state": "success", "context": long}),
            "custom",
            "context",
            "context is too long (maximum is 255 characters)",
        ),
        (
            json!({"state": "success", "context": "a\u{1b}[2J"}),
            "custom",
            "context",
            "context must not contain control characters",
        ),
    ] {
        let answer = post(&server, fields.clone()).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["message"]), (422, &json!("Validation Failed")), "{fields}");
        let expected = json!([{"resource": "Status", "code": code, "field": field, "message": message}]);
        assert_eq!(body["errors"], expected, "{fields}");
        assert!(body["documentation_url"].is_string() && body["status"] == "422");
    }
    let raw = |body: &[u8]| ask(&server, Method::POST, &format!("{REPO}/statuses/{SHA}")).body(body.to_vec());
    for body in [&b""[..], b"{broken", b"{\"state\":\"succ\xff\"}", b"state=success"] {
        let answer = raw(body).send().await;
        assert_eq!(
            (answer.status, &answer.json()["message"]),
            (400, &json!("Problems parsing JSON")),
            "{body:?}"
        );
    }
    assert_eq!(raw(b"[]").send().await.json()["message"], "Body should be a JSON object");
    for target in ["/api/v3/repos/%ff/demo", "/api/v3/repos/acme/de%20mo", "/api/v3/repos/acme/.."] {
        let answer = ask(&server, Method::GET, target).send().await;
        assert!([404, 422].contains(&answer.status), "{target}: {answer:?}");
    }
    let pipelines = server.get(&format!("/native/v1/repositories/{id}/pipelines")).await.json();
    assert_eq!(pipelines["pipelines"], json!([]));
}

#[tokio::test]
async fn a_displayed_field_never_costs_the_report() {
    let (server, _) = server().await;
    let fields = json!({"state": "success", "description": "x".repeat(2_000), "target_url": ["no"]});
    let answer = post(&server, fields).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("x-stagepost-adjusted"), "target_url=dropped, description=truncated");
    assert_eq!(answer.json()["description"].as_str().unwrap().chars().count(), 1_024);
}
