//! Check runs and check suites as GitHub's clients see them.

use super::{REPO, SHA, ask, combined, get, server};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{TestResponse, TestServer};

const CONCLUSIONS: [(&str, &str, &str); 9] = [
    ("success", "success", "success"),
    ("failure", "failed", "failure"),
    ("neutral", "success", "success"),
    ("cancelled", "canceled", "failure"),
    ("skipped", "skipped", "success"),
    ("timed_out", "timedout", "failure"),
    ("action_required", "failed", "failure"),
    ("stale", "canceled", "failure"),
    ("startup_failure", "failed", "failure"),
];

pub(super) async fn create(server: &TestServer, mut fields: Value) -> TestResponse {
    for (name, value) in [("name", "build"), ("head_sha", SHA)] {
        if fields.get(name).is_none() {
            fields[name] = value.into();
        }
    }
    ask(server, Method::POST, &format!("{REPO}/check-runs")).json(&fields).send().await
}

pub(super) async fn change(server: &TestServer, id: i64, fields: Value) -> TestResponse {
    ask(server, Method::PATCH, &format!("{REPO}/check-runs/{id}")).json(&fields).send().await
}

pub(super) async fn show(server: &TestServer, id: i64) -> Value {
    get(server, &format!("/check-runs/{id}")).await.json()
}

/// The list of check runs of the commit.
async fn list(server: &TestServer, query: &str) -> TestResponse {
    get(server, &format!("/commits/{SHA}/check-runs{query}")).await
}

/// The ids of the listed check runs.
async fn ids(server: &TestServer, query: &str) -> Vec<i64> {
    let listed = list(server, query).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let runs = listed.json()["check_runs"].clone();
    runs.as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap()).collect()
}

pub(super) fn annotation(path: &str, line: usize) -> Value {
    json!({"path": path, "start_line": line, "end_line": line, "annotation_level": "warning", "message": "unused"})
}

#[tokio::test]
async fn a_check_run_comes_back_as_github_shows_it() {
    let (server, id) = server().await;
    for (n, prefix) in ["/api/v3", ""].into_iter().enumerate() {
        let repo = format!("{prefix}/repos/acme/demo");
        let fields = json!({"name": "lint", "head_sha": SHA, "external_id": "42",
            "details_url": "https://ci.example/42", "status": "in_progress", "started_at": "2026-11-23T10:00:00Z",
            "output": {"title": "检查", "summary": "*two* warnings", "text": "details", "annotations": [
                {"path": "src/a.rs", "start_line": 3, "end_line": 3, "start_column": 5, "end_column": 9,
                 "annotation_level": "failure", "message": "error", "title": "E1", "raw_details": "raw"}]}});
        let answer = ask(&server, Method::POST, &format!("{repo}/check-runs")).json(&fields).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        let url = format!("http://localhost{repo}/check-runs/1");
        let run = answer.json();
        let expected = json!({
            "id": 1,
            "head_sha": SHA,
            "node_id": "CheckRun:1",
            "external_id": "42",
            "url": url,
            "html_url": format!("http://localhost/repositories/{id}/pipelines/1/jobs/1"),
            "details_url": "https://ci.example/42",
            "status": "in_progress",
            "conclusion": null,
            "started_at": "2026-11-23T10:00:00Z",
            "completed_at": null,
            "output": {"title": "检查", "summary": "*two* warnings", "text": "details", "annotations_count": 1,
                "annotations_url": format!("{url}/annotations")},
            "name": "lint",
            "check_suite": {"id": 1},
            "app": null,
            "pull_requests": [],
        });
        assert_eq!(run, expected, "{n}");
        let at = |target: &str| ask(&server, Method::GET, &format!("{repo}{target}")).send();
        assert_eq!(at("/check-runs/1").await.json(), run);
        let listed = at(&format!("/commits/{SHA}/check-runs")).await;
        assert_eq!(
            (listed.json(), listed.header("link")),
            (json!({"total_count": 1, "check_runs": [run]}), "")
        );
        assert_eq!(at("/check-suites/1/check-runs").await.json(), listed.json());
        let annotations = at("/check-runs/1/annotations").await.json();
        let expected = json!([{"path": "src/a.rs", "start_line": 3, "end_line": 3, "start_column": 5, "end_column": 9,
            "annotation_level": "failure", "message": "error", "title": "E1", "raw_details": "raw", "blob_href": ""}]);
        assert_eq!(annotations, expected);
    }
}

