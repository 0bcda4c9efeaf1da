//! One job across pipelines, and the grid of a ref.

use super::{batch, repository, root};
use crate::open;
use domain::SignedDuration;
use domain::Timestamp;
use domain::model::grid::GridFilter;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::job_runs::JobRunsFilter;
use domain::model::reports::{PipelineChoice, Report};
use domain::model::retention::Expiry;
use domain::model::status::Status;
use domain::ports::Store;
use testkit::{at, report};

/// A report on a ref, in the pipeline of this key.
fn keyed(commit: char, line: &str, git_ref: &str, key: i64) -> Report {
    let mut report = report(commit, line);
    report.git_ref = git_ref.into();
    report.pipeline = PipelineChoice::Key(key.to_string());
    if report.state.status.is_finished() {
        (report.state.started_at, report.state.finished_at) = (Some(at(10 * key)), Some(at(12 * key)));
    }
    report
}

/// A repository with five pipelines, the fourth of another ref, and another one with the same jobs.
async fn stocked(store: &dyn Store) -> RepositoryId {
    let root = root(store).await;
    let reports = || {
        vec![
            keyed('a', "build/compile:success#1", "main", 1),
            keyed('a', "test/unit:failed#1", "main", 1),
            keyed('a', "test/unit:success#2", "main", 1),
            keyed('b', "test/unit:success#1", "main", 2),
            keyed('b', "lint/unit:failed#1", "main", 2),
            keyed('c', "test/unit:timedout#1", "main", 3),
            keyed('d', "test/unit:failed#1", "dev", 4),
            keyed('e', "test/unit:running#1", "main", 5),
        ]
    };
    let mut first = None;
    for path in ["acme/demo", "acme/other"] {
        let repo = repository(store, &root, path).await;
        for receipt in store.record(batch(repo, &root, reports())).await.unwrap() {
            receipt.unwrap();
        }
        first.get_or_insert(repo);
    }
    first.unwrap()
}

async fn delete_first(store: &dyn Store, repo: RepositoryId) {
    let expiry =
        Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: Some(Timestamp::MAX), min_newer_on_ref: 1 };
    let first = PipelineId::new(1).unwrap();
    assert!(store.delete_expired_pipeline(repo, first, expiry, at(2_000)).await.unwrap());
}

#[tokio::test]
async fn a_job_has_its_attempts_in_all_pipelines_newest_first() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = stocked(store).await;
    let found_of = async |source: Option<&str>, stage: &str, git_ref: Option<&str>, limit| {
        let (stage, name) = (stage.into(), "unit".into());
        let (git_ref, source) = (git_ref.map(str::to_owned), source.map(str::to_owned));
        let filter = JobRunsFilter { stage, name, git_ref, source };
        let found = store.job_attempts(repo, filter, limit).await.unwrap();
        let all: Vec<_> = found.attempts.iter().map(|a| (a.pipeline.get(), a.status, a.newest)).collect();
        (all, found.truncated)
    };
    let found = async |stage: &str, git_ref: Option<&str>, limit| found_of(None, stage, git_ref, limit).await;
    use Status::{Failed, Running, Success, TimedOut};
    let main = vec![
        (5, Running, true),
        (3, TimedOut, true),
        (2, Success, true),
        (1, Success, true),
        (1, Failed, false),
    ];
    let all = [&main[..1], &[(4, Failed, true)], &main[1..]].concat();
    assert_eq!(found("test", None, 100).await, (all.clone(), false));
    assert_eq!(found("test", Some("main"), 100).await, (main.clone(), false));
    assert_eq!(found_of(Some("external"), "test", Some("main"), 100).await, (main, false));
    assert_eq!(found_of(Some("external"), "test", None, 2).await, (all[..2].to_vec(), true));
    assert_eq!(found_of(Some("jenkins"), "test", None, 100).await, (vec![], false));
    assert_eq!(found_of(Some("jenkins"), "test", Some("main"), 100).await.0, []);
    assert_eq!(found("test", None, 6).await, (all.clone(), false), "exactly the limit");
    assert_eq!(found("test", None, 2).await, (all[..2].to_vec(), true));
    assert_eq!(found("lint", None, 100).await.0, [(2, Failed, true)], "another stage is another job");
    assert_eq!(found("absent", None, 100).await, (vec![], false));
    assert_eq!(found("test", Some("absent"), 100).await.0, []);

    let filter = JobRunsFilter { stage: "test".into(), name: "unit".into(), git_ref: None, source: None };
    let third = store.job_attempts(repo, filter, 3).await.unwrap().attempts.pop().unwrap();
    assert_eq!((third.sha, third.git_ref.as_str()), ("c".repeat(40), "main"));
    assert_eq!(third.source, report('c', "test/unit:failed#1").source);
    assert_eq!((third.started_at, third.finished_at), (Some(at(30)), Some(at(36))));

    delete_first(store, repo).await;
    assert_eq!(
        found("test", None, 100).await.0,
        all[..4],
        "attempts of a deleted pipeline are missing at once"
    );
}

#[tokio::test]
async fn a_grid_has_the_newest_pipelines_of_a_ref_with_their_attempts() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = stocked(store).await;
    let read = async |source: Option<&str>, before: Option<i64>, limit, attempts_max| {
        let (source, before) = (source.map(str::to_owned), before.map(|id| PipelineId::new(id).unwrap()));
        let filter = GridFilter { git_ref: "main".into(), source, before, limit, attempts_max };
        store.grid_pipelines(repo, filter).await.unwrap()
    };
    let shape = |found: &domain::model::grid::GridPipelines| {
        let pipelines: Vec<i32> = found.pipelines.iter().map(|pipeline| pipeline.id.get()).collect();
        (pipelines, found.attempts.len(), found.next.map(PipelineId::get))
    };
    let all = read(None, None, 50, 1_000).await;
    assert_eq!(shape(&all), (vec![5, 3, 2, 1], 7, None));
    let unit: Vec<_> = all.attempts.iter().filter(|a| a.pipeline.get() == 1 && a.name == "unit").collect();
    let seen: Vec<_> = unit.iter().map(|a| (a.status, a.newest, a.duration)).collect();
    let two = Some(SignedDuration::from_secs(2));
    assert_eq!(seen, [(Status::Failed, false, two), (Status::Success, true, two)]);
    let stages = &all.stages[&PipelineId::new(1).unwrap()];
    assert_eq!(stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>(), ["build", "test"]);
    assert!(stages.iter().any(|stage| stage.id == unit[0].stage));

    assert_eq!(shape(&read(None, None, 2, 1_000).await), (vec![5, 3], 2, Some(3)));
    assert_eq!(shape(&read(None, Some(3), 2, 1_000).await), (vec![2, 1], 5, None));
    assert_eq!(shape(&read(None, None, 50, 4).await), (vec![5, 3, 2], 4, Some(2)), "too many attempts");
    assert_eq!(shape(&read(None, Some(2), 50, 1).await), (vec![1], 3, None), "one pipeline is always read");
    assert_eq!(shape(&read(Some("external"), None, 50, 1_000).await).0, [5, 3, 2, 1]);
    assert_eq!(shape(&read(Some("jenkins"), None, 50, 1_000).await), (vec![], 0, None));
    delete_first(store, repo).await;
    assert_eq!(shape(&read(None, None, 50, 1_000).await).0, [5, 3, 2]);
}
