//! The past over the native API and on pages: a pipeline, its attempts, a commit and its gate as they were.

use crate::report;
use domain::SignedDuration;
use domain::actions::verdicts;
use http::Method;
use serde_json::{Value, json};
use testkit::TestServer;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// A pipeline whose job runs at 00:00:00, succeeds at 00:01:00, and fails in a new attempt at 00:02:00; now it is
/// 00:03:00. Its gate requires the job since 00:00:30.
async fn server() -> (TestServer, i64) {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let rules = json!({"rules": [{"targets": ["main"], "requirements": [{"job": "build"}]}]});
    let minute = SignedDuration::from_mins(1);
    let reported = async |fields: Value| {
        let mut body = json!({"sha": SHA, "ref": "main", "stage": "ci", "name": "build"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(report(&server, id, body).await.status, 201);
    };
    reported(json!({"status": "running", "third_build_id": "1"})).await;
    server.clock.advance(minute / 2);
    let gates = format!("/native/v1/repositories/{id}/gates");
    assert_eq!(server.root(Method::PUT, &gates).json(&rules).send().await.status, 200);
    server.clock.advance(minute / 2);
    reported(json!({"status": "success", "third_build_id": "1"})).await;
    server.clock.advance(minute);
    reported(json!({"status": "failed", "third_build_id": "2"})).await;
    server.clock.advance(minute);
    (server, id)
}

fn time(text: &str) -> String {
    format!("as_of=2026-11-24T00:{text}Z")
}

#[tokio::test]
async fn a_pipeline_and_its_attempts_are_shown_as_they_were() {
    let (server, id) = server().await;
    let pipeline = format!("/native/v1/repositories/{id}/pipelines/1");
    for (as_of, status, attempts, number) in [
        (time("00:00"), "running", 1, 1),
        (time("00:59.999"), "running", 1, 1),
        (time("01:00"), "success", 1, 2),
        (time("02:30"), "failed", 2, 3),
        ("as_of=report:1".to_owned(), "running", 1, 1),
        ("as_of=report:2".to_owned(), "success", 1, 2),
        ("as_of=report:3".to_owned(), "failed", 2, 3),
        ("as_of=2026-11-24T08:01:00+08:00".to_owned(), "success", 1, 2),
    ] {
        let shown = server.get(&format!("{pipeline}?{as_of}")).await;
        assert_eq!(shown.status, 200, "{as_of}: {shown:?}");
        let shown = shown.json();
        assert_eq!((&shown["status"], &shown["job_count"]), (&json!(status), &json!(attempts)), "{as_of}");
        let moment = &shown["as_of"];
        assert_eq!(moment["last_report"]["report_id"], number, "{as_of}");
        assert_eq!(moment["last_report"]["reporter"], "root", "{as_of}");
        assert_eq!((&moment["complete"], &moment["kept_since"]), (&json!(true), &Value::Null), "{as_of}");
        let jobs = server.get(&format!("{pipeline}/jobs?{as_of}")).await.json();
        assert_eq!((&jobs["total"], &jobs["as_of"]), (&json!(attempts), moment), "{as_of}");
        let newest = jobs["jobs"].as_array().unwrap().last().unwrap();
        assert_eq!((&newest["status"], &newest["newest"]), (&json!(status), &json!(true)), "{as_of}");
    }
    let second = server.get(&format!("{pipeline}/jobs?as_of=report:3&offset=1&limit=1")).await.json();
    assert_eq!((second["jobs"].as_array().unwrap().len(), &second["jobs"][0]["attempt"]), (1, &json!(2)));
    let present = server.get(&pipeline).await.json();
    assert_eq!(present.get("as_of"), None);
}

#[tokio::test]
async fn a_moment_that_is_not_valid_is_refused_by_name() {
    let (server, id) = server().await;
    let at = format!("/native/v1/repositories/{id}");
    for path in [
        format!("{at}/pipelines/1"),
        format!("{at}/pipelines/1/jobs"),
        format!("{at}/gates/{SHA}"),
        format!("/repositories/{id}/pipelines/1.json"),
        format!("/repositories/{id}/commits/{SHA}.json"),
    ] {
        for (query, says) in [
            ("as_of=", ""),
            ("as_of=yesterday", "RFC 3339"),
            ("as_of=1", "report:12"),
            ("as_of=report:x", "report:12"),
            ("as_of=report:99", "does not exist"),
            ("as_of=2026-11-24T00:03:00.001Z", "future"),
            ("as_of=2099-01-01T00:00:00Z", "future"),
            ("as_of=report:1&wait=1s", "wait"),
            ("as_of=report:1&as_of=report:2", "twice"),
        ] {
            let request = server.root(Method::GET, &format!("{path}?{query}"));
            let refused = request.header("accept-language", "en").send().await;
            let body = refused.json();
            assert_eq!(refused.status, 400, "{path}?{query}: {body}");
            assert!(body.to_string().contains("as_of") && body.to_string().contains(says), "{query}: {body}");
        }
    }
    for path in [format!("{at}/pipelines/1"), format!("/repositories/{id}/pipelines/1.json")] {
        let request = server.root(Method::GET, &format!("{path}?as_of=2026-11-23T23:59:59Z"));
        let refused = request.header("accept-language", "en").send().await;
        assert_eq!(refused.status, 400);
        let body = refused.json().to_string();
        assert!(body.contains("before 2026-11-24T00:00:00.000Z"), "{body}");
    }
    let missing = server.get(&format!("{at}/pipelines/9?as_of=report:1")).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_verdict_is_shown_as_it_was() {
    let (server, id) = server().await;
    let gate = format!("/native/v1/repositories/{id}/gates/{SHA}");
    let decide = json!({"reason": "known", "target": "main"});
    assert_eq!(server.post(&format!("{gate}/overrides"), decide).await.status, 201);
    for (as_of, verdict, state, rules, overrides) in [
        (time("00:29"), "unset", None, 0, 0),
        (time("00:30"), "pending", Some("running"), 1, 0),
        (time("01:59"), "passed", Some("passed"), 1, 0),
        (time("02:00"), "failed", Some("failed"), 1, 0),
        (time("03:00"), "passed", Some("overridden"), 1, 1),
        ("as_of=report:2".to_owned(), "passed", Some("passed"), 1, 0),
    ] {
        let shown = server.get(&format!("{gate}?target=main&{as_of}")).await.json();
        assert_eq!((&shown["verdict"], &shown["rules_version"]), (&json!(verdict), &json!(rules)), "{as_of}");
        assert_eq!(shown["requirements"][0]["state"].as_str(), state, "{as_of}");
        assert_eq!(shown["overrides"].as_array().unwrap().len(), overrides, "{as_of}");
        let moment = &shown["as_of"];
        assert_eq!((&moment["verdict"], &moment["complete"]), (&json!("replayed"), &json!(true)), "{as_of}");
    }
    // Nobody had reported anything.
    let shown = server.get(&format!("{gate}?target=main&as_of=2026-11-23T00:00:00Z")).await.json();
    assert_eq!((&shown["verdict"], &shown["as_of"]["last_report"]), (&json!("unset"), &Value::Null));
}

/// Retention deletes the pipeline that failed: the recorded verdict stays, and the response says what is missing.
#[tokio::test]
async fn a_recorded_verdict_goes_before_a_replay() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    let at = format!("/native/v1/repositories/{id}");
    let rules = json!({"rules": [{"targets": ["main"], "requirements": [{"job": "*"}]}]});
    assert_eq!(server.root(Method::PUT, &format!("{at}/gates")).json(&rules).send().await.status, 200);
    for (name, status) in [("lint", "failed"), ("build", "success")] {
        let body = json!({"ref": "main", "name": name, "status": status, "pipeline_key": name});
        assert_eq!(report(&server, id, body).await.status, 201);
    }
    for due in verdicts::due(&server.app, 10).await.unwrap() {
        assert_eq!(verdicts::record(&server.app, due).await, Ok(1));
    }
    server.clock.advance(SignedDuration::from_mins(10));
    let gate = async |as_of: &str| {
        let shown = server.get(&format!("{at}/gates/{SHA}?target=main&as_of={as_of}")).await;
        assert_eq!(shown.status, 200, "{shown:?}");
        shown.json()
    };
    for _ in 0..2 {
        for as_of in ["2026-11-24T00:00:30Z", "report:2"] {
            let shown = gate(as_of).await;
            assert_eq!(
                (&shown["verdict"], &shown["as_of"]["verdict"]),
                (&json!("failed"), &json!("recorded"))
            );
            assert_eq!(shown["requirements"][0]["jobs"][0]["name"], "lint");
        }
        let policies = json!({"keep_per_ref": 1});
        assert_eq!(
            server.root(Method::PUT, &format!("{at}/policies")).json(&policies).send().await.status,
            200
        );
        assert_eq!(server.post(&format!("{at}/prune"), json!({})).await.status, 200);
    }
    let shown = gate("2026-11-24T00:00:30Z").await;
    let deleted = "2026-11-24T00:10:00.000Z";
    assert_eq!(
        (&shown["as_of"]["complete"], &shown["as_of"]["kept_since"]),
        (&json!(false), &json!(deleted))
    );
    let replayed = gate("2026-11-23T00:00:00Z").await;
    assert_eq!((&replayed["verdict"], &replayed["as_of"]["verdict"]), (&json!("unset"), &json!("replayed")));
}

/// The recorder was down when the job failed, and another commit had reports before it ran again.
#[tokio::test]
async fn a_change_that_is_not_recorded_is_replayed() {
    let (server, id) = server().await;
    let at = format!("/native/v1/repositories/{id}");
    let record = async || {
        for due in verdicts::due(&server.app, 10).await.unwrap() {
            verdicts::record(&server.app, due).await.unwrap();
        }
    };
    record().await;
    let shown = async |as_of: &str| {
        let gate = server.get(&format!("{at}/gates/{SHA}?target=main&as_of={as_of}")).await.json();
        (gate["verdict"].clone(), gate["as_of"]["verdict"].clone())
    };
    let minutes = SignedDuration::from_mins(10);
    let build = |status: &str, number: &str| {
        let mut build = json!({"sha": SHA, "ref": "main", "stage": "ci", "name": "build", "status": status});
        build["third_build_id"] = number.into();
        build
    };
    assert_eq!(report(&server, id, build("success", "3")).await.status, 201);
    // A commit is evaluated once a second.
    server.clock.advance(SignedDuration::from_secs(1));
    record().await;
    server.clock.advance(minutes);
    assert_eq!(report(&server, id, build("failed", "4")).await.status, 201);
    server.clock.advance(minutes);
    let (failed, passed) = (json!("failed"), json!("passed"));
    let (recorded, replayed) = (json!("recorded"), json!("replayed"));
    assert_eq!(shown("2026-11-24T00:12:59Z").await, (passed.clone(), recorded.clone()));
    assert_eq!(shown("2026-11-24T00:22:59Z").await, (failed.clone(), replayed.clone()));
    assert_eq!(shown("report:4").await, (passed.clone(), recorded.clone()));
    assert_eq!(shown("report:5").await, (failed.clone(), replayed));
    let other = json!({"sha": "d".repeat(40), "ref": "main", "name": "build", "status": "success"});
    assert_eq!(report(&server, id, other).await.status, 201);
    record().await;
    assert_eq!(shown("report:5").await, (failed.clone(), recorded.clone()));
    assert_eq!(shown("2026-11-24T00:23:01Z").await, (failed.clone(), recorded));

    let list = format!("{at}/gates/{SHA}/verdicts");
    let all = server.get(&format!("{list}?target=main")).await.json();
    let rows: Vec<_> = all["verdicts"].as_array().unwrap().iter().collect();
    let numbers: Vec<_> = rows.iter().map(|row| (row["number"].clone(), row["verdict"].clone())).collect();
    assert_eq!(numbers, [(json!(3), failed.clone()), (json!(2), passed), (json!(1), failed)]);
    assert_eq!((&rows[0]["last_report"], &all["next_before"]), (&json!(6), &Value::Null));
    assert_eq!(rows[0]["requirements"][0]["jobs"][0]["name"], "build");
    let page = server.get(&format!("{list}?target=main&limit=1&before=3")).await.json();
    assert_eq!((&page["verdicts"][0], &page["next_before"]), (rows[1], &json!(2)));
    let until = server.get(&format!("{list}?until=2026-11-24T00:20:00Z")).await.json();
    assert_eq!(until["verdicts"][0], *rows[1], "the default branch");
    for (query, field) in [("until=soon", "until"), ("before=x", "before"), ("limit=0", "limit")] {
        let refused = server.get(&format!("{list}?{query}")).await;
        assert_eq!((refused.status, &refused.json()["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn a_history_ends_with_an_earlier_moment() {
    let (server, id) = server().await;
    let other = json!({"sha": SHA, "ref": "main", "stage": "ci", "name": "lint", "status": "success"});
    assert_eq!(report(&server, id, other).await.status, 201);
    let history = format!("/native/v1/repositories/{id}/jobs/1/history");
    for (query, expected) in [
        ("", vec![1, 2]),
        ("?as_of=report:1", vec![1]),
        ("?as_of=report:4", vec![1, 2]),
        ("?as_of=2026-11-24T00:00:59Z", vec![1]),
        ("?as_of=2026-11-23T00:00:00Z", vec![]),
        ("?as_of=report:3&after=1", vec![2]),
    ] {
        let found = server.get(&format!("{history}{query}")).await.json();
        let numbers: Vec<_> = found["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["report_id"].as_i64().unwrap())
            .collect();
        assert_eq!((numbers, &found["next_after"]), (expected, &Value::Null), "{query}");
    }
    for (query, status) in [("as_of=report:9", 400), ("as_of=soon", 400), ("as_of=2099-01-01T00:00:00Z", 400)]
    {
        let refused = server.get(&format!("{history}?{query}")).await;
        assert_eq!((refused.status, &refused.json()["field"]), (status, &json!("as_of")), "{query}");
    }
    let missing = format!("/native/v1/repositories/{id}/jobs/9/history?as_of=report:1");
    assert_eq!(server.get(&missing).await.status, 404);
}

#[tokio::test]
async fn pages_show_an_earlier_state_and_say_so() {
    let (server, id) = server().await;
    let page = async |path: String| {
        let shown = server.root(Method::GET, &path).header("accept-language", "en").send().await;
        assert_eq!(shown.status, 200, "{path}");
        String::from_utf8(shown.body.to_vec()).unwrap()
    };
    let pipeline = format!("/repositories/{id}/pipelines/1");
    let shown = page(format!("{pipeline}?as_of=report:2")).await;
    assert!(shown.contains("Last report included: #2, by root."), "{shown}");
    assert!(shown.contains(&format!("<a href=\"{pipeline}\">Show the current state</a>")));
    assert!(!shown.contains("data-live=\"pipeline\"") && !shown.contains("incomplete"));
    assert!(shown.contains(&format!("{pipeline}.json?as_of=report%3A2")));
    let present = page(pipeline.clone()).await;
    assert!(present.contains("data-live=\"pipeline\"") && !present.contains("Show the current state"));
    let job = page(format!("{pipeline}/jobs/1")).await;
    assert!(
        job.contains(&format!("<a href=\"{pipeline}?as_of=report%3A2\">The pipeline after this report</a>"))
    );

    let commit = format!("/repositories/{id}/commits/{SHA}");
    let shown = page(format!("{commit}?{}", time("01:30"))).await;
    assert!(shown.contains("Last report included: #2, by root."), "{shown}");
    assert!(shown.contains(&format!("{pipeline}?as_of=2026-11-24T00%3A01%3A30.000Z")), "{shown}");
    assert!(
        shown.contains("computed now from the data of that time with version 1 of the rules."),
        "{shown}"
    );
    let early = page(format!("{commit}?as_of=2026-11-23T00:00:00Z")).await;
    assert!(early.contains("No report was received by that time.") && early.contains("No pipelines"));
    let json = server.get(&format!("{commit}.json?{}", time("01:30"))).await.json();
    assert_eq!(
        (&json["pipelines"][0]["status"], &json["as_of"]["at"]),
        (&json!("success"), &json!("2026-11-24T00:01:30.000Z"))
    );
    let short = server.get(&format!("/repositories/{id}/commits/{}?as_of=report:2", &SHA[..8])).await;
    assert_eq!(
        (short.status, short.header("location")),
        (303, format!("{commit}?as_of=report%3A2").as_str())
    );
}

#[tokio::test]
async fn a_stage_of_an_earlier_state_keeps_the_moment() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for number in 0..=201 {
        let body = json!({"sha": SHA, "ref": "main", "stage": "s", "name": format!("j{number}"), "status": "success"});
        assert_eq!(report(&server, id, body).await.status, 201);
    }
    let path = format!("/repositories/{id}/pipelines/1");
    let page = server.get(&format!("{path}?stage=1&as_of=report:202")).await;
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(text.contains(&format!("{path}?stage=1&#38;offset=200&#38;as_of=report%3A202")), "{text}");
}
