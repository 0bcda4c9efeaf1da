//! Copies of a data directory: the real binary makes them while writers report to its server, and each holds what was acknowledged before
//! it began. And `verify`, which every one of them passes, and which names what was changed behind its back.
//!
//! The schedule comes from a seed that is printed; `STAGEPOST_CRASH_SEED` repeats it, `STAGEPOST_BACKUPS` changes the number of backups.

use crate::crash::ledger::Ledger;
use crate::crash::writers::{self, Random, Run};
use crate::crash::{create_repository, from_env};
use crate::http::Connection;
use crate::server::Server;
use crate::upkeep::{failed, run_in, said, told};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const WRITERS: u64 = 8;

#[test]
fn a_backup_holds_what_was_acknowledged_before_it() {
    let backups = from_env("STAGEPOST_BACKUPS").unwrap_or(5);
    let seed = from_env("STAGEPOST_CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("STAGEPOST_CRASH_SEED={seed} STAGEPOST_BACKUPS={backups}");
    let (data, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut random = Random::new(seed);
    let ledger = Ledger::default();
    let mut server = Server::ready(data.path());
    create_repository(&server);

    let place = |n: u64| kept.path().join(format!("backup-{n}"));
    let run = Run { cycle: 0, seed: random.next(), stop_after: 30, by_sent: false };
    let mut acknowledged = Vec::new();
    writers::meanwhile(run, &ledger, (&mut server, &[]), WRITERS, |progress| {
        for n in 0..backups {
            acknowledged.push(ledger.acknowledgements());
            said(data.path(), &format!("backup --to {}", place(n).display()));
            let stop_after = ledger.acknowledgements() as u64 + random.within(1, 400);
            progress.wait(Run { stop_after, ..run })?;
        }
        // What is asked of the store of a running server, too.
        let verified = told(data.path(), "verify");
        assert_eq!(verified["differences"], 0, "{verified}");
        Ok(())
    });

    for (n, acks) in (0..backups).zip(acknowledged) {
        let copy = place(n);
        let mode = |name: &str| copy.join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("stagepost.db"), mode("admin.toml"), mode("tls/key.pem")), (0o600, 0o600, 0o600));
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let verified = told(data.path(), &format!("verify {}", copy.display()));
        assert_eq!(verified["differences"], 0, "backup {n}, seed {seed}: {verified}");
        assert!(verified["reports"].as_u64().unwrap() >= acks as u64, "backup {n}, seed {seed}: {verified}");
        // A restored one is served like any other.
        let restored = tempfile::tempdir().unwrap();
        said(restored.path(), &format!("restore --from {}", copy.display()));
        let server = Server::ready(restored.path());
        let found = ledger.check_first(acks, 0, &mut Connection::open(server.address()));
        let found =
            found.unwrap_or_else(|wrong| panic!("backup {n}, seed {seed}: {wrong}\n{}", server.said()));
        assert_eq!(found, acks, "backup {n}, seed {seed}");
        assert_eq!(server.terminate(), Some(0));
    }
}

/// A stopped server's data with one pipeline: `build` tried twice, `test` failed.
fn recorded(data: &Path) {
    let server = Server::ready(data);
    said(data, "repo add acme/demo --id 7");
    for line in ["build failed b1", "build running b2", "build success b2", "test failed t1"] {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, status, build] = words[..] else { panic!("{line}") };
        let sha = "a".repeat(40);
        let line = format!("--sha {sha} --ref dev --name {name} --status {status} --build-id {build}");
        said(data, &format!("report --repo acme/demo {line}"));
    }
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn verify_names_what_was_changed_behind_its_back() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    recorded(data);
    let sound = told(data, "verify");
    let counts = ["repositories", "pipelines", "jobs", "reports", "differences"].map(|name| &sound[name]);
    assert_eq!(counts, [&json!(1), &json!(1), &json!(3), &json!(4), &json!(0)]);

    let file = data.join("copy.db");
    said(data, &format!("backup --to {}", file.display()));
    let sql = |words: &str| assert_eq!(rusqlite::Connection::open(&file).unwrap().execute(words, []), Ok(1));
    let verified = |lang: &str| {
        let output = run_in(lang, data, &format!("verify {}", file.display()));
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    sql("UPDATE jobs SET status = 'success' WHERE id = 3");
    let place = "repository 7, pipeline 1";
    let job = format!("{place}: job 3 has status success, by its reports it is failed");
    let counted = |status: &str, kept: u8, found: u8| {
        format!("repository 7: repository 7 has count of {status} jobs {kept}, and should have {found}")
    };
    assert_eq!(verified("en"), [job, counted("failed", 2, 1), counted("success", 1, 2)]);
    sql("UPDATE jobs SET status = 'failed' WHERE id = 3");
    sql("UPDATE pipelines SET status = 'success' WHERE id = 1");
    let line = "仓库 7，流水线 1：流水线 1 的 status 为 success，按上报应为 failed";
    assert_eq!(verified("zh")[0], line);
    sql("UPDATE pipelines SET status = 'failed' WHERE id = 1");
    sql("UPDATE pipeline_counts SET count = 4 WHERE status = 'failed'");
    let line = "repository 7: repository 7 has count of failed pipelines dev 4, and should have 1";
    assert_eq!(verified("en"), [line]);
    sql("UPDATE pipeline_counts SET count = 1 WHERE status = 'failed'");
    sql("UPDATE jobs SET evidence = x'00' WHERE id = 2");
    assert!(verified("en")[0].starts_with(&format!("{place}: pipeline 1 has row the store holds")));
    sql("DELETE FROM jobs WHERE id = 2");
    let lines = verified("en");
    let loose = "repository 7: report 2 has job_id 2, and should have nothing";
    assert!(lines.iter().any(|line| line == loose), "{lines:?}");
}

#[test]
fn nothing_is_replaced_unasked() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    recorded(data);
    let copy = data.join("copy");
    let backup = format!("backup --to {}", copy.display());
    assert_eq!(told(data, &backup)["path"], copy.to_str().unwrap());
    let (code, why) = failed(data, &backup);
    assert_eq!((code, why.trim_end()), (Some(1), &*format!("error: {} is not empty", copy.display())));
    let (code, why) = failed(data, &format!("backup --to {}/stagepost.db", copy.display()));
    assert!(code == Some(1) && why.contains("is there already"), "{why}");

    let restore = format!("restore --from {}", copy.display());
    let (code, why) = failed(data, &restore);
    assert!(code == Some(1) && why.contains("--force replaces what it holds"), "{why}");
    let server = Server::ready(data);
    let (code, why) = failed(data, &format!("{restore} --force"));
    assert!(code == Some(1) && why.contains("in use by another stagepost process"), "{why}");
    said(data, "repo add acme/later");
    // What the log of the store before holds must not come back.
    drop(server);
    said(data, &format!("{restore} --force"));
    assert_eq!(told(data, "verify")["differences"], 0);
    assert_eq!(told(data, "repo list --offline").as_array().unwrap().len(), 1);

    let other = data.join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let (code, why) = failed(data, &format!("restore --force --from {}", other.display()));
    assert!(code == Some(1) && why.contains("no store that this program knows"), "{why}");
    assert_eq!(told(data, "verify")["pipelines"], 1, "what was there is there");
    let (code, why) = failed(data, "verify no/such/place");
    assert!(code == Some(1) && why.contains("there is no store at no/such/place"), "{why}");
}
