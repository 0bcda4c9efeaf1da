//! Reporters that race: 64 clients that post one commit's first status at the same moment, and two contexts at once, against the real
//! binary in GitLab's dialect. What GitLab answers with duplicates, 400 and 409 ends here as one pipeline and one job a name.

use crate::http::Connection;
use crate::server::{Home, Server, Store};
use serde_json::{Value, json};
use std::sync::{Arc, Barrier, Mutex};

const CLIENTS: usize = 64;
const ROUNDS: usize = 200;

/// What a client posts in a round.
type Post = fn(client: usize) -> Value;

/// All clients post for a commit at the same moment, commit after commit, each to a node of its own choice. Every answer that was not 201.
fn race(nodes: &[Server], first: usize, post: Post) -> Vec<String> {
    let start = Arc::new(Barrier::new(CLIENTS));
    let refused = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (start, refused) = (Arc::clone(&start), Arc::clone(&refused));
            let address = nodes[client % nodes.len()].address();
            scope.spawn(move || {
                let mut connection = Connection::open(address).with_credential("PRIVATE-TOKEN");
                let body = post(client).to_string();
                for round in 0..ROUNDS {
                    let path = format!("/api/v4/projects/acme%2Fdemo/statuses/{:040x}", first + round);
                    start.wait();
                    let answer = connection.request("POST", &path, &body).unwrap();
                    if answer.status != 201 {
                        refused.lock().unwrap().push(format!("{} {}", answer.status, answer.body));
                    }
                }
            });
        }
    });
    Arc::try_unwrap(refused).unwrap().into_inner().unwrap()
}

#[test]
fn however_many_race_there_is_one_pipeline_and_one_job_a_name() {
    one_pipeline_and_one_job_a_name(Store::Sqlite, 1);
}

#[test]
fn however_many_race_through_whichever_nodes_there_is_one_pipeline_and_one_job_a_name() {
    one_pipeline_and_one_job_a_name(Store::Postgres, 3);
}

fn one_pipeline_and_one_job_a_name(store: Store, nodes: usize) {
    let home = Home::new(store);
    let nodes: Vec<Server> = (0..nodes).map(|number| home.ready(number)).collect();
    let mut connection = Connection::open(nodes[0].address());
    let made =
        connection.request("POST", "/native/v1/repositories", r#"{"path": "acme/demo", "id": 7}"#).unwrap();
    assert_eq!(made.status, 201, "{}", made.body);

    let same: Post = |_| json!({"state": "running", "name": "build", "ref": "main"});
    assert_eq!(race(&nodes, 0, same), Vec::<String>::new());
    // Two reporters of one commit, one of them without a ref, and states as they come.
    let two: Post = |client| match client % 4 {
        0 => json!({"state": "pending", "context": "ci/unit", "ref": "main"}),
        1 => json!({"state": "pending", "context": "ci/lint"}),
        2 => json!({"state": "running", "context": "ci/unit", "ref": "main"}),
        _ => json!({"state": "running", "context": "ci/lint", "ref": "main"}),
    };
    assert_eq!(race(&nodes, ROUNDS, two), Vec::<String>::new());

    // The first may have waited too long by now.
    let mut connection = Connection::open(nodes[0].address());
    let mut total = |path: &str| -> u64 {
        let path = format!("/native/v1/repositories/7/{path}limit=1&total=true");
        let answer = connection.request("GET", &path, "").unwrap();
        serde_json::from_str::<Value>(&answer.body).unwrap()["total"].as_u64().unwrap()
    };
    let rounds = ROUNDS as u64;
    assert_eq!(total("pipelines?"), 2 * rounds, "one pipeline a commit");
    assert_eq!(total("jobs?name=build&"), rounds);
    assert_eq!(total("jobs?name=ci/unit&"), rounds);
    assert_eq!(total("jobs?name=ci/lint&"), rounds);
    assert_eq!(total("jobs?"), 3 * rounds);
    assert_eq!(total("jobs?status=running&"), 3 * rounds, "no state was lost");
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
    home.verify();
}
