//! Merge gates: rules, announcements, overrides and verdicts over the native API.

use crate::report;
use domain::SignedDuration;
use domain::actions::verdicts;
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{TestResponse, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

struct Gates<'a> {
    server: &'a TestServer,
    repository: i64,
}

impl Gates<'_> {
    fn target(&self, rest: &str) -> String {
        format!("/native/v1/repositories/{}/gates{rest}", self.repository)
    }

    async fn set(&self, rules: Value) -> TestResponse {
        let body = json!({"rules": rules});
        self.server.root(Method::PUT, &self.target("")).json(&body).send().await
    }

    async fn expect(&self, body: Value) -> TestResponse {
        self.server.post(&self.target(&format!("/{SHA}/expect")), body).await
    }

    async fn decide(&self, body: Value) -> TestResponse {
        self.server.post(&self.target(&format!("/{SHA}/overrides")), body).await
    }

    async fn show(&self, query: &str) -> Value {
        let shown = self.server.get(&self.target(&format!("/{SHA}{query}"))).await;
        assert_eq!(shown.status, 200);
        shown.json()
    }

    /// The verdict, and the states of the requirements.
    async fn verdict(&self) -> (String, Vec<String>) {
        let gate = self.show("?target=main").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let states = gate["requirements"].as_array().unwrap().iter().map(|result| text(&result["state"]));
        (text(&gate["verdict"]), states.collect())
    }

    async fn report(&self, body: Value) {
        assert_eq!(report(self.server, self.repository, body).await.status, 201);
    }
}

/// A token of a new user with a role.
async fn member(gates: &Gates<'_>, name: &str, role: &str) -> String {
    let token = gates.server.user(name).await;
    let path = format!("/native/v1/repositories/{}/members/{name}", gates.repository);
    let set = gates.server.root(Method::PUT, &path).json(&json!({"role": role})).send().await;
    assert_eq!(set.status, 204);
    token
}

async fn gates(server: &TestServer) -> Gates<'_> {
    Gates { server, repository: server.repository("acme/demo", "private").await }
}

fn verdict(verdict: &str, states: &[&str]) -> (String, Vec<String>) {
    (verdict.to_owned(), states.iter().map(|state| (*state).to_owned()).collect())
}

