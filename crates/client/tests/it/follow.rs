//! Following a pipeline on a real server: each change once, through an outage, to the end.

use futures_core::Stream as _;
use stagepost_client::follow::{Change, Follow};
use stagepost_client::reports::{Report, new_idempotency_key};
use stagepost_client::{Client, Credentials, Kind};
use std::pin::Pin;
use std::time::{Duration, Instant};
use testkit::{ROOT, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

pub fn client(url: &str) -> Client {
    Client::builder(url).credentials(Credentials::token(ROOT)).tries(1).build().unwrap()
}

pub async fn report(client: &Client, repository: i32, name: &str, status: &str) -> i32 {
    let report = Report {
        sha: SHA.into(),
        git_ref: "dev".into(),
        name: name.into(),
        status: status.into(),
        third_build_id: Some(format!("{name} 1")),
        ..Report::default()
    };
    client.report(repository, &report, &new_idempotency_key()).await.unwrap().pipeline_id
}

fn said(change: Change) -> String {
    match change {
        Change::Job(job) => format!("{} {}", job.name, job.status),
        Change::Pipeline(pipeline) => pipeline.status,
    }
}

/// Followed without waiting long.
fn quick(client: &Client, repository: i32, pipeline: i32) -> Follow {
    client
        .follow_pipeline(repository, pipeline)
        .every(Duration::from_millis(5))
        .outage_limit(Duration::from_secs(60))
}

#[tokio::test]
async fn each_change_is_told_once_through_an_outage_to_the_end() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listening = server.listen(0).await;
    let port = listening.port;
    let client = client(&listening.url);
    let pipeline = report(&client, id, "build", "running").await;
    report(&client, id, "test", "pending").await;

    let mut changes = quick(&client, id, pipeline);
    let mut next = async || said(changes.next().await.unwrap().unwrap());
    assert_eq!([next().await, next().await, next().await], ["build running", "test pending", "running"]);
    report(&client, id, "build", "success").await;
    assert_eq!(next().await, "build success");
    // The server goes away while somebody waits, and something happens meanwhile.
    listening.stop().await;
    let back = async {
        let gone = client.pipeline(id, pipeline).await.unwrap_err();
        assert_eq!(gone.kind, Kind::Unreachable);
        let listening = server.listen(port).await;
        report(&client, id, "test", "failed").await;
        listening
    };
    let (told, listening) = tokio::join!(next(), back);
    assert_eq!(told, "test failed");
    assert_eq!(next().await, "failed");
    assert_eq!(changes.next().await.unwrap(), None);
    listening.stop().await;
}

#[tokio::test]
async fn what_will_not_pass_ends_it() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listening = server.listen(0).await;
    let client = client(&listening.url);
    let unknown = quick(&client, id, 99).next().await.unwrap_err();
    assert_eq!(unknown.kind, Kind::NotFound);
    let pipeline = report(&client, id, "build", "running").await;
    let mut changes = quick(&client, id, pipeline).outage_limit(Duration::ZERO);
    changes.next().await.unwrap().unwrap();
    changes.next().await.unwrap().unwrap();
    listening.stop().await;
    assert_eq!(changes.next().await.unwrap_err().kind, Kind::Unreachable);
    assert_eq!(changes.next().await.unwrap(), None);
    let nobody = quick(&client, id, pipeline).next().await.unwrap_err();
    assert_eq!(nobody.kind, Kind::Unreachable, "a first look is not waited for");
}

/// As a stream in a task of its own, with more jobs than fit on a page.
#[tokio::test]
async fn a_stream_moves_between_tasks_and_tells_every_page() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listening = server.listen(0).await;
    let client = client(&listening.url);
    let mut pipeline = 0;
    for number in 0..130 {
        pipeline = report(&client, id, &format!("job {number}"), "success").await;
    }
    let mut changes = quick(&client, id, pipeline);
    let told = tokio::spawn(async move {
        let mut told = Vec::new();
        while let Some(change) = std::future::poll_fn(|cx| Pin::new(&mut changes).poll_next(cx)).await {
            told.push(said(change.unwrap()));
        }
        told
    });
    let told = told.await.unwrap();
    assert_eq!((told.len(), told.last().map(String::as_str)), (131, Some("success")));
    assert_eq!(told.iter().collect::<std::collections::HashSet<_>>().len(), 131, "none comes twice");
    listening.stop().await;
}

/// An outage that lasts longer than the patience ends it, at about that time.
#[tokio::test]
async fn patience_has_an_end() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listening = server.listen(0).await;
    let client = client(&listening.url);
    let pipeline = report(&client, id, "build", "running").await;
    let patience = Duration::from_millis(900);
    let mut changes = quick(&client, id, pipeline).outage_limit(patience);
    assert_eq!(said(changes.next().await.unwrap().unwrap()), "build running");
    assert_eq!(said(changes.next().await.unwrap().unwrap()), "running");
    listening.stop().await;
    let began = Instant::now();
    assert_eq!(changes.next().await.unwrap_err().kind, Kind::Unreachable);
    let took = began.elapsed();
    assert!(took >= patience && took < patience * 4, "{took:?}");
}
