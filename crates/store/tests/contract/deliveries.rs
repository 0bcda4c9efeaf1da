//! Deliveries: one for each event that a webhook subscribes to, written with the event; one sender at a time
//! attempts it; none is lost, and none is sent twice concurrently.

use super::webhooks::added;
use super::{batch, reports, repository, root};
use crate::open;
use domain::model::deliveries::shares::ClaimLimits;
use domain::model::deliveries::{
    ClaimedDelivery, DeliveryResult, DeliveryState, Outcome, Payload, WebhookHealth,
};
use domain::model::events::Change;
use domain::model::ids::RepositoryId;
use domain::model::users::User;
use domain::model::webhooks::{DisabledReason, Webhook, WebhookChange};
use domain::ports::{NewDelivery, ReportBatch, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use testkit::{at, report};
use tokio::time::timeout;

/// More than any test has.
const ALL: u32 = 1_000_000;

async fn record(store: &dyn Store, repo: RepositoryId, root: &User, lines: &[&str]) {
    let reports = lines.iter().map(|line| report('a', line)).collect();
    store.record(batch(repo, root, reports)).await.unwrap();
}

/// Limits of the attempts of a webhook and of the claims of a call only.
fn limits(of_webhook: u32, free: u32) -> ClaimLimits {
    ClaimLimits {
        free,
        reserved: 0,
        of_webhook,
        of_repository: ALL,
        of_receiver: ALL,
        of_repository_at_receiver: ALL,
        of_failing: ALL,
    }
}

async fn claim(store: &dyn Store, second: i64) -> Vec<ClaimedDelivery> {
    store.claim_deliveries(at(second), at(second + 45), limits(ALL, ALL)).await.unwrap()
}

/// The result of an attempt at `second`, without random jitter.
fn result(claimed: &ClaimedDelivery, status: u16, second: i64) -> DeliveryResult {
    let outcome = Outcome::Responded { status, body: "ok".into(), retry_after: None };
    claimed.attempt_result(
        format!("body of {}", claimed.id),
        outcome,
        at(second),
        &domain::model::trusted_time::TrustedTime::new(at(second)),
        0,
    )
}

async fn finish(store: &dyn Store, claimed: &ClaimedDelivery, status: u16, second: i64) -> bool {
    store.record_delivery_result(result(claimed, status, second)).await.unwrap()
}

async fn one(store: &dyn Store) -> (RepositoryId, User, Webhook) {
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let webhook = added(store, repo, &["job"]).await;
    (repo, root, webhook)
}

#[tokio::test]
async fn each_webhook_gets_the_events_of_its_topics() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let other = repository(store, &root, "acme/other").await;
    record(store, repo, &root, &["s/before:success"]).await;
    let pipelines = added(store, repo, &["pipeline"]).await;
    let both = added(store, repo, &["pipeline", "job"]).await;
    let off = added(store, repo, &["job"]).await;
    let disable = WebhookChange { disabled: Some(true), ..WebhookChange::default() };
    store.change_webhook(repo, off.id, disable, at(1)).await.unwrap();
    record(store, repo, &root, &["s/x:running#1", "s/x:running#1", "s/x:success#1"]).await;
    record(store, other, &root, &["s/x:running#1"]).await;
    assert!(store.import_pipeline(reports::imported(repo, 60, 'c', 30), root.id, at(600)).await.unwrap());

    let mut claimed = claim(store, 200).await;
    claimed.sort_by_key(|claimed| claimed.seq);
    let deliveries: Vec<_> = claimed
        .iter()
        .map(|claimed| {
            let Payload::Event(event) = &claimed.payload else { panic!("{claimed:?}") };
            assert_eq!((claimed.attempt, claimed.repository.as_str()), (1, "acme/demo"));
            assert!(matches!(event.change, Change::Job(_)));
            (claimed.webhook.id, claimed.kind.as_str(), event.number)
        })
        .collect();
    let (p, b) = (pipelines.id, both.id);
    assert_eq!(
        deliveries,
        [
            (p, "pipeline.running", 2),
            (b, "pipeline.running", 2),
            (b, "job.running", 2),
            (p, "pipeline.success", 3),
            (b, "pipeline.success", 3),
            (b, "job.success", 3),
        ]
    );
    let ids: BTreeSet<&str> = claimed.iter().map(|claimed| claimed.id.as_str()).collect();
    assert_eq!(ids.len(), claimed.len());
    assert_eq!(store.deliveries(repo, off.id, None, 9).await.unwrap(), []);
    assert_eq!(store.deliveries(other, both.id, None, 9).await.unwrap(), [], "of another repository");
    let page = store.deliveries(repo, both.id, None, 2).await.unwrap();
    let next = store.deliveries(repo, both.id, Some(page[1].id.clone()), 9).await.unwrap();
    let listed: Vec<&str> = page.iter().chain(&next).map(|delivery| delivery.kind.as_str()).collect();
    assert_eq!(listed, ["job.success", "pipeline.success", "job.running", "pipeline.running"]);
}

