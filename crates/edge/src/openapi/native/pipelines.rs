//! Pipelines, and the stream of events.

use crate::openapi::operation::{Operation, operation};
use wire::native::pipelines::{Pipeline, PipelineList};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Pipelines",
            ("列出流水线", "List pipelines"),
            (
                "最新的在前。给出的筛选条件须全部满足。用 `next_before` 作为 `before` 翻页，null 表示结束。",
                "Newest first. All given filters must match. Pass `next_before` as `before` for the next page; null means the end.",
            ),
        )
        .query("status ref sha source key user since until updated_since updated_until q before limit total")
        .returns::<PipelineList>(200),
        operation(
            "Pipeline",
            ("查询流水线", "Show a pipeline"),
            (
                "给出 `wait` 时，等到版本大于 `after` 或等待超时才返回。",
                "With `wait` it responds when the version is greater than `after`, or when the wait ends.",
            ),
        )
        .query("wait after")
        .returns::<Pipeline>(200),
        operation(
            "Events",
            ("订阅事件", "Follow events"),
            (
                "仓库的事件流（Server-Sent Events）。断线后带 `Last-Event-ID` 重连，不漏不重。",
                "The repository's events as Server-Sent Events. A client that reconnects with `Last-Event-ID` misses and repeats no event.",
            ),
        )
        .query("repository! pipeline after")
        .headers("Last-Event-ID")
        .returns_text(200, "text/event-stream"),
    ]
}
