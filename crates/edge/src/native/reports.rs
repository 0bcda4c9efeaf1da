//! `POST /native/v1/repositories/{repository_id}/reports`: one report, an array of them, or NDJSON.

use super::dialect::NATIVE;
use super::{displayed_fields, error, translate};
use crate::http::reply::{JSON, Reply};
use crate::http::{json, json_repair};
use crate::request::IncomingRequest;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reporting;
use domain::actions::reports;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::reports::{BATCH_MAX, Receipt, ReportInput};
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use wire::native::reports::ReportResult;

const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

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
        let reports = lines.into_iter().map(|line| json_repair::parse(line).and_then(read_one));
        return Ok((Form::Lines, reports.collect()));
    }
    match json_repair::parse(body)? {
        Value::Array(items) if items.len() > BATCH_MAX => Err(too_many()),
        Value::Array(items) => Ok((Form::Array, items.into_iter().map(read_one).collect())),
        one => Ok((Form::One, vec![read_one(one)])),
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
        return Ok(Reply::json(&translate::receipt(&receipt))?.status(201));
    }
    let result = |result: &Result<Receipt>| match result {
        Ok(receipt) => ReportResult { code: 201, receipt: Some(translate::receipt(receipt)), error: None },
        Err(refused) => {
            let problem = error::problem(refused, request.language, &request.request_id);
            ReportResult { code: problem.status, receipt: None, error: Some(problem) }
        }
    };
    let results: Vec<ReportResult> = results.iter().map(result).collect();
    if let Form::Array = form {
        return Ok(Reply::new(StatusCode::OK, JSON, write(&results)?));
    }
    let mut lines = Vec::new();
    for result in &results {
        lines.extend(write(result)?);
        lines.push(b'\n');
    }
    Ok(Reply::new(StatusCode::OK, NDJSON, lines))
}

fn write(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|e| Error::Internal(format!("a response cannot be written: {e}")))
}
