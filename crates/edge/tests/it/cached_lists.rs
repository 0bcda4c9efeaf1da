//! Cached lists: each shows the last acknowledged report, and only to those who may read it now.

use crate::report;
use domain::model::memory::MemoryLimits;
use edge::Settings;
use http::Method;
use serde_json::{Value, json};
use testkit::{ROOT, TestRequest, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// The lists with the jobs of the first pipeline, each with the field that holds them, if any.
fn lists(id: i64) -> [(String, Option<&'static str>); 4] {
    [
        (format!("/v4/repositories/{id}/pipelines/1/jobs"), None),
        (format!("/native/v1/repositories/{id}/pipelines/1/jobs"), Some("jobs")),
        (format!("/api/v4/projects/{id}/pipelines/1/jobs"), None),
        (format!("/api/v4/projects/{id}/repository/commits/{SHA}/statuses"), None),
    ]
}

/// A request of the user with this token.
fn ask<'a>(server: &'a TestServer, target: &str, token: &str) -> TestRequest<'a> {
    let request = server.ask(Method::GET, target);
    if target.starts_with("/api/v4/") { request.private_token(token) } else { request.token(token) }
}

/// The names and statuses of the jobs of a list, by name.
async fn jobs(server: &TestServer, list: &(String, Option<&'static str>)) -> Vec<(String, String)> {
    let response = ask(server, &list.0, ROOT).send().await;
    assert_eq!(response.status, 200, "{}", list.0);
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    let jobs = list.1.map_or(&body, |field| &body[field]).as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<_> = jobs.iter().map(|job| (text(&job["name"]), text(&job["status"]))).collect();
    found.sort();
    found
}

#[tokio::test]
async fn every_list_shows_the_last_report() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, status)| ((*name).to_owned(), (*status).to_owned())).collect()
    };
    report(&server, id, json!({"status": "success"})).await;
    for (fields, expected) in [
        (json!({"name": "test", "status": "success"}), pairs(&[("build", "success"), ("test", "success")])),
        (
            json!({"name": "test", "status": "failed", "occurred_at": "2026-11-24T00:00:01Z"}),
            pairs(&[("build", "success"), ("test", "failed")]),
        ),
        (
            json!({"name": "lint", "status": "skipped"}),
            pairs(&[("build", "success"), ("lint", "skipped"), ("test", "failed")]),
        ),
    ] {
        report(&server, id, fields).await;
        for list in lists(id) {
            // The first response is built, the second comes from the cache.
            for _ in 0..2 {
                assert_eq!(jobs(&server, &list).await, expected, "{}", list.0);
            }
        }
    }
    // Another pipeline of the commit.
    report(&server, id, json!({"name": "nightly", "status": "success", "pipeline_key": "nightly"})).await;
    let [_, _, _, statuses] = lists(id);
    assert_eq!(jobs(&server, &statuses).await.len(), 4);
}

#[tokio::test]
async fn a_full_cache_returns_the_lists_that_were_built() {
    // Three quarters are full before the last lists, so these are packed.
    let memory = MemoryLimits { cached_responses: 256 << 10, ..MemoryLimits::default() };
    let server = TestServer::start_with(Settings { memory, ..Settings::default() }).await;
    let id = server.repository("acme/demo", "private").await;
    for n in 0..30 {
        report(&server, id, json!({"name": format!("job-{n}"), "status": "success"})).await;
    }
    let read = async |limit: i32, encoding: &str| {
        let target = format!("/v4/repositories/{id}/pipelines/1/jobs?limit={limit}");
        let response = ask(&server, &target, ROOT).header("accept-encoding", encoding).send().await;
        assert_eq!((response.status, response.header("x-total")), (200, "30"));
        response.body
    };
    let mut built = Vec::new();
    for limit in 1..=30 {
        built.push((limit, read(limit, "identity").await, read(limit, "gzip").await));
    }
    for _ in 0..2 {
        for (limit, plain, gzip) in &built {
            assert!(read(*limit, "identity").await == *plain, "{limit}");
            assert!(read(*limit, "gzip").await == *gzip, "{limit}");
        }
    }
}

#[tokio::test]
async fn a_list_is_cached_for_nobody_who_may_not_read_it() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({"status": "success"})).await;
    let reader = server.user("reader").await;
    let member = format!("/native/v1/repositories/{id}/members/reader");
    for list in lists(id) {
        let read = async |token: &str| ask(&server, &list.0, token).send().await.status;
        jobs(&server, &list).await;
        assert_eq!(read(&reader).await, 404, "{}", list.0);
        server.root(Method::PUT, &member).json(&json!({"role": "read"})).send().await;
        assert_eq!(read(&reader).await, 200, "{}", list.0);
        assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
        assert_eq!(read(&reader).await, 404, "{}", list.0);
    }
}

#[tokio::test]
async fn gitlab_lists_have_the_address_and_the_time_of_their_request() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    report(&server, id, json!({"status": "running", "started_at": "2026-11-24T00:00:00Z"})).await;
    let read = async |host: &str| -> Value {
        let request = server.gitlab(Method::GET, &format!("/api/v4/projects/{id}/pipelines/1/jobs"));
        let response = request.header("host", host).send().await;
        serde_json::from_slice(&response.body).unwrap()
    };
    let first = read("one.test").await;
    server.clock.advance(domain::SignedDuration::from_secs(7));
    let later = read("one.test").await;
    let seconds = |jobs: &Value| jobs[0]["duration"].as_f64().unwrap();
    assert_eq!(seconds(&later) - seconds(&first), 7.0, "a running job is measured until now");
    report(&server, id, json!({"status": "success"})).await;
    for host in ["one.test", "two.test", "one.test"] {
        let jobs = read(host).await;
        assert_eq!(jobs[0]["user"]["web_url"], format!("http://{host}/root"));
    }
}
