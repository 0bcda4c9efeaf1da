//! `watch` and `wait`: output, exit codes, and outages of the server.

use crate::command::{failure, json_output, run, stdout};
use crate::server::{Server, TOKEN};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

pub const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// A running command.
pub struct RunningCommand {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    err: Lines<BufReader<ChildStderr>>,
}

impl RunningCommand {
    pub fn start(data: &Path, server: &Server, line: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stagepost"))
            .env_clear()
            .env("STAGEPOST_TOKEN", TOKEN)
            .current_dir(data)
            .env("STAGEPOST_SERVER", format!("http://{}", server.address()))
            .args(["--lang", "en"])
            .args(line.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        let err = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, out, err }
    }

    /// Waits for the next line on stdout.
    pub fn line(&mut self) -> String {
        self.out.next().expect("the command has ended").unwrap()
    }

    /// Waits for the next line on stderr.
    pub fn error_line(&mut self) -> String {
        self.err.next().expect("the command has ended").unwrap()
    }

    /// Waits for the end. Returns exit code, stdout and stderr.
    pub fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        let out = self.out.by_ref().map(Result::unwrap).collect();
        let err: Vec<String> = self.err.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap().code(), out, err.join("\n"))
    }
}

impl Drop for RunningCommand {
    fn drop(&mut self) {
        // Fails if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn report(data: &Path, name: &str, status: &str) {
    stdout(
        data,
        &format!(
            "report --repo acme/demo --ref dev --sha {SHA} --stage s --name {name} --build-id 1 --status {status}"
        ),
    );
}

pub fn start(data: &Path) -> Server {
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    server
}

#[test]
fn a_watch_waits_for_the_pipeline_and_continues_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    let mut watch =
        RunningCommand::start(data, &server, &format!("watch --repo acme/demo --sha {SHA} --settle 0s"));
    let mut json =
        RunningCommand::start(data, &server, &format!("--json watch --repo 7 --sha {SHA} --settle 0s"));
    for watch in [&mut watch, &mut json] {
        assert_eq!(watch.error_line(), "this commit has no pipeline yet, waiting");
    }
    report(data, "build", "pending");
    assert_eq!(watch.line(), "job\t1\tpending\ts\tbuild\t1");
    assert_eq!(watch.line(), format!("pipeline\t1\tpending\t{SHA}\tdev\t1"));
    let first: Value = serde_json::from_str(&json.line()).unwrap();
    assert_eq!((&first["type"], &first["job"]["name"]), (&"job".into(), &"build".into()));
    let second: Value = serde_json::from_str(&json.line()).unwrap();
    assert_eq!((&second["type"], &second["pipeline"]["status"]), (&"pipeline".into(), &"pending".into()));

    let address = server.address();
    assert_eq!(server.terminate(), Some(0));
    assert!(watch.error_line().starts_with("server unreachable, retrying: "));
    let mut server = Server::ready_at(data, address);
    assert_eq!(watch.error_line(), "reconnected to the server");
    report(data, "build", "running");
    assert_eq!(watch.line(), "job\t1\trunning\ts\tbuild\t1");
    assert_eq!(watch.line(), format!("pipeline\t1\trunning\t{SHA}\tdev\t1"));
    // Once more, with a killed server.
    server.kill();
    let server = Server::ready_at(data, address);
    report(data, "build", "success");
    let (code, lines, _) = watch.end();
    assert_eq!((code, lines.len(), lines[0].as_str()), (Some(0), 2, "job\t1\tsuccess\ts\tbuild\t1"));
    let (code, lines, _) = json.end();
    assert_eq!(code, Some(0));
    let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(last["pipeline"]["status"], "success");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_watch_has_documented_exit_codes() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    report(data, "build", "running");
    assert_eq!(failure(data, "watch"), (Some(2), failure(data, "watch").1), "a pipeline or a commit");
    assert_eq!(failure(data, "watch 1 --repo 7 --outage soon").0, Some(2));
    let (code, message) = failure(data, "watch 99 --repo 7");
    assert_eq!(code, Some(1), "{message}");
    let (code, message) = failure(data, &format!("watch 1 --repo 7 --sha {}", "b".repeat(40)));
    assert_eq!(code, Some(6), "{message}");
    assert!(message.contains("pipeline 1 belongs to another commit: 1c46c505"), "{message}");
    let (code, message) = failure(data, "watch 1 --repo 7 --timeout 1s");
    assert_eq!((code, message.as_str()), (Some(3), "error: timed out\n"));
    let result = run(data, "watch 99 --repo 7 --token-file nowhere");
    assert_eq!(result.status.code(), Some(1));
    std::fs::write(data.join("token"), "spt_wrong").unwrap();
    let (code, message) = failure(data, "watch 1 --repo 7 --token-file token");
    assert_eq!(code, Some(4), "{message}");
    let (code, message) = failure(data, "watch 1 --repo 7 --server http://127.0.0.1:1");
    assert_eq!(code, Some(1), "{message}");

