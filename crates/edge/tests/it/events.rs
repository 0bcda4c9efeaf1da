//! Live events as a client sees them: start, resumption and end of a stream; and the long poll for one
//! pipeline.

use crate::report;
use crate::signatures::{AK, SK, Signed};
use axum::body::Body;
use domain::SignedDuration;
use domain::model::memory::MemoryLimits;
use edge::Settings;
use http::{Method, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{ROOT, TestRequest, TestServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The timeout of every wait in these tests.
const LONG: Duration = Duration::from_secs(60);

/// An open stream.
struct Stream {
    body: Body,
    text: String,
}

/// One event of a stream.
#[derive(Debug, PartialEq)]
struct ReceivedEvent {
    id: i64,
    name: String,
    data: Value,
}

impl Stream {
    fn of(response: Response<Body>) -> Self {
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream; charset=utf-8");
        assert_eq!((header("cache-control"), header("x-accel-buffering")), ("no-store".into(), "no".into()));
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<ReceivedEvent> {
        while !self.text.contains("\n\n") {
            let frame = timeout(LONG, self.body.frame()).await.expect("silence")?.unwrap();
            self.text += std::str::from_utf8(&frame.into_data().unwrap()).unwrap();
        }
        let (event, rest) = self.text.split_once("\n\n").unwrap();
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let event = ReceivedEvent {
            id: field("id: ").parse().unwrap(),
            name: field("event: "),
            data: serde_json::from_str(&field("data: ")).unwrap(),
        };
        self.text = rest.to_owned();
        Some(event)
    }

    async fn receive(&mut self) -> ReceivedEvent {
        self.next().await.expect("the stream has ended")
    }

    /// Number, name, and the job with its status.
    async fn line(&mut self) -> String {
        let event = self.receive().await;
        let job = &event.data["job"];
        let of = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {} {}", event.id, event.name, of("name"), of("status")).trim_end().to_owned()
    }

    async fn lines<const N: usize>(&mut self) -> [String; N] {
        let mut lines = Vec::new();
        for _ in 0..N {
            lines.push(self.line().await);
        }
        lines.try_into().unwrap()
    }
}

fn asked<'a>(server: &'a TestServer, repository: i64, more: &str) -> TestRequest<'a> {
    server.root(Method::GET, &format!("/native/v1/events?repository={repository}{more}"))
}

async fn follow(server: &TestServer, repository: i64, more: &str) -> Stream {
    Stream::of(asked(server, repository, more).open().await)
}

async fn say(server: &TestServer, repository: i64, name: &str, status: &str) {
    let fields = json!({"name": name, "status": status, "third_build_id": name});
    let answer = report(server, repository, fields).await;
    assert!([200, 201].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn without_memory_for_events_a_stream_reads_them_from_the_store() {
    let memory = MemoryLimits { events: 0, ..MemoryLimits::default() };
    let server = TestServer::start_with(Settings { memory, ..Settings::default() }).await;
    let id = server.repository("acme/demo", "private").await;
    let mut stream = follow(&server, id, "").await;
    assert_eq!(stream.line().await, "0 ready");
    for status in ["running", "success"] {
        say(&server, id, "build", status).await;
    }
    assert_eq!(stream.lines().await, ["1 job build running", "2 job build success"]);
}

#[tokio::test]
async fn a_stream_begins_now_and_tells_each_change_once() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    say(&server, id, "before", "running").await;
    let mut stream = follow(&server, id, "").await;
    let ready = stream.receive().await;
    assert_eq!(ready, ReceivedEvent { id: 1, name: "ready".into(), data: json!({"last_event_id": 1}) });
    say(&server, id, "build", "running").await;
    say(&server, id, "build", "running").await;
    say(&server, id, "build", "success").await;
    let event = stream.receive().await;
    assert_eq!((event.id, event.name.as_str()), (2, "job"));
    assert_eq!(
        event.data,
        json!({
            "id": 2, "repository_id": id, "type": "job", "at": "2026-11-24T00:00:00.000Z",
            "pipeline": {
                "id": 1, "version": 2, "sha": "1c46c505c84853887efe2ea9ea02a1333bae2237", "ref": "dev", "source": "external",
                "pipeline_key": null, "web_url": null, "status": "running", "previous_status": "running", "job_count": 2,
            },
            "job": {
                "id": 2, "stage": "external", "name": "build", "attempt": 1, "status": "running", "previous_status": null,
                "third_build_id": "build", "target_url": null,
            },
        })
    );
    let event = stream.receive().await;
    assert_eq!((event.id, &event.data["job"]["previous_status"]), (3, &json!("running")));
}

#[tokio::test]
async fn who_comes_back_goes_on_where_it_was() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for n in 1..=250 {
        say(&server, id, &format!("job {n}"), "running").await;
    }
    for stream in [
        asked(&server, id, "").header("last-event-id", "0"),
        asked(&server, id, "&after=0"),
        asked(&server, id, "&after=200").header("last-event-id", "0"),
    ] {
        let mut stream = Stream::of(stream.open().await);
        assert_eq!(stream.line().await, "0 ready");
        for n in 1..=250 {
            assert_eq!(stream.line().await, format!("{n} job job {n} running"));
        }
    }
    let mut stream = follow(&server, id, "&after=249").await;
    assert_eq!(stream.lines().await, ["249 ready", "250 job job 250 running"]);
    // A client that does not read for a while misses no event.
    for n in 251..=400 {
        say(&server, id, &format!("job {n}"), "running").await;
    }
    for n in 251..=400 {
        assert_eq!(stream.line().await, format!("{n} job job {n} running"));
    }
}

#[tokio::test]
async fn what_is_no_longer_kept_is_said() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    for n in 1..=5 {
        // Events of one second are deleted together.
        server.clock.advance(SignedDuration::from_secs(1));
        say(&server, id, &n.to_string(), "running").await;
    }
    server.clock.advance(SignedDuration::from_hours(1));
    domain::actions::events::delete_old(&server.app, SignedDuration::from_mins(1)).await.unwrap();
    say(&server, id, "6", "running").await;
    let mut stream = follow(&server, id, "&after=3").await;
    let resync = stream.receive().await;
    assert_eq!(resync, ReceivedEvent { id: 6, name: "resync".into(), data: json!({"last_event_id": 6}) });
    say(&server, id, "7", "running").await;
    assert_eq!(stream.line().await, "7 job 7 running");
    // The oldest stored event is the fifth.
    let mut stream = follow(&server, id, "&after=4").await;
    assert_eq!(stream.lines().await, ["4 ready", "5 job 5 running"]);
    // An id of a store that was restored from an older backup.
    assert_eq!(follow(&server, id, "&after=99").await.line().await, "7 resync");
}

