//! Webhooks across the ends of the server: every event is delivered at least once, with the same id and body
//! each time, and no message is sent for a change that is not stored.

use super::Stopped;
use crate::http::Connection;
use crate::receiver::{OK, ReceivedMessage, Receiver};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

/// A delivery whose server was killed is claimed for 25 seconds. This long without a message is an error.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A webhook with its receiver.
pub struct Deliveries {
    receiver: Receiver,
    secret: String,
    /// The id and the body of each message, by its event and type.
    messages: HashMap<(i64, String), (String, Vec<u8>)>,
    /// Messages that were received again.
    repeated: usize,
}

impl Deliveries {
    /// Creates a webhook of the repository.
    ///
    /// # Panics
    /// When it is refused.
    pub fn subscribe(address: SocketAddr, repository: &str, events: &[&str]) -> Self {
        let receiver = Receiver::start(|_| Some(OK));
        let body = json!({"url": receiver.url(), "events": events}).to_string();
        let path = format!("/native/v1/repositories/{repository}/webhooks");
        let created = Connection::open(address).request("POST", &path, &body).unwrap();
        assert_eq!(created.status, 201, "{}", created.body);
        let webhook: Value = serde_json::from_str(&created.body).unwrap();
        let secret = webhook["secret"].as_str().unwrap().to_owned();
        Self { receiver, secret, messages: HashMap::new(), repeated: 0 }
    }

    /// Takes the messages that were received so far.
    ///
    /// # Errors
    /// A message is not signed, or differs from an earlier one of its event and type.
    pub fn take(&mut self) -> Result<(), Stopped> {
        for message in self.receiver.take() {
            self.record(message)?;
        }
        Ok(())
    }

    fn record(&mut self, message: ReceivedMessage) -> Result<(), Stopped> {
        if !message.is_signed_with(&self.secret) {
            return Err(Stopped::wrong(format!("not signed: {message:?}")));
        }
        let body = message.json();
        let key = (body["data"]["event"].as_i64().unwrap_or_default(), text(&body["type"]));
        let content = (message.id().to_owned(), message.body);
        match self.messages.get(&key) {
            Some(first) if *first == content => self.repeated += 1,
            Some(first) => {
                return Err(Stopped::wrong(format!("{key:?} was {first:?}, and is {content:?}")));
            }
            None => drop(self.messages.insert(key, content)),
        }
        Ok(())
    }

    /// Waits until every expected message was received. Returns their number, and how many came again.
    ///
    /// # Errors
    /// A message does not arrive, or was not expected.
    pub fn complete(&mut self, expected: &[(i64, String)]) -> Result<(usize, usize), Stopped> {
        for key in expected {
            self.take()?;
            while !self.messages.contains_key(key) {
                let message = self.receiver.wait(TIMEOUT);
                self.record(message.ok_or_else(|| Stopped::wrong(format!("{key:?} was not delivered")))?)?;
            }
        }
        let expected: HashSet<&(i64, String)> = expected.iter().collect();
        match self.messages.keys().find(|key| !expected.contains(key)) {
            Some(key) => Err(Stopped::wrong(format!("{key:?} has no event"))),
            None => Ok((expected.len(), self.repeated)),
        }
    }
}

/// The messages of an event for a webhook that subscribes to pipelines, and to jobs if `jobs`.
pub fn messages_of(event: &Value, jobs: bool) -> Vec<(i64, String)> {
    let (Some(number), "job") = (event["id"].as_i64(), event["type"].as_str().unwrap_or_default()) else {
        return Vec::new();
    };
    let mut messages = Vec::new();
    let (pipeline, job) = (&event["pipeline"], &event["job"]);
    if pipeline["status"] != pipeline["previous_status"] {
        messages.push((number, format!("pipeline.{}", text(&pipeline["status"]))));
    }
    if jobs {
        messages.push((number, format!("job.{}", text(&job["status"]))));
    }
    messages
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
