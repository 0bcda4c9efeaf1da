//! The properties of the engine SQLite: its version, its lock, its file, and groups of writes.

use super::contract::{batch, repository, root};
use domain::error::Error;
use domain::model::ids::MergeRequestIid;
use domain::model::merge_requests::HeadUpdate;
use domain::ports::{Health as _, MergeRequests as _, ReportBatch, Reports as _, Signatures as _};
use std::sync::Arc;
use store::sqlite::{LEAST_VERSION, Options, Sqlite, check_version};
use testkit::report;

#[test]
fn a_sqlite_that_can_lose_writes_is_refused() {
    assert!(check_version(LEAST_VERSION).is_ok());
    assert!(check_version(3_051_002).unwrap_err().to_string().contains("3051003"));
}

#[tokio::test]
async fn the_directory_is_locked_until_the_store_closes() {
    let dir = tempfile::tempdir().unwrap();
    let first = Sqlite::open(dir.path(), Options::default()).unwrap();
    let second = Sqlite::open(dir.path(), Options::default()).err().expect("the directory is in use");
    assert!(second.to_string().contains("in use by another stagepost process"), "{second}");
    first.close().await.unwrap();
    assert!(!dir.path().join("stagepost.db-wal").exists(), "everything is in one file");
    Sqlite::open(dir.path(), Options::default()).unwrap().close().await.unwrap();
}

#[tokio::test]
async fn only_the_owner_can_access_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("a/b");
    let store = Sqlite::open(&data, Options::default()).unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in ["stagepost.db", "stagepost.journal-0", "stagepost.journal-1"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn used_signatures_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let root = root(&store).await;
    let id = repository(&store, &root, "acme/demo").await;
    let signed =
        || ReportBatch { signature: Some([2; 32]), ..batch(id, &root, vec![report('a', "x/one:running")]) };
    assert!(store.use_signature([1; 32]).await.unwrap());
    let first = store.record(signed()).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    assert!(!store.use_signature([1; 32]).await.unwrap());
    assert_eq!(store.record(signed()).await.unwrap(), first);
    assert!(store.use_signature([3; 32]).await.unwrap());
}

#[tokio::test]
async fn reports_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(dir.path(), Options::default()).unwrap());
    let root = root(&*store).await;
    let id = repository(&*store, &root, "acme/demo").await;
    let first = store
        .record(batch(id, &root, vec![report('a', "x/one:running#1"), report('a', "x/two:running#1")]))
        .await
        .unwrap();
    store.close().await.unwrap();
    drop(store);
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    // The cache of the writer is empty, so it must load everything.
    let next = store
        .record(batch(id, &root, vec![report('a', "x/one:success#1"), report('a', "x/one:running#2")]))
        .await
        .unwrap();
    let (first, next): (Vec<_>, Vec<_>) =
        (first.into_iter().flatten().collect(), next.into_iter().flatten().collect());
    assert_eq!(next[0].job_id, first[0].job_id);
    assert_eq!((next[1].attempt, next[1].report_id, next[1].job_id.get()), (2, 4, 3));
}

#[tokio::test]
async fn a_full_queue_refuses_writes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(dir.path(), Options { queue: 4, ..Options::default() }).unwrap());
    let root = root(&*store).await;
    let id = repository(&*store, &root, "acme/demo").await;
    let many: Vec<_> = (0..400)
        .map(|n| {
            let store = Arc::clone(&store);
            let batch =
                batch(id, &root, (0..50).map(|i| report('a', &format!("x/{n}-{i}:running"))).collect());
            tokio::spawn(async move { store.record(batch).await.map(|receipts| receipts.len()) })
        })
        .collect();
    let mut accepted = 0;
    for result in many {
        match result.await.unwrap() {
            Ok(count) => accepted += count,
            Err(error) => assert_eq!(error, Error::Overloaded),
        }
    }
    let state = domain::ports::Pipelines::pipeline_state(
        &*store,
        id,
        domain::model::ids::PipelineId::new(1).unwrap(),
    )
    .await
    .unwrap()
    .unwrap();
    assert_eq!(state.jobs.len(), accepted, "refused writes write nothing, accepted ones everything");
}

