//! A merge request is known from reports or from a reported head; the later of both sets its head, which
//! determines its pipeline.

use super::{batch, repository, root};
use crate::open;
use domain::error::Error;
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::merge_requests::{CommitOverview, HeadUpdate, MergeRequest, MergeRequestDetails};
use domain::model::page::Page;
use domain::model::reports::{PipelineChoice, Report};
use domain::model::repositories::RepositoryKey;
use domain::model::users::User;
use domain::ports::{Idempotency, IdempotentRequest, ReportBatch, Store};
use testkit::{at, report};

fn iid(n: i64) -> MergeRequestIid {
    MergeRequestIid::new(n).unwrap()
}

fn head_at(commit: char) -> HeadUpdate {
    HeadUpdate {
        source_branch: "feature".into(),
        target_branch: "main".into(),
        head_sha: commit.to_string().repeat(40),
    }
}

fn on(git_ref: &str, commit: char, line: &str) -> Report {
    Report { git_ref: git_ref.into(), ..report(commit, line) }
}

/// A report on the ref of merge request 7.
fn own(commit: char, line: &str) -> Report {
    on("refs/merge-requests/7/head", commit, line)
}

struct Fixture<'a> {
    store: &'a dyn Store,
    repo: RepositoryId,
    root: User,
}

impl<'a> Fixture<'a> {
    async fn new(store: &'a dyn Store) -> Self {
        let root = root(store).await;
        Self { store, repo: repository(store, &root, "acme/demo").await, root }
    }

    /// Records reports; returns the pipeline of the last one.
    async fn record(&self, second: i64, reports: Vec<Report>) -> i32 {
        let batch = ReportBatch { received_at: at(second), ..batch(self.repo, &self.root, reports) };
        self.store.record(batch).await.unwrap().pop().unwrap().unwrap().pipeline_id.get()
    }

    async fn set(&self, second: i64, head: HeadUpdate) -> MergeRequest {
        self.store.set_merge_request(self.repo, iid(7), head, None, at(second)).await.unwrap()
    }

    async fn found(&self) -> Option<MergeRequestDetails> {
        self.store.merge_request(self.repo, iid(7)).await.unwrap()
    }

    /// The commit of the head, the pipeline that is shown, and whether it is of the head.
    async fn head(&self) -> (char, Option<i32>, bool) {
        let found = self.found().await.unwrap().merge_request;
        let shown = found.pipeline.as_ref().map(|pipeline| pipeline.id.get());
        (found.head_sha.chars().next().unwrap(), shown, found.head_pipeline().is_some())
    }
}

#[tokio::test]
async fn a_report_on_the_ref_of_a_merge_request_makes_it_known() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    assert!(fixture.found().await.is_none());
    fixture
        .record(1, vec![report('a', "x:running"), on("refs/merge-requests/7/merge", 'a', "x:running")])
        .await;
    assert!(fixture.found().await.is_none(), "neither a branch nor the merge result is a head");
    let first = fixture.record(2, vec![own('a', "build/x:running"), own('a', "test/y:pending")]).await;
    let found = fixture.found().await.unwrap();
    let merge_request = &found.merge_request;
    assert_eq!((merge_request.branches.as_ref(), merge_request.updated_at), (None, at(2)));
    let stages: Vec<&str> = found.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!((stages, found.is_latest), (vec!["build", "test"], true));
    assert_eq!(fixture.head().await, ('a', Some(first), true));
    let second = fixture.record(3, vec![own('b', "x:running")]).await;
    assert_eq!(fixture.head().await, ('b', Some(second), true));
    assert_eq!(fixture.found().await.unwrap().merge_request.updated_at, at(3));
    // A report to an existing pipeline does not move the head.
    fixture.record(4, vec![own('a', "build/x:success")]).await;
    assert_eq!(fixture.head().await, ('b', Some(second), true));
}

