//! The cost of retention for reports: `cargo bench -p store --bench retention`. Prints the latency of single
//! reports, without and with a concurrent deletion of pipelines, and the ratio of both.
#![expect(clippy::unwrap_used, reason = "a measurement fails by a panic")]

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

/// The number of pipelines to delete, their jobs, and the reports of each job.
const PIPELINES: usize = 200;
const JOBS: usize = 200;
const REPORTS: usize = 3;
/// The number of concurrent senders.
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
        fill(&store, user, old).await;

        let alone = senders(&store, user, live, "alone", Duration::from_secs(SECONDS)).await;
        let stop = Arc::new(AtomicBool::new(false));
        let deleting = tokio::spawn(prune(Arc::clone(&store), old, Arc::clone(&stop)));
        let beside = senders(&store, user, live, "beside", Duration::from_secs(SECONDS)).await;
        stop.store(true, Ordering::Relaxed);
        let (pipelines, rows, whole) = deleting.await.unwrap();

        println!("{SENDERS} senders, {SECONDS} s each; latency of one report in ms");
        println!("{:<28} {:>8} {:>8} {:>8} {:>8} {:>10}", "", "p50", "p99", "p99.9", "worst", "reports/s");
        for (name, latencies) in [("alone", &alone), ("with retention", &beside)] {
            let ms =
                |part: f64| latencies[((latencies.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
            let rate = latencies.len() as u64 / SECONDS;
            println!(
                "{name:<28} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {rate:>10}",
                ms(0.5),
                ms(0.99),
                ms(0.999),
                ms(1.0)
            );
        }
        println!(
            "deleted meanwhile: {pipelines} pipelines, {rows} rows{}",
            if whole { " (all)" } else { "" }
        );
        println!("reports with retention / alone: {:.2}", beside.len() as f64 / alone.len() as f64);
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
    ReportBatch {
        repository_id,
        reporter,
        credential: None,
        dialect: "native",
        received_at: at(1),
        reports,
        idempotency: None,
        signature: None,
    }
}

async fn fill(store: &Sqlite, user: UserId, repo: RepositoryId) {
    for n in 0..=PIPELINES {
        for status in ["pending", "running", "success"].iter().take(REPORTS) {
            let reports = (0..JOBS).map(|job| of_pipeline(n, &format!("s/{job}:{status}#1"))).collect();
            store.record(batch(repo, user, reports)).await.unwrap();
        }
    }
}

/// Deletes one pipeline after the other. Returns their number, the number of their rows, and whether none is
/// left.
async fn prune(store: Arc<Sqlite>, repo: RepositoryId, stop: Arc<AtomicBool>) -> (u64, u64, bool) {
    let expiry = Expiry { at: domain::Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
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

/// Sends reports one by one from each sender for a time; returns all latencies, sorted.
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
                let (started, mut latencies) = (Instant::now(), Vec::new());
                while started.elapsed() < time {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let mut report = report('b', &format!("s/{}:success#{n}", n % 50));
                    report.pipeline = PipelineChoice::Key(format!("{run}-{}", n / 50));
                    let sent = Instant::now();
                    store.record(batch(repo, user, vec![report])).await.unwrap().remove(0).unwrap();
                    latencies.push(sent.elapsed());
                }
                latencies
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
