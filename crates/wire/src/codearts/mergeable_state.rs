//! `GET /v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/mergeable-state-out`: one boolean for each
//! gate of CodeArts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The response of `.../merge-requests/{merge_request_iid}/mergeable-state-out`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergeableState {
    /// The merge request's number in its repository.
    #[schemars(extend("zh" = "合并请求在仓库中的编号。"))]
    pub merge_request_id: i32,
    /// The same as `ci_state_passed`.
    #[schemars(extend("zh" = "与 `ci_state_passed` 相同。"))]
    pub state: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub conflict_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub non_ff_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub merged_by_user_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub work_in_progress_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub resolve_discussion_passed: bool,
    /// Whether the results of the head commit allow the merge.
    #[schemars(extend("zh" = "最新提交的流水线结果是否允许合入。"))]
    pub ci_state_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub merge_by_self_passed: bool,
    /// Always false: this server merges nothing.
    #[schemars(extend("zh" = "始终为 false：本服务不执行合并。"))]
    pub can_force_merge: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub vote_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub e2e_check_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub all_issues_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub only_one_issue_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub approval_reviewers_required_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub approval_approvers_required_passed: bool,
    /// Always true: this server does not know it.
    #[schemars(extend("zh" = "始终为 true：本服务没有该信息。"))]
    pub evaluation_passed: bool,
}

impl MergeableState {
    /// The state of a merge request, of which only the results of the head commit are known.
    #[must_use]
    pub const fn new(iid: i32, results_passed: bool) -> Self {
        Self {
            merge_request_id: iid,
            state: results_passed,
            conflict_passed: true,
            non_ff_passed: true,
            merged_by_user_passed: true,
            work_in_progress_passed: true,
            resolve_discussion_passed: true,
            ci_state_passed: results_passed,
            merge_by_self_passed: true,
            can_force_merge: false,
            vote_passed: true,
            e2e_check_passed: true,
            all_issues_passed: true,
            only_one_issue_passed: true,
            approval_reviewers_required_passed: true,
            approval_approvers_required_passed: true,
            evaluation_passed: true,
        }
    }
}
