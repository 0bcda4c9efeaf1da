//! Recording reports.

use super::access::{Granted, Reporting};
use super::jobs;
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::jobs::filters::FoundJob;
use crate::model::reports::{BATCH_MAX, Receipt, ReportInput};
use crate::model::text;
use crate::ports::{App, Idempotency, ReportBatch};

/// Records one report, and returns its attempt as it is after the report, or later.
///
/// # Errors
/// The first invalid field; the errors of [`crate::ports::Reports::record`].
pub async fn record_and_show(
    app: &App,
    by: &Granted<Reporting>,
    dialect: &'static str,
    input: ReportInput,
) -> Result<(Receipt, FoundJob)> {
    let received_at = app.clock.now();
    let batch = ReportBatch {
        repository_id: by.repository().id,
        reporter: by.caller().user.id,
        credential: by.report_credential(),
        dialect,
        received_at,
        reports: vec![input.check(received_at)?],
        idempotency: None,
        signature: by.signature(),
    };
    let (mut receipts, job) = app.store.record_and_show(batch).await?;
    let receipt = receipts.pop().ok_or_else(|| Error::Internal("one report, no receipt".into()))??;
    let job = match job {
        Some(job) => job,
        None => jobs::show(app, by, receipt.job_id).await?,
    };
    Ok((receipt, job))
}

/// Records reports. The results are in the order of `inputs`; an invalid report does not affect the others.
/// An input that the dialect could not parse is the error of the dialect.
///
/// # Errors
/// [`Problem::TooMany`] on `reports` over 1,000; the errors of [`crate::ports::Reports::record`].
pub async fn record(
    app: &App,
    by: &Granted<Reporting>,
    dialect: &'static str,
    inputs: Vec<Result<ReportInput, Invalid>>,
    idempotency: Option<Idempotency>,
) -> Result<Vec<Result<Receipt>>> {
    if inputs.len() > BATCH_MAX {
        return Err(Invalid::new("reports", Problem::TooMany { max: BATCH_MAX }).into());
    }
    if let Some(idempotency) = &idempotency {
        text::single_line("Idempotency-Key", &idempotency.key, text::NAME_MAX)?;
    }
    let received_at = app.clock.now();
    let mut results: Vec<Option<Result<Receipt>>> = Vec::with_capacity(inputs.len());
    let mut reports = Vec::with_capacity(inputs.len());
    for input in inputs {
        match input.and_then(|input| input.check(received_at)) {
            Ok(report) => {
                reports.push(report);
                results.push(None);
            }
            Err(invalid) => results.push(Some(Err(invalid.into()))),
        }
    }
    if reports.is_empty() && idempotency.is_none() {
        return Ok(results.into_iter().flatten().collect());
    }
    let batch = ReportBatch {
        repository_id: by.repository().id,
        reporter: by.caller().user.id,
        credential: by.report_credential(),
        dialect,
        received_at,
        reports,
        idempotency,
        signature: by.signature(),
    };
    let mut receipts = app.store.record(batch).await?.into_iter();
    results
        .into_iter()
        .map(|result| match result {
            Some(refused) => Ok(refused),
            None => receipts
                .next()
                .ok_or_else(|| Error::Internal("the store returned fewer receipts than reports".into())),
        })
        .collect()
}
