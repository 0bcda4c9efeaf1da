//! `/native/v1/repositories/{id}/webhooks`, and the messages to webhooks. `docs/webhooks.md` describes them.

use super::events::{GateThen, JobThen, PipelineThen};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A webhook. Only the responses to its creation and to a rotation have the `secret`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The URL to which messages are sent; of a chat system only its host, because the whole is a credential.
    #[schemars(
        description = "The URL; of a chat system only its host.",
        extend("zh" = "接收消息的 URL；聊天系统的 URL 只显示主机。")
    )]
    pub url: String,
    /// The chat system; null: signed messages for programs.
    #[schemars(extend("zh" = "聊天系统；null 表示供程序使用的签名消息。"))]
    #[serde(default)]
    pub format: Option<String>,
    /// The language of messages for people: `zh` or `en`; null without a chat.
    #[schemars(extend("zh" = "聊天消息的语言：`zh` 或 `en`；非聊天为 null。"))]
    #[serde(default)]
    pub language: Option<String>,
    /// Patterns of refs and target branches; null: all.
    #[schemars(extend("zh" = "分支、标签或目标分支的模式；null 表示全部。"))]
    #[serde(default)]
    pub refs: Option<Vec<String>>,
    /// Patterns of `stage/name` of jobs; null: all.
    #[schemars(extend("zh" = "任务 `阶段/名称` 的模式；null 表示全部。"))]
    #[serde(default)]
    pub jobs: Option<Vec<String>>,
    /// The subscribed events: `pipeline`, `job`.
    #[schemars(description = "The subscribed events.", extend("zh" = "订阅的事件。"))]
    pub events: Vec<String>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The secret: `whsec_` and base64.
    #[schemars(extend("zh" = "签名密钥：`whsec_` 后接 base64 编码。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
    /// The user by whose rights messages for people are sent: the one who created it, or to whom it was given. Null: it
    /// is not known.
    #[schemars(
        description = "The user by whose rights messages for people are sent.",
        extend("zh" = "所有者：聊天消息以其权限发送；未知时为 null。")
    )]
    #[serde(default)]
    pub owner: Option<String>,
    /// The time until which the previous secret also signs; null: there is none.
    #[schemars(extend("zh" = "旧密钥的失效时间，此前仍用于签名；没有为 null。"))]
    pub old_secret_until: Option<String>,
    /// The time at which it was disabled; null: it is enabled.
    #[schemars(extend("zh" = "停用时间；启用时为 null。"))]
    pub disabled_at: Option<String>,
    /// The reason why it is disabled: `manual`, `gone` (the receiver returned 410), `failing` (for five
    /// days) or `no_access` (its owner may not read the repository).
    #[schemars(description = "The reason why it is disabled.", extend("zh" = "停用原因。"))]
    pub disabled_why: Option<String>,
    /// The time since which every attempt has failed.
    #[schemars(extend("zh" = "开始持续失败的时间。"))]
    pub failing_since: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
}

/// `GET .../webhooks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookList {
    /// Oldest first.
    #[schemars(description = "The webhooks.", extend("zh" = "Webhook 列表。"))]
    pub webhooks: Vec<Webhook>,
}

