//! Several nodes on one database: clients notice nothing of it.

use crate::crash::create_repository;
use crate::http::Connection;
use crate::server::{Home, Server, Store};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Barrier, Mutex};

const CLIENTS: usize = 64;
const ROUNDS: usize = 200;

#[test]
fn two_nodes_are_as_one() {
    are_as_one(2);
}

#[test]
fn three_nodes_are_as_one() {
    are_as_one(3);
}

/// In every round all clients post the same first report at once, each to a node of its own choice. Then one reports the end, and all
/// see it on whichever node they read, though each node had the list before.
fn are_as_one(nodes: usize) {
    let home = Home::new(Store::Postgres);
    let nodes: Vec<Server> = (0..nodes).map(|number| home.ready(number)).collect();
    create_repository(&nodes[0]);
    let together = Barrier::new(CLIENTS);
    let wrong = Mutex::new(Vec::new());
    let addresses: Vec<SocketAddr> = nodes.iter().map(Server::address).collect();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (at, together, wrong) = (&addresses, &together, &wrong);
            scope.spawn(move || {
                let mut posts = Connection::open(at[client % at.len()]);
                let mut reads = Connection::open(at[(client + 1) % at.len()]);
                for round in 0..ROUNDS {
                    together.wait();
                    let mut outcome = post(&mut posts, round, "running")
                        .and_then(|pipeline| read(&mut reads, pipeline, "running").map(|()| pipeline));
                    together.wait();
                    if client == round % CLIENTS {
                        outcome = outcome.and_then(|_| post(&mut posts, round, "success"));
                    }
                    together.wait();
                    let outcome = outcome.and_then(|pipeline| read(&mut reads, pipeline, "success"));
                    if let Err(why) = outcome {
                        wrong.lock().unwrap().push(format!("client {client}, round {round}: {why}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let said: Vec<String> = nodes.iter().map(Server::said).collect();
    assert!(wrong.is_empty(), "{} wrong answers, first: {}\n{}", wrong.len(), wrong[0], said.join("\n\n"));
    for node in &nodes {
        let mut connection = Connection::open(node.address());
        for of in ["pipelines", "jobs"] {
            let path = format!("/native/v1/repositories/77/{of}?limit=1&total=true");
            let answer = connection.request("GET", &path, "").unwrap();
            let list: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(list["total"], ROUNDS, "{of}: {}", answer.body);
        }
    }
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
}

/// Reports on the job of a round. The id of its pipeline.
fn post(connection: &mut Connection, round: usize, status: &str) -> Result<i64, String> {
    let body = json!({"sha": format!("{round:040x}"), "ref": "main", "stage": "build", "name": "compile", "status": status});
    let answer = connection.request("POST", "/native/v1/repositories/77/reports", &body.to_string());
    let answer = answer.map_err(|e| e.to_string())?;
    if answer.status != 201 {
        return Err(format!("a report was answered {} {}", answer.status, answer.body));
    }
    let receipt: Value = serde_json::from_str(&answer.body).map_err(|e| e.to_string())?;
    receipt["pipeline_id"].as_i64().ok_or_else(|| format!("no pipeline: {}", answer.body))
}

/// Reads the jobs of a pipeline by the call whose answers are kept: there is one, and it is this far.
fn read(connection: &mut Connection, pipeline: i64, status: &str) -> Result<(), String> {
    let answer = connection.request("GET", &format!("/v4/repositories/77/pipelines/{pipeline}/jobs"), "");
    let answer = answer.map_err(|e| e.to_string())?;
    let jobs: Value = serde_json::from_str(&answer.body).map_err(|e| e.to_string())?;
    let found: Option<Vec<&str>> =
        jobs.as_array().map(|jobs| jobs.iter().filter_map(|job| job["status"].as_str()).collect());
    if answer.status == 200 && found.as_deref() == Some(&[status]) {
        return Ok(());
    }
    Err(format!("pipeline {pipeline}, which has one job, {status}: {} {}", answer.status, answer.body))
}
