//! The overviews of destinations.

use super::deliveries::record;
use super::forwarded_states::{added, claim, one, respond};
use crate::open;
use domain::model::destinations::Choice;
use domain::model::forwarded_states::{StateKey, Target};
use domain::model::status::Status;
use testkit::at;

#[tokio::test]
async fn an_overview_has_the_state_that_was_sent_last_and_the_unsent_ones() {
    let opened = open().await;
    let store = &*opened.store;
    let (repo, root, first) = one(store, Choice::Jobs(vec!["*".into()])).await;
    let second = added(store, repo, Choice::Gate).await;
    record(store, repo, &root, &["s/a:running#1", "s/b:running#1", "s/c:running#1"]).await;
    let claimed = claim(store, 200).await;
    assert_eq!(claimed.len(), 3);
    // The state with the smallest id is sent last.
    for (number, (claimed, status)) in claimed.iter().zip([201, 201, 403]).enumerate() {
        let second = 210 - i64::try_from(number).unwrap();
        assert!(respond(store, claimed, status, second).await);
    }
    let [of_first, of_second] = <[_; 2]>::try_from(store.destination_overviews(repo).await.unwrap()).unwrap();
    assert_eq!((of_first.destination, of_second.destination), (first.clone(), second));
    let sent = of_first.sent.unwrap();
    assert_eq!((sent.state.id, sent.wanted), (claimed[0].state.id, None));
    let [stopped] = &of_first.unsent[..] else { panic!("{:?}", of_first.unsent) };
    assert_eq!((stopped.state.id, of_first.next_at), (claimed[2].state.id, None));
    assert_eq!(stopped.wanted.as_ref().map(|wanted| wanted.status), Some(Status::Running));
    assert_eq!((of_second.sent, &of_second.unsent[..], of_second.next_at), (None, &[][..], None));
    // A test sends nothing; a state that changed is pending, and stays the one that was sent last.
    let test = StateKey { sha: String::new(), target: Target::Test };
    store.add_forwarded_state(repo, first.id, test, at(300)).await.unwrap();
    let tested = claim(store, 300).await;
    assert!(respond(store, &tested[0], 200, 301).await);
    record(store, repo, &root, &["s/a:success#1"]).await;
    let of_first = store.destination_overviews(repo).await.unwrap().swap_remove(0);
    assert_eq!(of_first.sent.unwrap().state.id, claimed[0].state.id);
    let [pending, _] = &of_first.unsent[..] else { panic!("{:?}", of_first.unsent) };
    assert_eq!(pending.wanted.as_ref().map(|wanted| wanted.status), Some(Status::Success));
    assert_eq!(of_first.next_at, pending.state.progress.next_at());
}
