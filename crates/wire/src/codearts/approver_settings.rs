//! `GET /v4/repositories/{repository_id}/approver-settings`: which target branches require the results of pipelines.

use super::show_repository::RepositoryUser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A setting of a target branch (`MergeRequestApproverSettingResultDto`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApproverSetting {
    /// The position of the setting in the list, from 1.
    #[schemars(extend("zh" = "设置在列表中的序号，从 1 开始。"))]
    pub id: String,
    /// The target branch; `*` matches any text.
    #[schemars(extend("zh" = "目标分支，`*` 表示任意字符。"))]
    pub target: String,
    /// Always `branch`.
    #[schemars(extend("zh" = "始终为 `branch`。"))]
    pub target_type: String,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub is_use_approval: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub approval_required_reviewers: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub approval_required_approvers: Option<i32>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub reset_approvals_on_push: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub reset_reviewers_on_push: Option<bool>,
    /// Unknown, always null.
    #[schemars(extend("zh" = "未知，始终为 null。"))]
    pub approvers_from_project: Option<bool>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub append_reviewer_ids: Vec<i32>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub append_reviewers: Vec<RepositoryUser>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub append_approver_ids: Vec<i32>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub append_approvers: Vec<RepositoryUser>,
    /// Whether jobs of the head must succeed before a merge.
    #[schemars(extend("zh" = "是否要求最新提交的任务成功后才能合入。"))]
    pub only_merge_when_pipeline_pass: bool,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub assignee_ids: Vec<i32>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub assignees: Vec<RepositoryUser>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub approver_ids: Vec<i32>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub approvers: Vec<RepositoryUser>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub reviewer_ids: Vec<i32>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub reviewers: Vec<RepositoryUser>,
}
