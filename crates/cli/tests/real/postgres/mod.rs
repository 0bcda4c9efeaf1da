//! Several nodes on one PostgreSQL, and a PostgreSQL that fails under them.

mod interruptions;
mod load;
mod nodes;
mod standby;

use crate::http::Connection;
use crate::server::Server;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// So soon after PostgreSQL is back a node is, too.
const BACK: Duration = Duration::from_secs(1);

/// Waits until a node takes a report and answers a read, and says how long that took. Until then it may say 503, and nothing else.
fn back_after(node: &Server) -> Duration {
    let began = Instant::now();
    let mut connection = Connection::open(node.address());
    let report = r#"{"sha": "ffffffffffffffffffffffffffffffffffffffff", "ref": "back", "name": "back", "status": "running"}"#;
    let mut until = |method: &str, path: &str, body: &str| loop {
        let answer = connection.request(method, path, body).unwrap();
        match answer.status {
            200 | 201 => break,
            503 if began.elapsed() < 20 * BACK => std::thread::sleep(Duration::from_millis(5)),
            other => panic!("{other} {}\n{}", answer.body, node.said()),
        }
    };
    until("POST", "/native/v1/repositories/77/reports", report);
    until("GET", "/native/v1/repositories/77/pipelines?ref=back", "");
    began.elapsed()
}

/// What `/readyz?verbose` says about how safe an acknowledged report is.
fn durability(address: SocketAddr) -> String {
    let answer = Connection::open(address).request("GET", "/readyz?verbose", "").unwrap();
    let line = answer.body.lines().find_map(|line| line.strip_prefix("durability: "));
    line.unwrap_or_else(|| panic!("{} {}", answer.status, answer.body)).to_owned()
}
