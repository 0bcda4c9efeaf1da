//! What taking pipelines away costs those who report: `cargo bench -p store --bench retention`. Prints how long single reports
//! wait for their acknowledgement, alone and beside a run of the retention that deletes all the while, and the ratio of the two.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on stops")]

use domain::model::ids::{Hex32, PipelineId, RepositoryId, UserId};
use domain::model::reports::{PipelineChoice, Report};
use domain::model::repositories::NewRepository;
use domain::model::retention::Expiry;
use domain::ports::{
    NewUserRow, ReportBatch, Reports as _, Repositories as _, RepositoryDefaults, Retention as _, Users as _,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::sqlite::{Options, Sqlite};
use testkit::{at, report};

/// Pipelines to take away, their jobs, and reports of each job.
const PIPELINES: usize = 200;
const JOBS: usize = 200;
const REPORTS: usize = 3;
/// Who report beside it.
const SENDERS: usize = 16;
const SECONDS: u64 = 6;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Sqlite::open(dir.path(), Options::default()).unwrap());
        let row = NewUserRow {
            uuid: hex(1),
            name: "root".into(),
            password_hash: None,
            admin: true,
            created_at: at(0),
        };
        let user = store.create_user(row).await.unwrap().id;
        let (old, live) =
            (repository(&store, user, "acme/old", 2).await, repository(&store, user, "acme/live", 3).await);
        furnish(&store, user, old).await;

        let alone = senders(&store, user, live, "alone", Duration::from_secs(SECONDS)).await;
        let stop = Arc::new(AtomicBool::new(false));
        let deleting = tokio::spawn(prune(Arc::clone(&store), old, Arc::clone(&stop)));
        let beside = senders(&store, user, live, "beside", Duration::from_secs(SECONDS)).await;
        stop.store(true, Ordering::Relaxed);
        let (pipelines, rows, whole) = deleting.await.unwrap();

        println!("{SENDERS} senders, {SECONDS} s each; waits for the acknowledgement of one report, ms");
        println!("{:<28} {:>8} {:>8} {:>8} {:>8} {:>10}", "", "p50", "p99", "p99.9", "worst", "reports/s");
        for (name, waits) in [("alone", &alone), ("beside the retention", &beside)] {
            let ms = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
            let rate = waits.len() as u64 / SECONDS;
            println!(
                "{name:<28} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {rate:>10}",
                ms(0.5),
                ms(0.99),
                ms(0.999),
                ms(1.0)
            );
        }
        println!(
            "taken away meanwhile: {pipelines} pipelines, {rows} rows{}",
            if whole { " (all there were)" } else { "" }
        );
        println!("reports beside the retention / alone: {:.2}", beside.len() as f64 / alone.len() as f64);
    });
}

fn hex(n: u8) -> Hex32 {
    Hex32::from_bytes([n; 16])
}

async fn repository(store: &Sqlite, creator: UserId, path: &str, n: u8) -> RepositoryId {
    let chosen = RepositoryDefaults { uuid: hex(n), project_id: hex(n), creator, now: at(0) };
    store
        .create_repository(NewRepository { path: path.into(), ..NewRepository::default() }, chosen)
        .await
        .unwrap()
        .id
}

fn of_pipeline(n: usize, line: &str) -> Report {
    let mut report = report('a', line);
    report.pipeline = PipelineChoice::Key(n.to_string());
    report
}

fn batch(repository_id: RepositoryId, reporter: UserId, reports: Vec<Report>) -> ReportBatch {
    ReportBatch { repository_id, reporter, dialect: "native", received_at: at(1), reports, idempotency: None }
}

async fn furnish(store: &Sqlite, user: UserId, repo: RepositoryId) {
    for n in 0..=PIPELINES {
        for status in ["pending", "running", "success"].iter().take(REPORTS) {
            let reports = (0..JOBS).map(|job| of_pipeline(n, &format!("s/{job}:{status}#1"))).collect();
            store.record(batch(repo, user, reports)).await.unwrap();
        }
    }
}

/// Takes away pipeline after pipeline. Answers how many, with how many rows, and whether none was left.
async fn prune(store: Arc<Sqlite>, repo: RepositoryId, stop: Arc<AtomicBool>) -> (u64, u64, bool) {
    let expiry = Expiry { unchanged_since: None, min_newer_on_ref: 1 };
    let (mut pipelines, mut rows) = (0, 0);
    for n in 1..=PIPELINES {
        if stop.load(Ordering::Relaxed) {
            return (pipelines, rows, false);
        }
        assert!(
            store
                .delete_expired_pipeline(repo, PipelineId::new(n as i64).unwrap(), expiry, at(200))
                .await
                .unwrap()
        );
        pipelines += 1;
        loop {
            let step = store.delete_pipeline_rows(repo).await.unwrap();
            rows += step.jobs + step.reports;
            if !step.more {
                break;
            }
        }
    }
    (pipelines, rows, true)
}

/// Reports one by one from each sender for a time; every wait, sorted.
async fn senders(
    store: &Arc<Sqlite>,
    user: UserId,
    repo: RepositoryId,
    run: &str,
    time: Duration,
) -> Vec<Duration> {
    let next = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (store, next, run) = (Arc::clone(store), Arc::clone(&next), run.to_owned());
            tokio::spawn(async move {
                let (began, mut waits) = (Instant::now(), Vec::new());
                while began.elapsed() < time {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let mut said = report('b', &format!("s/{}:success#{n}", n % 50));
                    said.pipeline = PipelineChoice::Key(format!("{run}-{}", n / 50));
                    let asked = Instant::now();
                    store.record(batch(repo, user, vec![said])).await.unwrap().remove(0).unwrap();
                    waits.push(asked.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all.sort_unstable();
    all
}
