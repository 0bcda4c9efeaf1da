//! `--spool`: reports are kept on disk while the server is down, over kills of every process, and sent in order.

use crate::ci_reports::{jobs, start, statuses, step};
use crate::server::Server;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// A server that was stopped, its URL, and an empty directory for reports.
struct Outage {
    data: tempfile::TempDir,
    spool: tempfile::TempDir,
    address: SocketAddr,
    url: String,
}

impl Outage {
    fn begin() -> Self {
        let data = tempfile::tempdir().unwrap();
        let (mut server, url) = start(data.path());
        let address = server.address();
        server.kill();
        Self { data, spool: tempfile::tempdir().unwrap(), address, url }
    }

    fn end(&self) -> Server {
        Server::ready_at(self.data.path(), self.address)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = step(&self.url, &[]);
        command.env("STAGEPOST_SPOOL", self.spool.path()).env("STAGEPOST_RETRY_FOR", "0s");
        command.args(line.split(' ').map(|word| word.replace("SHA", SHA)));
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.spool.path().join(folder)).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn report(name: &str, status: &str) -> String {
    format!("report --sha SHA --ref dev --name {name} --build-id 1 --status {status}")
}

#[test]
fn the_end_of_a_command_is_kept_until_the_server_is_back() {
    let outage = Outage::begin();
    let mut command = outage.command("report exec --sha SHA --ref dev --name unit -- sh -c");
    assert_eq!(command.arg("exit 3").output().unwrap().status.code(), Some(3));
    let output = outage.run("report exec --sha SHA --ref dev --name lint -- false");
    assert_eq!(output.status.code(), Some(1), "the exit code is that of the command");
    assert!(stderr(&output).contains("stagepost report flush"), "{}", stderr(&output));
    assert_eq!((outage.files("pending").len(), outage.files("running").len()), (4, 0));
    let output = outage.run(&report("deploy", "success"));
    assert_eq!(output.status.code(), Some(0), "a report that is kept is no failure: {}", stderr(&output));

    let _server = outage.end();
    // The next start of any report sends what waits, in order.
    let output = outage.run(&report("last", "success"));
    assert!(output.status.success(), "{}", stderr(&output));
    let all = statuses(&outage.url);
    let status = |name: &str| all.get(name).map(String::as_str);
    assert_eq!((status("unit"), status("lint")), (Some("failed"), Some("failed")), "{all:?}");
    assert_eq!((status("deploy"), status("last")), (Some("success"), Some("success")), "{all:?}");
    let unit = jobs(&outage.url).into_iter().find(|job| job["name"] == "unit").unwrap();
    assert!(unit["attempt"] == 1 && unit["started_at"].is_string(), "{unit}");
    assert!(outage.files("pending").is_empty());
}

#[test]
fn a_killed_process_loses_no_end() {
    let outage = Outage::begin();
    let line = "report exec --sha SHA --ref dev --name killed --retry-for 1h -- sh -c";
    let mut child = outage
        .command(line)
        .arg("echo ready; exec sleep 1000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    let ends = outage.files("running").into_iter().filter(|path| path.extension().unwrap() == "json");
    assert_eq!((outage.files("pending").len(), ends.count()), (1, 1));
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();

    let _server = outage.end();
    let output = outage.run("--json report flush");
    assert!(output.status.success(), "{}", stderr(&output));
    let counts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&counts["sent"], &counts["waiting"], &counts["refused"]), (&2.into(), &0.into(), &0.into()));
    let job = jobs(&outage.url).pop().unwrap();
    assert_eq!((job["status"].as_str(), job["attempt"].as_i64()), (Some("canceled"), Some(1)), "{job}");
    assert!(job["description"].as_str().unwrap().contains("ended before"), "{job}");
}

/// While the command runs, the disk becomes full, and the room for its end is lost too: the end cannot be kept or sent.
#[test]
fn an_end_that_is_lost_is_not_replaced_by_another_one() {
    let outage = Outage::begin();
    let line = "report exec --sha SHA --ref dev --name unit -- sh -c";
    let fill = r#"cd "$1"; end=$(ls *.json); rm *.room; mkdir "${end%.json}.room" "${end%.json}.new""#;
    let running = outage.spool.path().join("running");
    let output = outage.command(line).args([fill, "sh"]).arg(&running).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "the command itself succeeds: {}", stderr(&output));
    assert!(stderr(&output).contains("cannot be stored in"), "{}", stderr(&output));
    for blocked in outage.files("running") {
        std::fs::remove_dir(blocked).unwrap();
    }

    let _server = outage.end();
    let output = outage.run("report flush");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(statuses(&outage.url)["unit"], "running", "its end is not known");
}

