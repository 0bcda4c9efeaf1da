//! The GitLab dialect, with the names of operations in its typed clients.

use super::document::{Document, ErrorFormat};
use super::operation::{Content, Group, Operation, group, operation};
use crate::gitlab::GITLAB;
use schemars::{Schema, SchemaGenerator, json_schema};
use wire::gitlab::commits::Commit;
use wire::gitlab::error::{ErrorBody, MessageBody, ScopeBody};
use wire::gitlab::jobs::Job;
use wire::gitlab::merge_requests::MergeRequest;
use wire::gitlab::pipelines::{Pipeline, PipelineDetail};
use wire::gitlab::projects::{BasicProject, Project};
use wire::gitlab::refs::{Branch, Tag};
use wire::gitlab::statuses::CommitStatus;
use wire::gitlab::test_reports::{TestReport, TestReportSummary};
use wire::gitlab::users::CurrentUser;
use wire::gitlab::version::{Metadata, Root, Version};

pub const DOCUMENT: Document = Document {
    file: "gitlab.json",
    description: (
        "兼容 GitLab REST API v4 中构建系统上报提交状态、合并机器人读取结果所用的接口。错误信息始终为英文。",
        "The part of GitLab's REST API v4 with which build systems report commit statuses and merge bots read results. Errors are always in English.",
    ),
    dialects: &[ErrorFormat {
        dialect: &GITLAB,
        suffix: "",
        content_type: "application/json",
        body: error_body,
    }],
    groups,
};

fn error_body(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [
        generator.subschema_for::<MessageBody>(),
        generator.subschema_for::<ErrorBody>(),
        generator.subschema_for::<ScopeBody>(),
    ] })
}

/// Whole projects, or their basic fields.
fn listed_projects(generator: &mut SchemaGenerator) -> Schema {
    let item = [generator.subschema_for::<Project>(), generator.subschema_for::<BasicProject>()];
    json_schema!({ "type": "array", "items": { "anyOf": item } })
}

/// The headers of paging.
const PAGES: &str = "X-Page X-Per-Page! X-Next-Page X-Prev-Page X-Total X-Total-Pages Link";
/// The parameters of a report.
const REPORT: &str = "state! ref name context pipeline_id target_url description coverage";

fn groups() -> Vec<Group> {
    vec![
        group("commits", "提交与状态", "Commits and their statuses", commits()),
        group("pipelines", "流水线", "Pipelines", pipelines()),
        group("jobs", "任务", "Jobs", jobs()),
        group("refs", "分支与标签", "Branches and tags", refs()),
        group("server", "服务器与用户", "The server and the caller", server()),
    ]
}

fn commits() -> Vec<Operation> {
    vec![
        operation(
            "SetCommitStatus",
            ("上报提交状态", "Set the status of a commit"),
            (
                "上报任务的状态。接受重复、乱序和延迟到达的上报。参数可通过查询参数、JSON、表单或 multipart 传递。",
                "Reports the status of a job. Repeated, unordered and late reports are accepted. Parameters may be in the query, in JSON, in a form or in a multipart form.",
            ),
        )
        .also_takes("application/json", Content::Form(REPORT))
        .also_takes("application/x-www-form-urlencoded", Content::Form(REPORT))
        .also_takes("multipart/form-data", Content::Form(REPORT))
        .returns::<CommitStatus>(201)
        .with_headers("X-Stagepost-Adjusted")
        .errors_with(&[415, 422]),
        operation(
            "ListCommitStatuses",
            ("查询提交的状态列表", "List the statuses of a commit"),
            (
                "提交在所有流水线中每个任务的最新一次执行；`all` 为 true 时包含更早的执行。",
                "The newest attempt of each job of a commit in all its pipelines; with `all` also older attempts.",
            ),
        )
        .query("ref stage name pipeline_id all order_by sort page per_page pagination cursor")
        .returns::<Vec<CommitStatus>>(200)
        .with_headers(PAGES),
        operation(
            "GetCommit",
            ("查询提交", "Get a commit"),
            (
                "提交及其最新流水线。Stagepost 不托管 Git 仓库，任何完整的提交 ID 均视为存在，标题、作者等为空。",
                "A commit and its newest pipeline. The server hosts no Git repositories: every full commit id exists, and title and author are empty.",
            ),
        )
        .returns::<Commit>(200),
        operation(
            "ListMergeRequestsOfCommit",
            ("查询提交的合并请求", "List the merge requests of a commit"),
            (
                "以该提交为或曾为最新提交的合并请求，编号大的在前。标题为空，状态始终为 opened。",
                "The merge requests whose head is or was the commit, highest number first. Their titles are empty and their state is always `opened`.",
            ),
        )
        .query("page per_page pagination cursor")
        .returns::<Vec<MergeRequest>>(200)
        .with_headers(PAGES),
    ]
}