#[tokio::test]
async fn one_pipeline_may_be_followed_alone() {
    let server = TestServer::start_with(quick_pings()).await;
    let id = server.repository("acme/demo", "private").await;
    say(&server, id, "build", "running").await;
    let mut stream = follow(&server, id, "&pipeline=1").await;
    let other = json!({"ref": "other", "name": "build"});
    assert_eq!(report(&server, id, other).await.json()["pipeline_id"], 2);
    say(&server, id, "build", "success").await;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|line: &String| !line.contains("success")) {
        seen.push(stream.line().await);
    }
    seen.retain(|line| !line.contains("ping"));
    assert_eq!(seen, ["1 ready", "3 job build success"]);
    let absent = asked(&server, id, "&pipeline=3").send().await;
    assert_eq!(absent.status, 404);
    // A client may resume with the last event of a deleted pipeline.
    assert_eq!(follow(&server, id, "&pipeline=3&after=3").await.line().await, "3 ready");
}

fn quick_pings() -> Settings {
    Settings { events_ping: Duration::from_millis(5), ..Settings::default() }
}

#[tokio::test]
async fn a_quiet_stream_says_that_it_is_alive_and_how_far_it_is() {
    let server = TestServer::start_with(quick_pings()).await;
    let id = server.repository("acme/demo", "private").await;
    say(&server, id, "build", "running").await;
    let mut stream = follow(&server, id, "").await;
    assert_eq!(stream.lines().await, ["1 ready", "1 ping", "1 ping"]);
    let ping = stream.receive().await;
    assert_eq!(ping, ReceivedEvent { id: 1, name: "ping".into(), data: json!({"last_event_id": 1}) });
}

