//! The integrity check of the database after the server was killed.

use crate::command::{json_output, run, stdout};
use crate::http::Connection;
use crate::server::Server;
use std::path::Path;

/// Settings of a check that does not run, and of one that takes long.
const OFF: [&str; 2] = ["--integrity-check-share", "0"];
const SLOW: [&str; 2] = ["--integrity-check-share", "1"];

fn get(server: &Server, path: &str) -> String {
    Connection::open(server.address()).request("GET", path, "").unwrap().body
}

/// Waits until `/readyz?verbose` says this about the check.
fn wait_for(server: &Server, state: &str) -> String {
    let mut text = String::new();
    server.wait_until(state, || {
        text = get(server, "/readyz?verbose");
        text.contains(&format!("integrity check: {state}"))
    });
    text
}

fn report(data: &Path, n: u32) {
    let line = format!("--sha {n:040x} --ref dev --name build-{n} --status success");
    stdout(data, &format!("report --repo acme/demo {line}"));
}

/// A store that a killed server leaves.
fn create_killed(data: &Path) {
    let mut server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    report(data, 1);
    assert!(get(&server, "/readyz?verbose").contains("integrity check: ok, not due\n"));
    server.kill();
}

#[test]
fn a_server_listens_while_the_check_runs_and_later_starts_complete_it() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_killed(data);
    // It is ready, and accepts reports, before anything is checked.
    let server = Server::ready_with(data, &OFF);
    assert!(wait_for(&server, "due, because").ends_with("\nok\n"));
    report(data, 2);
    assert_eq!(server.terminate(), Some(0));
    let server = Server::ready_with(data, &SLOW);
    assert!(wait_for(&server, "running, ").ends_with("\nok\n"));
    let metrics = get(&server, "/metrics");
    // On a slow machine it may have ended by now.
    let still_runs = get(&server, "/readyz?verbose").contains("integrity check: running, ");
    assert!(!still_runs || metrics.contains("stagepost_integrity_check_due 1\n"), "{metrics}");
    report(data, 3);
    let log = server.log();
    assert_eq!(server.terminate(), Some(0));
    // The clean stop does not end it.
    let server = Server::ready(data);
    wait_for(&server, "ok, ended at ");
    server.wait_until("the metrics of the check", || {
        let metrics = get(&server, "/metrics");
        metrics.contains("stagepost_integrity_check_due 0\n")
            && metrics.contains("stagepost_integrity_check_findings 0\n")
    });
    let log = log + &server.log();
    assert!(log.contains("the integrity check found no damage"), "{log}");
    assert_eq!(server.terminate(), Some(0));
    let server = Server::ready_with(data, &OFF);
    wait_for(&server, "ok, ended at ");
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(json_output(data, &format!("verify {}", data.display()))["differences"], 0);
}

#[test]
fn a_damaged_database_is_read_and_every_api_says_why_it_records_nothing() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    create_killed(data);
    assert_eq!(Server::ready_with(data, &OFF).terminate(), Some(0));
    // The reports of a job are not needed to list it.
    let path = data.join("stagepost.db");
    let page = {
        let sql = rusqlite::Connection::open(&path).unwrap();
        let query = "SELECT pgoffset FROM dbstat WHERE name = 'reports' AND pagetype = 'leaf'";
        sql.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let mut file = std::fs::read(&path).unwrap();
    let page = usize::try_from(page).unwrap();
    file[page..page + 4_096].fill(0xa5);
    std::fs::write(&path, file).unwrap();

    for start in ["first", "next"] {
        let server = Server::ready(data);
        let state = wait_for(&server, "damage found, writes are refused");
        assert!(state.starts_with("[-] store\n") && state.ends_with("\nnot ready\n"), "{start}: {state}");
        assert!(get(&server, "/metrics").contains("stagepost_integrity_check_findings 1\n"), "{start}");
        assert!(server.log().contains("table reports"), "{start}: {}", server.log());
        let mut client = Connection::open(server.address());
        let listed = client.request("GET", "/native/v1/repositories/7/pipelines", "").unwrap();
        assert!(listed.status == 200 && listed.body.contains("\"status\":\"success\""), "{listed:?}");
        let body = format!(r#"{{"sha":"{:040x}","ref":"dev","name":"late","status":"success"}}"#, 9);
        let sign_in = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"admin",
            "password":"correct horse battery staple","domain":{"name":"stagepost"}}}}}}"#;
        for (path, body, text) in [
            ("/native/v1/repositories/7/reports", body.as_str(), "SP.00503"),
            ("/v3/auth/tokens", sign_in, "\"code\":503"),
            (
                &format!("/api/v4/projects/7/statuses/{:040x}", 9),
                r#"{"state":"success","name":"late","ref":"dev"}"#,
                "503 Service Unavailable - The database is damaged, nothing is recorded",
            ),
        ] {
            let credential = if path.starts_with("/api/v4") { "PRIVATE-TOKEN" } else { "X-Auth-Token" };
            let mut client = Connection::open(server.address()).with_credential(credential);
            let refused = client.request("POST", path, body).unwrap();
            assert!(refused.status == 503 && refused.body.contains(text), "{start}: {path}: {refused:?}");
        }
        let doctor = String::from_utf8(run(data, "doctor").stdout).unwrap();
        assert!(doctor.contains("integrity check: damage found"), "{start}: {doctor}");
        assert_eq!(server.terminate(), Some(0));
    }
    let verified = run(data, &format!("verify {}", data.display()));
    assert_eq!(verified.status.code(), Some(1));
    let text = String::from_utf8(verified.stdout).unwrap();
    assert!(text.contains("table reports"), "{text}");
}
