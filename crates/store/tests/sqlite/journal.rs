//! Reports that are only in the journal: reads, restarts and failures do not lose or change them.

use super::contract::{batch, repository, root, webhooks};
use domain::error::Error;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState, next_pipeline_id};
use domain::model::reports::{Arrival, PipelineChoice, Report};
use domain::model::users::User;
use domain::ports::{
    Deliveries as _, Events as _, Health as _, Idempotency, Jobs as _, Pipelines as _, Receipts, ReportBatch,
    Reports as _,
};
use rusqlite::Connection;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use store::sqlite::{Options, Sqlite, backups};
use tempfile::TempDir;
use testkit::{at, report};

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

/// The number of commits in the journal.
fn journaled(dir: &Path) -> i64 {
    connect(dir).query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).unwrap()
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

#[tokio::test]
async fn names_without_case_and_errors_are_the_same_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let ignoring = |line: &str| Report { name_ignores_case: true, ref_is_default: true, ..report('a', line) };
    let mut error = ignoring("s/BUILD:failed");
    error.state.is_error = true;
    let other = Report { git_ref: "topic".into(), ..report('a', "s/other:running") };
    for (report, pipeline) in [(ignoring("s/Build:running"), 1), (other, 2), (error, 1)] {
        let receipt = store.record(batch(repo, &root, vec![report])).await.unwrap().remove(0).unwrap();
        assert_eq!(receipt.pipeline_id, id(pipeline));
    }
    let copy = killed(dir.path());
    let restarted = open(copy.path());
    for pipeline in 1..3 {
        assert_eq!(state(&store, repo, pipeline).await, state(&restarted, repo, pipeline).await);
    }
    let jobs = restarted.pipeline_state(repo, id(1)).await.unwrap().unwrap().jobs;
    assert_eq!((jobs.len(), jobs[0].name.as_str(), jobs[0].attempt.is_error()), (1, "Build", true));
    let history = restarted.history(repo, jobs[0].id, 0, 100).await.unwrap();
    assert_eq!(history.iter().map(|entry| entry.state.is_error).collect::<Vec<_>>(), [false, true]);
    restarted.close().await.unwrap();
    // Of a store that has nothing in memory.
    let reopened = open(copy.path());
    let again = reopened.record(batch(repo, &root, vec![ignoring("s/bUILD:success")])).await.unwrap();
    assert_eq!(again[0].as_ref().unwrap().job_id, jobs[0].id);
    reopened.close().await.unwrap();
    let stored = store::read_only::ReadOnlyStore::sqlite(copy.path()).unwrap();
    let verified = domain::actions::verification::verify_all(&stored, &mut |_| {}).await.unwrap();
    assert_eq!((verified.reports, verified.differences), (4, 0));
}

#[tokio::test]
async fn a_damaged_journal_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    store.record(batch(repo, &root, vec![report('a', "s/x:running#1")])).await.unwrap();
    let verified = |dir: TempDir| async move {
        let store = store::read_only::ReadOnlyStore::sqlite(dir.path()).unwrap();
        domain::ports::Verification::engine_damage(&store).await.unwrap()
    };
    assert_eq!(verified(killed(dir.path())).await, [""; 0]);
    for (change, expected) in [
        ("body = CAST(x'02' || substr(body, 2) AS BLOB)", "start the program that wrote them"),
        ("body = substr(body, 1, length(body) - 1)", "a damaged record of the journal"),
        ("body = x''", "ends early"),
    ] {
        let copy = killed(dir.path());
        connect(copy.path()).execute_batch(&format!("UPDATE journal SET {change}")).unwrap();
        let error = Sqlite::open(copy.path(), Options::default()).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(journaled(copy.path()), 1, "nothing is lost");
    }
    // The outcome is another one: the pipeline is there already.
    let copy = killed(dir.path());
    let sql = connect(copy.path());
    sql.execute_batch("UPDATE counters SET job = 41").unwrap();
    let error = Sqlite::open(copy.path(), Options::default()).err().unwrap().to_string();
    assert!(error.contains("another outcome"), "{error}");
    assert!(verified(copy).await[0].contains("another outcome"));
}

#[tokio::test]
async fn a_backup_and_a_transfer_are_complete() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    store.record(batch(repo, &root, vec![report('a', "s/x:running#1")])).await.unwrap();
    let to = tempfile::tempdir().unwrap();
    let backup = to.path().join("copy.db");
    backups::backup(dir.path(), &backup, &mut |_, _| ()).unwrap();
    let count = |path: &Path, table: &str| -> i64 {
        let sql = Connection::open(path).unwrap();
        sql.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count(&backup, "journal"), count(&backup, "jobs")), (0, 1));
    let copy = killed(dir.path());
    let file = copy.path().join("stagepost.db");
    // A file may be a copy that another program made, and is not changed.
    drop(store::transfer::Endpoint::from_sqlite(&file).unwrap());
    let verified = store::read_only::ReadOnlyStore::sqlite(&file).unwrap();
    assert_eq!(domain::ports::Verification::pipeline_counts(&verified).await.unwrap(), [(repo, 1)]);
    assert_eq!((count(&file, "journal"), count(&file, "jobs")), (1, 0));
    drop(store::transfer::Endpoint::from_sqlite(copy.path()).unwrap());
    assert_eq!((count(&file, "journal"), count(&file, "jobs")), (0, 1));
}

