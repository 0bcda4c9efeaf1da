//! Parameters and headers of the GitLab dialect, and the limits of its bodies. Names and the six statuses are
//! GitLab's; displayed texts have the limits of the native API.

use super::{limits, parameters};
use crate::gitlab::refs::{BRANCH_ORDERS, TAG_ORDERS};
use crate::gitlab::translate::projects::READER;
use crate::gitlab::translate::{SCOPES, STATES};
use crate::openapi::shape::{ANY, DECIMAL, FLAG, ID, INTEGER, TIME, URL};
use domain::model::page::LIMIT_MAX;
use domain::model::repositories::Visibility;
use domain::model::text::{DESCRIPTION_MAX, NAME_MAX, URL_MAX};

parameters! {
    "project": ANY.example("2111976239") => "项目 ID，或 URL 编码的路径。", "The project's id, or its URL-encoded path.";
    "SetCommitStatus.sha": ANY.long(1, 64).example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "完整的提交 ID，或已有提交的 ID 前缀。",
        "The full commit id, or a prefix of a known one.";
    "GetCommit.sha ListCommitStatuses.sha ListMergeRequestsOfCommit.sha": ANY.example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "提交 ID 或其前缀，或者分支、标签。",
        "A commit id or its prefix, or a branch or tag.";
    "state": ANY.one_of(STATES) => "状态。", "The status.";
    "context": ANY.long(1, NAME_MAX) => "`name` 的别名。", "An alias of `name`.";
    "target_url": URL.long(1, URL_MAX) => "构建系统中的链接。", "The link in the build system.";
    "coverage": DECIMAL.within(0, 100) => "覆盖率，百分比。", "Test coverage in percent.";
    "ref": ANY.long(1, NAME_MAX).example("dev") => "分支或标签。", "The branch or tag.";
    "name": ANY.long(1, NAME_MAX) => "名称。", "The name.";
    "description": ANY.long(0, DESCRIPTION_MAX) => "描述。", "The description.";
    "scope[]": ANY.one_of(STATES).many() => "仅返回这些状态的任务，可多次指定。", "Only items with these statuses; may be repeated.";
    "ListProjectPipelines.scope": ANY.one_of(SCOPES) => "仅返回该类流水线。", "Only pipelines of this scope.";
    "ListProjectPipelines.status": ANY.one_of(STATES) => "仅返回该状态的流水线。", "Only pipelines with this status.";
    "ListProjectPipelines.sha": ANY => "仅返回该提交的流水线。", "Only pipelines of this commit.";
    "username": ANY => "触发者的用户名。", "Only pipelines that this user started.";
    "yaml_errors": FLAG => "仅返回配置有错的流水线，始终为空。", "Only pipelines with an invalid configuration; always empty.";
    "created_after created_before updated_after updated_before": ANY.example("2025-05-17T03:02:25Z") =>
        "仅返回此时间之后或之前的流水线。",
        "Only pipelines after or before this time.";
    "all": FLAG.default("false") => "是否包含被重试取代的执行。", "Whether to include attempts that were replaced by a newer one.";
    "include_retried": FLAG.default("false") =>
        "是否包含被重试取代的执行。",
        "Whether to include attempts that were replaced by a newer one.";
    "branch": ANY.long(1, NAME_MAX).example("dev") => "分支，须 URL 编码。", "The branch, URL-encoded.";
    "ListProjectBranches.search ListProjectTags.search": ANY.example("^release") =>
        "名称中的文本，忽略大小写；`^` 表示开头，`$` 表示结尾。",
        "A text in the name, ignoring case; `^` matches the start and `$` the end of the name.";
    "ListProjectBranches.sort": ANY.one_of(BRANCH_ORDERS).default("name_asc") => "排序方式。", "The order.";
    "ListProjectTags.order_by": ANY.one_of(TAG_ORDERS).default("updated") => "排序字段。", "The sort field.";
    "ListProjects.search": ANY => "路径或描述中的文本，忽略大小写。", "A text in the path or description, ignoring case.";
    "membership": FLAG.default("false") => "仅返回调用者为成员的项目。", "Only projects with the caller as a member.";
    "owned": FLAG.default("false") => "仅返回调用者创建的项目。", "Only projects that the caller created.";
    "ListProjects.archived": FLAG => "仅返回已归档或未归档的项目。", "Only archived projects, or only others.";
    "ListProjects.visibility": ANY.one_of(Visibility::NAMES) => "仅返回该可见性的项目。", "Only projects with this visibility.";
    "starred": FLAG.default("false") => "为 true 时列表为空。", "With true the list is empty.";
    "min_access_level": INTEGER.within(0, READER) =>
        "最多为 20：列表中的项目均可读。",
        "At most 20: every project of the list may be read.";
    "simple": FLAG.default("false") => "是否只返回基本字段。", "Whether to return only the basic fields.";
    "ListProjects.order_by": ANY.one_of(crate::gitlab::projects::ORDERS).default("created_at") =>
        "排序字段。",
        "The sort field.";
    "order_by": ANY.one_of(&["id"]).default("id") => "排序字段。", "The sort field.";
    "ListCommitStatuses.order_by": ANY.one_of(&["id", "pipeline_id"]).default("id") => "排序字段。", "The sort field.";
    "ListProjectPipelines.order_by": ANY.one_of(crate::gitlab::pipelines::ORDERS).default("id") =>
        "排序字段。",
        "The sort field.";
    "sort": ANY.one_of(&["asc", "desc"]) => "排序方向：升序或降序。", "Ascending or descending.";
    "page": INTEGER.within(1, i32::MAX as i64).default("1") => "页码。", "The page number.";
    "per_page": INTEGER.within(1, LIMIT_MAX).default("20") =>
        "每页条数；大于 100 时按 100 处理。",
        "Items per page; a larger value is treated as 100.";
    "pagination": ANY.one_of(&["offset", "legacy", "keyset"]) => "翻页方式。", "The pagination method.";
    "cursor": INTEGER.within(1, i32::MAX as i64) =>
        "上一页最后一条的 ID，取自 `Link` 响应头。",
        "The last id of the previous page; from `Link`.";
    // Headers of pages.
    "X-Page X-Total-Pages": INTEGER => "页码或总页数。", "The page number, and the number of pages.";
    "X-Per-Page": INTEGER => "每页条数。", "Items per page.";
    "X-Next-Page X-Prev-Page": ANY =>
        "下一页或上一页的页码；没有时为空。",
        "The number of the next or previous page; empty if there is none.";
    "Link": ANY => "其他页的链接。", "The addresses of the other pages.";
    "X-Stagepost-Adjusted": ANY.example("description=truncated, target_url=dropped") =>
        "接受前对上报内容所做的调整；没有调整时不返回。",
        "What the server adjusted in the report before it accepted it; absent if nothing.";
    // Commits, pipelines, jobs.
    "Pipeline.name PipelineDetail.name ListProjectPipelines.name": ANY => "流水线标识。", "The key of the pipeline.";
    "ListProjectPipelines.source": ANY => "仅返回该来源上报的记录。", "Only pipelines with this source.";
}

limits! {
    // Commits, pipelines, jobs.
    "Commit.id CommitBrief.id": ANY;
    "status": ANY.one_of(STATES);
    "authored_date committed_date": TIME;
    "project_id": ID.example("2111976239");
    "PipelineDetail.coverage": ANY;
    "Job.project": ANY;
    "Pipeline.iid PipelineDetail.iid": ID;
    "web_url": ANY;
    "CommitStatus.target_url": ANY;
    "CommitStatus.description Project.description MergeRequest.description": ANY;
    // Projects and users.
    "Project.id BasicProject.id": ID.example("2111976239");
    "Namespace.id": INTEGER;
    "last_activity_at": TIME;
    "BasicUser.state CurrentUser.state": ANY.one_of(&["active", "blocked"]);
    "MergeRequest.state": ANY.one_of(&["opened"]);
}
