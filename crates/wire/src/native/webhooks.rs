//! `/native/v1/repositories/{id}/webhooks`, and what is sent to a webhook. Told in `docs/webhooks.md`.

use super::events::{JobThen, PipelineThen};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A webhook. `secret` is there only in the answers to its making and its rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// Its number.
    pub id: i32,
    /// Where messages are sent.
    pub url: String,
    /// Which events: `pipeline`, `job`.
    pub events: Vec<String>,
    /// A line for people.
    pub description: Option<String>,
    /// `whsec_` and base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
    /// Until when the secret before signs as well; null: there is none.
    pub old_secret_until: Option<String>,
    /// Since when nothing is sent; null: it is on.
    pub disabled_at: Option<String>,
    /// Why nothing is sent: `manual`, `gone` (the receiver answered 410) or `failing` (for five days).
    pub disabled_why: Option<String>,
    /// Since when every attempt has failed.
    pub failing_since: Option<String>,
    /// When it was made.
    pub created_at: String,
}

/// `GET .../webhooks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookList {
    /// Oldest first.
    pub webhooks: Vec<Webhook>,
}

/// `POST .../webhooks`. Only `url` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewWebhook {
    /// http or https.
    pub url: String,
    /// Which events: `pipeline`, `job`. Absent: `pipeline`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// A line for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A secret to keep, `whsec_` and the base64 of 24 to 64 bytes; else a random one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// `PATCH .../webhooks/{webhook_id}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WebhookChange {
    /// http or https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Which events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// A line for people; empty: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Off, or on again: what waited is then sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// `POST .../webhooks/{webhook_id}/secret`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewSecret {
    /// A secret to keep; else a random one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A message to a webhook, and how far it is. `body` is there only where one is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// The `webhook-id` of every attempt.
    pub id: String,
    /// The message's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The number of the event it tells; null: it is a test.
    pub event: Option<i64>,
    /// When that was recorded.
    pub created_at: String,
    /// `pending`, `delivered` or `failed`.
    pub state: String,
    /// Attempts since it was made, or asked for again.
    pub attempts: u32,
    /// When the next one is; null: there is none.
    pub next_at: Option<String>,
    /// When the last one ended.
    pub last_at: Option<String>,
    /// The HTTP status it got.
    pub last_status: Option<u16>,
    /// The beginning of the answer it got.
    pub last_answer: Option<String>,
    /// Why it got none.
    pub last_error: Option<String>,
    /// What was sent, byte for byte; null before the first attempt.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
}

/// `GET .../webhooks/{webhook_id}/deliveries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryList {
    /// The newest first.
    pub deliveries: Vec<Delivery>,
    /// Give this as `before` for those before; null: this was the last page.
    pub next_before: Option<String>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// `pipeline.` or `job.` and a status, or `webhook.test`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When the event was recorded.
    pub timestamp: String,
    /// What happened.
    pub data: Data,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Where.
    pub repository: RepositoryRef,
    /// The event's number in its repository, in the order of the commits; absent in a test.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<i64>,
    /// The pipeline as it was then; absent in a test.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pipeline: Option<PipelineThen>,
    /// The attempt as it was then; in messages of jobs only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub job: Option<JobThen>,
}

/// A repository, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "as of a repository")]
pub struct RepositoryRef {
    pub id: i32,
    pub path: String,
}

/// The page of a webhook as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookWithDeliveries {
    /// The webhook.
    pub webhook: Webhook,
    /// Its deliveries, newest first.
    pub deliveries: Vec<Delivery>,
    /// Give this as `before` for the next page; null on the last.
    pub next_before: Option<String>,
}
