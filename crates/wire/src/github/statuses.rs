//! `POST /repos/{owner}/{repo}/statuses/{sha}`, `GET .../commits/{ref}/statuses` and `GET .../commits/{ref}/status`.

use super::repositories::Repository;
use super::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt of a job as a status in a combined status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SimpleStatus {
    /// The address of the statuses of the commit.
    #[schemars(extend("zh" = "该提交的状态的地址。"))]
    pub url: String,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub avatar_url: Option<String>,
    /// The attempt's id, unique in its repository.
    #[schemars(extend("zh" = "任务（一次执行）的 ID，在仓库内编号。"))]
    pub id: i32,
    /// The id as text.
    #[schemars(extend("zh" = "文本形式的 ID。"))]
    pub node_id: String,
    /// The state: `error`, `failure`, `pending` or `success`.
    #[schemars(description = "The state.", extend("zh" = "状态。"))]
    pub state: String,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    pub target_url: Option<String>,
    /// The name of the job, after its stage if that is not `external`.
    #[schemars(extend("zh" = "任务名称；阶段不是 external 时前面加上阶段名称。"))]
    pub context: String,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of the last change.
    #[schemars(extend("zh" = "最近修改时间。"))]
    pub updated_at: String,
}

/// One attempt of a job as a status of its commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The fields that a combined status has too.
    #[serde(flatten)]
    pub status: SimpleStatus,
    /// The user who reported it first; null if that user was deleted.
    #[schemars(extend("zh" = "首次上报的用户；用户已删除时为 null。"))]
    pub creator: Option<User>,
}

/// The newest attempts of all jobs of a commit, and the state that follows from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CombinedStatus {
    /// `failure`, `pending` or `success`.
    #[schemars(description = "The state of the commit.", extend("zh" = "提交的状态。"))]
    pub state: String,
    /// The newest attempts.
    #[schemars(extend("zh" = "各任务的最新执行。"))]
    pub statuses: Vec<SimpleStatus>,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The number of jobs.
    #[schemars(extend("zh" = "任务数。"))]
    pub total_count: u64,
    /// The repository.
    #[schemars(extend("zh" = "仓库。"))]
    pub repository: Repository,
    /// The address of the commit.
    #[schemars(extend("zh" = "提交的地址。"))]
    pub commit_url: String,
    /// The address of this body.
    #[schemars(extend("zh" = "本响应的地址。"))]
    pub url: String,
}
