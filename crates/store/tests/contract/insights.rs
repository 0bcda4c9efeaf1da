//! Insights: the attempts that ended in a period; and the pipelines of a commit.

use super::{batch, repository, root};
use crate::open;
use domain::Timestamp;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::insights::{EndedAttempt, InsightOrder, Insights, Period};
use domain::model::reports::{PipelineChoice, Report};
use domain::model::retention::Expiry;
use domain::model::status::Status;
use domain::ports::{EndedAttempts, Store};
use std::collections::BTreeSet;
use testkit::{at, report};

/// A report on a ref, in the pipeline of this key, with the start and end of the attempt in seconds.
fn timed(line: &str, times: Option<(i64, i64)>, git_ref: &str, key: i64) -> Report {
    let mut report = report('a', line);
    report.git_ref = git_ref.into();
    report.pipeline = PipelineChoice::Key(key.to_string());
    report.state.started_at = times.map(|times| at(times.0));
    report.state.finished_at = times.map(|times| at(times.1));
    report
}

async fn record(
    store: &dyn Store,
    repo: RepositoryId,
    root: &domain::model::users::User,
    reports: Vec<Report>,
) {
    for receipt in store.record(batch(repo, root, reports)).await.unwrap() {
        receipt.unwrap();
    }
}

fn between(since: i64, until: i64) -> Period {
    Period { days: 7, since: at(since), until: at(until) }
}

/// The ends of the attempts in seconds.
fn ends(found: &EndedAttempts) -> BTreeSet<i64> {
    found.attempts.iter().map(|ended| ended.finished_at.as_second() - at(0).as_second()).collect()
}

#[tokio::test]
async fn attempts_are_found_by_their_end() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let (repo, other) =
        (repository(store, &root, "acme/demo").await, repository(store, &root, "acme/other").await);
    let reports = || {
        vec![
            timed("build/compile:success#1", Some((10, 20)), "main", 1),
            timed("test/unit:failed#2", Some((20, 35)), "main", 1),
            timed("test/unit:success#3", Some((40, 50)), "main", 1),
            timed("test/unit:running#4", None, "main", 2),
            timed("test/lint:timedout#5", Some((1, 60)), "dev", 3),
            timed("test/lint:skipped#6", Some((70, 70)), "dev", 4),
            // The clock of the reporter is ahead.
            timed("test/lint:canceled#7", Some((80, 900)), "dev", 5),
        ]
    };
    record(store, repo, &root, reports()).await;
    // Another repository, whose attempts must not appear.
    record(store, other, &root, reports()).await;
    let ended = async |period, git_ref: Option<&str>, most| {
        store.ended_attempts(repo, period, git_ref.map(str::to_owned), most).await.unwrap()
    };
    let all = ended(between(0, 100), None, 100).await;
    assert_eq!((ends(&all), all.cut_before), ([20, 35, 50, 60, 70].into(), None));
    let first = all.attempts.iter().find(|ended| ended.finished_at == at(35)).unwrap();
    let want = EndedAttempt {
        stage: "test".into(),
        name: "unit".into(),
        sha: "a".repeat(40),
        source: report('a', "test/unit:failed#2").source,
        status: Status::Failed,
        newest: false,
        started_at: Some(at(20)),
        finished_at: at(35),
    };
    assert_eq!(first, &want);
    assert_eq!(
        ends(&ended(between(20, 60), None, 100).await),
        [20, 35, 50, 60].into(),
        "a period includes both of its ends"
    );
    assert_eq!(ends(&ended(between(0, 100), Some("dev"), 100).await), [60, 70].into());
    assert_eq!(ended(between(0, 100), Some("absent"), 100).await, EndedAttempts::default());
    assert_eq!(ends(&ended(between(200, 2_000), None, 100).await), [900].into());

    // The last ones by their end, not by their report.
    let cut = ended(between(0, 100), None, 3).await;
    let millisecond = domain::SignedDuration::from_millis(1);
    assert_eq!((ends(&cut), cut.cut_before), ([50, 60, 70].into(), Some(at(35) + millisecond)));
    let of_ref = ended(between(0, 100), Some("main"), 3).await;
    assert_eq!(
        (ends(&of_ref), of_ref.cut_before),
        ([50].into(), cut.cut_before),
        "the limit applies before the filter by ref"
    );
    assert_eq!(ended(between(0, 100), None, 5).await.cut_before, None, "exactly the limit");

    // Attempts of a deleted pipeline are missing at once, though their rows are deleted later.
    let expiry =
        Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: Some(Timestamp::MAX), min_newer_on_ref: 1 };
    assert!(
        store.delete_expired_pipeline(repo, PipelineId::new(1).unwrap(), expiry, at(2_000)).await.unwrap()
    );
    assert_eq!(ends(&ended(between(0, 100), None, 100).await), [60, 70].into());
}