#[tokio::test]
async fn a_reported_head_and_a_newer_pipeline_move_the_head() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    let before = fixture.set(1, head_at('a')).await;
    assert_eq!(before.branches, Some(("feature".into(), "main".into())));
    assert_eq!((before.updated_at, fixture.head().await), (at(1), ('a', None, false)));
    assert_eq!(fixture.set(2, head_at('a')).await, before, "a repetition changes nothing");
    let first = fixture.record(3, vec![own('a', "x:running")]).await;
    assert_eq!(fixture.head().await, ('a', Some(first), true));
    fixture.set(4, head_at('b')).await;
    assert_eq!(
        fixture.head().await,
        ('b', Some(first), false),
        "of an earlier commit, while the head has none"
    );
    fixture.record(5, vec![own('a', "x:success")]).await;
    assert_eq!(
        fixture.head().await,
        ('b', Some(first), false),
        "a report to an old pipeline does not move the head"
    );
    // A build of the earlier head that starts late.
    let mut late = own('a', "x:running");
    late.pipeline = PipelineChoice::Key("late".into());
    let late = fixture.record(5, vec![late]).await;
    assert_eq!(
        fixture.head().await,
        ('b', Some(late), false),
        "a late build does not make an old head the head"
    );
    let second = fixture.record(6, vec![own('b', "x:running")]).await;
    assert_eq!(fixture.head().await, ('b', Some(second), true));
    let third = fixture.record(7, vec![own('c', "x:running")]).await;
    assert_eq!(fixture.head().await, ('c', Some(third), true));
    // Another build of an old head does not move the head back to the reported one.
    let mut later = own('a', "x:running");
    later.pipeline = PipelineChoice::Key("later".into());
    fixture.record(7, vec![later]).await;
    assert_eq!(
        fixture.head().await,
        ('c', Some(third), true),
        "there was a newer head between the reported head and the late build"
    );
    // Nor does a repetition of the reported head.
    let again = fixture.set(8, head_at('b')).await;
    assert_eq!((again.updated_at, fixture.head().await), (at(7), ('c', Some(third), true)));
    // A later reported head does, though its commit was the head before.
    fixture.set(9, head_at('c')).await;
    let back = fixture.set(10, head_at('b')).await;
    assert_eq!((back.updated_at, fixture.head().await), (at(10), ('b', Some(second), true)));
    assert!(!fixture.found().await.unwrap().is_latest, "a newer pipeline is on the same ref");
}

#[tokio::test]
async fn pipelines_of_the_source_branch_count_for_commits_that_were_the_head() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    // Pipelines before the merge request, on another branch, and of a commit that never was the head.
    let built = fixture.record(1, vec![on("feature", 'a', "x:success")]).await;
    fixture.record(2, vec![on("other", 'a', "x:success"), on("feature", 'f', "x:success")]).await;
    fixture.set(3, head_at('a')).await;
    assert_eq!(fixture.head().await, ('a', Some(built), true));
    fixture.set(4, head_at('b')).await;
    assert_eq!(fixture.head().await, ('b', Some(built), false));
    // A pipeline of the earlier commit, after the reported head.
    let mut late = on("feature", 'a', "x:success");
    late.pipeline = PipelineChoice::Key("late".into());
    let late = fixture.record(5, vec![late]).await;
    assert_eq!(fixture.head().await, ('b', Some(late), false));
    fixture.set(6, head_at('c')).await;
    assert_eq!(fixture.head().await, ('c', Some(late), false), "however many heads ago");
    let branch = fixture.record(7, vec![on("feature", 'c', "x:running")]).await;
    assert_eq!(fixture.head().await, ('c', Some(branch), true));
    // With both kinds for one commit, the one on the ref of the merge request counts, even if it is older.
    let own = fixture.record(8, vec![own('c', "x:running")]).await;
    let mut again = on("feature", 'c', "x:running");
    again.pipeline = PipelineChoice::Key("again".into());
    fixture.record(9, vec![again]).await;
    assert_eq!(fixture.head().await, ('c', Some(own), true));
}

#[tokio::test]
async fn a_repeated_request_with_an_older_head_does_not_move_the_head() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    let set = async |key: &str, commit: char| {
        let idempotency = Idempotency { key: key.into(), digest: [u8::try_from(commit).unwrap(); 32] };
        let once = Some(IdempotentRequest { by: fixture.root.id, idempotency });
        let set = fixture.store.set_merge_request(fixture.repo, iid(7), head_at(commit), once, at(1)).await;
        set.map(|now| now.head_sha.chars().next())
    };
    assert_eq!(set("1", 'a').await, Ok(Some('a')));
    assert_eq!(set("2", 'b').await, Ok(Some('b')));
    assert_eq!(set("1", 'a').await, Ok(Some('b')), "the current head");
    assert_eq!(set("2", 'a').await, Err(Error::KeyReused));
    assert_eq!(set("3", 'a').await, Ok(Some('a')), "a new request moves it back");
}

#[tokio::test]
async fn without_a_pipeline_of_the_head_one_on_the_own_ref_precedes_one_on_the_branch() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    fixture.set(1, head_at('a')).await;
    let of_a = fixture.record(2, vec![own('a', "x:success")]).await;
    fixture.set(3, head_at('b')).await;
    fixture.record(4, vec![own('b', "x:success")]).await;
    // The newest pipeline is on the branch, of the first head.
    let mut late = on("feature", 'a', "x:success");
    late.pipeline = PipelineChoice::Key("late".into());
    fixture.record(5, vec![late]).await;
    fixture.set(6, head_at('d')).await;
    assert_eq!(fixture.head().await, ('d', Some(of_a), false));
}

