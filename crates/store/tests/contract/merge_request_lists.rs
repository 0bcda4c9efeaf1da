//! Lists of merge requests by filter, in one repository and in all that a user may see.

use super::{batch, repository, root, user};
use crate::open;
use domain::model::access::Caller;
use domain::model::ids::{MergeRequestIid, PipelineId, RepositoryId};
use domain::model::merge_requests::filters::{MergeRequestFilter, MergeRequestOrder};
use domain::model::merge_requests::{HeadUpdate, MergeRequest};
use domain::model::page::{Page, TimeRange};
use domain::model::reports::Report;
use domain::model::repositories::{Repository, RepositoryFilter, RepositoryKey};
use domain::model::retention::Expiry;
use domain::model::roles::{Role, Scope};
use domain::model::users::User;
use domain::ports::{ReportBatch, Store};
use std::sync::Arc;
use testkit::{at, report};

const ALL: Page = Page { offset: 0, limit: 20 };

async fn set(store: &dyn Store, repository: RepositoryId, iid: i64, second: i64, source: &str, target: &str) {
    let head =
        HeadUpdate { source_branch: source.into(), target_branch: target.into(), head_sha: "a".repeat(40) };
    let iid = MergeRequestIid::new(iid).unwrap();
    store.set_merge_request(repository, iid, head, None, at(second)).await.unwrap();
}

/// A report on the ref of a merge request.
async fn own(store: &dyn Store, root: &User, repository: RepositoryId, iid: i64, second: i64, commit: char) {
    let git_ref = format!("refs/merge-requests/{iid}/head");
    let reports = vec![Report { git_ref, ..report(commit, "x:success") }];
    store.record(ReportBatch { received_at: at(second), ..batch(repository, root, reports) }).await.unwrap();
}

fn by_update(descending: bool) -> MergeRequestFilter {
    MergeRequestFilter { order: MergeRequestOrder::UpdatedAt, descending, ..MergeRequestFilter::default() }
}

fn caller(user: &User) -> Caller {
    Caller { user: Arc::new(user.clone()), scope: Scope::Full, repositories: None }
}

#[tokio::test]
async fn merge_requests_of_a_repository_are_filtered_ordered_and_counted() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let elsewhere = repository(store, &root, "acme/other").await;
    set(store, repo, 2, 10, "feature/Login", "main").await;
    set(store, repo, 10, 20, "fix", "main").await;
    set(store, repo, 9, 30, "old-name", "main").await;
    set(store, repo, 9, 40, "fix", "release").await;
    // Known from reports only: it has no branches.
    own(store, &root, repo, 7, 50, 'b').await;
    own(store, &root, repo, 2, 60, 'c').await;
    own(store, &root, repo, 2, 70, 'd').await;
    set(store, elsewhere, 1, 15, "fix", "main").await;
    let list = async |filter: MergeRequestFilter, page: Page| {
        let found = store.find_merge_requests(repo, filter, Some(page)).await.unwrap();
        (found.items.iter().map(|found| found.iid.get()).collect::<Vec<_>>(), found.total)
    };
    let none = MergeRequestFilter::default;
    assert_eq!(list(none(), ALL).await, (vec![10, 9, 7, 2], 4), "the last one first");
    assert_eq!(list(MergeRequestFilter { descending: false, ..none() }, ALL).await, (vec![2, 7, 9, 10], 4));
    assert_eq!(list(none(), Page { offset: 1, limit: 2 }).await, (vec![9, 7], 4));
    assert_eq!(list(none(), Page { offset: 4, limit: 2 }).await, (vec![], 4));
    assert_eq!(list(by_update(true), ALL).await, (vec![2, 7, 9, 10], 4));
    assert_eq!(list(by_update(false), Page { offset: 0, limit: 1 }).await, (vec![10], 4));
    let counted = store.find_merge_requests(repo, none(), None).await.unwrap();
    assert_eq!((counted.items, counted.total), (vec![], 4), "only the number");
    let source = |name: &str| MergeRequestFilter { source_branch: Some(name.into()), ..none() };
    let target = |name: &str| MergeRequestFilter { target_branch: Some(name.into()), ..none() };
    let text = |text: &str| MergeRequestFilter { text: Some(text.into()), ..none() };
    let created = |since: Option<i64>, until: Option<i64>| MergeRequestFilter {
        created: TimeRange { since: since.map(at), until: until.map(at) },
        ..none()
    };
    let updated = |since: i64| MergeRequestFilter {
        updated: TimeRange { since: Some(at(since)), until: None },
        ..none()
    };
    for (filter, wanted) in [
        (source("fix"), vec![10, 9]),
        (source("old-name"), vec![]),
        (source("Fix"), vec![]),
        (target("release"), vec![9]),
        (MergeRequestFilter { target_branch: Some("main".into()), ..source("fix") }, vec![10]),
        (text("LOGIN"), vec![2]),
        (text("rel"), vec![9]),
        (text("%"), vec![]),
        (created(Some(20), Some(50)), vec![10, 9]),
        (created(None, Some(11)), vec![2]),
        (updated(50), vec![7, 2]),
        (MergeRequestFilter { repository: Some(repo), ..source("fix") }, vec![10, 9]),
        (MergeRequestFilter { repository: Some(elsewhere), ..none() }, vec![]),
    ] {
        let count = wanted.len() as u64;
        assert_eq!(list(filter.clone(), ALL).await, (wanted, count), "{filter:?}");
    }
    let found = store.find_merge_requests(repo, by_update(true), Some(ALL)).await.unwrap().items;
    let times: Vec<_> = found.iter().map(|found| (found.created_at, found.updated_at)).collect();
    assert_eq!(times, [(at(10), at(70)), (at(50), at(50)), (at(30), at(40)), (at(20), at(20))]);
    let iid = MergeRequestIid::new(2).unwrap();
    let alone = store.merge_request(repo, iid).await.unwrap().unwrap().merge_request;
    assert_eq!(found[0], alone, "as it is returned alone");
}

