//! Parameters of the CodeArts dialect, and the limits of its bodies.

use super::{limits, parameters};
use crate::codearts::approver_settings::TARGET_TYPES;
use crate::codearts::members::PERMISSIONS;
use crate::codearts::merge_requests::{PERSONAL_ORDERS, PERSONAL_STATES, SCOPES, STATES, VIEWS, WIP};
use crate::codearts::refs::{
    BRANCH_ORDERS, BRANCH_TYPES, BRANCH_VIEWS, NAME_MAX as REF_MAX, QUERY_VIEWS, TAG_ORDERS, TAG_VIEWS, TYPES,
};
use crate::codearts::repositories::{ORDERS, PROJECT_ORDERS, SEARCH_MAX, SORTS};
use crate::openapi::shape::{ANY, FLAG, ID, INTEGER, NAME, SHA, TIME};
use domain::model::page::LIMIT_MAX;
use domain::model::status::Status;
use domain::model::text::DESCRIPTION_MAX;

parameters! {
    "search": ANY.long(0, SEARCH_MAX) =>
        "名称或路径中包含的关键字，最长 512 个字符。",
        "A text that the name or path contains, up to 512 characters.";
    "order_by": ANY.one_of(ORDERS).default("created_at") => "排序字段。", "The sort field.";
    "ListProjectRepositories.order_by": ANY.one_of(PROJECT_ORDERS).default("updated_at") => "排序字段。", "The sort field.";
    "sort": ANY.one_of(SORTS).default("desc") => "排序方向：升序或降序。", "Ascending or descending.";
    "ListCurrentUserRepositories.archived": FLAG.default("false") => "仅返回已归档的仓库。", "Only archived repositories.";
    "membership": FLAG.default("false") => "仅返回您作为成员的仓库。", "Only repositories of which the caller is a member.";
    "user_created": FLAG.default("false") => "仅返回您创建的仓库。", "Only repositories that the caller created.";
    "ListCurrentUserRepositories.starred": FLAG.default("false") =>
        "只列已收藏的；本服务不支持收藏，因此为空。",
        "Only starred repositories; always empty, because repositories cannot be starred.";
    // Merge requests.
    "ListRepositoryMergeRequests.state ListProjectMergeRequests.state": ANY.one_of(STATES).default("all") =>
        "合并请求状态；已知的合并请求均为 `opened`。",
        "The state. Every known merge request is `opened`.";
    "ListPersonalMergeRequests.state": ANY.one_of(PERSONAL_STATES).default("all") =>
        "合并请求状态；已知的合并请求均为 `opened`。",
        "The state. Every known merge request is `opened`.";
    "ListPersonalMergeRequests.order_by": ANY.one_of(PERSONAL_ORDERS).default("created_at") => "排序字段。", "The sort field.";
    "ListRepositoryMergeRequests.search ListProjectMergeRequests.search ListPersonalMergeRequests.search": ANY.long(0, SEARCH_MAX) =>
        "源分支或目标分支中包含的关键字；标题和描述未知。",
        "A text that the source or target branch contains. Titles and descriptions are unknown.";
    "source_branch": NAME.example("feature") => "源分支。", "The source branch.";
    "target_branch": NAME.example("main") => "目标分支。", "The target branch.";
    "source_repository_id": ID => "仓库 ID。", "The repository's id.";
    "author_id": ANY => "创建人 ID；创建人未知，因此结果为空。", "Ids of authors. They are unknown, so the list is empty.";
    "labels": ANY => "标签；标签未知，因此结果为空。", "Labels. They are unknown, so the list is empty.";
    "topic": ANY => "主题；主题未知，因此结果为空。", "A topic. Topics are unknown, so the list is empty.";
    "merged_by": ANY => "合并人；合并人未知，因此结果为空。", "The user who merged it. Unknown, so the list is empty.";
    "merged_after merged_before": TIME =>
        "合并时间；合并时间未知，因此结果为空。",
        "The time of the merge. Unknown, so the list is empty.";
    "created_after updated_after": TIME => "不早于该时间。", "Not before this time.";
    "created_before updated_before": TIME => "早于该时间。", "Before this time.";
    "only_count": FLAG.default("false") =>
        "仅返回总数：响应体为空数组，总数在 `X-Total` 中。",
        "Only the number: the body is an empty array, the number is in `X-Total`.";
    "scope": ANY.one_of(SCOPES).default("all") => "范围；`all` 以外的结果为空。", "The scope. For every scope other than `all` the list is empty.";
    "wip": ANY.one_of(WIP) => "是否仅返回未完成的；此信息未知，因此结果为空。", "Only unfinished ones. It is unknown, so the list is empty.";
    "view": ANY.one_of(VIEWS) => "返回内容；不影响结果。", "The content of an item. It changes nothing.";
    "target_type": ANY.one_of(TARGET_TYPES).default("branch") => "设置的类型。", "The type of settings.";
    // Commits, branches and tags.
    "ShowCommit.sha": ANY.example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "提交 ID（可缩写），或分支、标签的名称。",
        "A commit id, which may be abbreviated, or the name of a branch or tag.";
    "sha": SHA => "提交 ID。", "The commit id.";
    "stats show_code_changes": FLAG => "变更未知；不影响结果。", "Changes are unknown. It changes nothing.";
    "type": ANY.one_of(TYPES) => "`branch` 或 `tag`；默认两者。", "`branch` or `tag`; by default both.";
    "branch_name": ANY.long(1, REF_MAX).example("dev") => "分支名称。", "The name of the branch.";
    "tag_name": ANY.long(1, REF_MAX).example("v1") => "标签名称。", "The name of the tag.";
    "ListTags.search ListRefsList.search": ANY.long(0, REF_MAX) => "名称中包含的关键字。", "A text that the name contains.";
    "creator": ANY => "创建者；创建者未知，因此结果为空。", "The creator. Creators are unknown, so the list is empty.";
    "ListBranches.sort": ANY.one_of(BRANCH_ORDERS) =>
        "`name` 按名称降序；`updated_desc`、`updated_asc` 按最新流水线。",
        "`name`: by name, descending; `updated_desc`, `updated_asc`: by the newest pipeline.";
    "ListTags.order_by": ANY.one_of(TAG_ORDERS).default("updated") => "排序字段。", "The sort field.";
    "ListBranches.view": ANY.one_of(BRANCH_VIEWS) => "返回内容；不影响结果。", "The content of an item. It changes nothing.";
    "ListTags.view": ANY.one_of(TAG_VIEWS) => "返回内容；不影响结果。", "The content of an item. It changes nothing.";
    "query_view": ANY.one_of(QUERY_VIEWS) =>
        "有流水线的分支均为活跃分支；`my_branches` 和 `stale` 的结果为空。",
        "Every branch that has pipelines is active: the lists of `my_branches` and `stale` are empty.";
    "branch_type": ANY.one_of(BRANCH_TYPES) => "未知分支保护；不影响结果。", "Protection is unknown. It changes nothing.";
    // Members and names.
    "ListMembers.search": ANY.long(0, SEARCH_MAX) => "用户名称中包含的关键字。", "A text that the user's name contains.";
    "permission": ANY.one_of(PERMISSIONS) => "权限点；不影响结果。", "An object of permissions. It changes nothing.";
    "group_name": ANY.example("demo") => "仓库路径中名称之前的部分。", "The path of the repository before its name.";
    "repository_name": ANY.example("cicd") => "仓库名称。", "The repository's name.";
    "page_index": INTEGER.within(1, i32::MAX as i64).default("1") => "页码，从 1 开始。", "The page number, from 1.";
    "page_size": INTEGER.within(1, LIMIT_MAX).default("20") => "每页条数。", "Items per page.";
    "ListUserAllRepositories.page_size": INTEGER.within(1, LIMIT_MAX).default("100") => "每页条数。", "Items per page.";
}

