//! Starts with files that are missing, damaged or on read-only media, and with a database that is not the one
//! of the node.

use crate::command::{json_output, run_in, start_error, stdout};
use crate::http::Connection;
use crate::server::Server;
use std::path::Path;
use std::process::{Command, Output};
use testkit::postgres::Cluster;

/// Creates a store with one report that only the journal or the write-ahead log holds, as a killed server leaves it.
fn create_killed(data: &Path) {
    let mut server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    let sha = "a".repeat(40);
    stdout(data, &format!("report --repo acme/demo --ref dev --sha {sha} --name build --status success"));
    server.kill();
}

fn pipelines(server: &Server) -> String {
    Connection::open(server.address()).request("GET", "/native/v1/repositories/7/pipelines", "").unwrap().body
}

#[test]
fn a_start_without_the_log_is_refused_with_instructions() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_killed(data);
    std::fs::remove_file(data.join("stagepost.db-wal")).unwrap();
    let english = start_error("en", data, "");
    assert!(
        english.starts_with("error: the write-ahead log ") && english.contains("restore --force"),
        "{english}"
    );
    assert!(english.contains("--accept-data-loss"), "{english}");
    let chinese = start_error("zh", data, "");
    assert!(chinese.starts_with("错误：预写日志 ") && chinese.contains("--accept-data-loss"), "{chinese}");
    for command in ["repo list --offline", "prune --offline"] {
        let output = run_in("en", data, command);
        assert_eq!(output.status.code(), Some(1), "{command}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("write-ahead log"), "{command}: {error}");
    }
    // With the flag it starts with the rest, and the next start needs no flag.
    let server = Server::ready_with(data, &["--accept-data-loss"]);
    assert!(server.log().contains("starting with"), "{}", server.log());
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(Server::ready(data).terminate(), Some(0));
}

#[test]
fn a_start_without_a_journal_file_is_refused_with_instructions() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_killed(data);
    let file = data.join("stagepost.journal-0");
    let content = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    for (lang, start) in [("en", "error: the journal file "), ("zh", "错误：journal 文件 ")] {
        let error = start_error(lang, data, "");
        assert!(error.starts_with(start) && error.contains("restore --force"), "{error}");
        assert!(error.contains("stagepost.journal-0") && error.contains("--accept-data-loss"), "{error}");
    }
    std::fs::write(&file, content).unwrap();
    let server = Server::ready(data);
    assert!(pipelines(&server).contains("\"status\":\"success\""), "nothing is lost with the file");
    assert_eq!(server.terminate(), Some(0));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(Server::ready(data).terminate(), Some(0), "after a normal stop the database is complete");
}

#[test]
fn a_lost_database_is_restored_from_a_backup() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_killed(data);
    let backup = data.join("backup");
    let server = Server::ready(data);
    stdout(data, &format!("backup --to {}", backup.display()));
    assert_eq!(server.terminate(), Some(0));
    std::fs::remove_file(data.join("stagepost.db")).unwrap();
    let error = start_error("en", data, "");
    assert!(error.contains("stagepost.db is missing or empty") && error.contains("--database"), "{error}");
    assert!(!data.join("stagepost.db").exists(), "nothing is created");
    stdout(data, &format!("restore --force --from {}", backup.display()));
    let server = Server::ready(data);
    assert!(pipelines(&server).contains("\"status\":\"success\""));
    assert_eq!(server.terminate(), Some(0));
    // A backup is a data directory too: it is noticed when its database is exchanged.
    let other = tempfile::tempdir().unwrap();
    create_killed(other.path());
    assert_eq!(Server::ready(other.path()).terminate(), Some(0));
    std::fs::copy(other.path().join("stagepost.db"), backup.join("stagepost.db")).unwrap();
    let error = start_error("en", &backup, "");
    assert!(error.contains("is not the former database of this data directory"), "{error}");
}

#[test]
fn a_node_notices_another_database_and_a_missing_url() {
    let [first, second] = [(); 2].map(|()| Cluster::shared().database());
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let database = |url: &str| ["--database", url].map(str::to_owned);
    let start = |url: &str, accept: &[&str]| {
        let arguments = database(url);
        let arguments: Vec<&str> =
            arguments.iter().map(String::as_str).chain(accept.iter().copied()).collect();
        Server::ready_with(data, &arguments)
    };
    assert_eq!(start(&first.url, &[]).terminate(), Some(0));
    assert_eq!(start(&first.url, &[]).terminate(), Some(0));
    let error = start_error("en", data, &format!("--database {}", second.url));
    assert!(error.contains("this is not the former database of this node"), "{error}");
    let error = start_error("en", data, "");
    assert!(error.contains("if the data is in PostgreSQL, use --database"), "{error}");
    assert!(!data.join("stagepost.db").exists(), "no empty store is created");
    assert_eq!(start(&second.url, &["--accept-data-loss"]).terminate(), Some(0));
    assert_eq!(start(&second.url, &[]).terminate(), Some(0));
}