#[tokio::test]
async fn rules_are_set_shown_and_versioned() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    let nothing =
        json!({"version": 0, "changed_by": null, "changed_at": null, "rules": [], "merge_queues": []});
    assert_eq!(server.get(&gates.target("")).await.json(), nothing);
    let rules = json!([{"targets": ["main"], "requirements": [{"stage": "test", "job": "unit-*"}]}]);
    let preview = json!({"rules": rules, "dry_run": true});
    let preview = server.root(Method::PUT, &gates.target("")).json(&preview).send().await;
    assert_eq!((preview.status, &preview.json()["version"]), (200, &json!(1)));
    assert_eq!(server.get(&gates.target("")).await.json(), nothing, "a dry run changes nothing");

    let set = gates.set(rules.clone()).await.json();
    assert_eq!((&set["version"], &set["changed_by"]), (&json!(1), &json!("root")));
    let whole = json!([{"targets": ["main"], "requirements": [{"name": "test/unit-*", "stage": "test",
        "job": "unit-*", "skipped": "failed", "absent": "missing", "absent_after": 3600}],
        "override": {"role": "manage"}}]);
    assert_eq!((&set["rules"], &preview.json()["rules"]), (&whole, &whole));
    assert_eq!(set["merge_queues"], json!([{"refs": "gh-readonly-queue/{target}/pr-*"}]));
    assert_eq!(server.get(&gates.target("")).await.json(), set);
    assert_eq!(gates.set(whole).await.json()["version"], 1, "what is shown is what was set");
    assert_eq!(gates.set(json!([])).await.json()["version"], 2);
    assert_eq!(server.get(&gates.target("?version=1")).await.json(), set);
    for (query, status) in [("?version=3", 404), ("?version=x", 400)] {
        assert_eq!(server.get(&gates.target(query)).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn invalid_rules_name_their_field_and_change_nothing() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    let unit = json!({"targets": ["main"], "requirements": [{"job": "unit"}]});
    for (field, rules) in [
        ("rules", json!(7)),
        (
            "rules[0].requirements[0].reporters",
            json!([{"targets": ["main"], "requirements": [{"job": "unit", "reporters": []}]}]),
        ),
        (
            "rules[0].requirements[0].reporters[0].token",
            json!([{"targets": ["main"], "requirements": [{"job": "unit", "reporters": [{"token": 99}]}]}]),
        ),
        ("rules[0].targets", json!([{"requirements": [{"job": "unit"}]}])),
        ("rules[0].requirements", json!([{"targets": ["main"]}])),
        ("rules[0].requirements[0].job", json!([{"targets": ["main"], "requirements": [{}]}])),
        ("rules[1].requirements[0].name", json!([unit, unit])),
        (
            "rules[0].requirements[0].reporters[0].user",
            json!([{"targets": ["main"], "requirements": [{"job": "unit", "reporters": [{"user": "nobody"}]}]}]),
        ),
        (
            "rules[0].override.role",
            json!([{"targets": ["main"], "requirements": [{"job": "unit"}], "override": {"role": "read"}}]),
        ),
    ] {
        let refused = gates.set(rules.clone()).await;
        assert_eq!((refused.status, refused.json()["field"].as_str()), (400, Some(field)), "{rules}");
    }
    let requirement = json!({"job": "unit", "reporter": [{"user": "root"}]});
    for (field, body) in [
        (
            "rules[0].requirements[0].reporter",
            json!({"rules": [{"targets": ["main"], "requirements": [requirement]}]}),
        ),
        ("override", json!({"rules": [], "override": {"role": "report"}})),
        ("rule", json!({"rule": []})),
    ] {
        let refused = server.root(Method::PUT, &gates.target("")).json(&body).send().await;
        assert_eq!((refused.status, refused.json()["field"].as_str()), (400, Some(field)), "{body}");
    }
    assert_eq!(server.get(&gates.target("")).await.json()["version"], 0);
}

#[tokio::test]
async fn a_commit_passes_when_everything_is_there() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    assert_eq!(gates.verdict().await, verdict("unset", &[]));
    gates.set(json!([{"targets": ["main"], "requirements": [{"job": "unit-*"}, {"job": "lint"}]}])).await;
    assert_eq!(gates.verdict().await, verdict("pending", &["waiting", "waiting"]));
    let announced =
        json!({"jobs": [{"name": "unit-1"}, {"name": "unit-2"}, {"name": "docs"}], "complete": true});
    assert_eq!(gates.expect(announced).await.status, 201);
    for name in ["unit-1", "lint"] {
        gates.report(json!({"name": name, "status": "success"})).await;
    }
    assert_eq!(gates.verdict().await, verdict("pending", &["waiting", "passed"]), "unit-2 is announced");
    gates.report(json!({"name": "unit-2", "status": "failed", "third_build_id": "1"})).await;
    let failed = gates.show("?target=main").await;
    assert_eq!(failed["requirements"][0]["jobs"][0]["name"], "unit-2");
    assert_eq!((&failed["verdict"], &failed["announced"]["state"]), (&json!("failed"), &json!("waiting")));
    gates.report(json!({"name": "unit-2", "status": "success", "third_build_id": "2"})).await;
    assert_eq!(gates.verdict().await, verdict("pending", &["passed", "passed"]), "docs is announced");
    gates.report(json!({"name": "docs", "status": "failed"})).await;
    assert_eq!(gates.verdict().await, verdict("passed", &["passed", "passed"]));
}

#[tokio::test]
async fn a_stranger_with_the_same_name_satisfies_nothing() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    let (ci, other) = (member(&gates, "ci", "report").await, member(&gates, "other", "report").await);
    let requirement = json!({"job": "unit", "reporters": [{"user": "ci"}]});
    gates.set(json!([{"targets": ["main"], "requirements": [requirement]}])).await;
    let target = format!("/native/v1/repositories/{}/reports", gates.repository);
    let send = async |token: &str, status: &str| {
        let body = json!({"sha": SHA, "ref": "main", "name": "unit", "status": status});
        server.ask(Method::POST, &target).token(token).json(&body).send().await.status
    };
    assert_eq!(send(&other, "success").await, 201);
    assert_eq!(gates.verdict().await, verdict("pending", &["wrong_source"]));
    // The same status again, by another user.
    assert_eq!(send(&ci, "success").await, 201);
    assert_eq!(gates.verdict().await, verdict("passed", &["passed"]));
    assert_eq!(send(&other, "failed").await, 201);
    assert_eq!(gates.verdict().await, verdict("passed", &["passed"]));
}

