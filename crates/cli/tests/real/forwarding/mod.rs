//! Forwarding with the real binary: to a forge that refuses, limits and delays, and to a second server.

mod forge;
mod gates;
mod kills;
mod servers;

use crate::command::{failure, json_output, stdout};
use crate::server::Server;
use forge::{Answer, Forge, Handled};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const ALLOW: [&str; 2] = ["--webhook-allow", "127.0.0.0/8"];
const TOKEN_FILE: &str = "forge-token";

/// Starts a server with a repository, and writes the token for the forge.
fn start(data: &Path, token: &str) -> Server {
    let server = Server::ready_with(data, &ALLOW);
    stdout(data, "repo add acme/demo --id 1");
    std::fs::write(data.join(TOKEN_FILE), token).unwrap();
    server
}

/// Creates a destination and returns its id.
fn create(data: &Path, kind: &str, url: &str, project: &str, more: &str) -> i64 {
    let line = format!(
        "forward create --repo acme/demo {kind} {url} {project} --forge-token-file {TOKEN_FILE}{more}"
    );
    json_output(data, &line)["id"].as_i64().unwrap()
}

fn report(data: &Path, sha: &str, job: &str, status: &str) {
    let (stage, name) = job.split_once('/').unwrap();
    stdout(
        data,
        &format!(
            "report --repo acme/demo --sha {sha} --ref dev --stage {stage} --name {name} --status {status}"
        ),
    );
}

fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

/// The states of a destination, when they fulfil the condition.
fn states(data: &Path, server: &Server, id: i64, condition: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut found = Vec::new();
    server.wait_until("the states", || {
        found = json_output(data, &format!("forward states --repo acme/demo {id} --limit 100"))
            .as_array()
            .unwrap()
            .clone();
        condition(&found)
    });
    found
}

fn all(found: &[Value], progress: &str) -> bool {
    !found.is_empty() && found.iter().all(|state| state["progress"] == progress)
}

fn texts<'a>(handled: &'a [Handled], field: &str) -> Vec<&'a str> {
    handled.iter().map(|request| request.text(field)).collect()
}

