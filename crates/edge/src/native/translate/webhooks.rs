//! Webhooks, deliveries and messages as the native API represents them.

use super::{chat, time};
use crate::events::translate as events;
use domain::Timestamp;
use domain::actions::deliveries::TEST_KIND;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::deliveries::{ClaimedDelivery, Delivery, Payload};
use domain::model::events::Event;
use domain::model::ids::{RepositoryId, UserId};
use domain::model::notifications::{News, Notification};
use domain::model::webhooks::content::Format;
use domain::model::webhooks::{Secret, Webhook, shown_url};
use std::collections::HashMap;
use wire::native::webhooks as native;
use wire::webhooks;

/// A webhook, with its secret only in the response that creates it. `owners` has the names of users.
pub fn webhook(webhook: &Webhook, owners: &HashMap<UserId, String>, with_secret: bool) -> native::Webhook {
    let content = &webhook.content;
    let is_chat = content.format.is_chat();
    let patterns = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    native::Webhook {
        id: webhook.id.get(),
        url: shown_url(webhook),
        format: is_chat.then(|| content.format.as_str().to_owned()),
        language: is_chat.then(|| content.language.code().to_owned()),
        refs: patterns(&content.refs),
        jobs: patterns(&content.jobs),
        events: webhook.topics.names().map(str::to_owned).collect(),
        description: webhook.description.clone(),
        secret: (with_secret && !is_chat).then(|| webhooks::write_secret(webhook.secret.bytes())),
        owner: content.creator.and_then(|user| owners.get(&user).cloned()),
        old_secret_until: webhook.old_secret.as_ref().map(|(_, until)| time(*until)),
        disabled_at: webhook.disabled.map(|(at, _)| time(at)),
        disabled_why: webhook.disabled.map(|(_, reason)| reason.as_str().to_owned()),
        failing_since: webhook.failing_since.map(time),
        created_at: time(webhook.created_at),
    }
}

pub fn delivery(delivery: &Delivery) -> native::Delivery {
    let last = delivery.last.as_ref();
    native::Delivery {
        id: delivery.id.clone(),
        kind: delivery.kind.clone(),
        event: delivery.event,
        created_at: time(delivery.created_at),
        state: delivery.state.as_str().to_owned(),
        attempts: delivery.attempts,
        next_at: delivery.state.next_at().map(time),
        last_at: last.map(|last| time(last.at)),
        last_status: last.and_then(|last| last.status),
        last_answer: last.and_then(|last| last.response_body.clone()),
        last_error: last.and_then(|last| last.error.clone()),
        body: delivery.body.clone(),
    }
}

/// The deliveries of a page, of which one more than `limit` was read, and the `before` of the next page.
pub fn older_than(mut found: Vec<Delivery>, limit: u32) -> (Vec<Delivery>, Option<String>) {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_before = found.last().filter(|_| more).map(|last| last.id.clone());
    (found, next_before)
}

/// A page of deliveries, of which one more than `limit` was read.
pub fn deliveries(found: Vec<Delivery>, limit: u32) -> native::DeliveryList {
    let (found, next_before) = older_than(found, limit);
    native::DeliveryList { deliveries: found.iter().map(delivery).collect(), next_before }
}

/// A secret of a client for a webhook of this format: the chat systems have secrets of their own form.
pub fn read_secret_of(format: Option<&str>, secret: Option<String>) -> Result<Option<Secret>, Invalid> {
    let is_chat = format.and_then(Format::parse).is_some_and(Format::is_chat);
    match secret {
        Some(text) if is_chat => Secret::of_chat(&text).map(Some),
        secret => read_secret(secret),
    }
}

/// A secret chosen by the client.
pub fn read_secret(secret: Option<String>) -> Result<Option<Secret>, Invalid> {
    let read = |text: String| {
        let bytes = webhooks::read_secret(&text).ok_or_else(|| Invalid::new("secret", Problem::NotSecret));
        Secret::new(bytes?)
    };
    secret.map(read).transpose()
}

/// A message as sent: the values of its three headers and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedMessage {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The body, JSON.
    pub body: String,
}