#[test]
fn a_report_that_is_sent_twice_has_one_effect() {
    let outage = Outage::begin();
    for status in ["running", "failed"] {
        outage.run(&report("unit", status));
    }
    let kept: Vec<(PathBuf, Vec<u8>)> = outage
        .files("pending")
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    assert_eq!(kept.len(), 2);
    let _server = outage.end();
    assert!(outage.run("report flush").status.success());
    let before = jobs(&outage.url);
    // As after a kill between the response of the server and the removal of the file.
    for (path, bytes) in kept {
        std::fs::write(path, bytes).unwrap();
    }
    assert!(outage.run("report flush").status.success());
    assert_eq!(jobs(&outage.url), before);
    assert_eq!(before.len(), 1, "{before:?}");
}

#[test]
fn a_report_that_the_server_refuses_does_not_hold_back_the_others() {
    let outage = Outage::begin();
    outage.run(&format!("{} --pipeline-id 999", report("wrong", "success")));
    outage.run(&report("right", "success"));
    let _server = outage.end();
    let output = outage.run("report flush");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("/refused/"), "{}", stderr(&output));
    let refused = std::fs::read_to_string(&outage.files("refused")[0]).unwrap();
    assert!(refused.contains("\"reason\":") && refused.contains("pipeline"), "{refused}");
    assert_eq!(statuses(&outage.url).into_iter().collect::<Vec<_>>(), [("right".into(), "success".into())]);
    assert!(outage.files("pending").is_empty());
    // A refused own report is an error, as without a spool.
    let output = outage.run(&format!("{} --pipeline-id 999", report("wrong", "success")));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

#[test]
fn a_wrong_credential_and_another_server_keep_the_reports() {
    let outage = Outage::begin();
    outage.run(&report("unit", "success"));
    let _server = outage.end();
    let wrong = outage.command("report flush").env("STAGEPOST_TOKEN", "spt_wrong").output().unwrap();
    assert_eq!(wrong.status.code(), Some(4), "{}", stderr(&wrong));
    let other = outage.command("report flush").args(["--server", "http://127.0.0.1:1"]).output().unwrap();
    assert!(stderr(&other).contains("for other servers (1)"), "{}", stderr(&other));
    assert_eq!(outage.files("pending").len(), 1);
    assert!(outage.run("report flush").status.success());
    assert_eq!(statuses(&outage.url)["unit"], "success");
}

#[test]
fn a_repository_that_the_credential_cannot_see_keeps_its_reports_for_a_week() {
    let outage = Outage::begin();
    outage.run(&format!("{} --repo acme/hidden", report("unit", "failed")));
    outage.run(&report("unit", "success"));
    let _server = outage.end();
    let output = outage.run("report flush");
    assert!(!output.status.success() && stderr(&output).contains("acme/hidden"), "{}", stderr(&output));
    assert_eq!((outage.files("pending").len(), outage.files("refused").len()), (1, 0));
    assert_eq!(statuses(&outage.url)["unit"], "success", "the others are sent");

    let file = std::fs::File::options().write(true).open(&outage.files("pending")[0]).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    outage.run("report flush");
    assert_eq!((outage.files("pending").len(), outage.files("refused").len()), (0, 1));
}

#[test]
fn a_wrong_setting_of_the_directory_does_not_stop_a_command() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let mut command = step(&url, &[]);
    command.env("STAGEPOST_SPOOL", "");
    command
        .args(["report", "exec", "--sha", SHA, "--ref", "dev", "--name", "unit", "--", "sh", "-c", "exit 3"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("STAGEPOST_SPOOL"), "{}", stderr(&output));
    assert_eq!(statuses(&url)["unit"], "failed");
}

#[test]
fn concurrent_processes_send_every_report_once() {
    let outage = Outage::begin();
    let spawn =
        |line: &str| outage.command(line).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let names: Vec<String> = (0..12).map(|number| format!("job-{number}")).collect();
    let reports: Vec<_> = names.iter().map(|name| spawn(&report(name, "failed"))).collect();
    for mut child in reports {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(outage.files("pending").len(), names.len());
    let _server = outage.end();
    let flushes: Vec<_> = (0..4).map(|_| spawn("report flush --retry-for 1m")).collect();
    for mut child in flushes {
        assert!(child.wait().unwrap().success());
    }
    let all = statuses(&outage.url);
    assert!(names.iter().all(|name| all[name] == "failed") && all.len() == names.len(), "{all:?}");
}

#[test]
fn a_directory_that_cannot_be_used_is_a_warning() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let file = data.path().join("file");
    std::fs::write(&file, "").unwrap();
    let run = |spool: &Path| {
        let mut command = step(&url, &[]);
        command.args(["report", "--sha", SHA, "--ref", "dev", "--name", "unit", "--status", "success"]);
        command.arg("--spool").arg(spool).output().unwrap()
    };
    let output = run(&file.join("spool"));
    assert!(output.status.success() && stderr(&output).contains("sent directly"), "{}", stderr(&output));
    assert_eq!(statuses(&url)["unit"], "success");
}
