//! The metrics of a running server, the dashboard, and the alert rules, as promtool (Debian's `prometheus`) reads them.

use crate::http::Connection;
use crate::server::{Server, TOKEN};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The greatest size of the metrics of an idle server, in bytes.
const IDLE_MAX: usize = 40 << 10;
const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/monitoring").join(name)
}

/// Status and body of a request without a credential.
fn get(address: SocketAddr, target: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let status = response.split(' ').nth(1).unwrap().parse().unwrap();
    (status, response.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// Runs promtool, and panics with its output if it finds a fault.
fn promtool(arguments: &[&str], input: &str) {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("install the package prometheus");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&text));
}

/// The names of the metrics in lines of a kind, such as `# TYPE`.
fn declared(metrics: &str, start: &str) -> BTreeSet<String> {
    let names = metrics.lines().filter_map(|line| line.strip_prefix(start)?.split(' ').next());
    names.map(str::to_owned).collect()
}

/// The header with the token of an administrator.
fn administrator() -> String {
    format!("X-Auth-Token: {TOKEN}\r\n")
}

/// The metrics for an administrator when the store has been measured.
fn measured(server: &Server) -> String {
    let mut metrics = String::new();
    server.wait_until("the metrics of the store", || {
        metrics = get(server.address(), "/metrics", &administrator()).1;
        metrics.contains("\nstagepost_store_size_bytes ") && metrics.contains("\nstagepost_store_free_bytes ")
    });
    metrics
}

#[test]
fn the_metrics_of_an_idle_server_are_small_and_described() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready_with(data.path(), &["--upkeep-every", "1s"]);
    let metrics = measured(&server);
    println!("{} bytes", metrics.len());
    assert!(metrics.len() < IDLE_MAX, "{} bytes", metrics.len());
    let (types, helps) = (declared(&metrics, "# TYPE "), declared(&metrics, "# HELP "));
    assert_eq!(types, helps, "each metric has both");
    assert!(types.len() > 50, "{types:?}");
    assert!(!metrics.contains("quantile="), "no summary: it cannot be added up over nodes");
    promtool(&["check", "metrics"], &metrics);
}

/// A server whose metrics have every series: of each class of requests, of limits, and of TLS.
fn busy(data: &Path) -> (Server, String) {
    let limits =
        ["--limit-requests", "1000000/s", "--limit-reports", "1000000/s", "--limit-address", "1000000/s"];
    let server = Server::ready_with(data, &[&limits[..], &["--upkeep-every", "1s"]].concat());
    let mut connection = Connection::open(server.address());
    for (path, jobs) in [("acme/demo", 2), ("acme/other", 1)] {
        let new = serde_json::json!({ "path": path }).to_string();
        let created = connection.request("POST", "/native/v1/repositories", &new).unwrap();
        assert_eq!(created.status, 201, "{}", created.body);
        let created: Value = serde_json::from_str(&created.body).unwrap();
        let target = format!("/native/v1/repositories/{}/reports", created["id"]);
        for job in 0..jobs {
            let report =
                serde_json::json!({"sha": SHA, "ref": "dev", "name": format!("j{job}"), "status": "failed"});
            assert_eq!(connection.request("POST", &target, &report.to_string()).unwrap().status, 201);
        }
    }
    assert_eq!(connection.request("GET", "/native/v1/whoami", "").unwrap().status, 200);
    server.wait_until("the jobs", || {
        let metrics = get(server.address(), "/metrics", &administrator()).1;
        let jobs = ["acme/demo\",status=\"failed\"} 2\n", "acme/other\",status=\"failed\"} 1\n"];
        jobs.iter().all(|jobs| metrics.contains(&format!("stagepost_jobs{{repository=\"{jobs}")))
    });
    let metrics = measured(&server);
    (server, metrics)
}

/// The names of our metrics and of those of the process in a query.
fn names_in(query: &str) -> impl Iterator<Item = String> {
    let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("stagepost_") || word.starts_with("process_")).map(str::to_owned)
}

