//! Several nodes on one PostgreSQL database, and failures of PostgreSQL.

mod interruptions;
mod load;
mod nodes;
mod standby;

use crate::http::Connection;
use crate::server::Server;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The maximum recovery time of a node after PostgreSQL is available again.
const MAX_RECOVERY_TIME: Duration = Duration::from_secs(1);

/// Waits until a node accepts a report and a read, and returns the time. Until then it may respond with 503
/// only.
fn recovery_time(node: &Server) -> Duration {
    let start = Instant::now();
    let mut connection = Connection::open(node.address());
    let report = r#"{"sha": "ffffffffffffffffffffffffffffffffffffffff", "ref": "back", "name": "back", "status": "running"}"#;
    let mut until = |method: &str, path: &str, body: &str| loop {
        let response = connection.request(method, path, body).unwrap();
        match response.status {
            200 | 201 => break,
            503 if start.elapsed() < 20 * MAX_RECOVERY_TIME => std::thread::sleep(Duration::from_millis(5)),
            other => panic!("{other} {}\n{}", response.body, node.log()),
        }
    };
    until("POST", "/native/v1/repositories/77/reports", report);
    until("GET", "/native/v1/repositories/77/pipelines?ref=back", "");
    start.elapsed()
}

/// The durability of acknowledged reports according to `/readyz?verbose`.
fn durability(address: SocketAddr) -> String {
    let response = Connection::open(address).request("GET", "/readyz?verbose", "").unwrap();
    let line = response.body.lines().find_map(|line| line.strip_prefix("durability: "));
    line.unwrap_or_else(|| panic!("{} {}", response.status, response.body)).to_owned()
}
