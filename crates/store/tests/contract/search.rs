//! Search in some repositories.

use super::{batch, repository, root};
use crate::open;
use domain::model::ids::RepositoryId;
use domain::model::pipelines::Pipeline;
use domain::model::reports::{PipelineChoice, Report};
use domain::model::retention::Expiry;
use domain::model::search::{FoundAttempt, FoundRows, SearchLimits, SearchTerms};
use domain::ports::Store;
use domain::{Timestamp, model::ids::PipelineId};
use testkit::{at, report};

const LIMITS: SearchLimits = SearchLimits::SERVER;

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
            on('b', "build/backend-unit-tests:running#81", "main", 2),
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
    store.search(repositories, SearchTerms::parse(text).unwrap(), LIMITS).await.unwrap()
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
        format!("{} {}/{} #{build} {} {}", name(a.repository), a.stage, a.name, a.git_ref, a.source)
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
    assert_eq!(pipelines(ids, &search(store, both, "MAI").await.refs).len(), 6, "case is ignored");
    let part: Vec<_> = search(store, &ids[..1], "n-2").await.refs;
    assert_eq!(part.iter().map(|p| p.identity.git_ref.as_str()).collect::<Vec<_>>(), ["main-2"]);

    let jobs = search(store, both, "UNIT").await;
    let names: Vec<_> = jobs.jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names[..4], ["unit"; 4], "the best match first, in all repositories");
    assert_eq!(names[4..], ["unit-slow", "unit-slow", "backend-unit-tests", "backend-unit-tests"]);
    assert_eq!(
        attempts(ids, &jobs.jobs[..4]),
        [
            "0 lint/unit #78 main external",
            "0 test/unit #77 main external",
            "1 lint/unit #78 main external",
            "1 test/unit #77 main external",
        ],
        "a job of each stage"
    );
    let other = search(store, &ids[..1], "2E").await;
    assert_eq!(
        (attempts(ids, &other.jobs), other.incomplete),
        (vec!["0 test/e2e #79 main-2 external".into()], false)
    );

    let builds = search(store, both, "77").await;
    assert_eq!(
        attempts(ids, &builds.builds),
        [
            "0 test/unit #77 main external",
            "0 test/unit-slow #77 main external",
            "1 test/unit #77 main external",
            "1 test/unit-slow #77 main external"
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
        assert_eq!(count, LIMITS.hits as usize, "{of}");
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

#[tokio::test]
async fn jobs_of_one_name_are_told_apart_by_stage_and_source() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let id = repository(store, &root, "acme/sources").await;
    let of = |source: &str, line: &str, key| Report { source: source.into(), ..on('a', line, "main", key) };
    let reports = vec![
        of("jenkins", "test/build:success", 1),
        of("buildbot", "test/build:failed", 2),
        of("jenkins", "deploy/build:running", 3),
        of("jenkins", "test/build:running", 4),
    ];
    for receipt in store.record(batch(id, &root, reports)).await.unwrap() {
        receipt.unwrap();
    }
    let of_name = |limits| async move {
        let found = store.search(&[id], SearchTerms::parse("build").unwrap(), limits).await.unwrap().jobs;
        let text =
            |job: &FoundAttempt| format!("{}/{} {} #{}", job.stage, job.name, job.source, job.pipeline);
        found.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(
        of_name(LIMITS).await,
        ["test/build jenkins #4", "deploy/build jenkins #3", "test/build buildbot #2"],
        "the newest attempt of each"
    );
    let few = SearchLimits { attempts_of_name: 2, ..LIMITS };
    assert_eq!(of_name(few).await, ["test/build jenkins #4", "deploy/build jenkins #3"]);
}

#[tokio::test]
async fn a_search_says_if_it_did_not_compare_all_names() {
    let opened = open().await;
    let store = &*opened.store;
    let ids = stocked(store).await;
    // The jobs of each repository: backend-unit-tests, e2e, other, unit, unit-slow.
    let found = async |text: &str, repositories: &[RepositoryId], limits: SearchLimits| {
        let found = store.search(repositories, SearchTerms::parse(text).unwrap(), limits).await.unwrap();
        let names: Vec<_> = found.jobs.iter().map(|job| job.name.clone()).collect();
        (names.join(" "), found.incomplete)
    };
    let one = &ids[..1];
    let limited = |names_of_repository, names| SearchLimits { names_of_repository, names, ..LIMITS };
    let all = ("unit unit unit-slow backend-unit-tests".to_owned(), false);
    assert_eq!(found("unit", one, limited(5, 5)).await, all);
    assert_eq!(found("the", one, limited(5, 5)).await, ("other".into(), false));
    assert_eq!(found("the", one, limited(1, 5)).await, (String::new(), true));
    assert_eq!(found("the", one, limited(5, 1)).await, (String::new(), true));
    // What begins with the text is found among all names.
    assert_eq!(found("unit", one, limited(2, 5)).await, (all.0, true));
    assert_eq!(found("unit-s", one, limited(1, 1)).await, ("unit-slow".into(), true));
    // The limit of all is shared.
    assert_eq!(
        found("tests", &ids, limited(5, 4)).await,
        ("backend-unit-tests backend-unit-tests".into(), true)
    );
    let refs = store.search(one, SearchTerms::parse("main-").unwrap(), limited(1, 5)).await.unwrap();
    assert_eq!((refs.refs.len(), refs.incomplete), (1, true));
}

#[tokio::test]
async fn a_url_of_a_build_finds_its_attempt() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let id = repository(store, &root, "acme/urls").await;
    let at = |line: &str, url: &str, key| {
        let mut report = on('a', line, "main", key);
        report.state.target_url = Some(url.into());
        report
    };
    let reports = vec![
        at("test/unit:success#77", "https://ci.example.com/job/unit/77", 1),
        at("test/e2e:success#77", "https://ci.example.com/job/e2e/77/", 2),
        at("test/lint:success#78", "https://ci.example.com/job/lint/?build=78", 3),
        at("test/other:success#79", "https://ci.example.com/", 4),
    ];
    for receipt in store.record(batch(id, &root, reports)).await.unwrap() {
        receipt.unwrap();
    }
    for (text, wanted) in [
        ("77", "e2e unit"),
        ("https://ci.example.com/job/unit/77", "unit"),
        ("https://ci.example.com/job/unit/77/", "unit"),
        ("https://ci.example.com/job/unit/77/console?full=1", "unit"),
        ("https://ci.example.com/job/e2e/77", "e2e"),
        ("https://ci.example.com/job/lint/?build=78", "lint"),
        ("https://ci.example.com/job/other/77", ""),
        ("https://ci.example.com/job/unit/7", ""),
        // The page of all builds is no page of this one.
        ("https://ci.example.com/job/other/79", ""),
    ] {
        let found = search(store, &[id], text).await.builds;
        let names: Vec<_> = found.iter().map(|build| build.name.as_str()).collect();
        assert_eq!(names.join(" "), wanted, "{text}");
    }
}

#[tokio::test]
async fn names_are_in_the_order_of_their_bytes_and_match_in_any_case() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let id = repository(store, &root, "acme/names").await;
    let names = ["alpha", "单元测试", "Zeta", "Ünit"];
    let reports = names.iter().map(|name| on('a', &format!("test/{name}:success#1"), name, 1)).collect();
    for receipt in store.record(batch(id, &root, reports)).await.unwrap() {
        receipt.unwrap();
    }
    // The first names are Zeta, alpha and Ünit; one more than the limit is compared.
    for (text, names_of_repository, wanted) in [
        ("ETA", 1, Some("Zeta")),
        ("PHA", 1, Some("alpha")),
        ("üNIT", 1, None),
        ("üNIT", 2, Some("Ünit")),
        ("元测", 2, None),
        ("元测", 3, Some("单元测试")),
        ("单元", 1, Some("单元测试")),
    ] {
        let limits = SearchLimits { names_of_repository, ..LIMITS };
        let found = store.search(&[id], SearchTerms::parse(text).unwrap(), limits).await.unwrap();
        let jobs: Vec<_> = found.jobs.iter().map(|job| job.name.as_str()).collect();
        let refs: Vec<_> = found.refs.iter().map(|pipeline| pipeline.identity.git_ref.as_str()).collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        assert_eq!((jobs, refs), (wanted.clone(), wanted), "{text} in {names_of_repository}");
        assert!(found.incomplete, "{text} in {names_of_repository}");
    }
}