#[tokio::test]
async fn a_repository_that_fills_its_share_of_the_queue_leaves_places_for_others() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(dir.path(), Options { queue: 8, ..Options::default() }).unwrap());
    let root = root(&*store).await;
    let busy = repository(&*store, &root, "acme/busy").await;
    let other = repository(&*store, &root, "acme/other").await;
    let write = |repository, n: usize| {
        let store = Arc::clone(&store);
        let reports = (0..200).map(|i| report('a', &format!("x/{n}-{i}:running"))).collect();
        let batch = batch(repository, &root, reports);
        tokio::spawn(async move { store.record(batch).await.map(|receipts| receipts.len()) })
    };
    let flood: Vec<_> = (0..100).map(|n| write(busy, n)).collect();
    let single = write(other, 0);
    let mut refused = 0;
    for result in flood {
        match result.await.unwrap() {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error, Error::Overloaded);
                refused += 1;
            }
        }
    }
    assert_eq!(single.await.unwrap(), Ok(200), "the other repository has places");
    assert!(refused > 0, "the flood is more than its share");
}

#[tokio::test]
async fn a_head_is_ordered_among_the_reports_of_its_group() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let root = root(&store).await;
    let id = repository(&store, &root, "acme/demo").await;
    let iid = MergeRequestIid::new(7).unwrap();
    let batch = |commit| {
        let mut report = report(commit, "x:running");
        report.git_ref = "refs/merge-requests/7/head".into();
        batch(id, &root, vec![report])
    };
    let head =
        HeadUpdate { source_branch: "f".into(), target_branch: "main".into(), head_sha: "b".repeat(40) };
    // All are in the queue of the writer, in this order.
    let (_, updated, _) = tokio::join!(
        store.record(batch('a')),
        store.set_merge_request(id, iid, head, None, testkit::at(9)),
        store.record(batch('c'))
    );
    assert_eq!(updated.unwrap().head_sha, "b".repeat(40), "later than the first pipeline");
    let found = store.merge_request(id, iid).await.unwrap().unwrap().merge_request;
    assert_eq!(found.head_sha, "c".repeat(40), "earlier than the second");
}

#[tokio::test]
async fn the_last_hundred_heads_of_a_merge_request_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let root = root(&store).await;
    let id = repository(&store, &root, "acme/demo").await;
    for n in 0..103_u32 {
        for iid in [7, 8] {
            let head = HeadUpdate {
                source_branch: "f".into(),
                target_branch: "main".into(),
                head_sha: format!("{n:040x}"),
            };
            store
                .set_merge_request(id, MergeRequestIid::new(iid).unwrap(), head, None, testkit::at(9))
                .await
                .unwrap();
        }
    }
    let sql = rusqlite::Connection::open(dir.path().join("stagepost.db")).unwrap();
    let query = "SELECT count(*), min(head_sha), max(number) FROM merge_request_heads GROUP BY iid";
    let mut statement = sql.prepare(query).unwrap();
    let heads: Vec<(i64, String, i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(heads, vec![(100, format!("{:040x}", 3), 103); 2]);
}

#[tokio::test]
async fn the_log_grows_behind_a_reader_and_shrinks_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let size = async || store.storage().await.unwrap().log_bytes.unwrap();
    assert!(store.storage().await.unwrap().free_bytes.is_some());
    let reader = rusqlite::Connection::open(dir.path().join("stagepost.db")).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    reader.query_row("SELECT count(*) FROM settings", [], |_| Ok(())).unwrap();
    // 20 MiB, more than what SQLite merges at once.
    let large = "x".repeat(1 << 20);
    for n in 0..20 {
        store.set_setting(&format!("large {n}"), &large).await.unwrap();
    }
    let grown = size().await;
    assert!(grown > 20 << 20, "{grown}");
    for n in 0..20 {
        store.set_setting(&format!("larger {n}"), &large).await.unwrap();
    }
    assert!(size().await > grown, "it cannot be merged");
    drop(reader);
    // It is merged, and started again at its beginning.
    for n in 0..25 {
        store.set_setting(&format!("large {n}"), &large).await.unwrap();
    }
    assert!(size().await < grown * 3);
    store.close().await.unwrap();
    assert_eq!(size().await, 0);
}
