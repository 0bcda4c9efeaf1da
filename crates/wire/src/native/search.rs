//! `GET /native/v1/search`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchHit {
    /// What it is: `repository`, `pipeline`, `commit`, `ref`, `job` or `build`.
    #[schemars(extend("zh" = "类型：`repository`、`pipeline`、`commit`、`ref`、`job` 或 `build`。"))]
    pub kind: String,
    /// The text names it completely.
    #[schemars(extend("zh" = "搜索文本是否为其完整名称。"))]
    pub exact: bool,
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub repository_id: i32,
    /// The repository's path with namespace.
    #[schemars(extend("zh" = "仓库的完整路径。"))]
    pub repository: String,
    /// The pipeline; of a commit or ref the newest one, of a job that of its newest attempt.
    #[schemars(extend("zh" = "流水线 ID；提交和 ref 为最新的流水线，任务为其最新一次执行所在的流水线。"))]
    pub pipeline_id: Option<i32>,
    /// The attempt; of a job its newest one.
    #[schemars(extend("zh" = "执行的 ID；任务为其最新一次执行。"))]
    pub job_id: Option<i32>,
    /// The commit of the pipeline; null for jobs and builds.
    #[schemars(extend("zh" = "流水线的提交；任务和构建为 null。"))]
    pub sha: Option<String>,
    /// The ref of the pipeline.
    #[serde(rename = "ref")]
    #[schemars(extend("zh" = "流水线的分支或标签。"))]
    pub git_ref: Option<String>,
    /// The source of the pipeline.
    #[schemars(extend("zh" = "流水线的来源。"))]
    pub source: Option<String>,
    /// The stage of the job.
    #[schemars(extend("zh" = "任务所在的阶段。"))]
    pub stage: Option<String>,
    /// The name of the job.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: Option<String>,
    /// The build system's id of the attempt.
    #[schemars(extend("zh" = "该次执行在构建系统中的 ID。"))]
    pub third_build_id: Option<String>,
    /// The status of the pipeline or attempt.
    #[schemars(extend("zh" = "流水线或执行的状态。"))]
    pub status: Option<String>,
    /// The path of its page, below the public URL.
    #[schemars(extend("zh" = "页面路径，相对于公开地址。"))]
    pub page: String,
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchResults {
    /// The hits: grouped by kind, the best matches first; at most 10 of a kind.
    #[schemars(extend("zh" = "结果：按类型分组，匹配程度高的在前，每种最多 10 项。"))]
    pub results: Vec<SearchHit>,
    /// The kinds of which there are more.
    #[schemars(extend("zh" = "还有更多结果的类型。"))]
    pub more: Vec<String>,
    /// The page of the hit that the text means, if there is one such hit.
    #[schemars(extend("zh" = "唯一完整匹配的结果的页面路径；没有则为 null。"))]
    pub direct: Option<String>,
    /// The caller may read more repositories than the 500 with the latest changes or reports, which were searched.
    #[schemars(extend("zh" = "有权查看的仓库超过 500 个，仅搜索了其中最近有变更或上报的 500 个。"))]
    pub truncated: bool,
    /// Not all names of jobs and refs were compared, except those that begin with the text, with case.
    #[schemars(extend("zh" = "仓库的任务名或分支、标签名多于一次搜索所比较的数量；以该文本开头（区分大小写）的名称不受影响。"))]
    pub incomplete: bool,
}
