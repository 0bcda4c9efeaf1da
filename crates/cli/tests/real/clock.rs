//! A start long after the last one: rules that delete by age wait, and then go on. The time of the last run is
//! changed in the database, so that no clock of the machine is set.

use crate::command::{json_output, run_in, stdout};
use crate::http::Connection;
use crate::server::Server;
use std::path::Path;
use std::time::{Duration, Instant};

const DAY: i64 = 86_400_000;

fn sql(data: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(data.join("stagepost.db")).unwrap()
}

/// The time when the server ran last, in milliseconds since 1970.
fn last_run(data: &Path) -> i64 {
    let query = "SELECT value FROM settings WHERE name = 'trusted_time'";
    let text: String = sql(data).query_row(query, [], |row| row.get(0)).unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn set_last_run(data: &Path, text: &str) {
    let update = "UPDATE settings SET value = ?1 WHERE name = 'trusted_time'";
    assert_eq!(sql(data).execute(update, [text]), Ok(1));
}

fn get(server: &Server, path: &str) -> String {
    Connection::open(server.address()).request("GET", path, "").unwrap().body
}

fn wait_for(server: &Server, text: &str) {
    let start = Instant::now();
    while !server.log().contains(text) {
        assert!(start.elapsed() < Duration::from_secs(60), "{text}: timed out:\n{}", server.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_server_that_was_off_for_months_waits_before_it_deletes() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    stdout(data, "repo policy 7 --keep-for 90d --silence-limit 1h");
    for (n, status) in [(1, "success"), (2, "running"), (3, "success")] {
        let line = format!("--sha {n:040x} --ref dev --name build --status {status}");
        stdout(data, &format!("report --repo acme/demo {line}"));
    }
    assert_eq!(server.terminate(), Some(0));
    // Everything happened 100 days ago, and the server has not run since.
    let then = last_run(data) - 100 * DAY;
    for (table, updated) in [("pipelines", "updated_at = ?1"), ("jobs", "updated_after = 0")] {
        let update = format!("UPDATE {table} SET created_at = ?1, {updated}");
        sql(data).execute(&update, [then]).unwrap();
    }
    sql(data).execute("UPDATE reports SET received_at = ?1", [then]).unwrap();
    set_last_run(data, &then.to_string());

    let every_second = ["--upkeep-every", "1s"];
    let server = Server::ready_with(data, &every_second);
    assert!(server.log().contains("the clock jumped, or the server was off"), "{}", server.log());
    let state = get(&server, "/readyz?verbose");
    assert!(state.contains("clock: 8640") && state.contains(" s ahead of the time last seen"), "{state}");
    let metrics = get(&server, "/metrics");
    assert!(metrics.contains("stagepost_clock_ahead_seconds 8640"), "{metrics}");
    for (lang, text) in [("en", "after it has run for 6 hours"), ("zh", "运行 6 小时后")] {
        let output = run_in(lang, data, "prune --repo 7");
        assert!(String::from_utf8(output.stderr).unwrap().contains(text), "{lang}");
    }
    assert_eq!(json_output(data, "prune --repo 7 --dry-run"), serde_json::json!([]));
    assert_eq!(server.terminate(), Some(0));
    let hint = run_in("en", data, "prune --repo 7 --offline").stderr;
    assert!(String::from_utf8(hint).unwrap().contains("after it has run for 6 hours"));

    // Servers have run for 6 hours with it, but for 2 seconds.
    let waited = 6 * 3_600_000 - 2_000;
    set_last_run(data, &format!("{then} {then}/{}/{waited}", 100 * DAY));
    let server = Server::ready_with(data, &every_second);
    wait_for(&server, "the jump of the clock counts from now on");
    assert_eq!(stdout(data, "prune --repo 7"), "acme/demo\t1\t1\t1\n");
    assert_eq!(
        stdout(data, "jobs --repo 7 --status running --count"),
        "1\n",
        "no client could report meanwhile"
    );
    assert!(get(&server, "/readyz?verbose").contains("clock: ok"));
    assert_eq!(server.terminate(), Some(0));
}