#[tokio::test]
async fn every_conclusion_is_read_back_and_counts_in_the_status_of_the_commit() {
    for (conclusion, status, of_commit) in CONCLUSIONS {
        let (server, repository) = server().await;
        let fields = json!({"conclusion": conclusion, "completed_at": "2026-11-23T10:05:00Z"});
        let run = create(&server, fields).await;
        assert_eq!(run.status, 201, "{conclusion}: {run:?}");
        for run in
            [run.json(), show(&server, 1).await, list(&server, "").await.json()["check_runs"][0].clone()]
        {
            assert_eq!(run["status"], "completed");
            assert_eq!(
                (&run["conclusion"], &run["completed_at"]),
                (&json!(conclusion), &json!("2026-11-23T10:05:00Z"))
            );
        }
        let jobs = server.get(&format!("/native/v1/repositories/{repository}/pipelines/1/jobs")).await.json();
        assert_eq!(jobs["jobs"][0]["status"], status, "{conclusion}");
        assert_eq!(combined(&server).await.0, of_commit, "{conclusion}");
    }
}

#[tokio::test]
async fn a_check_run_goes_through_its_statuses_with_the_times_of_the_reporter() {
    let (server, _) = server().await;
    let run = create(&server, json!({"external_id": "7"})).await.json();
    assert_eq!((&run["status"], &run["started_at"]), (&json!("queued"), &Value::Null));
    for status in ["waiting", "requested", "pending"] {
        assert_eq!(
            create(&server, json!({"external_id": "7", "status": status})).await.json()["status"],
            "queued"
        );
    }
    let started = json!({"status": "in_progress", "started_at": "2026-11-23T10:00:00Z", "name": "build"});
    assert_eq!(change(&server, 1, started).await.json()["status"], "in_progress");
    // What has no status keeps it.
    let run = change(&server, 1, json!({"output": {"title": "50 %", "summary": "half"}})).await;
    assert_eq!(
        (run.status, &run.json()["status"], &run.json()["output"]["title"]),
        (200, &json!("in_progress"), &json!("50 %"))
    );
    let ended = json!({"conclusion": "failure", "completed_at": "2026-11-23T10:02:00.500Z"});
    let run = change(&server, 1, ended.clone()).await.json();
    for (name, value) in [
        ("status", "completed"),
        ("conclusion", "failure"),
        ("started_at", "2026-11-23T10:00:00Z"),
        ("completed_at", "2026-11-23T10:02:00Z"),
        ("external_id", "7"),
    ] {
        assert_eq!(run[name], value, "{name}");
    }
    // Repeated and late.
    assert_eq!(change(&server, 1, ended).await.json(), run);
    let late = change(&server, 1, json!({"status": "in_progress", "external_id": "7"})).await.json();
    assert_eq!((&late["id"], &late["conclusion"]), (&json!(1), &json!("failure")));
    assert_eq!(change(&server, 1, json!({"status": "in_progress"})).await.json()["conclusion"], "failure");
    // The title stays, and what is said after the end is added.
    let said = change(&server, 1, json!({"output": {"summary": "all"}})).await.json();
    assert_eq!((&said["output"]["title"], &said["output"]["summary"]), (&json!("50 %"), &json!("all")));
    assert_eq!(said["conclusion"], "failure");
}

