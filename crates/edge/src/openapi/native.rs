//! The native dialect, with one file for each noun.

mod accounts;
mod audit;
mod destinations;
mod gates;
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
        "提供其他兼容接口未涵盖的全部功能。错误格式为 `application/problem+json`（RFC 9457），时间格式为 RFC 3339。未知字段会被忽略。",
        "All functions that the compatible APIs do not offer. Errors are `application/problem+json` (RFC 9457), times are RFC 3339. Unknown fields are ignored.",
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
        group("gates", "合并门禁", "Merge gates", gates::operations()),
        group("webhooks", "Webhook", "Webhooks", webhooks::operations()),
        group("destinations", "状态转发", "Forwarding", destinations::operations()),
        group("accounts", "用户、访问密钥与令牌", "Users, access keys, tokens", accounts::operations()),
        group("signatures", "签名诊断", "Signature diagnosis", signatures::operations()),
        group("audit", "审计日志", "Audit log", audit::operations()),
        group("import", "导入", "Import", imports::operations()),
    ]
}
