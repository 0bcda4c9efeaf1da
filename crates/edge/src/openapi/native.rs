//! The native dialect, with one file for each noun.

mod accounts;
mod imports;
mod jobs;
mod merge_requests;
mod pipelines;
mod reports;
mod repositories;
mod signatures;
mod webhooks;

use super::document::{Document, ErrorFormat, only};
use super::operation::{Group, group};
use crate::native::NATIVE;
use wire::native::problem::Problem;

pub const DOCUMENT: Document = Document {
    file: "native.json",
    description: (
        "CodeArts 与 GitLab 接口表达不了的一切。错误为 `application/problem+json`（RFC 9457），时间为 RFC 3339。忽略未知字段。",
        "Everything that the CodeArts and GitLab APIs do not offer. Errors are `application/problem+json` (RFC 9457), times RFC 3339. Unknown fields are ignored.",
    ),
    dialects: &[ErrorFormat {
        dialect: &NATIVE,
        suffix: "",
        content_type: "application/problem+json",
        body: only::<Problem>,
    }],
    groups,
};

fn groups() -> Vec<Group> {
    vec![
        group("reports", "上报", "Reports", reports::operations()),
        group("pipelines", "流水线", "Pipelines", pipelines::operations()),
        group("jobs", "任务", "Jobs", jobs::operations()),
        group("merge-requests", "合并请求", "Merge requests", merge_requests::operations()),
        group(
            "repositories",
            "仓库、成员与策略",
            "Repositories, members, policies",
            repositories::operations(),
        ),
        group("webhooks", "Webhook", "Webhooks", webhooks::operations()),
        group("accounts", "用户、密钥与令牌", "Users, keys, tokens", accounts::operations()),
        group("signatures", "签名诊断", "Diagnosis of signatures", signatures::operations()),
        group("import", "导入", "Import", imports::operations()),
    ]
}
