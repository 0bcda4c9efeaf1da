//! Pipelines, and the stream of events.

use crate::openapi::operation::{Operation, operation};
use wire::native::comparisons::{Changes, Comparison};
use wire::native::pipelines::{Pipeline, PipelineList};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Pipelines",
            ("查询流水线列表", "List pipelines"),
            (
                "最新的在前，须满足指定的全部筛选条件。翻页时将 `next_before` 作为 `before`，null 表示没有下一页。",
                "Newest first. All given filters must match. Pass `next_before` as `before` for the next page; null means the end.",
            ),
        )
        .query("status ref sha source key user since until updated_since updated_until q before limit total")
        .returns::<PipelineList>(200),
        operation(
            "Pipeline",
            ("查询流水线", "Show a pipeline"),
            (
                "指定 `wait` 时，在版本大于 `after` 或等待超时后返回。指定 `as_of` 时返回当时的状态。",
                "With `wait` it responds when the version is greater than `after`, or when the wait ends. With `as_of` it returns the pipeline of that time.",
            ),
        )
        .query("wait after as_of")
        .returns::<Pipeline>(200),
        operation(
            "PipelineChanges",
            ("查询流水线的变化", "Show what a pipeline changed"),
            (
                "与同一分支或标签、同一来源的较早流水线相比：最近一条成功的流水线、开始失败的流水线，以及失败、恢复和变慢的任务。",
                "Compares the pipeline with earlier ones of its ref and source: the last successful pipeline, the first failing one, and the jobs that fail, are fixed or are slower.",
            ),
        )
        .returns::<Changes>(200),
        operation(
            "ComparePipelines",
            ("比较两条流水线", "Compare two pipelines"),
            (
                "以 `with` 为基准，返回新失败、持续失败、已恢复、变慢、新增和移除的任务。",
                "Compared with the pipeline `with`: the jobs that fail newly, still fail, are fixed, are slower, were added or were removed.",
            ),
        )
        .query("with!")
        .returns::<Comparison>(200),
        operation(
            "Events",
            ("订阅事件", "Follow events"),
            (
                "仓库的事件流（Server-Sent Events）。断线后使用 `Last-Event-ID` 重新连接，事件不会遗漏或重复。",
                "The events of the repository as Server-Sent Events. A client that reconnects with `Last-Event-ID` neither misses nor repeats an event.",
            ),
        )
        .query("repository! pipeline after")
        .headers("Last-Event-ID")
        .returns_text(200, "text/event-stream"),
    ]
}
