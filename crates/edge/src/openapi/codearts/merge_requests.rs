//! Merge requests.

use super::super::operation::{Operation, operation};
use wire::codearts::approver_settings::ApproverSetting;
use wire::codearts::merge_request_lists::{CommitMergeRequest, MergeRequestListed};
use wire::codearts::mergeable_state::MergeableState;
use wire::codearts::show_merge_request::ShowMergeRequest;

pub fn operations() -> Vec<Operation> {
    let mut all = lists();
    all.extend([
        operation(
            "ShowMergeRequestDetail",
            ("查询合并请求详情", "Show a merge request"),
            (
                "合并请求的分支与最新提交。仅代码托管平台才有的信息为固定值。",
                "The branches and the head of a merge request. Fields that only the forge has are constant.",
            ),
        )
        .returns::<ShowMergeRequest>(200),
        operation(
            "ShowMergeableStateOuter",
            ("查询合并请求可合入状态", "Show whether a merge request may be merged"),
            (
                "`ci_state_passed`：目标分支设有合并门禁规则时，门禁结论为 `passed` 则为 true；否则，最新提交的流水线成功，且该提交在所有流水线中没有失败或未结束的任务时为 true，没有流水线时为 false。本服务没有其他门禁的信息，其值固定。",
                "If a rule of the merge gate applies to the target branch, `ci_state_passed` is true if the verdict is `passed`. Otherwise it is true if the pipeline of the head succeeded and no job of that commit, in any pipeline, failed or is unfinished; it is false without a pipeline. The values of the other gates are constant.",
            ),
        )
        .returns::<MergeableState>(200),
        operation(
            "ListMergeRequestApproverSettings",
            ("查询合并请求审核设置列表", "List the approver settings of merge requests"),
            (
                "要求流水线通过后才能合入的目标分支：合并门禁规则中的每个目标分支模式对应一条。没有规则时列表为空。",
                "The target branches whose merges require the results of pipelines: one setting for each pattern of target branches in the rules of the merge gate. Without rules the list is empty.",
            ),
        )
        .query("target_type offset limit")
        .returns::<Vec<ApproverSetting>>(200)
        .with_headers("X-Total!"),
    ]);
    all
}

fn lists() -> Vec<Operation> {
    vec![
        operation(
            "ListRepositoryMergeRequests",
            ("查询仓库的合并请求列表", "List the merge requests of a repository"),
            (
                "已知的合并请求及其最新提交的流水线状态。所有合并请求的状态均为 `opened`。",
                "The known merge requests with the statuses of the pipelines of their heads. Every merge request is `opened`.",
            ),
        )
        .query("state order_by sort author_id source_branch target_branch search source_repository_id only_count labels offset limit")
        .returns::<Vec<MergeRequestListed>>(200)
        .with_headers("X-Total!"),
        operation(
            "ListProjectMergeRequests",
            ("查询项目下的合并请求列表", "List the merge requests of a project"),
            (
                "CodeArts 项目中当前用户有权访问的仓库的合并请求。",
                "The merge requests of the repositories of a CodeArts project that the caller may see.",
            ),
        )
        .query("state order_by sort author_id source_branch target_branch search source_repository_id only_count labels topic offset limit")
        .returns::<Vec<MergeRequestListed>>(200)
        .with_headers("X-Total!"),
        operation(
            "ListPersonalMergeRequests",
            ("查询个人的合并请求列表", "List the merge requests that the caller may see"),
            (
                "当前用户有权访问的所有仓库的合并请求。创建人、检视人和合并人未知，因此 `scope` 为 `all` 以外的值时列表为空。",
                "The merge requests of all repositories that the caller may see. Authors, reviewers and assignees are unknown, so the list of every `scope` but `all` is empty.",
            ),
        )
        .query("scope state order_by sort author_id source_branch target_branch search created_after created_before updated_after updated_before merged_after merged_before merged_by wip view source_repository_id only_count labels offset limit")
        .returns::<Vec<MergeRequestListed>>(200)
        .with_headers("X-Total!"),
        operation(
            "ListCommitAssociatedMergeRequests",
            ("查询提交关联的合并请求列表", "List the merge requests of a commit"),
            (
                "以该提交为最新提交、或曾以其为最新提交的合并请求，编号大的在前。",
                "The merge requests whose head is or was the commit, highest number first.",
            ),
        )
        .query("offset limit")
        .returns::<Vec<CommitMergeRequest>>(200)
        .with_headers("X-Total!"),
    ]
}
