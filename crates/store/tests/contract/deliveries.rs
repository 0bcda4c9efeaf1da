//! Deliveries: one for each wanted event, written with it; each attempted by one sender at a time; none lost, none sent twice at once.

use super::webhooks::added;
use super::{batch, reports, repository, root};
use crate::open;
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

/// Far more than any test makes.
const ALL: u32 = 1_000_000;

async fn say(store: &dyn Store, repo: RepositoryId, root: &User, lines: &[&str]) {
    let said = lines.iter().map(|line| report('a', line)).collect();
    store.record(batch(repo, root, said)).await.unwrap();
}

async fn claim(store: &dyn Store, second: i64) -> Vec<ClaimedDelivery> {
    store.claim_deliveries(at(second), at(second + 45), ALL, ALL).await.unwrap()
}

/// What an attempt at `second` came to; chance is at its least.
fn settled(claimed: &ClaimedDelivery, status: u16, second: i64) -> DeliveryResult {
    let outcome = Outcome::Responded { status, body: "said".into(), retry_after: None };
    claimed.attempt_result(format!("body of {}", claimed.id), outcome, at(second), 0)
}

async fn settle(store: &dyn Store, claimed: &ClaimedDelivery, status: u16, second: i64) -> bool {
    store.record_delivery_result(settled(claimed, status, second)).await.unwrap()
}

async fn one(store: &dyn Store) -> (RepositoryId, User, Webhook) {
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let webhook = added(store, repo, &["job"]).await;
    (repo, root, webhook)
}