#[tokio::test]
async fn a_refused_report_has_no_delivery() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, _) = one(store).await;
    let mut refused = report('a', "s/x:running");
    refused.pipeline =
        domain::model::reports::PipelineChoice::Id(domain::model::ids::PipelineId::new(77).unwrap());
    let receipts = store.record(batch(repo, &root, vec![refused])).await.unwrap();
    assert!(receipts[0].is_err());
    assert_eq!(claim(store, 200).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_claims_get_each_delivery_once() {
    let opened = open().await;
    let (repo, root, _) = one(&*opened.store).await;
    added(&*opened.store, repo, &["job"]).await;
    let lines: Vec<String> = (0..200).map(|n| format!("s/{n}:running")).collect();
    record(&*opened.store, repo, &root, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&opened.store);
            tokio::spawn(async move {
                let mut got = Vec::new();
                loop {
                    let some = store.claim_deliveries(at(200), at(245), limits(ALL, 7)).await.unwrap();
                    assert!(some.len() <= 7);
                    if some.is_empty() {
                        return got;
                    }
                    got.extend(some.into_iter().map(|claimed| claimed.seq));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for claimer in claimers {
        all.extend(claimer.await.unwrap());
    }
    let once: BTreeSet<i64> = all.iter().copied().collect();
    assert_eq!((all.len(), once.len()), (400, 400));
}

#[tokio::test]
async fn an_expired_claim_is_assigned_again_and_its_late_result_is_ignored() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    record(store, repo, &root, &["s/x:running"]).await;
    let dead = claim(store, 200).await.pop().unwrap();
    assert_eq!(claim(store, 244).await, [], "the claim has not expired");
    let second = claim(store, 245).await.pop().unwrap();
    assert_eq!((second.id.as_str(), second.attempt, &second.payload), (dead.id.as_str(), 2, &dead.payload));
    assert!(!finish(store, &dead, 200, 246).await, "the result of an expired claim");
    assert!(finish(store, &second, 500, 246).await);
    let stored = store.delivery(repo, webhook.id, &dead.id).await.unwrap().unwrap();
    assert_eq!(stored.state, DeliveryState::Pending(at(246 + 48)));
    assert_eq!(stored.last.map(|last| last.status), Some(Some(500)));
    assert!(!finish(store, &second, 200, 247).await, "the result was recorded before");
    assert_eq!(claim(store, 246 + 47).await, []);
    let third = claim(store, 246 + 48).await.pop().unwrap();
    assert_eq!(third.payload, Payload::Rendered(format!("body of {}", dead.id)), "the same bytes");
    assert!(finish(store, &third, 204, 300).await);
    let stored = store.delivery(repo, webhook.id, &dead.id).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.attempts), (DeliveryState::Delivered, 3));
    assert_eq!(stored.body, Some(format!("body of {}", dead.id)));
    assert_eq!(claim(store, 99_999).await, []);
}

#[tokio::test]
async fn a_delivery_can_be_requeued() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    let other = repository(store, &root, "acme/other").await;
    record(store, repo, &root, &["s/x:running"]).await;
    let first = claim(store, 200).await.pop().unwrap();
    let requeue = |second| store.requeue_delivery(repo, webhook.id, &first.id, at(second));
    let requeued = requeue(210).await.unwrap().unwrap();
    assert_eq!(requeued.state, DeliveryState::Pending(at(245)), "an attempt is under way");
    assert!(finish(store, &first, 200, 220).await);
    let requeued = requeue(230).await.unwrap().unwrap();
    assert_eq!((requeued.state, requeued.attempts), (DeliveryState::Pending(at(230)), 0));
    let second = claim(store, 230).await.pop().unwrap();
    assert_eq!((second.id.as_str(), second.attempt), (first.id.as_str(), 1));
    assert_eq!(second.payload, Payload::Rendered(format!("body of {}", first.id)));
    assert!(!finish(store, &first, 500, 231).await, "the result of the claim before");
    assert!(finish(store, &second, 200, 231).await);
    assert_eq!(store.requeue_delivery(other, webhook.id, &first.id, at(240)).await.unwrap(), None);
    assert_eq!(store.requeue_delivery(repo, webhook.id, "msg_none", at(240)).await.unwrap(), None);
    assert_eq!(store.delivery(other, webhook.id, &first.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_failing_webhook_has_one_attempt_at_a_time_and_does_not_delay_others() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, down) = one(store).await;
    let up = added(store, repo, &["job"]).await;
    let lines = ["s/1:running", "s/2:running", "s/3:running", "s/4:running", "s/5:running"];
    record(store, repo, &root, &lines).await;
    let claim = async |second, each, limit| {
        let mut claimed =
            store.claim_deliveries(at(second), at(second + 45), limits(each, limit)).await.unwrap();
        claimed.sort_by_key(|claimed| (claimed.webhook.id, claimed.seq));
        claimed
    };
    let of = |claimed: &[ClaimedDelivery], webhook: &Webhook| {
        claimed.iter().filter(|claimed| claimed.webhook.id == webhook.id).count()
    };
    let first = claim(200, 2, 3).await;
    assert_eq!((of(&first, &down), of(&first, &up)), (2, 1), "two of each, three in all");
    let more = claim(201, 2, ALL).await;
    assert_eq!((of(&more, &down), of(&more, &up)), (0, 1), "two of each at a time");
    for claimed in first.iter().chain(&more) {
        let status = if claimed.webhook.id == down.id { 500 } else { 200 };
        assert!(finish(store, claimed, status, 202).await);
    }
    let stored = &store.webhooks(repo).await.unwrap();
    assert_eq!((stored[0].failing_since, stored[1].failing_since), (Some(at(202)), None));
    let next = claim(203, 2, ALL).await;
    assert_eq!((of(&next, &down), of(&next, &up)), (1, 2));
    assert_eq!(of(&claim(204, 2, ALL).await, &down), 0);
    for claimed in &next {
        assert!(finish(store, claimed, 200, 205).await);
    }
    assert_eq!(store.webhooks(repo).await.unwrap()[0].failing_since, None);
    assert_eq!(of(&claim(206, 9, ALL).await, &down), 4, "it works again: its failed deliveries are due, too");
}

#[tokio::test]
async fn a_disabled_webhook_gets_nothing_and_its_pending_deliveries_are_sent_later() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    record(store, repo, &root, &["s/x:running", "s/y:running"]).await;
    let first = store.claim_deliveries(at(200), at(245), limits(1, ALL)).await.unwrap().pop().unwrap();
    let disabled = result(&first, 410, 201);
    assert_eq!(
        (disabled.state, disabled.health),
        (DeliveryState::Failed, WebhookHealth::Disabled(DisabledReason::Gone))
    );
    assert!(store.record_delivery_result(disabled).await.unwrap());
    let stored = store.webhooks(repo).await.unwrap().pop().unwrap();
    assert_eq!(stored.disabled, Some((at(201), DisabledReason::Gone)));
    record(store, repo, &root, &["s/z:running"]).await;
    assert_eq!(claim(store, 300).await, []);
    let enable = WebhookChange { disabled: Some(false), ..WebhookChange::default() };
    store.change_webhook(repo, webhook.id, enable, at(301)).await.unwrap();
    assert_eq!(
        claim(store, 302).await.len(),
        1,
        "the pending one; the third event was recorded while the webhook was disabled"
    );
    assert!(store.delete_webhook(repo, webhook.id).await.unwrap());
    assert_eq!(claim(store, 9_999).await, [], "a deleted webhook");
}

