//! Webhooks with the real binary and a receiver that records the messages.

use crate::command::{failure, json_output, run_in, stdout};
use crate::http::Connection;
use crate::receiver::{OK, Receiver};
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// How long to wait for a state.
const TIMEOUT: Duration = Duration::from_secs(60);
const ALLOW: [&str; 2] = ["--webhook-allow", "127.0.0.0/8"];

/// Starts a server with a repository and a webhook. Returns the webhook's id and secret.
fn start(data: &Path, arguments: &[&str], url: &str, events: &str) -> (Server, i64, String) {
    let server = Server::ready_with(data, arguments);
    stdout(data, "repo add acme/demo");
    let (id, secret) = add(data, url, events);
    (server, id, secret)
}

fn add(data: &Path, url: &str, events: &str) -> (i64, String) {
    let webhook = json_output(data, &format!("webhook add --repo acme/demo {url} --events {events}"));
    (webhook["id"].as_i64().unwrap(), webhook["secret"].as_str().unwrap().to_owned())
}

fn report(data: &Path, status: &str) {
    let sha = "1c46c505c84853887efe2ea9ea02a1333bae2237";
    stdout(data, &format!("report --repo acme/demo --sha {sha} --ref dev --name build --status {status}"));
}

/// Polls the deliveries of a webhook until the condition is true.
fn deliveries(data: &Path, server: &Server, id: i64, condition: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let start = std::time::Instant::now();
    loop {
        let log = json_output(data, &format!("webhook deliveries --repo acme/demo {id}"));
        let log = log.as_array().unwrap();
        if condition(log) {
            return log.clone();
        }
        assert!(start.elapsed() < TIMEOUT, "{log:?}\n{}", server.log());
    }
}

#[test]
fn a_message_is_signed_and_retried_with_its_id_and_410_disables_the_webhook() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|n| match n {
        0 => Some("500 Oh\r\nContent-Length: 5\r\nConnection: close\r\n\r\nbooms"),
        1 => Some(OK),
        _ => Some("410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    });
    let (server, id, secret) = start(data, &ALLOW, &receiver.url(), "pipeline,job");
    stdout(data, &format!("webhook change --repo acme/demo {id} --events job"));
    report(data, "running");
    let first = receiver.next(&server);
    assert!(first.is_signed_with(&secret), "{first:?}");
    assert!(!first.is_signed_with("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"));
    assert_eq!((first.target.as_str(), first.header("content-type")), ("/hook?x=1", "application/json"));
    assert!(first.header("user-agent").starts_with("stagepost/"), "{first:?}");
    let body = first.json();
    assert_eq!((&body["type"], &body["data"]["job"]["name"]), (&json!("job.running"), &json!("build")));
    let second = receiver.next(&server);
    assert_eq!((second.id(), &second.body), (first.id(), &first.body), "id and body do not change");
    assert!(second.is_signed_with(&secret));
    assert_ne!(second.header("webhook-timestamp"), first.header("webhook-timestamp"));
    let log = deliveries(data, &server, id, |log| log[0]["state"] == "delivered");
    assert_eq!((&log[0]["attempts"], &log[0]["last_answer"]), (&json!(2), &json!("fine")));

    report(data, "success");
    let third = receiver.next(&server);
    assert_ne!(third.id(), first.id());
    deliveries(data, &server, id, |log| log[0]["state"] == "failed");
    let webhook = json_output(data, &format!("webhook show --repo acme/demo {id}"));
    assert_eq!((&webhook["disabled_why"], webhook.get("secret")), (&json!("gone"), None));
    report(data, "running");
    let (code, message) = failure(data, &format!("webhook test --repo acme/demo {id}"));
    assert!(code == Some(1) && message.contains("disabled"), "{code:?} {message}");
    assert!(receiver.is_empty());
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn test_redelivery_and_secret_rotation() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|_| Some(OK));
    let (server, id, old) = start(data, &ALLOW, &receiver.url(), "pipeline");
    let line = stdout(data, &format!("webhook test --repo acme/demo {id}"));
    assert!(line.contains("\twebhook.test\t") && line.contains("\tdelivered\t1\t200\t"), "{line}");
    let tested = receiver.next(&server);
    assert!(line.starts_with(tested.id()) && tested.is_signed_with(&old));

    report(data, "success");
    let first = receiver.next(&server);
    deliveries(data, &server, id, |log| log[0]["state"] == "delivered");
    let new = json_output(data, &format!("webhook rotate --repo acme/demo {id}"));
    let new = new["secret"].as_str().unwrap();
    stdout(data, &format!("webhook redeliver --repo acme/demo {id} {}", first.id()));
    let repeated = receiver.next(&server);
    assert_eq!((repeated.id(), &repeated.body), (first.id(), &first.body));
    assert!(repeated.is_signed_with(new) && repeated.is_signed_with(&old), "both secrets sign for one day");
    assert!(first.is_signed_with(&old) && !first.is_signed_with(new));

    let whole = json_output(data, &format!("webhook deliveries --repo acme/demo {id} {}", first.id()));
    assert_eq!(whole["body"].as_str().unwrap().as_bytes(), first.body);
    let chinese = run_in("zh", data, &format!("webhook redeliver --repo acme/demo {id} msg_none"));
    assert!(String::from_utf8_lossy(&chinese.stderr).contains("投递记录不存在"));
    stdout(data, &format!("webhook remove --repo acme/demo {id}"));
    assert_eq!(stdout(data, "webhook list --repo acme/demo"), "");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn private_addresses_are_rejected_in_the_url_and_at_the_connection() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|_| Some(OK));
    let named = format!("http://localhost:{}/", receiver.address.port());
    let (server, id, _) = start(data, &[], &named, "pipeline");
    let (code, message) = failure(data, &format!("webhook add --repo acme/demo {}", receiver.url()));
    assert!(code == Some(1) && message.contains("--webhook-allow"), "{code:?} {message}");
    // A host name is accepted; its address is known only at the connection.
    let (code, message) = failure(data, &format!("webhook test --repo acme/demo {id}"));
    let reason = "the host has no address that is permitted for webhooks";
    assert!(code == Some(1) && message.contains(reason), "{code:?} {message}");
    assert!(receiver.is_empty());
    assert_eq!(server.terminate(), Some(0));

    // The operator permits the network and revokes that; existing webhooks are checked again.
    let server = Server::ready_with(data, &ALLOW);
    stdout(data, &format!("webhook test --repo acme/demo {id}"));
    let literal = add(data, &receiver.url(), "job").0;
    assert_eq!(server.terminate(), Some(0));
    let server = Server::ready_with(data, &["--webhook-allow", "10.0.0.0/8,::1"]);
    while !receiver.is_empty() {}
    let (_, message) = failure(data, &format!("webhook test --repo acme/demo {literal}"));
    assert!(message.contains("is not in a permitted network"), "{message}");
    assert!(receiver.is_empty());
    drop(server);
}