#[tokio::test]
async fn another_external_id_is_a_retry_and_a_change_reaches_the_attempt_that_it_names() {
    let (server, _) = server().await;
    create(&server, json!({"external_id": "1", "conclusion": "failure"})).await;
    let retry = change(&server, 1, json!({"status": "in_progress", "external_id": "2"})).await.json();
    assert_eq!((&retry["id"], &retry["status"]), (&json!(2), &json!("in_progress")));
    assert_eq!(combined(&server).await, ("pending".into(), vec![("checks/build".into(), "pending".into())]));
    assert_eq!((ids(&server, "").await, ids(&server, "?filter=all").await), (vec![2], vec![2, 1]));
    // The first attempt is still reported to, by its id alone.
    let first =
        change(&server, 1, json!({"conclusion": "timed_out", "completed_at": "2026-11-24T00:00:01Z"})).await;
    assert_eq!((&first.json()["id"], &first.json()["conclusion"]), (&json!(1), &json!("timed_out")));
    let second = change(&server, 2, json!({"conclusion": "success"})).await.json();
    assert_eq!((&second["id"], combined(&server).await.0), (&json!(2), "success".into()));
    // Attempts without an id: by their links.
    let named = |url: &str| json!({"name": "test", "details_url": url, "status": "in_progress"});
    assert_eq!(create(&server, named("https://ci.example/1")).await.json()["id"], 3);
    assert_eq!(create(&server, named("https://ci.example/2")).await.json()["id"], 4);
    let moved = change(&server, 3, json!({"conclusion": "failure", "details_url": "https://ci.example/3"}))
        .await
        .json();
    assert_eq!((&moved["id"], &moved["details_url"]), (&json!(3), &json!("https://ci.example/3")));
    assert_eq!(show(&server, 4).await["status"], "in_progress");
    // A name does not change, and another commit is refused.
    let renamed =
        change(&server, 4, json!({"name": "other", "conclusion": "success", "head_sha": SHA})).await;
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("test")));
    assert_eq!(renamed.header("x-stagepost-adjusted"), "name=dropped");
    assert_eq!(change(&server, 4, json!({"head_sha": "a".repeat(40)})).await.status, 422);
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    let (server, _) = server().await;
    for n in 0..150 {
        let status = ["queued", "in_progress", "completed"][n % 3];
        let mut fields = json!({"name": format!("job-{n}"), "status": status});
        if status == "completed" {
            fields["conclusion"] = "success".into();
        }
        assert_eq!(create(&server, fields).await.status, 201);
    }
    let url = format!("http://localhost{REPO}/commits/{SHA}/check-runs");
    let first = list(&server, "").await;
    assert_eq!(
        first.header("link"),
        format!("<{url}?per_page=30&page=2>; rel=\"next\", <{url}?per_page=30&page=5>; rel=\"last\"")
    );
    assert_eq!(first.json()["total_count"], 150);
    assert_eq!(first.json()["check_runs"].as_array().unwrap().len(), 30);
    let mut all = ids(&server, "?per_page=100").await;
    all.extend(ids(&server, "?per_page=100&page=2").await);
    assert_eq!(all, (1..=150).rev().collect::<Vec<i64>>());
    for (query, total, on_page) in [
        ("?page=0", 150, 30),
        ("?page=99", 150, 0),
        ("?per_page=1000", 150, 100),
        ("?status=queued&per_page=100", 50, 50),
        ("?status=in_progress", 50, 30),
        ("?status=completed&page=2", 50, 20),
        ("?check_name=job-7", 1, 1),
        ("?check_name=absent", 0, 0),
        ("?check_name=job-7&status=queued", 0, 0),
        ("?filter=all&per_page=5", 150, 5),
        ("?filter=latest", 150, 30),
        ("?app_id=1", 0, 0),
    ] {
        let listed = list(&server, query).await.json();
        let runs = listed["check_runs"].as_array().unwrap().len();
        assert_eq!((&listed["total_count"], runs), (&json!(total), on_page), "{query}");
    }
    for query in ["?status=failed", "?status=", "?filter=newest"] {
        let refused = list(&server, query).await;
        assert_eq!(
            (refused.status, &refused.json()["message"]),
            (422, &json!("Validation Failed")),
            "{query}"
        );
    }
    // Other reporters are listed too, and a report is there at once.
    super::post(&server, json!({"state": "failure", "context": "ci/status"})).await;
    let listed = list(&server, "?check_name=ci%2Fstatus").await.json();
    assert_eq!(
        (&listed["total_count"], &listed["check_runs"][0]["conclusion"]),
        (&json!(1), &json!("failure"))
    );
}

