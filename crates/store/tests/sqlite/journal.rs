//! Reports that are only in the journal: reads, restarts and failures do not lose or change them.

mod damage;
mod full_disk;
mod growth;
mod model;
mod replays;

use super::contract::{batch, repository, root, webhooks};
use domain::error::Error;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::reports::PipelineChoice;
use domain::model::users::User;
use domain::ports::{
    Deliveries as _, Events as _, Health as _, Idempotency, Jobs as _, Pipelines as _, Receipts, ReportBatch,
    Reports as _,
};
use rusqlite::Connection;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::sqlite::{Options, Sqlite, backups};
use tempfile::TempDir;
use testkit::report;

/// Opens a store that applies the journal only when something needs it.
fn open(dir: &Path) -> Sqlite {
    let options = Options { journal_delay: Duration::from_secs(3_600), ..Options::default() };
    Sqlite::open(dir, options).unwrap()
}

/// A store with a repository.
async fn create(dir: &Path) -> (Sqlite, User, RepositoryId) {
    let store = open(dir);
    let root = root(&store).await;
    let repository = repository(&store, &root, "acme/demo").await;
    (store, root, repository)
}

/// The files of a store, as a kill leaves them.
fn killed(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

fn connect(dir: &Path) -> Connection {
    Connection::open(dir.join("stagepost.db")).unwrap()
}

/// A commit in a journal file.
struct Commit {
    number: u64,
    file: PathBuf,
    /// Where the body is.
    body: Range<usize>,
}

/// The commits in the journal files, as `journal/format.rs` describes them.
fn commits(dir: &Path) -> Vec<Commit> {
    let mut found = Vec::new();
    for name in ["stagepost.journal-0", "stagepost.journal-1"] {
        let file = dir.join(name);
        let bytes = std::fs::read(&file).unwrap();
        let number = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let (mut at, mut next) = (64, number(40).unwrap());
        while number(at + 8) == Some(next) {
            let body = at + 16..at + 16 + (number(at).unwrap() & 0xffff_ffff) as usize;
            at = body.end.next_multiple_of(8);
            found.push(Commit { number: next, file: file.clone(), body });
            next += 1;
        }
    }
    found.sort_by_key(|commit| commit.number);
    found
}

/// The number of commits that only the journal has.
fn journaled(dir: &Path) -> usize {
    let query = "SELECT number FROM journal_applied";
    let applied: i64 = connect(dir).query_row(query, [], |row| row.get(0)).unwrap();
    commits(dir).iter().filter(|commit| commit.number > applied.unsigned_abs()).count()
}

fn id(id: i64) -> PipelineId {
    PipelineId::new(id).unwrap()
}

async fn state(store: &Sqlite, repository: RepositoryId, pipeline: i64) -> String {
    format!(
        "{:?}",
        store.pipeline_state(repository, id(pipeline)).await.unwrap().map(|state| (
            state.pipeline,
            state.stages,
            state.jobs
        ))
    )
}

#[tokio::test]
async fn a_read_applies_the_journal_and_events_are_read_without_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    for line in ["s/x:running#1", "s/y:running#1", "s/x:success#1"] {
        store.record(batch(repo, &root, vec![report('a', line)])).await.unwrap();
    }
    assert_eq!(journaled(dir.path()), 3);
    let page = store.events(repo, 1, 1).await.unwrap();
    assert_eq!((page.events.len(), page.events[0].number, page.last), (1, 2, 3));
    assert_eq!(store.events(repo, i64::MAX, 1).await.unwrap().last, 3);
    store.wait_for_event(repo, 2).await.unwrap();
    assert_eq!(store.pipeline(repo, id(7)).await.unwrap(), None);
    assert_eq!(journaled(dir.path()), 3, "neither events nor other pipelines need the journal");
    let pipeline = store.pipeline(repo, id(1)).await.unwrap().unwrap();
    assert_eq!((pipeline.job_count, pipeline.version), (2, 3));
    assert_eq!(journaled(dir.path()), 0);
    store.record(batch(repo, &root, vec![report('a', "s/y:success#1")])).await.unwrap();
    // Applied ones and recent ones together.
    let page = store.events(repo, 0, 100).await.unwrap();
    let numbers: Vec<i64> = page.events.iter().map(|event| event.number).collect();
    assert_eq!((numbers, page.oldest, page.last), (vec![1, 2, 3, 4], 1, 4));
    assert_eq!(journaled(dir.path()), 1);
    store.close().await.unwrap();
    assert_eq!(journaled(dir.path()), 0, "a store that was stopped is complete");
}

