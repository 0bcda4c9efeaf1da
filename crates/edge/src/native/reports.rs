//! `POST /native/v1/repositories/{repository_id}/reports`: one report, an array of them, or NDJSON.

use super::dialect::NATIVE;
use super::{displayed_fields, error, translate};
use crate::http::reply::Reply;
use crate::http::{json, json_repair, json_writer};
use crate::request::IncomingRequest;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reporting;
use domain::actions::reports;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::reports::{BATCH_MAX, Receipt, ReportInput};
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use wire::native::reports::{ReceivedReport, ReportResult};

const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// The usual length of a receipt in JSON, in bytes.
const RECEIPT_BYTES: usize = 192;

/// The form of the request, which is also the form of the response.
enum Form {
    One,
    Array,
    Lines,
}

pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let request = &ctx.request;
    let body = request.body()?;
    let idempotency = super::idempotency(&ctx.edge.app, request, &[body])?;
    let (form, reports) = read(request, body)?;
    // The request counted as one report before its body was read.
    let further = reports.len().saturating_sub(1);
    if let Some((user, credential)) = request.claimed.signed_in().filter(|_| further > 0) {
        let limits = &ctx.edge.rate_limits;
        let credential = limits.credential(user, &credential);
        limits.charge_reports(credential, further, ctx.edge.app.clock.now());
    }
    let results = reports::record(&ctx.edge.app, &ctx.proof, NATIVE.name, reports, idempotency).await?;
    respond(form, results, request)
}

/// The reports of a request in order, each read or refused on its own.
type ReadReports = Vec<Result<ReportInput, Invalid>>;

fn read(request: &IncomingRequest, body: &[u8]) -> Result<(Form, ReadReports), Invalid> {
    let content_type = request.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let too_many = || Invalid::new("reports", Problem::TooMany { max: BATCH_MAX });
    let ndjson = ["application/x-ndjson", "application/ndjson", "application/jsonl"];
    if ndjson.iter().any(|name| content_type.starts_with(name)) {
        let lines: Vec<&[u8]> = body
            .split(|b| *b == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
            .take(BATCH_MAX + 1)
            .collect();
        if lines.len() > BATCH_MAX {
            return Err(too_many());
        }
        return Ok((Form::Lines, lines.into_iter().map(read_line).collect()));
    }
    // Most bodies need no repair.
    if let Some(json::Object(one)) = json::read_directly(body) {
        return Ok((Form::One, vec![Ok(translate::report(one))]));
    }
    if let Some(items) = json::read_directly::<Vec<json::Object<ReceivedReport>>>(body)
        && items.len() <= BATCH_MAX
    {
        return Ok((Form::Array, items.into_iter().map(|item| Ok(translate::report(item.0))).collect()));
    }
    match json_repair::parse(body)? {
        Value::Array(items) if items.len() > BATCH_MAX => Err(too_many()),
        Value::Array(items) => Ok((Form::Array, items.into_iter().map(read_one).collect())),
        one => Ok((Form::One, vec![read_one(one)])),
    }
}

fn read_line(line: &[u8]) -> Result<ReportInput, Invalid> {
    match json::read_directly(line) {
        Some(json::Object(one)) => Ok(translate::report(one)),
        None => json_repair::parse(line).and_then(read_one),
    }
}

fn read_one(mut value: Value) -> Result<ReportInput, Invalid> {
    let adjusted = displayed_fields::drop_unreadable(&mut value);
    let input = json::from_value("report", &value).map(translate::report)?;
    Ok(ReportInput { adjusted, ..input })
}

fn respond(form: Form, results: Vec<Result<Receipt>>, request: &IncomingRequest) -> Result<Reply> {
    if let Form::One = form {
        let result = results.into_iter().next();
        let receipt = result.ok_or_else(|| Error::Internal("one report has no result".into()))??;
        return Ok(Reply::json_of_size(&translate::receipt(&receipt), RECEIPT_BYTES)?.status(201));
    }
    let result = |result: &Result<Receipt>| match result {
        Ok(receipt) => ReportResult { code: 201, receipt: Some(translate::receipt(receipt)), error: None },
        Err(refused) => {
            let problem = error::problem(refused, request);
            ReportResult { code: problem.status, receipt: None, error: Some(problem) }
        }
    };
    let results: Vec<ReportResult<&str>> = results.iter().map(result).collect();
    if let Form::Array = form {
        return Reply::json_of_size(&results, results.len() * RECEIPT_BYTES);
    }
    let mut lines = Vec::with_capacity(results.len() * RECEIPT_BYTES);
    for result in &results {
        json_writer::append(&mut lines, result)
            .map_err(|e| Error::Internal(format!("a response cannot be written: {e}")))?;
        lines.push(b'\n');
    }
    Ok(Reply::new(StatusCode::OK, NDJSON, lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What is read at once is what is read with repairs.
    #[test]
    fn a_report_is_read_the_same_in_both_ways() {
        let valid = json!({"sha": "a", "ref": "r", "name": "n", "status": "failed", "coverage": 5, "x": [1]});
        let mut read = 0;
        for (field, value) in [
            ("sha", json!(null)),
            ("description", json!("\u{7}\n")),
            ("description", json!(7)),
            ("stage_order", json!(3)),
            ("stage_order", json!(3.0)),
            ("stage_order", json!(u64::MAX)),
            ("pipeline_id", json!("3")),
            ("coverage", json!(99.5)),
            ("coverage", json!(null)),
            ("coverage", json!("99%")),
            ("allow_failure", json!(true)),
            ("allow_failure", json!("true")),
            ("finished_at", json!(1)),
            ("other", json!({"sha": 1})),
        ] {
            let mut report = valid.clone();
            report[field] = value;
            let directly: Option<json::Object<ReceivedReport>> =
                json::read_directly(report.to_string().as_bytes());
            let Some(json::Object(directly)) = directly else { continue };
            read += 1;
            let repaired = read_one(report).unwrap();
            assert_eq!(format!("{:?}", translate::report(directly)), format!("{repaired:?}"));
        }
        assert_eq!(read, 7);
        let array = json!(["a", "r", "n", "failed"]).to_string();
        assert!(json::read_directly::<json::Object<ReceivedReport>>(array.as_bytes()).is_none());
        let twice = br#"{"sha": "a", "sha": "b"}"#;
        assert!(json::read_directly::<json::Object<ReceivedReport>>(twice).is_none(), "the last one counts");
    }
}