#[tokio::test]
async fn merge_requests_of_visible_repositories_are_listed_and_of_others_not() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let (one, two, hidden) = (
        repository(store, &root, "acme/one").await,
        repository(store, &root, "acme/two").await,
        repository(store, &root, "else/hidden").await,
    );
    let reader = user(store, "reader", false).await;
    for repository in [one, two] {
        store.set_member(repository, reader.id, Some(Role::Read)).await.unwrap();
    }
    set(store, one, 5, 30, "a", "main").await;
    set(store, two, 1, 20, "b", "main").await;
    set(store, hidden, 3, 25, "c", "main").await;
    set(store, two, 1, 40, "b2", "main").await;
    let list = async |viewer: &Caller, of: RepositoryFilter, filter: MergeRequestFilter| {
        let found = store.visible_merge_requests(viewer, of, filter, Some(ALL)).await.unwrap();
        let row = |(at, found): &(Repository, MergeRequest)| format!("{}!{}", at.path, found.iid);
        (found.items.iter().map(row).collect::<Vec<_>>(), found.total)
    };
    let (all, none) = (RepositoryFilter::default, MergeRequestFilter::default);
    let mine = caller(&reader);
    assert_eq!(list(&mine, all(), none()).await, (vec!["acme/one!5".into(), "acme/two!1".into()], 2));
    assert_eq!(list(&mine, all(), by_update(true)).await.0, ["acme/two!1", "acme/one!5"]);
    let source = MergeRequestFilter { source_branch: Some("b2".into()), ..none() };
    assert_eq!(list(&mine, all(), source).await, (vec!["acme/two!1".into()], 1));
    assert_eq!(list(&caller(&root), all(), none()).await.1, 3, "an administrator sees all");
    for (of, wanted) in [(two, vec!["acme/two!1".to_owned()]), (hidden, vec![])] {
        let of_one = MergeRequestFilter { repository: Some(of), ..none() };
        assert_eq!(list(&mine, all(), of_one).await.0, wanted);
    }
    let project = store.repository(&RepositoryKey::Id(hidden)).await.unwrap().unwrap().project.id;
    let of_project = RepositoryFilter { project_id: Some(project), ..all() };
    assert_eq!(list(&caller(&root), of_project.clone(), none()).await.0, ["else/hidden!3"]);
    assert_eq!(list(&mine, of_project, none()).await, (vec![], 0));
    let limited = Caller { repositories: Some(Arc::from([two])), ..mine };
    assert_eq!(list(&limited, all(), none()).await, (vec!["acme/two!1".into()], 1));
}

