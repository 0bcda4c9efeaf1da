//! An event about a verdict in binary form.

use crate::rows::binary::{Decoder, Encode as _};
use crate::rows::gates::body::{list, optional, put_optional, text, variant};
use domain::Result;
use domain::model::events::{ChangedRequirement, VerdictSnapshot};
use domain::model::gates::{RequirementState, Verdict};

/// Writes a verdict.
pub fn put(to: &mut Vec<u8>, record: &VerdictSnapshot) {
    to.put_text(&record.sha);
    to.put_text(&record.target);
    to.put_int(record.number);
    to.put_uint(record.verdict as u64);
    put_code(to, record.previous_verdict.map(|verdict| verdict as u64));
    to.put_int(record.version);
    to.put_int(record.rules_version);
    to.put_uint(record.changed_count.into());
    to.put_len(record.changed.len());
    for requirement in &record.changed {
        put_optional(to, requirement.name.as_deref());
        put_code(to, requirement.state.map(|state| state as u64));
        put_code(to, requirement.previous_state.map(|state| state as u64));
    }
}

fn put_code(to: &mut Vec<u8>, code: Option<u64>) {
    to.put_uint(code.is_some().into());
    code.into_iter().for_each(|code| to.put_uint(code));
}

/// Reads what [`put`] wrote.
///
/// # Errors
/// [`domain::Error::Internal`] for other bytes.
pub fn read(read: &mut Decoder<'_>) -> Result<VerdictSnapshot> {
    Ok(VerdictSnapshot {
        sha: read.text()?,
        target: read.text()?,
        number: read.int()?,
        verdict: verdict(read)?,
        previous_verdict: optional(read, verdict)?,
        version: read.int()?,
        rules_version: read.int()?,
        changed_count: read.number()?,
        changed: list(read, |read| {
            Ok(ChangedRequirement {
                name: optional(read, text)?,
                state: optional(read, state)?,
                previous_state: optional(read, state)?,
            })
        })?,
    })
}

fn verdict(read: &mut Decoder<'_>) -> Result<Verdict> {
    variant(read, &Verdict::ALL)
}

fn state(read: &mut Decoder<'_>) -> Result<RequirementState> {
    variant(read, &RequirementState::ALL)
}