#[tokio::test]
async fn who_may_no_longer_look_is_shown_nothing_more() {
    for pings in [true, false] {
        let server = TestServer::start_with(if pings { quick_pings() } else { Settings::default() }).await;
        let id = server.repository("acme/demo", "private").await;
        let token = server.user("guest").await;
        let member = format!("/native/v1/repositories/{id}/members/guest");
        let asked = server.root(Method::PUT, &member).json(&json!({"role": "read"})).send().await;
        assert_eq!(asked.status, 204);
        let target = format!("/native/v1/events?repository={id}");
        let mut stream = Stream::of(server.ask(Method::GET, &target).token(&token).open().await);
        assert_eq!(stream.line().await, "0 ready");
        assert_eq!(server.root(Method::DELETE, &member).send().await.status, 204);
        if !pings {
            say(&server, id, "secret", "running").await;
        }
        while let Some(event) = stream.next().await {
            assert_eq!(event.name, "ping");
        }
        let again = server.ask(Method::GET, &target).token(&token).send().await;
        assert_eq!(again.status, 404);
    }
}

#[tokio::test]
async fn a_user_has_a_share_of_the_streams_and_of_the_waiting_requests() {
    assert_eq!(Settings::default().followers_max, 5_000);
    let server = TestServer::start_with(Settings { followers_max: 4, ..Settings::default() }).await;
    let id = server.repository("acme/demo", "private").await;
    let other = server.repository("acme/other", "private").await;
    say(&server, id, "build", "running").await;
    let token = server.user("guest").await;
    let member = format!("/native/v1/repositories/{other}/members/guest");
    let added = server.root(Method::PUT, &member).json(&json!({"role": "read"})).send().await;
    assert_eq!(added.status, 204);
    let (first, _second) = (follow(&server, id, "").await, follow(&server, id, "").await);
    let refused = asked(&server, other, "").send().await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    let wait = format!("/native/v1/repositories/{id}/pipelines/1?wait=30s&after=99");
    assert_eq!(server.root(Method::GET, &wait).send().await.status, 503);
    let target = format!("/native/v1/events?repository={other}");
    let _guest = Stream::of(server.ask(Method::GET, &target).token(&token).open().await);
    drop(first);
    let again = asked(&server, id, "").open().await;
    assert_eq!(again.status(), 200, "an ended stream makes room");
}

#[tokio::test]
async fn a_token_that_ends_ends_its_stream() {
    let server = TestServer::start_with(quick_pings()).await;
    let id = server.repository("acme/demo", "private").await;
    let wanted = json!({"name": "short", "scope": "read", "expires_at": "2026-11-24T01:00:00Z"});
    let token = server.token("root", wanted).await;
    let target = format!("/native/v1/events?repository={id}");
    let mut stream = Stream::of(server.ask(Method::GET, &target).token(&token).open().await);
    assert_eq!(stream.lines().await, ["0 ready", "0 ping"]);
    server.clock.advance(SignedDuration::from_mins(61));
    while stream.next().await.is_some() {}
}