#[tokio::test]
async fn the_times_of_a_merge_request_stay_when_old_heads_and_pipelines_are_deleted() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let times = async |iid: i64| {
        let found = store.merge_request(repo, MergeRequestIid::new(iid).unwrap()).await.unwrap().unwrap();
        (found.merge_request.created_at, found.merge_request.updated_at)
    };
    // Only the last hundred heads are kept.
    for second in 10..=120 {
        set(store, repo, 1, second, &format!("b{second}"), "main").await;
    }
    assert_eq!(times(1).await, (at(10), at(120)));
    set(store, repo, 2, 50, "a", "main").await;
    own(store, &root, repo, 2, 20, 'b').await;
    own(store, &root, repo, 2, 70, 'c').await;
    // A report that arrives later is no change of the merge request.
    own(store, &root, repo, 2, 90, 'c').await;
    assert_eq!(times(2).await, (at(20), at(70)));
    let (first, expiry) = (
        PipelineId::new(1).unwrap(),
        Expiry { at: domain::Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 },
    );
    assert!(store.delete_expired_pipeline(repo, first, expiry, at(200)).await.unwrap());
    assert_eq!(times(2).await, (at(20), at(70)), "as before");
}

/// More merge requests than a list sorts.
#[tokio::test]
async fn long_lists_have_the_same_order_as_short_ones() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let mut wanted = Vec::new();
    for (number, path) in ["acme/one", "acme/two", "acme/three"].into_iter().enumerate() {
        let (repo, second) = (repository(store, &root, path).await, [20, 30, 10][number]);
        let on_ref =
            |iid: i64| Report { git_ref: format!("refs/merge-requests/{iid}/head"), ..report('a', "x") };
        let reports = (1..=400).map(on_ref).collect();
        store.record(ReportBatch { received_at: at(second), ..batch(repo, &root, reports) }).await.unwrap();
        // Some change later.
        for iid in [7, 300] {
            set(store, repo, iid, 100 + iid, "a", "main").await;
        }
        let updated = |iid: i64| if [7, 300].contains(&iid) { 100 + iid } else { second };
        wanted.extend((1..=400).map(|iid| (second, updated(iid), repo, iid)));
    }
    let viewer = caller(&root);
    for (order, descending) in [
        (MergeRequestOrder::CreatedAt, true),
        (MergeRequestOrder::CreatedAt, false),
        (MergeRequestOrder::UpdatedAt, true),
        (MergeRequestOrder::UpdatedAt, false),
    ] {
        let by_update = order == MergeRequestOrder::UpdatedAt;
        wanted.sort_by_key(|(created, updated, repo, iid)| {
            (if by_update { *updated } else { *created }, *repo, *iid)
        });
        if descending {
            wanted.reverse();
        }
        let filter = MergeRequestFilter { order, descending, ..MergeRequestFilter::default() };
        for offset in [0, 390, 1_195] {
            let page = Some(Page { offset, limit: 20 });
            let of = RepositoryFilter::default();
            let found = store.visible_merge_requests(&viewer, of, filter.clone(), page).await.unwrap();
            let row = |(at, found): &(Repository, MergeRequest)| (at.id, i64::from(found.iid.get()));
            let ids: Vec<_> = found.items.iter().map(row).collect();
            let expected: Vec<_> =
                wanted.iter().skip(offset as usize).take(20).map(|(_, _, repo, iid)| (*repo, *iid)).collect();
            assert_eq!((ids, found.total), (expected, 1_200), "{order:?} {descending} {offset}");
        }
    }
    let counted = store
        .visible_merge_requests(&viewer, RepositoryFilter::default(), MergeRequestFilter::default(), None)
        .await
        .unwrap();
    assert_eq!((counted.items, counted.total), (vec![], 1_200), "only the number");
}