/// A commit that fails leaves what was acknowledged, in memory and in the store.
#[tokio::test]
async fn after_a_failed_commit_the_reports_of_the_journal_are_still_there() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let report = |line: &str| batch(repo, &root, vec![report('a', line)]);
    store.record(report("s/x:running#1")).await.unwrap();
    let sql = connect(dir.path());
    let fail = |table: &str| {
        sql.execute_batch(&format!(
            "CREATE TRIGGER fail BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        ))
        .unwrap();
    };
    let repair = || sql.execute_batch("DROP TRIGGER fail").unwrap();
    fail("journal");
    let error = store.record(report("s/lost:running#1")).await.unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    repair();
    let second = store.record(report("s/y:running#1")).await.unwrap();
    assert_eq!(second[0].as_ref().unwrap().report_id, 2, "the failed one left nothing");
    fail("jobs");
    // What cannot be applied is not read: an answer without it would be wrong.
    assert!(matches!(store.pipeline(repo, id(1)).await, Err(Error::Unavailable(_))));
    let third = store.record(report("s/x:success#1")).await.unwrap();
    assert_eq!(third[0].as_ref().unwrap().report_id, 3, "the journal goes on");
    assert_eq!(store.events(repo, 0, 100).await.unwrap().last, 3);
    repair();
    let found = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
    let jobs: Vec<_> =
        found.jobs.iter().map(|job| (job.name.as_str(), job.attempt.status.as_str())).collect();
    assert_eq!(jobs, [("x", "success"), ("y", "running")]);
    assert_eq!(store.events(repo, 0, 100).await.unwrap().events.len(), 3);
    assert_eq!(journaled(dir.path()), 0);
}

/// The state of a repository by the rules alone.
#[derive(Default)]
struct Model {
    pipelines: HashMap<PipelineIdentity, PipelineState>,
    counters: Counters,
}

impl Model {
    fn record(&mut self, repository: RepositoryId, reports: &[Report]) -> Receipts {
        reports.iter().map(|report| self.apply(repository, report)).collect()
    }

    fn apply(
        &mut self,
        repository: RepositoryId,
        report: &Report,
    ) -> domain::Result<domain::model::reports::Receipt> {
        let identity = PipelineIdentity {
            sha: report.sha.clone(),
            git_ref: report.git_ref.clone(),
            source: report.source.clone(),
            key: String::new(),
        };
        let counters = &mut self.counters;
        counters.report += 1;
        let arrival = Arrival { received_at: at(100), seq: counters.report };
        let state = self.pipelines.entry(identity.clone()).or_insert_with(|| {
            PipelineState::new(next_pipeline_id(counters).unwrap(), repository, identity, at(100))
        });
        state.apply(report, arrival, counters).map(|(receipt, _)| receipt)
    }
}

/// Numbers that only depend on the seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[tokio::test]
async fn any_sequence_of_reports_reads_and_restarts_gives_the_state_of_the_rules() {
    for seed in 0..12 {
        let mut random = Random(seed);
        let mut dir = tempfile::tempdir().unwrap();
        let (mut store, root, repo) = create(dir.path()).await;
        let mut model = Model::default();
        for step in 0..80 {
            match random.below(10) {
                0 => {
                    let copy = killed(dir.path());
                    // It may be killed again during the start.
                    if random.below(2) == 0 {
                        drop(killed(copy.path()));
                    }
                    let next = open(copy.path());
                    store.close().await.unwrap();
                    (store, dir) = (next, copy);
                }
                1 => {
                    store.close().await.unwrap();
                    drop(store);
                    store = open(dir.path());
                }
                2 => store.set_setting("demo", "x").await.unwrap(),
                3 | 4 => {
                    let pipeline = random.below(5) + 1;
                    let known = model.pipelines.values().find(|p| p.pipeline.id.get() as usize == pipeline);
                    let known = format!("{:?}", known.map(|p| (&p.pipeline, &p.stages, &p.jobs)));
                    assert_eq!(state(&store, repo, pipeline as i64).await, known, "seed {seed}, step {step}");
                }
                _ => {
                    let mut line = || {
                        let status = ["pending", "running", "success", "failed"][random.below(4)];
                        let (stage, name, build) = (random.below(2), random.below(3), random.below(3));
                        report(
                            ['a', 'b', 'c', 'd'][random.below(4)],
                            &format!("s{stage}/{name}:{status}#{build}"),
                        )
                    };
                    let reports: Vec<Report> = (0..=step % 3).map(|_| line()).collect();
                    let expected = model.record(repo, &reports);
                    let receipts = store.record(batch(repo, &root, reports)).await.unwrap();
                    assert_eq!(receipts, expected, "seed {seed}, step {step}");
                }
            }
        }
        let events = store.events(repo, 0, 10_000).await.unwrap();
        let numbers: Vec<i64> = events.events.iter().map(|event| event.number).collect();
        assert_eq!(numbers, (1..=events.last).collect::<Vec<_>>(), "seed {seed}");
        store.close().await.unwrap();
    }
}
