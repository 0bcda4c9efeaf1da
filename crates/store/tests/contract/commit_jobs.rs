//! The jobs of a commit: those of several pipelines, each with the result that was reported last.

use super::{batch, repository, root};
use crate::open;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::jobs::filters::{CommitJobFilter, FoundJob};
use domain::model::page::Page;
use domain::model::reports::{PipelineChoice, Report};
use domain::model::status::Status::{self, *};
use domain::ports::{ReportBatch, Store};
use testkit::{at, report};

/// The jobs of a commit as texts: `stage/name:status@pipeline`, newest first.
async fn of_commit(
    store: &dyn Store,
    repo: RepositoryId,
    named: &[(&str, &str)],
    page: Option<Page>,
) -> (Vec<(Status, bool, u64)>, Vec<String>) {
    let named = named.iter().map(|(stage, name)| ((*stage).to_owned(), (*name).to_owned())).collect();
    let filter = CommitJobFilter { sha: "a".repeat(40), named, ..CommitJobFilter::default() };
    let mut found = store.jobs_of_commit(repo, filter, page).await.unwrap();
    found.counts.sort_by_key(|(status, allow_failure, _)| (status.as_str(), *allow_failure));
    let text = |found: &FoundJob| {
        let (stage, name, status) = (&found.stage, &found.job.name, found.job.attempt.status.as_str());
        format!("{stage}/{name}:{status}@{}", found.pipeline.id)
    };
    (found.counts, found.jobs.iter().map(text).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_two_pipelines_of_a_commit_counts_once_with_the_result_that_was_reported_last() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let other = repository(store, &root, "acme/other").await;
    let all = Some(Page { offset: 0, limit: 100 });
    assert_eq!(of_commit(store, repo, &[], all).await, (vec![], vec![]));
    for (n, (git_ref, line, allow_failure)) in [
        ("main", "build/one:failed#1", false),
        ("main", "test/one:failed#1", true),
        ("main", "build/two:failed#1", false),
        ("main", "build/two:success#2", false),
        ("dev", "build/one:success#1", false),
        ("dev", "lint/x:running#1", false),
        // A later attempt in the older pipeline.
        ("main", "build/one:canceled#2", false),
        ("main", "old/x:failed#1", false),
        ("dev", "old/x:success#1", false),
        // The attempt in the older pipeline ends after the one in the newer pipeline.
        ("main", "late/x:running#1", false),
        ("dev", "late/x:success#1", false),
        ("main", "late/x:failed#1", false),
    ]
    .into_iter()
    .enumerate()
    {
        for repo in [repo, other] {
            let mut report = report('a', line);
            report.state.occurred_at = Some(at(n as i64));
            (report.git_ref, report.state.allow_failure) = (git_ref.into(), Some(allow_failure));
            for receipt in store.record(batch(repo, &root, vec![report])).await.unwrap() {
                receipt.unwrap();
            }
        }
    }
    let (counts, jobs) = of_commit(store, repo, &[], all).await;
    let expected = ["late/x:failed@1", "old/x:success@2", "build/one:canceled@1", "lint/x:running@2"];
    assert_eq!(jobs, [&expected[..], &["build/two:success@1", "test/one:failed@1"]].concat());
    let wanted = [
        (Canceled, false, 1),
        (Failed, false, 1),
        (Failed, true, 1),
        (Running, false, 1),
        (Success, false, 2),
    ];
    assert_eq!(counts, wanted, "a failed attempt that may fail is counted separately");
    for (offset, limit) in [(0, 3), (1, 2), (3, 9), (4, 9)] {
        let page = of_commit(store, repo, &[], Some(Page { offset, limit })).await;
        let expected: Vec<String> = jobs.iter().skip(offset as usize).take(limit as usize).cloned().collect();
        assert_eq!(page, (counts.clone(), expected));
    }
    assert_eq!(of_commit(store, repo, &[], None).await, (counts, vec![]));
    let named = [("test", "one"), ("build", "two"), ("build", "absent")];
    let (counts, jobs) = of_commit(store, repo, &named, all).await;
    assert_eq!((counts.len(), jobs), (2, vec!["build/two:success@1".into(), "test/one:failed@1".into()]));
    // All attempts, those of one pipeline, and those with a status.
    let sha = "a".repeat(40);
    let every = CommitJobFilter { sha, all_attempts: true, ..CommitJobFilter::default() };
    let of_main = CommitJobFilter { pipeline: Some(PipelineId::new(1).unwrap()), ..every.clone() };
    let failed = CommitJobFilter { statuses: vec![Failed, Canceled], ..every.clone() };
    let newest = CommitJobFilter { all_attempts: false, ..of_main.clone() };
    let newest_failed = CommitJobFilter { all_attempts: false, ..failed.clone() };
    for (filter, ids) in [
        (every, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1][..]),
        (of_main, &[10, 8, 7, 4, 3, 2, 1]),
        (failed, &[10, 8, 7, 3, 2, 1]),
        (newest, &[10, 8, 7, 4, 2]),
        (newest_failed, &[10, 7, 2]),
    ] {
        let found = store.jobs_of_commit(repo, filter.clone(), all).await.unwrap();
        let found: Vec<i32> = found.jobs.iter().map(|found| found.job.id.get()).collect();
        assert_eq!(found, ids, "{filter:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_two_sources_of_a_commit_are_two_jobs() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let all = Some(Page { offset: 0, limit: 100 });
    for (source, line) in [("jenkins", "external/build:failed"), ("drone", "external/build:success")] {
        let report = Report { source: source.into(), ..report('a', line) };
        store.record(batch(repo, &root, vec![report])).await.unwrap().remove(0).unwrap();
    }
    let (counts, jobs) = of_commit(store, repo, &[], all).await;
    assert_eq!(counts, [(Failed, false, 1), (Success, false, 1)]);
    assert_eq!(jobs, ["external/build:success@2", "external/build:failed@1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn contexts_that_differ_in_case_are_one_job_if_their_reports_ignore_case() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let all = Some(Page { offset: 0, limit: 100 });
    for (second, (git_ref, line, name_ignores_case)) in [
        ("main", "external/CI/Build:failed", true),
        ("dev", "external/ci/build:success", true),
        ("main", "external/CI/Lint:failed", true),
        ("dev", "external/ci/lint:success", false),
        ("main", "external/CI/Test:failed", false),
        ("dev", "external/ci/test:success", false),
        // Late in the older pipeline.
        ("dev", "external/ÜBER:success", true),
        ("main", "external/über:failed", true),
    ]
    .into_iter()
    .enumerate()
    {
        let (stage, line) = line.split_once('/').unwrap();
        let (name, status) = line.split_once(':').unwrap();
        let report = report('a', &format!("{stage}/x:{status}"));
        let (git_ref, name) = (git_ref.into(), name.into());
        let report = Report { git_ref, name, name_ignores_case, ..report };
        let batch = ReportBatch { received_at: at(100 + second as i64), ..batch(repo, &root, vec![report]) };
        store.record(batch).await.unwrap().remove(0).unwrap();
    }
    let (counts, jobs) = of_commit(store, repo, &[], all).await;
    assert_eq!(counts, [(Failed, false, 3), (Success, false, 3)]);
    let expected = [
        "external/über:failed@1",
        "external/ci/test:success@2",
        "external/CI/Test:failed@1",
        "external/ci/lint:success@2",
        "external/CI/Lint:failed@1",
        "external/ci/build:success@2",
    ];
    assert_eq!(jobs, expected);
    // By either of its spellings, and by no other one.
    for (name, found) in [
        ("CI/Build", &["external/ci/build:success@2"][..]),
        ("ci/build", &["external/ci/build:success@2"]),
        ("Ci/Build", &[]),
        ("ci/test", &["external/ci/test:success@2"]),
        ("ÜBER", &["external/über:failed@1"]),
    ] {
        assert_eq!(of_commit(store, repo, &[("external", name)], all).await.1, found, "{name}");
    }
    let page = of_commit(store, repo, &[], Some(Page { offset: 1, limit: 2 })).await;
    assert_eq!(page, (counts, expected[1..3].iter().map(|&job| job.into()).collect()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_very_many_pipelines_of_a_commit_are_counted_once() {
    const PIPELINES: i64 = 300;
    const JOBS: i64 = 50;
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    // In the last pipeline all jobs succeed, in those before it they fail; the last job has a later failure.
    let of_pipeline = |pipeline: i64| {
        (0..JOBS).map(move |job| {
            let is_late = pipeline == 7 && job == JOBS - 1;
            let status = if pipeline == PIPELINES - 1 { "success" } else { "failed" };
            let mut report = report('a', &format!("s/job {job}:{status}#{pipeline}-{job}"));
            report.state.occurred_at = Some(at(if is_late { 2 * PIPELINES } else { pipeline }));
            report.pipeline = PipelineChoice::Key(format!("{pipeline:03}"));
            report
        })
    };
    for first in (0..PIPELINES).step_by(20) {
        let reports: Vec<Report> = (first..first + 20).flat_map(of_pipeline).collect();
        for receipt in store.record(batch(repo, &root, reports)).await.unwrap() {
            receipt.unwrap();
        }
    }
    let page = Some(Page { offset: 0, limit: 3 });
    let (counts, jobs) = of_commit(store, repo, &[], page).await;
    assert_eq!(counts, [(Failed, false, 1), (Success, false, 49)]);
    assert_eq!(jobs, ["s/job 48:success@300", "s/job 47:success@300", "s/job 46:success@300"]);
    let (_, jobs) = of_commit(store, repo, &[], Some(Page { offset: 48, limit: 9 })).await;
    assert_eq!(jobs, ["s/job 0:success@300", "s/job 49:failed@8"]);
    let (counts, jobs) = of_commit(store, repo, &[("s", "job 49"), ("t", "job 1")], page).await;
    assert_eq!((counts, jobs), (vec![(Failed, false, 1)], vec!["s/job 49:failed@8".into()]));
    let every = CommitJobFilter { sha: "a".repeat(40), all_attempts: true, ..CommitJobFilter::default() };
    let found = store.jobs_of_commit(repo, every, page).await.unwrap();
    assert_eq!((found.counts.iter().map(|(.., count)| count).sum::<u64>(), found.jobs.len()), (15_000, 3));
}
