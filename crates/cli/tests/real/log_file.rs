//! `--log-file`: a program rotates the log, and the file becomes unusable.

use crate::http::Connection;
use crate::server::{Server, TOKEN};
use rustix::process::Signal;
use std::path::Path;

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// A refused request, which is a line of the log.
fn refused(server: &Server, path: &str) {
    let mut connection = Connection::open(server.address()).with_credential("X-Not-A-Credential");
    assert_eq!(connection.request("GET", path, "").unwrap().status, 401);
}

#[test]
fn a_log_is_rotated_with_a_signal_and_without_one() {
    let directory = tempfile::tempdir().unwrap();
    let (log, first, second) = (
        directory.path().join("stagepost.log"),
        directory.path().join("stagepost.log.1"),
        directory.path().join("stagepost.log.2"),
    );
    std::fs::write(&log, "a line of an earlier start\n").unwrap();
    let path = log.to_str().unwrap();
    let server = Server::ready_with(&directory.path().join("data"), &["--log-file", path]);
    refused(&server, "/native/v1/repositories/1");
    server.wait_until("the first line", || text(&log).contains("/native/v1/repositories/1"));
    assert!(text(&log).starts_with("a line of an earlier start\n"), "the file is appended to");

    std::fs::rename(&log, &first).unwrap();
    server.signal(Signal::HUP);
    server.wait_until("the new file", || text(&log).contains("the log file was opened again"));
    refused(&server, "/native/v1/repositories/2");
    server.wait_until("the second line", || text(&log).contains("/native/v1/repositories/2"));
    assert!(!text(&first).contains("/native/v1/repositories/2"));

    std::fs::rename(&log, &second).unwrap();
    server.wait_until("a new file without a signal", || {
        refused(&server, "/native/v1/repositories/3");
        text(&log).contains("/native/v1/repositories/3")
    });
    assert_eq!(server.terminate(), Some(0));
    assert!(text(&log).contains("INFO stopped\n"), "{}", text(&log));
    // Secrets of the first start and the address are for the person that starts the server.
    let all = text(&first) + &text(&second) + &text(&log);
    assert!(!all.contains("listening on http://") && !all.contains(TOKEN), "{all}");
}

#[test]
fn a_log_file_that_cannot_be_opened_gives_one_message_on_stderr() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("missing/stagepost.log");
    let path = log.to_str().unwrap();
    let server = Server::ready_with(&directory.path().join("data"), &["--log-file", path]);
    for id in 1..=3 {
        refused(&server, &format!("/native/v1/repositories/{id}"));
    }
    server.wait_until("the lines", || server.logged(&["/native/v1/repositories/3"]).len() == 1);
    let message = server.logged(&["cannot write the log file; the log goes to stderr"]);
    assert_eq!(message.len(), 1, "{message:?}");
    assert!(message[0].contains(path) && message[0].contains("No such file"), "{message:?}");

    std::fs::create_dir(log.parent().unwrap()).unwrap();
    refused(&server, "/native/v1/repositories/4");
    server.wait_until("the file", || text(&log).contains("/native/v1/repositories/4"));
    server.wait_until("the message", || text(&log).contains("the log file is written again"));
    assert_eq!(server.terminate(), Some(0));
}
