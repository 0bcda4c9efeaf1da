//! The writer is shared fairly by repositories.

use super::{batch, repository, root};
use crate::open;
use std::sync::{Arc, Mutex};
use testkit::report;

#[tokio::test]
async fn a_report_is_not_delayed_by_large_batches_of_another_repository() {
    const BATCHES: usize = 12;
    let opened = open().await;
    let root = root(&*opened.store).await;
    let busy = repository(&*opened.store, &root, "acme/busy").await;
    let other = repository(&*opened.store, &root, "acme/other").await;
    let ended = Arc::new(Mutex::new(Vec::new()));
    // Tasks of one thread start in this order: when the last one starts, all batches are in the queue.
    let writes: Vec<_> = (0..=BATCHES)
        .map(|n| {
            let (repository, size) = if n < BATCHES { (busy, 1_000) } else { (other, 1) };
            let reports = (0..size).map(|i| report('a', &format!("s/{}:running#{n}-{i}", i % 50))).collect();
            let (store, ended, batch) =
                (Arc::clone(&opened.store), Arc::clone(&ended), batch(repository, &root, reports));
            tokio::spawn(async move {
                let receipts = store.record(batch).await.unwrap();
                assert!(receipts.iter().all(Result::is_ok));
                ended.lock().unwrap().push(repository);
            })
        })
        .collect();
    for write in writes {
        write.await.unwrap();
    }
    let ended = ended.lock().unwrap();
    let before = ended.iter().take_while(|repository| **repository == busy).count();
    assert!(before <= 6, "{before} of {BATCHES} batches were written first");
}
