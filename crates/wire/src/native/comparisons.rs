//! `GET /native/v1/repositories/{id}/pipelines/{pipeline_id}/changes` and `.../comparison`.

use super::pipelines::Pipeline;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A job of one of the compared pipelines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedJob {
    /// The id of the newest attempt.
    #[schemars(extend("zh" = "最新一次执行的 ID。"))]
    pub job_id: i32,
    /// The stage's name.
    #[schemars(extend("zh" = "阶段名称。"))]
    pub stage: String,
    /// The job's name.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: String,
    /// The status of the newest attempt.
    #[schemars(extend("zh" = "最新一次执行的状态。"))]
    pub status: String,
    /// The time from start to end in milliseconds; null if one of them is unknown.
    #[schemars(extend("zh" = "从开始到结束的时长，毫秒；其中之一未知则为 null。"))]
    pub duration_ms: Option<i64>,
}

/// A job whose result differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobChange {
    /// The job before; null: it did not exist.
    #[schemars(extend("zh" = "之前的任务；null 表示不存在。"))]
    pub base: Option<ComparedJob>,
    /// The job now.
    #[schemars(extend("zh" = "现在的任务。"))]
    pub head: ComparedJob,
}

/// A job that took more than twice its usual duration, and at least 10 seconds longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlowerJob {
    /// The job.
    #[serde(flatten)]
    pub job: ComparedJob,
    /// The median duration of its successful runs in earlier pipelines of the ref and source, in milliseconds.
    #[schemars(extend("zh" = "同一分支或标签和来源的更早流水线中成功执行的耗时中位数，毫秒。"))]
    pub usual_ms: i64,
}

/// A job that fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FailedJob {
    /// The job.
    #[serde(flatten)]
    pub job: ComparedJob,
    /// The first pipeline of the ref and source since which it fails.
    #[schemars(extend("zh" = "自该流水线起失败。"))]
    pub since_pipeline_id: i32,
    /// It may fail for longer: the pipelines before that were not read.
    #[schemars(extend("zh" = "可能更早就已失败：更早的流水线未读取。"))]
    pub since_or_earlier: bool,
}

/// The changes of a pipeline compared with the earlier ones of its ref and source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The pipeline's id.
    #[schemars(extend("zh" = "流水线 ID。"))]
    pub pipeline_id: i32,
    /// The pipeline before it; null: it is the first.
    #[schemars(extend("zh" = "上一条流水线；null 表示没有。"))]
    pub previous: Option<Pipeline>,
    /// The last pipeline before it that succeeded; null: none did.
    #[schemars(extend("zh" = "此前最近一条成功的流水线；null 表示此前没有。"))]
    pub last_green: Option<Pipeline>,
    /// If the pipeline failed: the first one that failed after `last_green`; null: it did not fail.
    #[schemars(extend("zh" = "若该流水线失败：`last_green` 之后第一条失败的流水线；null 表示未失败。"))]
    pub failing_since: Option<Pipeline>,
    /// The jobs that fail.
    #[schemars(extend("zh" = "失败的任务。"))]
    pub failed: Vec<FailedJob>,
    /// The jobs that pass, and whose last result before was a failure.
    #[schemars(extend("zh" = "已恢复的任务：现在成功，此前最近一次结果为失败。"))]
    pub fixed: Vec<JobChange>,
    /// The jobs that got slower.
    #[schemars(extend("zh" = "变慢的任务。"))]
    pub slower: Vec<SlowerJob>,
}

/// The differences of two pipelines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The pipeline that is compared with.
    #[schemars(extend("zh" = "作为比较基准的流水线。"))]
    pub base: Pipeline,
    /// The pipeline.
    #[schemars(extend("zh" = "流水线。"))]
    pub head: Pipeline,
    /// The jobs that fail in `head` and not in `base`.
    #[schemars(extend("zh" = "在 `head` 中失败、在 `base` 中未失败的任务。"))]
    pub newly_failed: Vec<JobChange>,
    /// The jobs that fail in both.
    #[schemars(extend("zh" = "在两者中都失败的任务。"))]
    pub still_failed: Vec<JobChange>,
    /// The jobs that fail in `base` and succeed in `head`.
    #[schemars(extend("zh" = "在 `base` 中失败、在 `head` 中成功的任务。"))]
    pub fixed: Vec<JobChange>,
    /// The other jobs of both with another status, or with a failure that makes only one of them fail.
    #[schemars(extend("zh" = "两者都有、状态不同的其他任务，或失败仅使其中之一失败的任务。"))]
    pub other: Vec<JobChange>,
    /// The jobs that got slower.
    #[schemars(extend("zh" = "变慢的任务。"))]
    pub slower: Vec<SlowerJob>,
    /// The jobs that only `head` has.
    #[schemars(extend("zh" = "仅 `head` 有的任务。"))]
    pub added: Vec<ComparedJob>,
    /// The jobs that only `base` has.
    #[schemars(extend("zh" = "仅 `base` 有的任务。"))]
    pub removed: Vec<ComparedJob>,
}
