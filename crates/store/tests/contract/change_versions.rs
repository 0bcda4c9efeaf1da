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
