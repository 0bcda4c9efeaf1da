//! Tests of a group of reports whose rows are written while the group before is committed.

use super::super::Postgres;
use super::super::connection::Connection;
use super::super::group_starts::{
    HOLD_COMMITS, Recording, TIMEOUT, add_repository, batch, connection, open, options, receipt, record,
    record_counted, until_blocked, until_counted,
};
use std::sync::Arc;
use testkit::postgres::{Cluster, Database};
use tokio::time::timeout;

/// Waits until the rows of a group are written, whose transaction waits for the commit before.
async fn until_written(database: &Database<'_>) {
    let written = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND state = 'idle in transaction' AND query LIKE '%INSERT INTO jobs %'";
    until_counted(database, written).await;
    assert_eq!(database.sql(written), "1");
}

/// Records two reports, the second while the first is committed.
async fn overlapping_groups(store: &Arc<Postgres>, database: &Database<'_>) -> [Recording; 2] {
    let first = record(store, 'a', "s/y:running#2");
    until_blocked(database, "locktype = 'advisory'").await;
    let second = record(store, 'b', "s/y:running#3");
    until_written(database).await;
    [first, second]
}

/// A node that has recorded a report about each of two commits, and another connection, which holds the next commits.
async fn open_with_held_commits() -> (Arc<Postgres>, Database<'static>, Connection) {
    let (store, database) = open().await;
    let other = hold_commits(&store, &database).await;
    (store, database, other)
}

async fn hold_commits(store: &Arc<Postgres>, database: &Database<'_>) -> Connection {
    for commit in ['a', 'b'] {
        receipt(record(store, commit, "s/x:running#1")).await;
    }
    database.sql(HOLD_COMMITS);
    let other = connection(database).await;
    other.run("SELECT pg_advisory_lock(1)").await.unwrap();
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_next_group_are_written_during_the_commit_before() {
    let (store, database, other) = open_with_held_commits().await;
    let [first, second] = overlapping_groups(&store, &database).await;
    assert!(!first.is_finished() && !second.is_finished());
    assert_eq!(database.sql("SELECT count(*) FROM jobs"), "2", "nothing is committed");
    other.run("SELECT pg_advisory_unlock(1)").await.unwrap();
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.job_id.get(), second.job_id.get()), (3, 4));
    let jobs = "SELECT string_agg(pipeline_id || ':' || id, ' ' ORDER BY id) FROM jobs";
    assert_eq!(database.sql(jobs), "1:1 2:2 1:3 2:4");
    assert_eq!(database.sql("SELECT job, report FROM counters"), "4|4");
}

/// The commit before fails after the rows of the next group were written.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_written_during_a_failed_commit_are_rolled_back() {
    let (store, database, other) = open_with_held_commits().await;
    database.sql(
        "CREATE SEQUENCE commits;
         CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF nextval('commits') = 1 THEN RAISE serialization_failure; END IF; RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON counters DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION fail_once()",
    );
    let first = record(&store, 'a', "s/y:running#2");
    until_blocked(&database, "locktype = 'advisory'").await;
    let (second, mut runs) = record_counted(&store, batch('b', "s/y:running#3"));
    until_written(&database).await;
    other.run("SELECT pg_advisory_unlock(1)").await.unwrap();
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.job_id.get(), second.job_id.get()), (3, 4), "ids without gaps");
    assert_eq!((runs.recv().await, runs.recv().await), (Some(()), Some(())), "it runs again");
    assert_eq!(database.sql("SELECT count(*) || ' ' || max(id) FROM jobs"), "4 4");
}

/// A warning at connect, as after an upgrade of the system, is not one about the commit.
#[tokio::test(flavor = "multi_thread")]
async fn a_warning_of_a_new_connection_is_not_one_of_its_first_commit() {
    let database = Cluster::shared().migrated_database();
    add_repository(&database);
    database.sql("UPDATE pg_database SET datcollversion = 'old' WHERE datname = current_database()");
    let store = Arc::new(Postgres::open(&database.url, options()).await.unwrap());
    let other = hold_commits(&store, &database).await;
    let [first, second] = overlapping_groups(&store, &database).await;
    other.run("SELECT pg_advisory_unlock(1)").await.unwrap();
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.job_id.get(), second.job_id.get()), (3, 4));
}

/// The server ends the connection whose rows are written.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_whose_rows_are_lost_runs_again() {
    let (store, database, other) = open_with_held_commits().await;
    let [first, second] = overlapping_groups(&store, &database).await;
    database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
            AND state = 'idle in transaction'",
    );
    other.run("SELECT pg_advisory_unlock(1)").await.unwrap();
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.job_id.get(), second.job_id.get()), (3, 4), "ids without gaps");
    let third = receipt(record(&store, 'a', "s/z:running#4")).await;
    assert_eq!(third.job_id.get(), 5);
    assert_eq!(database.sql("SELECT count(*) || ' ' || max(id) FROM jobs"), "5 5");
}

/// Another node locks the repository before the group whose rows are written, and then needs one of those rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_whose_rows_are_written_does_not_wait_for_a_lock() {
    let (store, database, other) = open_with_held_commits().await;
    let [first, second] = overlapping_groups(&store, &database).await;
    let node = connection(&database).await;
    let locking = tokio::spawn(async move {
        let lock = "BEGIN; SELECT FROM counters FOR UPDATE";
        node.run(&format!("{lock}; UPDATE pipelines SET web_url = 'https://ci.example.com'; COMMIT")).await
    });
    until_blocked(&database, "locktype = 'transactionid'").await;
    other.run("SELECT pg_advisory_unlock(1)").await.unwrap();
    timeout(TIMEOUT, locking).await.expect("a result").unwrap().expect("no deadlock");
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.job_id.get(), second.job_id.get()), (3, 4));
}
