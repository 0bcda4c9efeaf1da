//! `wait` and `watch` as gates of a merge: which commit and which jobs open one, and a proxy that holds back the
//! event stream.

use crate::command::{failure, run, stdout};
use crate::proxy::Proxy;
use crate::server::TOKEN;
use crate::watch::{RunningCommand, SHA, report, start};
use std::process::Command;

#[test]
fn only_a_full_commit_id_opens_a_gate() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let _server = start(data);
    report(data, "unit", "success");
    let other = "b".repeat(40);
    for sha in ["", "1", &SHA[..7], &SHA[..39], "dev", &format!("{SHA}a")] {
        for command in ["wait --require unit --timeout 0s", "watch --settle 0s", "watch 1 --settle 0s"] {
            let (code, message) = failure(data, &format!("{command} --repo 7 --sha={sha}"));
            assert_eq!(code, Some(2), "{command} {sha}: {message}");
            assert!(message.contains("full commit id"), "{message}");
        }
    }
    let wait = |sha: &str| run(data, &format!("wait --repo 7 --require unit --timeout 0s --sha {sha}"));
    assert_eq!(wait(SHA).status.code(), Some(0));
    assert_eq!(wait(&SHA.to_uppercase()).status.code(), Some(0), "the case does not matter");
    assert_eq!(wait(&other).status.code(), Some(8), "another commit has not succeeded");
    assert_eq!(failure(data, &format!("watch 1 --repo 7 --sha {other}")).0, Some(6));
}

#[test]
fn a_required_name_is_complete_before_it_is_a_list() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let _server = start(data);
    let wait = |arguments: &str| {
        let output = run(data, &format!("wait --repo 7 --sha {SHA} --timeout 0s {arguments}"));
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    for empty in
        ["--require=", "--require=+", "--require=,", "--require=a,", "--require=a,,b", "--require=a,+,b"]
    {
        assert_eq!(wait(empty), (Some(2), String::new()), "{empty}");
        assert_eq!(wait(&format!("--require a {empty}")).0, Some(2), "{empty}");
    }
    for name in ["a", "b", "Test+(3.10,+ubuntu)"] {
        report(data, name, "success");
    }
    report(data, "Test+(3.11,+ubuntu)", "failed");
    assert_eq!(wait("--require=Test+(3.10,+ubuntu)").0, Some(0));
    assert_eq!(wait("--require=Test+(3.11,+ubuntu)").0, Some(5));
    assert_eq!(wait("--require=a,+b"), (Some(0), "a\tsuccess\t1\t1\nb\tsuccess\t1\t2\n".to_owned()));
    assert_eq!(wait("--require a,b --require b").1.lines().count(), 2, "each job once");
    assert_eq!(wait("--require=a,Test+(3.10,+ubuntu)").0, Some(8), "a list has no names with commas");
    // A job with the whole name replaces the list.
    report(data, "a,+b", "running");
    assert_eq!(wait("--require=a,+b"), (Some(8), "a, b\trunning\t1\t5\n".to_owned()));
}

