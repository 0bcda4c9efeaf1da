//! Tests of reads that take long or return much.

use super::{Options, Sqlite};
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
use tokio::sync::{RwLock, mpsc, oneshot};
use tokio::time::timeout;

/// How long to wait for the end of a read that was stopped: less than its time limit.
const TIMEOUT: Duration = Duration::from_secs(25);

fn open() -> (Arc<Sqlite>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Arc::new(Sqlite::open(dir.path(), Options::default()).unwrap()), dir)
}

fn endless(sql: &dyn Sql) -> Result<i64> {
    sql.one(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        values![],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_stops_when_its_client_disconnects() {
    let (store, _dir) = open();
    let (started, has_started) = oneshot::channel();
    let (ended, end) = oneshot::channel();
    let reading = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let read = move |sql: &dyn Sql| {
                let _ = started.send(());
                let result = endless(sql);
                let _ = ended.send(result.clone());
                result
            };
            store.0.snapshot(ReadClass::Bulk, ReadScope::Accounts, read).await
        })
    };
    has_started.await.unwrap();
    reading.abort();
    let result = timeout(TIMEOUT, end).await.expect("the read stops").unwrap();
    assert_eq!(result, Err(Error::Unavailable("a read was stopped".into())));
    // The only reader for reads of this class is free again, and its connection is in no transaction.
    let next =
        store.0.snapshot(ReadClass::Bulk, ReadScope::Accounts, |sql| sql.one::<i64>("SELECT 7", values![]));
    assert_eq!(timeout(TIMEOUT, next).await.unwrap(), Ok(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_have_readers_while_many_users_scan() {
    let (store, _dir) = open();
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
    let (store, _dir) = open();
    let read = as_requester(
        Requester::Anonymous(None),
        store.0.read(ReadClass::Scan(None), ReadScope::Accounts, endless),
    );
    assert_eq!(read.await, Err(Error::Unavailable("a read was cancelled after 2 s".into())));
}

#[tokio::test]
async fn a_query_returns_a_limited_number_of_rows() {
    let (store, _dir) = open();
    let rows = |most: usize| {
        let query = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) SELECT i FROM n"
        );
        store.0.read(ReadClass::Point, ReadScope::Accounts, move |sql| {
            Ok(sql.all::<i64>(&query, values![])?.len())
        })
    };
    assert_eq!(rows(ROWS_MAX).await, Ok(200_000));
    assert_eq!(
        rows(ROWS_MAX + 1).await,
        Err(Error::Unavailable("a query returned more than 200000 rows".into()))
    );
    let streamed = store.0.read(ReadClass::Point, ReadScope::Accounts, |sql| {
        let query =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ?1) SELECT i FROM n";
        let mut rows = 0;
        sql.stream(query, values![ROWS_MAX as i64], &mut |_| {
            rows += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    });
    assert_eq!(streamed.await, Ok(ROWS_MAX + 1), "rows that are streamed need no memory");
}
