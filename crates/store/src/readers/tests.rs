//! Tests of the shares of readers.

use super::*;
use domain::model::ids::UserId;
use domain::ports::as_requester;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

fn user(id: i32) -> Requester {
    Requester::User(UserId::new(id.into()).unwrap())
}

fn address(last: u8) -> Requester {
    Requester::Anonymous(Some([192, 0, 2, last].into()))
}

fn scan(repository: i32) -> ReadClass {
    ReadClass::Scan(Some(RepositoryId::new(repository.into()).unwrap()))
}

type Taking = Pin<Box<dyn Future<Output = Result<Slot>>>>;

fn take(slots: &Arc<Slots>, requester: Requester, class: ReadClass) -> Taking {
    let slots = Arc::clone(slots);
    Box::pin(as_requester(requester, async move { slots.take(class).await }))
}

fn poll(taking: &mut Taking) -> Poll<Result<Slot>> {
    taking.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// The slots that are free for such reads.
fn free(slots: &Arc<Slots>, requester: Requester, class: ReadClass) -> Vec<Slot> {
    let mut taken = Vec::new();
    while let Poll::Ready(slot) = poll(&mut take(slots, requester, class)) {
        taken.push(slot.unwrap());
    }
    taken
}

#[test]
fn the_limits_of_the_readers_of_each_engine() {
    let sqlite = Limits {
        all: 8,
        points: 7,
        anonymous_points: 4,
        scans: 4,
        scans_of_client: 2,
        scans_of_repository: 3,
        anonymous_scans: 1,
        bulk: 1,
    };
    let postgres = Limits {
        all: 16,
        points: 14,
        anonymous_points: 8,
        scans: 8,
        scans_of_client: 4,
        scans_of_repository: 6,
        anonymous_scans: 2,
        bulk: 2,
    };
    assert_eq!((Limits::of(8), Limits::of(16)), (sqlite, postgres));
    let one = Limits::of(1);
    assert_eq!((one.all, one.points, one.scans, one.bulk), (1, 1, 1, 1));
}

#[test]
fn the_time_limits() {
    let seconds = |class: ReadClass, requester| class.time_max(requester).as_secs();
    assert_eq!(
        [ReadClass::Point, scan(1), ReadClass::Bulk].map(|class| seconds(class, user(1))),
        [5, 10, 30]
    );
    assert_eq!(seconds(scan(1), address(1)), 2);
}

#[tokio::test]
async fn scans_leave_readers_for_lookups_and_lookups_leave_one_for_scans() {
    let slots = Slots::new(8);
    let scans: Vec<_> = (1..=9).flat_map(|n| free(&slots, user(n), scan(n))).collect();
    assert_eq!(scans.len(), 4, "of all users");
    let points = free(&slots, user(1), ReadClass::Point);
    assert_eq!(points.len(), 4);
    drop(scans);
    let more = free(&slots, user(1), ReadClass::Point);
    assert_eq!(more.len(), 3, "of eight readers, lookups use seven");
    assert_eq!(free(&slots, user(2), scan(1)).len(), 1);
}

#[tokio::test]
async fn a_user_a_repository_and_anonymous_clients_have_shares() {
    let slots = Slots::new(8);
    let of_user = free(&slots, user(1), scan(1));
    assert_eq!(of_user.len(), 2);
    let of_repository = free(&slots, user(2), scan(1));
    assert_eq!(of_repository.len(), 1, "three of one repository");
    assert_eq!(free(&slots, user(2), scan(2)).len(), 1, "another repository has the last one");
    drop((of_user, of_repository));
    let anonymous = free(&slots, address(1), scan(1));
    assert_eq!(
        (anonymous.len(), free(&slots, address(2), scan(2)).len()),
        (1, 0),
        "one for all anonymous clients"
    );
    assert_eq!(free(&slots, address(1), ReadClass::Point).len(), 4);
    let bulk = free(&slots, Requester::Server, ReadClass::Bulk);
    assert_eq!(bulk.len(), 1);
}

#[tokio::test]
async fn waiting_reads_start_by_turns_of_their_requesters() {
    let slots = Slots::new(1);
    let first = slots.take(ReadClass::Point).await.unwrap();
    let mut many: Vec<_> = (0..3).map(|_| take(&slots, user(1), ReadClass::Point)).collect();
    let mut other = take(&slots, user(2), ReadClass::Point);
    assert!(many.iter_mut().all(|taking| poll(taking).is_pending()) && poll(&mut other).is_pending());
    drop(first);
    let Poll::Ready(Ok(second)) = poll(&mut many[0]) else { panic!("the first of the first user") };
    assert!(poll(&mut other).is_pending());
    drop(second);
    assert!(poll(&mut many[1]).is_pending());
    let Poll::Ready(Ok(third)) = poll(&mut other) else { panic!("the first of the second user") };
    // A client that disconnects is skipped.
    drop(many.remove(1));
    drop(third);
    assert!(matches!(poll(&mut many[1]), Poll::Ready(Ok(_))));
}

#[tokio::test]
async fn a_waiting_scan_does_not_block_those_of_other_repositories() {
    let slots = Slots::new(8);
    let running = [free(&slots, user(1), scan(1)), free(&slots, user(2), scan(1))]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    assert_eq!(running.len(), 3);
    let mut same = take(&slots, user(3), scan(1));
    assert!(poll(&mut same).is_pending());
    let mut other = take(&slots, user(4), scan(2));
    let Poll::Ready(Ok(_other)) = poll(&mut other) else { panic!("a reader is free") };
    drop(running);
    assert!(matches!(poll(&mut same), Poll::Ready(Ok(_))));
}

#[tokio::test]
async fn the_queues_of_clients_are_limited() {
    let slots = Slots::new(1);
    let running = slots.take(ReadClass::Point).await.unwrap();
    let waiting = |requester, class| {
        let mut waiting = Vec::new();
        loop {
            let mut taking = take(&slots, requester, class);
            match poll(&mut taking) {
                Poll::Pending => waiting.push(taking),
                Poll::Ready(refused) => {
                    assert_eq!(refused.err(), Some(Error::Overloaded));
                    return waiting;
                }
            }
        }
    };
    let first = waiting(user(1), scan(1));
    assert_eq!(first.len(), 64, "scans of one client");
    assert_eq!(waiting(user(1), ReadClass::Point).len(), 4_096, "lookups of one client");
    let others: Vec<_> = (2..99).flat_map(|n| waiting(user(n), scan(1))).collect();
    assert_eq!(others.len(), 448, "512 scans of all clients");
    drop(first);
    assert_eq!(
        waiting(user(99), scan(1)).len(),
        32,
        "half of the free ones: those that disconnected are not counted"
    );
    drop(running);
}

#[tokio::test]
async fn a_wait_is_limited() {
    assert_eq!(WAIT_MAX.as_secs(), 10);
    let slots = Slots::with_wait_max(1, Duration::ZERO);
    let _running = slots.take(ReadClass::Point).await.unwrap();
    assert_eq!(slots.take(ReadClass::Point).await.err(), Some(Error::Overloaded));
}

#[test]
fn a_read_stops_when_its_future_is_dropped_before_its_end() {
    for ended in [false, true] {
        let (stop, called) = (Stop::default(), std::cell::Cell::new(false));
        let guard = stop.when_dropped(|| called.set(true));
        assert!(!ended || stop.end());
        drop(guard);
        assert_eq!((stop.is_stopped(), called.get()), (!ended, !ended));
        assert!(!stop.end());
    }
}

#[test]
fn the_limits_are_those_of_the_documentation() {
    use crate::lists::WALK_MAX;
    use domain::model::insights::ATTEMPTS_MAX;
    assert_eq!((ROWS_MAX, WALK_MAX, ATTEMPTS_MAX), (200_000, 20_000, 50_000));
    assert_eq!((LOOKUPS_WAITING_MAX, SCANS_WAITING_MAX, ALL_SCANS_WAITING_MAX), (4_096, 64, 512));
    let document = include_str!("../../../../docs/operating/limits.md");
    for row in [
        "| readers of the store | SQLite: 8; PostgreSQL: 16 connections of each node | lists with several conditions, totals that are counted, searches and insights use at most half of them, one user a quarter, one repository three eighths, all clients without credentials an eighth.",
        "| waiting for a reader | 10 s | lookups: 4,096 of one client; lists: 64 of one client, 512 in all. Clients take turns. |",
        "| duration of a read | lookups 5 s, lists 10 s (2 s without credentials), maintenance 30 s |",
        "| rows of a read | 200,000 returned by a query; 20,000 examined for a page of a list; 50,000 for insights;",
    ] {
        assert!(document.contains(row), "{row}");
    }
}
