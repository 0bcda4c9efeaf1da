//! The refs of old rows, after the migration that gives every branch one name.

use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::page::{Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::repositories::RepositoryKey;
use domain::ports::Store;

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
    // Both pipelines of the commit stay; the one with the full name gets a key of its own.
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
