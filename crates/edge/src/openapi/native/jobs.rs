//! Jobs, their attempts and reports, and insights.

use crate::openapi::operation::{Operation, operation};
use wire::native::details::Details;
use wire::native::grid::Grid;
use wire::native::history::History;
use wire::native::insights::Insights;
use wire::native::job_runs::JobRuns;
use wire::native::jobs::{FoundJob, FoundJobList, JobList};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Jobs",
            ("查询流水线的任务列表", "List the jobs of a pipeline"),
            (
                "每个任务的每次执行，按 ID 升序。指定 `as_of` 时返回当时的状态。",
                "Every attempt of the pipeline, ascending by id. With `as_of` it returns the attempts of that time.",
            ),
        )
        .query("offset limit as_of")
        .returns::<JobList>(200),
        operation(
            "FindJobs",
            ("跨流水线查找任务", "Find jobs across pipelines"),
            (
                "最新的在前，须满足指定的全部筛选条件。翻页时将 `next_before` 作为 `before`，null 表示没有下一页。",
                "Newest first. All given filters must match. Pass `next_before` as `before` for the next page; null means the end.",
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
            "JobDetails",
            ("查询任务的详情", "Show the details of a job"),
            (
                "任务除状态之外的内容：标题、摘要、正文、标注和测试数量。各项以最新的上报为准，标注为所有上报的累加。",
                "The content of a job besides its status: title, summary, text, annotations and test counts. Each value is from the latest report that contains it; annotations are those of all reports.",
            ),
        )
        .returns::<Details>(200),
        operation(
            "History",
            ("查询任务的上报历史", "Show the reports of a job"),
            (
                "一次执行收到的所有上报，按接收顺序排列，并说明每条上报变更了什么，或没有变更的原因。指定 `as_of` 时仅返回截至当时的上报。",
                "The reports of an attempt in order of arrival, with the changes of each report, or the reason why it changed nothing. With `as_of` only the reports until that time.",
            ),
        )
        .query("after limit as_of")
        .returns::<History>(200),
        operation(
            "Insights",
            ("查询任务的统计分析", "Show insights into the jobs of a repository"),
            (
                "每个任务的成功率、耗时和重试次数，以及不稳定（在同一提交上既成功过又失败过）的任务。",
                "Success rate, duration and retries of each job, and the flaky jobs, which both passed and failed on the same commit.",
            ),
        )
        .query("days ref sort")
        .returns::<Insights>(200),
        operation(
            "JobRuns",
            ("查询任务的历次执行", "Show a job across pipelines"),
            (
                "一个任务在所有流水线中的执行：最近 1000 次执行的成功率、耗时、最近成功、开始失败的时间和不稳定提交，以及各次执行，最新的在前。`status` 仅筛选各次执行。",
                "A job across all pipelines: success rate, durations, last success, start of the current failure and flaky commits of its latest 1,000 attempts; and its attempts, newest first. `status` filters the attempts only.",
            ),
        )
        .query("stage! name! ref source status before limit")
        .returns::<JobRuns>(200),
        operation(
            "Grid",
            ("查询任务矩阵", "Show the grid of a ref"),
            (
                "一个分支或标签的任务（行）与最近的流水线（列）。失败的任务在前。执行总数过多时，返回的流水线少于 `limit`。",
                "The jobs (rows) of a ref in its latest pipelines (columns). Failing jobs come first. If the pipelines have very many attempts in total, fewer than `limit` are returned.",
            ),
        )
        .query("ref source before limit")
        .returns::<Grid>(200),
    ]
}
