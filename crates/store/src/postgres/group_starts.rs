//! Tests of a group of writes that starts while the group before is committed.

use super::connection::Connection;
use super::server::Server;
use super::{Node, Options, Postgres, connect};
use crate::engine::Engine as _;
use crate::reports;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use domain::Result;
use domain::model::destinations::{Choice, Destination, ForgeKind, ForgeToken, Selection};
use domain::model::ids::{DestinationId, RepositoryId, UserId};
use domain::model::reports::{Effect, Receipt};
use domain::ports::{Destinations as _, Idempotency, ReportBatch, Reports as _};
use std::sync::Arc;
use std::time::Duration;
use testkit::postgres::{Cluster, Database};
use testkit::{at, report};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long to wait for what must happen.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Lets every commit of reports wait for an advisory lock.
pub(super) const HOLD_COMMITS: &str = "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL;
     END $$;
     CREATE CONSTRAINT TRIGGER hold AFTER UPDATE ON counters DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION hold()";

/// A node with one reader, on a database with a repository.
pub(super) async fn open() -> (Arc<Postgres>, Database<'static>) {
    let database = Cluster::shared().migrated_database();
    add_repository(&database);
    (Arc::new(Postgres::open(&database.url, options()).await.unwrap()), database)
}

pub(super) fn options() -> Options {
    Options { readers: 1, ..Options::default() }
}

pub(super) fn add_repository(database: &Database<'_>) {
    database.sql(
        "INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
             creator_id, created_at, updated_at)
             VALUES (1, 'r', 'p', 'p', 'acme/demo', 'main', 'private', 1, 0, 0);
         INSERT INTO counters (repository_id, active_at) VALUES (1, 0);",
    );
}

/// A connection of another program.
pub(super) async fn connection(database: &Database<'_>) -> Connection {
    connect::connect(&Server::parse(&database.url).unwrap(), "").await.unwrap()
}

pub(super) fn batch(commit: char, line: &str) -> ReportBatch {
    ReportBatch {
        repository_id: RepositoryId::new(1).unwrap(),
        reporter: UserId::new(1).unwrap(),
        credential: None,
        dialect: "native",
        received_at: at(100),
        reports: vec![report(commit, line)],
        idempotency: None,
        signature: None,
    }
}

pub(super) type Recording = JoinHandle<Receipt>;

pub(super) fn record(store: &Arc<Postgres>, commit: char, line: &str) -> Recording {
    let (store, batch) = (Arc::clone(store), batch(commit, line));
    tokio::spawn(async move { store.record(batch).await.unwrap().pop().unwrap().unwrap() })
}

pub(super) async fn receipt(recording: Recording) -> Receipt {
    timeout(TIMEOUT, recording).await.expect("a result").unwrap()
}

/// Waits until a connection waits for such a lock.
pub(super) async fn until_blocked(database: &Database<'_>, lock: &str) {
    let blocked = format!(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND {lock} AND (database IS NULL
            OR database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    );
    until_counted(database, &blocked).await;
}

/// Waits until the count that this query returns is not 0.
pub(super) async fn until_counted(database: &Database<'_>, query: &str) {
    let wait = async {
        while database.sql(query) == "0" {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, wait).await.unwrap_or_else(|_| panic!("{query} counts nothing"));
}

/// The next group needs a query, and then locks, and another program blocks both.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_acknowledged_while_the_next_group_is_blocked() {
    let (store, database) = open().await;
    store.0.readers.get().await.unwrap().run("SET statement_timeout = 0").await.unwrap();
    receipt(record(&store, 'a', "s/x:running#1")).await;
    database.sql(HOLD_COMMITS);
    let (of_commits, of_pipelines) = (connection(&database).await, connection(&database).await);
    of_commits.run("SELECT pg_advisory_lock(1)").await.unwrap();
    let first = record(&store, 'a', "s/y:running#2");
    until_blocked(&database, "locktype = 'advisory'").await;
    let locking = tokio::spawn(async move {
        of_pipelines.run("BEGIN; LOCK TABLE pipelines IN ACCESS EXCLUSIVE MODE").await.unwrap();
        of_pipelines
    });
    until_blocked(&database, "mode = 'AccessExclusiveLock'").await;
    let second = record(&store, 'b', "s/x:running#3");
    until_blocked(&database, "mode = 'AccessShareLock'").await;
    of_commits.run("SELECT pg_advisory_unlock(1)").await.unwrap();
    let of_pipelines = locking.await.unwrap();
    assert_eq!(receipt(first).await.effect, Effect::Created);
    assert!(!second.is_finished());
    of_pipelines.run("COMMIT").await.unwrap();
    let second = receipt(second).await;
    assert_eq!((second.pipeline_id.get(), second.effect), (2, Effect::Created));
}

/// Another node writes to the repository, so that the commit fails after the next group has run.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_ran_during_a_failed_commit_runs_again() {
    let (store, database) = open().await;
    receipt(record(&store, 'a', "s/x:running#1")).await;
    let other = connection(&database).await;
    other.run("BEGIN; UPDATE counters SET event = event + 1").await.unwrap();
    let first = record(&store, 'a', "s/y:running#2");
    until_blocked(&database, "locktype = 'transactionid'").await;
    let (second, mut runs) = record_counted(&store, batch('a', "s/z:running#3"));
    timeout(TIMEOUT, runs.recv()).await.expect("it runs before the commit has a result");
    assert!(!first.is_finished() && !second.is_finished());
    other.run("COMMIT").await.unwrap();
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.effect, second.effect), (Effect::Created, Effect::Created));
    assert_eq!((first.job_id.get(), second.job_id.get()), (2, 3), "ids without gaps");
    assert_eq!(runs.recv().await, Some(()), "it runs again");
    assert_eq!(runs.recv().await, None, "and then no more");
    assert_eq!(database.sql("SELECT count(*) || ' ' || max(id) FROM jobs"), "3 3");
}

