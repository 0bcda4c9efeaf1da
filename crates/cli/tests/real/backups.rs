//! Backups of a data directory: each is created while writers report to the server, and contains all reports
//! acknowledged before its start. `verify` accepts every backup and finds changes made directly in the
//! database.
//!
//! The schedule depends on a printed seed; `STAGEPOST_CRASH_SEED` repeats it, `STAGEPOST_BACKUPS` changes the
//! number of backups.

use crate::command::{failure, json_output, run_in, stdout};
use crate::crash::ledger::Ledger;
use crate::crash::writers::{self, LoadSettings, Random};
use crate::crash::{create_repository, from_env};
use crate::http::Connection;
use crate::server::{End, Server};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const WRITERS: u64 = 8;

#[test]
fn a_backup_contains_all_reports_acknowledged_before_it() {
    let backups = from_env("STAGEPOST_BACKUPS").unwrap_or(5);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_BACKUPS={backups}");
    let (data, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut random = Random::new(seed);
    let ledger = Ledger::default();
    let mut server = Server::ready(data.path());
    create_repository(&server);

    let backup_path = |n: u64| target.path().join(format!("backup-{n}"));
    let settings =
        LoadSettings { cycle: 0, seed: random.next(), stop_after: 30, by_sent: false, end: End::Kill };
    let mut acknowledged = Vec::new();
    writers::run_during_load(settings, &ledger, (&mut server, &[]), WRITERS, |progress| {
        for n in 0..backups {
            acknowledged.push(ledger.acknowledgements());
            stdout(data.path(), &format!("backup --to {}", backup_path(n).display()));
            let stop_after = ledger.acknowledgements() as u64 + random.within(1, 400);
            progress.wait(LoadSettings { stop_after, ..settings })?;
        }
        // `verify` also works while the server is running.
        let verified = json_output(data.path(), "verify");
        assert_eq!(verified["differences"], 0, "{verified}");
        Ok(())
    });

    for (n, acks) in (0..backups).zip(acknowledged) {
        let copy = backup_path(n);
        let mode = |name: &str| copy.join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("stagepost.db"), mode("admin.toml"), mode("tls/key.pem")), (0o600, 0o600, 0o600));
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let verified = json_output(data.path(), &format!("verify {}", copy.display()));
        assert_eq!(verified["differences"], 0, "backup {n}, seed {seed}: {verified}");
        assert!(verified["reports"].as_u64().unwrap() >= acks as u64, "backup {n}, seed {seed}: {verified}");
        // A server can run on a restored backup.
        let restored = tempfile::tempdir().unwrap();
        stdout(restored.path(), &format!("restore --from {}", copy.display()));
        let server = Server::ready(restored.path());
        let checked = ledger.check_first(acks, 0, &mut Connection::open(server.address()));
        let checked =
            checked.unwrap_or_else(|error| panic!("backup {n}, seed {seed}: {error}\n{}", server.log()));
        assert_eq!(checked, acks, "backup {n}, seed {seed}");
        assert_eq!(server.terminate(), Some(0));
    }
}

/// Creates a data directory with one pipeline: `build` with two attempts, and `test`, which failed.
fn create_data(data: &Path) {
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    for line in ["build failed b1", "build running b2", "build success b2", "test failed t1"] {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, status, build] = words[..] else { panic!("{line}") };
        let sha = "a".repeat(40);
        let line = format!("--sha {sha} --ref dev --name {name} --status {status} --build-id {build}");
        stdout(data, &format!("report --repo acme/demo {line}"));
    }
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn verify_finds_changes_in_the_database() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_data(data);
    let unchanged = json_output(data, "verify");
    let counts = ["repositories", "pipelines", "jobs", "reports", "differences"].map(|name| &unchanged[name]);
    assert_eq!(counts, [&json!(1), &json!(1), &json!(3), &json!(4), &json!(0)]);

    let file = data.join("copy.db");
    stdout(data, &format!("backup --to {}", file.display()));
    let sql = |statement: &str| {
        assert_eq!(rusqlite::Connection::open(&file).unwrap().execute(statement, []), Ok(1))
    };
    let verified = |lang: &str| {
        let output = run_in(lang, data, &format!("verify {}", file.display()));
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // 1 is success, 4 is failed.
    sql("UPDATE jobs SET status = 1 WHERE id = 3");
    let pipeline = "repository 7, pipeline 1";
    let job = format!("{pipeline}: job 3: status is success, expected failed according to its reports");
    let count = |status: &str, stored: u8, expected: u8| {
        format!("repository 7: repository 7: count of {status} jobs is {stored}, expected {expected}")
    };
    assert_eq!(verified("en"), [job, count("success", 1, 2), count("failed", 2, 1)]);
    sql("UPDATE jobs SET status = 4 WHERE id = 3");
    sql("UPDATE pipelines SET status = 'success' WHERE id = 1");
    let line = "仓库 7，流水线 1：流水线 1 的 status 为 success，根据上报应为 failed";
    assert_eq!(verified("zh")[0], line);
    sql("UPDATE pipelines SET status = 'failed' WHERE id = 1");
    sql("UPDATE pipeline_counts SET count = 4 WHERE status = 'failed'");
    let line = "repository 7: repository 7: count of failed pipelines dev is 4, expected 1";
    assert_eq!(verified("en"), [line]);
    sql("UPDATE pipeline_counts SET count = 1 WHERE status = 'failed'");
    sql("UPDATE jobs SET evidence = x'00' WHERE id = 2");
    assert!(verified("en")[0].starts_with(&format!("{pipeline}: pipeline 1: row is the store holds")));
    sql("DELETE FROM jobs WHERE id = 2");
    let lines = verified("en");
    let orphan = "repository 7: report 2: job_id is 2, expected none";
    assert!(lines.iter().any(|line| line == orphan), "{lines:?}");
}

#[test]
fn existing_data_is_replaced_only_with_force() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_data(data);
    let copy = data.join("copy");
    let backup = format!("backup --to {}", copy.display());
    assert_eq!(json_output(data, &backup)["path"], copy.to_str().unwrap());
    let (code, message) = failure(data, &backup);
    assert_eq!((code, message.trim_end()), (Some(1), &*format!("error: {} is not empty", copy.display())));
    let (code, message) = failure(data, &format!("backup --to {}/stagepost.db", copy.display()));
    assert!(code == Some(1) && message.contains("is there already"), "{message}");

    let restore = format!("restore --from {}", copy.display());
    let (code, message) = failure(data, &restore);
    assert!(code == Some(1) && message.contains("use --force to replace its contents"), "{message}");
    let server = Server::ready(data);
    let (code, message) = failure(data, &format!("{restore} --force"));
    assert!(code == Some(1) && message.contains("in use by another stagepost process"), "{message}");
    stdout(data, "repo add acme/later");
    // The write-ahead log of the replaced store must not be applied.
    drop(server);
    stdout(data, &format!("{restore} --force"));
    assert_eq!(json_output(data, "verify")["differences"], 0);
    assert_eq!(json_output(data, "repo list --offline").as_array().unwrap().len(), 1);

    let other = data.join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let (code, message) = failure(data, &format!("restore --force --from {}", other.display()));
    assert!(code == Some(1) && message.contains("no store that this program knows"), "{message}");
    assert_eq!(json_output(data, "verify")["pipelines"], 1, "the data is unchanged");
    let (code, message) = failure(data, "verify no/such/place");
    assert!(code == Some(1) && message.contains("there is no store at no/such/place"), "{message}");
}