#[test]
fn a_requested_delay_may_be_a_date_and_is_limited_to_one_day() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|n| match n {
        0 => Some("503 Busy\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n"),
        _ => Some("500 Oh\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"),
    });
    let (server, id, _) = start(data, &ALLOW, &receiver.url(), "pipeline");
    for seconds in [86_400, 3_600] {
        failure(data, &format!("webhook test --repo acme/demo {id}"));
        let log = deliveries(data, &server, id, |log| log[0]["last_at"].is_string());
        let time = |name: &str| log[0][name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(time("next_at").duration_since(time("last_at")).as_secs(), seconds, "{log:?}");
    }
    drop(server);
}

#[test]
fn slow_receivers_of_one_repository_leave_slots_for_another() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let slow: Vec<_> = (0..4).map(|_| Receiver::start(|_| None)).collect();
    let fast = Receiver::start(|_| Some(OK));
    let (server, _, _) = start(data, &ALLOW, &slow[0].url(), "job");
    for n in 1..20 {
        add(data, &slow[n % slow.len()].url(), "job");
    }
    stdout(data, "repo add acme/other");
    stdout(data, &format!("webhook add --repo acme/other {} --events job", fast.url()));
    let report = |repo: &str, name: &str| {
        let sha = "1c46c505c84853887efe2ea9ea02a1333bae2237";
        stdout(data, &format!("report --repo {repo} --sha {sha} --ref dev --name {name} --status running"));
    };
    for n in 0..10 {
        report("acme/demo", &format!("job{n}"));
    }
    // 200 messages are due, and no receiver responds.
    for receiver in &slow {
        receiver.next(&server);
    }
    report("acme/other", "build");
    let message = fast.next(&server);
    assert_eq!(message.json()["data"]["repository"]["path"], "acme/other");
    let metrics = Connection::open(server.address()).request("GET", "/metrics", "").unwrap().body;
    let in_progress =
        metrics.lines().find_map(|line| line.strip_prefix("stagepost_webhook_attempts_under_way "));
    let in_progress: u32 = in_progress.unwrap().parse().unwrap();
    assert!(in_progress <= 33, "{in_progress} attempts, of which one repository may have 32");
    drop(server);
}

