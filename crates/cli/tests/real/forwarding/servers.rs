//! A second server is the forge, in each of its dialects; and two servers that forward to each other.

use super::{create, report, sha, start, states};
use crate::command::stdout;
use crate::http::Connection;
use crate::server::{Server, TOKEN};
use serde_json::{Value, json};

const REPOSITORIES: [&str; 4] = ["acme/gh", "acme/gl", "acme/gt", "acme/bb"];

fn get(server: &Server, path: &str) -> Value {
    let connection = Connection::open(server.address()).with_credential("Authorization");
    let response = connection.with_token(&format!("Bearer {TOKEN}")).request("GET", path, "").unwrap();
    assert_eq!(response.status, 200, "{path}: {}", response.body);
    serde_json::from_str(&response.body).unwrap()
}

#[test]
fn a_second_server_gets_the_statuses_in_each_dialect() {
    let (data, forge_data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (data, forge_data) = (data.path(), forge_data.path());
    let forge = start(forge_data, TOKEN);
    for path in REPOSITORIES {
        stdout(forge_data, &format!("repo add {path}"));
    }
    let server = start(data, TOKEN);
    let url = format!("http://{}", forge.address());
    let kinds = ["github", "gitlab", "gitea", "bitbucket"];
    let ids: Vec<i64> =
        kinds.iter().zip(REPOSITORIES).map(|(kind, path)| create(data, kind, &url, path, "")).collect();
    for id in &ids[..3] {
        stdout(data, &format!("forward test --repo acme/demo {id}"));
    }
    let all = [('1', "success"), ('2', "failed"), ('3', "skipped"), ('4', "canceled"), ('5', "running")];
    for (digit, status) in all {
        report(data, &sha(digit), "build/x", "running");
        report(data, &sha(digit), "build/x", status);
    }
    // One more is the test.
    for (id, count) in ids.iter().zip([6, 6, 6, 5]) {
        states(data, &server, *id, |found| {
            found.len() == count && found.iter().all(|state| state["progress"] == "sent")
        });
    }
    let context = "stagepost/external";
    let wanted = |words: [&str; 5]| all.map(|(digit, _)| digit).into_iter().zip(words.map(str::to_owned));
    for (digit, word) in wanted(["success", "failure", "success", "error", "pending"]) {
        let found = get(&forge, &format!("/api/v3/repos/acme/gh/commits/{}/status", sha(digit)));
        let status = &found["statuses"][0];
        assert_eq!((&status["context"], &status["state"]), (&json!(context), &json!(word)), "{found}");
    }
    for (digit, word) in wanted(["success", "failed", "skipped", "canceled", "running"]) {
        let found =
            get(&forge, &format!("/api/v4/projects/acme%2Fgl/repository/commits/{}/statuses", sha(digit)));
        assert_eq!((&found[0]["name"], &found[0]["status"]), (&json!(context), &json!(word)), "{found}");
        assert_eq!(found[0]["ref"], "dev");
    }
    for (digit, word) in wanted(["success", "failure", "skipped", "error", "pending"]) {
        let found = get(&forge, &format!("/api/v1/repos/acme/gt/commits/{}/status", sha(digit)));
        let status = &found["statuses"][0];
        assert_eq!((&status["context"], &status["status"]), (&json!(context), &json!(word)), "{found}");
    }
    for (digit, word) in wanted(["SUCCESSFUL", "FAILED", "SUCCESSFUL", "FAILED", "INPROGRESS"]) {
        let commit = format!("/rest/api/latest/projects/acme/repos/bb/commits/{}", sha(digit));
        let found = get(&forge, &format!("{commit}/builds?key=stagepost%2Fexternal"));
        assert_eq!((&found["state"], &found["ref"]), (&json!(word), &json!("refs/heads/dev")), "{found}");
    }
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(forge.terminate(), Some(0));
}

/// A status that came from the other server is not sent back, neither alone nor as a part of its source.
#[test]
fn two_servers_that_forward_to_each_other_stop_after_one_round() {
    forward_to_each_other(["github", "github"]);
}

#[test]
fn servers_that_forward_in_other_dialects_stop_after_one_round_too() {
    forward_to_each_other(["gitlab", "bitbucket"]);
}

/// `kinds` are those of the destinations for pipelines and for jobs.
fn forward_to_each_other([of_pipelines, of_jobs]: [&str; 2]) {
    let (one_data, two_data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one_data, two_data) = (one_data.path(), two_data.path());
    let (one, two) = (start(one_data, TOKEN), start(two_data, TOKEN));
    let url = |server: &Server| format!("http://{}", server.address());
    let to_two = [
        create(one_data, of_pipelines, &url(&two), "acme/demo", ""),
        create(one_data, of_jobs, &url(&two), "acme/demo", " --job *"),
    ];
    let to_one = [
        create(two_data, of_pipelines, &url(&one), "acme/demo", ""),
        create(two_data, of_jobs, &url(&one), "acme/demo", " --job *"),
    ];
    report(one_data, &sha('6'), "build/x", "failed");
    for id in to_two {
        states(one_data, &one, id, |found| found.len() == 1 && found[0]["progress"] == "sent");
    }
    let statuses = |server: &Server| {
        let found = get(server, &format!("/api/v3/repos/acme/demo/commits/{}/status", sha('6')));
        let statuses = found["statuses"].as_array().unwrap().clone();
        let mut pairs: Vec<_> = statuses
            .iter()
            .map(|status| (status["context"].as_str().unwrap().to_owned(), status["state"].clone()))
            .collect();
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        pairs
    };
    let failure = |context: &str| (context.to_owned(), json!("failure"));
    assert_eq!(statuses(&two), [failure("stagepost/external"), failure("stagepost/external/build/x")]);
    // What the second server reports itself goes to the first one, and does not come back either.
    report(two_data, &sha('6'), "build/own", "success");
    for id in to_one {
        states(two_data, &two, id, |found| found.len() == 1 && found[0]["progress"] == "sent");
    }
    let of_two = statuses(&one);
    let contexts: Vec<&str> = of_two.iter().map(|(context, _)| context.as_str()).collect();
    assert!(contexts.contains(&"stagepost/external/build/own"), "{contexts:?}");
    assert!(
        of_two.contains(&("stagepost/external".to_owned(), json!("success"))),
        "without what came from here"
    );
    for id in to_two {
        let found = states(one_data, &one, id, |found| found.iter().all(|state| state["progress"] == "sent"));
        assert_eq!((found.len(), &found[0]["sent_description"]), (1, &json!("Failed")), "{found:?}");
    }
    assert_eq!(one.terminate(), Some(0));
    assert_eq!(two.terminate(), Some(0));
}
