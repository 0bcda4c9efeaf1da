//! A merge request is known from reports or from a word, its head is where the later one puts it, and its pipeline follows.

use super::{batch, repository, root};
use crate::open;
use domain::error::Error;
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::merge_requests::{HeadUpdate, MergeRequest, MergeRequestDetails};
use domain::model::reports::{PipelineChoice, Report};
use domain::model::repositories::RepositoryKey;
use domain::model::users::User;
use domain::ports::{Idempotency, IdempotentRequest, ReportBatch, Store};
use testkit::{at, report};

fn iid(n: i64) -> MergeRequestIid {
    MergeRequestIid::new(n).unwrap()
}

fn said(commit: char) -> HeadUpdate {
    HeadUpdate {
        source_branch: "feature".into(),
        target_branch: "main".into(),
        head_sha: commit.to_string().repeat(40),
    }
}

fn on(git_ref: &str, commit: char, line: &str) -> Report {
    Report { git_ref: git_ref.into(), ..report(commit, line) }
}

/// On the ref of merge request 7.
fn own(commit: char, line: &str) -> Report {
    on("refs/merge-requests/7/head", commit, line)
}

struct Place<'a> {
    store: &'a dyn Store,
    repo: RepositoryId,
    root: User,
}

impl<'a> Place<'a> {
    async fn new(store: &'a dyn Store) -> Self {
        let root = root(store).await;
        Self { store, repo: repository(store, &root, "acme/demo").await, root }
    }

    /// Records reports and answers the last one's pipeline.
    async fn record(&self, second: i64, reports: Vec<Report>) -> i32 {
        let batch = ReportBatch { received_at: at(second), ..batch(self.repo, &self.root, reports) };
        self.store.record(batch).await.unwrap().pop().unwrap().unwrap().pipeline_id.get()
    }

    async fn set(&self, second: i64, said: HeadUpdate) -> MergeRequest {
        self.store.set_merge_request(self.repo, iid(7), said, None, at(second)).await.unwrap()
    }

    async fn found(&self) -> Option<MergeRequestDetails> {
        self.store.merge_request(self.repo, iid(7)).await.unwrap()
    }

    /// The commit of the head, the pipeline that is shown, and whether it is the head's.
    async fn head(&self) -> (char, Option<i32>, bool) {
        let found = self.found().await.unwrap().merge_request;
        let shown = found.pipeline.as_ref().map(|pipeline| pipeline.id.get());
        (found.head_sha.chars().next().unwrap(), shown, found.head_pipeline().is_some())
    }
}

#[tokio::test]
async fn a_report_on_its_ref_makes_it_known() {
    let opened = open().await;
    let place = Place::new(&*opened.store).await;
    assert!(place.found().await.is_none());
    place
        .record(1, vec![report('a', "x:running"), on("refs/merge-requests/7/merge", 'a', "x:running")])
        .await;
    assert!(place.found().await.is_none(), "neither a branch nor the merge result is its head");
    let first = place.record(2, vec![own('a', "build/x:running"), own('a', "test/y:pending")]).await;
    let found = place.found().await.unwrap();
    let merge_request = &found.merge_request;
    assert_eq!((merge_request.branches.as_ref(), merge_request.updated_at), (None, at(2)));
    let stages: Vec<&str> = found.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!((stages, found.is_latest), (vec!["build", "test"], true));
    assert_eq!(place.head().await, ('a', Some(first), true));
    let second = place.record(3, vec![own('b', "x:running")]).await;
    assert_eq!(place.head().await, ('b', Some(second), true));
    assert_eq!(place.found().await.unwrap().merge_request.updated_at, at(3));
    // To a pipeline that is there already: it moves nothing.
    place.record(4, vec![own('a', "build/x:success")]).await;
    assert_eq!(place.head().await, ('b', Some(second), true));
}

