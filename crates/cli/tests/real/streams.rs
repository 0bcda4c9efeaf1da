//! Many who follow and nobody who speaks: what 2,000 idle streams cost, and that all of them hear.

use crate::server::{Server, TOKEN};
use crate::upkeep::said;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const STREAMS: usize = 2_000;
/// What takes this long never comes.
const HANGS: Duration = Duration::from_secs(60);

/// Resident memory of a process, in KiB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    let mut some = [0; 4_096];
    while !String::from_utf8_lossy(&text).contains(end) {
        let read = stream.read(&mut some).unwrap();
        assert!(read > 0, "the stream ended: {}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&some[..read]);
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn two_thousand_idle_streams_cost_little_and_all_hear() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    said(data, "repo add acme/demo --id 7");
    let report = |status: &str| {
        let sha = "1".repeat(40);
        said(
            data,
            &format!(
                "report --repo acme/demo --ref dev --sha {sha} --name build --build-id 1 --status {status}"
            ),
        );
    };
    report("pending");
    let idle = resident(server.id());
    let request =
        format!("GET /native/v1/events?repository=7 HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {TOKEN}\r\n\r\n");
    let mut streams: Vec<TcpStream> = (0..STREAMS)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.set_read_timeout(Some(HANGS)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    for stream in &mut streams {
        read_until(stream, "{\"last_event_id\":1}\n\n");
    }
    let following = resident(server.id());
    report("success");
    for stream in &mut streams {
        let told = read_until(stream, "\"status\":\"success\"");
        assert_eq!(told.matches("event: job\n").count(), 1, "{told}");
    }
    let told = resident(server.id());
    let most = following.max(told).saturating_sub(idle);
    println!("{STREAMS} streams: {most} KiB over the idle {idle} KiB");
    assert!(most < 100 * 1_024, "{most} KiB over the idle {idle} KiB");
    drop(streams);
    assert_eq!(server.terminate(), Some(0));
}