#[tokio::test]
async fn the_journal_is_applied_after_its_delay() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { journal_delay: Duration::from_millis(1), ..Options::default() };
    let store = Sqlite::open(dir.path(), options).unwrap();
    let root = root(&store).await;
    let repo = repository(&store, &root, "acme/demo").await;
    store.record(batch(repo, &root, vec![report('a', "s/x:running#1")])).await.unwrap();
    while journaled(dir.path()) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_killed_store_gives_the_same_receipts_and_states() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let webhook = webhooks::added(&store, repo, &["job", "pipeline"]).await;
    let mut no_ref = report('a', "s/y:running");
    (no_ref.ref_is_default, no_ref.git_ref) = (true, "other".into());
    let mut unknown = report('a', "s/x:running");
    unknown.pipeline = PipelineChoice::Id(id(77));
    let keyed = ReportBatch {
        idempotency: Some(Idempotency { key: "k".into(), digest: [1; 32] }),
        ..batch(repo, &root, vec![report('a', "s/x:running#1"), unknown, no_ref])
    };
    let signed =
        ReportBatch { signature: Some([2; 32]), ..batch(repo, &root, vec![report('b', "s/x:failed#1")]) };
    let first = [store.record(keyed.clone()).await.unwrap(), store.record(signed.clone()).await.unwrap()];
    assert_eq!(first[0][2].as_ref().unwrap().pipeline_id, id(1), "the pipeline of the commit in the journal");
    assert_eq!(journaled(dir.path()), 2);
    let copy = killed(dir.path());
    let restarted = open(copy.path());
    assert_eq!(journaled(copy.path()), 0);
    for store in [&store, &restarted] {
        // The response is stored without the reasons.
        for (batch, first) in [(&keyed, &first[0]), (&signed, &first[1])] {
            let again = store.record(batch.clone()).await.unwrap();
            let reports = |receipts: &Receipts| -> Vec<_> {
                receipts
                    .iter()
                    .map(|r| r.clone().map(|r| (r.report_id, r.job_id, r.pipeline_status)))
                    .collect()
            };
            assert_eq!(reports(&again), reports(first));
        }
        let reused = ReportBatch {
            idempotency: Some(Idempotency { key: "k".into(), digest: [3; 32] }),
            ..keyed.clone()
        };
        assert_eq!(store.record(reused).await, Err(Error::KeyReused));
    }
    for pipeline in 1..4 {
        assert_eq!(state(&store, repo, pipeline).await, state(&restarted, repo, pipeline).await);
    }
    assert_eq!(store.events(repo, 0, 100).await.unwrap(), restarted.events(repo, 0, 100).await.unwrap());
    let deliveries = store.deliveries(repo, webhook.id, None, 100).await.unwrap();
    assert!(deliveries.len() > 4, "{deliveries:?}");
    assert_eq!(deliveries, restarted.deliveries(repo, webhook.id, None, 100).await.unwrap());
    let job = first[0][0].as_ref().unwrap().job_id;
    let history = store.history(repo, job, 0, 100).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history, restarted.history(repo, job, 0, 100).await.unwrap());
}

/// Changes the bytes of a file.
fn change(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(file).unwrap();
    change(&mut bytes);
    std::fs::write(file, bytes).unwrap();
}

