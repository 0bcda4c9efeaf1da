//! The audit log.

use crate::openapi::operation::{Operation, operation};
use wire::native::audit::AuditList;

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "AuditLog",
            ("查询审计日志", "List the audit log"),
            (
                "所有变更与被拒绝的请求，最新的在前；任何接口都不能修改或删除。",
                "All changes and refused requests, newest first. No API changes or deletes them.",
            ),
        )
        .query("actor action object repository address since until kind before limit")
        .returns::<AuditList>(200),
        operation(
            "RepositoryAuditLog",
            ("查询仓库的审计日志", "List the audit log of a repository"),
            ("该仓库的变更，最新的在前。", "The changes of the repository, newest first."),
        )
        .query("actor action object address since until kind before limit")
        .returns::<AuditList>(200),
    ]
}
