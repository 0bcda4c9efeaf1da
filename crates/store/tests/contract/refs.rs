//! Lists of refs, and the refs of old rows after the migration that gives every branch one name.

use super::{batch, repository, root};
use crate::open;
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::page::{Page, Start, Window};
use domain::model::pipelines::filters::{
    NameSearch, PipelineFilter, PipelineOrder, RefFilter, RefKind, RefOrder,
};
use domain::model::reports::Report;
use domain::model::repositories::RepositoryKey;
use domain::ports::Store;
use testkit::report;

/// Checks a store with the rows of `migrations/branches.sql`.
pub async fn branches_have_one_name(store: &dyn Store) {
    let repository = RepositoryId::new(5).unwrap();
    let on = async |git_ref: &str| {
        let filter = PipelineFilter { git_ref: Some(git_ref.into()), ..PipelineFilter::default() };
        let window =
            Window { order: PipelineOrder::Id, descending: false, start: Start::Offset(0), limit: 9 };
        let found = store.find_pipelines(repository, filter.clone(), window).await.unwrap().items;
        let count = store.count_pipelines(repository, filter).await.unwrap();
        assert_eq!(usize::try_from(count).unwrap(), found.len(), "the stored count of {git_ref}");
        found
            .into_iter()
            .map(|p| (p.id.get(), p.identity.sha.clone(), p.identity.key.clone()))
            .collect::<Vec<_>>()
    };
    let pipeline = |id: i32, sha: &str, key: &str| (id, sha.to_owned(), key.to_owned());
    // Both pipelines of the commit stay; the one with the full name gets its own key.
    let main = [pipeline(1, "a", ""), pipeline(2, "a", "refs/heads #2"), pipeline(6, "b", "")];
    assert_eq!(on("main").await, main);
    assert_eq!(on("dev").await, [pipeline(3, "a", "k")]);
    assert_eq!(on("refs/heads/main").await, []);
    assert_eq!(on("refs/tags/v1").await, [pipeline(4, "b", "")]);
    assert_eq!(on("refs/heads/").await, [pipeline(5, "b", "")]);
    let repository = store.repository(&RepositoryKey::Id(repository)).await.unwrap().unwrap();
    assert_eq!(repository.default_branch, "main");
    let iid = MergeRequestIid::new(7).unwrap();
    let merge_request = store.merge_request(repository.id, iid).await.unwrap().unwrap().merge_request;
    assert_eq!(merge_request.branches, Some(("dev".into(), "main".into())));
    assert_eq!(merge_request.pipeline.unwrap().id.get(), 3);
}

#[tokio::test]
async fn refs_are_listed_with_their_newest_pipelines() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let other = repository(store, &root, "acme/other").await;
    for (at, commit, git_ref) in [
        (repo, 'a', "main"),
        (repo, 'b', "refs/tags/v1"),
        (repo, 'c', "Dev"),
        (repo, 'd', "main"),
        (repo, 'e', "refs/pull/1/head"),
        (other, 'f', "elsewhere"),
    ] {
        let reports = vec![Report { git_ref: git_ref.into(), ..report(commit, "x:running") }];
        store.record(batch(at, &root, reports)).await.unwrap();
    }
    let list = async |filter: RefFilter, offset, limit| {
        let found = store.refs(repo, filter, Page { offset, limit }).await.unwrap();
        let row = |p: &domain::model::pipelines::Pipeline| (p.identity.git_ref.clone(), p.id.get());
        (found.items.iter().map(row).collect::<Vec<_>>(), found.total)
    };
    let branches =
        |order, descending| RefFilter { kind: Some(RefKind::Branch), order, descending, ..RefFilter::ALL };
    let (dev, main) = (("Dev".to_owned(), 3), ("main".to_owned(), 4));
    let by_name = branches(RefOrder::Name, false);
    assert_eq!(list(by_name.clone(), 0, 20).await, (vec![dev.clone(), main.clone()], 2));
    assert_eq!(list(by_name.clone(), 1, 1).await, (vec![main.clone()], 2));
    assert_eq!(list(by_name.clone(), 2, 20).await, (vec![], 2));
    assert_eq!(list(branches(RefOrder::Name, true), 0, 1).await, (vec![main.clone()], 2));
    assert_eq!(list(branches(RefOrder::NewestPipeline, true), 0, 20).await.0, [main.clone(), dev.clone()]);
    assert_eq!(list(branches(RefOrder::NewestPipeline, false), 1, 20).await.0, std::slice::from_ref(&main));
    let named = |text: &str, at_start, at_end| RefFilter {
        name: Some(NameSearch { text: text.into(), at_start, at_end }),
        ..by_name.clone()
    };
    for (filter, wanted) in [
        (named("E", false, false), &[&dev][..]),
        (named("DE", true, false), &[&dev]),
        (named("ain", true, false), &[]),
        (named("AIN", false, true), &[&main]),
        (named("xxmain", false, true), &[]),
        (named("main", true, true), &[&main]),
        (named("_", false, false), &[]),
        (named("", true, false), &[&dev, &main]),
    ] {
        let found = list(filter.clone(), 0, 20).await;
        assert_eq!(found.0.iter().collect::<Vec<_>>(), wanted, "{filter:?}");
        assert_eq!(found.1, wanted.len() as u64, "{filter:?}");
    }
    let tags = RefFilter { kind: Some(RefKind::Tag), ..named("V", true, false) };
    assert_eq!(list(tags, 0, 20).await, (vec![("refs/tags/v1".to_owned(), 2)], 1));
    let both = RefFilter { kind: None, ..named("", true, false) };
    let tag = ("refs/tags/v1".to_owned(), 2);
    assert_eq!(list(both.clone(), 0, 20).await, (vec![dev.clone(), main.clone(), tag.clone()], 3));
    let v = NameSearch { text: "v".into(), at_start: false, at_end: false };
    let v = RefFilter { name: Some(v), ..both.clone() };
    assert_eq!(
        list(v, 0, 20).await,
        (vec![dev, tag.clone()], 2),
        "the prefix of a tag is not part of its name"
    );
    let of =
        |commit: char, kind| RefFilter { sha: Some(commit.to_string().repeat(40)), kind, ..both.clone() };
    assert_eq!(
        list(of('a', None), 0, 20).await,
        (vec![main], 1),
        "with its newest pipeline, of another commit"
    );
    assert_eq!(list(of('b', None), 0, 20).await, (vec![tag], 1));
    for missing in [of('b', Some(RefKind::Branch)), of('e', None), of('f', None)] {
        assert_eq!(list(missing.clone(), 0, 20).await, (vec![], 0), "{missing:?}");
    }
}
