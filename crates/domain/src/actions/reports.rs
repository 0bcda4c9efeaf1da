//! Recording reports.

use super::access::{Granted, Reporting};
use crate::error::{Error, Invalid, Problem, Result};
use crate::model::reports::{BATCH_MAX, Receipt, ReportInput};
use crate::model::text;
use crate::ports::{App, Idempotency, ReportBatch};

/// Records reports, each answered on its own and in order: what is wrong with one does not touch the others.
/// What a dialect could not even read comes as the error it found.
///
/// # Errors
/// [`Problem::TooMany`] on `reports` over 1,000; the errors of [`crate::ports::Reports::record`].
pub async fn record(
    app: &App,
    by: &Granted<Reporting>,
    dialect: &'static str,
    said: Vec<Result<ReportInput, Invalid>>,
    idempotency: Option<Idempotency>,
) -> Result<Vec<Result<Receipt>>> {
    if said.len() > BATCH_MAX {
        return Err(Invalid::new("reports", Problem::TooMany { max: BATCH_MAX }).into());
    }
    if let Some(idempotency) = &idempotency {
        text::single_line("Idempotency-Key", &idempotency.key, text::NAME_MAX)?;
    }
    let received_at = app.clock.now();
    let mut answers: Vec<Option<Result<Receipt>>> = Vec::with_capacity(said.len());
    let mut reports = Vec::with_capacity(said.len());
    for fields in said {
        match fields.and_then(|fields| fields.check(received_at)) {
            Ok(report) => {
                reports.push(report);
                answers.push(None);
            }
            Err(invalid) => answers.push(Some(Err(invalid.into()))),
        }
    }
    if reports.is_empty() && idempotency.is_none() {
        return Ok(answers.into_iter().flatten().collect());
    }
    let batch = ReportBatch {
        repository_id: by.repository().id,
        reporter: by.caller().user.id,
        dialect,
        received_at,
        reports,
        idempotency,
    };
    let mut receipts = app.store.record(batch).await?.into_iter();
    answers
        .into_iter()
        .map(|answer| match answer {
            Some(refused) => Ok(refused),
            None => receipts
                .next()
                .ok_or_else(|| Error::Internal("the store answered fewer reports than it was given".into())),
        })
        .collect()
}
