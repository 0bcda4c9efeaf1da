//! Events: one for each change, numbered in the order of the commits without gaps; waiting readers are
//! notified; old events are deleted.

use super::reports::imported;
use super::{batch, repository, root};
use crate::open;
use domain::model::events::{Change, Event, PipelineChange};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::job_closings::JobClosing;
use domain::model::reports::{Authority, PipelineChoice};
use domain::model::retention::Expiry;
use domain::model::status::Status;
use domain::ports::{Idempotency, ReportBatch, Store};
use std::sync::Arc;
use std::time::Duration;
use testkit::{at, report};
use tokio::time::timeout;

async fn all(store: &dyn Store, repo: RepositoryId) -> Vec<Event> {
    store.events(repo, 0, u32::MAX).await.unwrap().events
}

/// An event as a line: its number, the pipeline with version and statuses, and the change.
fn line(event: &Event) -> String {
    let was = |was: Option<Status>| was.map_or("-", Status::as_str);
    let Change::Pipeline(p, change) = &event.change else { panic!("{event:?}") };
    let change = match change {
        PipelineChange::Job(job) => {
            let (stage, name, attempt) = (&job.stage, &job.name, job.attempt);
            format!("{stage}/{name}.{attempt} {}>{}", was(job.previous_status), job.status.as_str())
        }
        PipelineChange::Imported => "imported".into(),
        PipelineChange::Deleted => "gone".into(),
    };
    let (number, id, version, now) = (event.number, p.id, p.version, p.status.as_str());
    format!("{number} p{id} v{version} {}>{now} {change}", was(p.previous_status))
}

#[tokio::test]
async fn every_change_is_an_event_and_nothing_else_is() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let other = repository(store, &root, "acme/other").await;
    let mut unknown = report('a', "s/x:running");
    unknown.pipeline = PipelineChoice::Id(PipelineId::new(77).unwrap());
    let lines = ["s/x:running#1", "s/x:running#1", "s/x:success#1", "s/x:pending#1", "t/y:pending#1"];
    let mut reports: Vec<_> = lines.iter().map(|line| report('a', line)).collect();
    reports.insert(1, unknown);
    let key = Idempotency { key: "k".into(), digest: [1; 32] };
    let keyed = ReportBatch { idempotency: Some(key), ..batch(repo, &root, reports) };
    store.record(keyed.clone()).await.unwrap();
    store.record(keyed).await.unwrap();
    store.record(batch(other, &root, vec![report('b', "s/x:running")])).await.unwrap();
    let mut closing = JobClosing {
        repository_id: repo,
        job_id: JobId::new(2).unwrap(),
        status: Status::TimedOut,
        authority: Authority::Watchdog,
        closed_by: None,
        credential: None,
        dialect: "watchdog",
        reason: None,
        closed_at: at(500),
        inactive_since: Some(at(10)),
    };
    store.close_jobs(vec![closing.clone()]).await.unwrap();
    closing.inactive_since = Some(at(400));
    store.close_jobs(vec![closing]).await.unwrap();
    assert!(store.import_pipeline(imported(repo, 6, 'c', 30), root.id, None, at(600)).await.unwrap());
    assert!(!store.import_pipeline(imported(repo, 6, 'c', 30), root.id, None, at(600)).await.unwrap());
    let expiry = Expiry { at: domain::Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    assert!(store.delete_expired_pipeline(repo, PipelineId::new(1).unwrap(), expiry, at(700)).await.unwrap());
    assert!(
        !store.delete_expired_pipeline(repo, PipelineId::new(1).unwrap(), expiry, at(700)).await.unwrap()
    );

    let events = all(store, repo).await;
    assert_eq!(
        events.iter().map(line).collect::<Vec<_>>(),
        [
            "1 p1 v1 ->running s/x.1 ->running",
            "2 p1 v2 running>success s/x.1 running>success",
            "3 p1 v3 success>running t/y.1 ->pending",
            "4 p1 v4 running>failed t/y.1 pending>timedout",
            "5 p6 v5 ->success imported",
            "6 p1 v4 failed>failed gone",
        ]
    );
    assert_eq!(
        events.iter().map(|event| event.at).collect::<Vec<_>>(),
        [100, 100, 100, 500, 600, 700].map(at)
    );
    assert_eq!(events[1].sha(), "a".repeat(40));
    assert_eq!(all(store, other).await.len(), 1, "each repository has its own numbers");
    assert_eq!(store.events(RepositoryId::new(99).unwrap(), 0, 9).await.unwrap().last, 0);
    let page = store.events(repo, 2, 3).await.unwrap();
    let numbers: Vec<i64> = page.events.iter().map(|event| event.number).collect();
    assert_eq!((numbers, page.oldest, page.last), (vec![3, 4, 5], 1, 6));
}

