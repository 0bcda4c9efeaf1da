//! The results of the head of a merge request, while the head moves.

use super::{batch, repository, root};
use crate::open;
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::merge_requests::HeadUpdate;
use domain::model::reports::Report;
use domain::model::status::Status;
use domain::model::users::User;
use domain::ports::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::{at, report};
use tokio::task::JoinSet;

/// The number of heads.
const HEADS: i64 = 60;
/// The number of concurrent readers: they wait for one another, so the head moves meanwhile.
const READERS: usize = 16;

struct Fixture<'a> {
    store: &'a dyn Store,
    repository: RepositoryId,
    root: User,
    iid: MergeRequestIid,
}

impl Fixture<'_> {
    async fn set(&self, second: i64, head_sha: String) {
        let (source_branch, target_branch) = ("feature".into(), "main".into());
        let head = HeadUpdate { source_branch, target_branch, head_sha };
        self.store.set_merge_request(self.repository, self.iid, head, None, at(second)).await.unwrap();
    }

    async fn report(&self, sha: &str, source: &str, line: &str) {
        let reported =
            Report { sha: sha.into(), git_ref: "feature".into(), source: source.into(), ..report('a', line) };
        self.store.record(batch(self.repository, &self.root, vec![reported])).await.unwrap();
    }

    /// Two build systems build each head. The slow one ends only after the head has moved on.
    async fn move_head(&self) {
        for number in 1..=HEADS {
            let (sha, next) = (format!("{number:040x}"), format!("{:040x}", number + 1_000));
            self.report(&sha, "slow", "y:running").await;
            self.report(&sha, "quick", "x:success").await;
            self.set(2 * number, sha.clone()).await;
            self.set(2 * number + 1, next).await;
            self.report(&sha, "slow", "y:success").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_are_those_of_the_head_of_the_same_moment() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repository = repository(store, &root, "acme/demo").await;
    let fixture = Fixture { store, repository, root, iid: MergeRequestIid::new(7).unwrap() };
    assert_eq!(store.merge_request_results(repository, fixture.iid).await.unwrap(), None);
    let is_done = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (store, is_done, iid) = (Arc::clone(&opened.store), Arc::clone(&is_done), fixture.iid);
        readers.spawn(async move {
            while !is_done.load(Ordering::SeqCst) {
                let found = store.merge_request_results(repository, iid).await.unwrap();
                assert!(found.is_none_or(|found| !found.allow_merge()), "no head ever was complete");
            }
        });
    }
    fixture.move_head().await;
    is_done.store(true, Ordering::SeqCst);
    readers.join_all().await;
    let sha = "f".repeat(40);
    fixture.report(&sha, "quick", "x:success").await;
    fixture.set(1_000, sha).await;
    let found = store.merge_request_results(repository, fixture.iid).await.unwrap().unwrap();
    assert_eq!(found.counts, [(Status::Success, false, 1)]);
    assert!(found.allow_merge());
}
