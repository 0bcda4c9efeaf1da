//! The event stream of a real server: each event once, also after an outage; a resync after missed events;
//! permanent errors end it.

use crate::follow::{client, report};
use domain::SignedDuration;
use stagepost_client::events::{EventStream, StreamItem};
use stagepost_client::{Client, Credentials, ErrorKind};
use std::time::Duration;
use testkit::TestServer;

async fn next_text(events: &mut EventStream) -> String {
    let item = tokio::time::timeout(Duration::from_secs(60), events.next()).await.unwrap();
    match item.unwrap().unwrap() {
        StreamItem::Ready(last) => format!("ready {last}"),
        StreamItem::Resync(last) => format!("resync {last}"),
        StreamItem::Event(event) => {
            let job = event.job.unwrap();
            format!("{} {} {}", event.id, job.name, job.status)
        }
    }
}

#[tokio::test]
async fn each_event_is_received_once_also_after_an_outage() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listener = server.listen(0).await;
    let port = listener.port;
    let client = client(&listener.url);
    report(&client, id, "before", "running").await;
    let mut events = client.events(id);
    assert_eq!(next_text(&mut events).await, "ready 1");
    report(&client, id, "build", "running").await;
    assert_eq!(next_text(&mut events).await, "2 build running");
    listener.stop().await;
    let restart = async {
        assert_eq!(client.pipeline(id, 1).await.unwrap_err().kind, ErrorKind::Unreachable);
        let listener = server.listen(port).await;
        report(&client, id, "build", "success").await;
        report(&client, id, "test", "running").await;
        listener
    };
    let (text, listener) = tokio::join!(next_text(&mut events), restart);
    assert_eq!((text.as_str(), next_text(&mut events).await.as_str()), ("3 build success", "4 test running"));
    assert_eq!(events.outage(), None);

    // Events missed during a longer outage are deleted.
    listener.stop().await;
    for name in ["a", "b", "c"] {
        // Events of one second are deleted together.
        server.clock.advance(SignedDuration::from_secs(1));
        let fields =
            serde_json::json!({"sha": "1".repeat(40), "ref": "dev", "name": name, "status": "running"});
        let response = server.post(&format!("/native/v1/repositories/{id}/reports"), fields).await;
        assert!(response.status < 300, "{response:?}");
    }
    server.clock.advance(SignedDuration::from_hours(1));
    domain::actions::events::delete_old(&server.app, SignedDuration::ZERO).await.unwrap();
    let (text, listener) = tokio::join!(next_text(&mut events), server.listen(port));
    assert_eq!(text, "resync 7");
    report(&client, id, "test", "success").await;
    assert_eq!(next_text(&mut events).await, "8 test success");
    drop(events);
    let mut filtered = client.events(id).after(6).pipeline(1);
    assert_eq!(
        [next_text(&mut filtered).await, next_text(&mut filtered).await],
        ["ready 6", "8 test success"]
    );
    drop(filtered);
    listener.stop().await;
}

#[tokio::test]
async fn a_permanent_error_ends_the_stream() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listener = server.listen(0).await;
    let root = client(&listener.url);
    assert_eq!(root.events(id + 1).next().await.unwrap_err().kind, ErrorKind::NotFound);
    let new_token =
        serde_json::json!({"name": "short", "scope": "read", "expires_at": "2026-11-24T01:00:00Z"});
    let token = server.token("root", new_token).await;
    let short = Client::builder(&listener.url).credentials(Credentials::token(token)).build().unwrap();
    let mut events = short.events(id);
    assert_eq!(next_text(&mut events).await, "ready 0");
    server.clock.advance(SignedDuration::from_hours(2));
    // The expired token receives no more events.
    let (result, _) = tokio::join!(events.next(), report(&root, id, "build", "running"));
    assert_eq!(result.unwrap_err().kind, ErrorKind::Rejected);
    assert_eq!(events.next().await.unwrap(), None);

    let mut events = root.events(id).outage_limit(Duration::ZERO);
    assert_eq!(next_text(&mut events).await, "ready 1");
    listener.stop().await;
    assert_eq!(events.next().await.unwrap_err().kind, ErrorKind::Unreachable);
    let error = root.events(id).next().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "the first connection is not retried");
}
