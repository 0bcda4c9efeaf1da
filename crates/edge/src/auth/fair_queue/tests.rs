//! Tests of the fair queue.

use super::*;
use std::sync::mpsc;

fn requester(from: &str, name: u64) -> CheckRequest {
    CheckRequest { from: Some(from.parse().unwrap()), name, known_pair: None }
}

/// A hash that runs until it is released.
struct Running {
    release: mpsc::Sender<()>,
    task: tokio::task::JoinHandle<Result<&'static str>>,
}

impl Running {
    async fn start(queue: &FairQueue, requester: CheckRequest, is_real: bool) -> Self {
        let place = queue.enter(requester).unwrap();
        let (release, released) = mpsc::channel();
        let (started, has_started) = oneshot::channel();
        let work = move || {
            let _ = started.send(());
            let _ = released.recv();
            "hashed"
        };
        let task = tokio::spawn(place.run(is_real, work, || "decoy"));
        has_started.await.unwrap();
        Self { release, task }
    }

    async fn end(self) -> &'static str {
        drop(self.release);
        self.task.await.unwrap().unwrap()
    }
}

/// Starts a request that waits, and returns when it is in line.
async fn wait(
    queue: &FairQueue,
    requester: CheckRequest,
    order: &Arc<Mutex<Vec<u64>>>,
) -> tokio::task::JoinHandle<Result<()>> {
    let before: usize = lock(&queue.0).lines.iter().map(|line| line.len).sum();
    let (place, order, name) = (queue.enter(requester).unwrap(), Arc::clone(order), requester.name);
    let work = move || order.lock().unwrap().push(name);
    let task = tokio::spawn(place.run(true, work, || ()));
    while lock(&queue.0).lines.iter().map(|line| line.len).sum::<usize>() == before {
        tokio::task::yield_now().await;
    }
    task
}

#[tokio::test]
async fn made_up_names_take_one_slot_and_delay_nobody() {
    let queue = FairQueue::new();
    let decoy = Running::start(&queue, requester("127.0.0.1", 1), false).await;
    // More of them than there are places for waiting requests.
    let made_up: Vec<_> = (0..200)
        .map(|n| {
            let place = queue.enter(requester("127.0.0.1", 100 + n)).unwrap();
            tokio::spawn(place.run(false, || "hashed", || "decoy"))
        })
        .collect();
    let real = Running::start(&queue, requester("127.0.0.1", 2), true).await;
    assert_eq!(real.end().await, "hashed");
    for task in made_up {
        assert_eq!(task.await.unwrap(), Ok("decoy"));
    }
    assert_eq!(decoy.end().await, "hashed");
}

#[tokio::test]
async fn a_made_up_name_waits_for_its_turn_like_a_real_one() {
    let queue = FairQueue::new();
    let first = Running::start(&queue, requester("10.0.0.1", 1), true).await;
    let second = Running::start(&queue, requester("10.0.0.1", 2), true).await;
    let place = queue.enter(requester("10.0.0.1", 3)).unwrap();
    let made_up = tokio::spawn(place.run(false, || "hashed", || "decoy"));
    while lock(&queue.0).lines[1].turns.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(!made_up.is_finished(), "as long as there is no slot");
    assert_eq!(first.end().await, "hashed");
    assert_eq!(made_up.await.unwrap(), Ok("decoy"));
    second.end().await;
}

#[tokio::test]
async fn addresses_take_turns_and_known_pairs_have_their_own() {
    let queue = FairQueue::new();
    let first = Running::start(&queue, requester("10.0.0.1", 1), true).await;
    let second = Running::start(&queue, requester("10.0.0.1", 2), true).await;
    let order = Arc::default();
    let mut tasks = Vec::new();
    for name in 11..=15 {
        tasks.push(wait(&queue, requester("10.0.0.1", name), &order).await);
    }
    tasks.push(wait(&queue, requester("10.0.0.2", 21), &order).await);
    tasks.push(wait(&queue, requester("10.0.0.2", 22), &order).await);
    let known = CheckRequest { known_pair: Some(9), ..requester("10.0.0.1", 31) };
    tasks.push(wait(&queue, known, &order).await);
    first.end().await;
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [31, 11, 21, 12, 22, 13, 14, 15]);
    second.end().await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_its_place() {
    let queue = FairQueue::new();
    let first = Running::start(&queue, requester("10.0.0.1", 1), true).await;
    let second = Running::start(&queue, requester("10.0.0.1", 2), true).await;
    let order = Arc::default();
    let gone = wait(&queue, requester("10.0.0.1", 11), &order).await;
    gone.abort();
    let _ = gone.await;
    let stays = wait(&queue, requester("10.0.0.1", 12), &order).await;
    first.end().await;
    stays.await.unwrap().unwrap();
    second.end().await;
    assert_eq!(*order.lock().unwrap(), [12]);
    let state = lock(&queue.0);
    assert_eq!((state.running, state.admitted, state.by_address.len(), state.by_name.len()), (0, 0, 0, 0));
}

