//! The audit log of the binary: the command, the file, and its retention.

use crate::command::{failure, json_output, stdout};
use crate::http::Connection;
use crate::server::{Server, Storage, Store};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::path::Path;

const DAY: i64 = 86_400_000;

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[test]
fn changes_are_listed_offline_too_and_written_to_a_file() {
    check_log(Store::Sqlite);
}

#[test]
fn changes_are_listed_offline_too_and_written_to_a_file_on_postgres() {
    check_log(Store::Postgres);
}

fn check_log(store: Store) {
    let storage = Storage::new(store);
    let data = &storage.node(0);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("audit.jsonl");
    let path = file.to_str().unwrap();
    let server = storage.ready_with(0, &["--audit-log", path, "--upkeep-every", "1s"]);
    // The first start is recorded: the administrator with a key and a token.
    server.wait_until("the first lines", || lines(&file).len() >= 3);
    assert_eq!(actions(&lines(&file))[..3], ["user.create", "key.create", "token.create"]);
    stdout(data, "repo add acme/demo --id 7");
    stdout(data, "user add amy");
    stdout(data, "member set amy report --repo acme/demo");
    server.wait_until("the line of the member", || {
        actions(&lines(&file)).last().copied() == Some("member.set")
    });
    let listed = json_output(data, "audit --repo acme/demo");
    assert_eq!(actions(listed.as_array().unwrap()), ["member.set", "repository.create"]);
    let newest = &listed[0];
    assert_eq!((&newest["actor"]["name"], &newest["after"]), (&json!("admin"), &json!({"role": "report"})));
    assert_eq!((&newest["address"], &newest["credential"]["kind"]), (&json!("127.0.0.1"), &json!("token")));
    assert!(lines(&file).contains(newest), "the file has the entry as the API");
    let table = stdout(data, "audit --action member --actor admin");
    assert!(table.contains("member.set\tmember amy (7)\trole: - -> report\n"), "{table}");
    assert_eq!(failure(data, "audit --action members").0, Some(2));

    // Refusals are summed up.
    let mut stranger = Connection::open(server.address()).with_token("spt_s3cret");
    for _ in 0..3 {
        assert_eq!(stranger.request("GET", "/native/v1/whoami", "").unwrap().status, 401);
    }
    let refusals = || json_output(data, "audit --kind refusal");
    server.wait_until("the refusals", || {
        refusals().as_array().unwrap().iter().map(|entry| entry["count"].as_i64().unwrap()).sum::<i64>() == 3
    });
    assert_eq!(refusals()[0]["reason"], "token");

    // A program rotates the file.
    let rotated = directory.path().join("audit.jsonl.1");
    std::fs::rename(&file, &rotated).unwrap();
    server.signal(Signal::HUP);
    server.wait_until("the new file", || file.exists());
    stdout(data, "user set amy --disabled true");
    server.wait_until("a line in the new file", || actions(&lines(&file)) == ["user.change"]);
    assert_eq!(server.terminate(), Some(0));
    let text = std::fs::read_to_string(&rotated).unwrap() + &std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("s3cret"), "{text}");

    // Offline, the operator is named.
    storage.offline("member remove amy --repo acme/demo");
    let listed = |line: &str| -> Value { serde_json::from_str(&storage.offline(line)).unwrap() };
    let offline = listed("--json audit --action member.remove");
    let actor = &offline[0]["actor"];
    assert_eq!(actor["kind"], "operator");
    assert!(actor["name"].as_str().unwrap().contains("uid "), "{actor}");
    assert_eq!(offline[0]["credential"]["kind"], "offline");
    assert_eq!(listed("--json audit --all").as_array().unwrap().len(), lines(&rotated).len() + 2);
}

#[test]
fn a_file_that_cannot_be_written_stops_nothing() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready_with(data, &["--audit-log", "/dev/full"]);
    stdout(data, "repo add acme/demo --id 7");
    server.wait_until("the log line", || server.log().contains("the audit log cannot be written"));
    let lost = || {
        let metrics = Connection::open(server.address()).request("GET", "/metrics", "").unwrap().body;
        let lost = "stagepost_audit_log_lines_total{result=\"lost\"} ";
        metrics.lines().find_map(|line| line.strip_prefix(lost)?.parse::<u64>().ok())
    };
    server.wait_until("the count", || lost() == Some(5));
    assert_eq!(actions(json_output(data, "audit").as_array().unwrap())[0], "repository.create");
    assert_eq!(server.terminate(), Some(0));
    let missing = Server::spawn_with(data, &["--audit-log", "/nowhere/audit.jsonl"]);
    missing.wait_until("the refusal", || missing.log().contains("/nowhere/audit.jsonl"));
}

#[test]
fn old_entries_are_deleted_after_their_retention() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    assert_eq!(server.terminate(), Some(0));
    let sql = rusqlite::Connection::open(data.join("stagepost.db")).unwrap();
    let age = format!(
        "UPDATE audit SET at = at - {0}, last_at = last_at - {0} WHERE action = 'user.create'",
        9 * DAY
    );
    assert_eq!(sql.execute(&age, []), Ok(1));
    drop(sql);
    let server = Server::ready_with(data, &["--upkeep-every", "1s", "--audit-retention", "none"]);
    let count = || json_output(data, "audit --all").as_array().unwrap().len();
    assert_eq!(count(), 5);
    assert_eq!(server.terminate(), Some(0));
    let server = Server::ready_with(data, &["--upkeep-every", "1s", "--audit-retention", "8d"]);
    server.wait_until("the deletion", || count() == 4);
    server.wait_until("the log line", || server.log().contains("deleted old entries of the audit log"));
    assert_eq!(json_output(data, "audit --action user"), json!([]));
    assert_eq!(server.terminate(), Some(0));
}
