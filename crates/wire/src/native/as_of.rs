//! The past of a pipeline, a commit or a gate: what a response with `as_of` has in addition.

use super::history::Credential;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The moment of a past state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AsOf {
    /// The time: the requested one, or that of the receipt of the report.
    #[schemars(extend("zh" = "时间：指定的时间，或该上报的接收时间。"))]
    pub at: String,
    /// The last report that is included; null: none was received by the time.
    #[schemars(extend("zh" = "计入的最后一次上报；此前没有上报则为 null。"))]
    pub last_report: Option<AsOfReport>,
    /// Whether all data of that time is kept.
    #[schemars(extend("zh" = "当时的记录是否都还保留。"))]
    pub complete: bool,
    /// States before this time may be incomplete; null: nothing was deleted.
    #[schemars(extend("zh" = "早于该时间的状态可能不完整；没有删除过记录则为 null。"))]
    pub kept_since: Option<String>,
    /// The origin of a verdict: `recorded` at that time, or `replayed` from the reports; absent beside other states.
    #[schemars(extend("zh" = "结论的来源：`recorded` 为当时的记录，`replayed` 为根据上报重新计算；其他状态不返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<String>,
}

/// The last report of a past state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AsOfReport {
    /// The report's number in its repository.
    #[schemars(extend("zh" = "上报 ID，在仓库内编号。"))]
    pub report_id: i64,
    /// Its pipeline.
    #[schemars(extend("zh" = "流水线 ID。"))]
    pub pipeline_id: i32,
    /// Its attempt.
    #[schemars(extend("zh" = "执行的 ID。"))]
    pub job_id: i32,
    /// The reporter; null for reports of Stagepost.
    #[schemars(extend("zh" = "上报者；Stagepost 自身的上报为 null。"))]
    pub reporter: Option<String>,
    /// The credential of the report.
    #[schemars(extend("zh" = "上报所用的凭据。"))]
    pub credential: Option<Credential>,
    /// The reported status.
    #[schemars(extend("zh" = "上报的状态。"))]
    pub status: String,
    /// The time of arrival.
    #[schemars(extend("zh" = "接收时间。"))]
    pub received_at: String,
}
