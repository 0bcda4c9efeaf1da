//! Which calls are retried, how often, and with what result.

use crate::stub::{Stub, StubResponse, respond};
use stagepost_client::events::StreamItem;
use stagepost_client::reports::{Report, new_idempotency_key};
use stagepost_client::{Client, ErrorKind, Method, retry_and_notify, retry_during_outage};
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

const WHOAMI: &str = r#"{"user":"a","admin":true,"scope":"full","repositories":null}"#;

#[tokio::test]
async fn a_gateway_without_its_server_is_an_outage() {
    for status in [502, 504] {
        let html = "<html><head><title>Bad Gateway</title></head></html>";
        let stub = Stub::start(move |number, _| match number {
            0 | 1 => respond(status, html),
            _ => respond(201, RECEIPT),
        })
        .await;
        let key = new_idempotency_key();
        assert_eq!(stub.client().report(7, &report(), &key).await.unwrap().job_id, 3);
        let keys: Vec<_> =
            stub.requests().iter().map(|r| r.header("idempotency-key").map(String::from)).collect();
        assert_eq!(keys, vec![Some(key); 3], "{status}");

        let stub = Stub::start(move |_, _| respond(status, html)).await;
        let error = stub.client().report(7, &report(), "key").await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::Unreachable, Some(status)));
        assert_eq!(error.message, "POST /native/v1/repositories/7/reports: Bad Gateway");
        assert!(error.is_transient());
        // The gateway may have passed the request on.
        let stub = Stub::start(move |_, _| respond(status, html)).await;
        assert!(stub.client().create_user(&Default::default()).await.unwrap_err().is_transient());
        assert_eq!(stub.requests().len(), 1, "a call without a key is not repeated");
    }
}

#[tokio::test]
async fn a_read_is_retried_after_connection_loss() {
    let stub = Stub::start(|number, _| match number {
        0 => StubResponse { close_connection: true, ..respond(0, "") },
        1 => respond(502, ""),
        _ => respond(200, WHOAMI),
    })
    .await;
    assert_eq!(stub.client().whoami().await.unwrap().user, "a");
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn retry_after_may_be_a_date_of_the_servers_clock() {
    // The clock of the server is years behind.
    let response = |retry_after: &'static str| {
        respond(503, "").header("Date", "Tue, 24 Nov 2015 00:00:00 GMT").header("Retry-After", retry_after)
    };
    let stub = Stub::start(move |number, _| match number {
        0 => response("Tue, 24 Nov 2015 00:00:01 GMT"),
        _ => respond(200, WHOAMI),
    })
    .await;
    let start = Instant::now();
    assert_eq!(stub.client().whoami().await.unwrap().user, "a");
    assert!(start.elapsed() >= Duration::from_secs(1));

    // A long pause is left to the caller.
    let stub = Stub::start(move |_, _| response("Tue, 24 Nov 2015 01:00:00 GMT")).await;
    let error = stub.client().whoami().await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (ErrorKind::Overloaded, Some(Duration::from_hours(1))));
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn an_outage_is_retried_until_the_limit_and_as_late_as_the_server_asks() {
    let stub = Stub::start(|number, _| match number {
        0 => respond(502, ""),
        1 => respond(500, ""),
        2 => respond(503, "").header("Retry-After", "1"),
        _ => respond(201, RECEIPT),
    })
    .await;
    let client = stub.builder().max_tries(1).build().unwrap();
    let mut notified = Vec::new();
    let start = Instant::now();
    let call = async || client.report(7, &report(), "key").await;
    let receipt = retry_and_notify(Duration::from_secs(60), call, |error| notified.push(error.status)).await;
    assert_eq!(receipt.unwrap().job_id, 3);
    assert_eq!(notified, [Some(502), Some(500), Some(503)]);
    assert!(start.elapsed() >= Duration::from_secs(1));

    // A refusal is final, and so is an outage without a limit.
    for (status, limit) in [(400, Duration::from_secs(60)), (502, Duration::ZERO)] {
        let stub = Stub::start(move |_, _| respond(status, "")).await;
        let client = stub.builder().max_tries(1).build().unwrap();
        let error = retry_during_outage(limit, async || client.report(7, &report(), "key").await).await;
        assert_eq!(error.unwrap_err().status, Some(status));
        assert_eq!(stub.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_unknown_host_is_an_outage() {
    let client = Client::builder("http://stagepost.invalid").max_tries(1).build().unwrap();
    let error = client.report(7, &report(), "key").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_raw_response_of_a_gateway_is_returned_after_the_retries() {
    let stub = Stub::start(|_, _| respond(502, "gone")).await;
    let response = stub.client().raw(Method::GET, "/livez", None).await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (502, b"gone".as_slice()));
}

#[tokio::test]
async fn a_stream_of_events_continues_behind_a_gateway() {
    let ready = "event: ready\ndata: {\"last_event_id\":1}\n\n";
    let stub = Stub::start(move |number, _| match number {
        0 => StubResponse { close_connection: false, ..respond(200, ready) },
        1 | 2 => respond(502, "<html>"),
        _ => respond(200, "event: resync\ndata: {\"last_event_id\":5}\n\n"),
    })
    .await;
    let mut events = stub.builder().max_tries(1).build().unwrap().events(7);
    assert_eq!(events.next().await.unwrap(), Some(StreamItem::Ready(1)));
    assert_eq!(events.next().await.unwrap(), Some(StreamItem::Resync(5)));
    assert!(stub.requests()[3].target.contains("after=1"), "{}", stub.requests()[3].target);
}

#[tokio::test]
async fn only_the_first_claimant_gets_the_key() {
    let stub = Stub::start(|_, request| match request.text().contains("\"claimant\":\"a\"") {
        true => respond(201, RECEIPT),
        false => respond(422, r#"{"code":"SP.00422","detail":"used"}"#),
    })
    .await;
    let client = stub.client();
    assert!(client.claim(7, &report(), "a", "key").await.unwrap());
    assert!(!client.claim(7, &report(), "b", "key").await.unwrap());
    assert!(stub.requests().iter().all(|request| request.header("idempotency-key") == Some("key")));
}
