//! A whole store moved by the real binary, which is killed on the way: from SQLite to PostgreSQL, served there, and back.

use crate::crash::from_env;
use crate::crash::writers::Random;
use crate::http::Connection;
use crate::server::Server;
use crate::upkeep::{failed, said, told};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use testkit::postgres::Cluster;

/// Starts a move and kills it at some moment.
fn move_and_kill(data: &Path, from: &str, to: &str, random: &mut Random) {
    let mut moving = Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .current_dir(data)
        .args(["migrate", "--from", from, "--to", to])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..random.within(0, 60_000) {
        std::thread::yield_now();
    }
    moving.kill().unwrap();
    moving.wait().unwrap();
}

/// Moves, after some tries that were killed. What the last try prints.
fn moved(data: &Path, from: &str, to: &str, random: &mut Random) -> Vec<Value> {
    for _ in 0..5 {
        move_and_kill(data, from, to, random);
    }
    let tables = told(data, &format!("migrate --from {from} --to {to}"));
    let tables = tables.as_array().unwrap().clone();
    assert!(tables.iter().all(|table| table["equal"] == json!(true)), "{tables:?}");
    tables
}

fn sums(tables: &[Value]) -> Vec<[&Value; 3]> {
    tables.iter().map(|table| ["table", "rows", "sha256"].map(|name| &table[name])).collect()
}

#[test]
fn a_store_moves_there_and_back() {
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed}");
    let mut random = Random::new(seed);
    let (data, back, node) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (data, back) = (data.path(), back.path());
    let server = Server::ready(data);
    said(data, "repo add acme/demo --id 7");
    let mut connection = Connection::open(server.address());
    for pipeline in 0..10 {
        let report = |job: usize| {
            let status = ["pending", "running", "success", "failed"][job % 4];
            json!({
                "sha": format!("{pipeline:040x}"), "ref": "main", "name": format!("任务 {job}"), "third_build_id": "b",
                "status": status, "coverage": 0.1 + (job % 99) as f64,
            })
        };
        let reports: Vec<Value> = (0..400).map(report).collect();
        let answer =
            connection.request("POST", "/native/v1/repositories/7/reports", &json!(reports).to_string());
        assert_eq!(answer.unwrap().status, 200);
    }
    let database = Cluster::shared().database();
    let (from, to) = (format!("sqlite:{}", data.display()), database.url.as_str());
    let (code, why) = failed(data, &format!("migrate --from {from} --to {to}"));
    assert!(code == Some(1) && why.contains("in use by another stagepost process"), "{why}");
    assert_eq!(server.terminate(), Some(0));

    let there = moved(data, &from, to, &mut random);
    let verified = told(data, &format!("verify {to}"));
    assert_eq!((&verified["reports"], &verified["differences"]), (&json!(4000), &json!(0)), "{verified}");
    let (code, why) = failed(data, &format!("migrate --from {from} --to {to}"));
    assert!(code == Some(1) && why.contains("the destination is not empty"), "{why}");

    let server = Server::ready_with(node.path(), &["--database", to]);
    let mut connection = Connection::open(server.address());
    let jobs = connection.request("GET", "/native/v1/repositories/7/pipelines/10/jobs?limit=1", "").unwrap();
    let jobs: Value = serde_json::from_str(&jobs.body).unwrap();
    assert_eq!((&jobs["total"], &jobs["jobs"][0]["id"]), (&json!(400), &json!(3601)), "{jobs}");
    assert_eq!(server.terminate(), Some(0));

    let here = moved(data, to, &format!("sqlite:{}", back.display()), &mut random);
    assert_eq!(sums(&there), sums(&here), "seed {seed}");
    assert_eq!(told(back, "verify")["differences"], 0);
    let server = Server::ready(back);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn what_is_no_store_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let (code, why) = failed(data, "migrate --from mysql://h/d --to sqlite:x");
    assert!(code == Some(2) && why.contains("'mysql://h/d' is neither a data directory"), "{why}");
    let (code, why) = failed(data, "migrate --from sqlite:nowhere --to sqlite:x");
    assert!(code == Some(1) && why.contains("there is no store at nowhere"), "{why}");
    assert!(!data.join("x").exists(), "nothing is made for nothing");
}
