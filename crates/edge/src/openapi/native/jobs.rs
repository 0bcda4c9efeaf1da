//! Attempts of jobs, and what was reported of them.

use crate::openapi::operation::{Operation, operation};
use wire::native::history::History;
use wire::native::insights::Insights;
use wire::native::jobs::{FoundJob, FoundJobList, JobList};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Jobs",
            ("列出流水线的任务", "List the jobs of a pipeline"),
            ("每个任务的每次执行，按 ID 升序。", "Every attempt of the pipeline, ascending by id."),
        )
        .query("offset limit")
        .returns::<JobList>(200),
        operation(
            "FindJobs",
            ("跨流水线查找任务", "Find jobs across pipelines"),
            (
                "最新的在前。给出的筛选条件须全部满足。用 `next_before` 作为 `before` 翻页，null 表示结束。",
                "The newest first. All filters given must fit. Give `next_before` as `before` to go on; null means the end.",
            ),
        )
        .query(
            "pipeline_id status newest ref sha source stage name third_build_id since until updated_since updated_until q \
             before limit total",
        )
        .returns::<FoundJobList>(200),
        operation(
            "Job",
            ("查询任务", "Show a job"),
            ("任务的一次执行。", "One attempt of a job."),
        )
        .returns::<FoundJob>(200),
        operation(
            "History",
            ("查询任务的上报历史", "Show what was reported of a job"),
            (
                "一次执行收到的每条上报，按到达顺序，并说明每条改变了什么、为什么没有改变。",
                "Every report of an attempt in order of arrival, and what each changed, or why it did not.",
            ),
        )
        .query("after limit")
        .returns::<History>(200),
        operation(
            "Insights",
            ("查询任务的近况", "Show how the jobs of a repository did of late"),
            (
                "每个任务的成功率、时长、重试，以及同一提交上时好时坏的任务。",
                "How often each job succeeded, how long it took, how often it was retried, and which succeed and fail on the same commit.",
            ),
        )
        .query("days ref sort")
        .returns::<Insights>(200),
    ]
}