    let mut watch = RunningCommand::start(data, &server, "watch 1 --repo 7");
    watch.line();
    kill_process(Pid::from_child(&watch.child), Signal::INT).unwrap();
    let (code, lines, message) = watch.end();
    assert_eq!(code, Some(130), "{lines:?} {message}");

    // The token is revoked during the watch.
    let token = json_output(data, "token create short");
    std::fs::write(data.join("token"), token["token"].as_str().unwrap()).unwrap();
    let mut watch = RunningCommand::start(data, &server, "watch 1 --repo 7 --token-file token");
    watch.line();
    stdout(data, &format!("token revoke {}", token["id"]));
    report(data, "lint", "running");
    let (code, _, message) = watch.end();
    assert_eq!(code, Some(4), "{message}");
    report(data, "lint", "success");

    // More jobs are reported within the settle time after a success.
    let mut watch = RunningCommand::start(data, &server, "watch 1 --repo 7 --settle 60s");
    assert_eq!(watch.line(), "job\t1\trunning\ts\tbuild\t1");
    assert_eq!(watch.line(), "job\t2\tsuccess\ts\tlint\t1");
    assert!(watch.line().starts_with("pipeline\t1\trunning"));
    report(data, "build", "success");
    assert_eq!(watch.line(), "job\t1\tsuccess\ts\tbuild\t1");
    assert!(watch.line().starts_with("pipeline\t1\tsuccess"));
    report(data, "test", "running");
    assert_eq!(watch.line(), "job\t3\trunning\ts\ttest\t1");
    report(data, "test", "failed");
    let (code, lines, _) = watch.end();
    assert_eq!(code, Some(5));
    assert!(lines.last().unwrap().starts_with("pipeline\t1\tfailed"), "{lines:?}");
    assert_eq!(failure(data, "watch 1 --repo 7").0, Some(5), "the pipeline had already finished");
}

#[test]
fn a_merge_bot_waits_for_the_jobs_it_requires() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    let wait =
        |arguments: &str| format!("wait --repo acme/demo --sha {SHA} --require build,test {arguments}");
    let result = run(data, &wait("--timeout 0s"));
    assert_eq!(result.status.code(), Some(8), "nothing is reported yet");
    assert_eq!(String::from_utf8(result.stdout).unwrap(), "build\tmissing\t\t\ntest\tmissing\t\t\n");
    report(data, "build", "success");
    let output = run(data, &wait("--timeout 1s"));
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "build\tsuccess\t1\t1\ntest\tmissing\t\t\n");

    let mut waiting = RunningCommand::start(data, &server, &wait(""));
    assert_eq!(waiting.error_line(), "waiting for jobs: test");
    let address = server.address();
    assert_eq!(server.terminate(), Some(0));
    let server = Server::ready_at(data, address);
    report(data, "lint", "failed");
    report(data, "test", "running");
    report(data, "test", "success");
    let (code, lines, message) = waiting.end();
    assert_eq!(
        (code, lines),
        (Some(0), vec!["build\tsuccess\t1\t1".into(), "test\tsuccess\t1\t3".into()]),
        "{message}"
    );
    assert_eq!(run(data, &wait("--timeout 0s")).status.code(), Some(0));

    let mut waiting = RunningCommand::start(data, &server, &wait("--require deploy"));
    assert_eq!(waiting.error_line(), "waiting for jobs: deploy");
    report(data, "deploy", "running");
    report(data, "deploy", "canceled");
    assert_eq!(waiting.end().0, Some(5));
    assert_eq!(failure(data, "wait --repo 7 --require build").0, Some(2));
    assert_eq!(failure(data, &format!("wait --repo 7 --sha {SHA}")).0, Some(2));
}