/// The group of the report waits for the lock of a transaction that adds the first rules, or the first destination.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_sees_what_another_node_adds_while_it_waits() {
    let (store, database) = open().await;
    receipt(record(&store, 'a', "s/x:running#1")).await;
    let other = connection(&database).await;
    for (status, add) in [
        ("running#2", "gate_rules (repository_id, version, changed_by, changed_at, body) VALUES (1, 1, 1, 0, '')"),
        (
            "success#2",
            "destinations (repository_id, kind, url, project, token, choice, jobs, except_sources, enabled, created_at)
                VALUES (1, 'github', 'https://api.example.com', 'acme/demo', 't', 'pipeline', '', '', 1, 0)",
        ),
    ] {
        other.run(&format!("BEGIN; SELECT FROM counters FOR UPDATE; INSERT INTO {add}")).await.unwrap();
        let report = record(&store, 'a', &format!("s/x:{status}"));
        until_blocked(&database, "locktype = 'transactionid'").await;
        other.run("COMMIT").await.unwrap();
        receipt(report).await;
        assert_eq!(database.sql("SELECT count(*) FROM gate_evaluations"), "1", "{status}");
        database.sql("DELETE FROM gate_rules");
    }
    assert_eq!(database.sql("SELECT count(*) FROM forwarded_states"), "1");
}

/// A transaction that adds a destination waits for those that record reports.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_destination_waits_for_a_group_of_reports() {
    let (store, database) = open().await;
    let other = connection(&database).await;
    other.run("BEGIN; SELECT FROM counters FOR UPDATE").await.unwrap();
    let new = Destination {
        id: DestinationId::new(1).unwrap(),
        repository_id: RepositoryId::new(1).unwrap(),
        kind: ForgeKind::GitHub,
        url: "https://api.example.com".into(),
        project: "acme/demo".into(),
        token: ForgeToken::new("s3cret".into()).unwrap(),
        selection: Selection { choice: Choice::Pipeline, except_sources: Vec::new() },
        enabled: true,
        failing_since: None,
        paused_until: None,
        created_at: at(0),
    };
    let adding = tokio::spawn(async move { store.create_destination(new).await.unwrap() });
    until_blocked(&database, "locktype = 'transactionid'").await;
    assert_eq!(database.sql("SELECT count(*) FROM destinations"), "0");
    other.run("COMMIT").await.unwrap();
    timeout(TIMEOUT, adding).await.expect("a result").unwrap();
}

/// A report without a branch belongs to a pipeline of the commit before, which no query finds yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_a_branch_finds_the_pipeline_of_the_commit_before() {
    let (store, database) = open().await;
    receipt(record(&store, 'a', "s/x:running#1")).await;
    drop(store.0.readers.get().await.unwrap());
    let other = connection(&database).await;
    other.run("BEGIN; SELECT FROM counters FOR UPDATE").await.unwrap();
    let mut of_branch = batch('b', "s/x:running#2");
    of_branch.reports[0].git_ref = "dev".into();
    let first = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.record(of_branch).await.unwrap().pop().unwrap().unwrap() })
    };
    until_blocked(&database, "locktype = 'transactionid'").await;
    let mut without_branch = batch('b', "s/y:running#3");
    without_branch.reports[0].ref_is_default = true;
    let (second, mut runs) = record_counted(&store, without_branch);
    timeout(TIMEOUT, runs.recv()).await.expect("it runs before the commit has a result");
    assert!(!first.is_finished() && !second.is_finished());
    other.run("COMMIT").await.unwrap();
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.pipeline_id.get(), second.pipeline_id.get(), second.job_id.get()), (2, 2, 3));
    assert_eq!(runs.recv().await, None, "it runs once");
    assert_eq!(database.sql("SELECT string_agg(ref, ' ' ORDER BY id) FROM pipelines"), "main dev");
}