#[tokio::test]
async fn a_test_delivery_has_no_event() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    let other = repository(store, &root, "acme/other").await;
    let new =
        NewDelivery { id: "msg_t".into(), kind: "webhook.test".into(), body: "{}".into(), created_at: at(5) };
    assert_eq!(store.add_delivery(other, webhook.id, new.clone()).await.unwrap(), None);
    let added = store.add_delivery(repo, webhook.id, new).await.unwrap().unwrap();
    assert_eq!((added.event, added.state, added.attempts), (None, DeliveryState::Pending(at(5)), 0));
    let claimed = claim(store, 5).await.pop().unwrap();
    assert_eq!((claimed.id.as_str(), claimed.payload), ("msg_t", Payload::Rendered("{}".into())));
}

#[tokio::test]
async fn a_waiting_sender_is_notified_of_deliveries() {
    let opened = open().await;
    let store = Arc::clone(&opened.store);
    let (repo, root, _) = one(&*store).await;
    let sender = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut got = 0;
            while got < 30 {
                got += claim(&*store, 200).await.len();
                if got < 30 {
                    store.wait_for_delivery().await;
                }
            }
        })
    };
    for n in 0..30 {
        record(&*store, repo, &root, &[&format!("s/{n}:running")]).await;
        tokio::task::yield_now().await;
    }
    timeout(Duration::from_secs(60), sender).await.unwrap().unwrap();
}

