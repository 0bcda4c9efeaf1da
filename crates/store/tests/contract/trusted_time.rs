//! A jump of the clock deletes and ends nothing, over restarts of a server on the same store, and rules that
//! delete go on when it counts.

use super::{batch, repository, root};
use crate::open;
use domain::SignedDuration;
use domain::actions::{cleanup, deliveries, events, job_closings, retention, trusted_time};
use domain::model::ids::RepositoryId;
use domain::model::pipelines::filters::PipelineFilter;
use domain::model::policies::Policies;
use domain::model::roles::Scope;
use domain::model::tokens::{NewToken, TokenKind};
use domain::model::trusted_time::{ClockChange, WAIT};
use domain::ports::{App, Clock as _, Idempotency, NewDelivery, ReportBatch, Store};
use std::sync::Arc;
use testkit::{FixedClock, report};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A clock in December 2023: the clock of a database is later, and the rows of the contract are earlier.
fn clock() -> Arc<FixedClock> {
    let clock = FixedClock::new();
    clock.jump(-(DAY * 1_080));
    clock
}

/// Starts a server on the store.
async fn start(store: &Arc<dyn Store>, clock: &Arc<FixedClock>) -> (App, Vec<ClockChange>) {
    let app = testkit::app(Arc::clone(store), Arc::clone(clock));
    let changes = trusted_time::observe(&app).await.unwrap().changes;
    (app, changes)
}

/// Runs a server for some time.
async fn run(app: &App, clock: &FixedClock, time: SignedDuration) {
    clock.advance(time);
    trusted_time::observe(app).await.unwrap();
}

/// Three pipelines of one ref, the last one unfinished, a session, and the response to a request.
async fn fill(app: &App) -> RepositoryId {
    let store = &*app.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let hours = SignedDuration::from_hours;
    let policies =
        Policies { inactivity_timeout: Some(hours(8)), keep_for: Some(DAY * 90), ..Policies::default() };
    store.set_policies(repo, policies).await.unwrap();
    for (commit, line) in [('a', "s/j:success#1"), ('b', "s/j:success#2"), ('c', "s/j:running#3")] {
        let idempotency = Idempotency { key: commit.to_string(), digest: [1; 32] };
        let batch = batch(repo, &root, vec![report(commit, line)]);
        let batch = ReportBatch { received_at: app.clock.now(), idempotency: Some(idempotency), ..batch };
        store.record(batch).await.unwrap();
    }
    let session = NewToken {
        digest: [7; 32],
        user_id: root.id,
        kind: TokenKind::Session,
        name: "browser".into(),
        scope: Scope::Full,
        repositories: None,
        created_at: app.clock.now(),
        expires_at: Some(app.clock.now() + DAY),
        identity_id: None,
        sign_in: None,
    };
    store.create_token(session).await.unwrap();
    repo
}

/// Applies every rule that deletes or ends something. Returns the number of deleted pipelines, events and
/// credentials, and of ended jobs.
async fn apply_rules(app: &App) -> [u64; 4] {
    let pruned = retention::prune_all(app).await;
    pruned.1.unwrap();
    let events = events::delete_old(app, DAY * 3).await.unwrap();
    let expired = cleanup::delete_expired(app).await.unwrap();
    assert_eq!(deliveries::delete_old(app).await.unwrap(), 0);
    let (closed, result) = job_closings::watch(app, app.listening_for()).await;
    result.unwrap();
    [pruned.0.iter().map(|(_, pruned)| pruned.pipelines).sum(), events, expired, closed.len() as u64]
}

async fn count(app: &App, repo: RepositoryId) -> u64 {
    app.store.count_pipelines(repo, PipelineFilter::default()).await.unwrap()
}

