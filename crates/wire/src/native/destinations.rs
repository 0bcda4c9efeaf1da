//! `/native/v1/repositories/{id}/destinations`. `docs/forwarding.md` describes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A forge that receives the statuses of commits. No response has its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Destination {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The API of the forge: `github`, `gitlab`, `gitea` (also Forgejo) or `bitbucket` (Server, Data Center).
    #[schemars(description = "The API of the forge.", extend("zh" = "代码托管平台的接口类型。"))]
    pub kind: String,
    /// The base URL of the API.
    #[schemars(extend("zh" = "接口的根 URL。"))]
    pub url: String,
    /// The project at the forge: `owner/name`; for GitLab the id or the full path.
    #[schemars(extend("zh" = "目标项目：`owner/name`；GitLab 为项目 ID 或完整路径。"))]
    pub project: String,
    /// The forwarded content: `pipeline`, one status for each source; `jobs`, one for each job that matches; `gate`,
    /// the verdict of the merge gate, one for each target branch.
    #[schemars(extend("zh" = "转发内容：`pipeline` 为每个来源一个状态；`jobs` 为每个匹配的任务一个状态；`gate` 为合并门禁的结论，每个目标分支一个状态。"))]
    pub choice: String,
    /// The patterns of `stage/name`; `*` matches any text.
    #[schemars(extend("zh" = "任务的匹配规则，格式为 `stage/name`，`*` 匹配任意文本。"))]
    pub jobs: Vec<String>,
    /// Statuses of these sources are not sent.
    #[schemars(extend("zh" = "不转发这些来源的状态。"))]
    pub except_sources: Vec<String>,
    /// Whether statuses are sent.
    #[schemars(extend("zh" = "是否启用。"))]
    pub enabled: bool,
    /// The time since which the forge has not responded, or could not serve requests; null: it works.
    #[schemars(extend("zh" = "开始持续失败的时间；正常时为 null。"))]
    pub failing_since: Option<String>,
    /// The time until which nothing is sent, because the forge limits the request rate.
    #[schemars(extend("zh" = "因代码托管平台限流而暂停发送，直到此时间。"))]
    pub paused_until: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
}

/// `GET .../destinations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DestinationList {
    /// Oldest first.
    #[schemars(description = "The destinations.", extend("zh" = "转发目标列表。"))]
    pub destinations: Vec<Destination>,
}

/// `POST .../destinations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewDestination {
    /// The API of the forge: `github`, `gitlab`, `gitea` (also Forgejo) or `bitbucket` (Server, Data Center).
    #[schemars(description = "The API of the forge.", extend("zh" = "代码托管平台的接口类型。"))]
    pub kind: String,
    /// The base URL of the API.
    #[schemars(extend("zh" = "接口的根 URL。"))]
    pub url: String,
    /// The project at the forge: `owner/name`; for GitLab the id or the full path.
    #[schemars(extend("zh" = "目标项目：`owner/name`；GitLab 为项目 ID 或完整路径。"))]
    pub project: String,
    /// The token for the API. It is never returned.
    #[schemars(extend("zh" = "接口的令牌，不会在响应中返回。"))]
    pub token: String,
    /// The forwarded content: `pipeline`, the default; `jobs`, the default if there are patterns; or `gate`.
    #[schemars(description = "The forwarded content.", extend("zh" = "转发内容。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// The patterns of `stage/name`; `*` matches any text.
    #[schemars(extend("zh" = "任务的匹配规则，格式为 `stage/name`，`*` 匹配任意文本。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Vec<String>>,
    /// Statuses of these sources are not sent.
    #[schemars(extend("zh" = "不转发这些来源的状态。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except_sources: Option<Vec<String>>,
    /// Whether statuses are sent; the default is true.
    #[schemars(description = "Whether statuses are sent.", extend("zh" = "是否启用。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// `PATCH .../destinations/{destination_id}`. Absent fields are unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DestinationChange {
    /// The base URL of the API. If it changes, the token is required too.
    #[schemars(extend("zh" = "接口的根 URL。更换时须同时提供令牌。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The project at the forge.
    #[schemars(extend("zh" = "目标项目。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The token for the API.
    #[schemars(extend("zh" = "接口的令牌。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The forwarded content.
    #[schemars(extend("zh" = "转发内容。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// The patterns of `stage/name`; `*` matches any text.
    #[schemars(extend("zh" = "任务的匹配规则，格式为 `stage/name`，`*` 匹配任意文本。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Vec<String>>,
    /// Statuses of these sources are not sent.
    #[schemars(extend("zh" = "不转发这些来源的状态。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except_sources: Option<Vec<String>>,
    /// Whether statuses are sent.
    #[schemars(extend("zh" = "是否启用。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// The expected and the last sent state of one commit and context at a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForwardedState {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i64,
    /// The commit; null for a test.
    #[schemars(extend("zh" = "提交 ID；测试为 null。"))]
    pub sha: Option<String>,
    /// The context under which the forge shows it.
    #[schemars(extend("zh" = "状态在代码托管平台上的名称（context）。"))]
    pub context: String,
    /// The subject of the state: `pipeline`, `job` or `test`.
    #[schemars(description = "The subject of the state.", extend("zh" = "状态的对象。"))]
    pub target: String,
    /// `pending`: it is to be sent; `sent`: the forge has it; `stopped`: it is not tried again.
    #[schemars(extend("zh" = "`pending`：待发送；`sent`：已送达；`stopped`：不再重试。"))]
    pub progress: String,
    /// The reason why it is pending or stopped: `failing`, the forge does not respond or cannot serve requests;
    /// `rate_limited`, it limits the rate; `refused`, it refuses the status; `exhausted`, all attempts failed.
    #[schemars(description = "The reason why it is pending or stopped.", extend("zh" = "等待或停止的原因。"))]
    pub reason: Option<String>,
    /// The status that the forge is to have; null: there is none, or a list has the state and it is sent.
    #[schemars(extend("zh" = "应送达的状态；没有时为 null，列表中已送达的也为 null。"))]
    pub wanted_status: Option<String>,
    /// The status at the forge, in the terms of the forge.
    #[schemars(extend("zh" = "代码托管平台已有的状态。"))]
    pub sent_state: Option<String>,
    /// The description that the forge has.
    #[schemars(extend("zh" = "代码托管平台已有的描述。"))]
    pub sent_description: Option<String>,
    /// The page that the forge links to.
    #[schemars(extend("zh" = "代码托管平台链接的页面。"))]
    pub sent_url: Option<String>,
    /// The time at which the forge accepted it.
    #[schemars(extend("zh" = "送达时间。"))]
    pub sent_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "最近一次变化的时间。"))]
    pub changed_at: String,
    /// Attempts since the last change or retry.
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
    pub last_response: Option<String>,
    /// The reason why there was no response.
    #[schemars(extend("zh" = "没有响应的原因。"))]
    pub last_error: Option<String>,
}

/// `GET .../destinations/{destination_id}/states`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForwardedStateList {
    /// The states, newest first.
    #[schemars(description = "The states.", extend("zh" = "状态列表。"))]
    pub states: Vec<ForwardedState>,
    /// The `before` of the next page; null on the last page.
    #[schemars(extend("zh" = "查询下一页时 `before` 的值；null 表示没有下一页。"))]
    pub next_before: Option<i64>,
}

/// `POST .../destinations/{destination_id}/retry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RetriedStates {
    /// The number of states that are retried.
    #[schemars(extend("zh" = "重新尝试的状态数。"))]
    pub retried: u64,
}
