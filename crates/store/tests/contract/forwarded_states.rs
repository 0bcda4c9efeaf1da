//! Destinations, and what each is to have: written with the reports, read when it is claimed.

use super::deliveries::{ALL, limits, record};
use super::{batch, repository, root};
use crate::open;
use domain::error::{Error, Invalid, Problem};
use domain::model::destinations::{
    Choice, DESTINATIONS_MAX, Destination, DestinationChange, ForgeKind, ForgeToken, Selection,
};
use domain::model::forwarded_states::{
    ClaimedState, ForgeOutcome, ForgeResponse, ForwardedState, Progress, StateKey, StatePage, StateResult,
    StopReason, Target,
};
use domain::model::ids::{DestinationId, PipelineId, RepositoryId};
use domain::model::retention::Expiry;
use domain::model::status::Status;
use domain::model::trusted_time::TrustedTime;
use domain::model::users::User;
use domain::model::webhooks::networks::Networks;
use domain::ports::{ListedState, StateFilter, Store};
use testkit::{at, report};

pub async fn added(store: &dyn Store, repository_id: RepositoryId, choice: Choice) -> Destination {
    let new = Destination {
        id: DestinationId::new(1).unwrap(),
        repository_id,
        kind: ForgeKind::GitHub,
        url: "https://api.example.com".into(),
        project: "acme/demo".into(),
        token: ForgeToken::new("s3cret".into()).unwrap(),
        selection: Selection { choice, except_sources: vec!["github".into(), "x y".into()] },
        enabled: true,
        failing_since: None,
        paused_until: None,
        created_at: at(0),
    };
    store.create_destination(new).await.unwrap()
}

pub(super) async fn one(store: &dyn Store, choice: Choice) -> (RepositoryId, User, Destination) {
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let destination = added(store, repo, choice).await;
    (repo, root, destination)
}

pub async fn claim(store: &dyn Store, second: i64) -> Vec<ClaimedState> {
    store.claim_forwarded_states(at(second), at(second + 45), limits(ALL, ALL)).await.unwrap()
}

/// Records that the forge responded with this status.
pub async fn respond(store: &dyn Store, claimed: &ClaimedState, status: u16, second: i64) -> bool {
    let response = ForgeResponse { status, body: "said".into(), ..ForgeResponse::default() };
    store.record_forwarded_state(result(claimed, response, second)).await.unwrap()
}

fn result(claimed: &ClaimedState, response: ForgeResponse, second: i64) -> StateResult {
    let (status, outcome) = (claimed.forge_status(false, None), ForgeOutcome::Responded(response));
    claimed.result(status, outcome, at(second), &TrustedTime::new(at(second)), 0)
}

pub async fn list(store: &dyn Store, repo: RepositoryId, id: DestinationId) -> Vec<ListedState> {
    let filter = StateFilter { limit: 99, ..StateFilter::default() };
    store.forwarded_states(repo, id, filter).await.unwrap()
}

fn contexts(claimed: &[ClaimedState]) -> Vec<(String, Option<Status>)> {
    let pair = |claimed: &ClaimedState| {
        (claimed.state.key.target.context(), claimed.wanted.as_ref().map(|wanted| wanted.status))
    };
    claimed.iter().map(pair).collect()
}

#[tokio::test]
async fn a_destination_is_stored_and_belongs_to_one_repository() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, first) = one(store, Choice::Pipeline).await;
    let other = repository(store, &root, "acme/other").await;
    let second = added(store, repo, Choice::Jobs(vec!["build/*".into(), "部署/*".into()])).await;
    assert_eq!(store.destinations(repo).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.destinations(other).await.unwrap(), []);
    let change = DestinationChange { enabled: Some(false), ..DestinationChange::default() };
    let changed = |repo, change| store.change_destination(repo, first.id, change, Networks::default(), at(5));
    let off = Destination { enabled: false, ..first.clone() };
    assert_eq!(changed(repo, change.clone()).await.unwrap(), Some(off.clone()));
    assert_eq!(changed(other, change).await.unwrap(), None, "of another repository");
    let url = DestinationChange { url: Some("https://b.example".into()), ..DestinationChange::default() };
    assert_eq!(changed(repo, url).await, Err(Invalid::new("token", Problem::Missing).into()));
    assert_eq!(store.destinations(repo).await.unwrap(), [off, second.clone()]);
    assert!(!store.delete_destination(other, second.id).await.unwrap());
    assert!(store.delete_destination(repo, second.id).await.unwrap());
    for _ in 1..DESTINATIONS_MAX {
        assert_ne!(added(store, repo, Choice::Pipeline).await.id, second.id, "no id is assigned twice");
    }
    let too_many = Invalid::new("destinations", Problem::TooMany { max: DESTINATIONS_MAX });
    assert_eq!(store.create_destination(first).await, Err(Error::Invalid(too_many)));
}

