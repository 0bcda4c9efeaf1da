//! One client that works beside fifty connections of another one that send requests as fast as they can. How long the
//! client waits is measured by `cargo xtask load --only fairness`; here is counted whom it waits for.

use crate::http::Connection;
use crate::server::Server;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Connections that send without a pause, half of them lists and half of them reports.
const OTHERS: usize = 50;
/// Requests of the client that works.
const REQUESTS: usize = 60;
const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn create(connection: &mut Connection, target: &str, body: &Value) -> Value {
    let created = connection.request("POST", target, &body.to_string()).unwrap();
    assert_eq!(created.status, 201, "{}", created.body);
    serde_json::from_str(&created.body).unwrap()
}

fn report(name: &str) -> String {
    json!({"sha": SHA, "ref": "dev", "stage": "test", "name": name, "status": "success"}).to_string()
}

/// Sends lists or reports until `stop`; `done` counts the responses, `waiting` the requests without one.
fn hammer(address: SocketAddr, repository: &Value, n: usize, state: &(AtomicBool, AtomicUsize, AtomicUsize)) {
    let (stop, done, waiting) = state;
    let mut connection = Connection::open(address);
    let reports = format!("/native/v1/repositories/{repository}/reports");
    // Each page differs, so that no response is repeated from memory.
    let lists = format!("/native/v1/repositories/{repository}/jobs?status=failed,success&sort=-id&limit=50");
    for round in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        waiting.fetch_add(1, Ordering::SeqCst);
        let response = match n % 2 {
            0 => connection.request("GET", &lists, ""),
            _ => connection.request("POST", &reports, &report(&format!("{n}-{}", round % 100))),
        };
        waiting.fetch_sub(1, Ordering::SeqCst);
        done.fetch_add(1, Ordering::SeqCst);
        let response = response.unwrap();
        // More than its share of a queue is refused; nothing else is.
        assert!([200, 201, 503].contains(&response.status), "{} {}", response.status, response.body);
    }
}

#[test]
fn a_client_is_served_while_fifty_connections_of_another_one_wait() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    let mut admin = Connection::open(server.address());
    let mut tenant = |name: &str| {
        let id =
            create(&mut admin, "/native/v1/repositories", &json!({"path": format!("{name}/demo")}))["id"]
                .clone();
        create(&mut admin, "/native/v1/users", &json!({"name": name, "password": "correct horse battery"}));
        let member = format!("/native/v1/repositories/{id}/members/{name}");
        assert!(admin.request("PUT", &member, r#"{"role":"report"}"#).unwrap().status < 300);
        let token = json!({"name": "ci", "scope": "report"});
        let token = create(&mut admin, &format!("/native/v1/users/{name}/tokens"), &token);
        let token = token["token"].as_str().unwrap().to_owned();
        (id, token)
    };
    let (noisy, _) = tenant("noisy");
    let (quiet, token) = tenant("quiet");

    let state = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let mut overtaken = Vec::new();
    let mut waited = Vec::new();
    thread::scope(|scope| {
        for n in 0..OTHERS {
            let (noisy, state, address) = (&noisy, &state, server.address());
            scope.spawn(move || hammer(address, noisy, n, state));
        }
        server.wait_until("all others", || state.1.load(Ordering::SeqCst) > OTHERS * 2);
        let mut connection = Connection::open(server.address()).with_token(&token);
        let reports = format!("/native/v1/repositories/{quiet}/reports");
        let lists = format!("/native/v1/repositories/{quiet}/jobs?sort=-id");
        for n in 0..REQUESTS {
            let before = state.1.load(Ordering::SeqCst);
            let response = match n % 2 {
                0 => connection.request("POST", &reports, &report(&n.to_string())),
                _ => connection.request("GET", &lists, ""),
            };
            waited.push(state.2.load(Ordering::SeqCst));
            overtaken.push(state.1.load(Ordering::SeqCst) - before);
            let status = response.unwrap().status;
            assert!([200, 201].contains(&status), "request {n}: {status}");
        }
        state.0.store(true, Ordering::Relaxed);
    });
    waited.sort_unstable();
    overtaken.sort_unstable();
    let median = |sorted: &[usize]| sorted[sorted.len() / 2];
    println!("{} others wait, {} were served before", median(&waited), median(&overtaken));
    assert!(median(&waited) > OTHERS / 2, "the others wait meanwhile: {waited:?}");
    // A turn of every other connection is fair; a queue in order of arrival of all their requests is not.
    assert!(median(&overtaken) <= 2 * OTHERS, "{overtaken:?}");
}
