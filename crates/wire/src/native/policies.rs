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
        extend("zh" = "无上报超时：未结束的任务超过该秒数没有上报即为 `timedout`；null：不限。")
    )]
    pub silence_limit: Option<i64>,
    /// The inactivity timeouts of single stages, by name, instead of `silence_limit`; null: none.
    #[schemars(
        extend("zh" = "各阶段的无上报超时（按名称），取代 `silence_limit`；null：不限。")
    )]
    pub stage_limits: BTreeMap<String, Option<i64>>,
    /// Pipelines that changed within this number of seconds are kept; null: no retention by age.
    #[schemars(extend("zh" = "在此秒数内有更新的流水线会被保留；null：不按时间保留。"))]
    pub keep_for: Option<i64>,
    /// The number of newest pipelines to keep for each ref; null: one.
    #[schemars(
        description = "The number of newest pipelines to keep for each ref.",
        extend("zh" = "每个 ref 保留的最新流水线数量。")
    )]
    pub keep_per_ref: Option<i64>,
}
