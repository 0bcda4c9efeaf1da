//! The dialect of Bitbucket Server.

use super::document::{Document, ErrorFormat, only};
use super::operation::{Content, Group, Operation, group, operation};
use crate::bitbucket::BITBUCKET;
use wire::bitbucket::builds::{BuildStats, BuildStatus, BuildStatusPage};
use wire::bitbucket::capabilities::{BuildCapabilities, Capabilities};
use wire::bitbucket::error::ErrorBody;

pub const DOCUMENT: Document = Document {
    file: "bitbucket.json",
    description: (
        "兼容 Bitbucket Server 与 Data Center 的构建状态接口（新旧两种）。错误信息始终为英文。",
        "Both APIs of Bitbucket Server and Data Center for build statuses. Errors are always in English.",
    ),
    dialects: &[ErrorFormat {
        dialect: &BITBUCKET,
        suffix: "",
        content_type: "application/json",
        body: only::<ErrorBody>,
    }],
    groups,
};

/// The parameters of a report.
const REPORT: &str = "key! state! url name description buildNumber duration lastUpdated ref testResults";

fn groups() -> Vec<Group> {
    vec![
        group("builds", "构建状态", "Build statuses of commits", builds()),
        group("capabilities", "能力", "Capabilities", capabilities()),
    ]
}

fn builds() -> Vec<Operation> {
    let report = |id, text| {
        operation(id, ("上报构建状态", "Add a build status"), text)
            .query("source")
            .also_takes("application/json", Content::Form(REPORT))
            .returns_nothing(204)
            .with_headers("X-Stagepost-Adjusted")
    };
    vec![
        report(
            "BitbucketAddBuild",
            (
                "上报任务的状态。接受重复、乱序和延迟到达的上报。",
                "Reports the status of a job. Repeated, unordered and late reports are accepted.",
            ),
        ),
        operation(
            "BitbucketGetBuild",
            ("查询构建状态", "Get a build status"),
            ("任务的最新执行。", "The newest attempt of a job."),
        )
        .query("key!")
        .returns::<BuildStatus>(200),
        report(
            "BitbucketAddCommitStatus",
            (
                "旧接口：地址不含仓库，因此令牌必须限定于唯一一个仓库。",
                "The old API. Its address names no repository, so the token must be limited to exactly one.",
            ),
        ),
        operation(
            "BitbucketListCommitStatuses",
            ("查询提交的构建状态列表", "List the build statuses of a commit"),
            (
                "各任务在最新流水线中的最新执行，最新的在前。令牌必须限定于唯一一个仓库。",
                "Each job in its newest pipeline, newest first. The token must be limited to exactly one repository.",
            ),
        )
        .query("start limit")
        .returns::<BuildStatusPage>(200),
        operation(
            "BitbucketCommitStats",
            ("统计提交的构建状态", "Count the build statuses of a commit"),
            (
                "各状态的任务数。令牌必须限定于唯一一个仓库。",
                "The numbers of jobs by state. The token must be limited to exactly one repository.",
            ),
        )
        .returns::<BuildStats>(200),
    ]
}

fn capabilities() -> Vec<Operation> {
    vec![
        operation(
            "BitbucketCapabilities",
            ("查询服务的能力", "Get the capabilities of the server"),
            ("供 Jenkins 选择接口，无需认证。", "Jenkins chooses its API by it. No credential is required."),
        )
        .returns::<Capabilities>(200),
        operation(
            "BitbucketBuildCapabilities",
            ("查询构建状态的能力", "Get the capabilities of build statuses"),
            ("支持的状态类型，无需认证。", "The supported kinds of status. No credential is required."),
        )
        .returns::<BuildCapabilities>(200),
    ]
}
