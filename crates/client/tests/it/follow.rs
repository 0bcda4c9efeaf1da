//! Following a pipeline of a real server: each change once, also after an outage, until the pipeline has
//! finished.

use futures_core::Stream as _;
use stagepost_client::follow::{Change, PipelineChanges};
use stagepost_client::reports::{Report, new_idempotency_key};
use stagepost_client::{Client, Credentials, ErrorKind};
use std::pin::Pin;
use std::time::{Duration, Instant};
use testkit::{ROOT, TestServer};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

pub fn client(url: &str) -> Client {
    Client::builder(url).credentials(Credentials::token(ROOT)).max_tries(1).build().unwrap()
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

fn text(change: Change) -> String {
    match change {
        Change::Job(job) => format!("{} {}", job.name, job.status),
        Change::Pipeline(pipeline) => pipeline.status,
    }
}

/// Follows with a short poll interval.
fn follow(client: &Client, repository: i32, pipeline: i32) -> PipelineChanges {
    client
        .follow_pipeline(repository, pipeline)
        .poll_interval(Duration::from_millis(5))
        .outage_limit(Duration::from_secs(60))
}

#[tokio::test]
async fn each_change_is_returned_once_also_after_an_outage() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listener = server.listen(0).await;
    let port = listener.port;
    let client = client(&listener.url);
    let pipeline = report(&client, id, "build", "running").await;
    report(&client, id, "test", "pending").await;

    let mut changes = follow(&client, id, pipeline);
    let mut next = async || text(changes.next().await.unwrap().unwrap());
    assert_eq!([next().await, next().await, next().await], ["build running", "test pending", "running"]);
    report(&client, id, "build", "success").await;
    assert_eq!(next().await, "build success");
    // The server restarts during the poll, and the job changes meanwhile.
    listener.stop().await;
    let restart = async {
        let error = client.pipeline(id, pipeline).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unreachable);
        let listener = server.listen(port).await;
        report(&client, id, "test", "failed").await;
        listener
    };
    let (change, listener) = tokio::join!(next(), restart);
    assert_eq!(change, "test failed");
    assert_eq!(next().await, "failed");
    assert_eq!(changes.next().await.unwrap(), None);
    listener.stop().await;
}

#[tokio::test]
async fn a_permanent_error_ends_the_stream() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listener = server.listen(0).await;
    let client = client(&listener.url);
    let unknown = follow(&client, id, 99).next().await.unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::NotFound);
    let pipeline = report(&client, id, "build", "running").await;
    let mut changes = follow(&client, id, pipeline).outage_limit(Duration::ZERO);
    changes.next().await.unwrap().unwrap();
    changes.next().await.unwrap().unwrap();
    listener.stop().await;
    assert_eq!(changes.next().await.unwrap_err().kind, ErrorKind::Unreachable);
    assert_eq!(changes.next().await.unwrap(), None);
    let error = follow(&client, id, pipeline).next().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "the first poll is not retried");
}

/// The stream runs in another task. There are more jobs than one page holds.
#[tokio::test]
async fn a_stream_moves_between_tasks_and_returns_all_pages() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listener = server.listen(0).await;
    let client = client(&listener.url);
    let mut pipeline = 0;
    for number in 0..130 {
        pipeline = report(&client, id, &format!("job {number}"), "success").await;
    }
    let mut changes = follow(&client, id, pipeline);
    let task = tokio::spawn(async move {
        let mut texts = Vec::new();
        while let Some(change) = std::future::poll_fn(|cx| Pin::new(&mut changes).poll_next(cx)).await {
            texts.push(text(change.unwrap()));
        }
        texts
    });
    let texts = task.await.unwrap();
    assert_eq!((texts.len(), texts.last().map(String::as_str)), (131, Some("success")));
    assert_eq!(texts.iter().collect::<std::collections::HashSet<_>>().len(), 131, "no duplicates");
    listener.stop().await;
}

/// An outage longer than the limit ends the stream at about the limit.
#[tokio::test]
async fn the_outage_limit_ends_the_stream() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listener = server.listen(0).await;
    let client = client(&listener.url);
    let pipeline = report(&client, id, "build", "running").await;
    let limit = Duration::from_millis(900);
    let mut changes = follow(&client, id, pipeline).outage_limit(limit);
    assert_eq!(text(changes.next().await.unwrap().unwrap()), "build running");
    assert_eq!(text(changes.next().await.unwrap().unwrap()), "running");
    listener.stop().await;
    let start = Instant::now();
    assert_eq!(changes.next().await.unwrap_err().kind, ErrorKind::Unreachable);
    let took = start.elapsed();
    assert!(took >= limit && took < limit * 4, "{took:?}");
}