#[tokio::test]
async fn a_commit_has_one_state_for_each_source_or_job() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, pipeline) = one(store, Choice::Pipeline).await;
    let jobs = added(store, repo, Choice::Jobs(vec!["build/*".into()])).await;
    record(store, repo, &root, &["build/a:running#1", "build/b:running#1", "test/c:running#1"]).await;
    let mut excepted = report('a', "build/z:failed#1");
    excepted.source = "github".into();
    let mut forwarded = report('a', "external/stagepost/ci:failed#1");
    forwarded.source = "other".into();
    let mut nightly = report('a', "build/a:failed#9");
    nightly.source = "nightly".into();
    store.record(batch(repo, &root, vec![excepted, forwarded, nightly])).await.unwrap();
    record(store, repo, &root, &["build/a:success#1", "test/c:failed#1"]).await;
    let found = claim(store, 200).await;
    let of = |id| contexts(&found.iter().filter(|c| c.destination.id == id).cloned().collect::<Vec<_>>());
    let mut of_pipeline = of(pipeline.id);
    of_pipeline.sort_by(|one, other| one.0.cmp(&other.0));
    let text = |context: &str, status| (context.to_owned(), Some(status));
    assert_eq!(
        of_pipeline,
        [text("stagepost/external", Status::Running), text("stagepost/nightly", Status::Failed)],
        "the newest state only; nothing of an excepted source, nothing that was forwarded"
    );
    let mut of_jobs = of(jobs.id);
    of_jobs.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        of_jobs,
        [
            text("stagepost/external/build/a", Status::Success),
            text("stagepost/external/build/b", Status::Running),
            text("stagepost/nightly/build/a", Status::Failed),
        ]
    );
    let job = found.iter().find(|c| c.state.key.target.context().ends_with("external/build/a")).unwrap();
    let wanted = job.wanted.as_ref().unwrap();
    assert_eq!(wanted.git_ref, "main");
    assert!(matches!(wanted.page, StatePage::Job(pipeline, _) if pipeline.get() == 1), "{wanted:?}");
    assert_eq!(claim(store, 201).await, [], "one attempt at a time");
    assert_eq!(claim(store, 245).await.len(), found.len(), "the claims have expired");
}

#[tokio::test]
async fn a_state_that_changes_during_an_attempt_stays_due() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Pipeline).await;
    record(store, repo, &root, &["s/x:running#1"]).await;
    let first = claim(store, 200).await.pop().unwrap();
    record(store, repo, &root, &["s/x:success#1"]).await;
    assert_eq!(claim(store, 201).await, [], "the first attempt is in progress");
    assert!(respond(store, &first, 201, 202).await);
    let listed = list(store, repo, destination.id).await.pop().unwrap();
    assert_eq!(listed.state.sent.as_ref().unwrap().0.state, "pending");
    assert!(matches!(listed.state.progress, Progress::Pending(..)));
    assert_eq!(listed.wanted.unwrap().status, Status::Success);
    let second = claim(store, 203).await.pop().unwrap();
    assert_eq!(second.wanted.as_ref().unwrap().status, Status::Success);
    assert!(!respond(store, &first, 201, 204).await, "the result of the claim before");
    assert!(respond(store, &second, 201, 205).await);
    let listed = list(store, repo, destination.id).await.pop().unwrap().state;
    assert_eq!((listed.progress, listed.sent.unwrap().0.state.as_str()), (Progress::Sent, "success"));
    assert_eq!(claim(store, 999).await, []);
}

