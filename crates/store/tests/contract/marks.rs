//! Marks of change.

use super::{batch, repository, root, user};
use crate::open;
use domain::ports::{CurrentVersions, Store};
use testkit::report;

async fn marks(
    store: &dyn Store,
    of: (domain::model::ids::RepositoryId, domain::model::ids::PipelineId),
) -> (u64, u64) {
    let CurrentVersions { access, pipeline } = store.current_versions(Some(of)).await.unwrap();
    (access.unwrap(), pipeline.unwrap())
}

#[tokio::test]
async fn marks_change_with_the_pipeline_and_only_then() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let id = repository(store, &root, "acme/demo").await;
    let receipts = store.record(batch(id, &root, vec![report('a', "x/one:running#1")])).await.unwrap();
    let of = (id, receipts[0].as_ref().unwrap().pipeline_id);
    let before = marks(store, of).await;
    store.check().await.unwrap();
    assert_eq!(marks(store, of).await, before);
    store.record(batch(id, &root, vec![report('a', "x/one:success#1")])).await.unwrap();
    let after = marks(store, of).await;
    assert_ne!(after.1, before.1);
    assert_eq!(after.0, before.0, "reports change no access");
    user(store, "new", false).await;
    assert_ne!(marks(store, of).await.0, before.0);
}