/// As before, but the group before wrote the rows of the pipeline while it ran.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_a_branch_finds_a_pipeline_that_the_group_before_wrote_early() {
    let (store, database) = open().await;
    receipt(record(&store, 'a', "s/x:running#1")).await;
    drop(store.0.readers.get().await.unwrap());
    database.sql(HOLD_COMMITS);
    let other = connection(&database).await;
    other.run("SELECT pg_advisory_lock(1)").await.unwrap();
    let mut of_branch = batch('b', "s/x:running#2");
    of_branch.reports[0].git_ref = "dev".into();
    let first = {
        let (store, of_branch) = (Arc::clone(&store), Arc::new(of_branch));
        let write = move |unit: &mut UnitOfWork| {
            let receipt = reports::record(unit, &of_branch)?.pop();
            unit.flush().map(|()| receipt)
        };
        let hints = PrefetchHints::for_repository(RepositoryId::new(1).unwrap());
        tokio::spawn(async move { write_to(&store.0, hints, write).await.unwrap().unwrap().unwrap() })
    };
    until_blocked(&database, "locktype = 'advisory'").await;
    let mut without_branch = batch('b', "s/y:running#3");
    without_branch.reports[0].ref_is_default = true;
    let (second, mut runs) = record_counted(&store, without_branch);
    timeout(TIMEOUT, runs.recv()).await.expect("it runs before the commit has a result");
    assert!(!first.is_finished() && !second.is_finished());
    other.run("SELECT pg_advisory_unlock(1)").await.unwrap();
    let (first, second) = (receipt(first).await, receipt(second).await);
    assert_eq!((first.pipeline_id.get(), second.pipeline_id.get()), (2, 2));
}

/// The node knows the pipelines of the commit, until another node adds one with the job of the report.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_a_branch_finds_the_pipeline_of_another_node() {
    let (store, database) = open().await;
    let other = Arc::new(Postgres::open(&database.url, Options::default()).await.unwrap());
    receipt(record_without_branch(&store, "s/x:running#1", None)).await;
    receipt(record_without_branch(&store, "s/x:success#1", None)).await;
    let mut of_branch = batch('a', "s/y:running#2");
    of_branch.reports[0].git_ref = "dev".into();
    let created = other.record(of_branch).await.unwrap().pop().unwrap().unwrap();
    assert_eq!(created.pipeline_id.get(), 2);
    // A key needs a group with locks, and the other report takes what that group left in the cache.
    for (line, key) in [("s/y:success#2", Some("key")), ("s/y:success#2", None)] {
        let found = receipt(record_without_branch(&store, line, key)).await;
        assert_eq!(found.pipeline_id.get(), 2, "{key:?}");
    }
}

fn record_without_branch(store: &Arc<Postgres>, line: &str, key: Option<&str>) -> Recording {
    let (store, mut batch) = (Arc::clone(store), batch('a', line));
    batch.reports[0].ref_is_default = true;
    batch.idempotency = key.map(|key| Idempotency { key: key.to_owned(), digest: [0; 32] });
    tokio::spawn(async move { store.record(batch).await.unwrap().pop().unwrap().unwrap() })
}

/// Records a batch of one report. The channel has a message for each time that its group runs.
pub(super) fn record_counted(
    store: &Arc<Postgres>,
    batch: ReportBatch,
) -> (Recording, mpsc::UnboundedReceiver<()>) {
    let (run, runs) = mpsc::unbounded_channel();
    let (store, batch) = (Arc::clone(store), Arc::new(batch));
    let hints = PrefetchHints { only_reports: true, ..reports::prefetch_hints(&batch) };
    let write = move |unit: &mut UnitOfWork| {
        let _ = run.send(());
        Ok(reports::record(unit, &batch)?.pop())
    };
    let recording = async move { write_to(&store.0, hints, write).await.unwrap().unwrap().unwrap() };
    (tokio::spawn(recording), runs)
}

async fn write_to<T: Send + 'static>(
    node: &Node,
    hints: PrefetchHints,
    write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
) -> Result<T> {
    node.write(Load::one(Flow::Repository(hints.repositories[0])), hints, write).await
}

/// The reports of a new pipeline need a query, which needs a connection that reads.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_opens_no_connection() {
    let (store, _database) = open().await;
    for commit in ['a', 'b', 'c'] {
        assert_eq!(receipt(record(&store, commit, "s/x:running#1")).await.effect, Effect::Created);
    }
    assert_eq!(store.0.readers.status().size, 0);
}
