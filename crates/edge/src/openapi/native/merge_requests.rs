//! Merge requests.

use crate::openapi::operation::{Operation, operation};
use wire::native::merge_requests::{MergeRequest, MergeRequestList, NewMergeRequest};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "MergeRequests",
            ("查询合并请求列表", "List merge requests"),
            ("按编号降序。", "Highest number first."),
        )
        .query("before limit")
        .returns::<MergeRequestList>(200),
        operation(
            "MergeRequest",
            ("查询合并请求", "Show a merge request"),
            ("合并请求的最新提交及其流水线。", "The head of a merge request, and its pipeline."),
        )
        .returns::<MergeRequest>(200),
        operation(
            "SetMergeRequest",
            ("更新合并请求", "Update a merge request"),
            (
                "记录合并请求的分支和最新提交，可重复发送。",
                "Sets its branches and its head. The request may be repeated.",
            ),
        )
        .headers("Idempotency-Key")
        .takes::<NewMergeRequest>()
        .returns::<MergeRequest>(200),
    ]
}