#[tokio::test]
async fn a_refused_state_stops_alone_until_something_changes() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Jobs(vec!["*".into()])).await;
    record(store, repo, &root, &["s/x:running#1", "s/y:running#1"]).await;
    let both = claim(store, 200).await;
    assert!(respond(store, &both[0], 404, 201).await && respond(store, &both[1], 201, 201).await);
    let stopped = Progress::Stopped(StopReason::Refused);
    let state = |id| async move {
        let filter = StateFilter { id: Some(id), limit: 1, ..StateFilter::default() };
        store.forwarded_states(repo, destination.id, filter).await.unwrap().pop().unwrap().state
    };
    let (refused, sent) = (both[0].state.id, both[1].state.id);
    let found = state(refused).await;
    assert_eq!((found.progress, found.last.unwrap().response_body.as_deref()), (stopped, Some("said")));
    assert_eq!(state(sent).await.progress, Progress::Sent);
    assert_eq!(claim(store, 999).await, []);

    let retry = store.retry_forwarded_states(repo, destination.id, at(1_000)).await.unwrap();
    assert_eq!(retry, Some(1), "what is sent is not sent again");
    assert!(respond(store, &claim(store, 1_001).await[0], 422, 1_002).await);
    let change = DestinationChange { project: Some("acme/new".into()), ..DestinationChange::default() };
    store.change_destination(repo, destination.id, change, Networks::default(), at(1_003)).await.unwrap();
    let again = claim(store, 1_004).await;
    assert_eq!((again[0].state.id, again[0].destination.project.as_str()), (refused, "acme/new"));
    assert!(respond(store, &again[0], 403, 1_005).await);
    record(store, repo, &root, &["s/x:success#1"]).await;
    assert_eq!(claim(store, 1_006).await[0].state.id, refused, "a new state is tried once");
}

/// Changes a destination.
pub(super) async fn change(store: &dyn Store, of: &Destination, change: DestinationChange, second: i64) {
    let changed = store.change_destination(of.repository_id, of.id, change, Networks::default(), at(second));
    changed.await.unwrap().unwrap();
}

#[tokio::test]
async fn another_project_gets_every_state_and_nothing_of_the_one_before() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Jobs(vec!["*".into()])).await;
    record(store, repo, &root, &["s/x:success#1", "s/y:running#1"]).await;
    let both = claim(store, 200).await;
    let named = ForgeResponse { status: 201, remote_id: Some("77".into()), ..ForgeResponse::default() };
    assert!(store.record_forwarded_state(result(&both[0], named, 201)).await.unwrap());
    let project = DestinationChange { project: Some("acme/new".into()), ..DestinationChange::default() };
    change(store, &destination, project, 202).await;
    for listed in list(store, repo, destination.id).await {
        let ForwardedState { sent, remote_id, last, progress, .. } = listed.state;
        assert_eq!((sent, remote_id, last), (None, None, None));
        assert!(matches!(progress, Progress::Pending(..)));
    }
    // The attempt in progress ends at the project before.
    assert!(!respond(store, &both[1], 201, 203).await);
    let again = claim(store, 204).await;
    assert_eq!(again.len(), 2, "both are sent to the new project");
    assert!(
        again.iter().all(|claimed| claimed.destination.project == "acme/new" && claimed.state.sent.is_none())
    );
}

#[tokio::test]
async fn a_new_project_gets_many_states_in_steps() {
    const STATES: usize = 2_300;
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Jobs(vec!["*".into()])).await;
    let jobs: Vec<String> = (0..STATES).map(|job| format!("s/j{job}:success#1")).collect();
    record(store, repo, &root, &jobs.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for claimed in claim(store, 5_000).await {
        assert!(respond(store, &claimed, 201, 5_001).await);
    }
    let project = DestinationChange { project: Some("acme/new".into()), ..DestinationChange::default() };
    change(store, &destination, project, 5_002).await;
    let filter = StateFilter { progress: Some("sent"), limit: 10, ..StateFilter::default() };
    let sent = store.forwarded_states(repo, destination.id, filter).await.unwrap();
    assert!(sent.is_empty(), "{sent:?}");
    let filter = StateFilter { limit: STATES as u32 + 1, ..StateFilter::default() };
    let all = store.forwarded_states(repo, destination.id, filter).await.unwrap();
    assert_eq!(all.len(), STATES);
    assert!(all.iter().all(|listed| listed.state.sent.is_none()));
    assert!(!claim(store, 5_003).await.is_empty());
}