#[tokio::test]
async fn annotations_add_up_and_repeats_add_nothing() {
    let (server, _) = server().await;
    let batch =
        |from: usize| -> Vec<Value> { (from..from + 50).map(|line| annotation("src/a.rs", line)).collect() };
    let output =
        |from: usize| json!({"output": {"title": "lint", "summary": "s", "annotations": batch(from)}});
    let run = create(&server, output(101)).await.json();
    assert_eq!(run["output"]["annotations_count"], 50);
    for (from, count) in [(1, 100), (51, 150), (1, 150), (101, 150)] {
        let run = change(&server, 1, output(from)).await.json();
        assert_eq!(run["output"]["annotations_count"], count, "{from}");
    }
    let ended =
        change(&server, 1, json!({"conclusion": "failure", "output": output(26)["output"]})).await.json();
    assert_eq!(ended["output"]["annotations_count"], 150);
    let annotations = async |query: &str| {
        let answer = get(&server, &format!("/check-runs/1/annotations{query}")).await;
        let lines: Vec<u64> =
            answer.json().as_array().unwrap().iter().map(|one| one["start_line"].as_u64().unwrap()).collect();
        (lines, answer.header("link").to_owned())
    };
    let url = format!("http://localhost{REPO}/check-runs/1/annotations");
    let (lines, link) = annotations("").await;
    assert_eq!(lines, (1..=30).collect::<Vec<_>>());
    assert_eq!(
        link,
        format!("<{url}?per_page=30&page=2>; rel=\"next\", <{url}?per_page=30&page=5>; rel=\"last\"")
    );
    let mut all = annotations("?per_page=100").await.0;
    all.extend(annotations("?per_page=100&page=2").await.0);
    assert_eq!(all, (1..=150).collect::<Vec<_>>());
    assert!(annotations("?page=6").await.0.is_empty());
    // In the list as well.
    assert_eq!(list(&server, "").await.json()["check_runs"][0]["output"]["annotations_count"], 150);
}

#[tokio::test]
async fn first_check_runs_of_one_name_that_race_are_one() {
    let (server, _) = server().await;
    let racing: Vec<_> = (0..64).map(|_| create(&server, json!({"status": "in_progress"}))).collect();
    let mut seen = BTreeSet::new();
    for answer in join_all(racing).await {
        assert_eq!(answer.status, 201, "{answer:?}");
        let run = answer.json();
        seen.insert((run["id"].as_i64().unwrap(), run["check_suite"]["id"].as_i64().unwrap()));
    }
    assert_eq!(seen, BTreeSet::from([(1, 1)]));
    let changes: Vec<_> = (0..64).map(|_| change(&server, 1, json!({"conclusion": "success"}))).collect();
    for answer in join_all(changes).await {
        assert_eq!((answer.status, &answer.json()["conclusion"]), (200, &json!("success")));
    }
    assert_eq!(list(&server, "?filter=all").await.json()["total_count"], 1);
}