/// An earlier version of the program had a table of commits.
#[tokio::test]
async fn the_table_of_an_earlier_version_is_applied() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    store.record(batch(repo, &root, vec![report('a', "s/x:running#1")])).await.unwrap();
    let copy = killed(dir.path());
    let commit = commits(copy.path()).pop().unwrap();
    let body = std::fs::read(&commit.file).unwrap()[commit.body].to_vec();
    let sum = body[1..]
        .iter()
        .fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    let old = [&[1], &sum.to_le_bytes()[..], &body[1..]].concat();
    let insert = "INSERT INTO journal (body) VALUES (?1)";
    connect(copy.path()).execute(insert, [&old]).unwrap();
    for name in ["stagepost.journal-0", "stagepost.journal-1"] {
        std::fs::remove_file(copy.path().join(name)).unwrap();
    }
    change(&copy.path().join("stagepost.mark"), |mark| {
        let text = String::from_utf8(std::mem::take(mark)).unwrap();
        mark.extend(text.replace("journal = 0\n", "").bytes());
    });
    let damaged = killed(copy.path());
    connect(damaged.path())
        .execute_batch("UPDATE journal SET body = substr(body, 1, length(body) - 1)")
        .unwrap();
    let error = Sqlite::open(damaged.path(), Options::default()).err().unwrap().to_string();
    assert!(error.contains("a damaged record of the journal"), "{error}");
    for _ in 0..2 {
        let restarted = open(copy.path());
        assert_eq!(state(&restarted, repo, 1).await, state(&store, repo, 1).await);
        restarted.close().await.unwrap();
    }
    let left = connect(copy.path()).query_row("SELECT count(*) FROM journal", [], |row| row.get(0));
    assert_eq!(left, Ok(0));
}

#[tokio::test]
async fn a_backup_and_a_transfer_are_complete() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    store.record(batch(repo, &root, vec![report('a', "s/x:running#1")])).await.unwrap();
    let to = tempfile::tempdir().unwrap();
    let backup = to.path().join("copy.db");
    backups::backup(dir.path(), &backup, &mut |_, _| ()).unwrap();
    let jobs = |path: &Path| -> i64 {
        let sql = Connection::open(path).unwrap();
        sql.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(jobs(&backup), 1);
    let copy = killed(dir.path());
    let file = copy.path().join("stagepost.db");
    // A file may be a copy that another program made, and is not changed.
    drop(store::transfer::Endpoint::from_sqlite(&file).unwrap());
    let verified = store::read_only::ReadOnlyStore::sqlite(&file).unwrap();
    assert_eq!(domain::ports::Verification::pipeline_counts(&verified).await.unwrap(), [(repo, 1)]);
    assert_eq!((journaled(copy.path()), jobs(&file)), (1, 0));
    drop(store::transfer::Endpoint::from_sqlite(copy.path()).unwrap());
    assert_eq!((journaled(copy.path()), jobs(&file)), (0, 1));
    // A restore replaces the journal too.
    backups::restore(&backup, copy.path(), &mut |_, _| ()).unwrap();
    let restored = open(copy.path());
    restored.record(batch(repo, &root, vec![report('a', "s/y:running#1")])).await.unwrap();
    let copy = killed(copy.path());
    let again = open(copy.path());
    assert_eq!(again.pipeline_state(repo, id(1)).await.unwrap().unwrap().jobs.len(), 2);
}

/// The writer acknowledges reports while the journal is being applied, and no reader gets an older state meanwhile.
#[tokio::test]
async fn reports_are_acknowledged_while_the_journal_is_applied() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let record = async |line: &str| store.record(batch(repo, &root, vec![report('a', line)])).await.unwrap();
    record("s/x:running#1").await;
    // Another connection keeps the tables from being written.
    let lock = connect(dir.path());
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut read = Box::pin(store.pipeline_state(repo, id(1)));
    assert!(futures_poll(&mut read).is_none());
    record("s/y:running#1").await;
    let keyed = ReportBatch {
        idempotency: Some(Idempotency { key: "k".into(), digest: [1; 32] }),
        ..batch(repo, &root, vec![report('a', "s/x:success#1")])
    };
    let first = store.record(keyed.clone()).await.unwrap();
    assert_eq!(store.record(keyed.clone()).await.unwrap()[0].as_ref().unwrap().report_id, 3);
    assert_eq!(first[0].as_ref().unwrap().report_id, 3);
    assert_eq!(store.events(repo, 0, 100).await.unwrap().events.len(), 3);
    assert!(futures_poll(&mut read).is_none(), "the tables lack the first report");
    // Both generations are in the files.
    let restarted = killed(dir.path());
    lock.execute_batch("COMMIT").unwrap();
    let found = read.await.unwrap().unwrap();
    assert!(found.jobs.iter().any(|job| job.name == "x"));
    let found = state(&store, repo, 1).await;
    let restarted = open(restarted.path());
    assert_eq!(state(&restarted, repo, 1).await, found);
    assert_eq!(restarted.events(repo, 0, 100).await.unwrap(), store.events(repo, 0, 100).await.unwrap());
}