#[tokio::test]
async fn the_same_job_of_two_sources_is_flaky_only_where_one_source_has_both_results() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let of = |source: &str, line: &str, second| {
        let mut report = timed(line, Some((0, second)), "main", 1);
        report.source = source.into();
        report
    };
    let insights = async || {
        let period = between(0, 100);
        let found = store.ended_attempts(repo, period, None, 100).await.unwrap();
        let insights = Insights::compute(period, None, found.attempts, InsightOrder::Name);
        insights.jobs.iter().map(|job| (job.name.clone(), job.flaky_commits)).collect::<Vec<_>>()
    };
    let two = vec![of("jenkins", "test/unit:failed#1", 1), of("buildbot", "test/unit:success#1", 2)];
    record(store, repo, &root, two).await;
    assert_eq!(insights().await, [("unit".to_owned(), 0)]);
    record(store, repo, &root, vec![of("jenkins", "test/lint:success#1", 3)]).await;
    assert_eq!(insights().await, [("lint".to_owned(), 0), ("unit".to_owned(), 0)], "another job");
    record(store, repo, &root, vec![of("jenkins", "test/unit:success#2", 4)]).await;
    assert_eq!(insights().await, [("lint".to_owned(), 0), ("unit".to_owned(), 1)]);
}

#[tokio::test]
async fn a_limit_does_not_split_attempts_of_the_same_millisecond() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let reports = (0..6)
        .map(|n| timed(&format!("s/{n}:success#{n}"), Some((0, [10, 20, 20, 20, 30, 30][n])), "main", 1));
    record(store, repo, &root, reports.collect()).await;
    for (most, want) in [(6, &[10, 20, 30][..]), (5, &[20, 30]), (4, &[30]), (3, &[30]), (2, &[30]), (1, &[])]
    {
        let found = store.ended_attempts(repo, between(0, 100), None, most).await.unwrap();
        assert_eq!(ends(&found), want.iter().copied().collect(), "{most}");
        assert!(found.attempts.len() <= most as usize);
    }
}

#[tokio::test]
async fn a_commit_has_all_its_pipelines_with_their_newest_jobs() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    for key in 1..=5 {
        let jobs = ["a/x:success#1", "a/may:failed#1", "a/y:failed#1", "a/y:success#2", "b/z:timedout#1"];
        let mut jobs = jobs.map(|line| timed(line, None, "main", key));
        jobs[1].state.allow_failure = Some(true);
        record(store, repo, &root, jobs.to_vec()).await;
    }
    let mut elsewhere = report('b', "a/x:failed#1");
    elsewhere.git_ref = "main".into();
    record(store, repo, &root, vec![elsewhere]).await;
    let sha = "a".repeat(40);
    let page = store.commit_pipelines(repo, &sha, None, 3, 10).await.unwrap();
    let ids: Vec<i32> = page.items.iter().map(|item| item.pipeline.id.get()).collect();
    assert_eq!((ids.as_slice(), page.next), (&[5, 4, 3][..], Some(3)));
    let first = &page.items[0];
    let names: Vec<(&str, bool)> = first.jobs.iter().map(|job| (job.name.as_str(), job.newest)).collect();
    let want = [("z", true), ("may", true), ("x", true), ("y", true)];
    assert_eq!(names, want, "failed jobs first, without retried attempts");
    assert_eq!((first.more, first.stages.len()), (0, 2));
    let rest = store.commit_pipelines(repo, &sha, Some(PipelineId::new(3).unwrap()), 3, 2).await.unwrap();
    let ids: Vec<i32> = rest.items.iter().map(|item| item.pipeline.id.get()).collect();
    assert_eq!((ids.as_slice(), rest.next), (&[2, 1][..], None));
    assert_eq!((rest.items[0].jobs.len(), rest.items[0].more), (2, 2));
    let exactly = store.commit_pipelines(repo, &sha, None, 1, 4).await.unwrap();
    assert_eq!((exactly.items[0].jobs.len(), exactly.items[0].more), (4, 0));
    assert!(store.commit_pipelines(repo, &"c".repeat(40), None, 3, 10).await.unwrap().items.is_empty());
}