async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(move |context| {
        waiting.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        match waiting.is_empty() {
            true => std::task::Poll::Ready(std::mem::take(&mut done)),
            false => std::task::Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn a_status_of_the_same_name_does_not_hide_a_check_run() {
    let (server, _) = server().await;
    create(&server, json!({"external_id": "77", "conclusion": "failure"})).await;
    for (query, fields) in [
        ("", json!({"state": "success", "context": "build"})),
        ("", json!({"state": "success", "context": "build", "target_url": "https://ci.example/78"})),
        ("?source=drone", json!({"state": "success", "context": "build"})),
        ("?ref=dev", json!({"state": "success", "context": "build"})),
    ] {
        let target = format!("{REPO}/statuses/{SHA}{query}");
        let sent = ask(&server, Method::POST, &target).json(&fields).send().await;
        assert_eq!(sent.status, 201, "{sent:?}");
        assert_eq!(combined(&server).await.0, "failure", "{query} {fields}");
    }
    // Neither does a check run of another source, and one of the same source does.
    let target = format!("{REPO}/check-runs?source=drone");
    let other = json!({"name": "build", "head_sha": SHA, "conclusion": "success"});
    assert_eq!(ask(&server, Method::POST, &target).json(&other).send().await.status, 201);
    assert_eq!(combined(&server).await.0, "failure");
    create(&server, json!({"external_id": "78", "conclusion": "success"})).await;
    assert_eq!(combined(&server).await.0, "success");
}

#[tokio::test]
async fn check_suites_are_the_pipelines_of_a_commit() {
    let (server, repository) = server().await;
    let suites =
        async |query: &str| get(&server, &format!("/commits/{SHA}/check-suites{query}")).await.json();
    assert_eq!(suites("").await, json!({"total_count": 0, "check_suites": []}));
    create(&server, json!({"conclusion": "success"})).await;
    let on_tag = ask(&server, Method::POST, &format!("{REPO}/check-runs?ref=refs%2Ftags%2Fv1"));
    let fields = json!({"name": "release", "head_sha": SHA, "status": "in_progress"});
    assert_eq!(on_tag.json(&fields).send().await.status, 201);
    let listed = suites("").await;
    assert_eq!(listed["total_count"], 2);
    let [newest, first] = [0, 1].map(|at| listed["check_suites"][at].clone());
    for (suite, id, branch, status, conclusion) in
        [(&newest, 2, "v1", "in_progress", Value::Null), (&first, 1, "main", "completed", json!("success"))]
    {
        assert_eq!((&suite["id"], &suite["head_branch"]), (&json!(id), &json!(branch)));
        assert_eq!((&suite["status"], &suite["conclusion"]), (&json!(status), &conclusion));
        assert_eq!(suite["url"], format!("http://localhost{REPO}/check-suites/{id}"));
        assert_eq!(suite["check_runs_url"], format!("http://localhost{REPO}/check-suites/{id}/check-runs"));
        assert_eq!((&suite["head_sha"], &suite["head_commit"]["id"]), (&json!(SHA), &json!(SHA)));
        assert_eq!(suite["head_commit"]["author"]["name"], "", "an object, which octocrab requires");
        assert_eq!(suite["repository"]["id"], repository);
        assert_eq!((&suite["app"], &suite["pull_requests"]), (&Value::Null, &json!([])));
        assert_eq!(get(&server, &format!("/check-suites/{id}")).await.json(), *suite);
    }
    for (query, total, on_page) in [
        ("?check_name=release", 1, 1),
        ("?check_name=absent", 0, 0),
        ("?app_id=1", 0, 0),
        ("?per_page=1&page=2", 2, 1),
        ("?page=9", 2, 0),
    ] {
        let listed = suites(query).await;
        let found = listed["check_suites"].as_array().unwrap().len();
        assert_eq!((&listed["total_count"], found), (&json!(total), on_page), "{query}");
    }
    let runs = get(&server, "/check-suites/2/check-runs?filter=all").await.json();
    assert_eq!((&runs["total_count"], &runs["check_runs"][0]["name"]), (&json!(1), &json!("release")));
    for target in [
        "/check-suites/3",
        "/check-suites/x",
        "/check-suites/3/check-runs",
        "/check-runs/9",
        "/check-runs/0",
        "/check-runs/x/annotations",
    ] {
        let missing = get(&server, target).await;
        assert_eq!((missing.status, &missing.json()["message"]), (404, &json!("Not Found")), "{target}");
    }
}