#[tokio::test]
async fn a_waiting_reader_is_notified() {
    let opened = open().await;
    let store = Arc::clone(&opened.store);
    let root = root(&*store).await;
    let repo = repository(&*store, &root, "acme/demo").await;
    let other = repository(&*store, &root, "acme/other").await;
    let reader = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut read = 0;
            while read < 3 {
                store.wait_for_event(repo, read).await.unwrap();
                read = store.events(repo, read, 1).await.unwrap().events.last().map_or(read, |e| e.number);
            }
        })
    };
    for line in ["s/x:running", "s/x:success", "s/y:running"] {
        store.record(batch(other, &root, vec![report('a', line)])).await.unwrap();
        store.record(batch(repo, &root, vec![report('a', line)])).await.unwrap();
    }
    timeout(Duration::from_secs(60), reader).await.unwrap().unwrap();
    // An existing event is returned at once; a later one is waited for.
    timeout(Duration::from_secs(60), store.wait_for_event(repo, 2)).await.unwrap().unwrap();
    let next = store.wait_for_event(repo, 3);
    let early = timeout(Duration::from_millis(50), next).await;
    if early.is_ok() {
        assert_eq!(
            store.events(repo, 3, 9).await.unwrap().events,
            [],
            "it may return early, but without an event"
        );
    }
}

