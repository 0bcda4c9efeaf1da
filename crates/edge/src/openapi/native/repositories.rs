//! Repositories, their members and their policies.

use crate::openapi::operation::{Operation, operation};
use schemars::{Schema, SchemaGenerator, json_schema};
use wire::native::policies::Policies;
use wire::native::repositories::{
    MemberList, NewRepository, NewRole, Repository, RepositoryChange, RepositoryList,
};
use wire::native::retention::{Prune, PrunePreview, Pruned};

/// A list with `dry_run`, otherwise the numbers of deleted objects.
fn pruned(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [generator.subschema_for::<PrunePreview>(), generator.subschema_for::<Pruned>()] })
}

pub fn operations() -> Vec<Operation> {
    let mut all = repositories();
    all.extend(members());
    all.extend(policies());
    all
}

fn repositories() -> Vec<Operation> {
    vec![
        operation(
            "Repositories",
            ("查询仓库列表", "List repositories"),
            (
                "当前用户有权查看的仓库，按名称排序。",
                "The repositories that the caller may read, sorted by name.",
            ),
        )
        .query("offset limit search archived")
        .returns::<RepositoryList>(200),
        operation(
            "AddRepository",
            ("登记仓库", "Add a repository"),
            (
                "登记仓库；Git 仓库仍由代码托管平台托管。",
                "Registers a repository. The Git repository stays on its forge.",
            ),
        )
        .takes::<NewRepository>()
        .returns::<Repository>(201),
        operation("Repository", ("查询仓库", "Show a repository"), ("仓库的详情。", "One repository."))
            .returns::<Repository>(200),
        operation(
            "ChangeRepository",
            ("修改仓库", "Change a repository"),
            ("未指定的字段保持不变。", "Absent fields stay unchanged."),
        )
        .takes::<RepositoryChange>()
        .returns::<Repository>(200),
    ]
}

fn members() -> Vec<Operation> {
    vec![
        operation(
            "Members",
            ("查询成员列表", "List members"),
            ("仓库的成员及其角色。", "The members of a repository and their roles."),
        )
        .returns::<MemberList>(200),
        operation(
            "SetMember",
            ("添加或修改成员", "Add or change a member"),
            ("设置用户在仓库中的角色。", "Sets the role of a user in the repository."),
        )
        .takes::<NewRole>()
        .returns_nothing(204),
        operation(
            "RemoveMember",
            ("移除成员", "Remove a member"),
            ("移除用户在仓库中的角色。", "Removes the role of a user in the repository."),
        )
        .returns_nothing(204),
    ]
}

fn policies() -> Vec<Operation> {
    vec![
        operation(
            "Policies",
            ("查询策略", "Show policies"),
            ("无上报超时与保留策略。", "Inactivity timeouts and retention."),
        )
        .returns::<Policies>(200),
        operation(
            "SetPolicies",
            ("设置策略", "Set policies"),
            ("整体替换；未指定的字段为 null。", "Replaces all policies; absent ones are null."),
        )
        .takes::<Policies>()
        .returns::<Policies>(200),
        operation(
            "Prune",
            ("清理", "Prune"),
            (
                "删除不符合保留策略的流水线；`dry_run` 为 true 时仅列出。",
                "Deletes the pipelines that the retention policy does not keep; with `dry_run` it only lists them.",
            ),
        )
        .takes::<Prune>()
        .returns_schema(200, pruned),
    ]
}
