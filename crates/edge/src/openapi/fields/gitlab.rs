//! Parameters and headers of the GitLab dialect, and the limits of its bodies. They are GitLab's: texts of at
//! most 255 characters, six statuses.

use super::{limits, parameters};
use crate::gitlab::translate::{SCOPES, STATES, TEXT_MAX};
use crate::openapi::shape::{ANY, DECIMAL, FLAG, ID, INTEGER, TIME, URL};
use domain::model::page::LIMIT_MAX;

parameters! {
    "project": ANY.example("2111976239") => "项目 ID，或 URL 编码的路径。", "The project's id, or its path, URL-encoded.";
    "SetCommitStatus.sha": ANY.long(1, 64).example("1c46c505c84853887efe2ea9ea02a1333bae2237") => "完整的提交 ID，或已有提交的 ID 前缀。", "The full commit id, or the beginning of one that is known.";
    "GetCommit.sha ListCommitStatuses.sha": ANY.example("1c46c505c84853887efe2ea9ea02a1333bae2237") => "提交 ID 或其前缀，或者分支、标签。", "A commit id, the beginning of one, or a branch or tag.";
    "state": ANY.one_of(STATES) => "状态。", "The status.";
    "context": ANY.long(1, TEXT_MAX) => "`name` 的别名。", "Another word for `name`.";
    "target_url": URL.long(1, TEXT_MAX) => "在构建系统中查看的地址。", "Where a person sees it in the build system.";
    "coverage": DECIMAL.within(0, 100) => "覆盖率，百分比。", "Test coverage, percent.";
    "ref": ANY.long(1, TEXT_MAX).example("dev") => "分支或标签。", "The branch or tag.";
    "name": ANY.long(1, TEXT_MAX) => "名称。", "The name.";
    "description": ANY.long(0, TEXT_MAX) => "描述。", "A line for people.";
    "scope[]": ANY.one_of(STATES).many() => "仅返回这些状态的任务，可多次指定。", "Only those with these statuses; may be given often.";
    "ListProjectPipelines.scope": ANY.one_of(SCOPES) => "仅返回该类流水线。", "Only one kind.";
    "ListProjectPipelines.status": ANY.one_of(STATES) => "仅返回该状态的流水线。", "Only those with this status.";
    "ListProjectPipelines.sha": ANY => "仅返回该提交的流水线。", "Only those of this commit.";
    "username": ANY => "触发者的用户名。", "Who started it; what a user signs in as.";
    "yaml_errors": FLAG => "仅返回配置有误的流水线；不存在此类流水线，结果为空。", "Only those with a broken configuration; there are none here.";
    "created_after created_before updated_after updated_before": ANY.example("2025-05-17T03:02:25Z") => "仅返回此时间之后或之前的流水线。", "Only those after or before this time.";
    "all": FLAG.default("false") => "是否包含被重试取代的执行。", "Attempts that a newer one replaced, too.";
    "include_retried": FLAG.default("false") => "是否包含被重试取代的执行。", "Attempts that a newer one replaced, too.";
    "order_by": ANY.one_of(&["id"]).default("id") => "排序字段。", "Sorted by what.";
    "ListCommitStatuses.order_by": ANY.one_of(&["id", "pipeline_id"]).default("id") => "排序字段。", "Sorted by what.";
    "ListProjectPipelines.order_by": ANY.one_of(crate::gitlab::pipelines::ORDERS).default("id") => "排序字段。", "Sorted by what.";
    "sort": ANY.one_of(&["asc", "desc"]) => "排序方向：升序或降序。", "Which way.";
    "page": INTEGER.within(1, i32::MAX as i64).default("1") => "页码。", "The page.";
    "per_page": INTEGER.within(1, LIMIT_MAX).default("20") => "每页条数；大于 100 时按 100 处理。", "Items on a page; more than 100 is taken as 100.";
    "pagination": ANY.one_of(&["offset", "legacy", "keyset"]) => "翻页方式。", "How to page.";
    "cursor": INTEGER.within(1, i32::MAX as i64) => "上一页最后一条的 ID，取自 `Link` 响应头。", "The id that the page before ended with; from `Link`.";
    // Headers of pages.
    "X-Page X-Total-Pages": INTEGER => "页码或总页数。", "The page, and how many there are.";
    "X-Per-Page": INTEGER => "每页条数。", "Items on a page.";
    "X-Next-Page X-Prev-Page": ANY => "下一页或上一页的页码；没有时为空。", "The page after, or before; empty if there is none.";
    "Link": ANY => "其他页的链接。", "Where the other pages are.";
    // Commits, pipelines, jobs.
    "Pipeline.name PipelineDetail.name ListProjectPipelines.name": ANY => "上报者指定的流水线标识。", "The reporters' own word for the pipeline.";
    "ListProjectPipelines.source": ANY => "仅返回该来源上报的记录。", "Only those reported by this kind of thing.";
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
    "CommitStatus.description Project.description": ANY;
    // Projects and users.
    "Project.id": ID.example("2111976239");
    "Namespace.id": INTEGER;
    "last_activity_at": TIME;
    "BasicUser.state CurrentUser.state": ANY.one_of(&["active", "blocked"]);
}
