//! Tests of opening the file: migrations, and what its connections are set to.

use super::*;
use crate::rows::jobs::ref_digest;

#[test]
fn a_store_of_the_first_version_is_migrated() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = writer(&file(dir.path())).unwrap();
    migrate_through(&mut sql, &MIGRATIONS[..1]).unwrap();
    sql.execute_batch(
        "INSERT INTO pipelines VALUES (1, 6, 'a', 'dev', 'external', '', 'success', NULL, NULL, 1, 1, NULL,
            NULL, 2, 1);
         INSERT INTO pipelines SELECT 1, 10 + column1, 'a', column2, 'external', '', 'success', NULL, NULL, 1,
         1, NULL, NULL, 0, 1 FROM (VALUES
             (0, 'refs/merge-requests/7/head'), (1, 'refs/merge-requests/2147483647/head'), (2,
             'refs/merge-requests/2147483648/head'),
             (3, 'refs/merge-requests/07/head'), (4, 'refs/merge-requests/7/x/head'), (5,
             'refs/merge-requests/7/merge'),
             (6, 'refs/merge-requests/99999999999999999999/head'));
         INSERT INTO pipelines SELECT 1, 20, 'b', ref, source, key, status, NULL, NULL, 1, 1, NULL, NULL, 0,
         1 FROM pipelines WHERE id = 10;
         INSERT INTO jobs VALUES (1, 6, 7, 5, 'x', 1, 1, 'success', NULL, NULL, NULL, NULL, 0, 1, 1, NULL,
         NULL, x'');
         INSERT INTO jobs VALUES (1, 6, 8, 5, 'y', 1, 1, 'failed', NULL, NULL, NULL, NULL, 0, 1, 1, NULL,
         NULL, x'');
         INSERT INTO reports VALUES (1, 7, 1, 6, 1, 'native', 1, 'success', NULL, NULL, NULL, NULL, NULL,
         NULL, NULL, NULL, NULL, NULL,
             NULL, 'created', 1);",
    )
    .unwrap();
    migrate(&mut sql).unwrap();
    let text = |query: &str| -> String { sql.query_row(query, [], |row| row.get(0)).unwrap() };
    let digest = ref_digest("dev");
    assert_eq!(text("SELECT group_concat(ref_digest) FROM jobs"), format!("{digest},{digest}"));
    let counts = text("SELECT group_concat(status || ':' || count) FROM job_counts");
    assert_eq!(counts, "1:1,4:1", "one success, one failure");
    assert_eq!(
        text("SELECT group_concat(ref || status || count) FROM pipeline_counts WHERE ref = 'dev'"),
        "devsuccess1"
    );
    assert_eq!(text("SELECT authority || '' FROM reports"), "0");
    assert_eq!(
        text("SELECT group_concat(repository_id || ':' || iid) FROM merge_requests"),
        "1:7,1:2147483647"
    );
    // A second run changes nothing.
    migrate(&mut sql).unwrap();
}

#[test]
fn merge_requests_get_the_times_of_their_heads_and_pipelines() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = writer(&file(dir.path())).unwrap();
    migrate_through(&mut sql, &MIGRATIONS[..23]).unwrap();
    sql.execute_batch(
        "PRAGMA foreign_keys = OFF;
         INSERT INTO merge_requests VALUES (1, 7), (1, 8), (1, 9);
         INSERT INTO merge_request_heads VALUES (1, 7, 1, 'f', 'main', 'a', 0, 40), (1, 7, 2, 'f', 'main', 'b', 0, 60);
         INSERT INTO pipelines (repository_id, id, sha, ref, source, key, status, created_at, updated_at, job_count,
         version) VALUES (1, 1, 'a', 'refs/merge-requests/7/head', 'x', '', 'success', 50, 99, 1, 1),
         (1, 2, 'b', 'refs/merge-requests/7/head', 'x', '', 'success', 70, 99, 1, 1),
         (1, 3, 'b', 'refs/merge-requests/8/head', 'x', '', 'success', 30, 99, 1, 1);",
    )
    .unwrap();
    migrate(&mut sql).unwrap();
    let query = "SELECT group_concat(iid || ':' || created_at || '-' || updated_at) FROM merge_requests";
    let times: String = sql.query_row(query, [], |row| row.get(0)).unwrap();
    // All of the last one was deleted.
    assert_eq!(times, "7:40-70,8:30-30,9:0-0");
}