/// A signature is valid for minutes; a stream that was opened with it is valid as long as its key.
#[tokio::test]
async fn a_signed_stream_outlives_its_signature_and_not_its_key() {
    let server = TestServer::start_with(quick_pings()).await;
    let id = server.repository("acme/demo", "private").await;
    let key = json!({"access": AK, "secret": SK});
    assert_eq!(server.post("/native/v1/users/root/keys", key).await.status, 201);
    let target = format!("/native/v1/events?repository={id}");
    let signed = Signed { target: &target, ..Signed::default() };
    let open = || {
        let asked = server.ask(Method::GET, &target).from("10.0.0.1");
        signed.arriving(&server).iter().fold(asked, |asked, (name, value)| asked.header(name, value)).open()
    };
    let mut stream = Stream::of(open().await);
    assert_eq!(stream.lines().await, ["0 ready", "0 ping"]);
    server.clock.advance(SignedDuration::from_hours(2));
    say(&server, id, "build", "running").await;
    while stream.line().await != "1 job build running" {}
    let deleted = server.root(Method::DELETE, &format!("/native/v1/keys/{AK}")).send().await;
    assert_eq!(deleted.status, 204);
    while stream.next().await.is_some() {}
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    say(&server, id, "build", "running").await;
    let pipeline = format!("/native/v1/repositories/{id}/pipelines/1");
    let events = format!("/native/v1/events?repository={id}");
    for (target, field) in [
        ("/native/v1/events".to_owned(), "repository"),
        ("/native/v1/events?repository=x".into(), "repository"),
        (format!("{events}&repository={id}"), "repository"),
        (format!("{events}&pipeline=0"), "pipeline"),
        (format!("{events}&after=-1"), "after"),
        (format!("{events}&after=x"), "after"),
        (format!("{pipeline}?wait=61"), "wait"),
        (format!("{pipeline}?wait=2m"), "wait"),
        (format!("{pipeline}?wait=soon"), "wait"),
        (format!("{pipeline}?wait="), "wait"),
        (format!("{pipeline}?wait=1s&after=x"), "after"),
    ] {
        let answer = server.get(&target).await;
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(field)), "{target}");
    }
    for bad in ["x", "-1", "", "1,2"] {
        let answer = asked(&server, id, "&after=1").header("last-event-id", bad).send().await;
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!("Last-Event-ID")), "{bad}");
    }
    let head = server.root(Method::HEAD, &events).send().await;
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream; charset=utf-8"));
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn a_pipeline_is_waited_for() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    say(&server, id, "build", "running").await;
    let target = |query: &str| format!("/native/v1/repositories/{id}/pipelines/1?{query}");
    for at_once in ["wait=60s&after=0", "wait=60", "wait=0&after=1", "wait=0s", "after=1"] {
        let target = if at_once == "wait=60" { target("wait=60&after=0") } else { target(at_once) };
        let answer = timeout(LONG / 2, server.get(&target)).await.expect(at_once);
        assert_eq!((answer.status, &answer.json()["version"]), (200, &json!(1)), "{at_once}");
    }
    for waiting in ["wait=60s&after=1", "wait=60s"] {
        let before = server.get(&target("")).await.json()["version"].clone();
        let after =
            if waiting.contains("after") { waiting.to_owned() } else { format!("{waiting}&after={before}") };
        let change = async {
            tokio::task::yield_now().await;
            // A change of another pipeline does not end the wait.
            let other = report(&server, id, json!({"ref": waiting.len().to_string()})).await;
            assert_eq!(other.status, 201);
            let name = format!("job {}", waiting.len());
            say(&server, id, &name, "running").await;
        };
        let (answer, ()) = tokio::join!(server.root(Method::GET, &target(&after)).send(), change);
        assert_eq!(answer.json()["version"], before.as_i64().unwrap() + 1, "{waiting}");
    }
    let answer = server.get(&format!("/native/v1/repositories/{id}/pipelines/99?wait=60s")).await;
    assert_eq!(answer.status, 404);
}

/// Over a socket: when the server stops, long polls and streams get complete responses.
#[tokio::test]
async fn a_stop_ends_streams_and_waits_cleanly() {
    let server = TestServer::start().await;
    let id = server.repository("acme/demo", "private").await;
    say(&server, id, "build", "running").await;
    let listening = server.listen(0).await;
    let open = async |before: &str, target: String, until: &str| {
        let mut socket = TcpStream::connect(("127.0.0.1", listening.port)).await.unwrap();
        let request = format!(
            "{before}GET {target} HTTP/1.1\r\nhost: x\r\nx-auth-token: {ROOT}\r\naccept-encoding: gzip\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        while !text.contains(until) {
            let byte = timeout(LONG, socket.read_u8()).await.unwrap().unwrap();
            text.push(char::from(byte));
        }
        (socket, text)
    };
    let (mut stream, head) =
        open("", format!("/native/v1/events?repository={id}"), "\"last_event_id\":1}\n\n").await;
    assert!(!head.to_lowercase().contains("content-encoding"), "{head}");
    // The response to an earlier request on the connection shows that the waiting request has arrived.
    let livez = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let (mut waiting, _) =
        open(livez, format!("/native/v1/repositories/{id}/pipelines/1?wait=60s"), "ok\n").await;
    timeout(LONG / 3, listening.stop()).await.expect("it waits for what has no end");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream was cut: {rest}");
    let mut rest = String::new();
    waiting.read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 200") && rest.contains("\"version\":1"), "{rest}");
}