/// The result of a future, if it has one.
fn futures_poll<T>(future: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(result) => Some(result),
        std::task::Poll::Pending => None,
    }
}

/// Makes every row of a table fail to be written, until the trigger is dropped.
fn fail(sql: &Connection, table: &str) {
    sql.execute_batch(&format!(
        "CREATE TRIGGER fail BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    ))
    .unwrap();
}

fn repair(sql: &Connection) {
    sql.execute_batch("DROP TRIGGER IF EXISTS fail").unwrap();
}

/// A commit that fails leaves what was acknowledged, in memory and in the store.
#[tokio::test]
async fn after_a_failed_commit_the_reports_of_the_journal_are_still_there() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let report = |line: &str| batch(repo, &root, vec![report('a', line)]);
    store.record(report("s/x:running#1")).await.unwrap();
    let sql = connect(dir.path());
    // A group of reports that fails in the middle.
    sql.execute_batch("ALTER TABLE pipelines RENAME TO hidden").unwrap();
    let lost = vec![testkit::report('a', "s/lost:running#1"), testkit::report('b', "s/lost:running#1")];
    assert!(matches!(store.record(batch(repo, &root, lost)).await, Err(Error::Unavailable(_))));
    sql.execute_batch("ALTER TABLE hidden RENAME TO pipelines").unwrap();
    let second = store.record(report("s/y:running#1")).await.unwrap();
    assert_eq!(second[0].as_ref().unwrap().report_id, 2, "the failed one left nothing");
    fail(&sql, "jobs");
    // What cannot be applied is not read: an answer without it would be wrong.
    assert!(matches!(store.pipeline(repo, id(1)).await, Err(Error::Unavailable(_))));
    let third = store.record(report("s/x:success#1")).await.unwrap();
    assert_eq!(third[0].as_ref().unwrap().report_id, 3, "the journal goes on");
    assert!(matches!(store.set_setting("demo", "x").await, Err(Error::Unavailable(_))));
    // A group fails while a generation waits to be applied.
    sql.execute_batch("ALTER TABLE pipelines RENAME TO hidden").unwrap();
    let lost = vec![testkit::report('a', "s/lost:running#1"), testkit::report('b', "s/lost:running#1")];
    assert!(matches!(store.record(batch(repo, &root, lost)).await, Err(Error::Unavailable(_))));
    sql.execute_batch("ALTER TABLE hidden RENAME TO pipelines").unwrap();
    let fourth = store.record(report("s/y:success#1")).await.unwrap();
    assert_eq!(fourth[0].as_ref().unwrap().report_id, 4);
    assert_eq!(store.events(repo, 0, 100).await.unwrap().last, 4);
    let copy = killed(dir.path());
    repair(&connect(copy.path()));
    repair(&sql);
    for store in [store, open(copy.path())] {
        let found = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
        let jobs: Vec<_> =
            found.jobs.iter().map(|job| (job.name.as_str(), job.attempt.status.as_str())).collect();
        assert_eq!(jobs, [("x", "success"), ("y", "success")]);
        assert_eq!(store.events(repo, 0, 100).await.unwrap().events.len(), 4);
        store.close().await.unwrap();
    }
    assert_eq!(journaled(dir.path()), 0);
}