#[test]
fn renamed_tables_keep_their_rows() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = writer(&file(dir.path())).unwrap();
    migrate_through(&mut sql, &MIGRATIONS[..10]).unwrap();
    sql.execute_batch(include_str!("../migrations/test_rows_0010.sql")).unwrap();
    migrate(&mut sql).unwrap();
    let text = |query: &str| -> String { sql.query_row(query, [], |row| row.get(0)).unwrap() };
    assert_eq!(text("SELECT value FROM settings WHERE name = 'demo'"), "loaded");
    let transfer = text("SELECT value FROM settings WHERE name = 'transfer'");
    assert_eq!(transfer, r#"{"from":"x","table":"deleted_pipelines","after":[1,2]}"#);
    assert_eq!(text("SELECT pipeline_id || '' FROM deleted_pipelines"), "2");
    let deleted: i64 = text("SELECT value FROM settings WHERE name = 'deleted/1'").parse().unwrap();
    assert!(deleted > 1_700_000_000_000, "pipelines were deleted, at the latest now: {deleted}");
    assert_eq!(
        text("SELECT count(*) || '' FROM settings WHERE name = 'deleted/2'"),
        "0",
        "nothing was deleted"
    );
    assert_eq!(text("SELECT key || response || created_at FROM idempotency_keys"), "kR3");
    assert_eq!(text("SELECT head_sha || reported_at FROM merge_request_heads"), "abc4");
    assert_eq!(text("SELECT name || sort_id_reported FROM stages"), "s1");
    let timeouts =
        "SELECT p.inactivity_timeout || ':' || s.inactivity_timeout FROM policies p JOIN stage_limits s
        ON s.repository_id = p.repository_id";
    assert_eq!(text(timeouts), "10:20");
    // The foreign key still refers to the table.
    sql.execute_batch("DELETE FROM policies").unwrap();
    assert_eq!(text("SELECT count(*) || '' FROM stage_limits"), "0");
}

/// A file with a thousand rows, the connection that writes, and one that reads.
fn filled() -> (tempfile::TempDir, Connection, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path());
    let sql = writer(&path).unwrap();
    sql.execute_batch(
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1
         FROM n WHERE i < 1000) INSERT INTO t SELECT i, hex(zeroblob(500)) FROM n; PRAGMA wal_checkpoint(TRUNCATE)",
    )
    .unwrap();
    let reading = reader(&path).unwrap();
    (dir, sql, reading)
}

fn bytes(sql: &Connection) -> i64 {
    sql.query_row("SELECT coalesce(sum(length(b)), 0) FROM t", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_reader_of_the_mapped_file_follows_a_file_that_shrinks_and_grows() {
    let (dir, sql, reading) = filled();
    let mapped: i64 = reading.query_row("PRAGMA mmap_size", [], |row| row.get(0)).unwrap();
    assert!(mapped > 0);
    let size = || file(dir.path()).metadata().unwrap().len();
    assert_eq!(bytes(&reading), 1_000_000);
    let full = size();
    sql.execute_batch("DELETE FROM t WHERE a > 10; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert!(size() < full / 10, "the file was cut off");
    assert_eq!(bytes(&reading), 10_000);
    sql.execute_batch("INSERT INTO t SELECT a + 10, b FROM t; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert_eq!(bytes(&reading), 20_000);
}

#[test]
fn a_statement_with_a_limit_is_prepared_once() {
    let (_dir, sql, reading) = filled();
    for connection in [&sql, &reading] {
        let mut statement = connection.prepare("SELECT a FROM t ORDER BY a LIMIT ?1 OFFSET ?2").unwrap();
        for (limit, offset) in [(1, 0), (20, 0), (3, 500), (1, 1)] {
            let rows = statement.query_map([limit, offset], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(rows.count(), usize::try_from(limit).unwrap());
            statement.clear_bindings();
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }
}
