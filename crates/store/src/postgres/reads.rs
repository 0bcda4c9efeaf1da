//! Tests of reads that take long or return much.

use super::{Options, Postgres};
use crate::engine::Engine as _;
use crate::readers::{ROWS_MAX, ReadClass};
use crate::sql::{Sql, values};
use crate::unapplied::ReadScope;
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::repositories::RepositoryKey;
use domain::ports::{Pipelines as _, Repositories as _, Requester, as_requester};
use domain::{Error, Result};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use testkit::postgres::{Cluster, Database};
use tokio::sync::{RwLock, mpsc, oneshot};
use tokio::time::timeout;

/// How long to wait for the end of a read that was stopped: less than its time limit.
const TIMEOUT: Duration = Duration::from_secs(25);

async fn open() -> (Arc<Postgres>, Database<'static>) {
    let database = Cluster::shared().migrated_database();
    let store = Postgres::open(&database.url, Options { readers: 8, ..Options::default() }).await.unwrap();
    (Arc::new(store), database)
}

fn slow(sql: &dyn Sql) -> Result<()> {
    sql.one("SELECT 1 FROM pg_sleep(60)", values![])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_stops_when_its_client_disconnects() {
    let (store, _database) = open().await;
    let (started, has_started) = oneshot::channel();
    let (ended, end) = oneshot::channel();
    let reading = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let read = move |sql: &dyn Sql| {
                // The transaction has begun, so the server knows the connection.
                let begun = sql.one::<i64>("SELECT CAST(7 AS BIGINT)", values![]);
                let _ = started.send(());
                let result = begun.and_then(|_| slow(sql));
                let _ = ended.send(result.clone());
                result
            };
            store.0.snapshot(ReadClass::Bulk, ReadScope::Accounts, read).await
        })
    };
    has_started.await.unwrap();
    // A cancellation has no effect before the statement runs on the server.
    let running =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%'
        AND pid <> pg_backend_pid() AND datname = current_database()";
    while store
        .0
        .read(ReadClass::Point, ReadScope::Accounts, move |sql| sql.one::<i64>(running, values![]))
        .await
        .unwrap()
        == 0
    {}
    reading.abort();
    let result = timeout(TIMEOUT, end).await.expect("the read stops").unwrap();
    let Err(Error::Unavailable(reason)) = result else { panic!("{result:?}") };
    assert!(reason.contains("57014"), "cancelled: {reason}");
    let next = store.0.snapshot(ReadClass::Bulk, ReadScope::Accounts, |sql| {
        sql.one::<i64>("SELECT CAST(7 AS BIGINT)", values![])
    });
    assert_eq!(timeout(TIMEOUT, next).await.unwrap(), Ok(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_have_readers_while_many_users_scan() {
    let (store, _database) = open().await;
    let (started, mut has_started) = mpsc::unbounded_channel();
    let released = Arc::new(RwLock::new(()));
    let blocked = released.write().await;
    let scans: Vec<_> = (1..=20)
        .map(|user| {
            let (store, started, released) = (Arc::clone(&store), started.clone(), Arc::clone(&released));
            let scan = move |sql: &dyn Sql| {
                let _ = started.send(());
                drop(released.blocking_read());
                sql.one::<i64>("SELECT count(*) FROM jobs", values![])
            };
            let user = Requester::User(UserId::new(user).unwrap());
            tokio::spawn(as_requester(user, async move {
                store.0.snapshot(ReadClass::Scan(None), ReadScope::Accounts, scan).await
            }))
        })
        .collect();
    for _ in 0..4 {
        has_started.recv().await.unwrap();
    }
    // Four of eight readers are busy until they are released.
    let id = RepositoryId::new(1).unwrap();
    for _ in 0..100 {
        assert_eq!(store.repository(&RepositoryKey::Id(id)).await, Ok(None));
        assert_eq!(store.pipeline(id, PipelineId::new(1).unwrap()).await, Ok(None));
    }
    assert!(has_started.try_recv().is_err(), "the other scans wait");
    drop(blocked);
    for scan in scans {
        assert_eq!(scan.await.unwrap(), Ok(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_cancelled_at_its_time_limit() {
    let (store, _database) = open().await;
    for (class, requester, seconds) in
        [(ReadClass::Scan(None), Requester::Anonymous(None), 2), (ReadClass::Point, Requester::Server, 5)]
    {
        for snapshot in [false, true] {
            let read = async {
                if snapshot {
                    store.0.snapshot(class, ReadScope::Accounts, slow).await
                } else {
                    store.0.read(class, ReadScope::Accounts, slow).await
                }
            };
            let expected = Error::Unavailable(format!("a read was cancelled after {seconds} s"));
            assert_eq!(as_requester(requester, read).await, Err(expected), "{class:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_returns_a_limited_number_of_rows() {
    let (store, _database) = open().await;
    let rows = |most: usize| {
        let query = format!("SELECT i FROM generate_series(1, {most}) i");
        store.0.snapshot(ReadClass::Point, ReadScope::Accounts, move |sql| {
            Ok(sql.all::<i64>(&query, values![])?.len())
        })
    };
    assert_eq!(rows(ROWS_MAX).await, Ok(200_000));
    assert_eq!(
        rows(ROWS_MAX + 1).await,
        Err(Error::Unavailable("a query returned more than 200000 rows".into()))
    );
    assert_eq!(rows(1).await, Ok(1), "the connections are usable");
}

#[tokio::test(flavor = "multi_thread")]
async fn streamed_rows_are_passed_while_the_server_still_finds_others() {
    let (store, database) = open().await;
    let lock = store.0.readers.get().await.unwrap();
    lock.run("SELECT pg_advisory_lock(7)").await.unwrap();
    let (passed, first) = oneshot::channel();
    let reading = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let read = move |sql: &dyn Sql| {
                // The server waits for the lock before it finds the last row.
                let query = "SELECT i FROM generate_series(1, ?1) i
                    WHERE i <= ?2 OR (SELECT true FROM pg_advisory_lock_shared(7))";
                let (mut passed, mut rows) = (Some(passed), 0);
                sql.stream(query, values![ROWS_MAX as i64 + 1, ROWS_MAX as i64], &mut |_| {
                    rows += 1;
                    if let Some(passed) = passed.take() {
                        let _ = passed.send(());
                    }
                    Ok(ControlFlow::Continue(()))
                })?;
                Ok(rows)
            };
            store.0.read(ReadClass::Bulk, ReadScope::Accounts, read).await
        })
    };
    timeout(TIMEOUT, first).await.expect("a row").unwrap();
    lock.run("SELECT pg_advisory_unlock(7)").await.unwrap();
    assert_eq!(timeout(TIMEOUT, reading).await.unwrap().unwrap(), Ok(ROWS_MAX + 1));
    drop(database);
}
