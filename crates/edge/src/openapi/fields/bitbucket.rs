//! Parameters of the dialect of Bitbucket Server, and the limits of its bodies.

use super::{limits, parameters};
use crate::bitbucket::translate::STATES;
use crate::openapi::shape::{ANY, INTEGER, OBJECT, SHA, URL};
use domain::model::details::TITLE_MAX;
use domain::model::page::LIMIT_MAX;
use domain::model::text::{DESCRIPTION_MAX, NAME_MAX, URL_MAX};

parameters! {
    "version": ANY.one_of(&["1.0", "latest"]).example("latest") => "接口版本。", "The version of the API.";
    "owner": ANY.example("DEMO") =>
        "项目标识：仓库路径的第一段，不区分大小写。",
        "The project's key: the first part of the repository's path; case is ignored.";
    "repo": ANY.example("cicd") =>
        "仓库路径的其余部分，其中的 `/` 写为 `%2F`；不区分大小写。",
        "The rest of the repository's path, with `%2F` for `/`; case is ignored.";
    "BitbucketAddBuild.sha BitbucketAddCommitStatus.sha": SHA.example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "完整的提交 ID。",
        "The full commit id.";
    "sha": ANY.example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "提交 ID 或其前缀，或者分支、标签。",
        "A commit id or its prefix, or a branch or tag.";
    "BitbucketGetBuild.key": ANY.long(1, NAME_MAX).example("任务1") => "任务名称。", "The name of the job.";
    "key": ANY.long(1, NAME_MAX).example("build") => "任务名称。", "The name of the job.";
    "state": ANY.one_of(STATES) => "状态。", "The state.";
    "url": URL.long(1, URL_MAX) => "构建系统中的链接。", "The link in the build system.";
    "name": ANY.long(0, TITLE_MAX) => "显示的名称，保存为详情的标题。", "The displayed name, kept as the title of the details.";
    "description": ANY.long(0, DESCRIPTION_MAX) => "描述。", "The description.";
    "buildNumber": ANY.long(1, NAME_MAX).example("42") =>
        "该次执行在构建系统中的 ID；不同的值表示不同的执行。",
        "The build system's id of the attempt; another one is another attempt.";
    "duration": INTEGER.within(0, i64::MAX) => "耗时，毫秒。", "The duration in milliseconds.";
    "lastUpdated": INTEGER.within(1, i64::MAX).example("1747450945000") =>
        "状态变化的时间，自 1970 年起的毫秒数。",
        "The time of the change, in milliseconds since 1970.";
    "ref": ANY.long(1, NAME_MAX).example("refs/heads/dev") =>
        "分支或标签；省略时归入该提交已有的流水线。",
        "The branch or tag; by default that of a pipeline of the commit.";
    "testResults": OBJECT.example("{\"failed\":1,\"successful\":20,\"skipped\":2}") =>
        "测试数量：failed、successful、skipped。",
        "The numbers of tests: `failed`, `successful` and `skipped`.";
    "start": INTEGER.within(0, i32::MAX as i64).default("0") => "跳过的条数。", "The number of items to skip.";
    "limit": INTEGER.within(1, LIMIT_MAX).default("25") =>
        "每页条数；大于 100 时按 100 处理。",
        "Items per page; a larger value is treated as 100.";
    "X-Stagepost-Adjusted": ANY.example("description=truncated, target_url=dropped") =>
        "接受前对上报内容所做的调整；没有调整时不返回。",
        "What the server adjusted in the report before it accepted it; absent if nothing.";
}

limits! {
    "BuildStatus.url BuildStatus.description BuildStatus.buildNumber BuildStatus.key BuildStatus.name": ANY;
    "BuildStatus.ref CapabilityLinks.build": ANY;
    "BuildStatus.duration": INTEGER;
    "BuildStatus.testResults": OBJECT;
    "BuildStatusPage.start BuildStatusPage.limit": INTEGER;
}