#[tokio::test]
async fn an_override_needs_a_reason_and_a_permission_and_can_be_withdrawn() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    let reporter = member(&gates, "dev", "report").await;
    let no_rule = gates.decide(json!({"target": "main", "reason": "known"})).await;
    assert_eq!((no_rule.status, no_rule.json()["field"].as_str()), (400, Some("target")));
    gates.set(json!([{"targets": ["main"], "requirements": [{"job": "unit"}, {"job": "lint"}]}])).await;
    gates.report(json!({"name": "unit", "status": "failed"})).await;
    gates.report(json!({"name": "lint", "status": "success"})).await;
    for (field, body) in [
        ("reason", json!({"target": "main"})),
        ("reason", json!({"target": "main", "reason": " "})),
        ("requirement", json!({"target": "main", "requirement": "nothing", "reason": "known"})),
        ("target", json!({"target": "other", "reason": "known"})),
    ] {
        let refused = gates.decide(body).await;
        assert_eq!((refused.status, refused.json()["field"].as_str()), (400, Some(field)));
    }
    let target = gates.target(&format!("/{SHA}/overrides"));
    let body = json!({"target": "main", "requirement": "unit", "reason": "known"});
    let by_reporter = server.ask(Method::POST, &target).token(&reporter).json(&body).send().await;
    assert_eq!(by_reporter.status, 403, "the rules permit those who manage");
    let decided = gates.decide(body).await;
    assert_eq!((decided.status, &decided.json()["by"]), (201, &json!("root")));
    assert_eq!(gates.verdict().await, verdict("passed", &["overridden", "passed"]));
    assert_eq!(gates.show("?target=main").await["requirements"][0]["overridden_by"], 1);
    let one = format!("{target}/1");
    let by_reporter = server.ask(Method::DELETE, &one).token(&reporter).send().await;
    assert_eq!(by_reporter.status, 403);
    assert_eq!(server.root(Method::DELETE, &one).send().await.status, 204);
    assert_eq!(gates.verdict().await, verdict("failed", &["failed", "passed"]));
    let record = gates.show("?target=main").await["overrides"][0].clone();
    assert_ne!(record["withdrawn_at"], json!(null), "the record is kept");
    assert_eq!(server.root(Method::DELETE, &format!("{target}/9")).send().await.status, 404);
}

#[tokio::test]
async fn the_target_is_that_of_the_merge_request_or_of_the_queue() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    gates.set(json!([{"targets": ["release/*"], "requirements": [{"job": "unit"}]}])).await;
    assert_eq!(gates.show("").await["target"], "main", "the default branch");
    assert_eq!(gates.show("?target=gh-readonly-queue/release/1/pr-7-0").await["target"], "release/1");
    let unknown = server.get(&gates.target(&format!("/{SHA}?target=refs/merge-requests/7/head"))).await;
    assert_eq!((unknown.status, unknown.json()["field"].as_str()), (400, Some("target")));
    let merge_request = format!("/native/v1/repositories/{}/merge-requests/7", gates.repository);
    let head = json!({"source_branch": "feature", "target_branch": "release/2", "head_sha": SHA});
    assert_eq!(server.root(Method::PUT, &merge_request).json(&head).send().await.status, 200);
    for query in ["", "?target=refs/merge-requests/7/head", "?target=refs/merge-requests/7/train"] {
        let gate = gates.show(query).await;
        assert_eq!((&gate["target"], &gate["verdict"]), (&json!("release/2"), &json!("pending")), "{query}");
    }
}

#[tokio::test]
async fn a_request_waits_for_the_next_version() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    gates.set(json!([{"targets": ["main"], "requirements": [{"job": "unit"}]}])).await;
    let before = gates.show("?target=main").await["version"].as_i64().unwrap();
    let query = format!("?target=main&wait=60&after={before}");
    let (shown, ()) = tokio::join!(gates.show(&query), async {
        gates.report(json!({"name": "unit", "status": "success"})).await;
    });
    assert_eq!(shown["verdict"], "passed");
    assert!(shown["version"].as_i64().unwrap() > before);
    let unchanged = tokio::time::timeout(Duration::from_secs(30), gates.show("?target=main&wait=1")).await;
    assert_eq!(unchanged.unwrap()["verdict"], "passed");
}

