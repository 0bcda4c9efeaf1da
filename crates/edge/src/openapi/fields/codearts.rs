//! Fields of the CodeArts dialect. Most texts of a repository are the official reference's; what only git knows is null here.

use super::fields;
use crate::codearts::repositories::{ORDERS, PROJECT_ORDERS, SEARCH_MAX, SORTS};
use crate::openapi::shape::{ANY, FLAG, INTEGER, NAME, TIME};
use domain::model::page::LIMIT_MAX;
use domain::model::text::DESCRIPTION_MAX;

fields! {
    // Parameters.
    "search": ANY.long(0, SEARCH_MAX) => "名称或路径中包含的文字，最长 512 个字符。", "A text that the name or path contains, up to 512 characters.";
    "order_by": ANY.one_of(ORDERS).default("created_at") => "排序字段。", "Sorted by what.";
    "ListProjectRepositories.order_by": ANY.one_of(PROJECT_ORDERS).default("updated_at") => "排序字段。", "Sorted by what.";
    "sort": ANY.one_of(SORTS).default("desc") => "升序或降序。", "Which way.";
    "ListCurrentUserRepositories.archived": FLAG.default("false") => "只列已归档的。", "Archived ones instead.";
    "membership": FLAG.default("false") => "只列您是成员的。", "Only those you are a member of.";
    "user_created": FLAG.default("false") => "只列您创建的。", "Only those you made.";
    "ListCurrentUserRepositories.starred": FLAG.default("false") => "只列已收藏的；这里没有收藏，因此为空。", "Only starred ones; nothing is starred here.";
    "page_index": INTEGER.within(1, i32::MAX as i64).default("1") => "页码，从 1 开始。", "The page, from 1.";
    "page_size": INTEGER.within(1, LIMIT_MAX).default("20") => "每页条数。", "Items on a page.";
    "ListUserAllRepositories.page_size": INTEGER.within(1, LIMIT_MAX).default("100") => "每页条数。", "Items on a page.";
    // Errors and envelopes.
    "error": ANY => "失败原因；成功时没有。", "Why it failed; absent on success.";
    "result": ANY => "结果；失败时没有。", "What was asked for; absent on failure.";
    "code": ANY.example("CH.010001") => "错误码，与语言无关。", "The code, the same in every language.";
    "message": ANY => "错误说明，用调用者的语言。", "What went wrong, in the caller's language.";
    // Pipelines and jobs.
    "JobWithStage.name BaseJob.name": NAME.example("任务1") => "任务名称。", "The job's name.";
    "LatestStage.name PipelineStage.name": NAME.example("external") => "阶段名称。", "The stage's name.";
    "sort_id": INTEGER.within(1, i32::MAX as i64) => "阶段的次序。", "The stage's place among the stages.";
    "data": ANY => "最新提交的流水线；没有为 null。", "The head's pipeline; null when there is none.";
    "is_valid": FLAG => "最新提交有流水线。", "The head has a pipeline.";
    "is_invalid": FLAG => "其提交已不是最新提交。", "Its commit is no longer the head.";
    "type": ANY.one_of(&[wire::codearts::merge_requests::MERGE_REQUEST]) => "流水线类型。", "What started it.";
    "is_latest": FLAG => "同一 ref 上没有更新的流水线。", "No newer pipeline is on its ref.";
    "all_job_finished": FLAG => "所有任务都已结束。", "Every job has ended.";
    // Repositories.
    "namespace group_name full_path": ANY => "命名空间。", "The namespace.";
    "path": ANY => "路径的最后一段。", "The last segment of the path.";
    "path_with_namespace": ANY => "带命名空间的路径。", "The path with its namespace.";
    "name_with_namespace full_name": ANY => "带命名空间的名称。", "The name with its namespace.";
    "develop_mode": ANY => "开发模式。", "The mode of development.";
    "security security_tag": ANY => "安全级别；未知为 null。", "The security level; null, for it is not known.";
    "star_count forks_count open_issues_count open_merge_requests_count label_count": INTEGER => "数量；这里没有，因此为 0。", "How many; there are none here.";
    "member_count branch_count tag_count commit_count": INTEGER => "数量；未知为 null。", "How many; null where it is not known.";
    "starred star": FLAG => "是否收藏。", "Whether it is starred.";
    "last_activity_at last_repository_updated_at": TIME => "最近活动的时间。", "When something last happened in it.";
    "forked_from_repository": ANY => "派生自哪个仓库。", "The repository it was forked from.";
    "RepositorySimplest.permissions userRole access_level": INTEGER => "权限级别：20 只读，30 上报，40 管理。", "The level of access: 20 read, 30 report, 40 manage.";
    "permissions": ANY => "调用者的权限。", "What the caller may do.";
    "repository_access": ANY => "在仓库中的权限。", "In the repository itself.";
    "group_access": ANY => "在组中的权限。", "In its group.";
    "notification_level": INTEGER => "通知级别。", "Which notifications.";
    "description": ANY.long(0, DESCRIPTION_MAX) => "说明。", "A line for people.";
    "ssh_url_to_repo http_url_to_repo https_url ssh_url import_url": ANY => "git 地址；未知为 null。", "Where its git is; null where it is not known.";
    "web_url PipelineDetail.web_url": ANY => "在浏览器中查看的地址；未知为 null。", "Where a person sees it; null where it is not known.";
    "RepositorySimplest.status ProjectRepository.status": ANY => "状态；其取值没有公开，为 null。", "Its state; null, for its words are not published.";
    "RepoInfoV2.status": INTEGER => "0 正常，1 创建中，2 创建失败，3 已冻结，4 已关闭。", "0 ready, 1 being made, 2 could not be made, 3 frozen, 4 closed.";
    "Envelope.status": ANY.one_of(&["success", "failed"]) => "调用的结果。", "How the call ended.";
    "active_statistic": ANY => "活跃度；未知为 null。", "Figures of activity; null.";
    "project_is_delete": FLAG => "项目已删除。", "The project was deleted.";
    "project_is_deleted": ANY.one_of(&["true", "false"]) => "项目已删除，用文本表示。", "The project was deleted, as a text.";
    "creator_id owner_id": INTEGER => "用户 ID。", "A user's id.";
    "creator_name": ANY => "创建者的名称。", "Who made it.";
    "domain_name tenant_name": ANY => "账号名称。", "The account's name.";
    "iam_user_uuid": ANY => "创建者的 IAM ID；未知为 null。", "The creator's IAM id; null.";
    "is_owner": INTEGER => "1：调用者创建了它；0：不是。", "1: the caller made it; 0: not.";
    "lfs_size RepoInfoV2.repository_size": ANY => "大小，如 `1.5M`；未知为 null。", "A size like `1.5M`; null where it is not known.";
    "repository_name": ANY => "仓库名称。", "The repository's name.";
    "RepoInfoV2.visibility_level Namespace.visibility_level": INTEGER => "0 私有，10 内部，20 公开。", "0 private, 10 internal, 20 public.";
    "CreateRepository.name": NAME.example("demo") => "仓库名称：字母、数字、`-`、`_`、`.`。", "The name: letters, digits, `-`, `_`, `.`.";
    "CreateRepository.visibility_level": INTEGER.default("0") => "0 私有，20 公开。", "0 private, 20 public.";
    "import_members template_id gitignore_id license_id enable_readme caller CreateRepository.import_url": ANY => "会被忽略：git 在别处。", "Not looked at: its git is elsewhere.";
    "moderation_result": FLAG => "审核结果。", "The result of moderation.";
    "avatar_url": ANY => "头像地址。", "Its picture.";
    "empty_repo": FLAG => "仓库为空。", "It is empty.";
    "network_type repo_type repository_type kind": ANY => "类型。", "Its kind.";
    "owner creator": ANY => "用户。", "A user.";
    "ancestor_ids ancestor_names parent_id": ANY => "上级组；未知为 null。", "The groups above; null.";
    "import_status import_error": ANY => "导入的情况；未知为 null。", "How its import went; null.";
    "only_allow_merge_if_pipeline_succeeds only_allow_merge_if_all_discussions_are_resolved request_access_enabled merge_method enable_file_control": ANY => "合并规则；属于 git 所在之处，为 null。", "A rule of its git host; null.";
    "fork_network_repositories": ANY => "派生网络中的仓库；未知为 null。", "Repositories of the same fork network; null.";
    "statistics": ANY => "大小；未知为 null。", "Sizes; null.";
    "storage_size repository_size lfs_objects_size tenant_repo_size_limit": ANY => "大小。", "A size.";
    "username name_cn nick_name": ANY => "用户的名称。", "The user's name.";
    "state": ANY => "`active` 或 `blocked`。", "`active` or `blocked`.";
    "service_license_status": INTEGER => "许可状态；未知为 null。", "The state of a licence; null.";
}
