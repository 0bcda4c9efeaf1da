//! Claims of forwarded states: several senders, and results that come too late.

use super::deliveries::record;
use super::forwarded_states::{added, change, claim, list, one, respond};
use super::{repository, root};
use crate::open;
use domain::model::destinations::{Choice, DestinationChange};
use domain::model::forwarded_states::Progress;
use domain::ports::{StateFilter, Store};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

fn token(token: &str) -> DestinationChange {
    DestinationChange { token: Some(token.into()), ..DestinationChange::default() }
}

#[tokio::test]
async fn a_result_of_an_earlier_token_or_claim_changes_nothing() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Pipeline).await;
    record(store, repo, &root, &["s/x:success#1"]).await;
    let first = claim(store, 200).await.pop().unwrap();
    change(store, &destination, token("new"), 201).await;
    assert!(respond(store, &first, 401, 202).await);
    let listed = list(store, repo, destination.id).await.pop().unwrap().state;
    assert!(matches!(listed.progress, Progress::Pending(..)), "the new token is tried");
    let second = claim(store, 203).await.pop().unwrap();
    assert_eq!(second.destination.token.as_str(), "new");
    change(store, &destination, token("newer"), 204).await;
    respond(store, &second, 502, 205).await;
    assert_eq!(store.destinations(repo).await.unwrap()[0].failing_since, None);
    let third = claim(store, 206).await.pop().unwrap();
    let fourth = claim(store, 300).await.pop().unwrap();
    assert_eq!(third.state.id, fourth.state.id, "the claim has expired");
    assert!(!respond(store, &third, 502, 301).await);
    assert_eq!(store.destinations(repo).await.unwrap()[0].failing_since, None);
}

#[tokio::test]
async fn the_state_of_a_pipeline_is_tried_once_a_second() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, destination) = one(store, Choice::Pipeline).await;
    record(store, repo, &root, &["s/x:running#1"]).await;
    assert!(respond(store, &claim(store, 200).await[0], 201, 210).await);
    record(store, repo, &root, &["s/y:running#1"]).await;
    assert_eq!(claim(store, 210).await, []);
    assert_eq!(claim(store, 211).await.len(), 1);
    let filter = StateFilter {
        progress: Some("pending"),
        sha: Some("a".repeat(40)),
        limit: 9,
        ..StateFilter::default()
    };
    assert_eq!(store.forwarded_states(repo, destination.id, filter).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_waiting_sender_is_notified_of_states() {
    let opened = open().await;
    let store = Arc::clone(&opened.store);
    let (repo, root, _) = one(&*store, Choice::Jobs(vec!["*".into()])).await;
    let sender = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut got = 0;
            while got < 30 {
                got += claim(&*store, 200).await.len();
                if got < 30 {
                    store.wait_for_forwarded_state().await;
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

/// Claims and records states until `done`, and then until there are none.
async fn send(store: Arc<dyn Store>, under_way: Arc<Mutex<HashSet<i64>>>, mut done: watch::Receiver<bool>) {
    loop {
        let was_done = *done.borrow();
        let claimed = claim(&*store, 200).await;
        let is_empty = claimed.is_empty();
        for claimed in claimed {
            assert!(under_way.lock().unwrap().insert(claimed.state.id), "two attempts about one state");
            tokio::task::yield_now().await;
            under_way.lock().unwrap().remove(&claimed.state.id);
            assert!(respond(&*store, &claimed, 201, 200).await);
        }
        match (is_empty, was_done) {
            (true, true) => return,
            (true, false) => drop(timeout(Duration::from_millis(20), done.changed()).await),
            (false, _) => {}
        }
    }
}

/// Reports to two repositories through each store, while each store sends what they change.
pub async fn send_while_reporting(stores: [Arc<dyn Store>; 2]) {
    let root = root(&*stores[0]).await;
    let mut destinations = Vec::new();
    for path in ["acme/one", "acme/two"] {
        let repo = repository(&*stores[0], &root, path).await;
        destinations.push(added(&*stores[0], repo, Choice::Jobs(vec!["*".into()])).await);
    }
    let (is_done, done) = watch::channel(false);
    let under_way = Arc::default();
    let senders = stores.clone().map(|store| tokio::spawn(send(store, Arc::clone(&under_way), done.clone())));
    for round in 0..20 {
        let status = if round == 19 { "success" } else { ["failed", "canceled"][round % 2] };
        let lines: Vec<String> = (0..4).map(|job| format!("s/{job}:{status}#{round}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (one, two) = (&stores[round % 2], &stores[1 - round % 2]);
        tokio::join!(
            record(&**one, destinations[0].repository_id, &root, &lines),
            record(&**two, destinations[1].repository_id, &root, &lines),
        );
    }
    is_done.send(true).unwrap();
    for sender in senders {
        timeout(Duration::from_secs(60), sender).await.unwrap().unwrap();
    }
    for destination in destinations {
        let found = list(&*stores[1], destination.repository_id, destination.id).await;
        let sent = found.into_iter().map(|listed| listed.state.sent.unwrap().0.state);
        assert_eq!(sent.collect::<Vec<_>>(), ["success"; 4]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_senders_send_the_last_state_once_at_a_time() {
    let opened = open().await;
    send_while_reporting([Arc::clone(&opened.store), Arc::clone(&opened.store)]).await;
}
