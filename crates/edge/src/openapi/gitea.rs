//! The dialect of Gitea. Its operations have the names of Gitea's description, after `Gitea`.

use super::document::{Document, ErrorFormat, only};
use super::operation::{Content, Group, Operation, group, operation};
use crate::gitea::GITEA;
use wire::gitea::commits::Commit;
use wire::gitea::error::ErrorBody;
use wire::gitea::repositories::Repository;
use wire::gitea::statuses::{CombinedStatus, CommitStatus};
use wire::gitea::users::User;
use wire::gitea::version::ServerVersion;

pub const DOCUMENT: Document = Document {
    file: "gitea.json",
    description: (
        "兼容 Gitea 与 Forgejo API 中的提交状态接口。错误信息始终为英文。",
        "The commit statuses of the API of Gitea and Forgejo. Errors are always in English.",
    ),
    dialects: &[ErrorFormat {
        dialect: &GITEA,
        suffix: "",
        content_type: "application/json",
        body: only::<ErrorBody>,
    }],
    groups,
};

/// The parameters of a report.
const REPORT: &str = "state! context target_url description";
/// The headers of a page.
const PAGES: &str = "X-Total-Count! Link";

fn groups() -> Vec<Group> {
    vec![
        group("statuses", "提交状态", "Statuses of commits", statuses()),
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
                "提交在所有流水线中各任务的每次执行，默认最新的在前。",
                "Every attempt of the jobs of a commit in all its pipelines, by default newest first.",
            ),
        )
        .query("sort state page limit")
        .returns::<Vec<CommitStatus>>(200)
        .with_headers(PAGES)
        .errors_with(&[422])
    };
    vec![
        operation(
            "GiteaCreateStatus",
            ("上报提交状态", "Create a commit status"),
            (
                "上报任务的状态。接受重复、乱序和延迟到达的上报。",
                "Reports the status of a job. Repeated, unordered and late reports are accepted.",
            ),
        )
        .query("ref source")
        .also_takes("application/json", Content::Form(REPORT))
        .also_takes("application/x-www-form-urlencoded", Content::Form(REPORT))
        .returns::<CommitStatus>(201)
        .with_headers("X-Stagepost-Adjusted")
        .errors_with(&[422]),
        list("GiteaListStatuses"),
        list("GiteaListStatusesByRef"),
        operation(
            "GiteaGetCombinedStatus",
            ("查询提交的汇总状态", "Get the combined status of a commit"),
            (
                "各任务在最新流水线中的最新执行，以及由全部任务得出的状态。",
                "The newest attempt of each job in its newest pipeline, and the combined state of all jobs.",
            ),
        )
        .query("page limit")
        .returns::<CombinedStatus>(200)
        .with_headers(PAGES),
    ]
}

fn repositories() -> Vec<Operation> {
    vec![
        operation(
            "GiteaGetRepository",
            ("查询仓库", "Get a repository"),
            ("以 Gitea 仓库的形式返回仓库。", "A repository in the format of Gitea."),
        )
        .returns::<Repository>(200),
        operation(
            "GiteaGetCommit",
            ("查询提交", "Get a commit"),
            (
                "Stagepost 不托管 Git 仓库，任何完整的提交 ID 均视为存在，作者等为空。",
                "The server hosts no Git repositories: every full commit id exists, and author and message are empty.",
            ),
        )
        .returns::<Commit>(200),
    ]
}

fn server() -> Vec<Operation> {
    vec![
        operation(
            "GiteaGetCurrentUser",
            ("查询当前用户", "Get the caller"),
            ("令牌所属的用户。", "The user of the token."),
        )
        .returns::<User>(200),
        operation(
            "GiteaGetVersion",
            ("查询版本", "Get the version"),
            (
                "兼容的 Gitea 版本。客户端在首次请求前读取，无需认证。",
                "The compatible version of Gitea. Clients read it before their first request, without a token.",
            ),
        )
        .returns::<ServerVersion>(200),
    ]
}