#[tokio::test]
async fn a_start_with_a_clock_in_the_future_destroys_nothing() {
    let opened = open().await;
    let clock = clock();
    let (app, changes) = start(&opened.store, &clock).await;
    assert_eq!(changes, []);
    let repo = fill(&app).await;
    let events = app.store.events(repo, 0, 100).await.unwrap().events.len();
    trusted_time::save(&app).await.unwrap();

    clock.jump(DAY * 400);
    let (app, changes) = start(&opened.store, &clock).await;
    assert!(matches!(changes[..], [ClockChange::Jumped { .. }]), "{changes:?}");
    for _ in 0..5 {
        run(&app, &clock, SignedDuration::from_hours(1)).await;
        assert_eq!(apply_rules(&app).await, [0; 4]);
    }
    // The clock is right again, in the same run or in the next one.
    clock.jump(-(DAY * 400));
    run(&app, &clock, SignedDuration::from_secs(1)).await;
    assert_eq!(apply_rules(&app).await, [0; 4]);
    let (app, changes) = start(&opened.store, &clock).await;
    assert_eq!(changes, []);
    assert_eq!(
        (count(&app, repo).await, app.store.events(repo, 0, 100).await.unwrap().events.len()),
        (3, events)
    );
    assert!(app.store.token(&[7; 32]).await.unwrap().is_some());
}

#[tokio::test]
async fn a_server_that_was_off_for_months_deletes_after_the_wait() {
    let opened = open().await;
    let clock = clock();
    let (app, _) = start(&opened.store, &clock).await;
    let repo = fill(&app).await;
    trusted_time::save(&app).await.unwrap();
    clock.jump(DAY * 100);
    // It is restarted during the wait, and the wait goes on.
    let third = WAIT / 3;
    for step in 0..3 {
        let (app, changes) = start(&opened.store, &clock).await;
        assert_eq!(changes.len(), usize::from(step == 0), "{changes:?}");
        assert_eq!(apply_rules(&app).await, [0; 4], "{step}");
        run(&app, &clock, third).await;
        trusted_time::save(&app).await.unwrap();
        if step < 2 {
            assert_eq!(apply_rules(&app).await, [0; 4], "{step}");
        } else {
            // The server has not listened for as long as the inactivity timeout.
            assert_eq!(apply_rules(&app).await, [2, 3, 4, 0]);
            run(&app, &clock, SignedDuration::from_hours(7)).await;
            assert_eq!(apply_rules(&app).await[3], 1);
        }
    }
    assert_eq!(count(&app, repo).await, 1);
}

#[tokio::test]
async fn a_store_without_the_time_last_seen_starts_at_its_last_report() {
    let opened = open().await;
    let clock = clock();
    let store = &opened.store;
    let root = root(&**store).await;
    assert_eq!(store.last_activity_at().await.unwrap(), None);
    let repo = repository(&**store, &root, "acme/demo").await;
    let at = clock.now() - DAY * 20;
    let batch = batch(repo, &root, vec![report('a', "s/j:success#1")]);
    store.record(ReportBatch { received_at: at, ..batch }).await.unwrap();
    assert_eq!(store.last_activity_at().await.unwrap(), Some(at));
    let (app, changes) = start(store, &clock).await;
    assert_eq!(changes, [ClockChange::Jumped { expected: at, wall: clock.now() }]);
    assert_eq!(app.trusted_time().certain(), at);
}

#[tokio::test]
async fn a_delivery_planned_by_a_wrong_clock_is_brought_forward() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let hook = super::webhooks::added(&**store, repo, &["pipeline"]).await.id;
    let clock = clock();
    let app = testkit::app(Arc::clone(store), Arc::clone(&clock));
    for (id, ahead) in [("msg_soon", DAY), ("msg_late", DAY * 400)] {
        let created_at = clock.now() + ahead;
        let new = NewDelivery { id: id.into(), kind: "x".into(), body: "{}".into(), created_at };
        store.add_delivery(repo, hook, new).await.unwrap().unwrap();
    }
    assert_eq!(deliveries::bring_forward(&app).await.unwrap(), 1);
    assert_eq!(deliveries::bring_forward(&app).await.unwrap(), 0);
    for (id, due) in [("msg_soon", clock.now() + DAY), ("msg_late", clock.now())] {
        let delivery = store.delivery(repo, hook, id).await.unwrap().unwrap();
        assert_eq!(delivery.state.next_at(), Some(due), "{id}");
    }
}
