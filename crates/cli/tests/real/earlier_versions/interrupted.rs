//! A migration that is interrupted continues at the next start.

use super::fixture::{Fixture, run_json};
use super::{HANGS, QUIET, VERSIONS};
use crate::server::Server;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// How often each repository of a fixture is copied, so that its rows move in many steps.
const COPIES: usize = 150;
/// How often a server is killed while it moves rows.
const KILLS: usize = 4;

#[test]
fn a_migration_that_is_killed_continues_at_the_next_start() {
    for version in VERSIONS {
        let (fixture, data) = (Fixture::of(version), tempfile::tempdir().unwrap());
        let data = data.path();
        fixture.unpack("data", data);
        copy_repositories(data);
        let mut moved = vec![0];
        for _ in 0..KILLS {
            let mut server = Server::spawn_with(data, &QUIET);
            let began = Instant::now();
            while !server.log().contains("moving rows to their compact form") {
                assert!(began.elapsed() < HANGS && !server.has_exited(), "no row moves:\n{}", server.log());
            }
            server.kill();
            moved.extend(rows_moved(data));
        }
        assert!(moved.len() > 1, "no kill was in the middle of {} rows", total(data));
        assert!(moved.is_sorted(), "{moved:?}");
        let server = Server::ready_with(data, &QUIET);
        let log = server.log();
        assert!(log.contains("moved all rows"), "{log}");
        assert_eq!(server.terminate(), Some(0));
        let verified = run_json(data, "verify");
        let copies = 1 + COPIES as u64;
        let counts = ["pipelines", "jobs", "reports", "differences"].map(|name| &verified[name]);
        let expected = [25, 110, 115].map(|rows| json!(rows * copies));
        assert_eq!(counts, [&expected[0], &expected[1], &expected[2], &json!(0)], "{moved:?}: {verified}");
    }
}

/// The number of jobs and reports that have their new form; `None` before the first and after the last is moved.
fn rows_moved(data: &Path) -> Option<i64> {
    // A connection that only reads leaves the write-ahead log as the killed server left it.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sql = Connection::open_with_flags(data.join("stagepost.db"), flags).unwrap();
    let moving = "SELECT count(*) FROM sqlite_schema WHERE name = 'old_jobs'";
    if sql.query_row(moving, [], |row| row.get::<_, i64>(0)) == Ok(0) {
        let is_new = "SELECT count(*) FROM pragma_table_info('jobs') WHERE name = 'ref_digest'";
        let is_new: i64 = sql.query_row(is_new, [], |row| row.get(0)).unwrap();
        return (is_new == 0).then_some(0);
    }
    sql.query_row("SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM reports)", [], |row| row.get(0))
        .ok()
}

fn total(data: &Path) -> i64 {
    let sql = Connection::open(data.join("stagepost.db")).unwrap();
    sql.query_row("SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM reports)", [], |row| row.get(0))
        .unwrap()
}

/// Copies each repository with its pipelines and their reports, under new ids.
fn copy_repositories(data: &Path) {
    let sql = Connection::open(data.join("stagepost.db")).unwrap();
    sql.execute_batch(&format!(
        "PRAGMA foreign_keys = OFF; BEGIN;
         CREATE TEMP TABLE copies AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COPIES})
         SELECT r.id AS old, 1000000 + i * 100 + row_number() OVER (PARTITION BY i) AS new FROM repositories r, n"
    ))
    .unwrap();
    for table in [
        "repositories",
        "counters",
        "pipelines",
        "stages",
        "jobs",
        "reports",
        "job_counts",
        "pipeline_counts",
    ] {
        let names: Vec<String> = sql
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let key = if table == "repositories" { "id" } else { "repository_id" };
        let columns: Vec<String> = names
            .iter()
            .map(|name| match (table, name.as_str()) {
                (_, name) if name == key => "c.new".to_owned(),
                ("repositories", "uuid") => "printf('%032x', c.new)".to_owned(),
                ("repositories", "path") => "t.path || '-' || c.new".to_owned(),
                // The copies have no events.
                ("counters", "event") => "0".to_owned(),
                (_, name) => format!("t.{name}"),
            })
            .collect();
        let copy = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} t JOIN copies c ON c.old = t.{key}",
            names.join(", "),
            columns.join(", ")
        );
        sql.execute(&copy, []).unwrap();
    }
    sql.execute_batch("COMMIT").unwrap();
}
