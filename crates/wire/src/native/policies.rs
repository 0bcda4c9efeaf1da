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
        extend("zh" = "无上报超时，单位为秒：未结束的任务超过该时长没有上报即标记为超时；null 表示不限。")
    )]
    pub silence_limit: Option<i64>,
    /// The inactivity timeouts of single stages, by name, instead of `silence_limit`; null: none.
    #[schemars(
        description = "The same for single stages, by name; goes before `silence_limit`.",
        extend("zh" = "各阶段的无上报超时，优先于 `silence_limit`。")
    )]
    pub stage_limits: BTreeMap<String, Option<i64>>,
    /// Keeps pipelines that changed within so many seconds; null: age keeps nothing.
    #[schemars(extend("zh" = "保留时长，单位为秒：在该时长内有更新的流水线不会被删除；null 表示不按时间保留。"))]
    pub keep_for: Option<i64>,
    /// The number of newest pipelines to keep of each ref; null: one.
    #[schemars(
        description = "Keeps so many of the newest pipelines of each ref.",
        extend("zh" = "每个 ref 保留的最新流水线数量。")
    )]
    pub keep_per_ref: Option<i64>,
}
