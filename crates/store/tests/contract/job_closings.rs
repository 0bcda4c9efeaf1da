//! Closings of jobs, the history of a job, and reports without a ref.

use super::{batch, repository, root, user};
use crate::open;
use domain::error::{Error, Result};
use domain::model::ids::{JobId, RepositoryId};
use domain::model::job_closings::JobClosing;
use domain::model::reports::{Authority, Effect, Receipt, Report};
use domain::model::status::Status::{self, *};
use domain::ports::{ReportBatch, Store};
use std::collections::BTreeMap;
use testkit::{at, report};

fn closing(repository_id: RepositoryId, job: i64, authority: Authority, status: Status) -> JobClosing {
    JobClosing {
        repository_id,
        job_id: JobId::new(job).unwrap(),
        status,
        authority,
        closed_by: None,
        credential: None,
        dialect: "watchdog",
        reason: Some("2h".into()),
        closed_at: at(500),
        inactive_since: None,
    }
}

async fn close(store: &dyn Store, closing: JobClosing) -> Result<Option<Receipt>> {
    store.close_jobs(vec![closing]).await.unwrap().remove(0)
}

async fn record(store: &dyn Store, mut batch: ReportBatch, second: i64) -> Receipt {
    batch.received_at = at(second);
    store.record(batch).await.unwrap().remove(0).unwrap()
}

#[tokio::test]
async fn the_watchdog_closes_inactive_jobs_and_a_later_report_overrides_it() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let running = |line: &str| batch(repo, &root, vec![report('a', line)]);
    record(store, running("s/j:running#1"), 100).await;
    // A repetition changes nothing, but counts as activity.
    record(store, running("s/j:running#1"), 200).await;
    let inactive_since_second = |second| JobClosing {
        inactive_since: Some(at(second)),
        ..closing(repo, 1, Authority::Watchdog, TimedOut)
    };
    assert_eq!(close(store, inactive_since_second(150)).await.unwrap(), None, "there was a report since");
    assert_eq!(close(store, inactive_since_second(200)).await.unwrap(), None);
    let receipt = close(store, inactive_since_second(201)).await.unwrap().unwrap();
    assert_eq!(
        (receipt.effect, receipt.status, receipt.pipeline_status),
        (Effect::Changed, TimedOut, Failed)
    );
    let found = store.job(repo, receipt.job_id).await.unwrap().unwrap();
    assert_eq!(
        (found.job.attempt.status, found.job.attempt.finished_at, found.last_report_at),
        (TimedOut, Some(at(500)), at(200))
    );
    assert_eq!(close(store, inactive_since_second(9_999)).await.unwrap(), None, "the job has ended");
    let receipt = record(store, running("s/j:success#1"), 600).await;
    assert_eq!(
        (receipt.effect, receipt.status, receipt.pipeline_status),
        (Effect::Changed, Success, Success)
    );
    let late = close(store, closing(repo, 1, Authority::Operator, Canceled)).await.unwrap().unwrap();
    assert_eq!((late.effect, late.status), (Effect::Late, Success));
    assert_eq!(
        close(store, closing(repo, 2, Authority::Operator, Canceled)).await,
        Err(Error::NotFound { noun: "job" })
    );
}

#[tokio::test]
async fn the_history_has_every_report_in_order_with_its_effect() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let ci = user(store, "ci", false).await;
    let repo = repository(store, &root, "acme/demo").await;
    for (reporter, line, second) in [
        (&root, "s/j:running#1", 100),
        (&ci, "s/j:running#1", 101),
        (&ci, "s/other:running#1", 102),
        (&ci, "s/j:pending#1", 103),
    ] {
        record(store, batch(repo, reporter, vec![report('a', line)]), second).await;
    }
    close(store, closing(repo, 1, Authority::Watchdog, TimedOut)).await.unwrap();
    let mut last = report('a', "s/j:failed#1");
    last.state.description = Some("3 of 40 失败".into());
    last.state.occurred_at = Some(at(90));
    record(store, batch(repo, &ci, vec![last.clone()]), 600).await;
    let job = JobId::new(1).unwrap();
    let history = store.history(repo, job, 0, 100).await.unwrap();
    let entries: Vec<_> = history
        .iter()
        .map(|e| (e.reporter.as_deref(), e.state.status, e.effect, e.status_after, e.state.authority))
        .collect();
    let (root, ci) = (Some("root"), Some("ci"));
    assert_eq!(
        entries,
        [
            (root, Running, Effect::Created, Some(Running), Authority::Reporter),
            (ci, Running, Effect::Repeated, Some(Running), Authority::Reporter),
            (ci, Pending, Effect::Late, Some(Running), Authority::Reporter),
            (None, TimedOut, Effect::Changed, Some(TimedOut), Authority::Watchdog),
            (ci, Failed, Effect::Changed, Some(Failed), Authority::Reporter),
        ]
    );
    assert_eq!(history[4].state, last.state, "unchanged");
    assert_eq!((history[3].dialect.as_str(), history[3].closing_reason.as_deref()), ("watchdog", Some("2h")));
    assert_eq!(history[4].received_at, at(600));
    assert!(history[4].changed.names().any(|name| name == "description"));
    let after: Vec<_> = store.history(repo, job, history[1].report_id, 2).await.unwrap();
    assert_eq!(after, history[2..4]);
    assert!(store.history(repo, JobId::new(99).unwrap(), 0, 100).await.unwrap().is_empty());
}

