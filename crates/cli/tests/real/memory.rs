//! A server with little memory: many pipelines, tokens and streams stay within it, and more of them need no more.

use crate::http::Connection;
use crate::server::{Server, TOKEN};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const REPOSITORY: i64 = 7;
const ROUNDS: usize = 3;
/// Pipelines of each round, and jobs of each.
const PIPELINES: usize = 1_000;
const JOBS: usize = 10;
/// Pipelines of one request.
const BATCH: usize = 10;
/// Tokens and streams of each round.
const TOKENS: usize = 300;
const STREAMS: usize = 100;
/// What a stream needs in a debug build, in KiB.
const STREAM: u64 = 64;
/// The memory of the server, and how much the process may need beside it, in KiB.
const MEMORY: u64 = 96 << 10;
const BESIDE: u64 = 48 << 10;
/// Growth of the last round beside its streams, in KiB. Its pipelines and their responses are more than 20 MiB.
const GROWTH: u64 = 12 << 10;

/// The value of each label of a metric.
fn metrics(address: SocketAddr, name: &str) -> BTreeMap<String, f64> {
    let text = Connection::open(address).request("GET", "/metrics", "").unwrap().body;
    let value = |line: &str| {
        let (label, value) = line.strip_prefix(name)?.strip_prefix('{')?.split_once("\"} ")?;
        Some((label.split_once("=\"")?.1.to_owned(), value.parse().ok()?))
    };
    text.lines().filter_map(value).collect()
}

fn stream(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let path = format!("/native/v1/events?repository={REPOSITORY}");
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {TOKEN}\r\n\r\n").as_bytes())
        .unwrap();
    let mut byte = [0];
    stream.read_exact(&mut byte).unwrap();
    stream
}

/// Reports the jobs of a round twice, and reads each list twice.
fn report_and_read(connection: &mut Connection, round: usize) {
    let pipelines: Vec<usize> = (round * PIPELINES..(round + 1) * PIPELINES).collect();
    for status in ["running", "success"] {
        for batch in pipelines.chunks(BATCH) {
            let report = |pipeline: usize, job: usize| {
                let (sha, name) = (format!("{pipeline:040x}"), format!("job {job}"));
                let target_url = format!("https://ci.example.com/{pipeline}/{job}");
                json!({
                    "sha": sha, "ref": "main", "stage": "build", "name": name, "status": status,
                    "third_build_id": "1", "target_url": target_url,
                })
            };
            let reports = batch.iter().flat_map(|&pipeline| (0..JOBS).map(move |job| report(pipeline, job)));
            let path = format!("/native/v1/repositories/{REPOSITORY}/reports");
            let response = connection.request("POST", &path, &Value::from_iter(reports).to_string()).unwrap();
            assert!(response.status < 300, "{response:?}");
        }
    }
    for pipeline in pipelines {
        let path = format!("/v4/repositories/{REPOSITORY}/pipelines/{}/jobs?limit=100", pipeline + 1);
        for _ in 0..2 {
            let response = connection.request("GET", &path, "").unwrap();
            assert_eq!(response.body.matches("\"success\"").count(), JOBS, "{path}: {response:?}");
        }
    }
}

fn sign_in_with_new_tokens(connection: &mut Connection, address: SocketAddr) {
    for _ in 0..TOKENS {
        let created =
            connection.request("POST", "/native/v1/users/admin/tokens", r#"{"name":"t","scope":"read"}"#);
        let token: Value = serde_json::from_str(&created.unwrap().body).unwrap();
        let mut caller = Connection::open(address).with_token(token["token"].as_str().unwrap());
        let path = format!("/native/v1/repositories/{REPOSITORY}");
        assert_eq!(caller.request("GET", &path, "").unwrap().status, 200);
    }
}

#[test]
fn pipelines_tokens_and_streams_stay_within_the_memory() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::ready_with(dir.path(), &["--memory", "96MiB"]);
    let address = server.address();
    let mut connection = Connection::open(address);
    let body = json!({"path": "acme/demo", "id": REPOSITORY}).to_string();
    assert_eq!(connection.request("POST", "/native/v1/repositories", &body).unwrap().status, 201);
    let limits = metrics(address, "stagepost_memory_limit_bytes");
    assert_eq!(limits.len(), 13, "{limits:?}");
    let (mut streams, mut used) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        report_and_read(&mut connection, round);
        sign_in_with_new_tokens(&mut connection, address);
        streams.extend((0..STREAMS).map(|_| stream(address)));
        let caches = metrics(address, "stagepost_cache_bytes");
        let budgets = metrics(address, "stagepost_budget_bytes");
        for (part, bytes) in caches.iter().chain(&budgets) {
            assert!(*bytes <= limits[part], "{part}: {bytes} of {limits:?}");
        }
        for full in ["pipelines", "cached responses"] {
            assert!(caches[full] * 4.0 > limits[full], "{full}: too few for a valid test: {caches:?}");
        }
        used.push(server.anonymous());
        println!(
            "{} pipelines, {} streams: {} KiB; {caches:?}",
            (round + 1) * PIPELINES,
            streams.len(),
            used[round]
        );
    }
    let streams = STREAMS as u64 * STREAM;
    // The caches are full after the second round.
    assert!(used[2] <= used[1] + streams + GROWTH, "{used:?} KiB");
    assert!(used[2] <= MEMORY + BESIDE, "{used:?} KiB");
    assert_eq!(server.terminate(), Some(0));
}
