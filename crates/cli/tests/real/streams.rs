//! 2,000 idle event streams use little memory, and all receive an event, on every node.

use crate::command::stdout;
use crate::server::{Server, Storage, Store, TOKEN};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const STREAMS: usize = 2_000;
/// The timeout of a read.
const TIMEOUT: Duration = Duration::from_secs(60);

fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4_096];
    while !String::from_utf8_lossy(&text).contains(end) {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the stream ended: {}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn two_thousand_idle_streams_use_little_memory_and_all_receive_events() {
    check_idle_streams(Store::Sqlite, 1);
}

#[test]
fn two_thousand_idle_streams_on_two_nodes_use_little_memory_and_all_receive_events() {
    check_idle_streams(Store::Postgres, 2);
}

/// Reports are sent to the first node.
fn check_idle_streams(store: Store, nodes: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let storage = Storage::new(store);
    let data = &storage.node(0);
    let nodes: Vec<Server> = (0..nodes).map(|number| storage.ready(number)).collect();
    stdout(data, "repo add acme/demo --id 7");
    let report = |status: &str| {
        let sha = "1".repeat(40);
        stdout(
            data,
            &format!(
                "report --repo acme/demo --ref dev --sha {sha} --name build --build-id 1 --status {status}"
            ),
        );
    };
    report("pending");
    let resident = || nodes.iter().map(|node| node.resident()).max().unwrap();
    let idle = resident();
    let request =
        format!("GET /native/v1/events?repository=7 HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {TOKEN}\r\n\r\n");
    let mut streams: Vec<TcpStream> = (0..STREAMS)
        .map(|number| {
            let mut stream = TcpStream::connect(nodes[number % nodes.len()].address()).unwrap();
            stream.set_read_timeout(Some(TIMEOUT)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    for stream in &mut streams {
        read_until(stream, "{\"last_event_id\":1}\n\n");
    }
    let following = resident();
    report("success");
    for stream in &mut streams {
        let text = read_until(stream, "\"status\":\"success\"");
        assert_eq!(text.matches("event: job\n").count(), 1, "{text}");
    }
    let after_event = resident();
    let increase = following.max(after_event).saturating_sub(idle);
    println!("{STREAMS} streams: {increase} KiB over the idle {idle} KiB");
    assert!(increase < 100 * 1_024, "{increase} KiB over the idle {idle} KiB");
    drop(streams);
    for node in nodes {
        assert_eq!(node.terminate(), Some(0));
    }
}