/// Renders the message of a delivery, unless that was done before, and signs it for an attempt now.
///
/// # Errors
/// [`Error::Internal`] if the message cannot be serialized, which does not happen.
pub fn signed_message(claimed: &ClaimedDelivery, now: Timestamp) -> Result<SignedMessage> {
    let body = match &claimed.payload {
        Payload::Rendered(body) => body.clone(),
        Payload::Event(event) => message(&claimed.kind, event, &claimed.repository)?,
    };
    let timestamp = now.as_second();
    let secrets = claimed.webhook.secrets(now).map(Secret::bytes);
    let signature = webhooks::sign(secrets, &claimed.id, timestamp, body.as_bytes());
    Ok(SignedMessage { id: claimed.id.clone(), timestamp, signature, body })
}

/// A message for an attempt now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The URL. That of a chat system may have a signature.
    pub url: String,
    /// The headers beside the type of the content, which is JSON.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: String,
    /// What is stored: the body without what authenticates this attempt.
    pub stored: String,
}

/// The message of a delivery for an attempt now. `notification` is what a chat is told, unless that was put into words
/// before.
///
/// # Errors
/// [`Error::Internal`] if the message cannot be serialized, which does not happen.
pub fn outgoing_message(
    claimed: &ClaimedDelivery,
    notification: Option<&Notification>,
    public_url: Option<&str>,
    now: Timestamp,
) -> Result<OutgoingMessage> {
    let webhook = &claimed.webhook;
    if webhook.content.format.is_chat() {
        let stored = match (&claimed.payload, notification) {
            (_, Some(notification)) => chat::body(webhook, notification, public_url)?,
            (Payload::Rendered(body), None) => body.clone(),
            (Payload::Event(_), None) => return Err(Error::Internal("a chat message without words".into())),
        };
        let (url, body) = chat::authenticated(webhook, &stored, now);
        return Ok(OutgoingMessage { url, headers: Vec::new(), body, stored });
    }
    let signed = signed_message(claimed, now)?;
    let headers = vec![
        (webhooks::ID_HEADER, signed.id),
        (webhooks::TIMESTAMP_HEADER, signed.timestamp.to_string()),
        (webhooks::SIGNATURE_HEADER, signed.signature),
    ];
    Ok(OutgoingMessage { url: webhook.url.clone(), headers, stored: signed.body.clone(), body: signed.body })
}

/// The message of a test for a webhook of any format.
///
/// # Errors
/// As [`test_message`].
pub fn test_message_for(
    webhook: &Webhook,
    path: &str,
    public_url: Option<&str>,
    at: Timestamp,
) -> Result<String> {
    let repository = webhook.repository_id;
    if !webhook.content.format.is_chat() {
        return test_message(repository, path, at);
    }
    chat::body(webhook, &Notification { repository, path: path.to_owned(), news: News::Test }, public_url)
}

/// The message of a test.
///
/// # Errors
/// [`Error::Internal`] if the message cannot be serialized, which does not happen.
pub fn test_message(repository: RepositoryId, path: &str, at: Timestamp) -> Result<String> {
    let data = native::Data {
        repository: repository_ref(repository, path),
        event: None,
        pipeline: None,
        job: None,
        gate: None,
    };
    write(&native::Message { kind: TEST_KIND.to_owned(), timestamp: time(at), data })
}

fn message(kind: &str, event: &Event, path: &str) -> Result<String> {
    let event_json = events::event(event);
    let data = native::Data {
        repository: repository_ref(event.repository_id, path),
        event: Some(event.number),
        pipeline: event_json.pipeline,
        job: event_json.job.filter(|_| kind.starts_with("job.")),
        gate: event_json.gate,
    };
    write(&native::Message { kind: kind.to_owned(), timestamp: time(event.at), data })
}

fn repository_ref(id: RepositoryId, path: &str) -> native::RepositoryRef {
    native::RepositoryRef { id: id.get(), path: path.to_owned() }
}

fn write(message: &native::Message) -> Result<String> {
    serde_json::to_string(message)
        .map_err(|e| Error::Internal(format!("a message cannot be serialized: {e}")))
}
