//! How words of the model are written in columns, the same in every engine: times as milliseconds since 1970, statuses as their
//! words, receipts of a repeatable request as JSON.

pub mod events;

use domain::error::{Error, Invalid, Problem};
use domain::model::ids::{JobId, PipelineId, RepositoryId, StageId};
use domain::model::reports::{Effect, FieldSet, Reason, Receipt};
use domain::model::roles::Scope;
use domain::model::status::Status;
use domain::ports::Receipts;
use domain::{Result, Timestamp};
use serde::{Deserialize, Serialize};

/// A column whose content we did not write.
pub fn corrupt(what: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the store holds what no version of this program wrote: {what}"))
}

pub fn time(ms: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(corrupt)
}

pub fn optional_time(ms: Option<i64>) -> Result<Option<Timestamp>> {
    ms.map(time).transpose()
}

pub fn status(word: &str) -> Result<Status> {
    Status::parse(word).ok_or_else(|| corrupt(word))
}

pub fn repository_id(id: i64) -> Result<RepositoryId> {
    RepositoryId::new(id).map_err(corrupt)
}

pub fn pipeline_id(id: i64) -> Result<PipelineId> {
    PipelineId::new(id).map_err(corrupt)
}

pub fn stage_id(id: i64) -> Result<StageId> {
    StageId::new(id).map_err(corrupt)
}

pub fn job_id(id: i64) -> Result<JobId> {
    JobId::new(id).map_err(corrupt)
}

pub fn scope(word: &str) -> Result<Scope> {
    Scope::parse(word).ok_or_else(|| corrupt(word))
}

/// The repositories that a credential reaches: ids joined by commas.
pub fn repository_ids(ids: &str) -> Result<Vec<RepositoryId>> {
    ids.split(',').map(|id| RepositoryId::parse(id).map_err(corrupt)).collect()
}

/// What [`repository_ids`] reads.
pub fn write_repository_ids(ids: &[RepositoryId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// One answer of a batch, as it is kept for a repeat of the request.
#[derive(Serialize, Deserialize)]
enum StoredReceipt {
    /// report, pipeline, stage, job, attempt, effect, changed, status, pipeline status
    R(i64, i64, i64, i64, i32, u8, u32, String, String),
    /// The pipeline it names does not exist.
    P,
    /// Field, and what it contradicts.
    C(String, String),
    /// Field, and the most there may be.
    M(String, usize),
}

/// The answers of a batch as text.
///
/// # Errors
/// [`Error::Internal`] for an answer that batches do not have.
pub fn write_receipts(receipts: &Receipts) -> Result<String> {
    let kept: Vec<StoredReceipt> = receipts.iter().map(keep).collect::<Result<_>>()?;
    serde_json::to_string(&kept).map_err(corrupt)
}

/// The answers that [`write_receipts`] wrote.
///
/// # Errors
/// [`Error::Internal`] for any other text.
pub fn read_receipts(text: &str) -> Result<Receipts> {
    let kept: Vec<StoredReceipt> = serde_json::from_str(text).map_err(corrupt)?;
    kept.into_iter().map(recall).collect()
}

fn keep(receipt: &Result<Receipt>) -> Result<StoredReceipt> {
    match receipt {
        Ok(r) => Ok(StoredReceipt::R(
            r.report_id,
            r.pipeline_id.get().into(),
            r.stage_id.get().into(),
            r.job_id.get().into(),
            r.attempt,
            r.effect as u8,
            r.changed.bits(),
            r.status.as_str().to_owned(),
            r.pipeline_status.as_str().to_owned(),
        )),
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

fn effect_of(index: u8) -> Result<Effect> {
    Effect::ALL.get(usize::from(index)).copied().ok_or_else(|| corrupt(index))
}

fn recall(kept: StoredReceipt) -> Result<Result<Receipt>> {
    Ok(match kept {
        StoredReceipt::R(report_id, pipeline, stage, job, attempt, effect, changed, now, pipeline_status) => {
            Ok(Receipt {
                report_id,
                pipeline_id: pipeline_id(pipeline)?,
                stage_id: stage_id(stage)?,
                job_id: job_id(job)?,
                attempt,
                effect: effect_of(effect)?,
                reason: Reason::unrecorded(effect_of(effect)?),
                changed: FieldSet::from_bits(changed),
                status: status(&now)?,
                pipeline_status: status(&pipeline_status)?,
            })
        }
        StoredReceipt::P => Err(Error::PipelineNotFound),
        // The only thing a report contradicts is the pipeline it names.
        StoredReceipt::C(field, _) => {
            Err(Invalid::new(field, Problem::Contradicts { other: "pipeline_id" }).into())
        }
        StoredReceipt::M(field, max) => Err(Invalid::new(field, Problem::TooMany { max }).into()),
    })
}