#[tokio::test]
async fn waiting_requests_are_limited_in_all_and_for_each_address() {
    let queue = FairQueue::new();
    let running = [
        Running::start(&queue, requester("10.9.0.1", 1), true).await,
        Running::start(&queue, requester("10.9.0.1", 2), true).await,
    ];
    let (order, mut tasks) = (Arc::default(), Vec::new());
    for address in ["10.0.0.1", "10.0.0.2"] {
        for name in 0..ADDRESS_WAITING_MAX {
            tasks.push(wait(&queue, requester(address, name as u64), &order).await);
        }
        for is_real in [true, false] {
            let refused = queue.enter(requester(address, 99)).unwrap().run(is_real, || (), || ()).await;
            let full = if address == "10.0.0.1" {
                Error::Throttled { seconds: RETRY_AFTER }
            } else {
                Error::Overloaded
            };
            assert_eq!(refused, Err(full), "whether the name exists or not");
        }
    }
    assert_eq!(tasks.len(), WAITING_MAX);
    let known = CheckRequest { known_pair: Some(9), ..requester("10.0.0.1", 31) };
    tasks.push(wait(&queue, known, &order).await);
    for running in running {
        running.end().await;
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[test]
fn places_are_limited_in_all_and_for_each_address_and_name() {
    let queue = FairQueue::new();
    let throttled = Err(Error::Throttled { seconds: RETRY_AFTER });
    let enter = |from: &str, name| queue.enter(requester(from, name));
    let mut places: Vec<_> = (0..ADDRESS_MAX as u64).map(|n| enter("10.0.0.1", n).unwrap()).collect();
    assert_eq!(enter("10.0.0.1", 900).map(drop), throttled);
    assert_eq!(enter("::ffff:10.0.0.1", 900).map(drop), throttled, "the same address");
    let of_name: Vec<_> = (0..NAME_MAX).map(|n| enter(&format!("10.1.0.{n}"), 7_000).unwrap()).collect();
    assert_eq!(enter("10.2.0.1", 7_000).map(drop), throttled);
    drop(of_name);
    let mut address = 0;
    while places.len() < REQUESTS_MAX {
        address += 1;
        places.push(enter(&format!("10.3.{}.{}", address / 200, address % 200), 10_000 + address).unwrap());
    }
    assert_eq!(enter("10.4.0.1", 1).map(drop), Err(Error::Overloaded));
    // Pairs that have signed in still get in, each with a few.
    let known = |pair| queue.enter(CheckRequest { known_pair: Some(pair), ..requester("10.0.0.1", pair) });
    let mut reserved = Vec::new();
    for pair in 0..(RESERVED_MAX / RESERVED_PAIR_MAX) as u64 {
        reserved.extend((0..RESERVED_PAIR_MAX).map(|_| known(pair).unwrap()));
        assert_eq!(known(pair).map(drop), Err(Error::Overloaded));
    }
    assert_eq!(known(999).map(drop), Err(Error::Overloaded));
    reserved.clear();
    assert!(known(0).is_ok());
    places.clear();
    assert!(enter("10.0.0.1", 1).is_ok());
}

#[test]
fn the_limits_are_those_of_the_documentation() {
    assert_eq!((SLOTS, DECOY_SLOTS), (2, 1));
    assert_eq!((ADDRESS_MAX, NAME_MAX, REQUESTS_MAX), (256, 16, 1_024));
    assert_eq!((WAITING_MAX, ADDRESS_WAITING_MAX), (64, 32));
    assert_eq!((RESERVED_MAX, RESERVED_PAIR_MAX), (32, 4));
    let document = include_str!("../../../../../docs/operating/limits.md");
    let document = document.split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        "At most two run at the same time",
        "At most 256 checks of one address and 16 of one user name run or wait, in all 1,024; of these, 64 wait for a hash, 32 of one address.",
        "Pairs of user name and address that signed in since the start have 32 separate places, four of each.",
        "Names without a password take at most one of the two",
    ] {
        assert!(document.contains(sentence), "{sentence}");
    }
}