/// 64 writers, and a reader that continues after the last number that it has read.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_gets_each_number_once_in_order_with_concurrent_writers() {
    const WRITERS: usize = 64;
    const EACH: usize = 8;
    let opened = open().await;
    let root = root(&*opened.store).await;
    let repo = repository(&*opened.store, &root, "acme/demo").await;
    let store = Arc::clone(&opened.store);
    let reader = tokio::spawn(async move {
        let mut read: Vec<i64> = Vec::new();
        while read.len() < WRITERS * EACH {
            let last = read.last().copied().unwrap_or_default();
            store.wait_for_event(repo, last).await.unwrap();
            let page = store.events(repo, last, 7).await.unwrap();
            assert!(page.last >= last);
            read.extend(page.events.iter().map(|event| event.number));
        }
        read
    });
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, root) = (Arc::clone(&opened.store), root.clone());
            tokio::spawn(async move {
                for n in 0..EACH {
                    let commit = char::from_digit((n % 3) as u32, 10).unwrap();
                    let new = report(commit, &format!("s/{writer}-{n}:running"));
                    let receipts = store.record(batch(repo, &root, vec![new])).await.unwrap();
                    assert!(receipts[0].is_ok());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let read = timeout(Duration::from_secs(60), reader).await.unwrap().unwrap();
    assert_eq!(read, (1..=(WRITERS * EACH) as i64).collect::<Vec<_>>());
    let events = all(&*opened.store, repo).await;
    for pipeline in 1..=3 {
        let versions: Vec<i64> = events
            .iter()
            .filter_map(|event| event.pipeline().filter(|known| known.id.get() == pipeline))
            .map(|pipeline| pipeline.version)
            .collect();
        assert_eq!(
            versions,
            (1..=versions.len() as i64).collect::<Vec<_>>(),
            "the versions are in order, too"
        );
    }
}

#[tokio::test]
async fn old_events_are_deleted_from_the_oldest_on_except_the_last() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let quiet = repository(store, &root, "acme/quiet").await;
    store.record(batch(quiet, &root, vec![report('a', "s/x:running")])).await.unwrap();
    // The clock was set back before the third.
    for (n, second) in [10, 30, 20, 40, 50].into_iter().enumerate() {
        let new = ReportBatch {
            received_at: at(second),
            ..batch(repo, &root, vec![report('a', &format!("s/{n}:running"))])
        };
        store.record(new).await.unwrap();
    }
    let remaining = async || {
        let page = store.events(repo, 0, 99).await.unwrap();
        (page.events.iter().map(|event| event.number).collect::<Vec<_>>(), page.oldest, page.last)
    };
    assert_eq!(store.delete_old_events(at(10), at(9_999)).await.unwrap(), 0);
    assert_eq!(store.delete_old_events(at(25), at(9_999)).await.unwrap(), 1);
    assert_eq!(remaining().await, (vec![2, 3, 4, 5], 2, 5), "no gap between the remaining ones");
    assert_eq!(store.delete_old_events(at(31), at(9_999)).await.unwrap(), 2);
    assert_eq!(store.delete_old_events(at(9_999), at(9_999)).await.unwrap(), 1);
    assert_eq!(remaining().await, (vec![5], 5, 5));
    assert_eq!(store.delete_old_events(at(9_999), at(9_999)).await.unwrap(), 0);
    assert_eq!(all(store, quiet).await.len(), 1);
    store.record(batch(repo, &root, vec![report('b', "s/x:running")])).await.unwrap();
    assert_eq!(remaining().await.2, 6, "the numbers continue");
}

/// The clock was ahead by years for a while. Its events have later times than those that follow them.
#[tokio::test]
async fn an_event_of_a_clock_that_was_ahead_keeps_no_older_ones() {
    const AHEAD: i64 = 99_000_000;
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let record = async |repo: RepositoryId, seconds: &[i64]| {
        for (n, second) in seconds.iter().enumerate() {
            let new = ReportBatch {
                received_at: at(*second),
                ..batch(repo, &root, vec![report('a', &format!("s/{n}-{second}:running"))])
            };
            store.record(new).await.unwrap();
        }
    };
    let delete = async |before: i64, now: i64| {
        let mut total = 0;
        loop {
            match store.delete_old_events(at(before), at(now)).await.unwrap() {
                0 => return total,
                deleted => total += deleted,
            }
        }
    };
    let remaining = async |repo: RepositoryId| {
        let page = store.events(repo, 0, 9_999).await.unwrap();
        let numbers: Vec<i64> = page.events.iter().map(|event| event.number).collect();
        let (first, last) = (*numbers.first().unwrap(), *numbers.last().unwrap());
        assert_eq!(numbers, (first..=last).collect::<Vec<_>>(), "no gaps");
        assert_eq!((page.oldest, page.last), (first, last));
        first
    };
    let repo = repository(store, &root, "acme/demo").await;
    record(repo, &[10, AHEAD, AHEAD + 1, 20, 30, AHEAD, 40, 50]).await;
    assert_eq!(delete(15, 100).await, 1, "no old event follows those of the clock that was ahead");
    assert_eq!(remaining(repo).await, 2);
    assert_eq!(delete(25, 100).await, 3, "they are older than the old event that follows them");
    assert_eq!(remaining(repo).await, 5);
    assert_eq!(delete(45, 100).await, 3);
    assert_eq!(remaining(repo).await, 8);

    // The clock was right after all: the trusted time has reached the events, and they are as old as they say.
    let right = repository(store, &root, "acme/right").await;
    record(right, &[10, AHEAD, 20, 30]).await;
    assert_eq!(delete(25, AHEAD + 10).await, 1);
    assert_eq!(remaining(right).await, 2);

    // More seconds with events than one step deletes.
    let many = repository(store, &root, "acme/many").await;
    let record_at = |n: i64| {
        let report = report('a', &format!("s/{n}:running"));
        store.record(ReportBatch { received_at: at(AHEAD + n), ..batch(many, &root, vec![report]) })
    };
    futures_util::future::try_join_all((0..1_100).map(record_at)).await.unwrap();
    record(many, &[10, 60]).await;
    let first_step = store.delete_old_events(at(20), at(100)).await.unwrap();
    assert!((1..=1_000).contains(&first_step), "{first_step}");
    assert_eq!(delete(20, 100).await + first_step, 1_101);
    assert_eq!(remaining(many).await, 1_102);
}