fn refs() -> Vec<Operation> {
    vec![
        operation(
            "ListProjectBranches",
            ("查询分支列表", "List branches"),
            (
                "有流水线的分支，提交为其最新流水线的提交。",
                "The branches that have pipelines, each with the commit of its newest pipeline.",
            ),
        )
        .query("search sort page per_page pagination cursor")
        .returns::<Vec<Branch>>(200)
        .with_headers(PAGES),
        operation(
            "GetBranch",
            ("查询分支", "Get a branch"),
            ("分支及其最新流水线的提交。", "A branch with the commit of its newest pipeline."),
        )
        .returns::<Branch>(200),
        operation(
            "ListProjectTags",
            ("查询标签列表", "List tags"),
            (
                "有流水线的标签，提交为其最新流水线的提交；默认最近更新的在前。",
                "The tags that have pipelines, each with the commit of its newest pipeline; by default the most recently updated first.",
            ),
        )
        .query("search order_by sort page per_page pagination cursor")
        .returns::<Vec<Tag>>(200)
        .with_headers(PAGES),
    ]
}

fn pipelines() -> Vec<Operation> {
    vec![
        operation(
            "ListProjectPipelines",
            ("查询流水线列表", "List the pipelines of a project"),
            ("支持筛选和排序，默认最新的在前。", "Filtered and sorted, newest first."),
        )
        .query(
            "scope status ref sha source name username yaml_errors created_after created_before updated_after \
             updated_before order_by sort page per_page pagination cursor",
        )
        .returns::<Vec<Pipeline>>(200)
        .with_headers(PAGES),
        operation(
            "GetLatestPipeline",
            ("查询最新流水线", "Get the newest pipeline"),
            ("指定 ref（默认为默认分支）的最新流水线。", "The newest pipeline of a ref, by default of the default branch."),
        )
        .query("ref")
        .returns::<PipelineDetail>(200),
        operation("GetPipeline", ("查询流水线", "Get a pipeline"), ("流水线的详情。", "One pipeline."))
            .returns::<PipelineDetail>(200),
        operation(
            "GetTestReport",
            ("查询测试报告", "Get the test report of a pipeline"),
            (
                "各任务最新一次执行上报的测试数量，每个任务一个测试套件；不保存单个测试的结果。",
                "The test counts that the newest attempts reported, one suite for each job. There are no test cases.",
            ),
        )
        .returns::<TestReport>(200),
        operation(
            "GetTestReportSummary",
            ("查询测试报告摘要", "Get the summary of the test report"),
            (
                "各任务最新一次执行上报的测试数量与合计，每个任务一个测试套件。",
                "The test counts that the newest attempts reported, and their totals; one suite for each job.",
            ),
        )
        .returns::<TestReportSummary>(200),
        operation(
            "ListBridges",
            ("查询触发任务", "List the bridges of a pipeline"),
            (
                "触发下游流水线的任务；Stagepost 没有此类任务，始终为空。",
                "Jobs that start another pipeline: there are none, so the list is empty.",
            ),
        )
        .query("scope[] page per_page pagination cursor")
        .returns::<Vec<Job>>(200)
        .with_headers(PAGES),
    ]
}

fn jobs() -> Vec<Operation> {
    const PAGED: &str = "scope[] order_by sort page per_page pagination cursor";
    vec![
        operation(
            "ListJobsOfPipeline",
            ("查询流水线的任务列表", "List the jobs of a pipeline"),
            (
                "最新的在前；`include_retried` 为 true 时包含被重试取代的执行。",
                "Newest first; attempts that were replaced by a retry are listed only with `include_retried`.",
            ),
        )
        .query("scope[] include_retried order_by sort page per_page pagination cursor")
        .returns::<Vec<Job>>(200)
        .with_headers(PAGES),
        operation(
            "ListProjectJobs",
            ("查询项目的任务列表", "List the jobs of a project"),
            ("项目中的所有执行，最新的在前。", "Every attempt in the project, newest first."),
        )
        .query(PAGED)
        .returns::<Vec<Job>>(200)
        .with_headers(PAGES),
        operation("GetJob", ("查询任务", "Get a job"), ("任务的一次执行。", "One attempt of a job."))
            .returns::<Job>(200),
    ]
}

fn server() -> Vec<Operation> {
    vec![
        operation(
            "ListProjects",
            ("查询项目列表", "List projects"),
            (
                "调用者可读的仓库；`simple` 为 true 时只返回基本字段。",
                "The repositories that the caller may read; with `simple` only their basic fields.",
            ),
        )
        .query(
            "search membership owned archived visibility starred min_access_level simple order_by sort page per_page \
             pagination cursor",
        )
        .returns_schema(200, listed_projects)
        .with_headers(PAGES),
        operation(
            "GetProject",
            ("查询项目", "Get a project"),
            ("以 GitLab 项目的形式返回仓库。", "A repository as a project of GitLab."),
        )
        .returns::<Project>(200),
        operation(
            "GetCurrentUser",
            ("查询当前用户", "Get the caller"),
            ("令牌所属的用户。", "The user of the token."),
        )
        .returns::<CurrentUser>(200),
        operation(
            "GetVersion",
            ("查询版本", "Get the version"),
            ("兼容的 GitLab 版本。", "The compatible version of GitLab."),
        )
        .returns::<Version>(200),
        operation(
            "GetMetadata",
            ("查询元数据", "Get the metadata"),
            ("兼容的 GitLab 版本和版本类型。", "The compatible version of GitLab, and its edition."),
        )
        .returns::<Metadata>(200),
        operation(
            "GetRoot",
            ("接口根路径", "The root of the API"),
            (
                "供客户端探测服务是否存在，无需认证。",
                "Clients request it without a token to check that the server exists.",
            ),
        )
        .returns::<Root>(200),
    ]
}
