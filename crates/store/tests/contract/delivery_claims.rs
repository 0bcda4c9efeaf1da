//! Claims of deliveries: one sender at a time attempts each, none is lost, and none is sent twice concurrently.

use super::deliveries::{ALL, claim, finish, limits, one, record};
use super::webhooks::added;
use super::{repository, root};
use crate::open;
use domain::model::deliveries::shares::ClaimLimits;
use domain::model::deliveries::{ClaimedDelivery, DeliveryState, Payload};
use domain::model::webhooks::Webhook;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use testkit::at;
use tokio::time::timeout;

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
