//! Racing reporters: 64 clients post the first status of a commit at the same moment through the GitLab API.
//! GitLab itself creates duplicates or answers 400 and 409; here the result is one pipeline and one job per
//! name. `STAGEPOST_RACES` changes the number of commits.

use crate::crash::from_env;
use crate::http::Connection;
use crate::server::{Server, Storage, Store};
use serde_json::{Value, json};
use std::sync::{Arc, Barrier, Mutex};

const CLIENTS: usize = 64;

/// The commits that all clients report at the same moment.
pub fn rounds() -> usize {
    from_env("STAGEPOST_RACES").map_or(60, |rounds| usize::try_from(rounds).expect("a small number"))
}

/// The body that a client posts.
type Post = fn(client: usize) -> Value;

/// All clients post for the same commit at the same moment, commit after commit, spread over the nodes.
/// Returns all responses other than 201.
fn race(nodes: &[Server], first: usize, rounds: usize, post: Post) -> Vec<String> {
    let start = Arc::new(Barrier::new(CLIENTS));
    let failures = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (start, failures) = (Arc::clone(&start), Arc::clone(&failures));
            let address = nodes[client % nodes.len()].address();
            scope.spawn(move || {
                let mut connection = Connection::open(address).with_credential("PRIVATE-TOKEN");
                let body = post(client).to_string();
                for round in 0..rounds {
                    let path = format!("/api/v4/projects/acme%2Fdemo/statuses/{:040x}", first + round);
                    start.wait();
                    let response = connection.request("POST", &path, &body).unwrap();
                    if response.status != 201 {
                        failures.lock().unwrap().push(format!("{} {}", response.status, response.body));
                    }
                }
            });
        }
    });
    Arc::try_unwrap(failures).unwrap().into_inner().unwrap()
}

#[test]
fn racing_clients_create_one_pipeline_and_one_job_per_name() {
    check_race(Store::Sqlite, 1);
}

#[test]
fn racing_clients_of_several_nodes_create_one_pipeline_and_one_job_per_name() {
    check_race(Store::Postgres, 3);
}

fn check_race(store: Store, nodes: usize) {
    let storage = Storage::new(store);
    let nodes: Vec<Server> = (0..nodes).map(|number| storage.ready(number)).collect();
    let mut connection = Connection::open(nodes[0].address());
    let created =
        connection.request("POST", "/native/v1/repositories", r#"{"path": "acme/demo", "id": 7}"#).unwrap();
    assert_eq!(created.status, 201, "{}", created.body);

    let rounds = rounds();
    let same: Post = |_| json!({"state": "running", "name": "build", "ref": "main"});
    assert_eq!(race(&nodes, 0, rounds, same), Vec::<String>::new());
    // Two reporters of one commit, one of them without a ref, with different states.
    let two: Post = |client| match client % 4 {
        0 => json!({"state": "pending", "context": "ci/unit", "ref": "main"}),
        1 => json!({"state": "pending", "context": "ci/lint"}),
        2 => json!({"state": "running", "context": "ci/unit", "ref": "main"}),
        _ => json!({"state": "running", "context": "ci/lint", "ref": "main"}),
    };
    assert_eq!(race(&nodes, rounds, rounds, two), Vec::<String>::new());

    // The first connection may have reached its idle timeout.
    let mut connection = Connection::open(nodes[0].address());
    let mut total = |path: &str| -> u64 {
        let path = format!("/native/v1/repositories/7/{path}limit=1&total=true");
        let response = connection.request("GET", &path, "").unwrap();
        serde_json::from_str::<Value>(&response.body).unwrap()["total"].as_u64().unwrap()
    };
    let rounds = rounds as u64;
    assert_eq!(total("pipelines?"), 2 * rounds, "one pipeline per commit");
    assert_eq!(total("jobs?name=build&"), rounds);
    assert_eq!(total("jobs?name=ci/unit&"), rounds);
    assert_eq!(total("jobs?name=ci/lint&"), rounds);
    assert_eq!(total("jobs?"), 3 * rounds);
    assert_eq!(total("jobs?status=running&"), 3 * rounds, "no state was lost");
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
    storage.verify();
}
