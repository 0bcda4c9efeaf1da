//! Search in some repositories.

use super::{batch, repository, root};
use crate::open;
use domain::model::ids::RepositoryId;
use domain::model::pipelines::Pipeline;
use domain::model::reports::{PipelineChoice, Report};
use domain::model::retention::Expiry;
use domain::model::search::{FoundAttempt, FoundRows, SearchTerms};
use domain::ports::Store;
use domain::{Timestamp, model::ids::PipelineId};
use testkit::{at, report};

const LIMIT: u32 = 11;

fn on(commit: char, line: &str, git_ref: &str, key: i64) -> Report {
    let mut report = report(commit, line);
    report.git_ref = git_ref.into();
    report.pipeline = PipelineChoice::Key(key.to_string());
    report
}

/// Two repositories with the same jobs, and a third one that no search names.
async fn stocked(store: &dyn Store) -> [RepositoryId; 2] {
    let root = root(store).await;
    let reports = || {
        vec![
            on('a', "test/unit:success#77", "main", 1),
            on('a', "test/unit-slow:failed#77", "main", 1),
            on('b', "lint/unit:running#78", "main", 2),
            on('b', "test/e2e:running#79", "main-2", 3),
            on('c', "test/other:running#80", "refs/tags/main", 4),
        ]
    };
    let mut ids = Vec::new();
    for path in ["acme/one", "acme/two", "acme/hidden"] {
        let id = repository(store, &root, path).await;
        for receipt in store.record(batch(id, &root, reports())).await.unwrap() {
            receipt.unwrap();
        }
        ids.push(id);
    }
    [ids[0], ids[1]]
}

async fn search(store: &dyn Store, repositories: &[RepositoryId], text: &str) -> FoundRows {
    store.search(repositories, SearchTerms::parse(text).unwrap(), LIMIT).await.unwrap()
}

/// The pipelines in order, each as `repository/pipeline`.
fn pipelines(ids: [RepositoryId; 2], found: &[Pipeline]) -> Vec<String> {
    let name =
        |id| ids.iter().position(|known| *known == id).map_or("hidden".to_owned(), |at| at.to_string());
    let mut all: Vec<_> = found.iter().map(|p| format!("{}/{}", name(p.repository_id), p.id)).collect();
    all.sort();
    all
}

/// The attempts in order, each as `repository stage/name #build`.
fn attempts(ids: [RepositoryId; 2], found: &[FoundAttempt]) -> Vec<String> {
    let name =
        |id| ids.iter().position(|known| *known == id).map_or("hidden".to_owned(), |at| at.to_string());
    let text = |a: &FoundAttempt| {
        let build = a.third_build_id.as_deref().unwrap_or_default();
        format!("{} {}/{} #{build} {}", name(a.repository), a.stage, a.name, a.git_ref)
    };
    let mut all: Vec<_> = found.iter().map(text).collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_search_finds_each_kind_in_its_repositories_only() {
    let opened = open().await;
    let store = &*opened.store;
    let ids = stocked(store).await;
    let both = &ids[..];

    let number = search(store, both, "#2").await;
    assert_eq!(pipelines(ids, &number.pipelines), ["0/2", "1/2"]);
    assert_eq!((number.refs.len(), number.jobs.len(), number.commits.len()), (0, 0, 0));

    let commits = search(store, both, "aaaa").await;
    assert_eq!(pipelines(ids, &commits.commits), ["0/1", "1/1"]);
    let whole = search(store, &ids[1..], &"b".repeat(40)).await;
    assert_eq!(pipelines(ids, &whole.commits), ["1/3"], "of several pipelines the newest");
    assert_eq!(search(store, both, "dddd").await, FoundRows::default());

    let refs = search(store, &ids[..1], "main").await;
    let names: Vec<_> = refs.refs.iter().map(|p| (p.identity.git_ref.as_str(), p.id.get())).collect();
    assert_eq!(names, [("main", 2), ("refs/tags/main", 4), ("main-2", 3)], "exact names first");
    assert_eq!(pipelines(ids, &search(store, both, "mai").await.refs).len(), 6);
    assert_eq!(search(store, both, "MAIN").await.refs, [], "refs have case");

    let jobs = search(store, both, "unit").await;
    assert_eq!(jobs.jobs[0].name, "unit", "the exact name first");
    assert_eq!(
        attempts(ids, &jobs.jobs),
        [
            "0 lint/unit #78 main",
            "0 test/unit-slow #77 main",
            "1 lint/unit #78 main",
            "1 test/unit-slow #77 main"
        ]
    );
    assert_eq!(attempts(ids, &search(store, &ids[..1], "e").await.jobs), ["0 test/e2e #79 main-2"]);

    let builds = search(store, both, "77").await;
    assert_eq!(
        attempts(ids, &builds.builds),
        [
            "0 test/unit #77 main",
            "0 test/unit-slow #77 main",
            "1 test/unit #77 main",
            "1 test/unit-slow #77 main"
        ]
    );
    assert_eq!(search(store, &[], "unit").await, FoundRows::default());
    assert_eq!(search(store, both, "%_'\"\\").await, FoundRows::default());
}

#[tokio::test]
async fn a_search_is_limited_and_has_nothing_of_a_deleted_pipeline() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let id = repository(store, &root, "acme/many").await;
    let name = |number: i64| format!("test/unit-{number:02}:success#9");
    let reports: Vec<_> =
        (0..20).map(|number| on('a', &name(number), &format!("main-{number}"), number)).collect();
    for receipt in store.record(batch(id, &root, reports)).await.unwrap() {
        receipt.unwrap();
    }
    for (text, of) in [("unit", "jobs"), ("9", "builds"), ("main", "refs")] {
        let found = search(store, &[id], text).await;
        let count = match of {
            "jobs" => found.jobs.len(),
            "builds" => found.builds.len(),
            _ => found.refs.len(),
        };
        assert_eq!(count, LIMIT as usize, "{of}");
    }
    assert_eq!(search(store, &[id], "unit-03").await.jobs.len(), 1);
    let expiry =
        Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: Some(Timestamp::MAX), min_newer_on_ref: 0 };
    let fourth = PipelineId::new(4).unwrap();
    assert!(store.delete_expired_pipeline(id, fourth, expiry, at(2_000)).await.unwrap());
    let found = search(store, &[id], "unit-03").await;
    assert_eq!((found.jobs, found.builds), (vec![], vec![]));
    assert_eq!(search(store, &[id], "main-3").await.refs.len(), 0);
}
