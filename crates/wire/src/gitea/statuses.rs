//! `POST` and `GET /api/v1/repos/{owner}/{repo}/statuses/{sha}`, `GET .../commits/{ref}/statuses` and `GET
//! .../commits/{ref}/status`.

use super::repositories::Repository;
use super::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One attempt of a job as a status of its commit. Its state is called `status`, and that of a commit `state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitStatus {
    /// The attempt's id, unique in its repository.
    #[schemars(extend("zh" = "任务（一次执行）的 ID，在仓库内编号。"))]
    pub id: i32,
    /// The state: `pending`, `success`, `error`, `failure`, `warning` or `skipped`.
    #[schemars(description = "The state.", extend("zh" = "状态。"))]
    pub status: String,
    /// The link in the build system, or empty.
    #[schemars(extend("zh" = "构建系统中的链接，或为空。"))]
    pub target_url: String,
    /// The description, or empty.
    #[schemars(extend("zh" = "描述，或为空。"))]
    pub description: String,
    /// The address of the statuses of the commit.
    #[schemars(extend("zh" = "该提交的状态的地址。"))]
    pub url: String,
    /// The name of the job, after its stage if that is not `external`.
    #[schemars(extend("zh" = "任务名称；阶段不是 external 时前面加上阶段名称。"))]
    pub context: String,
    /// The user who reported it first; null if that user was deleted.
    #[schemars(extend("zh" = "首次上报的用户；用户已删除时为 null。"))]
    pub creator: Option<User>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of the last change.
    #[schemars(extend("zh" = "最近修改时间。"))]
    pub updated_at: String,
}

/// The newest attempts of all jobs of a commit, and the state that follows from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CombinedStatus {
    /// `failure`, `pending` or `success`.
    #[schemars(description = "The state of the commit.", extend("zh" = "提交的状态。"))]
    pub state: String,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The number of jobs.
    #[schemars(extend("zh" = "任务数。"))]
    pub total_count: u64,
    /// The newest attempts.
    #[schemars(extend("zh" = "各任务的最新执行。"))]
    pub statuses: Vec<CommitStatus>,
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
