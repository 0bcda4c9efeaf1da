//! Repositories with the latest pipelines of their default branches.

use super::{batch, repository, root, user};
use crate::open;
use domain::model::access::Caller;
use domain::model::ids::RepositoryId;
use domain::model::page::Page;
use domain::model::reports::PipelineChoice;
use domain::model::repositories::{RepositoryChange, RepositoryFilter, RepositoryOrder, RepositoryOverview};
use domain::model::repository_health::{BranchPipeline, FoundRepositories, Health, RECENT, UNFINISHED_MAX};
use domain::model::roles::{Role, Scope};
use domain::model::users::User;
use domain::ports::Store;
use std::sync::Arc;
use testkit::{at, report};

fn caller(user: &User) -> Caller {
    Caller { user: Arc::new(user.clone()), scope: Scope::Full, repositories: None }
}

/// Records a pipeline with a job of this status; returns its id.
async fn pipeline(store: &dyn Store, root: &User, repo: RepositoryId, git_ref: &str, status: &str) -> i32 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    let key = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let mut one = report('a', &format!("s/x:{status}#{key}"));
    one.git_ref = git_ref.into();
    one.pipeline = PipelineChoice::Key(key.to_string());
    let receipt = store.record(batch(repo, root, vec![one])).await.unwrap().pop().unwrap().unwrap();
    receipt.pipeline_id.get()
}

/// The repositories by path, as `viewer` sees them.
async fn found(
    store: &dyn Store,
    viewer: &User,
    search: Option<&str>,
    page: Page,
    max: u32,
) -> FoundRepositories {
    let filter = RepositoryFilter {
        search: search.map(str::to_owned),
        order: RepositoryOrder::Name,
        descending: false,
        ..RepositoryFilter::default()
    };
    store.repository_health(&caller(viewer), filter, page, max).await.unwrap()
}

const FIRST: Page = Page { offset: 0, limit: 10 };

fn ids(of: &RepositoryOverview) -> Vec<i32> {
    of.branch.pipelines.iter().map(|pipeline| pipeline.id.get()).collect()
}

#[tokio::test]
async fn the_health_is_that_of_the_default_branch() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let busy = repository(store, &root, "acme/busy").await;
    let empty = repository(store, &root, "acme/empty").await;
    let trunk = repository(store, &root, "acme/trunk").await;
    let change = RepositoryChange { default_branch: Some("trunk".into()), ..RepositoryChange::default() };
    store.change_repository(trunk, change, at(1), at(0)).await.unwrap();
    let mut of_main = Vec::new();
    for number in 0..i32::try_from(RECENT).unwrap() + 2 {
        let status = if number == 0 { "failed" } else { "success" };
        of_main.insert(0, pipeline(store, &root, busy, "main", status).await);
        pipeline(store, &root, busy, "dev", "failed").await;
    }
    for status in ["running", "pending", "success"] {
        pipeline(store, &root, busy, "feature", status).await;
    }
    of_main.insert(0, pipeline(store, &root, busy, "main", "running").await);
    pipeline(store, &root, trunk, "main", "success").await;
    let failed = pipeline(store, &root, trunk, "trunk", "failed").await;

    let all = found(store, &root, None, FIRST, 100).await;
    assert_eq!((all.total, all.repositories.len()), (3, 3));
    let [of_busy, of_empty, of_trunk] = &all.repositories[..] else { panic!("{all:?}") };
    assert_eq!((of_busy.repository.id, of_empty.repository.id, of_trunk.repository.id), (busy, empty, trunk));
    assert_eq!(ids(of_busy), of_main[..RECENT as usize], "the newest ones, newest first");
    assert_eq!(of_busy.running_elsewhere, 2, "without the default branch and without finished ones");
    assert_eq!((ids(of_empty), of_empty.running_elsewhere), (vec![], 0));
    assert_eq!(ids(of_trunk), [failed]);
    let healths: Vec<_> = all.repositories.iter().map(|of| of.branch.health()).collect();
    assert_eq!(healths, [Health::Running, Health::Empty, Health::Failing]);
    // A pipeline has the same fields as in other reads.
    let newest = &of_trunk.branch.pipelines[0];
    let pipeline = store.pipeline(trunk, newest.id).await.unwrap().unwrap();
    assert_eq!(newest, &BranchPipeline::from(&pipeline));
}

#[tokio::test]
async fn a_caller_sees_the_health_of_readable_repositories_only() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let guest = user(store, "guest", false).await;
    for path in ["acme/a", "acme/b", "other/c"] {
        let id = repository(store, &root, path).await;
        pipeline(store, &root, id, "main", "failed").await;
    }
    assert_eq!(found(store, &guest, None, FIRST, 100).await, FoundRepositories::default());
    let all = found(store, &root, Some("acme/"), FIRST, 100).await;
    let second = all.repositories[1].repository.id;
    store.set_member(second, guest.id, Some(Role::Report)).await.unwrap();
    let one = found(store, &guest, None, FIRST, 100).await;
    let seen: Vec<_> = one.repositories.iter().map(|of| (of.repository.id, of.role)).collect();
    assert_eq!((seen, one.total), (vec![(second, Role::Report)], 1));
    let only: Arc<[RepositoryId]> = [all.repositories[0].repository.id].into();
    let narrow = Caller { repositories: Some(only), ..caller(&root) };
    let filter = RepositoryFilter::default();
    assert_eq!(store.repository_health(&narrow, filter, FIRST, 100).await.unwrap().total, 1);
}

#[tokio::test]
async fn of_many_repositories_only_the_page_is_read() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    for number in 0..5 {
        repository(store, &root, &format!("acme/{number}")).await;
    }
    let read = async |offset, limit, max| {
        let found = found(store, &root, None, Page { offset, limit }, max).await;
        let paths: Vec<_> = found.repositories.into_iter().map(|of| of.repository.path).collect();
        (paths, found.total)
    };
    let paths = |numbers: &[u8]| numbers.iter().map(|number| format!("acme/{number}")).collect::<Vec<_>>();
    assert_eq!(read(1, 2, 5).await, (paths(&[0, 1, 2, 3, 4]), 5), "all, because they are not too many");
    assert_eq!(read(1, 2, 4).await, (paths(&[1, 2]), 5));
    assert_eq!(read(9, 2, 4).await, (paths(&[]), 5));
}

#[tokio::test]
async fn of_many_unfinished_pipelines_a_bounded_number_is_counted() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/a").await;
    let pending = |number: u32| {
        let mut one = report('a', "s/x:pending#1");
        one.git_ref = "dev".into();
        one.pipeline = PipelineChoice::Key(number.to_string());
        one
    };
    for numbers in [0..600, 600..UNFINISHED_MAX + 5] {
        let sent = store.record(batch(repo, &root, numbers.map(pending).collect())).await.unwrap();
        assert!(sent.iter().all(Result::is_ok));
    }
    let all = found(store, &root, None, FIRST, 100).await;
    assert_eq!(all.repositories[0].running_elsewhere, u64::from(UNFINISHED_MAX));
}
