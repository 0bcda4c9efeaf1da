//! The stream of events on a real server: each once, through an outage; what is no longer kept is said; what will not pass ends it.

use crate::follow::{client, report};
use domain::SignedDuration;
use stagepost_client::events::{Events, StreamItem};
use stagepost_client::{Client, Credentials, Kind};
use std::time::Duration;
use testkit::TestServer;

async fn line(events: &mut Events) -> String {
    let told = tokio::time::timeout(Duration::from_secs(60), events.next()).await.unwrap();
    match told.unwrap().unwrap() {
        StreamItem::Ready(last) => format!("ready {last}"),
        StreamItem::Resync(last) => format!("resync {last}"),
        StreamItem::Event(event) => {
            let job = event.job.unwrap();
            format!("{} {} {}", event.id, job.name, job.status)
        }
    }
}

#[tokio::test]
async fn each_event_comes_once_through_an_outage() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listening = server.listen(0).await;
    let port = listening.port;
    let client = client(&listening.url);
    report(&client, id, "before", "running").await;
    let mut events = client.events(id);
    assert_eq!(line(&mut events).await, "ready 1");
    report(&client, id, "build", "running").await;
    assert_eq!(line(&mut events).await, "2 build running");
    listening.stop().await;
    let back = async {
        assert_eq!(client.pipeline(id, 1).await.unwrap_err().kind, Kind::Unreachable);
        let listening = server.listen(port).await;
        report(&client, id, "build", "success").await;
        report(&client, id, "test", "running").await;
        listening
    };
    let (told, listening) = tokio::join!(line(&mut events), back);
    assert_eq!((told.as_str(), line(&mut events).await.as_str()), ("3 build success", "4 test running"));
    assert_eq!(events.outage(), None);

    // What was missed in a longer absence is gone.
    listening.stop().await;
    for name in ["a", "b", "c"] {
        let fields =
            serde_json::json!({"sha": "1".repeat(40), "ref": "dev", "name": name, "status": "running"});
        let made = server.post(&format!("/native/v1/repositories/{id}/reports"), fields).await;
        assert!(made.status < 300, "{made:?}");
    }
    server.clock.advance(SignedDuration::from_hours(1));
    domain::actions::events::delete_old(&server.app, SignedDuration::ZERO).await.unwrap();
    let (told, listening) = tokio::join!(line(&mut events), server.listen(port));
    assert_eq!(told, "resync 7");
    report(&client, id, "test", "success").await;
    assert_eq!(line(&mut events).await, "8 test success");
    drop(events);
    let mut old = client.events(id).after(6).pipeline(1);
    assert_eq!([line(&mut old).await, line(&mut old).await], ["ready 6", "8 test success"]);
    drop(old);
    listening.stop().await;
}

#[tokio::test]
async fn what_will_not_pass_ends_it() {
    let server = TestServer::start().await;
    let id = i32::try_from(server.repository("acme/demo", "private").await).unwrap();
    let listening = server.listen(0).await;
    let root = client(&listening.url);
    assert_eq!(root.events(id + 1).next().await.unwrap_err().kind, Kind::NotFound);
    let wanted = serde_json::json!({"name": "short", "scope": "read", "expires_at": "2026-11-24T01:00:00Z"});
    let token = server.token("root", wanted).await;
    let short = Client::builder(&listening.url).credentials(Credentials::token(token)).build().unwrap();
    let mut events = short.events(id);
    assert_eq!(line(&mut events).await, "ready 0");
    server.clock.advance(SignedDuration::from_hours(2));
    // The next event is not for it any more.
    let (ended, _) = tokio::join!(events.next(), report(&root, id, "build", "running"));
    assert_eq!(ended.unwrap_err().kind, Kind::Rejected);
    assert_eq!(events.next().await.unwrap(), None);

    let mut events = root.events(id).outage_limit(Duration::ZERO);
    assert_eq!(line(&mut events).await, "ready 1");
    listening.stop().await;
    assert_eq!(events.next().await.unwrap_err().kind, Kind::Unreachable);
    let nobody = root.events(id).next().await.unwrap_err();
    assert_eq!(nobody.kind, Kind::Unreachable, "a first connection is not waited for");
}