#[test]
fn a_status_arrives_after_failures_and_limits() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let limited = |headers| Answer { headers, ..Answer::new(429) };
    let forge = Forge::start(move |n, _| match n {
        0 => Answer::new(502),
        1 => limited("Retry-After: 1\r\n"),
        2 => limited("Date: Sun, 29 Nov 2026 10:00:00 GMT\r\nRetry-After: Sun, 29 Nov 2026 10:00:01 GMT\r\n"),
        _ => Answer::new(201),
    });
    let server = start(data, "s3cret");
    let id = create(data, "github", &forge.url(), "acme/demo", "");
    report(data, &sha('a'), "build/x", "running");
    let found = states(data, &server, id, |found| all(found, "sent"));
    assert_eq!(
        (&found[0]["context"], &found[0]["sent_state"]),
        (&json!("stagepost/external"), &json!("pending"))
    );
    assert_eq!((&found[0]["attempts"], &found[0]["last_status"]), (&json!(4), &json!(201)));
    let handled = forge.handled();
    assert_eq!(handled.iter().map(|request| request.status).collect::<Vec<_>>(), [502, 429, 429, 201]);
    let last = handled.last().unwrap();
    assert_eq!(last.line, format!("POST /repos/acme/demo/statuses/{}", sha('a')));
    assert_eq!(last.header("authorization"), "Bearer s3cret");
    assert_eq!((last.text("state"), last.text("description")), ("pending", "In progress"));

    // No response contains the token, and a new URL needs it again.
    for line in ["forward list --repo acme/demo", "--json forward list --repo acme/demo"] {
        assert!(!stdout(data, line).contains("s3cret"));
    }
    let (code, message) =
        failure(data, &format!("forward update --repo acme/demo {id} --url https://x.example"));
    assert!(code == Some(1) && message.contains("token"), "{message}");
    assert!(!server.log().contains("s3cret"));
    stdout(data, &format!("forward delete --repo acme/demo {id}"));
    assert_eq!(stdout(data, "forward list --repo acme/demo"), "");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn only_the_newest_state_is_sent_and_a_refusal_stops_one_state() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let forge = Forge::start(|_, request| match request.line.contains(&sha('c')) {
        true => Answer { body: r#"{"message":"Not Found"}"#, ..Answer::new(404) },
        // The state changes while the forge handles the first one.
        false => Answer { delay: Duration::from_millis(1_500), ..Answer::new(201) },
    });
    let server = start(data, "t");
    let id = create(data, "gitea", &forge.url(), "acme/demo", " --job build/* --except-source nightly");
    report(data, &sha('b'), "build/x", "pending");
    server.wait_until("the attempt", || {
        let found = json_output(data, &format!("forward states --repo acme/demo {id}"));
        found[0]["attempts"] == json!(1)
    });
    for status in ["running", "failed"] {
        report(data, &sha('b'), "build/x", status);
        report(data, &sha('b'), "test/y", status);
    }
    report(data, &sha('c'), "build/x", "success");
    let found = states(data, &server, id, |found| {
        found.len() == 2 && found.iter().all(|state| state["progress"] != "pending")
    });
    assert_eq!((&found[0]["progress"], &found[0]["reason"]), (&json!("stopped"), &json!("refused")));
    assert!(found[0]["last_response"].as_str().unwrap().contains("Not Found"), "{found:?}");
    assert_eq!((&found[1]["progress"], &found[1]["sent_state"]), (&json!("sent"), &json!("failure")));
    let handled: Vec<Handled> = forge.handled();
    let of_b: Vec<Handled> =
        handled.iter().filter(|request| request.line.contains(&sha('b'))).cloned().collect();
    assert_eq!(texts(&of_b, "state"), ["pending", "failure"]);
    assert_eq!(of_b[0].line, format!("POST /api/v1/repos/acme/demo/statuses/{}", sha('b')));
    assert_eq!(of_b[0].header("authorization"), "token t");
    assert_eq!(of_b[0].text("context"), "stagepost/external/build/x");

    let before = forge.handled().len();
    assert_eq!(json_output(data, &format!("forward retry --repo acme/demo {id}"))["retried"], 1);
    states(data, &server, id, |found| found[0]["progress"] == "stopped" && forge.handled().len() > before);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn gitlab_and_bitbucket_get_what_they_need() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let gitlab = Forge::start(|n, _| match n {
        0 => Answer { body: r#"{"id":5,"pipeline_id":77}"#, ..Answer::new(201) },
        1 => Answer { body: r#"{"message":"Cannot transition status via :run"}"#, ..Answer::new(400) },
        // The pipeline of the first status does not exist any more.
        2 => Answer { body: r#"{"message":"404 Not Found"}"#, ..Answer::new(404) },
        _ => Answer { body: r#"{"id":6,"pipeline_id":78}"#, ..Answer::new(201) },
    });
    let bitbucket = Forge::start(|_, request| match request.line.starts_with("GET") {
        true => Answer { body: r#"{"message":"no"}"#, ..Answer::new(401) },
        false => Answer::new(204),
    });
    let server = start(data, "t");
    let lab = create(data, "gitlab", &format!("{}/api/v4", gitlab.url()), "acme/team/demo", "");
    let bucket = create(data, "bitbucket", &bitbucket.url(), "ACME/demo", "");
    for (status, count) in [("pending", 1), ("running", 2), ("success", 3)] {
        report(data, &sha('d'), "build/x", status);
        server.wait_until("the request", || gitlab.handled().len() >= count);
    }
    states(data, &server, lab, |found| all(found, "sent") && found[0]["sent_state"] == "success");
    let handled = gitlab.handled();
    assert_eq!(texts(&handled, "state"), ["pending", "running", "success", "success"]);
    assert_eq!(texts(&handled, "ref"), ["dev"; 4]);
    let pipelines: Vec<&Value> = handled.iter().map(|request| &request.body["pipeline_id"]).collect();
    assert_eq!(pipelines, [&Value::Null, &json!(77), &json!(77), &Value::Null]);
    let line = format!("POST /api/v4/projects/acme%2Fteam%2Fdemo/statuses/{}", sha('d'));
    assert_eq!((handled[0].line.as_str(), handled[0].header("private-token")), (line.as_str(), "t"));

    states(data, &server, bucket, |found| all(found, "sent") && found[0]["sent_state"] == "SUCCESSFUL");
    let handled = bitbucket.handled();
    let last = handled.last().unwrap();
    let line = format!("POST /rest/api/latest/projects/ACME/repos/demo/commits/{}/builds", sha('d'));
    assert_eq!((last.line.as_str(), last.text("ref")), (line.as_str(), "refs/heads/dev"));
    assert_eq!((last.text("key"), last.text("state")), ("stagepost/external", "SUCCESSFUL"));
    assert!(last.text("url").starts_with(&bitbucket.url()), "{last:?}");
    let (code, message) = failure(data, &format!("forward test --repo acme/demo {bucket}"));
    assert!(code == Some(1) && message.contains("401"), "{message}");
    let tested = bitbucket.handled().pop().unwrap();
    assert_eq!(tested.line, "GET /rest/api/latest/projects/ACME/repos/demo");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn the_networks_of_webhooks_apply() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let forge = Forge::start(|_, _| Answer::new(201));
    let server = start(data, "t");
    let id = create(data, "github", &forge.url(), "acme/demo", "");
    assert_eq!(server.terminate(), Some(0));
    let server = Server::ready(data);
    report(data, &sha('e'), "build/x", "success");
    let found = states(data, &server, id, |found| found[0]["reason"] == "failing");
    assert!(found[0]["last_error"].as_str().unwrap().contains("not in a permitted network"), "{found:?}");
    let line =
        format!("forward create --repo acme/demo github {} a/b --forge-token-file {TOKEN_FILE}", forge.url());
    let (code, message) = failure(data, &line);
    assert!(code == Some(1) && message.contains("--webhook-allow"), "{message}");
    assert!(forge.handled().is_empty());
    assert_eq!(server.terminate(), Some(0));
}
