//! The GitHub dialect. Its operations have the names of GitHub's description, after `GitHub`.

use super::document::{Document, ErrorFormat, only};
use super::operation::{Content, Group, Operation, group, operation};
use crate::github::GITHUB;
use wire::github::checks::{
    Annotation, CheckRun, CheckRunChange, CheckRunList, CheckSuite, CheckSuiteList, NewCheckRun,
};
use wire::github::commits::Commit;
use wire::github::error::ErrorBody;
use wire::github::rate_limit::RateLimits;
use wire::github::repositories::Repository;
use wire::github::statuses::{CombinedStatus, Status};
use wire::github::users::CurrentUser;

pub const DOCUMENT: Document = Document {
    file: "github.json",
    description: (
        "兼容 GitHub REST API 中的提交状态和检查运行接口，地址以 `/api/v3` 或 `/repos` 开头。错误信息始终为英文。",
        "The commit statuses and check runs of GitHub's REST API, below `/api/v3` or `/repos`. Errors are always in English.",
    ),
    dialects: &[ErrorFormat {
        dialect: &GITHUB,
        suffix: "",
        content_type: "application/json",
        body: only::<ErrorBody>,
    }],
    groups,
};

/// The parameters of a report.
const REPORT: &str = "state! context target_url description";

/// An operation at both of its addresses.
fn both(ids: [&'static str; 2], describe: impl Fn(&'static str) -> Operation) -> Vec<Operation> {
    ids.into_iter().map(describe).collect()
}

fn groups() -> Vec<Group> {
    vec![
        group("statuses", "提交状态", "Statuses of commits", statuses()),
        group("checks", "检查运行", "Check runs and check suites", checks()),
        group("repositories", "仓库与提交", "Repositories and commits", repositories()),
        group("server", "服务器与用户", "The server and the caller", server()),
    ]
}

