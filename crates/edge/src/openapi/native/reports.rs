//! Reports and closings.

use crate::openapi::operation::{Content, JSON, Operation, operation};
use schemars::{Schema, SchemaGenerator, json_schema};
use wire::native::job_closings::{Closed, JobClosing};
use wire::native::reports::{Receipt, Report, ReportResult};

/// One report, or an array of at most [`BATCH_MAX`](domain::model::reports::BATCH_MAX) reports.
fn one_or_many(generator: &mut SchemaGenerator) -> Schema {
    let one = generator.subschema_for::<Report>();
    json_schema!({ "anyOf": [
        one.clone(),
        { "type": "array", "items": one, "maxItems": domain::model::reports::BATCH_MAX },
    ] })
}

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Report",
            ("上报任务状态", "Report the status of jobs"),
            (
                "单条上报、上报数组或 NDJSON，最多 1000 条。单条上报返回 201 和回执；多条上报返回 200 和每条的结果。上报可以重复、乱序或延迟到达。",
                "One report, an array or NDJSON, with at most 1,000 reports. One report returns 201 with a receipt, several return 200 with a result for each. Repeated, unordered and late reports are safe.",
            ),
        )
        .headers("Idempotency-Key")
        .also_takes(JSON, Content::Json(one_or_many))
        .takes_lines::<Report>()
        .returns::<Receipt>(201)
        .returns::<Vec<ReportResult>>(200)
        .returns_lines::<ReportResult>(200),
        operation(
            "CloseJobs",
            ("关闭不再上报的任务", "Close jobs without further reports"),
            (
                "指定 `job_id` 或 `sha` 之一。之后上报的实际结果仍然有效。",
                "Requires exactly one of `job_id` and `sha`. A later report of the actual result still takes effect.",
            ),
        )
        .takes::<JobClosing>()
        .returns::<Closed>(200),
    ]
}
