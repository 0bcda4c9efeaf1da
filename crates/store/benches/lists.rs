//! Lists across pipelines in one large repository: `cargo bench -p store --bench lists [-- JOBS]` (5,000,000
//! by default, some 4 GB on disk while it runs). Prints for each filter the time of a page as a multiple of
//! reading one job by its id in the same run.
#![expect(clippy::unwrap_used, reason = "a measurement fails by a panic")]

use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::filters::{JobFilter, JobOrder};
use domain::model::page::{Start, Window};
use domain::model::retention::Expiry;
use domain::model::status::Status::*;
use domain::ports::{Health as _, Jobs as _, Retention as _};
use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};
use store::sqlite::{Options, Sqlite};

const ROUNDS: usize = 21;
const JOBS_OF_ONE: u64 = 20;

fn main() {
    let jobs: u64 = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(5_000_000);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        Sqlite::open(dir.path(), Options::default()).unwrap().close().await.unwrap();
        let started = Instant::now();
        fill(&dir.path().join("stagepost.db"), jobs);
        println!(
            "{jobs} jobs in {} pipelines, written in {:.0} s",
            jobs / JOBS_OF_ONE,
            started.elapsed().as_secs_f64()
        );
        measure(&Sqlite::open(dir.path(), Options::default()).unwrap(), jobs).await;
    });
}

/// Inserts rows as reports would. Every 400th pipeline is of a rare ref, every 1,000th job failed.
fn fill(path: &Path, jobs: u64) {
    let sql = rusqlite::Connection::open(path).unwrap();
    sql.execute_batch(&format!(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN;
         INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
         INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
         creator_id, created_at, updated_at)
         VALUES (1, '{hex}', '{hex}', 'acme', 'acme/demo', 'main', 'private', 1, 0, 0);
         INSERT INTO counters (repository_id, active_at) VALUES (1, 0);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {pipelines})
         INSERT INTO pipelines SELECT 1, i, printf('%08x%032x', i * 2654435761 % 4294967296, i),
             iif(i % 400, iif(i % 3, 'main', 'feature/' || (i % 997)), 'release/1.0'), 'external', '',
             iif(i % 50, 'success', 'failed'), NULL, NULL, i * 60000, i * 60000, NULL, NULL, {of_one}, 1, NULL,
             NULL FROM n;
         INSERT INTO stages SELECT 1, id, id, 'external', 1, 0, status FROM pipelines;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {jobs})
         INSERT INTO jobs (repository_id, pipeline_id, id, stage_id, name, attempt_number, newest, status, third_build_id,
         target_url, allow_failure, created_at, updated_after, started_after, finished_at, evidence, ref_digest)
         SELECT 1, (i + {of_one} - 1) / {of_one}, i, (i + {of_one} - 1) / {of_one},
         'job ' || (i % {of_one}), 1, 1,
             iif(i % 1000, 1, 4), 'build-' || i, 'https://ci.example.com/builds/' || i,
             0, i * 3000, 0, 0, i * 3000, {evidence}, 0 FROM n;
         INSERT INTO job_counts SELECT repository_id, status, count(*) FROM jobs GROUP BY repository_id, status;
         INSERT INTO pipeline_counts SELECT repository_id, ref, status, count(*) FROM pipelines
         GROUP BY repository_id, ref, status;
         COMMIT;",
        hex = "0".repeat(32),
        pipelines = jobs / JOBS_OF_ONE,
        of_one = JOBS_OF_ONE,
        evidence = evidence(),
    ))
    .unwrap();
    let refs = sql
        .prepare("SELECT DISTINCT ref FROM pipelines")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<Vec<String>, _>>()
        .unwrap();
    sql.execute_batch("BEGIN; CREATE TEMP TABLE digests (ref TEXT PRIMARY KEY, digest INTEGER)").unwrap();
    for git_ref in refs {
        sql.execute("INSERT INTO digests VALUES (?1, ?2)", (&git_ref, ref_digest(&git_ref))).unwrap();
    }
    sql.execute_batch(
        "UPDATE jobs SET ref_digest = (SELECT d.digest FROM pipelines p JOIN digests d ON d.ref = p.ref
             WHERE p.repository_id = jobs.repository_id AND p.id = jobs.pipeline_id);
         COMMIT",
    )
    .unwrap();
}

/// The digest of a ref, as the store makes it.
fn ref_digest(git_ref: &str) -> i32 {
    git_ref
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
        .cast_signed()
}

