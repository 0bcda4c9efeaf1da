//! Which calls are retried, how often, and with what result.

use crate::stub::{Stub, StubResponse, respond};
use stagepost_client::reports::{Report, new_idempotency_key};
use stagepost_client::{Client, ErrorKind};
use std::time::{Duration, Instant};

const RECEIPT: &str = r#"{"report_id":1,"pipeline_id":6,"stage_id":2,"job_id":3,"attempt":1,
    "effect":"created","changed":["status"],"status":"running","pipeline_status":"running"}"#;

fn report() -> Report {
    Report {
        sha: "0".repeat(40),
        git_ref: "dev".into(),
        name: "build".into(),
        status: "running".into(),
        ..Report::default()
    }
}

#[tokio::test]
async fn a_report_is_retried_after_overload_and_connection_loss_with_one_key() {
    let stub = Stub::start(|number, _| match number {
        0 => respond(503, "").header("Retry-After", "0"),
        1 => StubResponse { close_connection: true, ..respond(0, "") },
        _ => respond(201, RECEIPT),
    })
    .await;
    let receipt = stub.client().report(7, &report(), &new_idempotency_key()).await.unwrap();
    assert_eq!((receipt.job_id, receipt.effect.as_str()), (3, "created"));
    let requests = stub.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.target == "/native/v1/repositories/7/reports"));
    let key = requests[0].header("Idempotency-Key").unwrap();
    assert_eq!(key.len(), 32);
    assert!(requests.iter().all(|request| request.header("idempotency-key") == Some(key)));
    assert_eq!(requests[0].text(), requests[2].text());
}

#[tokio::test]
async fn other_writes_are_not_retried_after_connection_loss() {
    let stub = Stub::start(|_, _| StubResponse { close_connection: true, ..respond(0, "") }).await;
    let error = stub.client().create_user(&Default::default()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn gives_up_after_three_tries_with_the_servers_message() {
    let stub = Stub::start(|_, _| {
        respond(503, r#"{"code":"CH.1","detail":"busy","request_id":"abc"}"#).header("Retry-After", "0")
    })
    .await;
    let error = stub.client().whoami().await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Overloaded, "busy"));
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn waits_as_long_as_retry_after() {
    let stub = Stub::start(|number, _| match number {
        0 => respond(429, "").header("Retry-After", "1"),
        _ => respond(200, r#"{"user":"a","admin":true,"scope":"full","repositories":null}"#),
    })
    .await;
    let start = Instant::now();
    assert_eq!(stub.client().whoami().await.unwrap().user, "a");
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn other_errors_are_not_retried() {
    for (status, kind) in [
        (400, ErrorKind::Invalid),
        (401, ErrorKind::Rejected),
        (500, ErrorKind::Other),
        (302, ErrorKind::Other),
    ] {
        let stub =
            Stub::start(move |_, _| respond(status, "").header("Location", "http://127.0.0.1:9/")).await;
        assert_eq!(stub.client().whoami().await.unwrap_err().kind, kind);
        assert_eq!(stub.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let client = Client::builder(format!("http://127.0.0.1:{port}")).build().unwrap();
    let error = client.livez().await.unwrap_err();
    assert_eq!((error.kind, error.certificate), (ErrorKind::Unreachable, false));
    assert!(error.message.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_timeout_is_not_retried() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder(url).timeout(Duration::from_millis(100)).build().unwrap();
    let start = Instant::now();
    let error = client.report(7, &report(), "key").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(start.elapsed() < Duration::from_secs(2));
}
