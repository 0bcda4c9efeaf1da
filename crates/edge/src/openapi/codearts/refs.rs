//! Commits, branches and tags, and members.

use super::super::operation::{Operation, operation};
use wire::codearts::commits::ShowCommit;
use wire::codearts::members::RepositoryMember;
use wire::codearts::refs::{BranchSimple, ShowBranch, ShowTag, TagSimple};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "ShowCommit",
            ("查询提交详情", "Show a commit"),
            (
                "提交的最新流水线及其状态。仅 Git 中才有的信息（作者、说明、变更）为 null。",
                "A commit with its newest pipeline and the pipeline status. Fields that only Git contains (author, message, changes) are null.",
            ),
        )
        .query("sha! stats show_code_changes")
        .returns::<ShowCommit>(200),
        operation(
            "ListCommitAssociatedRefs",
            ("查询提交关联的分支和标签", "List the branches and tags of a commit"),
            (
                "有该提交的流水线的分支和标签，按名称排序。",
                "The branches and tags with a pipeline of the commit, by name.",
            ),
        )
        .query("type offset limit")
        .returns::<Vec<String>>(200)
        .with_headers("X-Total!"),
        operation(
            "ListBranches",
            ("查询分支列表", "List branches"),
            ("有流水线的分支，默认按名称排序。", "The branches that have pipelines, by default by name."),
        )
        .query("branch_type creator sort query_view view offset limit")
        .returns::<Vec<BranchSimple>>(200)
        .with_headers("X-Total!"),
        operation(
            "ShowBranch",
            ("查询分支详情", "Show a branch"),
            ("分支及其最新流水线的提交。", "A branch with the commit of its newest pipeline."),
        )
        .query("branch_name!")
        .returns::<ShowBranch>(200),
        operation(
            "ListTags",
            ("查询标签列表", "List tags"),
            (
                "有流水线的标签，提交为其最新流水线的提交；默认最近更新的在前。",
                "The tags that have pipelines, each with the commit of its newest pipeline; by default the most recently updated first.",
            ),
        )
        .query("search creator order_by sort view offset limit")
        .returns::<Vec<TagSimple>>(200)
        .with_headers("X-Total!"),
        operation(
            "ShowTag",
            ("查询标签详情", "Show a tag"),
            ("标签及其最新流水线的提交。", "A tag with the commit of its newest pipeline."),
        )
        .query("tag_name!")
        .returns::<ShowTag>(200),
        operation(
            "ListRefsList",
            ("查询分支和标签的名称列表", "List the names of branches and tags"),
            (
                "有流水线的分支和标签的名称，按名称排序。",
                "The names of the branches and tags that have pipelines, by name.",
            ),
        )
        .query("type search offset limit")
        .returns::<Vec<String>>(200)
        .with_headers("X-Total!"),
    ]
}

/// The list of members.
pub fn members() -> Operation {
    operation(
        "ListMembers",
        ("查询仓库成员列表", "List the members of a repository"),
        (
            "仓库成员及其角色，按名称排序。需要 manage 角色。",
            "The members with their roles, by name. It requires the role manage.",
        ),
    )
    .query("search permission offset limit")
    .returns::<Vec<RepositoryMember>>(200)
    .with_headers("X-Total!")
}
