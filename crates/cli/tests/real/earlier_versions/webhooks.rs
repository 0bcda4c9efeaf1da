//! Pending messages that an earlier version wrote: the current binary sends them, signed with the secret of
//! that time.

use super::fixture::{Fixture, run_json};
use super::{HANGS, QUIET, VERSIONS};
use crate::server::Server;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

/// The secret of the webhook whose messages are pending.
const SECRET: &str = "whsec_Zml4dHVyZS13ZWJob29rLXNlY3JldC0wMg==";

/// A received message.
struct Message {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Message {
    /// Reads a request and responds 200.
    fn receive(stream: TcpStream) -> std::io::Result<Self> {
        let mut stream = BufReader::new(stream);
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) => drop(headers.insert(name.to_ascii_lowercase(), value.to_owned())),
                // The request line, and the end of the head.
                None if line.starts_with("POST ") => {}
                None => break,
            }
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        write!(stream.get_mut(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        Ok(Self { headers, body })
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

#[test]
fn pending_messages_are_sent_with_their_ids_and_signatures() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let receiver = format!("http://{}/hook", listener.local_addr().unwrap());
    let (send, messages) = mpsc::channel();
    std::thread::spawn(move || {
        for message in listener.incoming().map_while(Result::ok).map(Message::receive) {
            if send.send(message).is_err() {
                return;
            }
        }
    });
    for version in VERSIONS {
        let (fixture, data) = (Fixture::of(version), tempfile::tempdir().unwrap());
        let data = data.path();
        fixture.unpack("data", data);
        let server = Server::ready_with(data, &[&QUIET[..], &["--webhook-allow", "127.0.0.0/8"]].concat());
        let log = "webhook deliveries 2 --repo acme/legacy --limit 100";
        let pending = run_json(data, log);
        run_json(data, &format!("webhook change 2 --repo acme/legacy --url {receiver} --enable"));
        let mut received = BTreeMap::new();
        for _ in pending.as_array().unwrap() {
            let message =
                messages.recv_timeout(HANGS).unwrap_or_else(|_| panic!("{}", server.log())).unwrap();
            let [id, at, signatures] =
                ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| message.header(name));
            let now = stagepost_client::system_clock();
            let checked = wire::webhooks::verify(SECRET, id, at, signatures, &message.body, now);
            assert_eq!(checked, Ok(()), "{id}");
            let body: Value = serde_json::from_slice(&message.body).unwrap();
            received.insert(id.to_owned(), body);
        }
        for delivery in pending.as_array().unwrap() {
            let body = &received[delivery["id"].as_str().unwrap()];
            let of_event = |body: &Value| [body["type"].clone(), body["data"]["event"].clone()];
            assert_eq!(of_event(body), [delivery["type"].clone(), delivery["event"].clone()]);
        }
        let of_release = received.values().find(|body| body["data"]["pipeline"]["id"] == 9).unwrap();
        assert_eq!(
            of_release["data"],
            json!({"repository": {"id": 7, "path": "acme/legacy"}, "event": 19,
                   "pipeline": {"id": 9, "version": 1, "sha": "3".repeat(40), "ref": "release", "source": "external",
                                "pipeline_key": null, "web_url": null, "status": "success",
                                "previous_status": null, "job_count": 1}})
        );
        let began = std::time::Instant::now();
        let all =
            |state: &str| run_json(data, log).as_array().unwrap().iter().all(|one| one["state"] == state);
        while !all("delivered") {
            assert!(began.elapsed() < HANGS, "{}", server.log());
        }
        assert_eq!(server.terminate(), Some(0));
    }
}