/// A job that is in one pipeline only is found by its attempt; one in several by comparing them.
#[tokio::test]
async fn the_newest_attempt_counts_in_one_pipeline_and_in_several() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Jobs(vec!["*".into()])).await;
    let wanted = async || {
        let listed = list(store, repo, destination.id).await;
        listed.iter().map(|listed| listed.wanted.as_ref().unwrap().status).collect::<Vec<_>>()
    };
    record(store, repo, &root, &["s/x:failed#1"]).await;
    assert_eq!(wanted().await, [Status::Failed]);
    record(store, repo, &root, &["s/x:running#2"]).await;
    assert_eq!(wanted().await, [Status::Running]);
    // A late report about the earlier attempt, whose event is the last one.
    record(store, repo, &root, &["s/x:canceled#1"]).await;
    assert_eq!(wanted().await, [Status::Running]);
    let mut other = report('a', "s/x:success#3");
    other.git_ref = "other".into();
    store.record(batch(repo, &root, vec![other])).await.unwrap();
    assert_eq!(wanted().await, [Status::Success], "of two pipelines, the status that was reported last");
    record(store, repo, &root, &["s/x:failed#2"]).await;
    assert_eq!(wanted().await, [Status::Failed]);
}

#[tokio::test]
async fn a_state_that_is_not_chosen_any_more_is_not_sent() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Jobs(vec!["*".into()])).await;
    record(store, repo, &root, &["s/x:running#1", "s/y:running#1"]).await;
    let both = claim(store, 200).await;
    assert!(respond(store, &both[0], 404, 201).await && respond(store, &both[1], 201, 201).await);
    let jobs = DestinationChange { jobs: Some(vec!["s/z".into()]), ..DestinationChange::default() };
    change(store, &destination, jobs, 202).await;
    let listed = list(store, repo, destination.id).await;
    assert!(listed.len() == 2 && listed.iter().all(|listed| listed.wanted.is_none()));
    assert_eq!(claim(store, 203).await, []);
    let left = list(store, repo, destination.id).await;
    assert_eq!((left.len(), left[0].state.id), (1, both[1].state.id), "what was never sent is deleted");
    store.retry_forwarded_states(repo, destination.id, at(204)).await.unwrap();
    assert_eq!(claim(store, 205).await, []);
}

#[tokio::test]
async fn what_changed_while_a_destination_was_disabled_is_sent() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Pipeline).await;
    record(store, repo, &root, &["s/x:running#1"]).await;
    assert!(respond(store, &claim(store, 200).await[0], 201, 201).await);
    let enabled = |enabled| DestinationChange { enabled: Some(enabled), ..DestinationChange::default() };
    change(store, &destination, enabled(false), 202).await;
    record(store, repo, &root, &["s/x:success#1"]).await;
    assert_eq!(list(store, repo, destination.id).await[0].state.progress, Progress::Sent);
    assert_eq!(claim(store, 203).await, []);
    change(store, &destination, enabled(true), 204).await;
    let found = claim(store, 205).await;
    assert_eq!(contexts(&found), [("stagepost/external".to_owned(), Some(Status::Success))]);
}

