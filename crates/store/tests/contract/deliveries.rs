//! Deliveries: one for each event that a webhook subscribes to, written with the event. The file of claims covers who
//! attempts them.

use super::webhooks::added;
use super::{batch, reports, repository, root};
use crate::open;
use domain::model::deliveries::shares::ClaimLimits;
use domain::model::deliveries::{
    ClaimedDelivery, DeliveryResult, DeliveryState, Outcome, Payload, WebhookHealth,
};
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
pub(super) const ALL: u32 = 1_000_000;

pub(super) async fn record(store: &dyn Store, repo: RepositoryId, root: &User, lines: &[&str]) {
    let reports = lines.iter().map(|line| report('a', line)).collect();
    store.record(batch(repo, root, reports)).await.unwrap();
}

/// Limits of the attempts of a webhook and of the claims of a call only.
pub(super) fn limits(of_webhook: u32, free: u32) -> ClaimLimits {
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

pub(super) async fn claim(store: &dyn Store, second: i64) -> Vec<ClaimedDelivery> {
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

pub(super) async fn finish(store: &dyn Store, claimed: &ClaimedDelivery, status: u16, second: i64) -> bool {
    store.record_delivery_result(result(claimed, status, second)).await.unwrap()
}

pub(super) async fn one(store: &dyn Store) -> (RepositoryId, User, Webhook) {
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
    assert!(
        store.import_pipeline(reports::imported(repo, 60, 'c', 30), root.id, None, at(600)).await.unwrap()
    );

    let mut claimed = claim(store, 200).await;
    claimed.sort_by_key(|claimed| claimed.seq);
    let deliveries: Vec<_> = claimed
        .iter()
        .map(|claimed| {
            let Payload::Event(event) = &claimed.payload else { panic!("{claimed:?}") };
            assert_eq!((claimed.attempt, claimed.repository.as_str()), (1, "acme/demo"));
            assert!(event.job().is_some());
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
async fn a_delivery_that_was_not_sent_keeps_its_content() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    record(store, repo, &root, &["s/x:running"]).await;
    let mut expected = claim(store, 200).await.pop().unwrap();
    for second in [210, 220] {
        let refused = DeliveryResult { body: None, ..result(&expected, 410, second) };
        assert!(store.record_delivery_result(refused).await.unwrap());
        let stored = store.delivery(repo, webhook.id, &expected.id).await.unwrap().unwrap();
        assert_eq!(stored.state, DeliveryState::Failed);
        let enable = WebhookChange { disabled: Some(false), ..WebhookChange::default() };
        store.change_webhook(repo, webhook.id, enable, at(second)).await.unwrap();
        store.requeue_delivery(repo, webhook.id, &expected.id, at(second)).await.unwrap();
        let again = claim(store, second).await.pop().unwrap();
        assert_eq!(again.payload, expected.payload);
        expected = again;
    }
    // So does one that was sent before.
    assert!(finish(store, &expected, 200, 230).await);
    store.requeue_delivery(repo, webhook.id, &expected.id, at(240)).await.unwrap();
    let sent = claim(store, 240).await.pop().unwrap();
    let refused = DeliveryResult { body: None, ..result(&sent, 410, 250) };
    assert!(store.record_delivery_result(refused).await.unwrap());
    let stored = store.delivery(repo, webhook.id, &sent.id).await.unwrap().unwrap();
    assert_eq!(stored.body, Some(format!("body of {}", sent.id)));
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
