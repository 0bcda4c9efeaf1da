//! `GET` and `PUT /native/v1/repositories/{id}/policies`. Times are whole seconds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The automation of a repository. An absent field is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Policies {
    /// The inactivity timeout: seconds without a report after which an unfinished job becomes `timedout`;
    /// null: none.
    #[schemars(
        description = "Seconds that an unfinished job may go without a report; null: for ever.",
        extend("zh" = "未结束的任务多少秒没有消息即视为超时；null：不限。")
    )]
    pub silence_limit: Option<i64>,
    /// The inactivity timeouts of single stages, by name, instead of `silence_limit`; null: none.
    #[schemars(
        description = "The same for single stages, by name; goes before `silence_limit`.",
        extend("zh" = "各阶段自己的时限，优先于 `silence_limit`。")
    )]
    pub stage_limits: BTreeMap<String, Option<i64>>,
    /// Keeps pipelines that changed within so many seconds; null: age keeps nothing.
    #[schemars(extend("zh" = "保留在此秒数内变化过的流水线；null：不按时间保留。"))]
    pub keep_for: Option<i64>,
    /// The number of newest pipelines to keep of each ref; null: one.
    #[schemars(
        description = "Keeps so many of the newest pipelines of each ref.",
        extend("zh" = "每个 ref 保留最新的若干条。")
    )]
    pub keep_per_ref: Option<i64>,
}