/// A report of a job whose page in the build system has the id of its build.
fn report_with_link(commit: char, job: usize, status: &str) -> Report {
    let build = format!("{job:08x}");
    let mut report = report(commit, &format!("s/job-{job}:{status}#{build}"));
    report.state.target_url = Some(format!("https://ci.example.com/acme/demo/builds/{build}/console"));
    report.state.description = Some(format!("{status} on runner-{}", job % 2));
    report.web_url = Some(format!("https://ci.example.com/acme/demo/pipelines/{commit}"));
    report
}

#[tokio::test]
async fn histories_are_whole_whatever_texts_the_jobs_of_a_pipeline_share() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let mut sent: BTreeMap<JobId, Vec<Report>> = BTreeMap::new();
    for status in ["pending", "running", "success"] {
        for commit in ['a', 'b'] {
            let reports: Vec<Report> = (1..=5).map(|job| report_with_link(commit, job, status)).collect();
            let receipts = store.record(batch(repo, &root, reports.clone())).await.unwrap();
            for (receipt, report) in receipts.into_iter().zip(reports) {
                sent.entry(receipt.unwrap().job_id).or_default().push(report);
            }
        }
        // The read has the reports written before the next ones arrive.
        assert!(!store.history(repo, JobId::new(1).unwrap(), 0, 10).await.unwrap().is_empty());
    }
    assert_eq!(sent.len(), 10);
    for (job, reports) in sent {
        let history = store.history(repo, job, 0, 10).await.unwrap();
        let states: Vec<_> = history.iter().map(|entry| &entry.state).collect();
        assert_eq!(states, reports.iter().map(|report| &report.state).collect::<Vec<_>>(), "{job}");
        let last = store.history(repo, job, history[1].report_id, 10).await.unwrap();
        assert_eq!(last, history[2..]);
    }
}

#[tokio::test]
async fn a_report_without_ref_finds_the_pipeline_of_its_commit() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let on = |line: &str, git_ref: &str| Report { git_ref: git_ref.into(), ..report('a', line) };
    let without_ref = |line: &str| Report { ref_is_default: true, ..on(line, "main") };
    let send = |report: Report| async {
        store.record(batch(repo, &root, vec![report])).await.unwrap().remove(0).unwrap()
    };
    // The first report of the commit goes to the default branch.
    assert_eq!(send(without_ref("s/first:running")).await.pipeline_id.get(), 1);
    assert_eq!(send(on("s/second:running", "main")).await.pipeline_id.get(), 1);
    // Later ones go to the newest pipeline, but reports of a known job go to its pipeline.
    assert_eq!(send(on("s/third:running", "topic")).await.pipeline_id.get(), 2);
    assert_eq!(send(without_ref("s/fourth:running")).await.pipeline_id.get(), 2);
    let first = send(without_ref("s/first:success")).await;
    assert_eq!((first.pipeline_id.get(), first.effect), (1, Effect::Changed));
    // The same if all reports are in one commit of the store.
    let mut all = vec![
        on("s/a:running", "x"),
        on("s/b:running", "y"),
        without_ref("s/a:success"),
        without_ref("s/c:running"),
    ];
    for report in &mut all {
        report.sha = "b".repeat(40);
    }
    let receipts = store.record(batch(repo, &root, all)).await.unwrap();
    let pipelines: Vec<i32> = receipts.into_iter().map(|r| r.unwrap().pipeline_id.get()).collect();
    assert_eq!(pipelines, [3, 4, 3, 4]);
    // Pipelines with their own key are ignored.
    let mut keyed = on("s/k:running", "z");
    keyed.pipeline = domain::model::reports::PipelineChoice::Key("nightly".into());
    keyed.sha = "c".repeat(40);
    assert_eq!(send(keyed).await.pipeline_id.get(), 5);
    let mut plain = without_ref("s/k:running");
    plain.sha = "c".repeat(40);
    assert_eq!(send(plain).await.pipeline_id.get(), 6);
}
