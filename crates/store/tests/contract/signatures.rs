//! Used signatures.

use super::{batch, repository, root};
use crate::open;
use domain::error::{AuthFailure, Error};
use domain::ports::{Idempotency, ReportBatch};
use testkit::report;

#[tokio::test]
async fn a_signature_is_used_once() {
    let opened = open().await;
    let store = &opened.store;
    assert!(store.use_signature([1; 32]).await.unwrap());
    assert!(store.use_signature([2; 32]).await.unwrap());
    for digest in [1, 2, 1] {
        assert!(!store.use_signature([digest; 32]).await.unwrap());
    }
    // Of concurrent uses, one succeeds, in one commit or in several.
    let uses = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.use_signature([10 + n % 4; 32]).await.unwrap() })
    });
    let mut successes = 0;
    for used in uses.collect::<Vec<_>>() {
        successes += usize::from(used.await.unwrap());
    }
    assert_eq!(successes, 4);
}

#[tokio::test]
async fn a_repeated_signed_batch_gets_the_first_receipts() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let other = repository(&**store, &root, "acme/other").await;
    let lines = ["s/x:running", "s/y:running"];
    let reports: Vec<_> = lines.iter().map(|line| report('a', line)).collect();
    let signed =
        |digest: u8| ReportBatch { signature: Some([digest; 32]), ..batch(repo, &root, reports.clone()) };
    let first = store.record(signed(1)).await.unwrap();
    store.record(batch(repo, &root, vec![report('a', "s/x:success")])).await.unwrap();
    assert_eq!(store.record(signed(1)).await.unwrap(), first);
    // Another key of the request, or none, makes no other request of it.
    let keyed = Idempotency { key: "k".into(), digest: [9; 32] };
    let keyed = ReportBatch { idempotency: Some(keyed), ..signed(1) };
    assert_eq!(store.record(keyed).await.unwrap(), first);
    let again = store.record(signed(2)).await.unwrap();
    let id = |receipts: &domain::ports::Receipts| receipts[0].as_ref().unwrap().report_id;
    assert!(id(&again) > id(&first), "another signature is another request");
    // In one commit, too.
    let both = tokio::join!(store.record(signed(3)), store.record(signed(3)));
    assert_eq!(id(&both.0.unwrap()), id(&both.1.unwrap()));
    // Requests of both kinds share the memory.
    assert!(!store.use_signature([1; 32]).await.unwrap());
    assert!(store.use_signature([4; 32]).await.unwrap());
    assert_eq!(store.record(signed(4)).await, Err(Error::Unauthenticated(AuthFailure::Replayed)));
    // A batch that is refused as a whole uses nothing up.
    let unknown =
        ReportBatch { repository_id: domain::model::ids::RepositoryId::new(999).unwrap(), ..signed(5) };
    assert_eq!(store.record(unknown).await, Err(Error::RepositoryNotFound));
    assert!(store.record(ReportBatch { repository_id: other, ..signed(5) }).await.is_ok());
}