#[tokio::test]
async fn a_word_moves_the_head_and_a_newer_pipeline_moves_it_on() {
    let opened = open().await;
    let place = Place::new(&*opened.store).await;
    let before = place.set(1, said('a')).await;
    assert_eq!(before.branches, Some(("feature".into(), "main".into())));
    assert_eq!((before.updated_at, place.head().await), (at(1), ('a', None, false)));
    assert_eq!(place.set(2, said('a')).await, before, "the same again changes nothing");
    let first = place.record(3, vec![own('a', "x:running")]).await;
    assert_eq!(place.head().await, ('a', Some(first), true));
    place.set(4, said('b')).await;
    assert_eq!(place.head().await, ('b', Some(first), false), "an earlier commit's, while the head has none");
    place.record(5, vec![own('a', "x:success")]).await;
    assert_eq!(place.head().await, ('b', Some(first), false), "a report to an old pipeline moves nothing");
    // A build of the earlier head that begins only now.
    let mut late = own('a', "x:running");
    late.pipeline = PipelineChoice::Key("late".into());
    let late = place.record(5, vec![late]).await;
    assert_eq!(place.head().await, ('b', Some(late), false), "an old head stays one, whenever it is built");
    let second = place.record(6, vec![own('b', "x:running")]).await;
    assert_eq!(place.head().await, ('b', Some(second), true));
    let third = place.record(7, vec![own('c', "x:running")]).await;
    assert_eq!(place.head().await, ('c', Some(third), true));
    // An old head that is built once more does not take the head back to the word.
    let mut later = own('a', "x:running");
    later.pipeline = PipelineChoice::Key("later".into());
    place.record(7, vec![later]).await;
    assert_eq!(
        place.head().await,
        ('c', Some(third), true),
        "between the word and the late build there was a newer head"
    );
    // Nor does the word, sent again by who does not know that it arrived.
    let again = place.set(8, said('b')).await;
    assert_eq!((again.updated_at, place.head().await), (at(7), ('c', Some(third), true)));
    // A later word does, though its commit was the head before.
    place.set(9, said('c')).await;
    let back = place.set(10, said('b')).await;
    assert_eq!((back.updated_at, place.head().await), (at(10), ('b', Some(second), true)));
    assert!(!place.found().await.unwrap().is_latest, "a newer one is on the same ref");
}

#[tokio::test]
async fn the_branchs_pipelines_count_for_commits_that_were_the_head() {
    let opened = open().await;
    let place = Place::new(&*opened.store).await;
    // Before the merge request, on another branch, and of a commit that never was its head.
    let built = place.record(1, vec![on("feature", 'a', "x:success")]).await;
    place.record(2, vec![on("other", 'a', "x:success"), on("feature", 'f', "x:success")]).await;
    place.set(3, said('a')).await;
    assert_eq!(place.head().await, ('a', Some(built), true));
    place.set(4, said('b')).await;
    assert_eq!(place.head().await, ('b', Some(built), false));
    // A pipeline of the earlier commit, later than the word.
    let mut late = on("feature", 'a', "x:success");
    late.pipeline = PipelineChoice::Key("late".into());
    let late = place.record(5, vec![late]).await;
    assert_eq!(place.head().await, ('b', Some(late), false));
    place.set(6, said('c')).await;
    assert_eq!(place.head().await, ('c', Some(late), false), "however many words ago");
    let branch = place.record(7, vec![on("feature", 'c', "x:running")]).await;
    assert_eq!(place.head().await, ('c', Some(branch), true));
    // Both kinds for one commit: that of the merge request, whichever is newer.
    let own = place.record(8, vec![own('c', "x:running")]).await;
    let mut again = on("feature", 'c', "x:running");
    again.pipeline = PipelineChoice::Key("again".into());
    place.record(9, vec![again]).await;
    assert_eq!(place.head().await, ('c', Some(own), true));
}