#[tokio::test]
async fn a_destination_that_fails_has_one_attempt_and_a_limited_one_none() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Jobs(vec!["*".into()])).await;
    record(store, repo, &root, &["s/x:running#1", "s/y:running#1", "s/z:running#1"]).await;
    let all = claim(store, 200).await;
    assert_eq!(all.len(), 3);
    for claimed in &all {
        respond(store, claimed, 502, 201).await;
    }
    assert_eq!(store.destinations(repo).await.unwrap()[0].failing_since, Some(at(201)));
    assert_eq!(claim(store, 204).await, [], "each waits");
    let retried = claim(store, 210).await;
    assert_eq!((retried.len(), retried[0].state.attempts), (1, 2));
    respond(store, &retried[0], 201, 211).await;
    assert_eq!(store.destinations(repo).await.unwrap()[0].failing_since, None);
    let rest = claim(store, 212).await;
    assert_eq!(rest.len(), 2, "it works again");

    let response = ForgeResponse {
        status: 429,
        retry_after: Some(domain::SignedDuration::from_secs(100)),
        ..ForgeResponse::default()
    };
    let limited = result(&rest[0], response, 220);
    store.record_forwarded_state(limited).await.unwrap();
    respond(store, &rest[1], 201, 221).await;
    record(store, repo, &root, &["s/y:success#1", "s/z:success#1", "s/w:success#1"]).await;
    assert_eq!(store.destinations(repo).await.unwrap()[0].paused_until, Some(at(320)));
    assert_eq!(claim(store, 319).await, []);
    assert_eq!(claim(store, 320).await.len(), 3);
    let enabled = DestinationChange { enabled: Some(false), ..DestinationChange::default() };
    store.change_destination(repo, destination.id, enabled, Networks::default(), at(321)).await.unwrap();
    record(store, repo, &root, &["s/v:success#1"]).await;
    assert_eq!(claim(store, 999).await, [], "disabled");
    assert_eq!(list(store, repo, destination.id).await.len(), 4);
}

#[tokio::test]
async fn a_wrong_clock_does_not_keep_a_state_waiting() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, _) = one(store, Choice::Pipeline).await;
    record(store, repo, &root, &["s/x:running#1"]).await;
    let claimed = claim(store, 999_999).await.pop().unwrap();
    let response = ForgeResponse { status: 429, ..ForgeResponse::default() };
    let limited = result(&claimed, response, 999_999);
    store.record_forwarded_state(limited).await.unwrap();
    assert_eq!(claim(store, 300).await, []);
    assert_eq!(store.bring_forward_states(at(500_000), at(300)).await.unwrap(), 2, "the state and the pause");
    assert_eq!(store.bring_forward_states(at(500_000), at(300)).await.unwrap(), 0);
    assert_eq!(claim(store, 300).await.len(), 1);
}

#[tokio::test]
async fn a_test_is_no_state_of_a_commit() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Pipeline).await;
    let other = repository(store, &root, "acme/other").await;
    let key = || StateKey { sha: String::new(), target: Target::Test };
    assert_eq!(store.add_forwarded_state(other, destination.id, key(), at(5)).await.unwrap(), None);
    let added = store.add_forwarded_state(repo, destination.id, key(), at(5)).await.unwrap().unwrap();
    assert_eq!(added.progress, Progress::Pending(at(5), None));
    let claimed = claim(store, 6).await.pop().unwrap();
    assert_eq!((claimed.state.id, &claimed.wanted), (added.id, &None));
    assert!(respond(store, &claimed, 200, 7).await);
    let again = store.add_forwarded_state(repo, destination.id, key(), at(8)).await.unwrap().unwrap();
    assert_eq!((again.id, again.progress), (added.id, Progress::Pending(at(8), None)));
    assert_eq!(list(store, other, destination.id).await, []);
}

#[tokio::test]
async fn states_are_deleted_with_their_pipelines_and_destinations() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Pipeline).await;
    record(store, repo, &root, &["s/x:success#1"]).await;
    store.record(batch(repo, &root, vec![report('b', "s/x:success#2")])).await.unwrap();
    let shas = async || {
        let found = list(store, repo, destination.id).await;
        found.into_iter().map(|listed| listed.state.key.sha[..1].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shas().await, ["b", "a"], "newest first");
    let expiry = Expiry { at: domain::Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    assert!(store.delete_expired_pipeline(repo, PipelineId::new(1).unwrap(), expiry, at(300)).await.unwrap());
    assert_eq!(shas().await, ["b"]);
    assert_eq!(store.delete_orphaned_states().await.unwrap(), 0);
    assert!(store.delete_destination(repo, destination.id).await.unwrap());
    assert_eq!(claim(store, 999).await, []);
    assert_eq!(store.delete_orphaned_states().await.unwrap(), 1);
    assert_eq!(store.delete_orphaned_states().await.unwrap(), 0);
}
