//! Writes of reports on SQLite: `cargo bench -p store --bench writes [-- SECONDS]`. Prints the reports per second,
//! the processor time and the written bytes per report: of many senders with one report each, to one repository,
//! to 8 and to 1,000, of large batches; and how long a single report of another repository takes while one
//! repository sends large batches.
#![expect(clippy::unwrap_used, reason = "a measurement fails by a panic")]

use domain::model::ids::{Hex32, RepositoryId, UserId};
use domain::model::repositories::NewRepository;
use domain::ports::{
    Health as _, NewUserRow, ReportBatch, Reports as _, Repositories as _, RepositoryDefaults, Users as _,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::sqlite::{Options, Sqlite};
use testkit::{at, report};

fn main() {
    let seconds = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(5);
    let dir = tempfile::tempdir().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Arc::new(Sqlite::open(dir.path(), Options::default()).unwrap());
        let user = NewUserRow {
            uuid: Hex32::from_bytes([1; 16]),
            name: "root".into(),
            password_hash: None,
            admin: true,
            created_at: at(0),
        };
        let user = store.create_user(user).await.unwrap().id;
        let mut repositories = Vec::new();
        for n in 0..1_001_u16 {
            let [high, low] = (n + 2).to_be_bytes();
            let uuid = Hex32::from_bytes(std::array::from_fn(|at| if at == 0 { high } else { low }));
            let chosen = RepositoryDefaults { uuid: uuid.clone(), project_id: uuid, creator: user, now: at(0) };
            let new = NewRepository { path: format!("acme/{n}"), ..NewRepository::default() };
            repositories.push(store.create_repository(new, chosen).await.unwrap().id);
        }
        let time = Duration::from_secs(seconds);
        for (senders, size, targets) in
            [(64, 1, 1), (64, 1, 8), (256, 1, 8), (64, 1, 1_000), (256, 1, 1_000), (16, 1_000, 8)]
        {
            let before = Used::now();
            let rate = flood(&store, user, &repositories[..targets], (senders, size), time).await;
            let per_report = Used::now().since(&before, rate * time.as_secs_f64());
            println!("{senders} senders of {size} reports, {targets} repositories: {rate:.0} reports/s, {per_report}");
        }
        let other = repositories[1_000];
        let flooding = flood(&store, user, &repositories[..1], (16, 1_000), time);
        let single = delays(&store, user, other, time);
        let (rate, mut delays) = tokio::join!(flooding, single);
        delays.sort_unstable();
        println!(
            "a single report beside 16 senders of 1000 reports ({rate:.0} reports/s): median {:?}, worst {:?} of {}",
            delays[delays.len() / 2],
            delays[delays.len() - 1],
            delays.len()
        );
        store.close().await.unwrap();
    });
}

/// What this process has used: seconds of processor time, and bytes written to the disk.
struct Used {
    seconds: f64,
    bytes: f64,
}

impl Used {
    fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        // User and system time, in ticks of 10 ms.
        let ticks: f64 = fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        let io = std::fs::read_to_string("/proc/self/io").unwrap();
        let bytes = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).unwrap();
        Self { seconds: ticks / 100.0, bytes: bytes.parse().unwrap() }
    }

    fn since(&self, before: &Self, reports: f64) -> String {
        let micros = (self.seconds - before.seconds) * 1e6 / reports;
        format!("{micros:.1} µs and {:.0} bytes each", (self.bytes - before.bytes) / reports)
    }
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

fn batch(repository_id: RepositoryId, reporter: UserId, size: usize) -> ReportBatch {
    let first = NEXT.fetch_add(size, Ordering::Relaxed);
    let commit = char::from(b'a' + u8::try_from(first / 500 % 6).unwrap());
    let reports =
        (first..first + size).map(|n| report(commit, &format!("s/{}:running#{n}", n % 50))).collect();
    ReportBatch {
        repository_id,
        reporter,
        credential: None,
        dialect: "native",
        received_at: at(100),
        reports,
        idempotency: None,
        signature: None,
    }
}

/// The reports per second of concurrent senders.
async fn flood(
    store: &Arc<Sqlite>,
    user: UserId,
    repositories: &[RepositoryId],
    (senders, size): (usize, usize),
    time: Duration,
) -> f64 {
    let (end, written) = (Instant::now() + time, Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..senders)
        .map(|n| {
            let (store, written) = (Arc::clone(store), Arc::clone(&written));
            let repositories = repositories.to_vec();
            tokio::spawn(async move {
                for at in (n..).step_by(senders) {
                    if Instant::now() >= end {
                        break;
                    }
                    let repository = repositories[at % repositories.len()];
                    store.record(batch(repository, user, size)).await.unwrap();
                    written.fetch_add(size, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    written.load(Ordering::Relaxed) as f64 / time.as_secs_f64()
}

/// How long each of many single reports takes.
async fn delays(store: &Sqlite, user: UserId, repository: RepositoryId, time: Duration) -> Vec<Duration> {
    let (end, mut delays) = (Instant::now() + time, Vec::new());
    while Instant::now() < end {
        let started = Instant::now();
        store.record(batch(repository, user, 1)).await.unwrap();
        delays.push(started.elapsed());
    }
    delays
}