/// Every query of the dashboard, with its variables replaced as Grafana does.
fn dashboard_queries() -> Vec<String> {
    let dashboard: Value =
        serde_json::from_str(&std::fs::read_to_string(packaging("grafana-dashboard.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    let queries = targets.map(|target| target["expr"].as_str().unwrap());
    queries.map(|query| query.replace("$__rate_interval", "5m").replace("$instance", ".*")).collect()
}

#[test]
fn the_dashboard_and_the_alert_rules_are_valid_and_name_metrics_that_exist() {
    let rules = packaging("alerts.yaml");
    promtool(&["check", "rules", rules.to_str().unwrap()], "");
    promtool(&["test", "rules", packaging("alerts.test.yaml").to_str().unwrap()], "");

    let queries = dashboard_queries();
    assert!(queries.len() > 30, "{}", queries.len());
    assert!(queries.iter().all(|query| !query.contains('$')), "{queries:?}");
    // promtool reads a query as a recording rule.
    let dir = tempfile::tempdir().unwrap();
    let mut file = String::from("groups:\n- name: dashboard\n  rules:\n");
    for (n, query) in queries.iter().enumerate() {
        file += &format!("  - record: query:{n}\n    expr: {}\n", serde_json::to_string(query).unwrap());
    }
    let path = dir.path().join("dashboard.yaml");
    std::fs::write(&path, file).unwrap();
    promtool(&["check", "rules", path.to_str().unwrap()], "");

    let (_server, metrics) = busy(&dir.path().join("data"));
    promtool(&["check", "metrics"], &metrics);
    let existing: BTreeSet<&str> = metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    let rules = std::fs::read_to_string(rules).unwrap();
    let of_rules = rules.lines().filter(|line| !line.contains("description:")).flat_map(names_in);
    let named: BTreeSet<String> = of_rules.chain(queries.iter().flat_map(|query| names_in(query))).collect();
    let missing: Vec<_> = named.iter().filter(|name| !existing.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(named.len() > 30, "{named:?}");
}

#[test]
fn the_metrics_name_few_repositories_and_count_the_others_together() {
    let data = tempfile::tempdir().unwrap();
    let (server, metrics) = busy(data.path());
    assert!(metrics.contains("stagepost_jobs{repository=\"acme/demo\",status=\"failed\"}"), "{metrics}");
    assert!(
        metrics.contains("stagepost_reports_total{dialect=\"native\",result=\"accepted\"} 3\n"),
        "{metrics}"
    );
    let anonymous = get(server.address(), "/metrics", "").1;
    assert!(anonymous.contains("stagepost_jobs{repository=\"other\",status=\"failed\"} 3\n"), "{anonymous}");
    assert!(!anonymous.contains("acme/"), "{anonymous}");
    assert_eq!(server.terminate(), Some(0));
    for (named, expected) in [("1", &[" 2", "other"][..]), ("0", &["other"])] {
        let server =
            Server::ready_with(data.path(), &["--upkeep-every", "1s", "--metrics-repositories", named]);
        let metrics = measured(&server);
        let jobs: Vec<&str> = metrics.lines().filter(|line| line.starts_with("stagepost_jobs{")).collect();
        assert_eq!(jobs.len(), expected.len(), "{jobs:?}");
        for text in expected {
            assert!(jobs.iter().any(|line| line.contains(text)), "{jobs:?}");
        }
        assert_eq!(server.terminate(), Some(0));
    }
}

#[test]
fn the_metrics_need_a_token_or_a_listener_of_their_own() {
    let data = tempfile::tempdir().unwrap();
    let token = data.path().join("token");
    std::fs::write(&token, "for-prometheus\n").unwrap();
    let data = data.path().join("data");
    let server = Server::ready(&data);
    assert_eq!(get(server.address(), "/metrics", "").0, 200, "a program of this machine");
    assert_eq!(
        get(server.address(), "/metrics", "X-Forwarded-For: 192.0.2.1\r\n").0,
        401,
        "a client of a proxy"
    );
    assert_eq!(server.terminate(), Some(0));

    let server = Server::ready_with(&data, &["--public-url", "https://ci.example"]);
    assert_eq!(get(server.address(), "/metrics", "").0, 401, "a proxy may send no header");
    assert_eq!(get(server.address(), "/metrics", &administrator()).0, 200);
    assert_eq!(server.terminate(), Some(0));

    let arguments = ["--metrics-token-file", token.to_str().unwrap(), "--metrics-listen", "127.0.0.1:0"];
    let server = Server::ready_with(&data, &arguments);
    assert_eq!(get(server.address(), "/metrics", "").0, 401);
    assert_eq!(get(server.address(), "/metrics", "Authorization: Bearer for-prometheus\r\n").0, 200);
    let line = server.logged(&["metrics on http://"]).concat();
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
    for target in ["/metrics", "/livez", "/readyz"] {
        assert_eq!(get(address, target, "").0, 200, "{target}");
    }
    for target in ["/", "/native/v1/whoami", "/metrics/x", "/v4/user/repositories"] {
        assert_eq!(get(address, target, &administrator()).0, 404, "{target}");
    }
    assert_eq!(server.terminate(), Some(0));
}