/// A variable that is not set must select neither another repository, nor another server or credential.
#[test]
fn empty_variables_are_wrong_usage() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    report(data, "unit", "success");
    let run = |variables: &[(&str, &str)], line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_stagepost"))
            .env_clear()
            .env("STAGEPOST_SERVER", format!("http://{}", server.address()))
            .env("STAGEPOST_TOKEN", TOKEN)
            .env("STAGEPOST_REPO", "7")
            .envs(variables.iter().copied())
            .current_dir(data)
            .args(["--lang", "en", "--data"])
            .arg(data)
            .args(line.split(' '))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let wait = format!("wait --sha {SHA} --require unit --timeout 0s");
    assert_eq!(run(&[], &wait).0, Some(0));
    for (name, line) in [
        ("STAGEPOST_REPO", wait.as_str()),
        ("STAGEPOST_REPO", "prune --dry-run"),
        ("STAGEPOST_SERVER", &wait),
        ("STAGEPOST_TOKEN", &wait),
        ("STAGEPOST_CA", &wait),
        ("STAGEPOST_CONFIG", &wait),
        ("STAGEPOST_DATA", "user list --offline --data +"),
    ] {
        let line = line.trim_end_matches(" --data +");
        let (code, message) = if name == "STAGEPOST_DATA" {
            let output = Command::new(env!("CARGO_BIN_EXE_stagepost"))
                .env_clear()
                .env(name, "")
                .current_dir(data)
                .args(["--lang", "en"])
                .args(line.split(' '))
                .output()
                .unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        } else {
            run(&[(name, "")], line)
        };
        assert_eq!(code, Some(2), "{name} {line}: {message}");
        assert!(message.contains(&format!("the variable {name} is set")), "{message}");
    }
    // A flag replaces the variable.
    assert_eq!(run(&[("STAGEPOST_REPO", "")], &format!("{wait} --repo 7")).0, Some(0));
    // Nothing needs the variable here.
    assert_eq!(run(&[("STAGEPOST_REPO", "")], "whoami").0, Some(0));
}

#[test]
fn a_proxy_that_holds_back_the_event_stream_does_not_hold_back_the_result() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    let proxy = Proxy::without_streams(server.address());
    let at_proxy = format!("--server http://{}", proxy.address());
    let wait = format!("wait --repo 7 --sha {SHA} --require unit {at_proxy}");
    let watch = format!("watch --repo 7 --sha {SHA} --settle 0s {at_proxy}");
    let mut waiting = RunningCommand::start(data, &server, &wait);
    let mut watching = RunningCommand::start(data, &server, &watch);
    assert_eq!(waiting.error_line(), "waiting for jobs: unit");
    assert_eq!(watching.error_line(), "this commit has no pipeline yet, waiting");
    // Both have opened a stream that delivers nothing.
    proxy.wait_for_streams(2);
    report(data, "unit", "running");
    assert_eq!(watching.line(), "job\t1\trunning\ts\tunit\t1");
    report(data, "unit", "success");
    let (code, lines, message) = waiting.end();
    assert_eq!((code, lines), (Some(0), vec!["unit\tsuccess\t1\t1".to_owned()]), "{message}");
    assert_eq!(watching.end().0, Some(0));
    // A job that has succeeded already.
    assert_eq!(RunningCommand::start(data, &server, &wait).end().0, Some(0));
    assert_eq!(stdout(data, &format!("{wait} --timeout 0s")), "unit\tsuccess\t1\t1\n");
}

/// A proxy may also refuse the stream, or end it at once.
#[test]
fn a_proxy_that_refuses_streams_and_long_polls_does_not_end_the_commands() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    report(data, "unit", "running");
    let proxy = Proxy::that_refuses_long_requests(server.address());
    let at_proxy = format!("--server http://{}", proxy.address());
    let wait = format!("wait --repo 7 --sha {SHA} --require unit --outage 0s {at_proxy}");
    let mut waiting = RunningCommand::start(data, &server, &wait);
    let mut watching =
        RunningCommand::start(data, &server, &format!("watch 1 --repo 7 --settle 0s --outage 0s {at_proxy}"));
    assert_eq!(waiting.error_line(), "waiting for jobs: unit");
    assert_eq!(watching.line(), "job\t1\trunning\ts\tunit\t1");
    assert!(watching.line().starts_with("pipeline\t1\trunning"));
    // The stream of `wait` and a long poll of `watch` were refused.
    proxy.wait_for_streams(2);
    report(data, "unit", "success");
    let (code, _, message) = waiting.end();
    assert_eq!(code, Some(0), "{message}");
    let (code, lines, message) = watching.end();
    assert_eq!((code, lines.len()), (Some(0), 2), "{lines:?} {message}");
}