#[tokio::test]
async fn merge_requests_are_listed_from_the_greatest_iid_on() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    let list = |before, limit| fixture.store.merge_requests(fixture.repo, before, limit);
    assert_eq!(list(None, 20).await.unwrap().items, []);
    for n in [2, 10, 9] {
        fixture.record(n, vec![on(&format!("refs/merge-requests/{n}/head"), 'a', "x:success")]).await;
    }
    fixture.set(20, head_at('b')).await;
    let elsewhere = repository(fixture.store, &fixture.root, "acme/other").await;
    fixture.store.set_merge_request(elsewhere, iid(8), head_at('a'), None, at(1)).await.unwrap();
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = list(before, 3).await.unwrap();
        pages.push(page.items.iter().map(|m| m.iid.get()).collect::<Vec<_>>());
        before = page.next.map(|last| iid(last.into()));
        if before.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec![10, 9, 7], vec![2]], "in numeric order");
    assert_eq!(list(None, 4).await.unwrap().next, None);
    let all = list(None, 4).await.unwrap().items;
    assert_eq!(all[2], fixture.found().await.unwrap().merge_request, "as it is returned alone");
}

#[tokio::test]
async fn a_commit_has_the_merge_requests_of_its_pipelines_and_of_the_reported_heads() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    for n in [2, 10] {
        fixture.record(n, vec![on(&format!("refs/merge-requests/{n}/head"), 'a', "x:success")]).await;
    }
    fixture.record(11, vec![on("refs/merge-requests/10/head", 'b', "x:success")]).await;
    fixture.record(12, vec![on("refs/merge-requests/3/merge", 'a', "x:success")]).await;
    fixture.set(20, head_at('a')).await;
    fixture.set(21, head_at('c')).await;
    let elsewhere = repository(fixture.store, &fixture.root, "acme/other").await;
    fixture.store.set_merge_request(elsewhere, iid(8), head_at('a'), None, at(1)).await.unwrap();
    let of = async |commit: char, offset, limit| {
        let (sha, page) = (commit.to_string().repeat(40), Page { offset, limit });
        let found = fixture.store.merge_requests_of_commit(fixture.repo, &sha, page).await.unwrap();
        let row = |m: &MergeRequest| (m.iid.get(), m.head_sha.chars().next().unwrap());
        (found.items.iter().map(row).collect::<Vec<_>>(), found.total)
    };
    assert_eq!(of('a', 0, 20).await, (vec![(10, 'b'), (7, 'c'), (2, 'a')], 3));
    assert_eq!(of('a', 0, 2).await, (vec![(10, 'b'), (7, 'c')], 3));
    assert_eq!(of('a', 1, 1).await, (vec![(7, 'c')], 3));
    assert_eq!(of('a', 3, 1).await, (vec![], 3));
    assert_eq!(of('c', 0, 20).await, (vec![(7, 'c')], 1));
    assert_eq!(of('d', 0, 20).await, (vec![], 0));
    let overview = fixture.store.commit_overview(fixture.repo, &"a".repeat(40)).await.unwrap();
    let ids = [&overview.oldest_pipeline, &overview.newest_pipeline];
    assert_eq!(ids.map(|pipeline| pipeline.as_ref().map(|pipeline| pipeline.id.get())), [Some(1), Some(4)]);
    let newest = fixture.store.merge_request(fixture.repo, iid(10)).await.unwrap().unwrap();
    assert_eq!(overview.merge_request, Some(newest.merge_request));
    let unknown = fixture.store.commit_overview(fixture.repo, &"d".repeat(40)).await.unwrap();
    assert_eq!(unknown, CommitOverview::default());
}

#[tokio::test]
async fn a_repository_has_a_pipeline_after_a_note_or_a_report() {
    let opened = open().await;
    let fixture = Fixture::new(&*opened.store).await;
    let other = repository(fixture.store, &fixture.root, "acme/other").await;
    let has =
        async |id| fixture.store.repository(&RepositoryKey::Id(id)).await.unwrap().unwrap().has_pipeline;
    assert!(!has(fixture.repo).await && !has(other).await);
    for _ in 0..2 {
        fixture.store.note_pipeline(fixture.repo, at(5)).await.unwrap();
        assert!(has(fixture.repo).await && !has(other).await);
    }
    let batch = batch(other, &fixture.root, vec![report('a', "x:running")]);
    fixture.store.record(batch).await.unwrap();
    assert!(has(other).await);
    let absent = RepositoryId::new(99).unwrap();
    assert_eq!(fixture.store.note_pipeline(absent, at(5)).await, Err(Error::RepositoryNotFound));
    let refused = fixture.store.set_merge_request(absent, iid(7), head_at('a'), None, at(5)).await;
    assert_eq!(refused, Err(Error::RepositoryNotFound));
}
