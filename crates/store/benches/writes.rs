//! Writes of reports on SQLite: `cargo bench -p store --bench writes [-- SECONDS]`. Prints the reports per second
//! of many senders with one report each and with large batches, and how long a single report of another
//! repository takes while one repository sends large batches.
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
        for n in 0..9 {
            let uuid = Hex32::from_bytes([n + 2; 16]);
            let chosen = RepositoryDefaults { uuid: uuid.clone(), project_id: uuid, creator: user, now: at(0) };
            let new = NewRepository { path: format!("acme/{n}"), ..NewRepository::default() };
            repositories.push(store.create_repository(new, chosen).await.unwrap().id);
        }
        let time = Duration::from_secs(seconds);
        for (senders, size) in [(256, 1), (16, 1_000)] {
            let rate = flood(&store, user, &repositories[..8], (senders, size), time).await;
            println!("{senders} senders of {size} reports: {rate:.0} reports/s");
        }
        let other = repositories[8];
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

static NEXT: AtomicUsize = AtomicUsize::new(0);

fn batch(repository_id: RepositoryId, reporter: UserId, size: usize) -> ReportBatch {
    let first = NEXT.fetch_add(size, Ordering::Relaxed);
    let commit = char::from(b'a' + u8::try_from(first / 500 % 6).unwrap());
    let reports =
        (first..first + size).map(|n| report(commit, &format!("s/{}:running#{n}", n % 50))).collect();
    ReportBatch {
        repository_id,
        reporter,
        dialect: "native",
        received_at: at(100),
        reports,
        idempotency: None,
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
    let senders: Vec<_> = (0..senders)
        .map(|n| {
            let (store, written) = (Arc::clone(store), Arc::clone(&written));
            let repository = repositories[n % repositories.len()];
            tokio::spawn(async move {
                while Instant::now() < end {
                    store.record(batch(repository, user, size)).await.unwrap();
                    written.fetch_add(size, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
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
