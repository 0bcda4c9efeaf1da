//! Merge requests.

use crate::openapi::operation::{Operation, operation};
use wire::native::merge_requests::{MergeRequest, MergeRequestList, NewMergeRequest};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "MergeRequests",
            ("列出合并请求", "List merge requests"),
            ("编号大的在前。", "The greatest number first."),
        )
        .query("before limit")
        .returns::<MergeRequestList>(200),
        operation(
            "MergeRequest",
            ("查询合并请求", "Show a merge request"),
            ("合并请求的最新提交及其流水线。", "Its head, and the head's pipeline."),
        )
        .returns::<MergeRequest>(200),
        operation(
            "SetMergeRequest",
            ("说明合并请求的现状", "Say where a merge request is"),
            (
                "记录合并请求的分支和最新提交，可重复发送。",
                "Notes its branches and its head; may be said again.",
            ),
        )
        .headers("Idempotency-Key")
        .takes::<NewMergeRequest>()
        .returns::<MergeRequest>(200),
    ]
}
