//! Parameters of the CodeArts dialect, and the limits of its bodies.

use super::{limits, parameters};
use crate::codearts::repositories::{ORDERS, PROJECT_ORDERS, SEARCH_MAX, SORTS};
use crate::openapi::shape::{ANY, FLAG, INTEGER, NAME, TIME};
use domain::model::page::LIMIT_MAX;
use domain::model::text::DESCRIPTION_MAX;

parameters! {
    "search": ANY.long(0, SEARCH_MAX) =>
        "名称或路径中包含的关键字，最长 512 个字符。",
        "A text that the name or path contains, up to 512 characters.";
    "order_by": ANY.one_of(ORDERS).default("created_at") => "排序字段。", "The sort field.";
    "ListProjectRepositories.order_by": ANY.one_of(PROJECT_ORDERS).default("updated_at") => "排序字段。", "The sort field.";
    "sort": ANY.one_of(SORTS).default("desc") => "排序方向：升序或降序。", "Ascending or descending.";
    "ListCurrentUserRepositories.archived": FLAG.default("false") => "仅返回已归档的仓库。", "Only archived repositories.";
    "membership": FLAG.default("false") => "只列您作为成员的仓库。", "Only repositories of which the caller is a member.";
    "user_created": FLAG.default("false") => "只列您创建的仓库。", "Only repositories that the caller created.";
    "ListCurrentUserRepositories.starred": FLAG.default("false") =>
        "只列已收藏的；本服务不支持收藏，因此为空。",
        "Only starred repositories; always empty, because repositories cannot be starred.";
    "page_index": INTEGER.within(1, i32::MAX as i64).default("1") => "页码，从 1 开始。", "The page number, from 1.";
    "page_size": INTEGER.within(1, LIMIT_MAX).default("20") => "每页条数。", "Items per page.";
    "ListUserAllRepositories.page_size": INTEGER.within(1, LIMIT_MAX).default("100") => "每页条数。", "Items per page.";
}

limits! {
    // Errors and envelopes.
    "code": ANY.example("CH.010001");
    // Pipelines and jobs.
    "JobWithStage.name BaseJob.name": NAME.example("任务1");
    "LatestStage.name PipelineStage.name": NAME.example("external");
    "sort_id": INTEGER.within(1, i32::MAX as i64);
    "type": ANY.one_of(&[wire::codearts::merge_requests::MERGE_REQUEST]);
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
