//! Recorded verdicts of gates with the real binary: the event stream and a webhook tell each change once, also one by
//! time alone, and also after a kill between a report and its record.

use crate::command::{json_output, stdout};
use crate::receiver::{OK, Receiver};
use crate::server::{Server, Storage, Store, TOKEN};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

const ALLOW: [&str; 2] = ["--webhook-allow", "127.0.0.0/8"];
const RULES: &str = r#"
[[rules]]
targets = ["main"]

[[rules.requirements]]
job = "unit"
absent_after = 5
"#;

/// Adds the repository 7 with rules.
fn fill(data: &Path) {
    stdout(data, "repo add acme/demo --id 7");
    std::fs::write(data.join("gates.toml"), RULES).unwrap();
    stdout(data, "gate apply gates.toml --repo 7");
}

fn report(data: &Path, sha: &str, job: &str, status: &str) {
    let (name, build) = job.split_once('#').unwrap();
    let job = format!("--name {name} --build-id {build} --status {status}");
    stdout(data, &format!("report --repo 7 --ref dev --sha {sha} {job}"));
}

/// The gates of the next events of the stream of the repository 7, after the event `after`.
struct Gates(BufReader<TcpStream>);

impl Gates {
    fn follow(server: &Server, after: i64) -> Self {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let target = format!("/native/v1/events?repository=7&after={after}");
        write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {TOKEN}\r\n\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream has ended");
            let data = line.strip_prefix("data: ").map(|data| serde_json::from_str::<Value>(data).unwrap());
            if let Some(data) = data.filter(|data| data["type"] == "gate") {
                return data["gate"].clone();
            }
        }
    }
}

#[test]
fn a_verdict_that_changes_is_told_also_when_only_time_passes() {
    changes_are_told(Store::Sqlite);
}

#[test]
fn a_verdict_that_changes_is_told_also_when_only_time_passes_on_postgres() {
    changes_are_told(Store::Postgres);
}

fn changes_are_told(store: Store) {
    let storage = Storage::new(store);
    let data = &storage.node(0);
    let server = storage.ready_with(0, &ALLOW);
    let receiver = Receiver::start(|_| Some(OK));
    fill(data);
    let webhook = json_output(data, &format!("webhook add --repo 7 {} --events gate", receiver.url()));
    let secret = webhook["secret"].as_str().unwrap();
    let mut gates = Gates::follow(&server, 0);
    let sha = "a".repeat(40);
    report(data, &sha, "lint#1", "success");
    let told = |gate: &Value| json!([gate["previous_verdict"], gate["verdict"], gate["changed"]]);
    let unit = |state: &str, before: Option<&str>| json!([{"name": "unit", "state": state, "previous_state": before}]);
    let first = gates.next();
    assert_eq!(told(&first), json!([null, "pending", unit("waiting", None)]));
    assert_eq!((&first["sha"], &first["target"], &first["number"]), (&json!(sha), &json!("main"), &json!(1)));
    let second = gates.next();
    assert_eq!(told(&second), json!(["pending", "missing", unit("missing", Some("waiting"))]));
    report(data, &sha, "unit#1", "success");
    let third = gates.next();
    assert_eq!(told(&third), json!(["missing", "passed", unit("passed", Some("missing"))]));
    let shown = json_output(data, &format!("gate status {sha} --repo 7"));
    assert_eq!((&shown["version"], &shown["verdict"]), (&third["version"], &third["verdict"]));

    for (kind, gate) in [("gate.pending", first), ("gate.missing", second), ("gate.passed", third)] {
        let message = receiver.next(&server);
        assert!(message.is_signed_with(secret), "{message:?}");
        let message = message.json();
        assert_eq!((&message["type"], &message["data"]["gate"]), (&json!(kind), &gate));
        assert_eq!(message["data"].get("pipeline"), None);
    }
    assert!(receiver.is_empty());
    assert_eq!(server.terminate(), Some(0));
}

/// The server is killed as soon as a report is acknowledged, mostly before its verdict is recorded.
#[test]
fn a_kill_after_a_report_loses_no_verdict_and_records_none_twice() {
    const ROUNDS: usize = 8;
    let storage = Storage::new(Store::Sqlite);
    let data = &storage.node(0);
    let mut server = storage.ready(0);
    fill(data);
    let shas: Vec<String> = (0..ROUNDS).map(|round| format!("{round:040x}")).collect();
    for sha in &shas {
        report(data, sha, "unit#1", "success");
        server.kill();
        server = storage.ready(0);
    }
    let mut gates = Gates::follow(&server, 0);
    let mut recorded: Vec<Value> = (0..ROUNDS).map(|_| gates.next()).collect();
    recorded.sort_by_key(|gate| gate["sha"].as_str().unwrap().to_owned());
    for (gate, sha) in recorded.iter().zip(&shas) {
        assert_eq!(
            (&gate["sha"], &gate["verdict"], &gate["number"]),
            (&json!(sha), &json!("passed"), &json!(1))
        );
    }
    report(data, &shas[0], "unit#2", "failed");
    let last = gates.next();
    assert_eq!((&last["sha"], &last["number"]), (&json!(shas[0]), &json!(2)), "nothing was recorded twice");
    assert_eq!(server.terminate(), Some(0));
    storage.verify();
}