/// 64 writers, and three senders, one of which drops some of its claims.
#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_delivered_with_concurrent_writers_and_senders() {
    const WRITERS: usize = 64;
    const EACH: usize = 4;
    let opened = open().await;
    let (repo, root, webhook) = one(&*opened.store).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, root) = (Arc::clone(&opened.store), root.clone());
            tokio::spawn(async move {
                for n in 0..EACH {
                    record(&*store, repo, &root, &[&format!("s/{writer}-{n}:running")]).await;
                }
            })
        })
        .collect();
    let senders: Vec<_> = (0..3)
        .map(|sender| {
            let store = Arc::clone(&opened.store);
            tokio::spawn(async move {
                let mut round = 0;
                loop {
                    // The time advances, so that dropped claims expire.
                    round += 1;
                    let now = 200 + 50 * round;
                    let claimed =
                        store.claim_deliveries(at(now), at(now + 45), limits(ALL, 16)).await.unwrap();
                    for (n, claimed) in claimed.iter().enumerate() {
                        if sender > 0 || n % 5 > 0 {
                            finish(&*store, claimed, 200, now).await;
                        }
                    }
                    let page = store.deliveries(repo, webhook.id, None, ALL).await.unwrap();
                    if page.len() == WRITERS * EACH
                        && page.iter().all(|delivery| delivery.state == DeliveryState::Delivered)
                    {
                        return page;
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for sender in senders {
        let page = timeout(Duration::from_secs(120), sender).await.unwrap().unwrap();
        let events: BTreeSet<i64> = page.iter().filter_map(|delivery| delivery.event).collect();
        assert_eq!(events, (1..=(WRITERS * EACH) as i64).collect());
    }
}

#[tokio::test]
async fn old_deliveries_are_deleted() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    for (second, line) in [(10, "s/1:running"), (20, "s/2:running"), (30, "s/3:running")] {
        let new = ReportBatch { received_at: at(second), ..batch(repo, &root, vec![report('a', line)]) };
        store.record(new).await.unwrap();
    }
    let ids = async || {
        let page = store.deliveries(repo, webhook.id, None, 99).await.unwrap();
        page.into_iter().map(|delivery| delivery.id).rev().collect::<Vec<_>>()
    };
    let all = ids().await;
    assert_eq!(store.delete_old_deliveries(at(10)).await.unwrap(), 0);
    store.requeue_delivery(repo, webhook.id, &all[0], at(25)).await.unwrap();
    assert_eq!(store.delete_old_deliveries(at(21)).await.unwrap(), 1);
    assert_eq!(ids().await, [all[0].clone(), all[2].clone()], "a requeued delivery is not old");
    assert_eq!(store.delete_old_deliveries(at(99)).await.unwrap(), 2);
    assert_eq!(store.delete_old_deliveries(at(99)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_repository_with_many_due_deliveries_leaves_slots_for_others() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let busy = repository(store, &root, "acme/busy").await;
    for _ in 0..20 {
        added(store, busy, &["job"]).await;
    }
    let other = repository(store, &root, "acme/other").await;
    added(store, other, &["job"]).await;
    let lines: Vec<String> = (0..50).map(|n| format!("s/{n}:running")).collect();
    record(store, busy, &root, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let claim = async |in_progress| {
        store.claim_deliveries(at(200), at(245), ClaimLimits::of_server(in_progress)).await.unwrap()
    };
    let of = |claimed: &[ClaimedDelivery], repository| {
        claimed.iter().filter(|claimed| claimed.webhook.repository_id == repository).count()
    };
    let first = claim(0).await;
    assert_eq!((first.len(), of(&first, busy)), (24, 24), "of one receiver");
    assert_eq!(claim(24).await, [], "on this server and on any other");
    record(store, other, &root, &["s/x:running"]).await;
    let second = claim(24).await;
    assert_eq!((second.len(), of(&second, other)), (1, 1), "its delivery is the youngest");
    for claimed in &first[..3] {
        assert!(finish(store, claimed, 200, 201).await);
    }
    assert_eq!(of(&claim(22).await, busy), 3, "ended attempts make room");
}