fn statuses() -> Vec<Operation> {
    let list = |id| {
        operation(
            id,
            ("查询提交的状态列表", "List the statuses of a commit"),
            (
                "提交在所有流水线中各任务的每次执行，最新的在前。",
                "Every attempt of the jobs of a commit in all its pipelines, newest first.",
            ),
        )
        .query("per_page page")
        .returns::<Vec<Status>>(200)
        .with_headers("Link")
        .errors_with(&[422])
    };
    let create = |id| {
        operation(
            id,
            ("上报提交状态", "Create a commit status"),
            (
                "上报任务的状态。`context` 不区分大小写；接受重复、乱序和延迟到达的上报。",
                "Reports the status of a job. `context` ignores case. Repeated, unordered and late reports are accepted.",
            ),
        )
        .query("ref source")
        .also_takes("application/json", Content::Form(REPORT))
        .returns::<Status>(201)
        .with_headers("Location! X-Stagepost-Adjusted")
        .errors_with(&[422])
    };
    let combined = |id| {
        operation(
            id,
            ("查询提交的汇总状态", "Get the combined status of a commit"),
            (
                "各任务在最新流水线中的最新执行，以及由全部任务得出的状态。允许失败的任务失败时不影响该状态。",
                "The newest attempt of each job in its newest pipeline, and the combined state. An allowed failure does not change the state.",
            ),
        )
        .query("per_page page")
        .returns::<CombinedStatus>(200)
        .with_headers("Link")
        .errors_with(&[422])
    };
    [
        both(["GitHubCreateCommitStatus", "GitHubCreateCommitStatusAtRoot"], create),
        both(["GitHubListCommitStatuses", "GitHubListCommitStatusesAtRoot"], list),
        both(["GitHubListStatuses", "GitHubListStatusesAtRoot"], list),
        both(["GitHubGetCombinedStatus", "GitHubGetCombinedStatusAtRoot"], combined),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn checks() -> Vec<Operation> {
    let create = |id| {
        operation(
            id,
            ("上报检查运行", "Create a check run"),
            (
                "上报任务的一次执行。接受重复、乱序和延迟到达的上报；`external_id` 不同表示不同的执行。",
                "Reports an attempt of a job. Repeated, unordered and late reports are accepted; a different `external_id` is a different attempt.",
            ),
        )
        .query("ref source")
        .takes::<NewCheckRun>()
        .returns::<CheckRun>(201)
        .with_headers("X-Stagepost-Adjusted")
        .errors_with(&[422])
    };
    let change = |id| {
        operation(
            id,
            ("更新检查运行", "Update a check run"),
            (
                "上报地址中的执行。未给出的字段保持不变；`external_id` 与已有的不同时为新的执行。",
                "Reports the attempt in the path. Absent fields do not change; a different `external_id` starts a new attempt.",
            ),
        )
        .takes::<CheckRunChange>()
        .returns::<CheckRun>(200)
        .with_headers("X-Stagepost-Adjusted")
        .errors_with(&[422])
    };
    let show = |id| {
        operation(id, ("查询检查运行", "Get a check run"), ("任务的一次执行。", "An attempt of a job."))
            .returns::<CheckRun>(200)
    };
    let annotations = |id| {
        operation(
            id,
            ("查询检查运行的标注", "List the annotations of a check run"),
            ("按文件和行排序。", "In order of files and lines."),
        )
        .query("per_page page")
        .returns::<Vec<Annotation>>(200)
        .with_headers("Link")
    };
    let of_commit = |id| {
        operation(
            id,
            ("查询提交的检查运行列表", "List the check runs of a commit"),
            (
                "各任务在最新流水线中的最新执行，最新的在前；`filter=all` 时返回每次执行。包括通过其他接口上报的任务。",
                "Each job in its newest pipeline, newest first; with `filter=all` every attempt. Jobs that other APIs reported are included.",
            ),
        )
        .query("check_name status filter app_id per_page page")
        .returns::<CheckRunList>(200)
        .with_headers("Link")
        .errors_with(&[422])
    };
    let of_suite = |id| {
        operation(
            id,
            ("查询检查套件的检查运行列表", "List the check runs of a check suite"),
            ("流水线的任务，最新的在前。", "The jobs of a pipeline, newest first."),
        )
        .query("check_name status filter app_id per_page page")
        .returns::<CheckRunList>(200)
        .with_headers("Link")
        .errors_with(&[422])
    };
    let suites = |id| {
        operation(
            id,
            ("查询提交的检查套件列表", "List the check suites of a commit"),
            ("提交的流水线，最新的在前。", "The pipelines of a commit, newest first."),
        )
        .query("check_name app_id per_page page")
        .returns::<CheckSuiteList>(200)
        .with_headers("Link")
        .errors_with(&[422])
    };
    let suite = |id| {
        operation(id, ("查询检查套件", "Get a check suite"), ("一条流水线。", "A pipeline."))
            .returns::<CheckSuite>(200)
    };
    [
        both(["GitHubCreateCheckRun", "GitHubCreateCheckRunAtRoot"], create),
        both(["GitHubGetCheckRun", "GitHubGetCheckRunAtRoot"], show),
        both(["GitHubUpdateCheckRun", "GitHubUpdateCheckRunAtRoot"], change),
        both(["GitHubListCheckRunAnnotations", "GitHubListCheckRunAnnotationsAtRoot"], annotations),
        both(["GitHubListCheckRuns", "GitHubListCheckRunsAtRoot"], of_commit),
        both(["GitHubListCheckSuites", "GitHubListCheckSuitesAtRoot"], suites),
        both(["GitHubGetCheckSuite", "GitHubGetCheckSuiteAtRoot"], suite),
        both(["GitHubListCheckRunsOfSuite", "GitHubListCheckRunsOfSuiteAtRoot"], of_suite),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn repositories() -> Vec<Operation> {
    let repository = |id| {
        operation(
            id,
            ("查询仓库", "Get a repository"),
            ("以 GitHub 仓库的形式返回仓库。", "A repository in the format of GitHub."),
        )
        .returns::<Repository>(200)
    };
    let commit = |id| {
        operation(
            id,
            ("查询提交", "Get a commit"),
            (
                "Stagepost 不托管 Git 仓库，任何完整的提交 ID 均视为存在，作者等为空。",
                "The server hosts no Git repositories: every full commit id exists, and author and message are empty.",
            ),
        )
        .returns::<Commit>(200)
        .errors_with(&[422])
    };
    [
        both(["GitHubGetRepository", "GitHubGetRepositoryAtRoot"], repository),
        both(["GitHubGetCommit", "GitHubGetCommitAtRoot"], commit),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn server() -> Vec<Operation> {
    vec![
        operation(
            "GitHubGetCurrentUser",
            ("查询当前用户", "Get the caller"),
            ("令牌所属的用户。", "The user of the token."),
        )
        .returns::<CurrentUser>(200),
        operation(
            "GitHubGetRateLimit",
            ("查询请求限额", "Get the rate limits"),
            (
                "请求不计数，剩余数始终等于限额。",
                "Requests are not counted: the remaining number always equals the limit.",
            ),
        )
        .returns::<RateLimits>(200),
    ]
}