limits! {
    // Merge requests, commits, branches and tags.
    "MergeRequestListed.state CommitMergeRequest.state ShowMergeRequest.state MergeRequestBrief.state": ANY.one_of(&["opened"]);
    "RepositoryUser.state": ANY;
    "merge_status": ANY.one_of(&["unchecked"]);
    "pipeline_status pipeline_status_with_code_quality": ANY.one_of(Status::NAMES);
    "Commit.id ShowCommit.id ShowTag.target TagSimple.target": SHA;
    "ApproverSetting.id": ANY;
    "ApproverSetting.target_type": ANY.one_of(&["branch"]);
    "MergeRequestListed.labels CommitMergeRequest.labels ShowMergeRequest.labels": ANY;
    "MergeRequestListed.source_repository_id CommitMergeRequest.source_repository_id ShowMergeRequest.source_repository_id": ID;
    "target_repository_id": ID;
    "MergeRequestListed.web_url CommitMergeRequest.web_url ShowMergeRequest.web_url": ANY;
    // Errors and envelopes.
    "code": ANY.example("CH.010001");
    // Pipelines and jobs.
    "JobWithStage.name BaseJob.name": NAME.example("任务1");
    "LatestStage.name PipelineStage.name": NAME.example("external");
    "sort_id": INTEGER.within(1, i32::MAX as i64);
    "PipelineDetail.type": ANY.one_of(&[wire::codearts::merge_requests::MERGE_REQUEST]);
    // Repositories.
    "last_activity_at last_repository_updated_at": TIME;
    "description": ANY.long(0, DESCRIPTION_MAX);
    "web_url": ANY;
    "RepositorySimplest.status ProjectRepository.status": ANY;
    "RepoInfoV2.status": INTEGER;
    "Envelope.status": ANY.one_of(&["success", "failed"]);
    "project_is_deleted": ANY.one_of(&["true", "false"]);
    "CreateRepository.name": NAME.example("demo");
    "CreateRepository.visibility_level": INTEGER.default("0");
}
