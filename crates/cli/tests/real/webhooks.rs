//! Webhooks, from the command line to a receiver: the real binary, and a server that takes down what it is sent.

use crate::server::Server;
use crate::upkeep::{failed, run_in, said, told};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};
use wire::webhooks::verify;

/// What takes this long never comes.
const HANGS: Duration = Duration::from_secs(60);
const ALLOW: [&str; 2] = ["--webhook-allow", "127.0.0.0/8"];

/// A message, as it was received.
#[derive(Debug, Clone)]
struct Seen {
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    fn id(&self) -> &str {
        self.header("webhook-id")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether a receiver that has this secret believes it.
    fn is_from(&self, secret: &str) -> bool {
        #[expect(clippy::disallowed_methods, reason = "the real server has the real time")]
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let (at, signatures) = (self.header("webhook-timestamp"), self.header("webhook-signature"));
        verify(secret, self.id(), at, signatures, &self.body, now.try_into().unwrap()).is_ok()
    }
}

/// A server that takes messages down.
struct Receiver {
    address: SocketAddr,
    seen: mpsc::Receiver<Seen>,
}

impl Receiver {
    /// `answer` says, of the how manieth message from 0, what is answered: head and body after `HTTP/1.1 `; `None`: nothing, ever.
    fn start(answer: impl Fn(usize) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (send, seen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let mut stream = BufReader::new(stream);
                let Some(message) = read(&mut stream) else { continue };
                if let Some(answer) = answer(n) {
                    // Who went away needs no answer.
                    let _ = write!(stream.get_mut(), "HTTP/1.1 {answer}");
                } else {
                    held.push(stream);
                }
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self { address, seen }
    }

    fn url(&self) -> String {
        format!("http://{}/hook?x=1", self.address)
    }

    fn next(&self, server: &Server) -> Seen {
        self.seen.recv_timeout(HANGS).unwrap_or_else(|_| panic!("no message came:\n{}", server.said()))
    }

    /// Nothing came until now.
    fn is_quiet(&self) -> bool {
        self.seen.try_recv().is_err()
    }
}

const OK: &str = "200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine";

fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = || -> Option<String> {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        Some(line.strip_suffix("\r\n")?.to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    assert!(first.starts_with("POST "), "{first}");
    let mut seen = Seen { target: first.split(' ').nth(1)?.to_owned(), headers, body: Vec::new() };
    seen.body = vec![0; seen.header("content-length").parse().ok()?];
    stream.read_exact(&mut seen.body).ok()?;
    Some(seen)
}

/// A server with a repository, and a webhook of it: number and secret.
fn start(data: &Path, more: &[&str], url: &str, events: &str) -> (Server, i64, String) {
    let server = Server::ready_with(data, more);
    said(data, "repo add acme/demo");
    let (id, secret) = add(data, url, events);
    (server, id, secret)
}

fn add(data: &Path, url: &str, events: &str) -> (i64, String) {
    let made = told(data, &format!("webhook add --repo acme/demo {url} --events {events}"));
    (made["id"].as_i64().unwrap(), made["secret"].as_str().unwrap().to_owned())
}

fn report(data: &Path, status: &str) {
    let sha = "1c46c505c84853887efe2ea9ea02a1333bae2237";
    said(data, &format!("report --repo acme/demo --sha {sha} --ref dev --name build --status {status}"));
}

/// Asks for the deliveries of a webhook until they are as wanted.
fn deliveries(data: &Path, server: &Server, id: i64, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let began = std::time::Instant::now();
    loop {
        let log = told(data, &format!("webhook deliveries --repo acme/demo {id}"));
        let log = log.as_array().unwrap();
        if wanted(log) {
            return log.clone();
        }
        assert!(began.elapsed() < HANGS, "{log:?}\n{}", server.said());
    }
}

#[test]
fn a_message_is_signed_tried_again_under_its_id_and_gone_ends_it() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|n| match n {
        0 => Some("500 Oh\r\nContent-Length: 5\r\nConnection: close\r\n\r\nbooms"),
        1 => Some(OK),
        _ => Some("410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    });
    let (server, id, secret) = start(data, &ALLOW, &receiver.url(), "pipeline,job");
    said(data, &format!("webhook change --repo acme/demo {id} --events job"));
    report(data, "running");
    let first = receiver.next(&server);
    assert!(first.is_from(&secret), "{first:?}");
    assert!(!first.is_from("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"));
    assert_eq!((first.target.as_str(), first.header("content-type")), ("/hook?x=1", "application/json"));
    assert!(first.header("user-agent").starts_with("stagepost/"), "{first:?}");
    let body = first.json();
    assert_eq!((&body["type"], &body["data"]["job"]["name"]), (&json!("job.running"), &json!("build")));
    let second = receiver.next(&server);
    assert_eq!((second.id(), &second.body), (first.id(), &first.body), "id and body stay");
    assert!(second.is_from(&secret));
    assert_ne!(second.header("webhook-timestamp"), first.header("webhook-timestamp"));
    let log = deliveries(data, &server, id, |log| log[0]["state"] == "delivered");
    assert_eq!((&log[0]["attempts"], &log[0]["last_answer"]), (&json!(2), &json!("fine")));

    report(data, "success");
    let third = receiver.next(&server);
    assert_ne!(third.id(), first.id());
    deliveries(data, &server, id, |log| log[0]["state"] == "failed");
    let shown = told(data, &format!("webhook show --repo acme/demo {id}"));
    assert_eq!((&shown["disabled_why"], shown.get("secret")), (&json!("gone"), None));
    report(data, "running");
    let (code, why) = failed(data, &format!("webhook test --repo acme/demo {id}"));
    assert!(code == Some(1) && why.contains("disabled"), "{code:?} {why}");
    assert!(receiver.is_quiet());
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_test_a_redelivery_and_a_new_secret() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|_| Some(OK));
    let (server, id, old) = start(data, &ALLOW, &receiver.url(), "pipeline");
    let line = said(data, &format!("webhook test --repo acme/demo {id}"));
    assert!(line.contains("\twebhook.test\t") && line.contains("\tdelivered\t1\t200\t"), "{line}");
    let tested = receiver.next(&server);
    assert!(line.starts_with(tested.id()) && tested.is_from(&old));

    report(data, "success");
    let first = receiver.next(&server);
    deliveries(data, &server, id, |log| log[0]["state"] == "delivered");
    let new = told(data, &format!("webhook rotate --repo acme/demo {id}"));
    let new = new["secret"].as_str().unwrap();
    said(data, &format!("webhook redeliver --repo acme/demo {id} {}", first.id()));
    let again = receiver.next(&server);
    assert_eq!((again.id(), &again.body), (first.id(), &first.body));
    assert!(again.is_from(new) && again.is_from(&old), "both sign for a day");
    assert!(first.is_from(&old) && !first.is_from(new));

    let whole = told(data, &format!("webhook deliveries --repo acme/demo {id} {}", first.id()));
    assert_eq!(whole["body"].as_str().unwrap().as_bytes(), first.body);
    let chinese = run_in("zh", data, &format!("webhook redeliver --repo acme/demo {id} msg_none"));
    assert!(String::from_utf8_lossy(&chinese.stderr).contains("投递记录不存在"));
    said(data, &format!("webhook remove --repo acme/demo {id}"));
    assert_eq!(said(data, "webhook list --repo acme/demo"), "");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn what_is_not_public_is_refused_twice() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|_| Some(OK));
    let named = format!("http://localhost:{}/", receiver.address.port());
    let (server, id, _) = start(data, &[], &named, "pipeline");
    let (code, why) = failed(data, &format!("webhook add --repo acme/demo {}", receiver.url()));
    assert!(code == Some(1) && why.contains("--webhook-allow"), "{code:?} {why}");
    // A name passes: which address it has is known only at the connection, and may be another each time.
    let (code, why) = failed(data, &format!("webhook test --repo acme/demo {id}"));
    let reason = "the name has no address that webhooks may reach";
    assert!(code == Some(1) && why.contains(reason), "{code:?} {why}");
    assert!(receiver.is_quiet());
    assert_eq!(server.terminate(), Some(0));

    // The operator may allow it, and take that back: what was given then is looked at again.
    let server = Server::ready_with(data, &ALLOW);
    said(data, &format!("webhook test --repo acme/demo {id}"));
    let spelled = add(data, &receiver.url(), "job").0;
    assert_eq!(server.terminate(), Some(0));
    let server = Server::ready_with(data, &["--webhook-allow", "10.0.0.0/8,::1"]);
    while !receiver.is_quiet() {}
    let (_, why) = failed(data, &format!("webhook test --repo acme/demo {spelled}"));
    assert!(why.contains("not one that webhooks may reach"), "{why}");
    assert!(receiver.is_quiet());
    drop(server);
}

#[test]
fn a_redirect_is_no_way_in() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let receiver = Receiver::start(|_| {
        Some("307 T\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    });
    let (server, id, _) = start(data, &ALLOW, &receiver.url(), "pipeline");
    let (code, why) = failed(data, &format!("webhook test --repo acme/demo {id}"));
    assert!(code == Some(1) && why.contains("307"), "{code:?} {why}");
    assert_eq!(receiver.next(&server).target, "/hook?x=1");
    assert!(receiver.is_quiet());
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_receiver_that_does_not_answer_holds_nobody_up_and_what_is_cut_off_is_sent_again() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let silent = Receiver::start(|n| (n > 0).then_some(OK));
    let lively = Receiver::start(|_| Some(OK));
    let (mut server, id, secret) = start(data, &ALLOW, &silent.url(), "pipeline");
    add(data, &lively.url(), "pipeline");
    report(data, "running");
    let cut = silent.next(&server);
    lively.next(&server);
    report(data, "success");
    lively.next(&server);
    assert_eq!(silent.next(&server).json()["type"], "pipeline.success", "others to it are not held up");
    deliveries(data, &server, id, |log| log[0]["state"] == "delivered");
    server.kill();
    let server = Server::ready_with(data, &ALLOW);
    let again = silent.next(&server);
    assert_eq!((again.id(), &again.body), (cut.id(), &cut.body));
    assert!(again.is_from(&secret));
    deliveries(data, &server, id, |log| log.iter().all(|delivery| delivery["state"] == "delivered"));
    assert_eq!(server.terminate(), Some(0));
}
