//! Change versions.

use super::{batch, repository, root, user};
use crate::open;
use domain::ports::{CurrentVersions, Store};
use testkit::report;

async fn versions(
    store: &dyn Store,
    pipeline: (domain::model::ids::RepositoryId, domain::model::ids::PipelineId),
) -> (u64, u64) {
    let CurrentVersions { access, pipeline } = store.current_versions(Some(pipeline)).await.unwrap();
    (access.unwrap(), pipeline.unwrap())
}

#[tokio::test]
async fn versions_change_only_with_what_they_stand_for() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let id = repository(store, &root, "acme/demo").await;
    let receipts = store.record(batch(id, &root, vec![report('a', "x/one:running#1")])).await.unwrap();
    let pipeline = (id, receipts[0].as_ref().unwrap().pipeline_id);
    let before = versions(store, pipeline).await;
    store.check().await.unwrap();
    assert_eq!(versions(store, pipeline).await, before);
    store.record(batch(id, &root, vec![report('a', "x/one:success#1")])).await.unwrap();
    let after = versions(store, pipeline).await;
    assert_ne!(after.1, before.1);
    assert_eq!(after.0, before.0, "reports do not change access");
    user(store, "new", false).await;
    assert_ne!(versions(store, pipeline).await.0, before.0);
}

#[tokio::test]
async fn the_version_of_a_repository_changes_with_every_pipeline() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let (id, other) =
        (repository(store, &root, "acme/demo").await, repository(store, &root, "acme/other").await);
    let mut before = store.repository_version(id).await.unwrap().unwrap();
    let of_other = store.repository_version(other).await.unwrap();
    for (sha, job) in [('a', "x/one:running#1"), ('a', "x/one:success#1"), ('b', "x/one:success#2")] {
        store.record(batch(id, &root, vec![report(sha, job)])).await.unwrap();
        let after = store.repository_version(id).await.unwrap().unwrap();
        assert_ne!(after, before, "{job}");
        assert_eq!(store.repository_version(id).await.unwrap(), Some(after));
        before = after;
    }
    assert_eq!(store.repository_version(other).await.unwrap(), of_other);
}
