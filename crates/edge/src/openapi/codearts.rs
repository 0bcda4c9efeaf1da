//! The CodeArts Repo dialect: v4, and the operations of v1 and v2, with the operation names of the official
//! SDKs.

mod merge_requests;
mod refs;

use super::document::{Document, ErrorFormat, either, only};
use super::operation::{Group, Operation, group, operation};
use crate::codearts::{V2, V4};
use wire::codearts::error::{Envelope, ErrorBody};
use wire::codearts::jobs::{JobWithStage, LatestJobs};
use wire::codearts::merge_requests::ActualHeadPipeline;
use wire::codearts::repositories::{ProjectRepository, RepositorySimplest};
use wire::codearts::repositories_v2::{
    CreateRepository, CreatedEnvelope, RepoInfoEnvelope, RepoListEnvelope,
};
use wire::codearts::show_repository::ShowRepository;

pub const DOCUMENT: Document = Document {
    file: "codearts.json",
    description: (
        "兼容华为云 CodeArts Repo v4 接口（以及 v1、v2 的仓库接口），官方 SDK 无需修改即可使用。时间为带时区的字符串，如 `2025-05-17T11:02:25.000+08:00`。",
        "Compatible with CodeArts Repo v4 of Huawei Cloud and the repository operations of v1 and v2. Official SDKs work without changes. Times are strings with an offset, like `2025-05-17T11:02:25.000+08:00`.",
    ),
    dialects: &[
        ErrorFormat { dialect: &V4, suffix: "", content_type: "application/json", body: only::<ErrorBody> },
        ErrorFormat {
            dialect: &V2,
            suffix: "V2",
            content_type: "application/json",
            body: either::<Envelope<()>, ErrorBody>,
        },
    ],
    groups,
};

fn groups() -> Vec<Group> {
    vec![
        group("pipelines", "流水线与任务", "Pipelines and their jobs", pipelines()),
        group("merge-requests", "合并请求", "Merge requests", merge_requests::operations()),
        group("refs", "提交、分支与标签", "Commits, branches and tags", refs::operations()),
        group("repositories", "仓库", "Repositories", repositories()),
        group("repositories-v2", "仓库（v1、v2）", "Repositories, v1 and v2", repositories_v2()),
    ]
}

fn pipelines() -> Vec<Operation> {
    vec![
        operation(
            "ListPipelineJobs",
            ("查询流水线的任务列表", "List the jobs of a pipeline"),
            (
                "流水线中所有任务的每次执行，按 ID 升序排列，翻页时不会遗漏或重复。`X-Total` 为总数。",
                "Every attempt of every job, ascending by id, so that pages do not shift. `X-Total` is the total number.",
            ),
        )
        .query("offset limit")
        .returns::<Vec<JobWithStage<'static>>>(200)
        .with_headers("X-Total!"),
        operation(
            "ListLatestPipelineJobs",
            ("查询流水线的最新任务", "List the latest jobs of a pipeline"),
            (
                "按阶段列出每个任务最新的一次执行，阶段按 `sort_id` 排序。",
                "The newest attempt of each job, grouped by stage in the order of `sort_id`.",
            ),
        )
        .returns::<LatestJobs<'static>>(200),
        operation(
            "ShowActualHeadPipeline",
            ("查询合并请求的最新流水线", "Show the pipeline of a merge request's head"),
            (
                "合并请求最新提交的流水线；最新提交还没有流水线时，返回之前提交的流水线，且 `is_valid` 为 false。",
                "The pipeline of the head, or of an earlier commit while the head has none; then `is_valid` is false.",
            ),
        )
        .returns::<ActualHeadPipeline>(200),
    ]
}

fn repositories() -> Vec<Operation> {
    vec![
        operation(
            "ListCurrentUserRepositories",
            ("查询当前用户的仓库列表", "List the caller's repositories"),
            (
                "当前用户有权访问的仓库，支持筛选和排序。",
                "The repositories that the caller may see, filtered and sorted.",
            ),
        )
        .query("offset limit search order_by sort archived membership user_created starred")
        .returns::<Vec<RepositorySimplest>>(200)
        .with_headers("X-Total!"),
        operation(
            "ShowRepository",
            ("查询仓库详情", "Show a repository"),
            (
                "仓库的详情。仅代码托管平台拥有的信息（大小、分支数等）为 null。",
                "One repository. Data that only the Git server has, such as sizes and branch counts, is null.",
            ),
        )
        .returns::<ShowRepository>(200),
        operation(
            "ListProjectRepositories",
            ("查询项目下的仓库列表", "List the repositories of a project"),
            (
                "CodeArts 项目下当前用户有权访问的仓库。",
                "The repositories of a CodeArts project that the caller may see.",
            ),
        )
        .query("offset limit search order_by sort")
        .returns::<Vec<ProjectRepository>>(200)
        .with_headers("X-Total!"),
        refs::members(),
    ]
}

fn repositories_v2() -> Vec<Operation> {
    vec![
        operation(
            "ListUserAllRepositories",
            ("查询用户的所有仓库（v2）", "List all repositories of the caller (v2)"),
            (
                "当前用户有权访问的所有仓库，最近更新的在前。",
                "All repositories that the caller may see, the most recently updated first.",
            ),
        )
        .query("page_index page_size search")
        .returns::<RepoListEnvelope>(200),
        operation(
            "ListProjectRepositoriesV2",
            ("查询项目下的仓库列表（v2）", "List the repositories of a project (v2)"),
            (
                "CodeArts 项目下当前用户有权访问的仓库，最近更新的在前。",
                "The repositories of a CodeArts project that the caller may see, the most recently updated first.",
            ),
        )
        .query("page_index page_size search")
        .returns::<RepoListEnvelope>(200),
        operation(
            "ShowRepositoryByUuid",
            ("按 UUID 查询仓库（v2）", "Show a repository by its UUID (v2)"),
            ("仓库的详情。", "One repository."),
        )
        .returns::<RepoInfoEnvelope>(200),
        operation(
            "ShowRepoId",
            ("按名称查询仓库 ID（v1）", "Show the id of a repository by its names (v1)"),
            (
                "`group_name` 为路径中仓库名之前的全部内容。",
                "`group_name` is all of the path before the name.",
            ),
        )
        .query("group_name! repository_name!")
        .returns::<Envelope<i32>>(200),
        operation(
            "ShowHasPipeline",
            ("记录仓库已有流水线（v1）", "Record that a repository has a pipeline (v1)"),
            (
                "操作名称虽以 Show 开头，实际作用是记录“该仓库有流水线”。没有请求体。",
                "Despite its name, it records that the repository has a pipeline. It has no body.",
            ),
        )
        .returns::<Envelope<bool>>(200),
        operation(
            "CreateRepository",
            ("创建仓库（v1）", "Create a repository (v1)"),
            (
                "登记仓库，返回仓库的 UUID。Git 仓库由代码托管平台托管，因此模板、导入地址等参数会被忽略。",
                "Registers a repository and returns its UUID. The server hosts no Git repositories, so parameters for templates and imports are ignored.",
            ),
        )
        .takes::<CreateRepository>()
        .returns::<CreatedEnvelope>(200),
    ]
}