#[test]
fn redirects_are_not_followed() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|_| {
        Some("307 T\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    });
    let (server, id, _) = start(data, &ALLOW, &receiver.url(), "pipeline");
    let (code, message) = failure(data, &format!("webhook test --repo acme/demo {id}"));
    assert!(code == Some(1) && message.contains("307"), "{code:?} {message}");
    assert_eq!(receiver.next(&server).target, "/hook?x=1");
    assert!(receiver.is_empty());
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_slow_receiver_does_not_delay_others_and_interrupted_attempts_are_repeated() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let slow = Receiver::start(|n| (n > 0).then_some(OK));
    let fast = Receiver::start(|_| Some(OK));
    let (mut server, id, secret) = start(data, &ALLOW, &slow.url(), "pipeline");
    add(data, &fast.url(), "pipeline");
    report(data, "running");
    let interrupted = slow.next(&server);
    fast.next(&server);
    report(data, "success");
    fast.next(&server);
    assert_eq!(
        slow.next(&server).json()["type"],
        "pipeline.success",
        "other messages to the slow receiver are not delayed"
    );
    deliveries(data, &server, id, |log| log[0]["state"] == "delivered");
    server.kill();
    let server = Server::ready_with(data, &ALLOW);
    let repeated = slow.next(&server);
    assert_eq!((repeated.id(), &repeated.body), (interrupted.id(), &interrupted.body));
    assert!(repeated.is_signed_with(&secret));
    deliveries(data, &server, id, |log| log.iter().all(|delivery| delivery["state"] == "delivered"));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_chat_receives_signed_messages_with_a_link_and_its_refusal_is_a_failure() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let refused =
        "200 OK\r\nContent-Length: 34\r\nConnection: close\r\n\r\n{\"errcode\":310000,\"errmsg\":\"sign\"}";
    let accepted = "200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{\"errcode\":0}";
    let receiver = Receiver::start(move |n| Some(if n == 0 { refused } else { accepted }));
    let arguments = [&ALLOW[..], &["--public-url", "https://ci.example.com"]].concat();
    let server = Server::ready_with(data, &arguments);
    stdout(data, "repo add acme/demo");
    let secret = data.join("chat-secret");
    std::fs::write(&secret, "SECdemo\n").unwrap();
    let url = data.join("chat-url");
    std::fs::write(&url, receiver.url()).unwrap();
    let add = format!(
        "webhook add --repo acme/demo --url-file {} --format dingtalk --language en --ref dev --secret-file {}",
        url.display(),
        secret.display()
    );
    let webhook = json_output(data, &add);
    assert_eq!(webhook["url"], json!(format!("http://{}/…", receiver.address)));
    report(data, "failed");
    let first = receiver.next(&server);
    let (path, query) = first.target.split_once("&timestamp=").unwrap();
    assert_eq!(path, "/hook?x=1");
    let (timestamp, sign) = query.split_once("&sign=").unwrap();
    let wanted = wire::chat::dingtalk_signature(b"SECdemo", timestamp.parse().unwrap());
    assert_eq!(sign, wanted.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    let link = &first.json()["link"];
    assert_eq!(link["title"], json!("Pipeline failed: acme/demo #1"));
    let page = link["messageUrl"].as_str().unwrap();
    assert!(
        page.starts_with("https://ci.example.com/repositories/") && page.ends_with("/pipelines/1"),
        "{page}"
    );
    let second = receiver.next(&server);
    assert_eq!(second.body, first.body, "a refusal is tried again");
    assert_ne!(second.target, first.target, "with the signature of its own time");
    let id = webhook["id"].as_i64().unwrap();
    let log = deliveries(data, &server, id, |log| log[0]["state"] == "delivered");
    assert_eq!(log[0]["attempts"], json!(2));
    for hidden in ["SECdemo", "/hook"] {
        assert!(!server.log().contains(hidden), "{}", server.log());
    }
}