/// The evidence of a finished attempt, as a literal.
fn evidence() -> String {
    let attempt = domain::model::attempts::Attempt::new(
        &testkit::report('a', "s/j:success#1").state,
        domain::model::reports::Arrival { received_at: testkit::at(0), seq: 1 },
    );
    let bytes = attempt.evidence.to_bytes(attempt.created_at, attempt.target_url.as_deref());
    format!("x'{}'", domain::model::ids::hex(&bytes))
}

async fn median<F: Future>(mut work: impl FnMut(usize) -> F) -> Duration {
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let started = Instant::now();
        work(round).await;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times[ROUNDS / 2]
}

async fn measure(store: &Sqlite, jobs: u64) {
    let repo = RepositoryId::new(1).unwrap();
    let count = i32::try_from(jobs).unwrap();
    let one = median(|round| {
        let id = JobId::new(i64::from(count) * (round as i64 + 1) / (ROUNDS as i64 + 1)).unwrap();
        async move { store.job(repo, id).await.unwrap().unwrap() }
    })
    .await;
    let of = |time: Duration| time.as_secs_f64() / one.as_secs_f64();
    println!("one job by id: {:.0} us; all below as multiples of it, pages of 20\n", one.as_secs_f64() * 1e6);
    println!(
        "{:<34} {:>8} {:>8} {:>8} {:>10} {:>10}",
        "filter", "first", "middle", "page 500", "total", "matches"
    );
    let s = |text: &str| Some(text.to_owned());
    let none = JobFilter::default;
    for (name, filter) in [
        ("none", none()),
        ("status=failed", JobFilter { statuses: vec![Failed], ..none() }),
        ("status=success", JobFilter { statuses: vec![Success], ..none() }),
        (
            "status=failed,timedout,canceled",
            JobFilter { statuses: vec![Failed, TimedOut, Canceled], ..none() },
        ),
        ("status=running (no match)", JobFilter { statuses: vec![Running], ..none() }),
        ("ref=main", JobFilter { git_ref: s("main"), ..none() }),
        ("ref=release/1.0", JobFilter { git_ref: s("release/1.0"), ..none() }),
        (
            "sha (7 digits)",
            JobFilter { sha: s(&format!("{:08x}", 100_u64 * 2_654_435_761 % 4_294_967_296)[..7]), ..none() },
        ),
        ("name", JobFilter { name: s("job 7"), ..none() }),
        ("name, status=failed", JobFilter { name: s("job 0"), statuses: vec![Failed], ..none() }),
        ("name, ref=release/1.0", JobFilter { name: s("job 7"), git_ref: s("release/1.0"), ..none() }),
        ("third_build_id", JobFilter { third_build_id: s(&format!("build-{}", count / 3)), ..none() }),
        ("text in names (no match)", JobFilter { text: s("nothing like it"), ..none() }),
    ] {
        let page = |start| {
            let filter = filter.clone();
            let window = Window { order: JobOrder, descending: true, start, limit: 20 };
            async move { store.find_jobs(repo, filter, window).await.unwrap() }
        };
        let times = |time: Duration| format!("{:.1}", of(time));
        let first = times(median(|_| page(Start::After(None))).await);
        let middle = times(median(|_| page(Start::After(Some(count / 2)))).await);
        // A filter that is checked row by row is not meant for pages by offset.
        let deep = if filter.text.is_some() {
            "-".into()
        } else {
            times(median(|_| page(Start::Offset(9_980))).await)
        };
        let started = Instant::now();
        let matches = store.count_jobs(repo, filter.clone()).await.unwrap();
        let total = times(started.elapsed());
        println!("{name:<34} {first:>8} {middle:>8} {deep:>8} {total:>10} {matches:>10}");
    }
    let expiry = Expiry { at: domain::Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    let expire = median(|round| async move {
        assert!(
            store
                .delete_expired_pipeline(
                    repo,
                    PipelineId::new(round as i64 + 1).unwrap(),
                    expiry,
                    testkit::at(200)
                )
                .await
                .unwrap()
        );
    })
    .await;
    let sweep = median(|_| async { store.delete_pipeline_rows(repo).await.unwrap() }).await;
    println!(
        "\ndeleting a pipeline of {JOBS_OF_ONE} jobs: {:.1}, a step of deleting its rows: {:.1}",
        of(expire),
        of(sweep)
    );
}
