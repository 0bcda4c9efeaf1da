//! Parameters of the GitHub dialect, and the limits of its bodies.

use super::{limits, parameters};
use crate::github::translate::{CHECK_RUN_STATUSES, CONCLUSIONS, LISTED_STATUSES, STATES};
use crate::openapi::shape::{ANY, INTEGER, NAME, SHA, TIME, URL};
use domain::model::details::{Level, PATH_MAX, TEXT_MAX, TITLE_MAX};
use domain::model::page::LIMIT_MAX;
use domain::model::text::{DESCRIPTION_MAX, NAME_MAX, URL_MAX};

parameters! {
    "owner": ANY.example("demo") => "仓库路径的第一段。", "The first part of the repository's path.";
    "repo": ANY.example("cicd") =>
        "仓库路径的其余部分，其中的 `/` 写为 `%2F`。",
        "The rest of the repository's path, with `%2F` for `/`.";
    "GitHubCreateCommitStatus.sha GitHubCreateCommitStatusAtRoot.sha": SHA.example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "完整的提交 ID。",
        "The full commit id.";
    "ref": ANY.long(1, NAME_MAX).example("dev") =>
        "分支或标签；省略时归入该提交已有的流水线。",
        "The branch or tag; by default that of a pipeline of the commit.";
    "sha": ANY.example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "提交 ID 或其前缀，或者分支、标签。",
        "A commit id or its prefix, or a branch or tag.";
    "state": ANY.one_of(STATES) => "状态。", "The state.";
    "context": ANY.long(1, NAME_MAX).default("default") =>
        "任务名称，不区分大小写。",
        "The name of the job; case is ignored.";
    "target_url": URL.long(1, URL_MAX) => "构建系统中的链接。", "The link in the build system.";
    "description": ANY.long(0, DESCRIPTION_MAX) => "描述。", "The description.";
    "check_name": ANY.long(1, 2 * NAME_MAX + 1).example("build") =>
        "仅返回该名称的检查运行。",
        "Only check runs of this name.";
    "status": ANY.one_of(LISTED_STATUSES) => "仅返回该状态的检查运行。", "Only check runs with this status.";
    "filter": ANY.one_of(&["latest", "all"]).default("latest") =>
        "latest 返回各任务的最新执行，all 返回每次执行。",
        "`latest`: the newest attempt of each job; `all`: every attempt.";
    "app_id": INTEGER.within(1, i32::MAX as i64) =>
        "仅返回该应用的检查运行；检查运行不属于任何应用，因此结果为空。",
        "Only check runs of this app. None is of an app, so the list is empty.";
    "page": INTEGER.within(1, i32::MAX as i64).default("1") => "页码。", "The page number.";
    "per_page": INTEGER.within(1, LIMIT_MAX).default("30") =>
        "每页条数；大于 100 时按 100 处理。",
        "Items per page; a larger value is treated as 100.";
    "Link": ANY => "其他页的链接；只有一页时不返回。", "The addresses of the other pages; absent if there is one page.";
    "Location": ANY => "该提交的状态的地址。", "The address of the statuses of the commit.";
    "X-Stagepost-Adjusted": ANY.example("description=truncated, target_url=dropped") =>
        "接受前对上报内容所做的调整；没有调整时不返回。",
        "What the server adjusted in the report before it accepted it; absent if nothing.";
}

limits! {
    "NewCheckRun.name": NAME.example("lint");
    "head_sha": SHA;
    "external_id": NAME.example("42");
    "NewCheckRun.status CheckRunChange.status": ANY.one_of(CHECK_RUN_STATUSES);
    "conclusion": ANY.one_of(CONCLUSIONS);
    "NewCheckRun.details_url CheckRunChange.details_url": URL;
    "completed_at timestamp": TIME;
    "HeadCommit.id": SHA;
    "NewOutput.title": ANY.long(1, TITLE_MAX);
    "NewOutput.summary": ANY.long(1, TEXT_MAX);
    "NewAnnotation.path": ANY.long(1, PATH_MAX).example("src/main.rs");
    "NewAnnotation.start_line NewAnnotation.end_line": INTEGER.within(1, i32::MAX as i64);
    "annotation_level": ANY.one_of(Level::NAMES);
    "ErrorBody.status": ANY;
    "CombinedStatus.state": ANY.one_of(&["failure", "pending", "success"]);
    "SimpleStatus.target_url Status.target_url SimpleStatus.description Status.description Repository.description": ANY;
    "SimpleStatus.context Status.context": ANY;
    "User.id CurrentUser.id": INTEGER;
    "RateLimit.limit": INTEGER;
    "pushed_at date": TIME;
    "Tree.sha": ANY;
}