/// `POST .../webhooks`. Only `url` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewWebhook {
    /// The http or https URL to which messages are sent.
    #[schemars(extend("zh" = "接收消息的 http 或 https URL。"))]
    pub url: String,
    /// The subscribed events: `pipeline`, `job`, `gate`. Absent: `pipeline`.
    #[schemars(description = "The subscribed events.", extend("zh" = "订阅的事件。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The secret, `whsec_` and the base64 of 24 to 64 bytes; if absent, a random one.
    #[schemars(
        description = "The secret: `whsec_` and base64; of Feishu and DingTalk the one that they show.",
        extend("zh" = "签名密钥：`whsec_` 后接 base64 编码；飞书和钉钉为其显示的密钥。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The form of the messages: `signed`, `slack`, `feishu`, `dingtalk` or `wecom`. Absent: `signed`.
    #[schemars(description = "The form of the messages.", extend("zh" = "消息格式。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The language of messages for people: `zh` or `en`. Absent: `zh`.
    #[schemars(description = "The language of messages for people.", extend("zh" = "聊天消息的语言。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Patterns of refs and target branches, in which `*` matches any text. Absent: all.
    #[schemars(
        description = "Patterns of refs and target branches.",
        extend("zh" = "分支、标签或目标分支的模式。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refs: Option<Vec<String>>,
    /// Patterns of `stage/name` for events of jobs. Absent: all.
    #[schemars(description = "Patterns of jobs.", extend("zh" = "任务的模式。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Vec<String>>,
}

/// `PATCH .../webhooks/{webhook_id}`. Absent fields are unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WebhookChange {
    /// The http or https URL to which messages are sent.
    #[schemars(extend("zh" = "接收消息的 http 或 https URL。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The subscribed events.
    #[schemars(extend("zh" = "订阅的事件。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// The description; empty: none.
    #[schemars(description = "The description.", extend("zh" = "描述。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is disabled. When it is enabled again, pending messages are sent.
    #[schemars(description = "Whether it is disabled.", extend("zh" = "是否已停用。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Patterns of refs and target branches; empty: all.
    #[schemars(
        description = "Patterns of refs and target branches.",
        extend("zh" = "分支、标签或目标分支的模式。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refs: Option<Vec<String>>,
    /// Patterns of `stage/name` of jobs; empty: all.
    #[schemars(description = "Patterns of jobs.", extend("zh" = "任务的模式。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Vec<String>>,
    /// The name of a user who manages the repository, by whose rights messages for people are sent from now on. It
    /// enables a webhook that was disabled by `no_access`.
    #[schemars(
        description = "The name of the new owner, who manages the repository.",
        extend("zh" = "新所有者的用户名，须为仓库的管理者。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// `POST .../webhooks/{webhook_id}/secret`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewSecret {
    /// The secret: `whsec_` and base64.
    #[schemars(extend("zh" = "签名密钥：`whsec_` 后接 base64 编码。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A message to a webhook and the state of its delivery. Only the response for a single delivery has the
/// `body`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// The `webhook-id` of every attempt.
    #[schemars(extend("zh" = "投递 ID，即 `webhook-id`。"))]
    pub id: String,
    /// The message's type.
    #[schemars(extend("zh" = "消息类型。"))]
    #[serde(rename = "type")]
    pub kind: String,
    /// The number of the event; null for a test.
    #[schemars(extend("zh" = "事件编号；测试消息为 null。"))]
    pub event: Option<i64>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// `pending`, `delivered` or `failed`.
    #[schemars(description = "The state of the delivery.", extend("zh" = "投递状态。"))]
    pub state: String,
    /// Attempts since its creation or last redelivery request.
    #[schemars(description = "The number of attempts.", extend("zh" = "尝试次数。"))]
    pub attempts: u32,
    /// The time of the next attempt; null: there is none.
    #[schemars(extend("zh" = "下次尝试时间；没有时为 null。"))]
    pub next_at: Option<String>,
    /// The end time of the last attempt.
    #[schemars(extend("zh" = "最近一次尝试的结束时间。"))]
    pub last_at: Option<String>,
    /// The HTTP status of the response.
    #[schemars(extend("zh" = "响应的 HTTP 状态码。"))]
    pub last_status: Option<u16>,
    /// The beginning of the response.
    #[schemars(extend("zh" = "响应的开头部分。"))]
    pub last_answer: Option<String>,
    /// The reason why there was no response.
    #[schemars(extend("zh" = "没有响应的原因。"))]
    pub last_error: Option<String>,
    /// The exact body that was sent; null before the first attempt.
    #[schemars(description = "The exact body that was sent.", extend("zh" = "所发送的消息体。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
}

/// `GET .../webhooks/{webhook_id}/deliveries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryList {
    /// The deliveries, newest first.
    #[schemars(description = "The deliveries.", extend("zh" = "投递记录。"))]
    pub deliveries: Vec<Delivery>,
    /// The `before` of the next page; null on the last page.
    #[schemars(extend("zh" = "查询下一页时 `before` 的值；null 表示没有下一页。"))]
    pub next_before: Option<String>,
}

/// A message to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// `pipeline.` or `job.` and a status, `gate.` and a verdict, or `webhook.test`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The time at which the event was recorded.
    pub timestamp: String,
    /// The content.
    pub data: Data,
}

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The repository.
    pub repository: RepositoryRef,
    /// The event's number in its repository, in commit order; absent in a test.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<i64>,
    /// The pipeline at that time; absent in messages of gates and in a test.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pipeline: Option<PipelineThen>,
    /// The attempt at that time; in messages of jobs only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub job: Option<JobThen>,
    /// The recorded verdict; in messages of gates only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gate: Option<GateThen>,
}

/// The id and path of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of a repository")]
pub struct RepositoryRef {
    pub id: i32,
    pub path: String,
}

/// The page of a webhook, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookWithDeliveries {
    /// The webhook.
    pub webhook: Webhook,
    /// Its deliveries, newest first.
    pub deliveries: Vec<Delivery>,
    /// The `before` of the next page; null on the last page.
    pub next_before: Option<String>,
}
