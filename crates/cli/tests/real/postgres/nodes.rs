//! Several nodes on one database behave like one server. `STAGEPOST_RACES` changes the number of rounds.

use crate::crash::create_repository;
use crate::http::Connection;
use crate::race;
use crate::server::{Server, Storage, Store};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Barrier, Mutex};

const CLIENTS: usize = 64;

#[test]
fn two_nodes_behave_like_one() {
    check_nodes(2);
}

#[test]
fn three_nodes_behave_like_one() {
    check_nodes(3);
}

/// In every round all clients post the same first report at the same moment, spread over the nodes. Then one
/// client reports the final status, and all clients must read it from every node, although the nodes have the
/// list in their caches.
fn check_nodes(nodes: usize) {
    let rounds = race::rounds();
    let storage = Storage::new(Store::Postgres);
    let nodes: Vec<Server> = (0..nodes).map(|number| storage.ready(number)).collect();
    create_repository(&nodes[0]);
    let barrier = Barrier::new(CLIENTS);
    let errors = Mutex::new(Vec::new());
    let addresses: Vec<SocketAddr> = nodes.iter().map(Server::address).collect();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (addresses, barrier, errors) = (&addresses, &barrier, &errors);
            scope.spawn(move || {
                let mut posts = Connection::open(addresses[client % addresses.len()]);
                let mut reads = Connection::open(addresses[(client + 1) % addresses.len()]);
                for round in 0..rounds {
                    barrier.wait();
                    let mut outcome = post(&mut posts, round, "running")
                        .and_then(|pipeline| read(&mut reads, pipeline, "running").map(|()| pipeline));
                    barrier.wait();
                    if client == round % CLIENTS {
                        outcome = outcome.and_then(|_| post(&mut posts, round, "success"));
                    }
                    barrier.wait();
                    let outcome = outcome.and_then(|pipeline| read(&mut reads, pipeline, "success"));
                    if let Err(error) = outcome {
                        errors.lock().unwrap().push(format!("client {client}, round {round}: {error}"));
                    }
                }
            });
        }
    });
    let errors = errors.into_inner().unwrap();
    let logs: Vec<String> = nodes.iter().map(Server::log).collect();
    assert!(errors.is_empty(), "{} errors, first: {}\n{}", errors.len(), errors[0], logs.join("\n\n"));
    for node in &nodes {
        let mut connection = Connection::open(node.address());
        for list_name in ["pipelines", "jobs"] {
            let path = format!("/native/v1/repositories/77/{list_name}?limit=1&total=true");
            let response = connection.request("GET", &path, "").unwrap();
            let list: Value = serde_json::from_str(&response.body).unwrap();
            assert_eq!(list["total"], rounds, "{list_name}: {}", response.body);
        }
    }
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
}

/// Reports a status for the job of a round. Returns the id of the pipeline.
fn post(connection: &mut Connection, round: usize, status: &str) -> Result<i64, String> {
    let sha = format!("{round:040x}");
    let body = json!({"sha": sha, "ref": "main", "stage": "build", "name": "compile", "status": status});
    let response = connection.request("POST", "/native/v1/repositories/77/reports", &body.to_string());
    let response = response.map_err(|e| e.to_string())?;
    if response.status != 201 {
        return Err(format!("report: status {} {}", response.status, response.body));
    }
    let receipt: Value = serde_json::from_str(&response.body).map_err(|e| e.to_string())?;
    receipt["pipeline_id"].as_i64().ok_or_else(|| format!("no pipeline: {}", response.body))
}

/// Reads the jobs of a pipeline through the cached call. There must be one job with this status.
fn read(connection: &mut Connection, pipeline: i64, status: &str) -> Result<(), String> {
    let response = connection.request("GET", &format!("/v4/repositories/77/pipelines/{pipeline}/jobs"), "");
    let response = response.map_err(|e| e.to_string())?;
    let jobs: Value = serde_json::from_str(&response.body).map_err(|e| e.to_string())?;
    let statuses: Option<Vec<&str>> =
        jobs.as_array().map(|jobs| jobs.iter().filter_map(|job| job["status"].as_str()).collect());
    if response.status == 200 && statuses.as_deref() == Some(&[status]) {
        return Ok(());
    }
    Err(format!(
        "pipeline {pipeline}, expected one job with status {status}: {} {}",
        response.status, response.body
    ))
}