#[tokio::test]
async fn an_older_word_that_is_sent_again_by_its_key_moves_nothing() {
    let opened = open().await;
    let place = Place::new(&*opened.store).await;
    let set = async |key: &str, commit: char| {
        let idempotency = Idempotency { key: key.into(), digest: [u8::try_from(commit).unwrap(); 32] };
        let once = Some(IdempotentRequest { by: place.root.id, idempotency });
        let set = place.store.set_merge_request(place.repo, iid(7), said(commit), once, at(1)).await;
        set.map(|now| now.head_sha.chars().next())
    };
    assert_eq!(set("1", 'a').await, Ok(Some('a')));
    assert_eq!(set("2", 'b').await, Ok(Some('b')));
    assert_eq!(set("1", 'a').await, Ok(Some('b')), "as it is now");
    assert_eq!(set("2", 'a').await, Err(Error::KeyReused));
    assert_eq!(set("3", 'a').await, Ok(Some('a')), "pushed back");
}

#[tokio::test]
async fn while_the_head_has_none_its_own_refs_pipeline_goes_before_the_branchs() {
    let opened = open().await;
    let place = Place::new(&*opened.store).await;
    place.set(1, said('a')).await;
    let of_a = place.record(2, vec![own('a', "x:success")]).await;
    place.set(3, said('b')).await;
    place.record(4, vec![own('b', "x:success")]).await;
    // The newest of all is the branch's, of the commit that was the head first.
    let mut late = on("feature", 'a', "x:success");
    late.pipeline = PipelineChoice::Key("late".into());
    place.record(5, vec![late]).await;
    place.set(6, said('d')).await;
    assert_eq!(place.head().await, ('d', Some(of_a), false));
}

#[tokio::test]
async fn merge_requests_are_listed_from_the_newest_on() {
    let opened = open().await;
    let place = Place::new(&*opened.store).await;
    let list = |before, limit| place.store.merge_requests(place.repo, before, limit);
    assert_eq!(list(None, 20).await.unwrap().items, []);
    for n in [2, 10, 9] {
        place.record(n, vec![on(&format!("refs/merge-requests/{n}/head"), 'a', "x:success")]).await;
    }
    place.set(20, said('b')).await;
    let elsewhere = repository(place.store, &place.root, "acme/other").await;
    place.store.set_merge_request(elsewhere, iid(8), said('a'), None, at(1)).await.unwrap();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = list(before, 3).await.unwrap();
        seen.push(page.items.iter().map(|m| m.iid.get()).collect::<Vec<_>>());
        before = page.next.map(|last| iid(last.into()));
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [vec![10, 9, 7], vec![2]], "by number, not by its digits");
    assert_eq!(list(None, 4).await.unwrap().next, None);
    let all = list(None, 4).await.unwrap().items;
    assert_eq!(all[2], place.found().await.unwrap().merge_request, "as it is shown alone");
}

#[tokio::test]
async fn a_repository_has_a_pipeline_once_it_is_said_or_reported() {
    let opened = open().await;
    let place = Place::new(&*opened.store).await;
    let other = repository(place.store, &place.root, "acme/other").await;
    let has = async |id| place.store.repository(&RepositoryKey::Id(id)).await.unwrap().unwrap().has_pipeline;
    assert!(!has(place.repo).await && !has(other).await);
    for _ in 0..2 {
        place.store.note_pipeline(place.repo, at(5)).await.unwrap();
        assert!(has(place.repo).await && !has(other).await);
    }
    let batch = batch(other, &place.root, vec![report('a', "x:running")]);
    place.store.record(batch).await.unwrap();
    assert!(has(other).await);
    let nowhere = RepositoryId::new(99).unwrap();
    assert_eq!(place.store.note_pipeline(nowhere, at(5)).await, Err(Error::RepositoryNotFound));
    let refused = place.store.set_merge_request(nowhere, iid(7), said('a'), None, at(5)).await;
    assert_eq!(refused, Err(Error::RepositoryNotFound));
}