#[test]
fn a_new_self_signed_certificate_is_logged() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let says_new = |server: &Server| server.log().contains("created a new self-signed certificate");
    for (lost, is_new) in [(None, false), (None, false), (Some("cert.pem"), true), (Some("key.pem"), true)] {
        if let Some(name) = lost {
            std::fs::remove_file(data.join("tls").join(name)).unwrap();
        }
        let server = Server::ready(data);
        assert_eq!(says_new(&server), is_new, "{lost:?}: {}", server.log());
        assert_eq!(server.terminate(), Some(0));
    }
    assert!(data.join("tls/cert.pem.old").exists(), "the former pair is kept");
}

#[test]
fn a_store_that_was_moved_to_postgres_is_not_opened_again() {
    let database = Cluster::shared().database();
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_killed(data);
    stdout(data, &format!("migrate --from sqlite:{} --to {}", data.display(), database.url));
    let server = Server::ready_with(data, &["--database", &database.url]);
    assert!(pipelines(&server).contains("\"status\":\"success\""));
    assert_eq!(server.terminate(), Some(0));
    let error = start_error("en", data, "");
    assert!(error.contains("stagepost.db is older") && error.contains("use --database"), "{error}");
    let error = start_error("zh", data, "");
    assert!(error.contains("请指定 --database"), "{error}");
}

/// Runs a command that cannot write anywhere but in `/tmp`: as a user without the right to override modes.
fn run_read_only(data: &Path, line: &str) -> Output {
    let stagepost = env!("CARGO_BIN_EXE_stagepost");
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", stagepost]);
        command
    } else {
        Command::new(stagepost)
    };
    command.env_clear().env("PATH", "/usr/bin:/bin").args(["--lang", "en", "--data"]).arg(data);
    command.args(line.split(' ')).output().unwrap()
}

fn set_modes(dir: &Path, dir_mode: u32, file_mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    let set =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            set_modes(&entry.path(), dir_mode, file_mode);
        } else {
            set(&entry.path(), file_mode);
        }
    }
    set(dir, dir_mode);
}

#[test]
fn read_only_media_are_readable() {
    let root = tempfile::tempdir().unwrap();
    let (stopped, killed, backup) =
        (root.path().join("stopped"), root.path().join("killed"), root.path().join("backup"));
    create_killed(&killed);
    create_killed(&stopped);
    assert_eq!(Server::ready(&stopped).terminate(), Some(0));
    stdout(&stopped, &format!("backup --to {}", backup.display()));
    let restored = tempfile::tempdir().unwrap();
    for dir in [&stopped, &killed, &backup] {
        set_modes(dir, 0o500, 0o400);
        let line = format!("--json verify {}", dir.display());
        let output = run_read_only(dir, &line);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {error}");
        let verified: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&verified["reports"], &verified["differences"]), (&1.into(), &0.into()), "{line}");
        let output = run_read_only(dir, "--json repo list --offline");
        assert!(output.status.success(), "{output:?}");
        let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(listed[0]["path"], "acme/demo", "{listed}");
        let output = run_read_only(dir, "repo add acme/new --offline");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && error.contains("is on a read-only medium"), "{error}");
        let new = restored.path().join(dir.file_name().unwrap());
        let output = run_read_only(&new, &format!("restore --from {}", dir.display()));
        assert!(output.status.success(), "{output:?}");
        let copy = restored.path().join(format!("{}.db", dir.file_name().unwrap().display()));
        let output = run_read_only(dir, &format!("backup --to {}", copy.display()));
        assert!(output.status.success(), "{output:?}");
        let moved = restored.path().join("moved");
        let line = format!("migrate --from sqlite:{} --to sqlite:{}", dir.display(), moved.display());
        let output = run_read_only(dir, &line);
        assert!(output.status.success(), "{output:?}");
        std::fs::remove_dir_all(moved).unwrap();
        set_modes(dir, 0o700, 0o600);
        assert_eq!(json_output(&new, "verify")["reports"], 1);
    }
}