#[tokio::test]
async fn each_webhook_gets_what_it_wants_of_each_event() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let other = repository(store, &root, "acme/other").await;
    say(store, repo, &root, &["s/before:success"]).await;
    let pipelines = added(store, repo, &["pipeline"]).await;
    let both = added(store, repo, &["pipeline", "job"]).await;
    let off = added(store, repo, &["job"]).await;
    let disable = WebhookChange { disabled: Some(true), ..WebhookChange::default() };
    store.change_webhook(repo, off.id, disable, at(1)).await.unwrap();
    say(store, repo, &root, &["s/x:running#1", "s/x:running#1", "s/x:success#1"]).await;
    say(store, other, &root, &["s/x:running#1"]).await;
    assert!(store.import_pipeline(reports::imported(repo, 60, 'c', 30), root.id, at(600)).await.unwrap());

    let mut claimed = claim(store, 200).await;
    claimed.sort_by_key(|claimed| claimed.seq);
    let told: Vec<_> = claimed
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
        told,
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
async fn what_is_undone_is_not_sent() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, _) = one(store).await;
    let mut nowhere = report('a', "s/x:running");
    nowhere.pipeline =
        domain::model::reports::PipelineChoice::Id(domain::model::ids::PipelineId::new(77).unwrap());
    let answers = store.record(batch(repo, &root, vec![nowhere])).await.unwrap();
    assert!(answers[0].is_err());
    assert_eq!(claim(store, 200).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_who_claim_at_once_get_each_delivery_once() {
    let opened = open().await;
    let (repo, root, _) = one(&*opened.store).await;
    added(&*opened.store, repo, &["job"]).await;
    let lines: Vec<String> = (0..200).map(|n| format!("s/{n}:running")).collect();
    say(&*opened.store, repo, &root, &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&opened.store);
            tokio::spawn(async move {
                let mut got = Vec::new();
                loop {
                    let some = store.claim_deliveries(at(200), at(245), ALL, 7).await.unwrap();
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
async fn a_claim_that_ends_is_given_again_and_the_late_word_does_not_count() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    say(store, repo, &root, &["s/x:running"]).await;
    let dead = claim(store, 200).await.pop().unwrap();
    assert_eq!(claim(store, 244).await, [], "it still holds");
    let second = claim(store, 245).await.pop().unwrap();
    assert_eq!((second.id.as_str(), second.attempt, &second.payload), (dead.id.as_str(), 2, &dead.payload));
    assert!(!settle(store, &dead, 200, 246).await, "who comes too late");
    assert!(settle(store, &second, 500, 246).await);
    let kept = store.delivery(repo, webhook.id, &dead.id).await.unwrap().unwrap();
    assert_eq!(kept.state, DeliveryState::Pending(at(246 + 48)));
    assert_eq!(kept.last.map(|last| last.status), Some(Some(500)));
    assert!(!settle(store, &second, 200, 247).await, "it was settled");
    assert_eq!(claim(store, 246 + 47).await, []);
    let third = claim(store, 246 + 48).await.pop().unwrap();
    assert_eq!(third.payload, Payload::Rendered(format!("body of {}", dead.id)), "the same bytes");
    assert!(settle(store, &third, 204, 300).await);
    let kept = store.delivery(repo, webhook.id, &dead.id).await.unwrap().unwrap();
    assert_eq!((kept.state, kept.attempts), (DeliveryState::Delivered, 3));
    assert_eq!(kept.body, Some(format!("body of {}", dead.id)));
    assert_eq!(claim(store, 99_999).await, []);
}

#[tokio::test]
async fn a_delivery_can_be_asked_for_again() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    let other = repository(store, &root, "acme/other").await;
    say(store, repo, &root, &["s/x:running"]).await;
    let first = claim(store, 200).await.pop().unwrap();
    let again = |second| store.requeue_delivery(repo, webhook.id, &first.id, at(second));
    let asked = again(210).await.unwrap().unwrap();
    assert_eq!(asked.state, DeliveryState::Pending(at(245)), "an attempt is under way");
    assert!(settle(store, &first, 200, 220).await);
    let asked = again(230).await.unwrap().unwrap();
    assert_eq!((asked.state, asked.attempts), (DeliveryState::Pending(at(230)), 0));
    let second = claim(store, 230).await.pop().unwrap();
    assert_eq!((second.id.as_str(), second.attempt), (first.id.as_str(), 1));
    assert_eq!(second.payload, Payload::Rendered(format!("body of {}", first.id)));
    assert!(!settle(store, &first, 500, 231).await, "of the first round");
    assert!(settle(store, &second, 200, 231).await);
    assert_eq!(store.requeue_delivery(other, webhook.id, &first.id, at(240)).await.unwrap(), None);
    assert_eq!(store.requeue_delivery(repo, webhook.id, "msg_none", at(240)).await.unwrap(), None);
    assert_eq!(store.delivery(other, webhook.id, &first.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_by_one_at_a_time_and_holds_nobody_up() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, down) = one(store).await;
    let up = added(store, repo, &["job"]).await;
    let lines = ["s/1:running", "s/2:running", "s/3:running", "s/4:running", "s/5:running"];
    say(store, repo, &root, &lines).await;
    let claim = async |second, each, limit| {
        let mut claimed = store.claim_deliveries(at(second), at(second + 45), each, limit).await.unwrap();
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
        assert!(settle(store, claimed, status, 202).await);
    }
    let kept = &store.webhooks(repo).await.unwrap();
    assert_eq!((kept[0].failing_since, kept[1].failing_since), (Some(at(202)), None));
    let next = claim(203, 2, ALL).await;
    assert_eq!((of(&next, &down), of(&next, &up)), (1, 2));
    assert_eq!(of(&claim(204, 2, ALL).await, &down), 0);
    for claimed in &next {
        assert!(settle(store, claimed, 200, 205).await);
    }
    assert_eq!(store.webhooks(repo).await.unwrap()[0].failing_since, None);
    assert_eq!(of(&claim(206, 9, ALL).await, &down), 4, "it works again: what failed is due, too");
}

#[tokio::test]
async fn nothing_is_sent_to_one_that_is_disabled_and_what_waited_is_sent_after() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, webhook) = one(store).await;
    say(store, repo, &root, &["s/x:running", "s/y:running"]).await;
    let first = store.claim_deliveries(at(200), at(245), 1, ALL).await.unwrap().pop().unwrap();
    let gone = settled(&first, 410, 201);
    assert_eq!(
        (gone.state, gone.health),
        (DeliveryState::Failed, WebhookHealth::Disabled(DisabledReason::Gone))
    );
    assert!(store.record_delivery_result(gone).await.unwrap());
    let kept = store.webhooks(repo).await.unwrap().pop().unwrap();
    assert_eq!(kept.disabled, Some((at(201), DisabledReason::Gone)));
    say(store, repo, &root, &["s/z:running"]).await;
    assert_eq!(claim(store, 300).await, []);
    let enable = WebhookChange { disabled: Some(false), ..WebhookChange::default() };
    store.change_webhook(repo, webhook.id, enable, at(301)).await.unwrap();
    assert_eq!(
        claim(store, 302).await.len(),
        1,
        "the one that waited; the third event came while it was off"
    );
    assert!(store.delete_webhook(repo, webhook.id).await.unwrap());
    assert_eq!(claim(store, 9_999).await, [], "a webhook that is gone");
}

#[tokio::test]
async fn tests_are_sent_without_an_event() {
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
async fn a_sender_that_waits_is_woken_by_what_is_committed() {
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
        say(&*store, repo, &root, &[&format!("s/{n}:running")]).await;
        tokio::task::yield_now().await;
    }
    timeout(Duration::from_secs(60), sender).await.unwrap().unwrap();
}

/// 64 writers, and three senders, one of which forgets some of what it has claimed.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_races_every_event_is_delivered() {
    const WRITERS: usize = 64;
    const EACH: usize = 4;
    let opened = open().await;
    let (repo, root, webhook) = one(&*opened.store).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, root) = (Arc::clone(&opened.store), root.clone());
            tokio::spawn(async move {
                for n in 0..EACH {
                    say(&*store, repo, &root, &[&format!("s/{writer}-{n}:running")]).await;
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
                    // Time goes on, so that what was forgotten is due again.
                    round += 1;
                    let now = 200 + 50 * round;
                    let claimed = store.claim_deliveries(at(now), at(now + 45), ALL, 16).await.unwrap();
                    for (n, claimed) in claimed.iter().enumerate() {
                        if sender > 0 || n % 5 > 0 {
                            settle(&*store, claimed, 200, now).await;
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
async fn old_ones_are_forgotten() {
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
    assert_eq!(ids().await, [all[0].clone(), all[2].clone()], "asked for again is new again");
    assert_eq!(store.delete_old_deliveries(at(99)).await.unwrap(), 2);
    assert_eq!(store.delete_old_deliveries(at(99)).await.unwrap(), 0);
}
