//! Receipts as JSON: the response to a batch of reports, stored under its idempotency key.

use crate::sql::corrupt;
use domain::Result;
use domain::error::{Error, Invalid, Problem};
use domain::model::ids::{JobId, PipelineId, StageId};
use domain::model::reports::{Adjustments, Effect, FieldSet, Reason, Receipt};
use domain::model::status::Status;
use domain::ports::Receipts;
use serde::{Deserialize, Serialize};

/// The fields of [`StoredReceipt::R`].
type Accepted = (i64, i64, i64, i64, i32, u8, i64, String, String);

/// The result of one report of a batch.
#[derive(Serialize, Deserialize)]
enum StoredReceipt {
    /// Accepted: report, pipeline, stage, job, attempt, effect, changed, status, pipeline status.
    R(i64, i64, i64, i64, i32, u8, i64, String, String),
    /// Accepted as `R`, after these adjustments.
    A(Accepted, u64),
    /// The pipeline that the report names does not exist.
    P,
    /// A field, and the field that it contradicts.
    C(String, String),
    /// A field with too many values, and their maximum.
    M(String, usize),
}

/// The receipts of a batch as JSON.
///
/// # Errors
/// [`Error::Internal`] for an error that batches do not return.
pub fn write(receipts: &Receipts) -> Result<String> {
    let stored: Vec<StoredReceipt> = receipts.iter().map(to_stored).collect::<Result<_>>()?;
    serde_json::to_string(&stored).map_err(corrupt)
}

/// The receipts from the JSON of [`write`].
///
/// # Errors
/// [`Error::Internal`] for any other text.
pub fn read(text: &str) -> Result<Receipts> {
    let stored: Vec<StoredReceipt> = serde_json::from_str(text).map_err(corrupt)?;
    stored.into_iter().map(from_stored).collect()
}

fn effect_at(index: u8) -> Result<Effect> {
    Effect::ALL.get(usize::from(index)).copied().ok_or_else(|| corrupt(index))
}

fn to_stored(receipt: &Result<Receipt>) -> Result<StoredReceipt> {
    match receipt {
        Ok(r) => {
            let (status, pipeline_status) =
                (r.status.as_str().to_owned(), r.pipeline_status.as_str().to_owned());
            let (pipeline, stage) = (r.pipeline_id.get().into(), r.stage_id.get().into());
            let (job, effect, changed) = (r.job_id.get().into(), r.effect as u8, r.changed.bits().into());
            let (report, attempt) = (r.report_id, r.attempt);
            Ok(if r.adjusted.is_empty() {
                StoredReceipt::R(
                    report,
                    pipeline,
                    stage,
                    job,
                    attempt,
                    effect,
                    changed,
                    status,
                    pipeline_status,
                )
            } else {
                let accepted =
                    (report, pipeline, stage, job, attempt, effect, changed, status, pipeline_status);
                StoredReceipt::A(accepted, r.adjusted.bits())
            })
        }
        Err(Error::PipelineNotFound) => Ok(StoredReceipt::P),
        Err(Error::Invalid(Invalid { field, problem: Problem::Contradicts { other } })) => {
            Ok(StoredReceipt::C(field.to_string(), (*other).to_owned()))
        }
        Err(Error::Invalid(Invalid { field, problem: Problem::TooMany { max } })) => {
            Ok(StoredReceipt::M(field.to_string(), *max))
        }
        Err(other) => Err(corrupt(other)),
    }
}

fn from_stored(stored: StoredReceipt) -> Result<Result<Receipt>> {
    Ok(match stored {
        StoredReceipt::R(report, pipeline, stage, job, attempt, effect, changed, status, pipeline_status) => {
            let accepted = (report, pipeline, stage, job, attempt, effect, changed, status, pipeline_status);
            Ok(receipt(accepted, Adjustments::default())?)
        }
        StoredReceipt::A(accepted, adjusted) => Ok(receipt(accepted, Adjustments::from_bits(adjusted))?),
        StoredReceipt::P => Err(Error::PipelineNotFound),
        // A report contradicts nothing but the pipeline that it names.
        StoredReceipt::C(field, _) => {
            Err(Invalid::new(field, Problem::Contradicts { other: "pipeline_id" }).into())
        }
        StoredReceipt::M(field, max) => Err(Invalid::new(field, Problem::TooMany { max }).into()),
    })
}

fn receipt(
    (report_id, pipeline, stage, job, attempt, effect, changed, now, pipeline_status): Accepted,
    adjusted: Adjustments,
) -> Result<Receipt> {
    let status = |name: &str| Status::parse(name).ok_or_else(|| corrupt(name));
    Ok(Receipt {
        report_id,
        pipeline_id: PipelineId::new(pipeline).map_err(corrupt)?,
        stage_id: StageId::new(stage).map_err(corrupt)?,
        job_id: JobId::new(job).map_err(corrupt)?,
        attempt,
        effect: effect_at(effect)?,
        reason: Reason::unrecorded(effect_at(effect)?),
        changed: FieldSet::from_bits(changed.try_into().map_err(corrupt)?),
        adjusted,
        status: status(&now)?,
        pipeline_status: status(&pipeline_status)?,
    })
}
