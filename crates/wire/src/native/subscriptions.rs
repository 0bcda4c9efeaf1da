//! `/native/v1/subscriptions`: messages to a chat of one user.

use super::webhooks::Delivery;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A subscription of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscription {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub repository_id: i32,
    /// The repository's path; null if the caller may not read it now.
    #[schemars(extend("zh" = "仓库路径；当前无权查看时为 null。"))]
    pub repository: Option<String>,
    /// The host of the chat system: the whole URL is a credential. Null: the subscription is for the feed only.
    #[schemars(
        description = "The host of the chat system; null: for the feed only.",
        extend("zh" = "聊天系统的主机；仅用订阅源时为 null。")
    )]
    pub url: Option<String>,
    /// The chat system, or `feed`.
    #[schemars(extend("zh" = "聊天系统，或 `feed`。"))]
    pub format: String,
    /// The language of the messages: `zh` or `en`.
    #[schemars(extend("zh" = "消息语言：`zh` 或 `en`。"))]
    pub language: String,
    /// The subscribed events.
    #[schemars(extend("zh" = "订阅的事件。"))]
    pub events: Vec<String>,
    /// Patterns of refs and target branches; empty: all.
    #[schemars(extend("zh" = "分支、标签或目标分支的模式；空表示全部。"))]
    pub refs: Vec<String>,
    /// Patterns of `stage/name` of jobs; empty: all.
    #[schemars(extend("zh" = "任务 `阶段/名称` 的模式；空表示全部。"))]
    pub jobs: Vec<String>,
    /// Only pipelines that this user started; null: all.
    #[schemars(extend("zh" = "仅限此用户触发的流水线；null 表示全部。"))]
    pub author: Option<String>,
    /// The time at which it was disabled; null: it is enabled.
    #[schemars(extend("zh" = "停用时间；启用时为 null。"))]
    pub disabled_at: Option<String>,
    /// The reason why it is disabled.
    #[schemars(extend("zh" = "停用原因。"))]
    pub disabled_why: Option<String>,
    /// The time since which every attempt has failed.
    #[schemars(extend("zh" = "开始持续失败的时间。"))]
    pub failing_since: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
}

/// `GET /native/v1/subscriptions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscriptionList {
    /// The subscriptions, oldest first.
    #[schemars(extend("zh" = "订阅列表，最早的在前。"))]
    pub subscriptions: Vec<Subscription>,
}

/// The page of a subscription, as JSON. Deliveries have no bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionWithDeliveries {
    /// The subscription.
    pub subscription: Subscription,
    /// Its deliveries, newest first; null while the caller may not read the repository.
    pub deliveries: Option<Vec<Delivery>>,
    /// The `before` of the next page; null on the last page.
    pub next_before: Option<String>,
}

/// `POST /native/v1/subscriptions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewSubscription {
    /// Id or path of the repository.
    #[schemars(extend("zh" = "仓库的 ID 或路径。"))]
    pub repository: String,
    /// The URL that the chat system gave; absent for `feed`.
    #[schemars(extend("zh" = "聊天系统提供的 URL；`feed` 不填。"))]
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// `slack`, `feishu`, `dingtalk`, `wecom`; or `feed`: nothing is sent, and what matches is in the feed only.
    #[schemars(
        description = "The chat system; `feed`: nothing is sent, and what matches is in the feed only.",
        extend("zh" = "聊天系统；`feed` 表示不发送消息，仅出现在订阅源中。")
    )]
    pub format: String,
    /// The signing secret that Feishu or DingTalk shows; absent: messages are not signed.
    #[schemars(extend("zh" = "飞书或钉钉的签名密钥；不填则不签名。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The language of the messages: `zh` or `en`. Absent: `zh`.
    #[schemars(description = "The language of the messages.", extend("zh" = "消息语言。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The subscribed events: `pipeline`, `job`, `gate`. Absent: `pipeline`.
    #[schemars(description = "The subscribed events.", extend("zh" = "订阅的事件。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
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
    /// Only pipelines that this user started, as reports say.
    #[schemars(extend("zh" = "仅限上报中由此用户触发的流水线。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

/// `PATCH /native/v1/subscriptions/{subscription_id}`. Absent fields are unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SubscriptionChange {
    /// The URL that the chat system gave.
    #[schemars(extend("zh" = "聊天系统提供的 URL。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The subscribed events.
    #[schemars(extend("zh" = "订阅的事件。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Patterns of refs and target branches; empty: all.
    #[schemars(extend("zh" = "分支、标签或目标分支的模式；空表示全部。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refs: Option<Vec<String>>,
    /// Patterns of `stage/name` of jobs; empty: all.
    #[schemars(extend("zh" = "任务 `阶段/名称` 的模式；空表示全部。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Vec<String>>,
    /// Whether it is disabled. When it is enabled again, pending messages are sent.
    #[schemars(description = "Whether it is disabled.", extend("zh" = "是否已停用。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}