#[tokio::test]
async fn a_wait_ends_with_every_kind_of_fact_and_with_a_period() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    let rules = |jobs: &[&str]| {
        let requirements: Vec<Value> =
            jobs.iter().map(|job| json!({"job": job, "absent_after": 1})).collect();
        json!([{"targets": ["main"], "requirements": requirements}])
    };
    gates.set(rules(&["unit"])).await;
    for (change, want) in
        [("announcement", "pending"), ("period", "missing"), ("override", "passed"), ("rules", "missing")]
    {
        let before = gates.show("?target=main").await["version"].as_i64().unwrap();
        let query = format!("?target=main&wait=60&after={before}");
        let wait = tokio::time::timeout(Duration::from_secs(30), gates.show(&query));
        let (shown, ()) = tokio::join!(wait, async {
            match change {
                "announcement" => drop(gates.expect(json!({"jobs": [{"name": "unit"}]})).await),
                "period" => server.clock.advance(SignedDuration::from_secs(2)),
                "override" => drop(gates.decide(json!({"target": "main", "reason": "known"})).await),
                _ => drop(gates.set(rules(&["unit", "lint"])).await),
            }
        });
        let shown = shown.unwrap();
        assert!(shown["version"].as_i64().unwrap() > before, "{change}");
        assert_eq!(shown["verdict"], want, "{change}");
    }
}

#[tokio::test]
async fn sentences_are_in_the_language_of_the_request() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    gates.set(json!([{"targets": ["main"], "requirements": [{"job": "unit"}]}])).await;
    gates.report(json!({"name": "unit", "status": "failed"})).await;
    let target = gates.target(&format!("/{SHA}?target=main"));
    for (language, verdict, requirement) in [
        ("zh", "1 项要求未通过。", "未通过的任务：external/unit（失败）。"),
        ("en", "Failed requirements: 1.", "Failed jobs: external/unit (failed)."),
    ] {
        let shown = server.root(Method::GET, &target).header("accept-language", language).send().await.json();
        assert_eq!((&shown["why"], &shown["requirements"][0]["why"]), (&json!(verdict), &json!(requirement)));
    }
}

#[tokio::test]
async fn a_recorded_verdict_is_an_event() {
    let server = TestServer::start().await;
    let gates = gates(&server).await;
    gates.set(json!([{"targets": ["main"], "requirements": [{"job": "unit"}]}])).await;
    gates.report(json!({"name": "unit", "status": "running"})).await;
    let app = &server.app;
    for due in verdicts::due(app, 10).await.unwrap() {
        assert_eq!(verdicts::record(app, due).await, Ok(1));
    }
    let repository = gates.repository;
    let target = format!("/native/v1/events?repository={repository}&after=1");
    let events = server.root(Method::GET, &target).open().await;
    let mut body = events.into_body();
    let mut text = String::new();
    while !text.contains("event: gate") {
        let frame = body.frame().await.unwrap().unwrap();
        text += std::str::from_utf8(&frame.into_data().unwrap()).unwrap();
    }
    let data = text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    let event: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    let version = gates.show("?target=main").await["version"].clone();
    assert_eq!(
        event,
        json!({
            "id": 2, "repository_id": repository, "type": "gate", "at": "2026-11-24T00:00:00.000Z",
            "pipeline": null, "job": null,
            "gate": {
                "sha": SHA, "target": "main", "number": 1, "verdict": "pending", "previous_verdict": null,
                "version": version, "rules_version": 1, "changed_count": 1,
                "changed": [{"name": "unit", "state": "running", "previous_state": null}],
            },
        })
    );
    // The stream of one pipeline has no verdicts.
    let target = format!("/native/v1/events?repository={repository}&after=0&pipeline=1");
    let mut body = server.root(Method::GET, &target).open().await.into_body();
    let mut text = String::new();
    while !text.contains("event: job") {
        let frame = body.frame().await.unwrap().unwrap();
        text += std::str::from_utf8(&frame.into_data().unwrap()).unwrap();
    }
    assert!(!text.contains("event: gate"), "{text}");
}
