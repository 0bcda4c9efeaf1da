//! `migrate` of a whole store from SQLite to PostgreSQL and back, with killed runs.

use crate::command::{failure, json_output, run, stdout};
use crate::crash::from_env;
use crate::crash::writers::Random;
use crate::http::Connection;
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use testkit::postgres::Cluster;

/// Starts a migration and kills it at a random moment.
fn migrate_and_kill(data: &Path, from: &str, to: &str, random: &mut Random) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_stagepost"))
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
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Migrates after some killed runs. Returns the tables of the copy. A run that was complete before it was
/// killed leaves a destination that is not empty; then both stores are compared by further copies.
fn migrate(data: &Path, from: &str, to: &str, random: &mut Random) -> Vec<Value> {
    for _ in 0..5 {
        migrate_and_kill(data, from, to, random);
    }
    let output = run(data, &format!("--json migrate --from {from} --to {to}"));
    if output.status.success() {
        return equal_tables(serde_json::from_slice(&output.stdout).unwrap());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("the destination is not empty"), "{message}");
    let [source, destination] = [from, to].map(|store| {
        let copy = tempfile::tempdir().unwrap();
        equal_tables(json_output(
            data,
            &format!("migrate --from {store} --to sqlite:{}", copy.path().display()),
        ))
    });
    assert_eq!(checksums(&source), checksums(&destination));
    destination
}

fn equal_tables(tables: Value) -> Vec<Value> {
    let tables = tables.as_array().unwrap().clone();
    assert!(tables.iter().all(|table| table["equal"] == json!(true)), "{tables:?}");
    tables
}

fn checksums(tables: &[Value]) -> Vec<[&Value; 3]> {
    tables.iter().map(|table| ["table", "rows", "sha256"].map(|name| &table[name])).collect()
}

#[test]
fn a_store_is_migrated_forth_and_back() {
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed}");
    let mut random = Random::new(seed);
    let (data, back, node) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (data, back) = (data.path(), back.path());
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
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
        let response =
            connection.request("POST", "/native/v1/repositories/7/reports", &json!(reports).to_string());
        assert_eq!(response.unwrap().status, 200);
    }
    let database = Cluster::shared().database();
    let (from, to) = (format!("sqlite:{}", data.display()), database.url.as_str());
    let (code, message) = failure(data, &format!("migrate --from {from} --to {to}"));
    assert!(code == Some(1) && message.contains("in use by another stagepost process"), "{message}");
    assert_eq!(server.terminate(), Some(0));

    let forth = migrate(data, &from, to, &mut random);
    let verified = json_output(data, &format!("verify {to}"));
    assert_eq!((&verified["reports"], &verified["differences"]), (&json!(4000), &json!(0)), "{verified}");
    let (code, message) = failure(data, &format!("migrate --from {from} --to {to}"));
    assert!(code == Some(1) && message.contains("the destination is not empty"), "{message}");

    let server = Server::ready_with(node.path(), &["--database", to]);
    let mut connection = Connection::open(server.address());
    let jobs = connection.request("GET", "/native/v1/repositories/7/pipelines/10/jobs?limit=1", "").unwrap();
    let jobs: Value = serde_json::from_str(&jobs.body).unwrap();
    assert_eq!((&jobs["total"], &jobs["jobs"][0]["id"]), (&json!(400), &json!(3601)), "{jobs}");
    assert_eq!(server.terminate(), Some(0));

    let back_again = migrate(data, to, &format!("sqlite:{}", back.display()), &mut random);
    // The server has saved when it ran.
    let content =
        |tables: &[Value]| tables.iter().filter(|table| table["table"] != "settings").cloned().collect();
    let (forth, back_again): (Vec<Value>, Vec<Value>) = (content(&forth), content(&back_again));
    assert_eq!(checksums(&forth), checksums(&back_again), "seed {seed}");
    let verified = json_output(back, "verify");
    assert_eq!((&verified["reports"], &verified["differences"]), (&json!(4000), &json!(0)), "{verified}");
    let server = Server::ready(back);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn an_invalid_store_is_rejected() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let (code, message) = failure(data, "migrate --from mysql://h/d --to sqlite:x");
    assert!(code == Some(2) && message.contains("'mysql://...' is neither a data directory"), "{message}");
    let (code, message) = failure(data, "migrate --from sqlite:nowhere --to sqlite:x");
    assert!(code == Some(1) && message.contains("there is no store at nowhere"), "{message}");
    assert!(!data.join("x").exists(), "no destination is created");
}
