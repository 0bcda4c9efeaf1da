//! When a generation of the journal is applied, and how many reports are accepted meanwhile.

use super::super::contract::{batch, repository, root};
use super::{connect, create, futures_poll, id};
use domain::model::memory::{MIN, MemoryLimits};
use domain::ports::{Events as _, Pipelines as _, Reports as _};
use std::time::{Duration, Instant};
use store::sqlite::{Options, Sqlite};
use testkit::report;

/// More reports than a generation regularly has are acknowledged while the one before is being applied.
#[tokio::test]
async fn the_journal_grows_while_it_is_applied() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    store.record(batch(repo, &root, vec![report('a', "s/x:running#1")])).await.unwrap();
    let lock = connect(dir.path());
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut read = Box::pin(store.pipeline_state(repo, id(1)));
    assert!(futures_poll(&mut read).is_none());
    // Reports of few jobs, so that only their number fills the journal.
    for _ in 0..21 {
        let reports = (0..1_000).map(|_| report('b', "s/x:success#1")).collect();
        store.record(batch(repo, &root, reports)).await.unwrap();
    }
    lock.execute_batch("COMMIT").unwrap();
    // Fails if the tables could not be written in time.
    drop(read.await);
    let last = store.pipeline_state(repo, id(2)).await.unwrap().unwrap();
    assert_eq!((last.jobs.len(), store.events(repo, 0, 10).await.unwrap().events.len()), (1, 2));
}

/// A generation is applied before its pipelines fill their part of the memory.
#[tokio::test]
async fn the_journal_is_applied_when_its_pipelines_take_most_of_their_memory() {
    let dir = tempfile::tempdir().unwrap();
    let memory = MemoryLimits::of(MIN);
    let options = Options { memory, journal_delay: Duration::from_secs(3_600), ..Options::default() };
    let store = Sqlite::open(dir.path(), options).unwrap();
    let root = root(&store).await;
    let repo = repository(&store, &root, "acme/demo").await;
    let record = async |sha: char| {
        let reports = (0..1_000).map(|job| report(sha, &format!("s/{job}:success#{job}"))).collect();
        store.record(batch(repo, &root, reports)).await.unwrap();
    };
    // Each job counts as a KiB, and an eighth is for identities and another for other pipelines.
    let most = memory.pipelines / 1_024 * 7 / 8 * 7 / 8 / 4 * 3;
    assert!((8_000..12_000).contains(&most), "{most}");
    let mut shas = "123456789abc".chars();
    for sha in shas.by_ref().take(most as usize / 1_000) {
        record(sha).await;
    }
    let sql = connect(dir.path());
    let jobs = || sql.query_row("SELECT count(*) FROM jobs", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(jobs(), 0);
    for sha in shas.take(2) {
        record(sha).await;
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    while jobs() == 0 {
        assert!(Instant::now() < deadline, "the journal is not applied");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
