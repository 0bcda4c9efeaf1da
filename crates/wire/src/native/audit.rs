//! `GET /native/v1/audit` and `GET /native/v1/repositories/{id}/audit`; a line of the file of `--audit-log`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Entries, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditList {
    /// The entries.
    #[schemars(extend("zh" = "审计记录，最新的在前。"))]
    pub entries: Vec<AuditEntry>,
    /// The value of `before` for the next page; null: this is the last one. A page may be short, or empty, without
    /// being the last.
    #[schemars(extend("zh" = "下一页的 `before`；null 表示最后一页。未满或为空的页也可能有下一页。"))]
    pub next_before: Option<i64>,
}

/// A change, or refused requests that are summed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// The number of the entry.
    #[schemars(extend("zh" = "记录编号。"))]
    pub id: i64,
    /// The time of the request; of a sum, of the first one.
    #[schemars(extend("zh" = "请求时间；合并的记录为首次时间。"))]
    pub at: String,
    /// The last time of a sum; otherwise as `at`.
    #[schemars(extend("zh" = "合并的记录的最近时间；否则与 `at` 相同。"))]
    pub last_at: String,
    /// The action that was done or refused.
    #[schemars(extend("zh" = "操作，或被拒绝的操作。"))]
    pub action: String,
    /// The actor.
    #[schemars(extend("zh" = "操作者。"))]
    pub actor: AuditActor,
    /// The address of the client; null: unknown, several, or no client.
    #[schemars(extend("zh" = "客户端地址；未知、多个或没有客户端时为 null。"))]
    pub address: Option<String>,
    /// The credential of the request; null: none.
    #[schemars(extend("zh" = "请求所用的凭据；没有则为 null。"))]
    pub credential: Option<AuditCredential>,
    /// The object of the change; null: a refusal.
    #[schemars(extend("zh" = "变更的对象；拒绝记录为 null。"))]
    pub object: Option<AuditObject>,
    /// The repository of the object.
    #[schemars(extend("zh" = "对象所属的仓库。"))]
    pub repository_id: Option<i32>,
    /// The changed fields before; secrets are left out.
    #[schemars(extend("zh" = "变更前的字段，不含任何密钥。"))]
    pub before: Option<Map<String, Value>>,
    /// The changed fields afterwards; secrets are left out.
    #[schemars(extend("zh" = "变更后的字段，不含任何密钥。"))]
    pub after: Option<Map<String, Value>>,
    /// The id of the request, as `X-Request-Id` has it; of a sum, of the last one.
    #[schemars(extend("zh" = "请求 ID，与 `X-Request-Id` 相同；合并的记录为最近一次的。"))]
    pub request_id: Option<String>,
    /// The reason of the refusal; null: a change.
    #[schemars(extend("zh" = "拒绝的原因；变更记录为 null。"))]
    pub reason: Option<String>,
    /// The number of requests or objects that the entry sums up.
    #[schemars(extend("zh" = "该记录合并的请求或对象的数量。"))]
    pub count: i64,
}

/// The author of a change, or the user whose name a refused request contained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditActor {
    /// `user`, `operator` (a command on the data directory), `server` (the server itself) or `anonymous`.
    #[schemars(extend(
        "zh" = "类型：`user`、`operator`（在数据目录上执行的命令）、`server`（服务器自身）或 `anonymous`。"
    ))]
    pub kind: String,
    /// The id of the user.
    #[schemars(extend("zh" = "用户 ID。"))]
    pub id: Option<i64>,
    /// The name as it was then.
    #[schemars(extend("zh" = "当时的名称。"))]
    pub name: Option<String>,
}

/// The credential of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditCredential {
    /// `password`, `session`, `token`, `key`, `temporary_key` or `offline`.
    #[schemars(extend("zh" = "类型：`password`、`session`、`token`、`key`、`temporary_key` 或 `offline`。"))]
    pub kind: String,
    /// The id of the token or session, or the AK.
    #[schemars(extend("zh" = "令牌或会话的 ID，或 AK。"))]
    pub id: Option<String>,
}

/// The object of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditObject {
    /// The kind.
    #[schemars(extend("zh" = "类型。"))]
    pub kind: String,
    /// The id, the AK of a key, or the commit of a gate.
    #[schemars(extend("zh" = "ID；访问密钥为 AK，门禁为提交 ID。"))]
    pub id: String,
    /// The name as it was then.
    #[schemars(extend("zh" = "当时的名称。"))]
    pub name: Option<String>,
}
