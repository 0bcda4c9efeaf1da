//! `/rest/build-status/{version}/commits/...` and
//! `/rest/api/{version}/projects/{owner}/repos/{repo}/commits/{sha}/builds`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The newest attempt of a job as a build status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuildStatus {
    /// The name of the job, after its stage if that is not `external`.
    #[schemars(extend("zh" = "任务名称；阶段不是 external 时前面加上阶段名称。"))]
    pub key: String,
    /// The title of the details, which a report gives as `name`; without it, the key.
    #[schemars(extend("zh" = "详情的标题，即上报时的 name；没有时与 key 相同。"))]
    pub name: String,
    /// The state: `SUCCESSFUL`, `FAILED`, `INPROGRESS` or `CANCELLED`.
    #[schemars(description = "The state.", extend("zh" = "状态。"))]
    pub state: String,
    /// The link in the build system, or empty.
    #[schemars(extend("zh" = "构建系统中的链接，或为空。"))]
    pub url: String,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The build system's id of the attempt.
    #[schemars(extend("zh" = "该次执行在构建系统中的 ID。"))]
    pub build_number: Option<String>,
    /// The branch or tag, with `refs/heads/` or `refs/tags/`.
    #[schemars(extend("zh" = "分支或标签，带有 refs/heads/ 或 refs/tags/ 前缀。"))]
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// The duration in milliseconds; null if unknown.
    #[schemars(extend("zh" = "耗时，毫秒；未知为 null。"))]
    pub duration: Option<i64>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_date: i64,
    /// The time of the last change.
    #[schemars(extend("zh" = "最近修改时间。"))]
    pub updated_date: i64,
    /// The time of the last change.
    #[schemars(extend("zh" = "最近修改时间。"))]
    pub date_added: i64,
    /// The numbers of tests; absent if unknown.
    #[schemars(extend("zh" = "测试数量；未知时不返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub test_results: Option<TestResults>,
}

/// The numbers of the tests of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestResults {
    /// Tests that failed.
    #[schemars(extend("zh" = "失败的测试数。"))]
    pub failed: i32,
    /// Tests that passed.
    #[schemars(extend("zh" = "通过的测试数。"))]
    pub successful: i32,
    /// Tests that did not run.
    #[schemars(extend("zh" = "跳过的测试数。"))]
    pub skipped: i32,
}

/// A page of build statuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuildStatusPage {
    /// The number of items on the page.
    #[schemars(extend("zh" = "本页条数。"))]
    pub size: u64,
    /// The greatest number of items on a page.
    #[schemars(extend("zh" = "每页的最大条数。"))]
    pub limit: u32,
    /// The number of items before the page.
    #[schemars(extend("zh" = "本页之前的条数。"))]
    pub start: u32,
    /// Whether there is no next page.
    #[schemars(extend("zh" = "是否为最后一页。"))]
    pub is_last_page: bool,
    /// The `start` of the next page; null if there is none.
    #[schemars(extend("zh" = "下一页的 start；没有时为 null。"))]
    pub next_page_start: Option<u32>,
    /// The items.
    #[schemars(extend("zh" = "各项。"))]
    pub values: Vec<BuildStatus>,
}

/// The numbers of the jobs of a commit by the state of their newest attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuildStats {
    /// Jobs that succeeded or were skipped.
    #[schemars(extend("zh" = "成功或跳过的任务数。"))]
    pub successful: u64,
    /// Jobs that are not finished.
    #[schemars(extend("zh" = "未结束的任务数。"))]
    pub in_progress: u64,
    /// Jobs that failed or timed out.
    #[schemars(extend("zh" = "失败或超时的任务数。"))]
    pub failed: u64,
    /// Jobs that were canceled.
    #[schemars(extend("zh" = "取消的任务数。"))]
    pub cancelled: u64,
    /// Always 0.
    #[schemars(extend("zh" = "始终为 0。"))]
    pub unknown: u64,
}
